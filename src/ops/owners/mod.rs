//! Finds the owners in a bucket, and everything of one owner.
//!
//! `domain::blueprint` plans which folders to list; this module carries out the plans. [`stream`] finds all owners and
//! counts the objects of each. [`of_owner`] finds the folders of one owner; [`objects_of`] and [`versions_of`] list
//! them. [`walk`] steps through folders, many at a time. [`listing`](super::listing) lists their contents, and the
//! whole bucket for the counts.

mod count;
mod one;
mod pages;
pub mod walk;

use std::collections::HashSet;

use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

use self::walk::{Event, Listing, Walker};
use super::coverage::{Coverage, Gap};
use crate::aws::{Aws, Meter};
use crate::domain::OwnerId;
use crate::domain::blueprint::{BucketBlueprint, UnnamedLayout};
use crate::domain::columns::group::Group;

pub use crate::domain::Tally;
pub use one::{OwnerItems, OwnerObjects, OwnerPrefix, OwnerPrefixes, OwnerVersions, of_owner};
pub use one::{objects_of, version_prefixes, versions_of};

/// Limits after which a result is incomplete and reads "at least".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnerLimits {
    /// The maximum number of concurrent requests.
    pub in_flight: usize,
    /// The maximum number of folder listings to find owners.
    pub folder_requests: u64,
    /// The maximum number of owners.
    pub owners: usize,
    /// The maximum number of objects to count; 0 skips counting.
    pub counted_objects: u64,
}

impl Default for OwnerLimits {
    fn default() -> Self {
        Self {
            in_flight: 16,
            folder_requests: 20_000,
            owners: 200_000,
            counted_objects: 1_000_000,
        }
    }
}

/// A folder of an owner that a walk found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerFolder {
    /// Whose it is.
    pub owner: OwnerId,
    /// The layout of the walk.
    pub layout: String,
    /// The prefix of its contents, with a trailing `/`.
    pub prefix: String,
}

/// An update about the owners. `Found` and `Counted` are sent many times, the others once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnersUpdate {
    /// Folders of owners. An owner with several folders occurs several times.
    Found(Vec<OwnerFolder>),
    /// All folders were found; how complete the search was.
    Enumerated(Coverage),
    /// The totals so far.
    Counted(Counts),
    /// The end; how complete the counts are.
    Done(OwnersSummary),
}

/// Totals that changed since the last update. They replace earlier totals.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// By owner. If the search was cut short, it may contain owners that no walk found.
    pub owners: Vec<(OwnerId, Tally)>,
    /// The total of all objects.
    pub total: Tally,
    /// What of it is no owner's by its key.
    pub unattributed: Unattributed,
}

/// Objects of which the key does not tell the owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unattributed {
    /// Layouts or rules give them to different owners.
    pub contested: Tally,
    /// Their layout tells the owner elsewhere than in the key.
    pub unnamed: Tally,
    /// No layout explains them.
    pub unreadable: Tally,
}

impl Unattributed {
    /// Takes out of groups by owner what is no owner's.
    #[must_use]
    pub(crate) fn of(tally: impl Fn(&Group) -> Tally) -> Self {
        Self {
            contested: tally(&Group::Contested),
            unnamed: tally(&Group::Unnamed),
            unreadable: tally(&Group::Unreadable),
        }
    }
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnersSummary {
    /// How complete the search for owners was.
    pub found: Coverage,
    /// How complete the counts are.
    pub counted: Coverage,
    /// The total of all objects.
    pub total: Tally,
    /// What of it is no owner's by its key.
    pub unattributed: Unattributed,
}

/// Finds all owners of a bucket and then counts the objects of each.
///
/// It always ends with [`OwnersUpdate::Done`], even if cancelled, unless the receiver is dropped. Use a bounded
/// channel, so that a slow reader slows the listing down.
pub async fn stream(
    aws: Aws,
    bucket: BucketBlueprint,
    limits: OwnerLimits,
    cancel: CancellationToken,
    meter: Meter,
    updates: Sender<OwnersUpdate>,
) {
    let Some(found) = enumerate(&aws, &bucket, limits, &cancel, &meter, &updates).await else {
        return;
    };
    if send(&updates, OwnersUpdate::Enumerated(found.clone()))
        .await
        .is_none()
    {
        return;
    }
    let Some((counted, counts)) = count::run(aws, &bucket, limits, &cancel, &meter, &updates).await
    else {
        return;
    };
    let done = OwnersUpdate::Done(OwnersSummary {
        found,
        counted,
        total: counts.total,
        unattributed: counts.unattributed,
    });
    let _ = send(&updates, done).await;
}

/// Walks the plan for all owners; `None` if the receiver is gone.
async fn enumerate(
    aws: &Aws,
    bucket: &BucketBlueprint,
    limits: OwnerLimits,
    cancel: &CancellationToken,
    meter: &Meter,
    updates: &Sender<OwnersUpdate>,
) -> Option<Coverage> {
    let plan = bucket.owners_plan();
    let mut coverage = unsearchable(&plan.unnamed);
    let mut owners = HashSet::new();
    let mut walker = Walker::new(aws, bucket, plan.walks, Listing::Objects, limits, meter);
    while let Some(event) = walker.next(cancel).await {
        let folders = match event {
            Event::Folders(folders) => folders,
            Event::Missed(gap) => {
                coverage.miss(gap);
                continue;
            }
        };
        let found: Vec<OwnerFolder> = folders
            .into_iter()
            .filter_map(|folder| {
                Some(OwnerFolder {
                    owner: walker.walk(folder.walk)?.owner_of(&folder.name)?,
                    layout: walker.walk(folder.walk)?.layout.clone(),
                    prefix: folder.prefix,
                })
            })
            .collect();
        owners.extend(found.iter().map(|folder| folder.owner.clone()));
        if !found.is_empty() {
            send(updates, OwnersUpdate::Found(found)).await?;
        }
        if owners.len() >= limits.owners && !walker.is_done() {
            coverage.miss(Gap::new(
                "further owners",
                format!("the search stopped at {} owners", owners.len()),
            ));
            break;
        }
    }
    Some(coverage)
}

/// The layouts that a search by key cannot cover.
fn unsearchable(unnamed: &[UnnamedLayout]) -> Coverage {
    let mut coverage = Coverage::Complete;
    for layout in unnamed {
        coverage.miss(Gap::new(
            format!("the layout {}", layout.layout),
            &layout.why,
        ));
    }
    coverage
}

/// Sends an update; `None` if the receiver is gone, so that `?` ends the work.
async fn send<T>(updates: &Sender<T>, update: T) -> Option<()> {
    updates.send(update).await.ok()
}
