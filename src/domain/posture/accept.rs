//! Findings that somebody has looked at and lives with, for a reason and until a day.
//!
//! An acceptance takes a finding out of what counts, not out of sight: it stays listed with its reason. Once its day has
//! passed the finding counts again, and that the acceptance ended is said beside it.

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, de};
use toml::value::Datetime;

use super::finding::{Finding, Severity};
use super::ids;
use crate::domain::BucketName;
use crate::domain::advice::advice;

/// The id of a finding, one of [`ids::IDS`].
pub(super) type Id = &'static str;

/// What is accepted. In the configuration file a section `[[accept]]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// The finding's id.
    #[serde(deserialize_with = "finding")]
    pub finding: Id,
    /// The bucket, by its exact name; without one it holds for every bucket.
    #[serde(default, deserialize_with = "bucket")]
    pub bucket: Option<BucketName>,
    /// Why, in a sentence. Never empty.
    #[serde(deserialize_with = "reason")]
    pub reason: String,
    /// The last day, in UTC, on which it holds.
    #[serde(deserialize_with = "day")]
    pub until: NaiveDate,
}

impl Acceptance {
    /// Whether it is about this finding, ended or not.
    #[must_use]
    pub fn concerns(&self, finding: &Finding) -> bool {
        self.finding == finding.id
            && self
                .bucket
                .as_ref()
                .is_none_or(|bucket| *bucket == finding.bucket)
    }

    /// Whether its last day has passed.
    #[must_use]
    pub fn is_over(&self, today: NaiveDate) -> bool {
        today > self.until
    }

    /// What is accepted, in words: `tls-not-required of media`.
    #[must_use]
    pub fn words(&self) -> String {
        match &self.bucket {
            Some(bucket) => format!("{} of {bucket}", self.finding),
            None => format!("{} of every bucket", self.finding),
        }
    }
}

/// A finding that is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// What is so, all the same.
    pub finding: Finding,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it is.
    pub until: NaiveDate,
}

/// Takes the accepted findings out, and says which acceptances would have been about one had they not ended. Of several
/// acceptances of one finding the longest holds.
#[must_use]
pub(crate) fn part(
    findings: Vec<Finding>,
    acceptances: &[Acceptance],
    today: NaiveDate,
) -> (Vec<Finding>, Vec<Accepted>) {
    let (mut open, mut accepted): (Vec<Finding>, Vec<Accepted>) = (Vec::new(), Vec::new());
    let mut ended: Vec<Finding> = Vec::new();
    for finding in findings {
        let longest = acceptances
            .iter()
            .filter(|acceptance| acceptance.concerns(&finding))
            .max_by_key(|acceptance| acceptance.until);
        match longest {
            Some(acceptance) if acceptance.is_over(today) => {
                let note = over(acceptance, &finding);
                if !ended.contains(&note) {
                    ended.push(note);
                }
                open.push(finding);
            }
            Some(acceptance) => accepted.push(Accepted {
                finding,
                reason: acceptance.reason.clone(),
                until: acceptance.until,
            }),
            None => open.push(finding),
        }
    }
    open.extend(ended);
    super::sort(&mut open);
    (open, accepted)
}

fn over(acceptance: &Acceptance, finding: &Finding) -> Finding {
    Finding::new(
        "acceptance-expired",
        Severity::Info,
        &finding.bucket,
        format!(
            "{} was accepted until {} and counts again.",
            finding.id, acceptance.until
        ),
    )
    .evidence([format!("the reason was: {}", acceptance.reason)])
    .why("What was meant to be for a while has become lasting, or was forgotten.")
    .advise(advice!("mend what was found, or give its [[accept]] section in the configuration file a later day and a reason that still holds"))
}

fn finding<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Id, D::Error> {
    let name = String::deserialize(deserializer)?;
    ids::id(&name).ok_or_else(|| {
        de::Error::custom(format!(
            "{name:?} is the id of no finding; did you mean {:?}? `s3warden audit --help` lists them",
            ids::nearest(&name)
        ))
    })
}

fn bucket<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<BucketName>, D::Error> {
    let name = String::deserialize(deserializer)?;
    BucketName::new(name).map(Some).map_err(de::Error::custom)
}

fn reason<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let reason = String::deserialize(deserializer)?;
    if reason.trim().is_empty() {
        return Err(de::Error::custom(
            "the reason is empty; expected why the finding is accepted",
        ));
    }
    Ok(reason)
}

fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    let expected = || de::Error::custom("expected a day, such as 2027-01-31, without quotes");
    let read = Datetime::deserialize(deserializer).map_err(|_| expected())?;
    let (Some(date), None) = (read.date, read.time) else {
        return Err(expected());
    };
    NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())
        .ok_or_else(expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(id: &'static str, bucket: &str) -> Finding {
        let bucket = BucketName::new(bucket).unwrap();
        Finding::new(id, Severity::Medium, &bucket, "It is so.")
    }

    fn accept(finding: &'static str, bucket: Option<&str>, until: &str) -> Acceptance {
        Acceptance {
            finding,
            bucket: bucket.map(|name| BucketName::new(name).unwrap()),
            reason: "the app is old".to_owned(),
            until: until.parse().unwrap(),
        }
    }

    fn ids(findings: &[Finding]) -> Vec<(&str, &str)> {
        let each = findings.iter();
        each.map(|found| (found.bucket.as_str(), found.id))
            .collect()
    }

    fn today() -> NaiveDate {
        "2026-06-30".parse().unwrap()
    }

    #[test]
    fn an_acceptance_is_for_its_bucket_alone_and_one_without_a_bucket_for_all() {
        let findings = vec![
            found("tls-not-required", "media"),
            found("tls-not-required", "media-eu"),
            found("logging-off", "media-eu"),
        ];
        let one = accept("tls-not-required", Some("media"), "2026-12-31");
        let (open, accepted) = part(findings.clone(), &[one], today());
        assert_eq!(
            ids(&open),
            [
                ("media-eu", "logging-off"),
                ("media-eu", "tls-not-required")
            ]
        );
        assert_eq!(accepted.len(), 1);
        assert_eq!(accepted[0].reason, "the app is old");
        let every = accept("tls-not-required", None, "2026-12-31");
        let (open, accepted) = part(findings, &[every], today());
        assert_eq!(ids(&open), [("media-eu", "logging-off")]);
        assert_eq!(accepted.len(), 2);
    }

    #[test]
    fn an_acceptance_holds_on_its_last_day_and_not_on_the_next() {
        let findings = || vec![found("logging-off", "media")];
        let (open, accepted) = part(
            findings(),
            &[accept("logging-off", None, "2026-06-30")],
            today(),
        );
        assert_eq!((open.len(), accepted.len()), (0, 1));
        let (open, accepted) = part(
            findings(),
            &[accept("logging-off", None, "2026-06-29")],
            today(),
        );
        assert_eq!(
            ids(&open),
            [("media", "logging-off"), ("media", "acceptance-expired")]
        );
        assert_eq!(open[1].severity, Severity::Info);
        assert!(open[1].message.contains("2026-06-29"));
        assert!(accepted.is_empty());
    }

    #[test]
    fn of_two_acceptances_the_longer_one_holds() {
        let both = [
            accept("logging-off", None, "2027-01-31"),
            accept("logging-off", Some("media"), "2026-01-31"),
        ];
        let (open, accepted) = part(vec![found("logging-off", "media")], &both, today());
        assert_eq!((open.len(), accepted.len()), (0, 1));
    }
}
