//! Blueprints: an application's buckets, the layout of their keys, and the owner of each object.
//!
//! Start with [`BucketBlueprint`]: [`locate`](BucketBlueprint::locate) returns the owner of a key,
//! [`owner_plan`](BucketBlueprint::owner_plan) where everything of one owner is, and
//! [`owners_plan`](BucketBlueprint::owners_plan) how to find all owners. [`Blueprint::parse`] reads a file,
//! [`Blueprint::builtin`] returns a built-in blueprint, and [`check`] looks for mistakes in one.
//!
//! Inside, from the bottom up: [`shape`] (the values of a part), `segment` (one folder or file name), [`template`] (a
//! whole key), [`layout`] (a template with an owner), [`plan`] (where to look), [`derived`] (thumbnails),
//! `made_from_another` (thumbnails in another user's folder), [`expect`] and [`registry`] (the expected configuration,
//! lists and service levels). `file` and `read` turn TOML into these.

mod builtin;
pub(crate) mod check;
pub(crate) mod derived;
mod error;
pub(crate) mod expect;
mod file;
pub(crate) mod layout;
mod made_from_another;
mod overlap;
pub(crate) mod plan;
mod read;
pub(crate) mod registry;
mod segment;
pub(crate) mod shape;
pub(crate) mod template;
pub(crate) mod values;

use std::fmt;

use crate::domain::quarantine::place;
use crate::domain::{BucketName, OwnerId};

pub(crate) use check::{Problem, Severity};
pub(crate) use derived::{DerivedObject, DerivedRule, FormerSource};
pub(crate) use error::{BlueprintError, Fault};
pub(crate) use expect::{Expect, Presign, PresignRule};
pub(crate) use layout::{Layout, OwnerSource};
pub(crate) use plan::{Level, OwnerPlan, OwnersPlan, UnnamedLayout, Walk};
pub use registry::ReferenceList;
pub(crate) use registry::{Alarm, Registry, ServiceLevels};
pub(crate) use segment::Part;
pub(crate) use shape::Shape;
pub(crate) use template::{FormatError, Parts, Template};

/// An application: its buckets and their expected configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Blueprint {
    /// Its name.
    pub name: String,
    /// A one-line description of the application.
    pub description: Option<String>,
    /// The built-in that it extends, which is already merged in.
    pub extends: Option<String>,
    /// Its buckets, in the order of the file.
    pub buckets: Vec<BucketBlueprint>,
    /// Its lists of active users and keys.
    pub registry: Registry,
    /// Its service levels.
    pub service_levels: ServiceLevels,
    /// The alarms that it wants.
    pub alarms: Vec<Alarm>,
}

/// One bucket of an application.
#[derive(Clone, PartialEq)]
pub struct BucketBlueprint {
    /// The bucket's name.
    pub name: BucketName,
    /// A one-line description of its purpose.
    pub purpose: Option<String>,
    /// Its layouts, in the order of the file. The first that matches a key decides, unless another also counts
    /// ([`BucketBlueprint::readings`]).
    pub layouts: Vec<Layout>,
    /// The rules that derive other objects from its objects.
    pub derived: Vec<DerivedRule>,
    /// Its expected configuration.
    pub expect: Expect,
    /// The pre-signed requests that the application creates for it.
    pub presign: Presign,
    /// Other buckets of the blueprint whose rules write into this one, without their own sources.
    pub sources: Vec<Self>,
    /// Whether two of the layouts can match the same key. Computed once, like the next field, because it is needed for
    /// every key.
    can_share_keys: bool,
    /// Whether two layouts can give the same key to different owners.
    is_disputed: bool,
}

/// Print only what the author wrote about the bucket itself: a plan has a hash of its blueprint, which is computed from
/// this output.
#[expect(
    clippy::missing_fields_in_debug,
    reason = "the sources stand in the same blueprint"
)]
impl fmt::Debug for BucketBlueprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BucketBlueprint")
            .field("name", &self.name)
            .field("purpose", &self.purpose)
            .field("layouts", &self.layouts)
            .field("derived", &self.derived)
            .field("expect", &self.expect)
            .field("presign", &self.presign)
            .finish()
    }
}

