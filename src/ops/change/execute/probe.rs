//! Tests with s3warden's own object whether a bucket honours conditional deletes.
//!
//! S3 deletes an object only if it has the ETag in the condition. Some servers ignore the condition and delete
//! anything. s3warden therefore tests each bucket first: it puts a small object under a name that matches no layout of
//! the blueprint, deletes it with a wrong ETag (which must fail and leave the object), and then with the right ETag.
//!
//! The test is skipped if the object must not be written there, if an event would be sent for it, or if it would be
//! replicated. Then each item is checked directly before its change instead.

use std::collections::BTreeMap;
use std::io;

use futures::stream::{self, StreamExt};
use serde_json::json;

use super::super::journal::Journal;
use super::super::{ChangeRequest, Point, Tools, reach};
use crate::aws::wire::removal::{self, Answered, Named};
use crate::aws::{Problem, ProblemKind, wire};
use crate::domain::blueprint::Location;
use crate::domain::change::Act;
use crate::domain::receipt::ConditionNote;
use crate::domain::{BucketName, ObjectKey, ObjectVersion, VersionId};
use crate::ops::find::exact;

/// The prefix of test objects. It has no `/`, so it is in nobody's folder.
const PROBE_PREFIX: &str = "s3warden-probe-";

const BODY: &[u8] =
    b"s3warden put this here to learn whether deletions can be made on a condition. It can be removed.\n";

/// An ETag that the object does not have.
const WRONG: &str = "00000000000000000000000000000000";

/// The events that a test object may cause.
const EVENTS: [&str; 3] = [
    "s3:ObjectCreated:Put",
    "s3:ObjectRemoved:Delete",
    "s3:ObjectRemoved:DeleteMarkerCreated",
];

/// The conditions that a bucket honours, according to the test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Heeds {
    /// For each key of a DeleteObjects request.
    pub(super) together: bool,
    /// For a request for one key.
    pub(super) alone: bool,
}

/// The requests that need a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Wants {
    pub(super) together: bool,
    pub(super) alone: bool,
}

/// Tests conditions.
pub(super) struct Prober<'a> {
    pub(super) tools: Tools<'a>,
    pub(super) request: &'a ChangeRequest<'a>,
}

/// The result of one test.
enum Trial {
    /// The server kept the object with the wrong ETag, and reported deletion with the right one.
    Heeded { id: VersionId },
    /// Not honoured, or unknown.
    Not(String),
}

/// The versions under the test key, and what remains of them.
struct Cleared {
    /// As listed before the cleanup.
    there: Result<Vec<ObjectVersion>, Problem>,
    /// Why something remains.
    left: Option<String>,
}

