//! Reads the owners of objects whose layout has `owner_from = "metadata:NAME"`.
//!
//! A listing does not return metadata, so each object needs a HEAD request; a gate limits their number. An object whose
//! request failed has no owner, so no verdict depends on it, and the report is incomplete.

use chrono::{DateTime, Utc};
use futures::{Stream, StreamExt, stream};

use super::progress::At;
use super::search::Search;
use super::{Ended, Report};
use crate::aws::wire::object::{Head, head};
use crate::aws::{Problem, ProblemKind};
use crate::domain::BucketName;
use crate::domain::orphans::metadata_owner::Asked;
use crate::domain::orphans::{Ground, Kind, MetadataOwners};
use crate::domain::words::counted;
use crate::ops::Gap;

/// After this many consecutive denials and no success, the remaining objects are not requested.
const MOST_DENIED: u64 = 32;

/// The results of the requests for a bucket's objects.
#[derive(Default)]
struct Answers {
    stated: MetadataOwners,
    answered: u64,
    denied: u64,
    /// Why the first of the other requests failed.
    why: Option<Problem>,
}

impl Search {
    /// Reads the owners from metadata in every bucket. Objects written since `before` are not judged and not requested.
    pub(super) async fn ask_owners(
        &self,
        report: &mut Report,
        grounds: &mut [Ground],
        before: DateTime<Utc>,
    ) -> Result<(), Ended> {
        // A missing owner takes precedence over the other verdicts on a current object, even if that kind was not
        // requested.
        let mut kinds = report.kinds.iter();
        if !kinds
            .any(|kind| kind.is_inferred() || matches!(kind, Kind::Suspect | Kind::DerivedMissing))
        {
            return Ok(());
        }
        let asked: u64 = grounds
            .iter()
            .map(|ground| ground.to_ask(before).count() as u64)
            .sum();
        if asked == 0 {
            return Ok(());
        }
        if let Some(tripped) = self.request.limits.of_heads(asked) {
            report.tripped.push(tripped);
            return Err(Ended::Refused);
        }
        self.progress.enter(At::Asking(asked));
        for ground in grounds {
            let to_ask: Vec<Asked> = ground.to_ask(before).collect();
            if to_ask.is_empty() {
                continue;
            }
            let of = to_ask.len() as u64;
            let answers = self.ask(&ground.rules.name, to_ask);
            let Some(answers) = self.cancel.run_until_cancelled(answers).await else {
                return Err(Ended::Stopped);
            };
            let unknown = of - answers.answered;
            if let Some(problem) = answers.why.filter(|_| unknown > 0) {
                let all = counted(of, "object");
                let what = format!(
                    "the owners of {unknown} of {all} in {} that their metadata tells",
                    ground.rules.name
                );
                report.coverage.miss(Gap::failed(what, problem));
            }
            ground.stated = Some(answers.stated);
        }
        Ok(())
    }

    /// Sends all requests, several at a time, until it is clear that they are denied.
    async fn ask(&self, bucket: &BucketName, to_ask: Vec<Asked>) -> Answers {
        let mut answers = Answers::default();
        let mut heads = std::pin::pin!(self.heads(bucket, to_ask));
        while let Some((asked, head)) = heads.next().await {
            self.progress.count(1);
            answers.take(&asked, head);
            if answers.answered == 0 && answers.denied >= MOST_DENIED {
                break;
            }
        }
        answers
    }

    fn heads(
        &self,
        bucket: &BucketName,
        to_ask: Vec<Asked>,
    ) -> impl Stream<Item = (Asked, Result<Head, Problem>)> {
        stream::iter(to_ask)
            .map(move |asked| async move {
                let head = head(&self.aws, bucket, &asked.key, None, &self.meter).await;
                (asked, head)
            })
            .buffer_unordered(self.request.jobs.max(1))
    }
}

impl Answers {
    fn take(&mut self, asked: &Asked, head: Result<Head, Problem>) {
        match head {
            Ok(head) => {
                self.answered += 1;
                // A different object is there now. Its owner says nothing about the listed one.
                let is_another =
                    asked.etag.is_some() && head.etag.is_some() && asked.etag != head.etag;
                if !is_another {
                    let value = head.metadata.get(&asked.name);
                    self.stated.enter(asked, value.map(String::as_str));
                }
            }
            // It was deleted after the listing.
            Err(problem) if problem.kind == ProblemKind::NotFound => self.answered += 1,
            Err(problem) => {
                self.denied += u64::from(problem.kind == ProblemKind::Denied);
                self.why.get_or_insert(problem);
            }
        }
    }
}
