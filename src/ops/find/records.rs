//! What the application's own lists say of a user: whether they exist, and which keys are theirs.

use std::collections::BTreeSet;

use tokio_util::sync::CancellationToken;

use crate::aws::{Aws, Meter};
use crate::domain::OwnerId;
use crate::domain::blueprint::{Blueprint, OwnerSource, ReferenceList};
use crate::domain::change::Existence;
use crate::domain::registry::Subject;
use crate::ops::registry::{self, NoRegistry, RowCount};

/// What the lists say of one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Records {
    /// The keys that records give to the user; `None` where no list tells whose keys are.
    pub keys: Option<BTreeSet<String>>,
    /// Whether the user exists.
    pub existence: Existence,
    /// For a user who does not: one who does, and whose id looks like theirs.
    pub likeness: Option<String>,
}

impl Records {
    /// Nothing was read.
    #[must_use]
    pub fn unread() -> Self {
        Self {
            keys: None,
            existence: Existence::NotChecked,
            likeness: None,
        }
    }

    /// What a person should know.
    #[must_use]
    pub fn words(&self, owner: &OwnerId) -> Vec<String> {
        let mut words = Vec::new();
        if self.existence != Existence::NotChecked {
            words.push(self.existence.words());
        }
        if let Some(living) = &self.likeness {
            let id = owner.as_str();
            words.push(format!(
                "it holds {living:?}, which looks like {id:?} and is another user"
            ));
        }
        words
    }
}

/// Reads the lists that the blueprint names as far as they are needed: the owners always, the keys where a layout leaves
/// it to them whose a key is. A list that a built-in only begins to describe counts as none.
///
/// # Errors
/// [`NoRegistry`] for a list that cannot be had or relied on.
pub async fn ask(
    aws: &Aws,
    blueprint: &Blueprint,
    owner: &OwnerId,
    cancel: &CancellationToken,
    meter: &Meter,
) -> Result<Records, NoRegistry> {
    let mut records = Records::unread();
    let rows = RowCount::new();
    if let Some(list) = complete(blueprint.registry.owners.as_ref()) {
        let read = registry::read(list, Subject::Owners, aws, &rows, meter, cancel);
        let owners = Box::pin(read).await?;
        let (stated, read_at) = (owners.stated.clone(), owners.read_at);
        if owners.holds(owner.as_str()) {
            records.existence = Existence::Exists { stated, read_at };
        } else {
            records.existence = Existence::Gone { stated, read_at };
            let alike = owners.likeness(owner.as_str());
            records.likeness = alike.map(|alike| alike.living);
        }
    }
    if leaves_keys_to_records(blueprint)
        && let Some(list) = complete(blueprint.registry.keys.as_ref())
    {
        let read = registry::read(list, Subject::Keys, aws, &rows, meter, cancel);
        let keys = Box::pin(read).await?;
        // A list of bare keys says what is alive, and not whose it is.
        let tells_owners = keys.records().any(|(_, owner)| owner.is_some());
        if tells_owners {
            let of_owner = keys.keys_of(owner.as_str());
            records.keys = Some(of_owner.map(str::to_owned).collect());
        }
    }
    Ok(records)
}

fn complete(list: Option<&ReferenceList>) -> Option<&ReferenceList> {
    list.filter(|list| list.gaps().is_empty())
}

fn leaves_keys_to_records(blueprint: &Blueprint) -> bool {
    let mut layouts = blueprint.buckets.iter().flat_map(|bucket| &bucket.layouts);
    layouts.any(|layout| *layout.owner() == OwnerSource::Registry)
}
