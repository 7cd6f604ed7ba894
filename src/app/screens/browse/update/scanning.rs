//! Scanning a place: beginning, stopping, and how it ends. What places show of a scan is in [`super::readings`].

use std::sync::Arc;

use super::readings::show;
use crate::app::scans::PlaceScan;
use crate::app::screens::browse::{Bars, Place};
use crate::app::screens::buckets::update as buckets;
use crate::app::state::{Load, State};
use crate::app::table::Arranged;
use crate::app::update::{Command, abandon, arrange, report, start, toast};
use crate::aws::Problem;
use crate::domain::blueprint::BucketBlueprint;
use crate::domain::words::counted;
use crate::domain::{BucketName, Tally};
use crate::ops::{Coverage, Gap};
use crate::tasks::{Aspect, Outcome, ScanEnd, ScanNews, ScanWork, Slot, Ticket, Work};

/// The prefixes of the place that is shown; none when they are not known yet.
pub(super) fn prefixes_of(place: &Place) -> Vec<String> {
    match place {
        Place::Owners(_) => vec![String::new()],
        Place::Owner(owner) => owner
            .table
            .source()
            .iter()
            .map(|row| row.of.prefix.clone())
            .collect(),
        Place::Folder(folder) => folder
            .below
            .clone()
            .unwrap_or_else(|| vec![folder.prefix.clone()]),
    }
}

impl State {
    /// The scan that the place that is shown takes its figures from.
    #[must_use]
    pub(crate) fn scan_here(&self) -> Option<&PlaceScan> {
        let browse = self.browse.as_ref()?;
        let prefixes = prefixes_of(&browse.place);
        self.scans.of(&browse.bucket, &prefixes)
    }
}

/// Scans the place that is shown, or stops the scan that runs there.
pub(super) fn scan_or_stop(state: &mut State, commands: &mut Vec<Command>) {
    let Some(browse) = &state.browse else { return };
    let prefixes = prefixes_of(&browse.place);
    if prefixes.is_empty() {
        toast(state, "the prefixes of this owner are not known yet", false);
        return;
    }
    if matches!(&browse.place, Place::Owner(owner) if owner.found.is_none() && !owner.by_scan) {
        let words = "the prefixes of this owner are still being looked for";
        toast(state, words, false);
        return;
    }
    let bucket = browse.bucket.clone();
    match state.scans.running() {
        Some(running) if running.covers(&bucket, &prefixes) => {
            commands.push(Command::Cancel(Slot::Scan));
        }
        Some(running) => {
            let words = format!(
                "a scan of s3://{} runs already: c on the Tasks screen stops it",
                running.bucket
            );
            toast(state, words, false);
        }
        None => scan(state, bucket, prefixes, commands),
    }
}

/// Scans the place that is shown once more, unless it is being scanned.
pub(super) fn scan_again(state: &mut State, commands: &mut Vec<Command>) {
    if state.scans.running().is_none() {
        scan_or_stop(state, commands);
    } else {
        toast(state, "a scan runs already: S stops it", false);
    }
}

/// Scans a whole bucket, wherever one is, or stops the scan of it that runs.
pub(crate) fn scan_bucket(
    state: &mut State,
    bucket: BucketName,
    blueprint: Option<BucketBlueprint>,
    commands: &mut Vec<Command>,
) {
    let whole = vec![String::new()];
    let is_browsed = state
        .browse
        .as_ref()
        .is_some_and(|browse| browse.bucket == bucket && matches!(browse.place, Place::Owners(_)));
    match state.scans.running() {
        Some(running) if running.covers(&bucket, &whole) => {
            commands.push(Command::Cancel(Slot::Scan));
        }
        Some(_) => toast(
            state,
            "another scan runs already: c on the Tasks screen stops it",
            false,
        ),
        // Its owners are counted by the scan from now on.
        None if is_browsed => scan(state, bucket, whole, commands),
        None => {
            let layouts = blueprint.filter(|known| !known.layouts.is_empty());
            let work = ScanWork {
                bucket,
                prefixes: whole,
                layouts: layouts.map(Arc::new),
            };
            begin(state, &work, commands);
            show(state, commands);
        }
    }
}

