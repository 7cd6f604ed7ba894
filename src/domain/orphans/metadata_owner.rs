//! Owners that are named in the metadata of the objects.
//!
//! A listing does not return metadata. The caller sends a HEAD request for each object and enters the answers here
//! before the join. Objects without an entered answer have an unknown owner, and are never reported as orphans for
//! that.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::Ground;
use crate::domain::blueprint::OwnerSource;
use crate::domain::{ObjectKey, columns::EntityTag};

/// The owners of one bucket's objects, by row, as far as their metadata names them.
#[derive(Debug, Clone, Default)]
pub struct MetadataOwners {
    owners: HashMap<u32, Option<String>>,
    /// By layout, the number of objects whose metadata names no owner, or not reliably.
    silent: Vec<(String, u64)>,
}

impl MetadataOwners {
    /// Enters the metadata value of an object. S3 returns values that are not ASCII as encoded words (RFC 2047). Such a
    /// value cannot be compared byte by byte with an id, so it counts as missing.
    pub fn enter(&mut self, asked: &Asked, value: Option<&str>) {
        let owner = value.filter(|owner| !owner.is_empty() && !is_encoded(owner));
        if owner.is_none() {
            let layout = &asked.layout;
            match self.silent.iter_mut().find(|(known, _)| known == layout) {
                Some((_, count)) => *count += 1,
                None => self.silent.push((layout.clone(), 1)),
            }
        }
        self.owners.insert(asked.row, owner.map(str::to_owned));
    }

    /// The owner of the object in a row.
    #[must_use]
    pub fn owner(&self, row: usize) -> Option<&str> {
        self.value(row).filter(|owner| !owner.is_empty())
    }

    /// What the metadata of the object in a row says: empty if it names no owner, `None` if it was not read.
    #[must_use]
    pub(super) fn value(&self, row: usize) -> Option<&str> {
        let row = u32::try_from(row).ok()?;
        let owner = self.owners.get(&row)?;
        Some(owner.as_deref().unwrap_or_default())
    }

    /// Of the objects of a layout that were asked, how many name no owner.
    #[must_use]
    pub fn silent(&self, layout: &str) -> u64 {
        let mut silent = self.silent.iter();
        silent
            .find(|(known, _)| known == layout)
            .map_or(0, |(_, count)| *count)
    }
}

/// An object whose metadata is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Its key.
    pub key: ObjectKey,
    /// Its ETag in the listing. A different ETag means a newer object.
    pub etag: Option<String>,
    /// The metadata name in lower case, without `x-amz-meta-`.
    pub name: String,
    layout: String,
    row: u32,
}

impl Ground {
    /// The objects whose owner is only in their metadata, without those too young to judge.
    pub fn to_ask(&self, before: DateTime<Utc>) -> impl Iterator<Item = Asked> {
        let any = self
            .rules
            .layouts
            .iter()
            .any(|layout| matches!(layout.owner(), OwnerSource::Metadata(_)));
        let mut rows = self
            .objects
            .rows_in(0..if any { self.objects.len() } else { 0 });
        let mut number = 0;
        std::iter::from_fn(move || {
            loop {
                let row = rows.advance()?;
                let at = number;
                number += 1;
                if row.last_modified.is_none_or(|written| written >= before) {
                    continue;
                }
                let told = self.rules.metadata_of(row.key);
                let (Some((layout, name)), Ok(key)) = (told, ObjectKey::new(row.key)) else {
                    continue;
                };
                let name = name.to_owned();
                return Some(Asked {
                    layout: layout.to_owned(),
                    etag: row.etag.map(EntityTag::to_text),
                    key,
                    name,
                    row: at,
                });
            }
        })
    }
}

fn is_encoded(value: &str) -> bool {
    value.contains("=?") && value.contains("?=")
}
