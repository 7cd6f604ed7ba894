//! Makes keys of test objects from the blueprint's layouts, so that policies, rules and triggers apply as to real
//! objects.
//!
//! The owner is `s3warden-smoke-RUN`. If keys do not name the owner, another free part contains the run, and
//! [`KeyMaker::words`] says which. Every key of a run starts with its [`KeyMaker::prefix`], and every key of any run
//! with [`KeyMaker::search_prefix`].

use std::sync::atomic::{AtomicU32, Ordering};

use crate::domain::ObjectKey;
use crate::domain::blueprint::{BucketBlueprint, Layout, OwnerSource, Part, Parts, Shape};

/// The start of the test owner; the run's name follows.
pub(super) const OWNER: &str = "s3warden-smoke-";

/// The value of free parts that do not contain the run.
const FILLER: &str = "s3warden-smoke";

/// Parts that may contain the run if the owner is not in the key, best first.
const CARRIERS: [&str; 6] = [
    "message",
    "conversation",
    "channel",
    "game",
    "workspace",
    "directory",
];

/// Makes keys of one layout for one run.
#[derive(Debug)]
pub(super) struct KeyMaker {
    layout: Option<Layout>,
    run: String,
    carrier: String,
    /// Values of free parts that were chosen deliberately.
    chosen: Parts,
    prefix: String,
    search_prefix: String,
    serial: AtomicU32,
}

impl KeyMaker {
    /// For the layout that can contain the owner. A bucket without layouts gets a folder of its own.
    pub(super) fn of_bucket(bucket: &BucketBlueprint, run: &str) -> Result<Self, String> {
        let owned = bucket
            .layouts
            .iter()
            .find(|layout| matches!(layout.owner(), OwnerSource::Part(_)));
        match owned.or(bucket.layouts.first()) {
            Some(layout) => Self::of_layout(bucket, layout, run),
            None => Ok(Self {
                layout: None,
                run: run.to_owned(),
                carrier: String::new(),
                chosen: Parts::new(),
                prefix: format!("{OWNER}{run}/"),
                search_prefix: OWNER.to_owned(),
                serial: AtomicU32::new(0),
            }),
        }
    }

    /// For a given layout.
    pub(super) fn of_layout(
        bucket: &BucketBlueprint,
        layout: &Layout,
        run: &str,
    ) -> Result<Self, String> {
        let carrier = carrier(layout).ok_or_else(|| {
            format!(
                "no part of the layout {:?} can carry the name of a test run",
                layout.id()
            )
        })?;
        let mut maker = Self {
            layout: Some(layout.clone()),
            run: run.to_owned(),
            carrier,
            chosen: chosen(bucket, layout),
            prefix: String::new(),
            search_prefix: String::new(),
            serial: AtomicU32::new(0),
        };
        let example = maker.key("x", "jpg")?;
        let (before, _) = example
            .as_str()
            .split_once(OWNER)
            .ok_or_else(|| format!("the key {} does not carry the run", example.as_str()))?;
        maker.search_prefix = format!("{before}{OWNER}");
        maker.prefix = format!("{}{run}/", maker.search_prefix);
        if !example.as_str().starts_with(&maker.prefix) {
            return Err(format!(
                "the key {} carries the run in no folder",
                example.as_str()
            ));
        }
        Ok(maker)
    }

    /// The prefix of all keys of this run.
    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The prefix of all keys of all runs.
    pub(super) fn search_prefix(&self) -> &str {
        &self.search_prefix
    }

    /// Describes how the keys are made.
    pub(super) fn words(&self) -> String {
        let Some(layout) = &self.layout else {
            return format!(
                "no layout is known for this bucket: test objects are below {}",
                self.prefix
            );
        };
        let template = layout.template().as_str();
        match layout.owner() {
            OwnerSource::Part(_) => format!(
                "test objects follow {template}, with the owner {OWNER}{}",
                self.run
            ),
            OwnerSource::Registry | OwnerSource::Metadata(_) => format!(
                "test objects follow {template}, whose keys do not name the owner: {{{}}} is {OWNER}{} instead",
                self.carrier, self.run
            ),
        }
    }