impl Prober<'_> {
    /// Tests the required conditions in each bucket. Returns what each honours, and the notes for the receipt.
    pub(super) async fn learn(
        &self,
        journal: &mut Journal,
        wants: BTreeMap<BucketName, Wants>,
        is_replicated: impl Fn(&BucketName) -> bool,
    ) -> io::Result<(BTreeMap<BucketName, Heeds>, Vec<ConditionNote>)> {
        let mut heeds = BTreeMap::new();
        let mut notes = Vec::new();
        for bucket in std::mem::take(&mut journal.past.probes) {
            self.clear(journal, &bucket).await?;
        }
        let buckets: Vec<(BucketName, bool)> = wants
            .keys()
            .map(|bucket| (bucket.clone(), is_replicated(bucket)))
            .collect();
        // Read-only checks run for all buckets at the same time; the tests run one after the other.
        let mut asked =
            stream::iter(buckets)
                .map(|(bucket, is_replicated)| async move {
                    self.may_be_put(&bucket, is_replicated).await
                })
                .buffered(self.request.in_flight.max(1));
        let mut asked_of = Vec::new();
        while let Some(answer) = asked.next().await {
            asked_of.push(answer);
        }
        drop(asked);
        for ((bucket, wants), (key, against)) in wants.into_iter().zip(asked_of) {
            let (of_bucket, why, left) = match against {
                Some(why) => (Heeds::default(), Some(why), None),
                None => {
                    self.of_bucket(journal, &bucket, key.as_ref(), wants)
                        .await?
                }
            };
            notes.push(ConditionNote {
                bucket: bucket.as_str().to_owned(),
                heeded: why.is_none(),
                why,
                left,
            });
            heeds.insert(bucket, of_bucket);
        }
        Ok((heeds, notes))
    }

    fn key(&self) -> Option<ObjectKey> {
        ObjectKey::new(format!("{PROBE_PREFIX}{}", self.request.plan.header.case)).ok()
    }

    /// Why a test object must not be written to a bucket.
    async fn may_be_put(
        &self,
        bucket: &BucketName,
        is_replicated: bool,
    ) -> (Option<ObjectKey>, Option<String>) {
        let key = self.key();
        let words = |why: &str| (None, Some(why.to_owned()));
        let Some(key) = key else {
            return words("its name would be too long");
        };
        let rules = self.request.blueprint.bucket(bucket);
        let is_nobodys =
            rules.is_none_or(|rules| matches!(rules.locate(key.as_str()), Location::Unreadable));
        if !is_nobodys {
            return words("a layout would take an object of ours for a user's");
        }
        if is_replicated {
            return words("replication would copy an object of ours");
        }
        let (aws, meter) = (self.tools.aws, self.tools.meter);
        let (locks, told) = futures::join!(
            wire::configuration::object_lock(aws, bucket, meter),
            wire::configuration::notifications(aws, bucket, meter),
        );
        match locks {
            Ok(answer) if answer.value.is_none() => {}
            Ok(_) => return words("an object of ours could be locked there"),
            Err(problem) if lacks(&problem) => {}
            Err(_) => return words("whether objects are locked there is not known"),
        }
        match told.map(|answer| answer.value) {
            Ok(None) => {}
            Ok(Some(told)) => {
                let hears = told.event_bridge
                    || told
                        .notifications
                        .iter()
                        .any(|one| EVENTS.iter().any(|event| one.hears(event, key.as_str())));
                if hears {
                    return words("others would be told of an object of ours");
                }
            }
            Err(problem) if lacks(&problem) => {}
            Err(_) => return words("whether others would be told of it is not known"),
        }
        (Some(key), None)
    }

    async fn of_bucket(
        &self,
        journal: &mut Journal,
        bucket: &BucketName,
        key: Option<&ObjectKey>,
        wants: Wants,
    ) -> io::Result<(Heeds, Option<String>, Option<String>)> {
        let mut heeds = Heeds::default();
        let Some(key) = key else {
            return Ok((heeds, None, None));
        };
        let mut against = None;
        let mut left = None;
        for together in [true, false] {
            let is_wanted = if together {
                wants.together
            } else {
                wants.alone
            };
            if !is_wanted || left.is_some() {
                continue;
            }
            journal.will_probe(bucket)?;
            self.audit("probe-sent", bucket, &json!({ "together": together }))?;
            let trial = self.try_out(bucket, key, together).await;
            let cleared = self.clear(journal, bucket).await?;
            let shown = match trial {
                Ok(Trial::Heeded { id }) => match &cleared.there {
                    Ok(there) if is_current(there, &id) => Err(
                        "it did not delete an object of ours that had the entity tag asked for"
                            .to_owned(),
                    ),
                    Ok(_) => Ok(()),
                    Err(problem) => Err(super::send::words(problem)),
                },
                Ok(Trial::Not(why)) => Err(why),
                Err(problem) => Err(super::send::words(&problem)),
            };
            match shown {
                Ok(()) if together => heeds.together = true,
                Ok(()) => heeds.alone = true,
                Err(why) => against = Some(why),
            }
            left = cleared.left;
        }
        Ok((heeds, against, left))
    }

    fn audit(&self, event: &str, bucket: &BucketName, more: &serde_json::Value) -> io::Result<()> {
        let detail = json!({ "bucket": bucket.as_str(), "detail": more });
        let case = &self.request.plan.header.case;
        self.tools
            .store
            .audit()
            .append(case, event, detail)
            .map(drop)
    }

    /// With a wrong ETag the object must stay; with the right one it must be deleted.
    async fn try_out(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        together: bool,
    ) -> Result<Trial, Problem> {
        let Tools {
            aws, permit, meter, ..
        } = self.tools;
        // Nothing exists yet. A caller who may not delete even this could not remove the object again.
        let nothing = VersionId("null".to_owned());
        removal::delete_version(aws, bucket, key, &nothing, None, permit, meter).await?;
        let put = wire::small_objects::write(aws, (bucket, key), "text/plain", BODY, permit, meter)
            .await?;
        reach(self.request, Point::Probing).await;
        let Some(etag) = put.etag else {
            return Ok(Trial::Not("the service gave no entity tag".to_owned()));
        };
        let id = put.version_id.unwrap_or(nothing);
        let refused = self.delete(bucket, key, &id, WRONG, together).await;
        match refused {
            Err(problem) if problem.kind == ProblemKind::Changed => {}
            Err(problem) => return Err(problem),
            Ok(()) => {
                let why = "it deleted an object of ours that did not have the entity tag asked for";
                return Ok(Trial::Not(why.to_owned()));
            }
        }
        if !is_current(&self.listed(bucket, key).await?, &id) {
            let why = "it refused to delete an object of ours, and deleted it all the same";
            return Ok(Trial::Not(why.to_owned()));
        }
        self.delete(bucket, key, &id, &etag, together).await?;
        // The cleanup shows whether it was really deleted.
        Ok(Trial::Heeded { id })
    }

    /// Uses the same kind of request as for the plan's items.
    async fn delete(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        id: &VersionId,
        etag: &str,
        together: bool,
    ) -> Result<(), Problem> {
        let Tools {
            aws, permit, meter, ..
        } = self.tools;
        let named = Named {
            key: key.clone(),
            etag: Some(etag.to_owned()),
        };
        let hides = self.request.plan.header.act == Act::Mark;
        let answers = match (together, hides) {
            (true, true) => removal::hide_batch(aws, bucket, &[named], permit, meter).await?,
            (true, false) => {
                removal::delete_batch(aws, bucket, &[(named, id.clone())], permit, meter).await?
            }
            (false, true) => {
                let hidden = removal::hide(aws, bucket, key, Some(etag), permit, meter).await;
                return hidden.map(drop);
            }
            (false, false) => {
                let of = (bucket, key, id);
                return removal::delete_version(aws, of.0, of.1, of.2, Some(etag), permit, meter)
                    .await;
            }
        };
        match answers.into_iter().next() {
            Some(Answered::Failed(problem)) => Err(problem),
            _ => Ok(()),
        }
    }

    async fn listed(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
    ) -> Result<Vec<ObjectVersion>, Problem> {
        exact::versions(self.tools.aws, bucket, key, self.tools.meter).await
    }

    /// Removes everything under the test key.
    async fn clear(&self, journal: &mut Journal, bucket: &BucketName) -> io::Result<Cleared> {
        let Some(key) = self.key() else {
            return Ok(Cleared {
                there: Ok(Vec::new()),
                left: None,
            });
        };
        let there = self.listed(bucket, &key).await;
        let taken = match &there {
            Ok(there) => self.take_away(bucket, &key, there).await,
            Err(problem) => Err(problem.clone()),
        };
        let left = taken.err().map(|problem| super::send::words(&problem));
        let event = if left.is_some() {
            "probe-left"
        } else {
            "probe-gone"
        };
        self.audit(event, bucket, &json!({ "why": left }))?;
        if left.is_none() {
            journal.probe_gone(bucket)?;
        }
        Ok(Cleared {
            there,
            left: left.map(|why| format!("{key}: {why}", key = key.as_str())),
        })
    }

    async fn take_away(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        there: &[ObjectVersion],
    ) -> Result<(), Problem> {
        let Tools {
            aws, permit, meter, ..
        } = self.tools;
        for version in there {
            let id = &version.version_id;
            removal::delete_version(aws, bucket, key, id, None, permit, meter).await?;
        }
        Ok(())
    }
}

fn is_current(there: &[ObjectVersion], id: &VersionId) -> bool {
    let mut there = there.iter();
    there.any(|version| version.version_id == *id && version.is_latest)
}

/// Servers without locks or notifications report it in several ways.
fn lacks(problem: &Problem) -> bool {
    matches!(
        problem.kind,
        ProblemKind::NotConfigured | ProblemKind::NotSupported | ProblemKind::NotFound
    )
}
