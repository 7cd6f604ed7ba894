//! Lists all keys below a prefix in key order, with many concurrent requests.

use std::io::Write;

use tokio::sync::mpsc::{self, Receiver};

use super::pages::Lister;
use crate::cli::Failure;
use crate::cli::formats::Note;
use crate::cli::session::Interruption;
use crate::domain::{ObjectSummary, ObjectVersion};
use crate::ops::coverage::{Coverage, Gap};
use crate::ops::listing::{self, InOrder, Listed, ListingRequest, ListingUpdate};

/// The number of pages that wait to be printed: enough that printing never delays the next request.
pub(super) const PAGES_AHEAD: usize = 4;

/// The types of items that `ls` prints.
pub(super) trait Printed: Listed {
    fn print<W: Write>(&self, lister: &mut Lister<'_, W>) -> Result<(), Failure>;
}

impl Printed for ObjectSummary {
    fn print<W: Write>(&self, lister: &mut Lister<'_, W>) -> Result<(), Failure> {
        lister.print_object(self)
    }
}

impl Printed for ObjectVersion {
    fn print<W: Write>(&self, lister: &mut Lister<'_, W>) -> Result<(), Failure> {
        lister.print_version(self)
    }
}

/// Lists everything with the prefix. Returns why it ended early, if it did.
///
/// # Errors
/// I/O errors of the output; errors of S3 are an [`Interruption`].
pub(super) async fn list<T: Printed, W: Write>(
    lister: &mut Lister<'_, W>,
) -> Result<Option<Interruption>, Failure> {
    let of_prefix = ListingRequest::new(lister.uri.bucket.clone(), &lister.uri.prefix);
    let request = ListingRequest {
        in_flight: lister.session.settings.jobs,
        ..of_prefix.in_key_order()
    };
    let (updates, inbox) = mpsc::channel(PAGES_AHEAD);
    let stop = lister.session.stop.clone();
    let (aws, meter) = (lister.aws.clone(), lister.meter.clone());
    let listing = listing::items::<T>(aws, request, stop, meter, updates);
    // If printing fails, the channel is dropped, and the listing stops.
    let ((), coverage) = futures::join!(listing, print(lister, inbox));
    Ok(conclude(lister, &coverage?))
}

async fn print<T: Printed, W: Write>(
    lister: &mut Lister<'_, W>,
    mut inbox: Receiver<ListingUpdate<T>>,
) -> Result<Coverage, Failure> {
    let mut in_order = InOrder::new();
    let mut coverage = Coverage::default();
    let mut last = None;
    while let Some(update) = inbox.recv().await {
        if let ListingUpdate::Done(summary) = &update {
            coverage = summary.coverage.clone();
            if lister.session.stop.is_cancelled() && !coverage.is_complete() {
                // Later pages that were not printed follow a gap. What was printed is a complete beginning, from which
                // the user can continue.
                let place = last.filter(|_| summary.in_order);
                return Ok(beginning_of(lister, &coverage, place.as_deref()));
            }
        }
        for page in in_order.take(update) {
            for item in &page {
                item.print(lister)?;
            }
            last = page.last().map(|item| item.key().to_owned()).or(last);
            lister.flush()?;
        }
    }
    Ok(coverage)
}

/// The coverage of a listing that was stopped after this key.
fn beginning_of<W: Write>(
    lister: &Lister<'_, W>,
    coverage: &Coverage,
    last: Option<&str>,
) -> Coverage {
    let failed = coverage.gaps().iter().filter(|gap| gap.problem.is_some());
    let mut gaps: Vec<Gap> = failed.cloned().collect();
    let missing = last.map_or("the rest".to_owned(), |last| format!("keys after {last:?}"));
    gaps.push(Gap::cancelled(format!("{missing} of {}", lister.uri)));
    Coverage::AtLeast(gaps)
}

/// A failed request or a cancellation interrupts a listing; items without a usable key are a gap.
pub(super) fn conclude<W: Write>(
    lister: &mut Lister<'_, W>,
    coverage: &Coverage,
) -> Option<Interruption> {
    let interrupted = lister.session.stop.is_cancelled();
    let mut cut = (interrupted && !coverage.is_complete()).then_some(Interruption::Interrupted);
    for gap in coverage.gaps() {
        match &gap.problem {
            Some(problem) if cut.is_none() => cut = Some(Interruption::Failed(problem.clone())),
            _ => lister.gaps.push(Note {
                what: gap.what.clone(),
                why: gap.why.clone(),
            }),
        }
    }
    cut
}
