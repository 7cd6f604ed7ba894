//! Whose objects are by what stands in their own metadata.
//!
//! A listing does not tell metadata: whoever wants to know asks for each object's headers, and enters the answers here
//! before the join. What was not entered has no owner that anybody told, and is never called orphaned for want of one.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::Ground;
use crate::domain::blueprint::OwnerSource;
use crate::domain::{ObjectKey, columns::EntityTag};

/// The owners of one bucket's objects, by row, as far as their metadata tells.
#[derive(Debug, Clone, Default)]
pub struct MetadataOwners {
    owners: HashMap<u32, String>,
    /// Objects of each layout whose metadata does not tell the owner, or not in a way that can be relied on.
    silent: Vec<(String, u64)>,
}

impl MetadataOwners {
    /// Enters what an object's metadata says. A value in encoded words (RFC 2047), which is how S3 returns what is not
    /// ASCII, is no id that could be compared by bytes: it counts as none.
    pub fn enter(&mut self, asked: &Asked, value: Option<&str>) {
        match value {
            Some(owner) if !owner.is_empty() && !is_encoded(owner) => {
                self.owners.insert(asked.row, owner.to_owned());
            }
            _ => {
                let layout = &asked.layout;
                match self.silent.iter_mut().find(|(known, _)| known == layout) {
                    Some((_, count)) => *count += 1,
                    None => self.silent.push((layout.clone(), 1)),
                }
            }
        }
    }

    /// Whose the object in a row is.
    #[must_use]
    pub fn owner(&self, row: usize) -> Option<&str> {
        let row = u32::try_from(row).ok()?;
        self.owners.get(&row).map(String::as_str)
    }

    /// How many objects of a layout do not tell their owner, of those that were asked.
    #[must_use]
    pub fn silent(&self, layout: &str) -> u64 {
        let mut silent = self.silent.iter();
        silent
            .find(|(known, _)| known == layout)
            .map_or(0, |(_, count)| *count)
    }
}

/// An object whose metadata has to be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Its key.
    pub key: ObjectKey,
    /// Its entity tag in the listing: another one is another object, and a younger one.
    pub etag: Option<String>,
    /// The name of the metadata, without `x-amz-meta-`, in lower case.
    pub name: String,
    layout: String,
    row: u32,
}

impl Ground {
    /// The objects whose owner stands in their metadata alone, without those that are too young to be judged.
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