/// The owner of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location<'a> {
    /// The key names its owner.
    Owned {
        /// The id of the layout that reads the owner.
        layout: &'a str,
        /// The owner.
        owner: OwnerId,
        /// The key up to and including the `/` after the owner's folder.
        anchor: &'a str,
        /// Whether the layout matches the rest of the key, too. Ownership does not depend on it.
        tail_parses: bool,
    },
    /// A layout matches the key, but the owner is found elsewhere (registry or metadata).
    Unnamed {
        /// The id of that layout.
        layout: &'a str,
    },
    /// No layout's anchor matches.
    Unreadable,
}

/// What one layout reads from a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyReading<'a> {
    /// The layout's id.
    pub layout: &'a str,
    /// The owner that it reads from the key; `None` if it takes the owner from records or metadata.
    pub owner: Option<OwnerId>,
}

impl<'a> KeyReading<'a> {
    fn new(layout: &'a str, owner: Option<OwnerId>) -> Self {
        Self { layout, owner }
    }
}

impl Blueprint {
    /// Parses a blueprint and merges its base into it. `source` is its name in errors.
    ///
    /// # Errors
    /// All mistakes, each with its line and what was expected.
    pub fn parse(source: &str, text: &str) -> Result<Self, BlueprintError> {
        let mut blueprint = read::read(source, text)?;
        blueprint.connect();
        Ok(blueprint)
    }

    /// Returns a built-in blueprint.
    #[must_use]
    pub fn builtin(name: &str) -> Option<Self> {
        builtin::all().iter().find(|b| b.name == name).cloned()
    }

    /// The names of the built-in blueprints.
    #[must_use]
    pub fn builtin_names() -> &'static [&'static str] {
        &builtin::NAMES
    }

    /// Sets for each bucket from which others rules write into it, and whether its layouts contradict each other.
    fn connect(&mut self) {
        for bucket in &mut self.buckets {
            bucket.can_share_keys = overlap::can_share_keys(&bucket.layouts);
            bucket.is_disputed = !overlap::ambiguities(&bucket.layouts).is_empty();
        }
        let alone = |bucket: &BucketBlueprint| BucketBlueprint {
            sources: Vec::new(),
            ..bucket.clone()
        };
        let all: Vec<BucketBlueprint> = self.buckets.iter().map(alone).collect();
        for bucket in &mut self.buckets {
            let leads_here = |from: &&BucketBlueprint| {
                let mut rules = from.derived.iter();
                from.name != bucket.name && rules.any(|rule| rule.to_bucket == bucket.name)
            };
            bucket.sources = all.iter().filter(leads_here).cloned().collect();
        }
    }

    /// The bucket of exactly this name.
    #[must_use]
    pub fn bucket(&self, name: &BucketName) -> Option<&BucketBlueprint> {
        self.buckets.iter().find(|bucket| bucket.name == *name)
    }

    /// The built-in that contains this bucket. It is safe for reading; deletion needs a blueprint that the user chose.
    #[must_use]
    pub fn for_bucket(name: &BucketName) -> Option<Self> {
        builtin::all()
            .iter()
            .find(|b| b.bucket(name).is_some())
            .cloned()
    }
}

impl BucketBlueprint {
    /// A bucket without a blueprint.
    #[must_use]
    pub fn unknown(name: BucketName) -> Self {
        Self {
            name,
            purpose: None,
            layouts: Vec::new(),
            derived: Vec::new(),
            expect: Expect::default(),
            presign: Presign::default(),
            sources: Vec::new(),
            can_share_keys: false,
            is_disputed: false,
        }
    }

    /// A bucket without a blueprint whose owners are the folders at this depth, 0 being the first.
    #[must_use]
    pub fn by_depth(name: BucketName, depth: usize) -> Self {
        let mut bucket = Self::unknown(name);
        bucket
            .layouts
            .push(Layout::of_folders("by-depth", &[], depth));
        bucket
    }