fn begin(state: &mut State, work: &ScanWork, commands: &mut Vec<Command>) {
    start(state, Slot::Scan, Work::Scan(work.clone()), commands);
    if let Some(ticket) = state.slots.current(Slot::Scan) {
        let begun = PlaceScan::begun(ticket, work, state.now);
        state.scans.begin(begun);
    }
}

fn scan(state: &mut State, bucket: BucketName, prefixes: Vec<String>, commands: &mut Vec<Command>) {
    let work = ScanWork {
        bucket,
        prefixes,
        layouts: layouts(state),
    };
    // The scan finds and counts what is being searched for and counted here, and more of it.
    let (replaces_counting, arranged) = match state.browse.as_mut().map(|browse| &mut browse.place)
    {
        Some(Place::Owners(owners)) => (true, owners.count_anew()),
        Some(Place::Owner(owner)) => {
            owner.counted = None;
            owner.by_scan = true;
            (true, Arranged::Now)
        }
        Some(Place::Folder(_)) | None => (false, Arranged::Now),
    };
    arrange(state, Slot::ArrangeListing, arranged, commands);
    if replaces_counting {
        abandon(state, Slot::Listing, commands);
    }
    begin(state, &work, commands);
    if let Some(browse) = &mut state.browse {
        match &mut browse.place {
            Place::Owners(owners) => owners.load = Load::Loading,
            Place::Owner(owner) => owner.load = Load::Loading,
            Place::Folder(_) => {}
        }
    }
    show(state, commands);
}

pub(super) fn layouts(state: &State) -> Option<Arc<BucketBlueprint>> {
    let (layouts, _) = state.browse.as_ref()?.layouts.as_ref()?;
    Some(Arc::clone(layouts))
}

/// A scan has come to something.
pub(crate) fn news_arrived(
    state: &mut State,
    ticket: Ticket,
    news: ScanNews,
    commands: &mut Vec<Command>,
) {
    let Some(scan) = state.scans.of_ticket(ticket) else {
        return;
    };
    let (bucket, of_bucket) = (scan.bucket.clone(), scan.is_of_bucket());
    let total = news.total;
    let end = news.over.clone();
    let shown = state.scan_here().map(|scan| scan.ticket) == Some(ticket);
    state.scans.take(ticket, news);
    if let Some(browse) = state.browse.as_mut().filter(|_| shown)
        && let Place::Owners(owners) = &mut browse.place
        && owners.by_scan
    {
        owners.total = total;
    }
    if let Some(ScanEnd { coverage, .. }) = end {
        // One that was refused everything has nothing to say about the bucket.
        if of_bucket && (coverage.is_complete() || total.objects > 0) {
            buckets::known(state, &bucket, total, coverage.is_complete(), commands);
        }
        settle_owners(state, &bucket, of_bucket, &coverage);
        read_owners_again(state, commands);
        say_how_it_ended(state, total, &coverage);
    }
    show(state, commands);
}

fn say_how_it_ended(state: &mut State, total: Tally, coverage: &Coverage) {
    let objects = format!("{}, {}", counted(total.objects, "object"), total.bytes);
    if coverage.is_complete() {
        toast(state, format!("scanned: {objects}"), false);
    } else if let Some(problem) = problem_of(coverage) {
        let _ = report(state, problem);
    } else {
        toast(state, format!("scan stopped: at least {objects}"), false);
    }
}

/// The first failure that made a scan less than everything.
fn problem_of(coverage: &Coverage) -> Option<Arc<Problem>> {
    let mut gaps = coverage.gaps().iter();
    gaps.find_map(|gap| gap.problem.clone()).map(Arc::new)
}