    /// A new key. It contains `stem` and `extension` if the layout has room for them.
    pub(super) fn key(&self, stem: &str, extension: &str) -> Result<ObjectKey, String> {
        self.key_of(&self.run, stem, extension)
    }

    /// A new key of another test owner of the same run: the run's name plus `-other`.
    pub(super) fn foreign_key(&self, stem: &str, extension: &str) -> Result<ObjectKey, String> {
        self.key_of(&format!("{}-other", self.run), stem, extension)
    }

    /// The prefix of the keys from [`KeyMaker::foreign_key`].
    pub(super) fn foreign_prefix(&self) -> String {
        format!("{}{}-other/", self.search_prefix, self.run)
    }

    fn key_of(&self, run: &str, stem: &str, extension: &str) -> Result<ObjectKey, String> {
        let serial = self.serial.fetch_add(1, Ordering::Relaxed);
        let file = format!("{stem}-{serial}.{extension}");
        let text = match &self.layout {
            None => format!("{OWNER}{run}/{file}"),
            Some(layout) => {
                let last = layout
                    .template()
                    .parts()
                    .last()
                    .map(|part| part.name.clone());
                let mut parts = Parts::new();
                for part in layout.template().parts() {
                    let value = if part.name == self.carrier {
                        format!("{OWNER}{run}")
                    } else if let Some(chosen) = self.chosen.get(&part.name) {
                        chosen.clone()
                    } else {
                        value(part, last.as_ref() == Some(&part.name), &file, extension)?
                    };
                    parts.insert(part.name.clone(), value);
                }
                layout.format(&parts).map_err(|error| error.to_string())?
            }
        };
        ObjectKey::new(text).map_err(|error| error.to_string())
    }
}

/// The part that contains the run: the owner's if the key names one.
fn carrier(layout: &Layout) -> Option<String> {
    if let OwnerSource::Part(part) = layout.owner() {
        return Some(part.clone());
    }
    let free: Vec<&str> = layout
        .template()
        .parts()
        .filter(|part| part.admits(&format!("{OWNER}0")))
        .map(|part| part.name.as_str())
        .collect();
    let known = CARRIERS.iter().find(|name| free.contains(name));
    Some((*known?).to_owned())
}

/// Chooses a value for a free first folder from the prefixes of the bucket's rules: a key below `uploads/` activates
/// the trigger for `uploads/`. A rule that names other layouts does not apply to this one.
fn chosen(bucket: &BucketBlueprint, layout: &Layout) -> Parts {
    let first = layout.template().parts().next();
    let Some(first) = first.filter(|part| {
        layout
            .template()
            .as_str()
            .starts_with(&format!("{{{}}}/", part.name))
    }) else {
        return Parts::new();
    };
    let notified = bucket.expect.notification.iter().flatten();
    let notified = notified
        .filter(|rule| {
            rule.layouts.is_empty() || rule.layouts.iter().any(|named| named == layout.id())
        })
        .map(|rule| &rule.prefix);
    let mut folders = notified.filter_map(|prefix| prefix.strip_suffix('/'));
    // A folder of all keys of the layout is not the first one, whatever the rule's prefix is.
    let is_elsewhere = |folder: &str| {
        let template = layout.template().as_str();
        template.contains(&format!("/{folder}/"))
    };
    folders
        .find(|folder| !folder.is_empty() && first.admits(folder) && !is_elsewhere(folder))
        .map(|folder| Parts::from([(first.name.clone(), folder.to_owned())]))
        .unwrap_or_default()
}

