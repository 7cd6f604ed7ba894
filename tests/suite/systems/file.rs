//! A system as its file has it.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

/// An application, what lies in its buckets, and whose each thing is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct System {
    /// The file's name without its end.
    #[serde(skip)]
    pub name: String,
    /// What it is about, for whoever reads the file.
    #[serde(rename = "about")]
    _about: String,
    /// The rules, as TOML.
    pub blueprint: String,
    /// Files that the rules name, by name: lists of who and what is alive. They are written after everything else.
    #[serde(default)]
    pub lists: BTreeMap<String, String>,
    /// Servers that cannot hold it, and why.
    #[serde(default)]
    pub unfit: BTreeMap<String, String>,
    #[serde(rename = "bucket")]
    pub buckets: Vec<Bucket>,
    #[serde(rename = "thing")]
    pub things: Vec<Thing>,
    #[serde(rename = "purge", default)]
    pub purges: Vec<Purge>,
    pub orphans: Option<Orphans>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    pub name: String,
    #[serde(default)]
    pub versioning: Versioning,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Versioning {
    #[default]
    Off,
    Enabled,
    /// Enabled while the things with a number of versions are written, suspended before the last version of each.
    Suspended,
}

/// Something in a bucket.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thing {
    /// Bucket and key, with a `/` between them.
    #[serde(rename = "at")]
    pub place: String,
    /// Whose it is by the truth; nothing where it is nobody's.
    pub of: Option<String>,
    #[serde(default)]
    pub state: State,
    /// How many versions of it were written, one after the other.
    #[serde(default = "one")]
    pub versions: usize,
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// The kind of verdict that it should get from `orphans`; nothing where it should get none.
    pub orphan: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// There.
    #[default]
    Current,
    /// Deleted without a version id: behind a marker where versions are kept.
    Hidden,
    /// An upload that was begun.
    Upload,
    /// Not there any more, without a trace: in the file to explain what is left of it.
    Gone,
}

/// A user who is purged.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purge {
    pub user: String,
    /// How it ends, and the dry run before it.
    #[serde(default)]
    pub status: i32,
    /// Things of the user that are left, each as bucket and key, because nobody can tell that they are the user's.
    #[serde(default)]
    pub leaves: Vec<String>,
    /// What has to be said.
    #[serde(default)]
    pub says: Vec<String>,
}

/// What a search for orphans is to find, beside what the things say.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Orphans {
    /// More options.
    #[serde(default)]
    pub args: Vec<String>,
    pub status: i32,
    /// Items that are about nothing that is there: records without an object.
    #[serde(default)]
    pub also: Vec<(String, String)>,
    /// Buckets whose orphans are deleted afterwards, in this order.
    #[serde(default)]
    pub delete: Vec<String>,
    /// Orphans that are left there all the same.
    #[serde(default)]
    pub leaves: Vec<String>,
}

fn one() -> usize {
    1
}

impl System {
    /// All of them, by name.
    pub fn all() -> Vec<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/systems");
        let entries = std::fs::read_dir(&folder).unwrap();
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths.iter().map(|path| Self::read(path)).collect()
    }

    fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        let system: Self =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        for thing in &system.things {
            let known = system.buckets.iter().any(|one| one.name == thing.bucket());
            assert!(known, "{name}: no bucket for {}", thing.place);
        }
        Self { name, ..system }
    }

    /// Whose the things at a place are, by the truth.
    pub fn owner_of(&self, place: &str) -> Option<&str> {
        let mut things = self.things.iter();
        let thing = things.find(|thing| thing.place == place);
        let thing = thing.unwrap_or_else(|| panic!("{}: nobody put {place} there", self.name));
        thing.of.as_deref()
    }
}

impl Thing {
    pub fn bucket(&self) -> &str {
        self.place.split_once('/').unwrap().0
    }

    pub fn key(&self) -> &str {
        self.place.split_once('/').unwrap().1
    }
}