    /// A bucket without a blueprint whose owners are the folders directly below this prefix. A missing `/` at the end
    /// is added; an empty prefix means the top of the bucket.
    #[must_use]
    pub fn under_prefix(name: BucketName, prefix: &str) -> Self {
        let folders: Vec<&str> = match prefix.strip_suffix('/').unwrap_or(prefix) {
            "" if prefix.is_empty() => Vec::new(),
            prefix => prefix.split('/').collect(),
        };
        let mut bucket = Self::unknown(name);
        bucket
            .layouts
            .push(Layout::of_folders("under-prefix", &folders, 0));
        bucket
    }

    /// Whether a layout may explain a key that begins like this. What rules make is not among them.
    #[must_use]
    pub fn may_begin(&self, beginning: &str) -> bool {
        let mut layouts = self.layouts.iter();
        layouts.any(|layout| layout.may_begin(beginning))
    }

    /// Whether a rule leads into it, from another bucket or from itself.
    #[must_use]
    pub fn is_target(&self) -> bool {
        let mut rules = self.derived.iter();
        !self.sources.is_empty() || rules.any(|rule| rule.to_bucket == self.name)
    }

    /// The layout with this id.
    #[must_use]
    pub fn layout(&self, id: &str) -> Option<&Layout> {
        self.layouts.iter().find(|layout| layout.id() == id)
    }

    /// The owner of a key.
    ///
    /// The first layout in the file that matches the whole key decides, or otherwise the first whose anchor matches.
    /// [`BucketBlueprint::rivals`] returns contradicting layouts. The key of a quarantined copy has no owner of its
    /// own, even if a layout matches it: the key of its original decides.
    #[must_use]
    pub fn locate<'a>(&'a self, key: &'a str) -> Location<'a> {
        self.decide(key)
            .map_or(Location::Unreadable, |(_, location)| location)
    }

    /// All layouts that count for a key: the deciding one, and every other whose anchor matches, because ownership does
    /// not depend on the tail. A layout that names fewer folders than the deciding one does not count: `u/{user}/…`
    /// does not contradict `u/shared/{user}/…`. Neither does a layout of a single other file: `{tenant}/logo.png` says
    /// nothing about what `{tenant}/{user}/…` explains. Empty if no layout matches.
    #[must_use]
    pub fn readings<'a>(&'a self, key: &'a str) -> Vec<KeyReading<'a>> {
        let Some((number, location)) = self.decide(key) else {
            return Vec::new();
        };
        let (first, is_complete) = match location {
            Location::Owned {
                layout,
                owner,
                tail_parses,
                ..
            } => (KeyReading::new(layout, Some(owner)), tail_parses),
            Location::Unnamed { layout } => (KeyReading::new(layout, None), true),
            Location::Unreadable => return Vec::new(),
        };
        let mut readings = vec![first];
        let decider = self.layouts.get(number).filter(|_| self.can_share_keys);
        if let Some(decider) = decider {
            let others = self.layouts.iter().enumerate();
            let others =
                others.filter(|(at, other)| *at != number && !decider.is_narrower_than(other));
            readings.extend(others.filter_map(|(_, other)| {
                let reading = other.reading(key)?;
                if is_complete && !reading.complete && other.is_of_one_file() {
                    return None;
                }
                let owner = reading.owner.map(|(owner, _)| OwnerId::new(owner));
                let owner = owner.transpose().ok()?;
                Some(KeyReading::new(other.id(), owner))
            }));
        }
        readings
    }

