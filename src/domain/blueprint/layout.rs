//! A layout: a key template, and where the owner of its objects is found.

use super::segment::{Item, Segment};
use super::shape::Shape;
use super::template::{Parts, Template, read_all, read_folders};

/// Where a layout finds the owner of its objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnerSource {
    /// In this part of the key.
    Part(String),
    /// Only in the application's own records.
    Registry,
    /// Only in this user metadata of each object (the name without `x-amz-meta-`).
    Metadata(String),
}

/// A key template with an id, and where the owner of its objects is found.
///
/// The **anchor** is everything up to and including the owner's folder and its `/`. The **tail** is the rest.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    id: String,
    template: Template,
    owner: OwnerSource,
    /// Number of segments of the anchor; 0 if the key does not name the owner.
    anchor: usize,
}

/// What one layout reads from a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reading<'k> {
    /// The owner's id and the anchor, if the key names the owner.
    pub owner: Option<(&'k str, &'k str)>,
    pub complete: bool,
}

impl Layout {
    /// Combines a template and the source of its owner.
    ///
    /// # Errors
    /// If the template has no such part, or no `/` follows the owner's folder.
    pub fn new(id: &str, template: Template, owner: OwnerSource) -> Result<Self, String> {
        let anchor = match &owner {
            OwnerSource::Part(part) => anchor_length(&template, part)?,
            OwnerSource::Registry | OwnerSource::Metadata(_) => 0,
        };
        Ok(Self {
            id: id.to_owned(),
            template,
            owner,
            anchor,
        })
    }

    /// A layout for buckets without a blueprint: known folders, then `free` folders with any name, then the owner's.
    pub(super) fn of_folders(id: &str, folders: &[&str], free: usize) -> Self {
        Self {
            id: id.to_owned(),
            template: Template::of_folders(folders, free, "owner"),
            owner: OwnerSource::Part("owner".to_owned()),
            anchor: folders.len() + free + 1,
        }
    }

    /// Its id, unique in the bucket.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its key template.
    #[must_use]
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// Where the owner is found.
    #[must_use]
    pub fn owner(&self) -> &OwnerSource {
        &self.owner
    }

    /// Splits a key into the template's parts; `None` if the template does not match the whole key.
    #[must_use]
    pub fn parse(&self, key: &str) -> Option<Parts> {
        self.template.read(key)
    }

    /// Builds a key from parts: the inverse of [`Layout::parse`].
    ///
    /// # Errors
    /// If a part is missing or unknown, or if parsing the key would give other parts.
    pub fn format(&self, parts: &Parts) -> Result<String, super::FormatError> {
        self.template.write(parts)
    }

    /// The segments of the anchor; the last one contains the owner. Empty if the key does not name the owner.
    pub(super) fn anchor(&self) -> &[Segment] {
        self.template
            .segments
            .get(..self.anchor)
            .unwrap_or_default()
    }

    pub(super) fn segments(&self) -> &[Segment] {
        &self.template.segments
    }

    /// Sample keys of this layout: plain ones, and ones that break careless code, such as an owner with a dot and a
    /// file name without one.
    pub(super) fn examples(&self) -> Vec<String> {
        let last = self.template.parts().last().map(|part| part.name.clone());
        let owner = match &self.owner {
            OwnerSource::Part(part) => Some(part),
            OwnerSource::Registry | OwnerSource::Metadata(_) => None,
        };
        let key = |id: &str, file: &str| {
            let mut parts = Parts::new();
            for part in self.template.parts() {
                let wish = match &part.name {
                    name if Some(name) == owner => id,
                    name if Some(name) == last.as_ref() => file,
                    _ => "x",
                };
                let value = if part.shape.admits(wish) {
                    wish.to_owned()
                } else {
                    part.shape.example()?
                };
                parts.insert(part.name.clone(), value);
            }
            self.template.write(&parts).ok()
        };
        [("x", "x.jpg"), ("a.b", "x.jpg"), ("a.b", "x"), ("x", "x")]
            .into_iter()
            .filter_map(|(id, file)| key(id, file))
            .collect()
    }

