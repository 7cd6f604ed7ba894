//! The report of a search for orphans.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{OrphansRequest, judgeable};
use crate::aws::Problem;
use crate::domain::BucketName;
use crate::domain::orphans::gates::{Gate, Limits, Tripped};
use crate::domain::orphans::{Findings, Judged, Kind, KindTotal, Kinds, Verdict};
use crate::domain::registry::Subject;
use crate::domain::size::grouped;
use crate::domain::words::counted;
use crate::ops::{Coverage, Gap};

/// The result of a search for orphans.
#[derive(Debug, Clone)]
pub struct Report {
    /// The name of the blueprint.
    pub blueprint: String,
    /// The way in which it ended.
    pub ended: Ended,
    /// When the search started.
    pub started: DateTime<Utc>,
    /// When it ended.
    pub finished: DateTime<Utc>,
    /// The kinds of verdict that it covers.
    pub kinds: Kinds,
    /// Objects written from this time on are too young to judge: because of the minimum age, or the age of the lists.
    /// `None` until it is known.
    pub judged_before: Option<DateTime<Utc>>,
    /// The lists that it used.
    pub registries: Vec<RegistryFacts>,
    /// The judged buckets with their totals, including those whose verdicts a gate withholds.
    pub buckets: Vec<BucketReport>,
    /// The verdicts, by bucket, then by key, without those of buckets for which a gate tripped.
    pub verdicts: Vec<Verdict>,
    /// The gates that tripped.
    pub tripped: Vec<Tripped>,
    /// What could not be judged, and why. This alone does not make the report incomplete, because it was not explicitly
    /// requested.
    pub not_judged: Vec<NotJudged>,
    /// Whether everything that was requested is complete.
    pub coverage: Coverage,
    /// Records whose object belongs in a bucket that was not listed.
    pub records_elsewhere: u64,
    /// Records whose key matches no layout.
    pub records_unexplained: u64,
    /// Further remarks, one sentence each.
    pub remarks: Vec<String>,
    /// Requests, including retries.
    pub requests: u64,
    /// Retries.
    pub retries: u64,
}

/// How a search ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// All verdicts were given, even if there are none.
    Judged,
    /// A gate tripped for some or all buckets.
    Refused,
    /// Nothing could be listed.
    Failed(Problem),
    /// The request is invalid.
    Wrong(Problem),
    /// It was cancelled.
    Stopped,
}

/// The facts about a list that was read.
pub(crate) type RegistryFacts = crate::domain::registry::Facts;

/// The result for one bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketReport {
    /// Which.
    pub bucket: BucketName,
    /// Its totals.
    pub judged: Judged,
    /// The totals of each kind of verdict, even if withheld.
    pub totals: Vec<KindTotal>,
    /// Whether a gate withholds its verdicts.
    pub withheld: bool,
}

/// A verdict that was impossible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotJudged {
    /// The kind.
    pub kind: Kind,
    /// The bucket; `None` for all.
    pub bucket: Option<BucketName>,
    /// The layout; `None` for all.
    pub layout: Option<String>,
    /// The reason.
    pub why: String,
}

impl Report {
    /// Reports that the owners of noncurrent versions were not read, although the metadata of each version names its
    /// owner. By layout, the number of objects with such versions.
    pub(super) fn leave_older_versions(
        &mut self,
        bucket: &BucketName,
        objects: &BTreeMap<String, u64>,
    ) {
        if !self.kinds.has(Kind::OwnerGone) {
            return;
        }
        let not_judged = objects.iter().map(|(layout, count)| NotJudged {
            kind: Kind::OwnerGone,
            bucket: Some(bucket.clone()),
            layout: Some(layout.clone()),
            why: format!(
                "older versions lie under {}: their own metadata names their owners, and was not asked for; a purge asks for it",
                counted(*count, "current object")
            ),
        });
        self.not_judged.extend(not_judged);
    }

    pub(super) fn new(request: &OrphansRequest, now: DateTime<Utc>) -> Self {
        let (owners, keys) = (request.owners.is_some(), request.keys.is_some());
        let possible = judgeable(owners, keys);
        let asked = request.kinds.unwrap_or_else(Kinds::all);
        let no_list = |kind: Kind| NotJudged {
            kind,
            bucket: None,
            layout: None,
            why: match kind {
                Kind::OwnerGone => "there is no list of owners".to_owned(),
                Kind::Suspect => "there is no list of owners or keys".to_owned(),
                _ => "there is no list of keys".to_owned(),
            },
        };
        Self {
            blueprint: request.blueprint.name.clone(),
            ended: Ended::Judged,
            started: now,
            finished: now,
            kinds: asked.iter().filter(|kind| possible.has(*kind)).collect(),
            judged_before: None,
            registries: Vec::new(),
            buckets: Vec::new(),
            verdicts: Vec::new(),
            tripped: Vec::new(),
            not_judged: asked
                .iter()
                .filter(|kind| !possible.has(*kind) && *kind != Kind::Suspect)
                .map(no_list)
                .collect(),
            coverage: Coverage::Complete,
            records_elsewhere: 0,
            records_unexplained: 0,
            remarks: Vec::new(),
            requests: 0,
            retries: 0,
        }
    }

