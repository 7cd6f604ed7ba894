//! What comes of a search.

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

/// What comes of a search.
#[derive(Debug, Clone)]
pub struct Report {
    /// The blueprint by which it was judged.
    pub blueprint: String,
    /// How it ended.
    pub ended: Ended,
    /// When it began.
    pub started: DateTime<Utc>,
    /// When it ended.
    pub finished: DateTime<Utc>,
    /// Which verdicts it was about.
    pub kinds: Kinds,
    /// What was written from then on is too young to be judged: by the minimum age, or the date of the lists. `None` before
    /// that is known.
    pub judged_before: Option<DateTime<Utc>>,
    /// The lists that it rests on.
    pub registries: Vec<RegistryFacts>,
    /// The buckets that were judged, with their numbers, also where a gate withholds the verdicts.
    pub buckets: Vec<BucketReport>,
    /// The verdicts, by bucket, then by key. Those of a bucket for which a gate tripped are not among them.
    pub verdicts: Vec<Verdict>,
    /// The gates that said no.
    pub tripped: Vec<Tripped>,
    /// What could not be judged, and why. That alone does not make the report incomplete: nobody asked for it.
    pub not_judged: Vec<NotJudged>,
    /// Whether everything was answered that was asked.
    pub coverage: Coverage,
    /// Records whose object would be in a bucket that was not listed.
    pub records_elsewhere: u64,
    /// Records whose key no layout explains.
    pub records_unexplained: u64,
    /// What else a person should know, a sentence each.
    pub remarks: Vec<String>,
    /// Requests sent, retries among them.
    pub requests: u64,
    /// Requests that repeated one that had failed.
    pub retries: u64,
}

/// How a search ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// With verdicts, or with none to be given.
    Judged,
    /// A gate tripped, for some of the buckets or for all.
    Refused,
    /// Nothing could be listed.
    Failed(Problem),
    /// What was asked for cannot be.
    Wrong(Problem),
    /// It was cancelled.
    Stopped,
}

/// A list that was read.
pub(crate) type RegistryFacts = crate::domain::registry::Facts;

/// What a bucket came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketReport {
    /// Which.
    pub bucket: BucketName,
    /// Its numbers.
    pub judged: Judged,
    /// What the verdicts of each kind come to, also when they are withheld.
    pub totals: Vec<KindTotal>,
    /// Whether a gate withholds them.
    pub withheld: bool,
}

/// A verdict that could not be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotJudged {
    /// Which kind.
    pub kind: Kind,
    /// In which bucket; `None` for all.
    pub bucket: Option<BucketName>,
    /// On which layout; `None` for all.
    pub layout: Option<String>,
    /// Why, in words.
    pub why: String,
}

impl Report {
    /// Says that nobody asked whose older versions are, where the metadata of each names its owner. By layout, the number of
    /// objects that have some.
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

    /// Takes in what was found, and holds it against the gates.
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
        // A list that names no key of these buckets is refused already, and for more.
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

    /// Whether a gate said no to this bucket, or to all.
    #[must_use]
    pub fn is_refused(&self, bucket: &BucketName) -> bool {
        let mut gates = self.tripped.iter();
        gates.any(|one| one.bucket.as_ref().is_none_or(|refused| refused == bucket))
    }

    /// Keeps back the verdicts that a gate said no to: what is shown instead is the numbers.
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

    /// What the verdicts that are shown come to, by kind.
    #[must_use]
    pub fn totals(&self) -> Vec<KindTotal> {
        KindTotal::of(&self.verdicts)
    }

    /// How many objects are too young to be judged.
    #[must_use]
    pub fn young(&self) -> u64 {
        self.buckets.iter().map(|bucket| bucket.judged.young).sum()
    }

    /// What age left out, in words: `5 objects are too young to be judged: written after 2026-02-27 12:00 UTC`. `None` where
    /// it left out nothing.
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

    /// How many orphans are shown.
    #[must_use]
    pub fn orphans(&self) -> u64 {
        let shown = self.verdicts.iter();
        shown.filter(|verdict| verdict.kind.is_orphan()).count() as u64
    }

    /// Whether something was found that wants doing.
    #[must_use]
    pub fn has_findings(&self) -> bool {
        self.verdicts
            .iter()
            .any(|verdict| verdict.kind.is_finding())
    }
}
