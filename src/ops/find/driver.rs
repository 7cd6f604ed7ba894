//! Sends the questions of a [`Search`] to S3, several at a time, and stops when cancelled.

use futures::stream::{self, StreamExt};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{FindRequest, Found, exact};
use crate::aws::{Aws, Meter, Problem, ProblemKind, wire};
use crate::domain::BucketName;
use crate::domain::coverage::Coverage;
use crate::domain::search::{Answer, Listed, Presence, Question, Search, Subject};
use crate::ops::listing::{self, ListingRequest, ListingUpdate};
use crate::ops::owners::{self, OwnerLimits};
use crate::ops::{Gap, replication};

/// The number of pages that wait to be processed, which takes no time.
const PAGES_AHEAD: usize = 4;

/// The number of concurrent listings, which all share the request limit: three in each of four buckets.
const LISTINGS_AT_ONCE: usize = 12;

/// Searches until no question is left.
pub(super) async fn run(
    aws: &Aws,
    request: &FindRequest,
    cancel: &CancellationToken,
    meter: &Meter,
) -> Found {
    let driver = Driver {
        aws,
        request,
        in_flight: request.in_flight.max(1),
        cancel,
        meter,
    };
    let mut search = Search::new(Subject {
        blueprint: &request.blueprint,
        owner: &request.owner,
        records: request.records.as_ref(),
        list: request.lists.keys(),
        living: request.lists.owners(),
        known: &request.known,
        max_heads: request.max_heads,
    });
    let mut questions = search.step(Vec::new());
    while !questions.is_empty() {
        let answers = Box::pin(driver.ask_all(questions)).await;
        questions = search.step(answers);
    }
    search.finish(cancel.is_cancelled())
}

#[derive(Clone, Copy)]
struct Driver<'a> {
    aws: &'a Aws,
    request: &'a FindRequest,
    in_flight: usize,
    cancel: &'a CancellationToken,
    meter: &'a Meter,
}