    /// Adds the findings and applies the gates.
    pub(super) fn take(&mut self, limits: &Limits, findings: Findings, verdicts: Vec<Verdict>) {
        self.records_elsewhere = findings.records_elsewhere;
        self.records_unexplained = findings.records_unexplained;
        let untold = findings.untold.into_iter();
        self.not_judged.extend(untold.map(|untold| NotJudged {
            kind: untold.kind,
            bucket: Some(untold.bucket),
            layout: Some(untold.layout),
            why: untold.why,
        }));
        if findings.keys_are_strange {
            self.tripped.push(Tripped {
                gate: Gate::RegistryElsewhere,
                bucket: None,
                why: "the list of keys names no key that the layouts of these buckets explain: it is another application's, or its keys are written differently".to_owned(),
            });
        }
        // A list without any key of these buckets is refused already, for a stronger reason.
        if !findings.keys_are_strange {
            let records = self.registries.iter();
            let records = records.filter(|list| list.subject == Subject::Keys);
            let records = records.map(|list| list.ids).sum();
            self.tripped
                .extend(limits.of_records(findings.records_unexplained, records));
        }
        for judged in &findings.judged {
            self.tripped.extend(limits.of_bucket(judged));
        }
        self.buckets = findings
            .judged
            .into_iter()
            .map(|judged| BucketReport {
                totals: KindTotal::of(
                    verdicts
                        .iter()
                        .filter(|verdict| verdict.bucket == judged.bucket),
                ),
                bucket: judged.bucket.clone(),
                judged,
                withheld: false,
            })
            .collect();
        self.verdicts = verdicts;
    }

    /// Whether a gate tripped for this bucket, or for all.
    #[must_use]
    pub fn is_refused(&self, bucket: &BucketName) -> bool {
        let mut gates = self.tripped.iter();
        gates.any(|one| one.bucket.as_ref().is_none_or(|refused| refused == bucket))
    }

    /// Removes the verdicts that a gate withholds; their totals remain.
    pub(super) fn withhold(&mut self) {
        let refused: Vec<bool> = self
            .buckets
            .iter()
            .map(|one| self.is_refused(&one.bucket))
            .collect();
        for (bucket, refused) in self.buckets.iter_mut().zip(refused) {
            bucket.withheld = refused;
        }
        let shown: Vec<BucketName> = self
            .buckets
            .iter()
            .filter(|bucket| !bucket.withheld)
            .map(|bucket| bucket.bucket.clone())
            .collect();
        self.verdicts
            .retain(|verdict| shown.contains(&verdict.bucket));
        for one in &self.tripped {
            let what = one.bucket.as_ref().map_or_else(
                || "all verdicts".to_owned(),
                |bucket| format!("the verdicts on {bucket}"),
            );
            self.coverage.miss(Gap::new(what, &one.why));
        }
    }

    /// The totals of the visible verdicts, by kind.
    #[must_use]
    pub fn totals(&self) -> Vec<KindTotal> {
        KindTotal::of(&self.verdicts)
    }

    /// The number of objects that are too young to judge.
    #[must_use]
    pub fn young(&self) -> u64 {
        self.buckets.iter().map(|bucket| bucket.judged.young).sum()
    }

    /// Describes what the minimum age excluded: `5 objects are too young to be judged: written after 2026-02-27 12:00
    /// UTC`. `None` if it excluded nothing.
    #[must_use]
    pub fn young_in_words(&self) -> Option<String> {
        let judged = || self.buckets.iter().map(|one| &one.judged);
        let objects: u64 = judged().map(|one| one.objects).sum();
        let versions: u64 = judged().map(|one| one.young_versions).sum();
        let uploads: u64 = judged().map(|one| one.young_uploads).sum();
        let mut subjects = Vec::new();
        match self.young() {
            0 => {}
            all if all == objects && all > 1 => {
                subjects.push(format!("all {}", counted(all, "object")));
            }
            some => subjects.push(counted(some, "object")),
        }
        match versions {
            0 => {}
            1 => subjects.push("1 key that has old versions alone".to_owned()),
            more => subjects.push(format!(
                "{} that have old versions alone",
                counted(more, "key")
            )),
        }
        let mut sentences = Vec::new();
        if !subjects.is_empty() {
            let is_one = self.young() + versions == 1;
            let are = if is_one { "is" } else { "are" };
            let since = self.judged_before.map_or_else(String::new, |before| {
                format!(": written after {}", before.format("%Y-%m-%d %H:%M UTC"))
            });
            let subjects = subjects.join(" and ");
            sentences.push(format!("{subjects} {are} too young to be judged{since}"));
        }
        if uploads > 0 {
            let (uploads, were) = match uploads {
                1 => ("1 incomplete upload".to_owned(), "was"),
                more => (format!("{} incomplete uploads", grouped(more)), "were"),
            };
            sentences.push(format!(
                "{uploads} {were} begun too recently to be abandoned"
            ));
        }
        (!sentences.is_empty()).then(|| sentences.join("; "))
    }

    /// The number of visible orphans.
    #[must_use]
    pub fn orphans(&self) -> u64 {
        let shown = self.verdicts.iter();
        shown.filter(|verdict| verdict.kind.is_orphan()).count() as u64
    }

    /// Whether anything was found that needs action.
    #[must_use]
    pub fn has_findings(&self) -> bool {
        self.verdicts
            .iter()
            .any(|verdict| verdict.kind.is_finding())
    }
}
