//! The rows of the Overview: one a concern, the worst first.

use std::cmp::Ordering;

use super::findings::FindingRow;
use crate::app::table::{Chunks, Row};
use crate::domain::Needle;
use crate::domain::configuration::{Configuration, State};
use crate::ops::audit::Severity;

/// One concern of the configuration, and what is wrong with it.
#[derive(Debug, Clone)]
pub(crate) struct ConcernRow {
    /// Its name for scripts.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// Its place in the order in which people ask.
    pub place: usize,
    /// How it stands; none while it is being asked.
    pub state: Option<State>,
    /// One plain sentence, not yet made safe.
    pub sentence: String,
    /// The document that the service sent.
    pub raw: Option<String>,
    /// The most severe finding about it above info, and how many there are.
    pub worst: Option<(Severity, usize)>,
    /// The ids of those findings, the most severe first.
    pub findings: Vec<&'static str>,
}

/// What concerns can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConcernColumn {
    /// How bad it is.
    Worst,
    /// The name.
    Title,
}

impl ConcernRow {
    fn rank(&self) -> (Option<Severity>, bool) {
        let unknown = matches!(self.state, Some(State::Unknown(_)));
        (self.worst.map(|(severity, _)| severity), unknown)
    }
}

impl Row for ConcernRow {
    type Column = ConcernColumn;

    type Rows = Chunks<Self>;

    const COLUMNS: &'static [ConcernColumn] = &[ConcernColumn::Worst, ConcernColumn::Title];

    fn id(&self) -> &str {
        self.name
    }

    fn matches(&self, needle: &Needle) -> bool {
        needle.is_in(self.title)
            || needle.is_in(&self.sentence)
            || self.findings.iter().any(|id| needle.is_in(id))
    }

    fn compare(&self, other: &Self, column: ConcernColumn) -> Ordering {
        match column {
            // Of equals the one that people ask for first comes first, also when the largest comes first.
            ConcernColumn::Worst => {
                let by_rank = self.rank().cmp(&other.rank());
                by_rank.then(other.place.cmp(&self.place))
            }
            ConcernColumn::Title => self.title.cmp(other.title),
        }
    }
}

/// The rows; before anything was answered they have names alone.
pub(super) fn rows(
    configuration: Option<&Configuration>,
    findings: &[FindingRow],
) -> Vec<ConcernRow> {
    let known = configuration.map(Configuration::rows).unwrap_or_default();
    let pending = Configuration::concerns();
    let rows = pending
        .into_iter()
        .enumerate()
        .map(|(place, (name, title))| {
            let found = known.iter().find(|row| row.name == name);
            let mut about: Vec<(Severity, &'static str)> = findings
                .iter()
                .filter(|row| row.accepted.is_none() && row.finding.severity > Severity::Info)
                .filter(|row| concern_of(row.finding.id) == Some(name))
                .map(|row| (row.finding.severity, row.finding.id))
                .collect();
            about.sort_by_key(|(severity, _)| std::cmp::Reverse(*severity));
            ConcernRow {
                name,
                title,
                place,
                state: found.map(|row| row.state.clone()),
                sentence: found.map(|row| row.sentence.clone()).unwrap_or_default(),
                raw: found.and_then(|row| row.raw.clone()),
                worst: about.first().map(|(severity, _)| (*severity, about.len())),
                findings: about.into_iter().map(|(_, id)| id).collect(),
            }
        });
    rows.collect()
}

/// The concern that a finding is about, by the finding's id; none for what is about no part of the configuration.
#[must_use]
pub(crate) fn concern_of(finding: &str) -> Option<&'static str> {
    Some(match finding {
        "public-read"
        | "public-list"
        | "public-write"
        | "public-write-other"
        | "public-takeover"
        | "public-metadata"
        | "public-unless"
        | "public-policy-blocked"
        | "tls-not-required"
        | "tls-version-low"
        | "cross-account-grant" => "policy",
        "public-verdict-differs" => "policy-status",
        "public-access-block-off" => "public-access-block",
        "acl-enabled" => "ownership",
        "encryption-expected-kms"
        | "encryption-type-blocked"
        | "object-unencrypted"
        | "object-key-differs"
        | "bucket-key-without-kms" => "encryption",
        "versioning-off" => "versioning",
        "noncurrent-never-expire"
        | "delete-markers-useless"
        | "incomplete-uploads-never-abort"
        | "cache-outlives-object" => "lifecycle",
        "log-bucket-without-grant" => "logging",
        "replica-missing" => "replication",
        "derived-key-collision" | "derived-leaves-copies" => "notifications",
        "object-lock-blocks-erasure" => "object-lock",
        other => {
            const BEGINNINGS: [(&str, &str); 7] = [
                ("access-point-", "access-points"),
                ("lifecycle-", "lifecycle"),
                ("logging-", "logging"),
                ("replication-", "replication"),
                ("cors-", "cors"),
                ("notification-", "notifications"),
                ("alarm-", "request-metrics"),
            ];
            let found = BEGINNINGS
                .iter()
                .find(|(begin, _)| other.starts_with(begin));
            return found.map(|(_, concern)| *concern);
        }
    })
}
