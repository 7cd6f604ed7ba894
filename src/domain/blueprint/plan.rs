//! Where to look for the objects of one owner, or of all owners: walks through folders.
//!
//! A plan needs as few requests as the key templates allow. A known folder name becomes part of the prefix. An unknown
//! folder must be listed with a delimiter, and each name compared with the template.

use super::layout::{Layout, OwnerSource};
use super::segment::{Item, Segment};
use super::shape::Shape;
use crate::domain::OwnerId;

/// With more alternatives than this, a folder is listed instead of requested name by name.
const MOST_ALTERNATIVES: usize = 64;

/// A walk through folders from the top of a bucket to an owner's folder.
#[derive(Debug, Clone, PartialEq)]
pub struct Walk {
    /// The id of its layout.
    pub layout: String,
    /// Other layouts that the same walk covers completely.
    pub others: Vec<String>,
    /// One level per folder; never empty.
    pub levels: Vec<Level>,
    owner: Segment,
    owner_part: String,
}

/// What is known about one folder on a walk.
#[derive(Debug, Clone, PartialEq)]
pub enum Level {
    /// The folder has one of these names, each with its trailing `/`.
    Known(Vec<String>),
    /// The folders must be listed with a delimiter and compared with the pattern.
    Expand {
        /// The common prefix of all names; may be empty.
        starts_with: String,
        /// The names to follow.
        pattern: FolderPattern,
    },
}

/// The folder names that a level accepts.
#[derive(Debug, Clone, PartialEq)]
pub struct FolderPattern {
    segment: Segment,
    /// The owner's part, and the id it must have.
    owner: Option<(String, OwnerId)>,
}

/// Where to find everything of one owner.
///
/// Every key that [`super::BucketBlueprint::locate`] gives to the owner is below one of the walks. If two layouts are
/// ambiguous, a walk may also find keys of other owners: call `locate` for each key.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OwnerPlan {
    /// The walks whose last level is the owner's folder.
    pub walks: Vec<Walk>,
    /// Layouts whose keys do not name the owner. They cannot be searched by key.
    pub unnamed: Vec<UnnamedLayout>,
    /// Layouts in which this owner cannot have objects, and why.
    pub impossible: Vec<ImpossibleLayout>,
}

/// How to find all owners: the last level of each walk lists them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OwnersPlan {
    /// The walks. The last level is always [`Level::Expand`], and [`Walk::owner_of`] reads its folder names.
    pub walks: Vec<Walk>,
    /// Layouts whose keys do not name the owner.
    pub unnamed: Vec<UnnamedLayout>,
}

/// A layout that does not find the owner in the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnnamedLayout {
    /// Its id.
    pub layout: String,
    /// Where it finds the owner instead.
    pub owner: OwnerSource,
    /// The same as a text for people.
    pub why: String,
}

/// A layout that no object of this owner can match.
#[derive(Debug, Clone, PartialEq)]
pub struct ImpossibleLayout {
    /// Its id.
    pub layout: String,
    /// Why, in words.
    pub why: String,
    /// The walk to where the owner's objects would be if the layout accepted any id. What is there has no owner by this
    /// layout. It may still be this user's: the id or the layout may be wrong. `None` if there is no such place.
    pub walk: Option<Walk>,
}

impl FolderPattern {
    /// Whether a folder name, without its `/`, is accepted.
    #[must_use]
    pub fn admits(&self, folder: &str) -> bool {
        match &self.owner {
            None => self.segment.matches(folder),
            Some((part, owner)) => self.segment.value_of(part, folder) == Some(owner.as_str()),
        }
    }
}

impl Level {
    /// Whether a folder name, without its trailing `/`, is accepted.
    #[must_use]
    pub fn admits(&self, folder: &str) -> bool {
        match self {
            Self::Known(names) => names
                .iter()
                .any(|name| name.strip_suffix('/') == Some(folder)),
            Self::Expand { pattern, .. } => pattern.admits(folder),
        }
    }

