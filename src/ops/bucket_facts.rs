//! Facts about many buckets, each sent as soon as it arrives, for a table of buckets.

use futures::future::{BoxFuture, FutureExt};
use futures::stream::{self, FuturesUnordered, Stream, StreamExt};

use super::buckets::{self, Encryption, Publicity, Versioning};
use super::{Fact, Gate, Meter};
use crate::aws::{Aws, wire};
use crate::domain::{BucketName, Region};

/// One fact about a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BucketFact {
    /// Its Region.
    Region(Fact<Region>),
    /// Its versioning state.
    Versioning(Fact<Versioning>),
    /// Its default encryption.
    Encryption(Fact<Encryption>),
    /// Whether its policy is public; not set if it has none.
    Publicity(Fact<Publicity>),
}

/// Requests facts about many buckets, with this many concurrent requests (at least 1). Each fact is returned as soon as
/// it arrives, in no particular order.
pub fn facts_of<'a>(
    aws: &'a Aws,
    buckets: Vec<BucketName>,
    jobs: usize,
    meter: &'a Meter,
) -> impl Stream<Item = (BucketName, BucketFact)> + Send + 'a {
    let gate = Gate::new(jobs);
    let buckets_at_once = gate.width();
    stream::iter(buckets)
        .map(move |bucket| facts_of_one(aws, bucket, gate.clone(), meter))
        .flatten_unordered(buckets_at_once)
}

/// The Region comes first, so that the other requests go there at once instead of being redirected.
fn facts_of_one<'a>(
    aws: &'a Aws,
    bucket: BucketName,
    gate: Gate,
    meter: &'a Meter,
) -> impl Stream<Item = (BucketName, BucketFact)> + Send + Unpin + 'a {
    let region = {
        let (bucket, gate) = (bucket.clone(), gate.clone());
        async move {
            let region = gate.pass(wire::bucket::region(aws, &bucket, meter)).await;
            BucketFact::Region(Fact::from_answer(region.map(Some)))
        }
    };
    let named = bucket.clone();
    stream::once(region)
        .chain(stream::once(async move { others(aws, bucket, &gate, meter) }).flatten())
        .map(move |fact| (named.clone(), fact))
        .boxed()
}

fn others<'a>(
    aws: &'a Aws,
    bucket: BucketName,
    gate: &Gate,
    meter: &'a Meter,
) -> FuturesUnordered<BoxFuture<'a, BucketFact>> {
    let (versioned, encrypted, open) = (bucket.clone(), bucket.clone(), bucket);
    let gates = (gate.clone(), gate.clone(), gate.clone());
    FuturesUnordered::from_iter([
        async move {
            let asked = wire::configuration::versioning(aws, &versioned, meter);
            let answer = gates.0.pass(asked).await;
            BucketFact::Versioning(Fact::from_answer(answer.map(|answer| answer.value)))
        }
        .boxed(),
        async move {
            let asked = wire::configuration::encryption(aws, &encrypted, meter);
            let answer = gates.1.pass(asked).await;
            BucketFact::Encryption(Fact::from_answer(answer.map(|answer| answer.value)))
        }
        .boxed(),
        async move { BucketFact::Publicity(buckets::publicity(aws, &open, meter, &gates.2).await) }
            .boxed(),
    ])
}
