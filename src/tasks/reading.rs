//! What is read out of a scan for a place, on a thread of its own: owners, what is in folders, where the bytes are.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use super::runner::Outbox;
use super::scan::{batches, on_a_thread};
use super::shares::{self, Shares};
use super::work::Update;
use crate::aws::Problem;
use crate::domain::Tally;
use crate::domain::blueprint::BucketBlueprint;
use crate::domain::columns::group::{By, Group, Grouping};
use crate::domain::columns::{Child, Columns};
use crate::ops::Coverage;
use crate::ops::owners::{OwnersSummary, OwnersUpdate, Unattributed};

/// Rows between two questions whether anybody still wants the answer.
const BETWEEN_QUESTIONS: usize = 4_096;

/// What a place wants to know of a scan.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    /// The objects of the scan.
    pub columns: Columns,
    /// The place.
    pub prefixes: Vec<String>,
    /// Whose everything is, where that is known.
    pub layouts: Option<Arc<BucketBlueprint>>,
    /// Whether to tell what is in each folder right below the place.
    pub folders: bool,
    /// Whether to tell where the bytes are.
    pub shares: bool,
    /// The time that ages are counted from.
    pub now: DateTime<Utc>,
}

/// What was read out of a scan.
#[derive(Debug, Clone, Default)]
pub(crate) struct Read {
    /// What is in each folder right below the place, in order of their bytes.
    pub folders: Option<Arc<Vec<(String, Tally)>>>,
    /// What is below each of the place's prefixes, in their order.
    pub prefixes: Vec<(String, Tally)>,
    /// Where the bytes are.
    pub shares: Option<Arc<Shares>>,
}

/// All owners that a scan found, told as if they had been searched for and counted.
pub(super) async fn owners(
    columns: Columns,
    layouts: Arc<BucketBlueprint>,
    coverage: Option<Coverage>,
    out: &Outbox,
    token: CancellationToken,
) -> Result<(), Problem> {
    let total = columns.total();
    let by = By::Owner(Box::new((*layouts).clone()));
    let counting = move || {
        let mut grouping = Grouping::new(by);
        let mut rows = columns.rows();
        let mut seen = 0_usize;
        while let Some(row) = rows.advance() {
            if seen.is_multiple_of(BETWEEN_QUESTIONS) && token.is_cancelled() {
                return None;
            }
            seen += 1;
            grouping.add(&row);
        }
        Some(grouping.finish())
    };
    let Some(groups) = on_a_thread(counting).await? else {
        return Ok(());
    };
    let mut others: HashMap<Group, Tally> = HashMap::new();
    let mut owners = Vec::with_capacity(groups.len());
    for (group, tally) in groups {
        match group {
            Group::Owner(owner) => owners.push((owner, tally)),
            group => {
                others.insert(group, tally);
            }
        }
    }
    let of_all = |group: &Group| others.get(group).copied().unwrap_or_default();
    for counts in batches(owners, of_all, total) {
        out.send(Update::Owners(OwnersUpdate::Counted(counts)))
            .await;
    }
    let Some(coverage) = coverage else {
        return Ok(());
    };
    let done = OwnersUpdate::Done(OwnersSummary {
        found: coverage.clone(),
        counted: coverage,
        total,
        unattributed: Unattributed::of(of_all),
    });
    out.send(Update::Owners(done)).await;
    Ok(())
}

/// Reads out of a scan what a place wants to know.
pub(super) async fn read(
    reading: Reading,
    out: &Outbox,
    token: CancellationToken,
) -> Result<(), Problem> {
    let looking = move || look(&reading, &|| token.is_cancelled());
    if let Some(read) = on_a_thread(looking).await? {
        out.send(Update::Read(Box::new(read))).await;
    }
    Ok(())
}

/// See [`read`].
pub(crate) fn look(reading: &Reading, stop: &dyn Fn() -> bool) -> Option<Read> {
    let columns = &reading.columns;
    let mut read = Read::default();
    for prefix in &reading.prefixes {
        let tally = columns.tally(columns.under(prefix));
        read.prefixes.push((prefix.clone(), tally));
    }
    if let (true, [prefix]) = (reading.folders, reading.prefixes.as_slice()) {
        read.folders = Some(Arc::new(folders(columns, prefix, stop)?));
    }
    if reading.shares {
        let layouts = reading.layouts.as_deref();
        let shares = shares::below(columns, &reading.prefixes, layouts, reading.now, stop);
        read.shares = Some(shares?);
    }
    Some(read)
}

fn folders(
    columns: &Columns,
    prefix: &str,
    stop: &dyn Fn() -> bool,
) -> Option<Vec<(String, Tally)>> {
    let mut folders = Vec::new();
    for (seen, child) in columns.children(prefix).enumerate() {
        if seen.is_multiple_of(BETWEEN_QUESTIONS) && stop() {
            return None;
        }
        if let Child::Folder { prefix, rows } = child {
            let tally = columns.tally(rows);
            folders.push((prefix, tally));
        }
    }
    Some(folders)
}

/// The rows below these prefixes, each row once.
pub(crate) fn ranges(columns: &Columns, prefixes: &[String]) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = prefixes
        .iter()
        .map(|prefix| columns.under(prefix))
        .collect();
    ranges.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
    let mut end = 0;
    // Prefixes are apart or within one another: a range that begins before the end of another is within it.
    ranges.retain(|range| {
        let apart = range.start >= end && !range.is_empty();
        end = end.max(range.end);
        apart
    });
    ranges
}
