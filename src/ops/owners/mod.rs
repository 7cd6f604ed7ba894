//! Whose media is where: all owners of a bucket, and everything of one owner.
//!
//! `domain::blueprint` plans which folders to look into; this carries the plans out. [`stream`] finds all owners and
//! then counts what each has, [`of_owner`] finds the folders of one, [`objects_of`] and [`versions_of`] list them.
//! Underneath, [`walk`] steps through folders, many at a time; what is in them, and the whole bucket for the counts, is
//! [`listing`](super::listing)'s work.

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

/// How far to go before a result is cut short and says "at least".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnerLimits {
    /// Requests at the same time.
    pub in_flight: usize,
    /// Folder listings while looking for owners.
    pub folder_requests: u64,
    /// Owners to find.
    pub owners: usize,
    /// Objects to count; 0 leaves the counting pass out.
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

/// A folder of an owner: one anchor that a walk found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerFolder {
    /// Whose it is.
    pub owner: OwnerId,
    /// The layout by which it was found.
    pub layout: String,
    /// The prefix of everything in it, with its trailing `/`.
    pub prefix: String,
}

/// What is known of the owners so far. `Found` and `Counted` come many times, the others once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnersUpdate {
    /// Folders of owners, as they are found. An owner with several folders comes several times.
    Found(Vec<OwnerFolder>),
    /// No more folders will be found; how far the search came.
    Enumerated(Coverage),
    /// Totals so far.
    Counted(Counts),
    /// The end; how far the counting came.
    Done(OwnersSummary),
}

/// Totals so far, of those that changed since the update before. They replace what was known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// Per owner. Owners that no walk found may be among them when the search was cut short.
    pub owners: Vec<(OwnerId, Tally)>,
    /// Everything counted.
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
    /// How far the search for owners came.
    pub found: Coverage,
    /// How far the counting came.
    pub counted: Coverage,
    /// Everything counted.
    pub total: Tally,
    /// What of it is no owner's by its key.
    pub unattributed: Unattributed,
}

/// Finds all owners of a bucket, sending them as they are found, then counts what each has.
///
/// Ends with [`OwnersUpdate::Done`] in every case, cancelled or not, unless the receiver is gone. The channel should
/// be bounded: a slow reader then slows the listing.
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

/// Walks the plan for all owners; `None` when nobody listens any more.
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

/// What a search by key cannot find, whatever it does.
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

/// Sends; `None` when nobody listens any more, so that `?` ends the work.
async fn send<T>(updates: &Sender<T>, update: T) -> Option<()> {
    updates.send(update).await.ok()
}
