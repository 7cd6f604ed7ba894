//! Lists everything of one user: the blueprint's plan gives the folders, and each key is checked against it again.

use std::io::Write;

use tokio::sync::mpsc::{self, Receiver};

use super::all::{PAGES_AHEAD, Printed, conclude};
use super::pages::Lister;
use crate::aws::{Problem, ProblemKind};
use crate::cli::Failure;
use crate::cli::session::Interruption;
use crate::domain::OwnerId;
use crate::domain::advice::advice;
use crate::domain::blueprint::BucketBlueprint;
use crate::ops::coverage::{Coverage, Gap};
use crate::ops::owners::{self, OwnerItems, OwnerLimits};

/// Lists the owner's objects with the prefix. Returns why it ended early, if it did.
///
/// # Errors
/// I/O errors of the output; errors of S3 are an [`Interruption`].
pub(super) async fn list<W: Write>(
    lister: &mut Lister<'_, W>,
    rules: &BucketBlueprint,
    owner: &OwnerId,
    versions: bool,
) -> Result<Option<Interruption>, Failure> {
    let (aws, meter) = (lister.aws.clone(), lister.meter.clone());
    let (rules, owner) = (rules.clone(), owner.clone());
    let stop = lister.session.stop.clone();
    // All objects of the user are listed, however many folders that takes.
    let limits = OwnerLimits {
        in_flight: lister.session.settings.jobs,
        folder_requests: u64::MAX,
        ..OwnerLimits::default()
    };
    let coverage = if versions {
        let (sender, pages) = mpsc::channel(PAGES_AHEAD);
        let listing = owners::versions_of(aws, rules, owner, limits, stop, meter, sender);
        futures::join!(listing, print(lister, pages)).1
    } else {
        let (sender, pages) = mpsc::channel(PAGES_AHEAD);
        let listing = owners::objects_of(aws, rules, owner, limits, stop, meter, sender);
        futures::join!(listing, print(lister, pages)).1
    }?;
    Ok(conclude(lister, &coverage))
}

/// Prints page after page. If it fails, it drops the channel, and the listing stops.
async fn print<T: Printed, W: Write>(
    lister: &mut Lister<'_, W>,
    mut pages: Receiver<OwnerItems<T>>,
) -> Result<Coverage, Failure> {
    let prefix = &lister.uri.prefix;
    while let Some(page) = pages.recv().await {
        match page {
            OwnerItems::Page { items, .. } => {
                for item in items.iter().filter(|item| item.key().starts_with(prefix)) {
                    item.print(lister)?;
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
        advice!("run it again with -v and look at the log"),
    );
    Ok(Coverage::AtLeast(vec![Gap::failed("the rest", unfinished)]))
}
