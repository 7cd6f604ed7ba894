//! Everything of one user: the folders come from the blueprint's plan, and each key is held against it once more.

use std::io::Write;

use tokio::sync::mpsc::{self, Receiver};

use super::pages::Lister;
use crate::aws::{Problem, ProblemKind};
use crate::cli::Failure;
use crate::cli::formats::Note;
use crate::cli::session::Cut;
use crate::domain::OwnerId;
use crate::domain::blueprint::BucketBlueprint;
use crate::ops::coverage::{Coverage, Gap};
use crate::ops::owners::{self, OwnerItems, OwnerLimits};

/// Pages that wait to be printed: enough that printing one never holds up asking for the next.
const PAGES_AHEAD: usize = 4;

/// Lists what belongs to the owner and begins with the prefix. Gives why it ended early, if it did.
///
/// # Errors
/// The output's; what fails on the way to S3 is a [`Cut`].
pub(super) async fn list<W: Write>(
    lister: &mut Lister<'_, W>,
    rules: &BucketBlueprint,
    owner: &OwnerId,
    versions: bool,
) -> Result<Option<Cut>, Failure> {
    let (aws, meter) = (lister.aws.clone(), lister.meter.clone());
    let (rules, owner) = (rules.clone(), owner.clone());
    let stop = lister.session.stop.clone();
    // Whoever asks for everything of a user gets everything, however many folders that takes.
    let limits = OwnerLimits {
        in_flight: lister.session.settings.jobs,
        folder_requests: u64::MAX,
        ..OwnerLimits::default()
    };
    let prefix = &lister.uri.prefix;
    let coverage = if versions {
        let (sender, pages) = mpsc::channel(PAGES_AHEAD);
        let listing = owners::versions_of(aws, rules, owner, limits, stop, meter, sender);
        let printing = print(lister, pages, |lister, version| {
            if version.object.key.as_str().starts_with(prefix) {
                lister.print_version(version)?;
            }
            Ok(())
        });
        futures::join!(listing, printing).1
    } else {
        let (sender, pages) = mpsc::channel(PAGES_AHEAD);
        let listing = owners::objects_of(aws, rules, owner, limits, stop, meter, sender);
        let printing = print(lister, pages, |lister, object| {
            if object.key.as_str().starts_with(prefix) {
                lister.print_object(object)?;
            }
            Ok(())
        });
        futures::join!(listing, printing).1
    }?;
    Ok(conclude(lister, &coverage))
}

/// Prints page after page. When it fails it drops the channel, and the listing stops.
async fn print<'a, W: Write, T>(
    lister: &mut Lister<'a, W>,
    mut pages: Receiver<OwnerItems<T>>,
    row: impl Fn(&mut Lister<'a, W>, &T) -> Result<(), Failure>,
) -> Result<Coverage, Failure> {
    while let Some(page) = pages.recv().await {
        match page {
            OwnerItems::Page { items, .. } => {
                for item in &items {
                    row(lister, item)?;
                }
                lister.flush()?;
            }
            OwnerItems::Done(coverage) => return Ok(coverage),
        }
    }
    let unfinished = Problem::new(
        "list everything of the user",
        lister.uri.to_string(),
        ProblemKind::Other,
        "the listing ended without saying how far it came",
        "run it again with -v and look at the log",
    );
    Ok(Coverage::AtLeast(vec![Gap::failed("the rest", unfinished)]))
}

/// A failed request, or the user, cuts the listing short; what the keys cannot tell at all is a gap.
fn conclude<W: Write>(lister: &mut Lister<'_, W>, coverage: &Coverage) -> Option<Cut> {
    let interrupted = lister.session.stop.is_cancelled();
    let mut cut = interrupted.then_some(Cut::Interrupted);
    for gap in coverage.gaps() {
        match &gap.problem {
            Some(problem) if cut.is_none() => cut = Some(Cut::Failed(problem.clone())),
            None if interrupted => {}
            _ => lister.gaps.push(Note {
                what: gap.what.clone(),
                why: gap.why.clone(),
            }),
        }
    }
    cut
}