/// The owners' list was waiting for the scan: now it knows how far that came.
fn settle_owners(state: &mut State, bucket: &BucketName, of_bucket: bool, coverage: &Coverage) {
    let load = match (coverage, problem_of(coverage)) {
        (Coverage::Complete, _) => Load::Complete,
        (_, Some(problem)) => Load::Failed(problem),
        (_, None) => Load::Stopped,
    };
    let coverage = with_unsearchable(state, coverage.clone());
    let Some(browse) = &mut state.browse else {
        return;
    };
    match &mut browse.place {
        Place::Owners(owners) if of_bucket && browse.bucket == *bucket && owners.by_scan => {
            owners.found = Some(coverage.clone());
            owners.counted = Some(coverage);
            owners.load = load;
        }
        // How far its counts came is told by the reading that makes them.
        Place::Owner(owner) if owner.by_scan => owner.load = load,
        _ => {}
    }
}

/// Owners that were still being read out of the scan as it was before are read out of it as it is.
fn read_owners_again(state: &mut State, commands: &mut Vec<Command>) {
    if let Some(browse) = &mut state.browse
        && let Place::Owners(owners) = &mut browse.place
        && owners.is_reading
    {
        owners.load = Load::Idle;
        abandon(state, Slot::Listing, commands);
        super::loading::enter(state, commands);
    }
}

/// How far a scan came in telling the owners: layouts whose keys do not name the user are beyond any scan.
pub(super) fn with_unsearchable(state: &State, mut coverage: Coverage) -> Coverage {
    let unnamed = layouts(state).map(|layouts| layouts.owners_plan().unnamed);
    for layout in unnamed.unwrap_or_default() {
        coverage.miss(Gap::new(
            format!("the layout {}", layout.layout),
            &layout.why,
        ));
    }
    coverage
}

/// The job that scanned has ended. Mostly it has told how before; when it panicked it has not.
pub(crate) fn finished(
    state: &mut State,
    ticket: Ticket,
    outcome: &Outcome,
    commands: &mut Vec<Command>,
) {
    let running = state.scans.of_ticket(ticket);
    if !running.is_some_and(PlaceScan::is_running) {
        return;
    }
    let why = match outcome {
        Outcome::Done | Outcome::Cancelled => Gap::cancelled("the rest of the objects"),
        Outcome::Failed(problem) => Gap::failed("the rest of the objects", Problem::clone(problem)),
        Outcome::Panicked(_) => Gap::new("the rest of the objects", "the scan met a defect"),
    };
    let coverage = Coverage::AtLeast(vec![why]);
    let of = running.map(|scan| (scan.bucket.clone(), scan.is_of_bucket()));
    state.scans.ended(ticket, state.now, &coverage);
    if let Some((bucket, of_bucket)) = of {
        settle_owners(state, &bucket, of_bucket, &coverage);
        read_owners_again(state, commands);
    }
    show(state, commands);
}

/// Opens the bars, or shows them by the next aspect.
pub(super) fn next_bars(state: &mut State, commands: &mut Vec<Command>) {
    let has_layouts = layouts(state).is_some();
    let Some(browse) = &mut state.browse else {
        return;
    };
    let aspects = Bars::aspects(has_layouts);
    let next = match &browse.bars {
        None => aspects.first(),
        Some(bars) => {
            let at = aspects.iter().position(|aspect| *aspect == bars.aspect);
            aspects.get((at.unwrap_or(0) + 1) % aspects.len())
        }
    };
    let aspect = next.copied().unwrap_or(Aspect::Class);
    if let Some(bars) = &mut browse.bars {
        bars.aspect = aspect;
    } else {
        let shares = None;
        browse.bars = Some(Bars { aspect, shares });
        browse.told = None;
    }
    show(state, commands);
}

/// All objects below the place that is shown, or below the folder or prefix under the cursor of an owner's page.
pub(super) fn all_objects(state: &mut State, commands: &mut Vec<Command>) {
    let Some(browse) = &state.browse else { return };
    if matches!(&browse.place, Place::Folder(folder) if folder.below.is_some()) {
        let words = "these are all objects already; Esc goes back to the folders";
        toast(state, words, false);
        return;
    }
    let prefixes = prefixes_of(&browse.place);
    if prefixes.is_empty() {
        toast(state, "the prefixes of this owner are not known yet", false);
        return;
    }
    let place = Place::Folder(crate::app::screens::browse::Folder::of_all(prefixes));
    super::navigate::go(state, place, commands);
}

#[cfg(test)]
#[path = "scanning_tests.rs"]
mod tests;
