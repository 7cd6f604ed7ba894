//! The lifecycle forecast of each row, for formats with room for it.

use crate::aws::{Aws, ProblemKind};
use crate::cli::args::Format;
use crate::cli::formats::Note;
use crate::cli::session::Session;
use crate::domain::configuration::Lifecycle;
use crate::domain::lifecycle::{Kept, Prediction, Subject, VersionState};
use crate::domain::{BucketName, ObjectSummary, ObjectVersion};
use crate::ops::{Fact, Meter, lifecycle_forecast};

/// Computes forecasts for rows in the order of a listing.
#[derive(Debug, Default)]
pub(super) struct Predictor {
    rules: Option<(Lifecycle, Kept)>,
    note: Option<Note>,
    /// The previous version of the same key: when it was written, and the number of noncurrent versions so far.
    last: Option<(String, Option<chrono::DateTime<chrono::Utc>>, u32)>,
}

impl Predictor {
    /// Requests the bucket's rules, if the format has room for forecasts.
    pub(super) async fn ask(
        session: &Session,
        aws: &Aws,
        bucket: &BucketName,
        meter: &Meter,
    ) -> Self {
        if !matches!(session.look().format, Format::Json | Format::Ndjson) {
            return Self::default();
        }
        let asked = lifecycle_forecast::rules(aws, bucket, meter);
        // The listing reports a cancellation.
        let Some(rules) = session.stop.run_until_cancelled(asked).await else {
            return Self::default();
        };
        match (known(rules.lifecycle), known(rules.versioning)) {
            (Ok(lifecycle), Ok(versioning)) => Self {
                rules: Some((
                    lifecycle.unwrap_or_default(),
                    Kept::from(versioning.as_ref()),
                )),
                ..Self::default()
            },
            (Err(why), _) | (_, Err(why)) => Self {
                note: Some(Note {
                    what: format!("lifecycle of the objects in {bucket}"),
                    why,
                }),
                ..Self::default()
            },
        }
    }

    /// The note if the rules are unknown.
    pub(super) fn note(&mut self) -> Option<Note> {
        self.note.take()
    }

    /// The forecast of a current object.
    pub(super) fn object(&self, object: &ObjectSummary) -> Option<Prediction> {
        // A listing of objects does not show whether the version id is null. In a bucket with suspended versioning,
        // that decides whether an expiration deletes the object permanently.
        let with_id = self.of(object, VersionState::Current { is_null: false });
        let null = self.of(object, VersionState::Current { is_null: true });
        with_id.filter(|found| null.as_ref() == Some(found))
    }

    /// The forecast of the next row in a listing of versions.
    pub(super) fn version(&mut self, version: &ObjectVersion) -> Option<Prediction> {
        let key = version.object.key.as_str();
        let before = self.last.take().filter(|(last, ..)| last == key);
        let newer = before.as_ref().map_or(0, |(.., noncurrent)| *noncurrent);
        let noncurrent = newer + u32::from(!version.is_latest);
        self.last = Some((key.to_owned(), version.object.last_modified, noncurrent));
        if version.is_delete_marker {
            return None;
        }
        let state = if version.is_latest {
            VersionState::Current {
                is_null: version.version_id.as_str() == "null",
            }
        } else {
            // If the next version is not listed, it is unknown when this one became noncurrent.
            VersionState::Noncurrent {
                since: before.and_then(|(_, written, _)| written)?,
                newer,
            }
        };
        self.of(&version.object, state)
    }

    fn of(&self, object: &ObjectSummary, version: VersionState) -> Option<Prediction> {
        let (lifecycle, kept) = self.rules.as_ref()?;
        let subject = Subject {
            tags: None,
            version,
            ..Subject::current(
                object.key.as_str(),
                object.size.bytes(),
                object.storage_class.as_str(),
                object.last_modified?,
            )
        };
        Some(Prediction::of(lifecycle, *kept, &subject))
    }
}

/// An endpoint that does not support an operation has no such configuration.
fn known<T>(fact: Fact<T>) -> Result<Option<T>, String> {
    match fact {
        Fact::Set(value) => Ok(Some(value)),
        Fact::NotSet => Ok(None),
        Fact::Unknown(problem) if problem.kind == ProblemKind::NotSupported => Ok(None),
        Fact::Unknown(problem) => Err(problem.on_command_line()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::configuration::{Expiration, NoncurrentExpiration, Rule, When};
    use crate::domain::{ByteSize, ObjectKey, StorageClass, VersionId};

    fn version(key: &str, at: &str, is_latest: bool, is_delete_marker: bool) -> ObjectVersion {
        ObjectVersion {
            object: ObjectSummary {
                key: ObjectKey::new(key).unwrap(),
                size: ByteSize(1 << 20),
                last_modified: Some(format!("{at}T12:00:00Z").parse().unwrap()),
                storage_class: StorageClass::default(),
                etag: None,
            },
            version_id: VersionId("v".to_owned()),
            is_latest,
            is_delete_marker,
        }
    }

    fn predictor() -> Predictor {
        let rule = Rule {
            id: "end".to_owned(),
            enabled: true,
            expiration: Some(Expiration::At(When::Days(30))),
            noncurrent_expiration: Some(NoncurrentExpiration {
                days: 10,
                newer_versions: 1,
            }),
            ..Rule::default()
        };
        let lifecycle = Lifecycle {
            rules: vec![rule],
            ..Lifecycle::default()
        };
        Predictor {
            rules: Some((lifecycle, Kept::Versions)),
            ..Predictor::default()
        }
    }

    fn days(prediction: Option<Prediction>) -> Option<Vec<String>> {
        let day = |at: chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%d").to_string();
        prediction.map(|found| found.steps.iter().map(|step| day(step.at)).collect())
    }

    #[test]
    fn a_noncurrent_version_counts_from_its_successor_and_a_marker_has_no_prediction() {
        let mut predictor = predictor();
        let mut next = |version: &ObjectVersion| days(predictor.version(version));
        let marker = version("a", "2026-01-20", true, true);
        assert_eq!(next(&marker), None);
        // The newest noncurrent version is retained; the days of the one before it count from its successor.
        let newest = version("a", "2026-01-10", false, false);
        assert_eq!(next(&newest), Some(vec![]));
        let older = version("a", "2026-01-01", false, false);
        assert_eq!(next(&older), Some(vec!["2026-01-21".to_owned()]));
        let other = version("b", "2026-01-01", true, false);
        assert_eq!(next(&other).unwrap()[0], "2026-02-01");
        // It is unknown when this one became noncurrent.
        assert_eq!(next(&version("c", "2026-01-01", false, false)), None);
    }

    #[test]
    fn a_document_has_the_day_the_action_and_the_rule() {
        let found = predictor().object(&version("a", "2026-01-01", true, false).object);
        let json = serde_json::to_value(found).unwrap();
        assert_eq!(
            json["steps"][0],
            serde_json::json!({
                "at": "2026-02-01T00:00:00Z",
                "action": "delete-marker",
                "storage_class": null,
                "rule": "end",
            })
        );
        assert_eq!(json["undecided"], serde_json::json!([]));
    }
}