fn value(part: &Part, is_last: bool, file: &str, extension: &str) -> Result<String, String> {
    let admitted = |value: String| part.admits(&value).then_some(value);
    let made = match &part.shape {
        Shape::Uuid => Some(uuid()),
        Shape::Hex => Some(hex(16)),
        Shape::Digits => Some(fastrand::u32(1..).to_string()),
        Shape::OneOf(values) => values
            .iter()
            .find(|value| *value == extension)
            .or(values.first())
            .cloned(),
        Shape::Any | Shape::NoneOf(_) | Shape::Pattern(_) => {
            let wish = match part.name.as_str() {
                "ext" | "extension" => extension.to_owned(),
                "file" | "filename" | "name" => file.to_owned(),
                _ if is_last => file.to_owned(),
                _ => FILLER.to_owned(),
            };
            admitted(wish).or_else(|| part.shape.example())
        }
    };
    made.and_then(admitted).ok_or_else(|| {
        format!(
            "no value could be made up for {{{}}}, which has to be {}",
            part.name, part.shape
        )
    })
}

/// A new run name: 8 hexadecimal digits.
pub(super) fn new_run() -> String {
    hex(8)
}

fn hex(digits: usize) -> String {
    let mut text = format!("{:016x}", fastrand::u64(..));
    text.truncate(digits);
    text
}

fn uuid() -> String {
    let (a, b) = (fastrand::u64(..), fastrand::u64(..));
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        a >> 32,
        a >> 16 & 0xffff,
        a & 0xfff,
        (b >> 48 & 0x3fff) | 0x8000,
        b & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::BucketName;
    use crate::domain::blueprint::{Blueprint, Location};

    fn bucket(name: &str) -> BucketBlueprint {
        let name = BucketName::new(name).unwrap();
        Blueprint::for_bucket(&name)
            .unwrap()
            .bucket(&name)
            .unwrap()
            .clone()
    }

    #[test]
    fn a_key_is_the_test_owners_by_the_blueprint_itself() {
        for name in [
            "elimination-profile-pictures",
            "elimination-verifications",
            "infinite-images",
            "pilotforce-user-uploads",
            "quikapp-media-prod",
            "leadshop-assets",
        ] {
            let bucket = bucket(name);
            let maker = KeyMaker::of_bucket(&bucket, "0a1b2c3d").unwrap();
            let key = maker.key("small", "jpg").unwrap();
            let Location::Owned {
                owner, tail_parses, ..
            } = bucket.locate(key.as_str())
            else {
                panic!("{name}: {key:?}");
            };
            assert_eq!(
                (owner.as_str(), tail_parses),
                ("s3warden-smoke-0a1b2c3d", true),
                "{key:?}"
            );
            assert!(key.as_str().starts_with(maker.prefix()), "{key:?}");
            assert_ne!(maker.key("small", "jpg").unwrap(), key);
            let other = maker.foreign_key("small", "jpg").unwrap();
            assert!(
                other.as_str().starts_with(&maker.foreign_prefix()),
                "{other:?}"
            );
            assert!(!other.as_str().starts_with(maker.prefix()), "{other:?}");
        }
    }

    #[test]
    fn a_key_is_where_the_triggers_look() {
        let maker = KeyMaker::of_bucket(&bucket("pilotforce-user-uploads"), "1").unwrap();
        assert_eq!(maker.prefix(), "uploads/s3warden-smoke-1/");
    }

    #[test]
    fn where_the_owner_is_not_in_the_key_the_message_carries_the_run_and_that_is_said() {
        let bucket = bucket("quikapp-media-prod");
        let photos = bucket.layout("photos").unwrap();
        let maker = KeyMaker::of_layout(&bucket, photos, "1").unwrap();
        let key = maker.key("small", "jpg").unwrap();
        assert!(
            key.as_str()
                .starts_with("s3warden-smoke/photos/s3warden-smoke/s3warden-smoke-1/"),
            "{key:?}"
        );
        assert!(key.as_str().ends_with(".jpg.enc"), "{key:?}");
        assert!(
            maker
                .words()
                .contains("{message} is s3warden-smoke-1 instead"),
            "{}",
            maker.words()
        );
    }

    #[test]
    fn a_bucket_that_nothing_is_known_of_gets_a_folder_of_its_own() {
        let bucket = BucketBlueprint::unknown(BucketName::new("some-bucket").unwrap());
        let maker = KeyMaker::of_bucket(&bucket, "1").unwrap();
        assert_eq!(
            maker.key("a", "jpg").unwrap().as_str(),
            "s3warden-smoke-1/a-0.jpg"
        );
    }
}