    fn of(segment: &Segment, owner: Option<(&str, &OwnerId)>) -> Self {
        let pattern = FolderPattern {
            segment: segment.clone(),
            owner: owner.map(|(part, id)| (part.to_owned(), id.clone())),
        };
        if let Some(mut names) = alternatives(segment, owner) {
            names.retain(|name| pattern.admits(name));
            for name in &mut names {
                name.push('/');
            }
            return Self::Known(names);
        }
        let mut starts_with = String::new();
        for item in &segment.items {
            match (item, owner) {
                (Item::Literal(text), _) => starts_with.push_str(text),
                (Item::Part(part), Some((name, id))) if part.name == name => {
                    starts_with.push_str(id.as_str());
                }
                _ => break,
            }
        }
        Self::Expand {
            starts_with,
            pattern,
        }
    }

    /// Whether `other` accepts every folder that `self` accepts; false if unknown.
    fn is_within(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Known(names), other) => names.iter().all(|name| {
                name.strip_suffix('/')
                    .is_some_and(|name| other.admits(name))
            }),
            (Self::Expand { pattern: a, .. }, Self::Expand { pattern: b, .. }) => {
                let same_owner = a.owner.as_ref().map(|o| &o.1) == b.owner.as_ref().map(|o| &o.1);
                same_owner && a.segment.reads_as(&b.segment)
            }
            (Self::Expand { .. }, Self::Known(_)) => false,
        }
    }
}

impl Walk {
    /// Whether the walk finds this key: each level accepts the key's folder.
    #[must_use]
    pub fn covers(&self, key: &str) -> bool {
        self.levels
            .iter()
            .try_fold(key, |key, level| {
                let (folder, rest) = key.split_once('/')?;
                level.admits(folder).then_some(rest)
            })
            .is_some()
    }

    /// The owner of a folder at the last level (its name without the trailing `/`).
    #[must_use]
    pub fn owner_of(&self, folder: &str) -> Option<OwnerId> {
        self.owner
            .value_of(&self.owner_part, folder)
            .and_then(|id| OwnerId::new(id).ok())
    }

    /// All prefixes of the walk, if no folder must be listed to find them; each ends in `/`.
    #[must_use]
    pub fn known_prefixes(&self) -> Option<Vec<String>> {
        self.levels
            .iter()
            .try_fold(vec![String::new()], |prefixes, level| match level {
                Level::Known(names) => Some(
                    prefixes
                        .iter()
                        .flat_map(|prefix| names.iter().map(move |name| format!("{prefix}{name}")))
                        .collect(),
                ),
                Level::Expand { .. } => None,
            })
    }

    fn new(layout: &Layout, owner_part: &str, levels: Vec<Level>) -> Option<Self> {
        Some(Self {
            layout: layout.id().to_owned(),
            others: Vec::new(),
            levels,
            owner: layout.anchor().last()?.clone(),
            owner_part: owner_part.to_owned(),
        })
    }

    fn is_within(&self, other: &Self) -> bool {
        self.owner.reads_as(&other.owner)
            && self.levels.len() == other.levels.len()
            && self
                .levels
                .iter()
                .zip(&other.levels)
                .all(|(a, b)| a.is_within(b))
    }
}

/// The plan for one owner and a bucket's layouts.
pub(super) fn for_owner(layouts: &[Layout], owner: &OwnerId) -> OwnerPlan {
    let mut plan = OwnerPlan::default();
    for layout in layouts {
        let OwnerSource::Part(part) = layout.owner() else {
            plan.unnamed.push(UnnamedLayout::of(layout));
            continue;
        };
        let Some((last, above)) = layout.anchor().split_last() else {
            continue;
        };
        let mut levels: Vec<Level> = above
            .iter()
            .map(|segment| Level::of(segment, None))
            .collect();
        levels.push(Level::of(last, Some((part, owner))));
        if let Some(why) = why_impossible(last, part, owner, &levels) {
            plan.impossible.push(ImpossibleLayout {
                layout: layout.id().to_owned(),
                why,
                walk: unshaped(layout, (last, above), part, owner),
            });
        } else if let Some(walk) = Walk::new(layout, part, levels) {
            merge(&mut plan.walks, walk);
        }
    }
    plan
}