    /// The first layout that takes the owner of the key's object from metadata, and the name of that metadata.
    #[must_use]
    pub fn metadata_of<'a>(&'a self, key: &'a str) -> Option<(&'a str, &'a str)> {
        let by_metadata = |id: &'a str| match self.layout(id)?.owner() {
            OwnerSource::Metadata(name) => Some((id, name.as_str())),
            OwnerSource::Part(_) | OwnerSource::Registry => None,
        };
        if !self.is_disputed {
            return match self.locate(key) {
                Location::Unnamed { layout } => by_metadata(layout),
                Location::Owned { .. } | Location::Unreadable => None,
            };
        }
        let mut readings = self.readings(key).into_iter();
        readings.find_map(|reading| by_metadata(reading.layout))
    }

    /// The [readings](Self::readings) of a key that give another owner than the deciding layout, or that give one if
    /// the deciding layout does not.
    #[must_use]
    pub fn rivals<'a>(&'a self, key: &'a str) -> Vec<KeyReading<'a>> {
        if !self.is_disputed {
            return Vec::new();
        }
        let mut readings = self.readings(key).into_iter();
        let Some(decided) = readings.next() else {
            return Vec::new();
        };
        let is_rival = |one: &KeyReading<'_>| one.owner.is_some() && one.owner != decided.owner;
        readings.filter(is_rival).collect()
    }

    /// Whether the layouts of this bucket and of another can give the same key to different owners.
    #[must_use]
    pub(crate) fn may_contradict(&self, other: &Self) -> bool {
        overlap::may_contradict(&self.layouts, &other.layouts)
    }

    /// Whether two layouts can give the same key to different owners.
    #[must_use]
    pub fn is_disputed(&self) -> bool {
        self.is_disputed
    }

    /// Whether only the deciding layout counts for a key.
    #[must_use]
    pub(crate) fn is_undisputed(&self, key: &str) -> bool {
        !self.is_disputed || self.readings(key).len() == 1
    }

    /// The number of the layout that decides the owner of a key, and the result.
    fn decide<'a>(&'a self, key: &'a str) -> Option<(usize, Location<'a>)> {
        if place::is_place(key) {
            return None;
        }
        let mut by_anchor = None;
        for (number, layout) in self.layouts.iter().enumerate() {
            let Some(reading) = layout.reading(key) else {
                continue;
            };
            let location = match reading.owner {
                None => Location::Unnamed {
                    layout: layout.id(),
                },
                Some((owner, anchor)) => match OwnerId::new(owner) {
                    Ok(owner) => Location::Owned {
                        layout: layout.id(),
                        owner,
                        anchor,
                        tail_parses: reading.complete,
                    },
                    Err(_) => continue,
                },
            };
            if reading.complete {
                return Some((number, location));
            }
            by_anchor = by_anchor.or(Some((number, location)));
        }
        by_anchor
    }

    /// Whether another owner may have a source of this rule under a key with this prefix.
    #[must_use]
    pub fn may_hold_anothers(&self, rule: &DerivedRule, beginning: &str, owner: &OwnerId) -> bool {
        let may_begin = |layout: &&Layout| layout.may_begin(beginning);
        let is_owners = |layout: &Layout| {
            let named = layout.reading(beginning).and_then(|reading| reading.owner);
            named.is_some_and(|(of, _)| of == owner.as_str())
        };
        let mut sources = rule.from.iter().filter_map(|id| self.layout(id));
        sources.any(|layout| may_begin(&layout))
            && !self.layouts.iter().filter(may_begin).all(is_owners)
    }

    /// Where to find everything of one owner.
    #[must_use]
    pub fn owner_plan(&self, owner: &OwnerId) -> OwnerPlan {
        plan::for_owner(&self.layouts, owner)
    }

    /// How to find all owners.
    #[must_use]
    pub fn owners_plan(&self) -> OwnersPlan {
        plan::for_owners(&self.layouts)
    }

    /// The objects that the application derives from this one, by the rules for the layouts of its key.
    ///
    /// A key whose tail does not match counts: the application makes thumbnails for such keys, too.
    #[must_use]
    pub fn derived_of(&self, key: &str) -> Vec<DerivedObject> {
        if self.derived.is_empty() {
            return Vec::new();
        }
        let readings = self.readings(key);
        self.derived
            .iter()
            .filter(|rule| rule.takes(&readings))
            .filter_map(|rule| {
                Some(DerivedObject {
                    rule: rule.id.clone(),
                    bucket: rule.to_bucket.clone(),
                    key: rule.apply(key)?,
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
