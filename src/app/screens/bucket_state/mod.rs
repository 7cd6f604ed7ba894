//! The State screen: how one bucket is configured, what its lifecycle rules do, how it grew, and what is wrong with it.
//!
//! ```text
//! tasks ─ StateNews ─▶ update.rs ─▶ parts (configuration, audited, storage, alarms, requests, covered)
//!                                   │ arrange_rows
//!                                   ▼
//!                                   one table a tab: concerns, rules, series, findings
//! ```
//!
//! Each part arrives by itself and fails by itself. The rows of the tabs are made of the parts whenever one has arrived;
//! the cursor stays on its row. Start reading at [`BucketState`].

mod classes;
mod findings;
pub(crate) mod layout;
mod rules;
#[cfg(test)]
pub(crate) mod sample;
mod series;
mod settings;
mod texts;
pub(crate) mod update;
#[cfg(test)]
mod update_tests;

pub(crate) use classes::{ClassShare, ClassSource, Classes, costs};
pub(crate) use findings::{FindingColumn, FindingRow};
pub(crate) use rules::{RuleColumn, RuleRow, RuleState};
pub(crate) use series::{SeriesKind, SeriesRow};
#[cfg(test)]
pub(crate) use settings::concern_of;
pub(crate) use settings::{ConcernColumn, ConcernRow};

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::app::screens::Screen;
use crate::app::state::Load;
use crate::app::table::{Arranged, Chunks, Row, Source as _, Table};
use crate::aws::Problem;
use crate::domain::BucketName;
use crate::domain::blueprint::{Alarm, BucketBlueprint};
use crate::domain::configuration::Configuration;
use crate::domain::lifecycle::Coverage;
use crate::domain::prices::PriceTable;
use crate::ops::audit::{self, Audited, Severity, Target};
use crate::ops::metrics::{Alarms, BucketStorage, RequestSeries};
use crate::tasks::{Covered, Ticket};

/// The screen.
pub(super) struct StateScreen;

/// Histories of so many days can be looked at.
pub(crate) const DAYS: [u32; 3] = [30, 90, 365];

/// The tabs of the screen, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tab {
    /// One row a concern, storage classes and cost.
    Overview,
    /// What the lifecycle rules do.
    Lifecycle,
    /// What CloudWatch knows.
    Metrics,
    /// What is wrong.
    Findings,
    /// The document that a concern was read from.
    Raw,
}

impl Tab {
    /// All of them.
    pub(crate) const ALL: [Self; 5] = [
        Self::Overview,
        Self::Lifecycle,
        Self::Metrics,
        Self::Findings,
        Self::Raw,
    ];

    /// Its name.
    #[must_use]
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Lifecycle => "Lifecycle",
            Self::Metrics => "Metrics",
            Self::Findings => "Findings",
            Self::Raw => "Raw",
        }
    }

    /// The tab so many places on.
    #[must_use]
    pub(crate) fn turned(self, by: usize) -> Self {
        let at = Self::ALL.iter().position(|tab| *tab == self).unwrap_or(0);
        let next = Self::ALL.get((at + by) % Self::ALL.len());
        next.copied().unwrap_or(self)
    }
}

/// Something that was asked for: what there is of it, of when, and how far the asking is. What was known before stays
/// until the next answer is there.
#[derive(Debug, Clone)]
pub(crate) struct Part<T> {
    /// What there is.
    pub value: Option<T>,
    /// When it arrived.
    pub at: Option<DateTime<Utc>>,
    /// How far the asking is.
    pub load: Load,
}

impl<T> Default for Part<T> {
    fn default() -> Self {
        Self {
            value: None,
            at: None,
            load: Load::Idle,
        }
    }
}

impl<T> Part<T> {
    /// It has arrived.
    pub(crate) fn take(&mut self, value: T, now: DateTime<Utc>) {
        self.value = Some(value);
        self.at = Some(now);
        self.load = Load::Complete;
    }

    /// The asking has ended. What had arrived by then is here, whatever came after it.
    pub(crate) fn end(&mut self, load: &Load) {
        if self.load.is_loading() {
            self.load = load.clone();
        }
    }

    /// Why it is not here, when it could not be had.
    #[must_use]
    pub(crate) fn problem(&self) -> Option<&Arc<Problem>> {
        match &self.load {
            Load::Failed(problem) => Some(problem),
            _ => None,
        }
    }
}

/// What the figures on lifecycle rules rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Basis {
    /// A listing of all versions and uploads, of this time.
    Listing(DateTime<Utc>),
    /// The current objects of a scan, which was over at this time.
    Scan(DateTime<Utc>),
    /// The first versions of the bucket, so many, listed at this time.
    Sample(u64, DateTime<Utc>),
    /// Current objects, listed at this time: versions may not be.
    Objects(DateTime<Utc>),
}

