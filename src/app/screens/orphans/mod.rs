//! The Orphans screen: what to look for, how far the search is, and what was found.
//!
//! Three pages, one behind the other: [`setup`] (which bucket, by whose word), the kinds of what was found with the gates
//! that were passed or tripped, and the verdicts of one kind, which are looked at, marked and exported; beside them [`act`],
//! the plan for what was marked. Start with [`Orphans`].

pub(crate) mod act;
pub(crate) mod limits;
mod row;
pub(crate) mod setup;
pub(crate) mod texts;
pub(crate) mod update;

pub(crate) use row::{OrphanColumn, OrphanRow};

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::app::table::{Arranged, Table};
use crate::aws::Problem;
use crate::domain::orphans::{Kind, KindTotal};
use crate::domain::{BucketName, ByteSize};
use crate::ops::orphans::{NotJudged, Progress};
use crate::tasks::{OrphansFound, OrphansWork};
use setup::Setup;

/// The screen.
pub(super) struct OrphansScreen;

/// What is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Page {
    /// What to look for, and where.
    #[default]
    Setup,
    /// What was found by kind, or how far the search is.
    Kinds,
    /// The verdicts of the kind under the cursor.
    Items,
    /// What is to be done to some of them.
    Act,
    /// The receipt of what was done.
    Receipt,
}

/// The Orphans screen.
#[derive(Debug, Default)]
pub(crate) struct Orphans {
    /// What is shown.
    pub page: Page,
    /// What to look for.
    pub setup: Setup,
    /// The search of this session, the last one.
    pub search: Search,
    /// By which rules and lists the search was, the last one.
    pub work: Option<Box<OrphansWork>>,
    /// What is being done to what was found.
    pub acting: act::Acting,
    /// In words, what the search is of.
    pub of: String,
    /// The line of the cursor among the kinds.
    pub kind: usize,
    /// The verdicts of one kind.
    pub items: Table<OrphanRow>,
    /// The verdicts that were marked, by their numbers.
    pub marked: BTreeSet<usize>,
    /// Whether the reason is told beside the list.
    pub pane: bool,
    /// The first line of the text that is shown: the gates, or the reason.
    pub scroll: u16,
}

/// How far the search is.
#[derive(Debug, Clone, Default)]
pub(crate) enum Search {
    /// Nobody asked.
    #[default]
    None,
    /// It runs; none before it has told anything.
    Running(Option<Progress>),
    /// It has ended, however that was.
    Ended(Arc<OrphansFound>),
    /// It broke off without a report.
    Failed(Arc<Problem>),
}

/// What there is of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KindLine {
    /// Which.
    pub kind: Kind,
    /// What its verdicts come to; none when there are none.
    pub total: Option<KindTotal>,
    /// Verdicts that a gate keeps back.
    pub withheld: u64,
    /// Why it could not be told, somewhere or at all.
    pub untold: Vec<String>,
    /// Whether it was judged at all.
    pub judged: bool,
}

impl Orphans {
    /// What was found, once the search has ended with a report.
    #[must_use]
    pub(crate) fn found(&self) -> Option<&Arc<OrphansFound>> {
        match &self.search {
            Search::Ended(found) => Some(found),
            Search::None | Search::Running(_) | Search::Failed(_) => None,
        }
    }

    /// Whether a search runs.
    #[must_use]
    pub(crate) fn is_searching(&self) -> bool {
        matches!(self.search, Search::Running(_))
    }

    /// The kind under the cursor.
    #[must_use]
    pub(crate) fn current_kind(&self) -> Option<Kind> {
        Kind::ALL.get(self.kind).copied()
    }

    /// All kinds in their order, with what was found of each. The lines are the same whatever was found.
    #[must_use]
    pub(crate) fn kinds(&self) -> Vec<KindLine> {
        let Some(found) = self.found() else {
            return Vec::new();
        };
        let report = &found.report;
        let line = |kind: Kind| {
            let of_kind = |total: &&KindTotal| total.kind == kind;
            let kept_back = report.buckets.iter().filter(|bucket| bucket.withheld);
            let untold = report.not_judged.iter().filter(|one| one.kind == kind);
            let untold: Vec<String> = untold.map(why).collect();
            let total = found.totals.iter().find(of_kind).cloned();
            KindLine {
                kind,
                withheld: kept_back
                    .flat_map(|bucket| &bucket.totals)
                    .filter(of_kind)
                    .map(|total| total.tally.objects)
                    .sum(),
                // Nothing was judged before the buckets were, and none found is no answer where some could not be told.
                judged: report.kinds.has(kind)
                    && !report.buckets.is_empty()
                    && (total.is_some() || untold.is_empty()),
                total,
                untold,
            }
        };
        Kind::ALL.into_iter().map(line).collect()
    }

    /// Fills the list with the verdicts of the kind under the cursor.
    pub(crate) fn list_kind(&mut self) -> Arranged {
        let (kind, found) = (self.current_kind(), self.found().cloned());
        self.items = Table::sorted_by(OrphanColumn::Key, false);
        let Some(found) = found else {
            return Arranged::Now;
        };
        let rows = found
            .verdicts
            .iter()
            .enumerate()
            .filter(|(_, verdict)| Some(verdict.kind) == kind)
            .map(|(number, verdict)| OrphanRow {
                verdict: Arc::clone(verdict),
                number,
                marked: self.marked.contains(&number),
            })
            .collect();
        self.items.push(rows)
    }

    /// How many verdicts are marked, and their bytes as far as they are known.
    #[must_use]
    pub(crate) fn marks(&self) -> (usize, ByteSize) {
        let verdicts = self.found().map(|found| found.verdicts.as_slice());
        let verdicts = verdicts.unwrap_or_default();
        let sizes = self
            .marked
            .iter()
            .filter_map(|number| verdicts.get(*number)?.size);
        (self.marked.len(), sizes.sum())
    }

    /// Forgets what was found, and the marks with it.
    pub(crate) fn forget(&mut self) {
        self.search = Search::None;
        self.items = Table::default();
        self.marked.clear();
        self.scroll = 0;
        self.kind = 0;
        self.page = Page::Setup;
    }
}

/// Where something could not be judged, and why.
fn why(one: &NotJudged) -> String {
    let mut place: Vec<String> = one.bucket.iter().map(ToString::to_string).collect();
    place.extend(one.layout.iter().map(|layout| format!("layout {layout}")));
    if place.is_empty() {
        one.why.clone()
    } else {
        format!("{}: {}", place.join(", "), one.why)
    }
}

/// Some names in words: the first few, and how many others.
#[must_use]
pub(crate) fn in_words(buckets: &[BucketName]) -> String {
    match buckets {
        [one] => one.to_string(),
        [first, others @ ..] => format!("{first} and {} more", others.len()),
        [] => String::new(),
    }
}