    /// Whether this layout is the more specific one: down to the owner's folder it names every folder that the other
    /// layout names, and at least one that the other leaves open.
    pub(super) fn is_narrower_than(&self, other: &Self) -> bool {
        let deciding = match &other.owner {
            OwnerSource::Part(_) => other.anchor(),
            OwnerSource::Registry | OwnerSource::Metadata(_) => other.segments(),
        };
        let own = self.segments().iter().map(Segment::is_fixed);
        let own = own.chain(std::iter::repeat(false));
        let pairs: Vec<(bool, bool)> = own.zip(deciding.iter().map(Segment::is_fixed)).collect();
        pairs.iter().all(|(own, other)| *own || !*other)
            && pairs.iter().any(|(own, other)| *own && !*other)
    }

    /// Whether it matches the whole of every key whose anchor matches and that continues after it.
    pub(super) fn takes_any_tail(&self) -> bool {
        if self.anchor == 0 {
            // It matches whole keys or nothing.
            return true;
        }
        match self.tail() {
            [] => true,
            [only] => match only.items.as_slice() {
                [Item::Part(part)] => part.rest && part.shape == Shape::Any,
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether the owner's folder has only one file by this layout, whose name is spelled out.
    pub(super) fn is_of_one_file(&self) -> bool {
        self.anchor > 0
            && self
                .tail()
                .iter()
                .all(|segment| segment.parts().next().is_none())
    }

    fn tail(&self) -> &[Segment] {
        self.template
            .segments
            .get(self.anchor..)
            .unwrap_or_default()
    }

    /// Whether it may match a key with this prefix, or read its owner.
    pub(super) fn may_begin(&self, beginning: &str) -> bool {
        let (segments, is_open) = match &self.owner {
            OwnerSource::Part(_) => (self.anchor(), true),
            OwnerSource::Registry | OwnerSource::Metadata(_) => {
                (self.template.segments.as_slice(), false)
            }
        };
        let Some((folders, _)) = beginning.rsplit_once('/') else {
            return true;
        };
        let mut segments = segments.iter();
        for folder in folders.split('/') {
            match segments.next() {
                Some(segment) if segment.parts().any(|part| part.rest) => return true,
                Some(segment) if segment.matches(folder) => {}
                Some(_) => return false,
                None => return is_open,
            }
        }
        true
    }

    /// Reads a key: by the anchor if keys name the owner, otherwise as a whole.
    pub(super) fn reading<'k>(&self, key: &'k str) -> Option<Reading<'k>> {
        let OwnerSource::Part(owner_part) = &self.owner else {
            return read_all(self.tail(), key, &mut |_, _| {}).then_some(Reading {
                owner: None,
                complete: true,
            });
        };
        let mut owner = None;
        let tail = read_folders(self.anchor(), key, &mut |part, value| {
            if part.name == *owner_part {
                owner = Some(value);
            }
        })?;
        let anchor = key.strip_suffix(tail)?;
        Some(Reading {
            owner: owner.map(|owner| (owner, anchor)),
            complete: read_all(self.tail(), tail, &mut |_, _| {}),
        })
    }
}

fn anchor_length(template: &Template, owner: &str) -> Result<usize, String> {
    let names = || {
        let names: Vec<String> = template.parts().map(|p| format!("{:?}", p.name)).collect();
        names.join(", ")
    };
    let at = template
        .segments
        .iter()
        .position(|segment| segment.has_part(owner))
        .ok_or_else(|| match names() {
            names if names.is_empty() => {
                format!("owner = {owner:?} is no part of the key template, which has none")
            }
            names => {
                format!("owner = {owner:?} is no part of the key template; expected one of {names}")
            }
        })?;
    if at + 1 == template.segments.len() {
        // Without the slash, the prefix of `user-1` would also be a prefix of `user-10`.
        return Err(format!(
            "the owner {{{owner}}} stands in the object's own name; expected it in a folder, with a '/' after it"
        ));
    }
    Ok(at + 1)
}
