//! Looks up an owner or a key in the lists.

use super::Living;
use crate::domain::registry::{self, Likeness};

/// The result of a lookup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// There is no list, or it was not used.
    Untold,
    Alive,
    /// Not in the list, but it resembles an entry.
    Alike(Likeness),
    /// Not in the list.
    Gone,
}

impl From<registry::Standing> for Standing {
    fn from(standing: registry::Standing) -> Self {
        match standing {
            registry::Standing::Alive => Self::Alive,
            registry::Standing::Alike(alike) => Self::Alike(alike),
            registry::Standing::Gone => Self::Gone,
        }
    }
}

impl Living<'_> {
    pub(super) fn owner(&self, owner: &str) -> Standing {
        self.owners
            .map_or(Standing::Untold, |owners| owners.standing(owner).into())
    }

    pub(super) fn key(&self, key: &str) -> Standing {
        self.keys
            .map_or(Standing::Untold, |keys| keys.standing(key).into())
    }

    /// The owners that the records give for a key: none, one, or several that disagree.
    pub(super) fn owners_of(&self, key: &str) -> Vec<String> {
        let Some(keys) = self.keys else {
            return Vec::new();
        };
        match keys.owner_of(key) {
            Some(owner) => vec![owner.to_owned()],
            None => keys.contested(key).map(str::to_owned).collect(),
        }
    }
}
