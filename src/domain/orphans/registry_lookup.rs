//! What the lists say of an owner, and of a key.

use super::Living;
use crate::domain::registry::{self, Likeness};

/// What a list says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// There is no list, or it was not asked.
    Untold,
    /// It is in the list.
    Alive,
    /// It is not, but something like it is.
    Alike(Likeness),
    /// It is not.
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
    /// An owner's.
    pub(super) fn owner(&self, owner: &str) -> Standing {
        self.owners
            .map_or(Standing::Untold, |owners| owners.standing(owner).into())
    }

    /// A key's.
    pub(super) fn key(&self, key: &str) -> Standing {
        self.keys
            .map_or(Standing::Untold, |keys| keys.standing(key).into())
    }

    /// Everybody whom the records call a key's owner: none, one, or several who disagree.
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