/// The plan for all owners and a bucket's layouts.
pub(super) fn for_owners(layouts: &[Layout]) -> OwnersPlan {
    let mut plan = OwnersPlan::default();
    for layout in layouts {
        let OwnerSource::Part(part) = layout.owner() else {
            plan.unnamed.push(UnnamedLayout::of(layout));
            continue;
        };
        let Some((last, above)) = layout.anchor().split_last() else {
            continue;
        };
        let mut levels: Vec<Level> = above
            .iter()
            .map(|segment| Level::of(segment, None))
            .collect();
        // List even if the ids are a fixed list: the walk must find out which of them have objects.
        levels.push(Level::Expand {
            starts_with: last.leading_literal().to_owned(),
            pattern: FolderPattern {
                segment: last.clone(),
                owner: None,
            },
        });
        if let Some(walk) = Walk::new(layout, part, levels) {
            merge(&mut plan.walks, walk);
        }
    }
    plan
}

impl UnnamedLayout {
    fn of(layout: &Layout) -> Self {
        let why = match layout.owner() {
            OwnerSource::Metadata(name) => format!(
                "its keys do not name the owner: that is in each object's metadata, x-amz-meta-{name}"
            ),
            _ => "its keys do not name the owner: only the application's records do".to_owned(),
        };
        Self {
            layout: layout.id().to_owned(),
            owner: layout.owner().clone(),
            why,
        }
    }
}

/// Adds a walk, unless another walk covers it.
fn merge(walks: &mut Vec<Walk>, mut walk: Walk) {
    if let Some(wider) = walks.iter_mut().find(|wider| walk.is_within(wider)) {
        wider.others.push(walk.layout);
        return;
    }
    walks.retain(|narrower| {
        let within = narrower.is_within(&walk);
        if within {
            walk.others.push(narrower.layout.clone());
            walk.others.extend(narrower.others.iter().cloned());
        }
        !within
    });
    walks.push(walk);
}

/// The walk to an owner's folder if the layout accepted any id.
fn unshaped(
    layout: &Layout,
    (last, above): (&Segment, &[Segment]),
    part: &str,
    owner: &OwnerId,
) -> Option<Walk> {
    let last = last.with_shape(part, &Shape::Any);
    let above = above.iter().map(|segment| Level::of(segment, None));
    let levels: Vec<Level> = above
        .chain([Level::of(&last, Some((part, owner)))])
        .collect();
    let is_nowhere = why_impossible(&last, part, owner, &levels).is_some();
    let walk = Walk::new(layout, part, levels).filter(|_| !is_nowhere);
    walk.map(|walk| Walk {
        owner: last,
        ..walk
    })
}

fn why_impossible(
    segment: &Segment,
    part: &str,
    owner: &OwnerId,
    levels: &[Level],
) -> Option<String> {
    let id = owner.as_str();
    if id.contains('/') {
        return Some("the id holds a '/', and a folder's name cannot".to_owned());
    }
    let shape = segment.parts().find(|p| p.name == part).map(|p| &p.shape);
    if let Some(shape) = shape.filter(|shape| !shape.admits(id)) {
        return Some(format!("the id is not what {{{part}}} takes: {shape}"));
    }
    let nowhere = levels
        .iter()
        .any(|level| matches!(level, Level::Known(names) if names.is_empty()));
    nowhere.then(|| {
        format!("a folder with this id in it would be read as another value of {{{part}}}")
    })
}

/// Every text that a segment matches, if they are few and known; the owner's part has a single value.
fn alternatives(segment: &Segment, owner: Option<(&str, &OwnerId)>) -> Option<Vec<String>> {
    let mut texts = vec![String::new()];
    for item in &segment.items {
        let values: Vec<&str> = match (item, owner) {
            (Item::Literal(text), _) => vec![text],
            (Item::Part(part), Some((name, id))) if part.name == name => vec![id.as_str()],
            (Item::Part(part), _) => match &part.shape {
                Shape::OneOf(values) => values.iter().map(String::as_str).collect(),
                _ => return None,
            },
        };
        if texts.len() * values.len() > MOST_ALTERNATIVES {
            return None;
        }
        texts = texts
            .iter()
            .flat_map(|text| values.iter().map(move |value| format!("{text}{value}")))
            .collect();
    }
    Some(texts)
}