/// One bucket, as the State screen shows it.
#[derive(Debug)]
pub(crate) struct BucketState {
    pub bucket: BucketName,
    /// What it should be like, where that is known.
    pub blueprint: Option<BucketBlueprint>,
    /// The alarms that are wanted on it.
    wanted: Vec<Alarm>,
    /// The screen that one came from.
    pub from: Screen,
    /// The tab that is shown.
    pub tab: Tab,
    /// The tab that a document was opened from.
    pub back: Option<Tab>,
    /// How it is configured.
    pub configuration: Part<Arc<Configuration>>,
    /// What is in it, and what is wrong with it.
    pub audited: Part<Audited>,
    /// How large it is and was.
    pub storage: Part<BucketStorage>,
    /// The alarms on it.
    pub alarms: Part<Alarms>,
    /// Its request metrics.
    pub requests: Part<Result<Vec<RequestSeries>, Problem>>,
    /// What its rules do to a scan.
    pub covered: Option<Covered>,
    /// The scan that the rules are being tried on.
    pub covering: Option<Ticket>,
    /// The rows of the Overview.
    pub concerns: Table<ConcernRow>,
    /// The rows of the lifecycle.
    pub rules: Table<RuleRow>,
    /// The rows of the metrics.
    pub series: Table<SeriesRow>,
    /// The rows of the findings.
    pub findings: Table<FindingRow>,
    /// Findings below this severity are left out.
    pub least: Severity,
    /// Whether a finding is shown in full instead of the list, where there is no room for both.
    pub in_full: bool,
    /// The first line that is shown of a text.
    pub scroll: u16,
    /// Of how many days histories are shown.
    pub days: u32,
}

impl BucketState {
    /// A bucket that nothing was asked about yet.
    #[must_use]
    pub(crate) fn new(target: Target, from: Screen) -> Self {
        let mut state = Self {
            bucket: target.bucket,
            blueprint: target.blueprint,
            wanted: target.alarms,
            from,
            tab: Tab::Overview,
            back: None,
            configuration: Part::default(),
            audited: Part::default(),
            storage: Part::default(),
            alarms: Part::default(),
            requests: Part::default(),
            covered: None,
            covering: None,
            concerns: Table::sorted_by(ConcernColumn::Worst, true),
            rules: Table::default(),
            series: Table::default(),
            findings: Table::sorted_by(FindingColumn::Severity, true),
            least: Severity::Info,
            in_full: false,
            scroll: 0,
            days: 90,
        };
        state.concerns = filled(
            std::mem::take(&mut state.concerns),
            settings::rows(None, &[]),
        );
        state
    }

    /// What it is judged as.
    #[must_use]
    pub(crate) fn target(&self) -> Target {
        Target {
            bucket: self.bucket.clone(),
            blueprint: self.blueprint.clone(),
            alarms: self.wanted.clone(),
            scan: None,
        }
    }

    /// Makes the rows of the tabs of what there is.
    pub(crate) fn arrange_rows(&mut self, prices: Option<&PriceTable>) {
        let findings = findings::rows(self);
        let of_concerns = settings::rows(self.configuration.value.as_deref(), &findings);
        let of_rules = rules::rows(self, prices);
        let of_series = series::rows(self);
        let least = self.least;
        let shown = findings
            .into_iter()
            .filter(|row| row.finding.severity >= least)
            .collect();
        self.concerns = filled(std::mem::take(&mut self.concerns), of_concerns);
        self.rules = filled(std::mem::take(&mut self.rules), of_rules);
        self.series = filled(std::mem::take(&mut self.series), of_series);
        self.findings = filled(std::mem::take(&mut self.findings), shown);
    }

    /// What the rules do, and what that rests on: a listing of everything, or else a scan, or else a part of the bucket.
    #[must_use]
    pub(crate) fn coverage(&self) -> Option<(&Coverage, Basis)> {
        let audited = self.audited.value.as_ref().zip(self.audited.at);
        let listed =
            audited.and_then(|(audited, at)| Some((audited.contents.as_ref()?, audited.basis, at)));
        if let Some((contents, _, at)) = listed
            && contents.complete
        {
            return Some((&contents.coverage, Basis::Listing(at)));
        }
        let scanned = self.covered.as_ref();
        let scanned = scanned.map(|covered| (&covered.coverage, Basis::Scan(covered.finished)));
        scanned.or_else(|| {
            let (contents, basis, at) = listed?;
            let coverage = &contents.coverage;
            let seen = coverage.objects.count + coverage.noncurrent.count + coverage.markers.count;
            let basis = match basis {
                audit::Basis::Objects => Basis::Objects(at),
                audit::Basis::Sample(versions) => Basis::Sample(versions, at),
                // It broke off.
                _ => Basis::Sample(seen, at),
            };
            Some((coverage, basis))
        })
    }

    /// The concern whose document is shown.
    #[must_use]
    pub(crate) fn concern(&self) -> Option<ConcernRow> {
        self.concerns.current().map(std::borrow::Cow::into_owned)
    }

    /// How many findings there are of a severity, accepted ones left out.
    #[must_use]
    pub(crate) fn count(&self, severity: Severity) -> usize {
        let rows = findings::rows(self);
        let counts = |row: &&FindingRow| row.accepted.is_none() && row.finding.severity == severity;
        rows.iter().filter(counts).count()
    }

    /// Tells every table how many lines it has on a screen of this size.
    pub(crate) fn fit(&mut self, size: (u16, u16)) {
        let page = layout::page(size);
        self.concerns
            .set_height(usize::from(layout::overview(page).list.saturating_sub(1)));
        self.rules
            .set_height(usize::from(layout::lifecycle(page).list.saturating_sub(1)));
        self.series
            .set_height(usize::from(layout::metrics(page).list.saturating_sub(1)));
        self.findings
            .set_height(usize::from(layout::findings(page).list.saturating_sub(1)));
    }
}

/// A table with other rows: few enough that they are put in order at once, the cursor on the row that it was on.
fn filled<R: Row<Rows = Chunks<R>>>(mut table: Table<R>, rows: Vec<R>) -> Table<R> {
    let mut chunks = Chunks::default();
    chunks.push(rows);
    // Short lists are never left to the task layer.
    let _: Arranged = table.replace(chunks);
    table
}

#[cfg(test)]
mod tests;