impl Driver<'_> {
    /// The answers, in the order of the questions.
    async fn ask_all(self, questions: Vec<Question>) -> Vec<Answer<Problem>> {
        let are_listings = questions.iter().any(Question::is_listing);
        let at_once = if are_listings {
            LISTINGS_AT_ONCE
        } else {
            self.in_flight
        };
        stream::iter(questions)
            .map(|question| async move {
                // A cancelled listing returns what it has.
                if question.is_listing() {
                    return Box::pin(self.list(question)).await;
                }
                let asked = self.cancel.run_until_cancelled(self.ask(question));
                asked.await.unwrap_or(Answer::NotAsked)
            })
            .buffered(at_once)
            .collect()
            .await
    }

    async fn ask(self, question: Question) -> Answer<Problem> {
        let (aws, meter) = (self.aws, self.meter);
        match question {
            Question::Account => Answer::Account(self.account().await),
            Question::Bucket(bucket) => Answer::Bucket(self.presence(&bucket).await),
            Question::Replication(bucket) => {
                Answer::Replication(replication::paths(aws, &bucket, meter).await)
            }
            Question::Standing(claim) => {
                Answer::Standing(exact::versions(aws, &claim.bucket, &claim.key, meter).await)
            }
            Question::Metadata {
                bucket,
                key,
                version,
            } => {
                let head = wire::object::head(aws, &bucket, &key, Some(&version), meter).await;
                Answer::Metadata(match head {
                    Ok(head) => Ok(Some(head.metadata)),
                    Err(problem) if problem.kind == ProblemKind::NotFound => Ok(None),
                    Err(problem) => Err(problem),
                })
            }
            Question::Stored { claim, upload } => {
                let (bucket, key) = (&claim.bucket, &claim.key);
                Answer::Stored(wire::parts::stored(aws, bucket, key, &upload, meter).await)
            }
            Question::VersionsOfUser { .. }
            | Question::VersionsBelow { .. }
            | Question::Uploads(_) => Answer::NotAsked,
        }
    }

    async fn list(self, question: Question) -> Answer<Problem> {
        match question {
            Question::VersionsOfUser { bucket, by } => {
                let (prefixes, missed) = self.folders(&bucket, &by).await;
                let mut listed = self.below(&bucket, prefixes).await;
                listed.coverage.merge(missed);
                Answer::Versions(listed)
            }
            Question::VersionsBelow { bucket, prefixes } => {
                Answer::Versions(self.below(&bucket, prefixes).await)
            }
            Question::Uploads(bucket) => {
                Answer::Uploads(self.below(&bucket, vec![String::new()]).await)
            }
            question => self.ask(question).await,
        }
    }

    async fn account(self) -> Result<Vec<BucketName>, Problem> {
        let mut names = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let page = wire::bucket::list(self.aws, token.as_deref(), self.meter).await?;
            names.extend(page.buckets.into_iter().map(|bucket| bucket.name));
            match page.next {
                Some(next) => token = Some(next),
                None => return Ok(names),
            }
        }
    }

    async fn presence(self, bucket: &BucketName) -> Presence {
        match wire::bucket::region(self.aws, bucket, self.meter).await {
            Ok(region) => Presence::There(Some(region)),
            Err(problem) if problem.kind == ProblemKind::NotFound => Presence::Missing,
            // A caller without permission to read a Region may still be allowed to list.
            Err(_) => Presence::There(None),
        }
    }

    /// The folders with the user's versions, by the layouts of this bucket or of one that is replicated to it.
    async fn folders(self, name: &BucketName, by: &BucketName) -> (Vec<String>, Coverage<Problem>) {
        let FindRequest {
            blueprint, owner, ..
        } = self.request;
        let Some(mut bucket) = blueprint.bucket(by).cloned() else {
            return (Vec::new(), Coverage::Complete);
        };
        bucket.name = name.clone();
        let limits = OwnerLimits {
            in_flight: self.in_flight,
            folder_requests: u64::MAX,
            ..OwnerLimits::default()
        };
        owners::version_prefixes(self.aws, &bucket, owner, limits, self.cancel, self.meter).await
    }

    /// Everything below the prefixes, by key; under a key in the order of the server.
    async fn below<T: listing::Listed>(
        self,
        bucket: &BucketName,
        prefixes: Vec<String>,
    ) -> Listed<T, Problem> {
        if prefixes.is_empty() {
            return Listed {
                items: Vec::new(),
                coverage: Coverage::Complete,
            };
        }
        let mut request = ListingRequest {
            in_flight: self.in_flight,
            ..ListingRequest::of_prefixes(bucket.clone(), prefixes)
        };
        loop {
            let (updates, inbox) = mpsc::channel(PAGES_AHEAD);
            let listing = listing::items::<T>(
                self.aws.clone(),
                request.clone(),
                self.cancel.clone(),
                self.meter.clone(),
                updates,
            );
            let ((), (mut listed, in_order)) = futures::join!(listing, gather(inbox, bucket));
            if in_order || listed.coverage.is_complete() || request.one_by_one {
                listed.items.sort_by(|a, b| a.key().cmp(b.key()));
                return listed;
            }
            // The server does not list in byte order, but it can be listed page by page.
            request.one_by_one = true;
        }
    }
}

async fn gather<T: listing::Listed>(
    mut inbox: mpsc::Receiver<ListingUpdate<T>>,
    bucket: &BucketName,
) -> (Listed<T, Problem>, bool) {
    let mut items = Vec::new();
    while let Some(update) = inbox.recv().await {
        match update {
            ListingUpdate::Page { objects, .. } => items.extend(objects),
            ListingUpdate::Done(summary) => {
                let coverage = summary.coverage;
                return (Listed { items, coverage }, summary.in_order);
            }
            ListingUpdate::Opened { .. } | ListingUpdate::Closed { .. } => {}
        }
    }
    let mut coverage = Coverage::Complete;
    coverage.miss(Gap::new(
        format!("the rest of {bucket}"),
        "the listing ended without saying how far it came",
    ));
    (Listed { items, coverage }, true)
}
