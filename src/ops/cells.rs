//! The facts of many buckets, each as its own answer arrives: what a table of buckets is filled in with.

use futures::future::{BoxFuture, FutureExt};
use futures::stream::{self, FuturesUnordered, Stream, StreamExt};

use super::buckets::{Encryption, PublicAccess, Versioning};
use super::{Fact, Meter};
use crate::aws::{Aws, wire};
use crate::domain::{BucketName, Region};

/// Buckets that are asked about at the same time, with three requests each: enough to fill a screen within a second
/// or two, and far from the rates at which S3 throttles configuration calls.
const BUCKETS_IN_FLIGHT: usize = 8;

/// One fact of one bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BucketFact {
    /// Where it lives.
    Region(Fact<Region>),
    /// Whether it keeps versions.
    Versioning(Fact<Versioning>),
    /// How it encrypts by default.
    Encryption(Fact<Encryption>),
    /// What public access it blocks by itself.
    PublicAccess(Fact<PublicAccess>),
}

/// Asks for the facts of many buckets; each comes as soon as it is answered, in no particular order.
pub fn facts_of<'a>(
    aws: &'a Aws,
    buckets: Vec<BucketName>,
    meter: &'a Meter,
) -> impl Stream<Item = (BucketName, BucketFact)> + Send + 'a {
    stream::iter(buckets)
        .map(move |bucket| facts_of_one(aws, bucket, meter))
        .flatten_unordered(BUCKETS_IN_FLIGHT)
}

/// The Region first, so that the other calls go there at once rather than be redirected each.
fn facts_of_one<'a>(
    aws: &'a Aws,
    bucket: BucketName,
    meter: &'a Meter,
) -> impl Stream<Item = (BucketName, BucketFact)> + Send + Unpin + 'a {
    let region = {
        let bucket = bucket.clone();
        async move {
            let region = wire::bucket::region(aws, &bucket, meter).await;
            BucketFact::Region(Fact::from_answer(region.map(Some)))
        }
    };
    let named = bucket.clone();
    stream::once(region)
        .chain(stream::once(async move { others(aws, bucket, meter) }).flatten())
        .map(move |fact| (named.clone(), fact))
        .boxed()
}

fn others<'a>(
    aws: &'a Aws,
    bucket: BucketName,
    meter: &'a Meter,
) -> FuturesUnordered<BoxFuture<'a, BucketFact>> {
    let (versioned, encrypted, open) = (bucket.clone(), bucket.clone(), bucket);
    FuturesUnordered::from_iter([
        async move {
            let answer = wire::bucket::versioning(aws, &versioned, meter).await;
            BucketFact::Versioning(Fact::from_answer(answer))
        }
        .boxed(),
        async move {
            let answer = wire::bucket::encryption(aws, &encrypted, meter).await;
            BucketFact::Encryption(Fact::from_answer(answer))
        }
        .boxed(),
        async move {
            let answer = wire::bucket::public_access(aws, &open, meter).await;
            BucketFact::PublicAccess(Fact::from_answer(answer))
        }
        .boxed(),
    ])
}
