//! What the lists say of an owner, and of a key.

use super::Living;
use crate::domain::registry::Likeness;

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

impl Living<'_> {
    /// An owner's.
    pub(super) fn owner(&self, owner: &str) -> Standing {
        let Some(owners) = self.owners else {
            return Standing::Untold;
        };
        if owners.holds(owner) {
            return Standing::Alive;
        }
        owners
            .likeness(owner)
            .map_or(Standing::Gone, Standing::Alike)
    }

    /// A key's.
    pub(super) fn key(&self, key: &str) -> Standing {
        let Some(keys) = self.keys else {
            return Standing::Untold;
        };
        if keys.holds(key) {
            return Standing::Alive;
        }
        keys.likeness(key).map_or(Standing::Gone, Standing::Alike)
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
