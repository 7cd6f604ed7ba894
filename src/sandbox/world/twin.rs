//! A world that is another one with some things changed: `extends = "game"`.
//!
//! A twin names the base's buckets that differ. What it says of a bucket is added to what the base says; a document or a
//! versioning state takes the place of the base's. What shall not be there any more stands under `without`, by its key, id,
//! prefix or name; `a/*` is all that begins with `a/`. Seed, users and everything that is not named stay the base's, so that
//! made-up objects keep their keys.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::Versioning;
use super::file::{
    self, BucketFile, BulkFile, DerivedFile, LogsFile, ObjectFile, ReplicaFile, UploadFile,
    WorldFile,
};
use super::metrics::{AlarmFile, MetricFile};

type Wrong = (Range<usize>, String);

/// The shape of a twin's file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TwinFile {
    pub version: Spanned<i64>,
    name: String,
    /// Read before the rest: without it the file is a world of its own.
    #[serde(rename = "extends")]
    _extends: String,
    #[serde(default)]
    bucket: Vec<Spanned<BucketChanges>>,
    #[serde(default)]
    alarm: Vec<AlarmFile>,
    #[serde(default)]
    without: WithoutAlarms,
}

/// Alarms that the base has and the twin has not, by name.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WithoutAlarms {
    #[serde(default)]
    alarms: Vec<Spanned<String>>,
}

/// How a bucket differs from the base's.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BucketChanges {
    name: String,
    #[serde(default, deserialize_with = "versioning")]
    versioning: Option<Versioning>,
    suspended_days_ago: Option<f64>,
    #[serde(default)]
    configuration: BTreeMap<String, String>,
    #[serde(default)]
    configuration_lists: BTreeMap<String, BTreeMap<String, String>>,
    #[serde(default)]
    without: Without,
    #[serde(default)]
    object: Vec<Spanned<ObjectFile>>,
    #[serde(default)]
    upload: Vec<UploadFile>,
    #[serde(default)]
    bulk: Vec<Spanned<BulkFile>>,
    #[serde(default)]
    logs: Vec<Spanned<LogsFile>>,
    #[serde(default)]
    metrics: Vec<Spanned<MetricFile>>,
    #[serde(default)]
    derived: Vec<Spanned<DerivedFile>>,
    replica: Option<Spanned<ReplicaFile>>,
}

/// What the base has and the twin has not.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Without {
    /// Documents, by sub-resource.
    #[serde(default)]
    configuration: Vec<Spanned<String>>,
    /// Objects planted by hand, by key.
    #[serde(default)]
    objects: Vec<Spanned<String>>,
    /// Uploads, by key.
    #[serde(default)]
    uploads: Vec<Spanned<String>>,
    /// Made-up objects, by the section's id.
    #[serde(default)]
    bulk: Vec<Spanned<String>>,
    /// Access logs, by prefix.
    #[serde(default)]
    logs: Vec<Spanned<String>>,
    /// What was derived, by the source's bucket.
    #[serde(default)]
    derived: Vec<Spanned<String>>,
}

impl TwinFile {
    /// Makes the base the twin.
    ///
    /// # Errors
    /// A name that the base has not, and where it stands.
    pub(super) fn apply(self, base: &mut WorldFile) -> Result<(), Wrong> {
        base.name = self.name;
        for changes in self.bucket {
            let at = changes.span();
            let changes = changes.into_inner();
            let bucket = base
                .bucket
                .iter_mut()
                .find(|bucket| bucket.name == changes.name)
                .ok_or_else(|| (at, format!("{:?} is no bucket of the base", changes.name)))?;
            changes.apply(bucket)?;
        }
        leave_out(&mut base.alarm, &self.without.alarms, |alarm| &alarm.name)?;
        base.alarm.extend(self.alarm);
        Ok(())
    }
}

impl BucketChanges {
    fn apply(self, base: &mut BucketFile) -> Result<(), Wrong> {
        let without = &self.without;
        for sub_resource in &without.configuration {
            if base.configuration.remove(sub_resource.get_ref()).is_none() {
                return Err(nothing(sub_resource));
            }
        }
        leave_out(&mut base.object, &without.objects, |o| &o.get_ref().key)?;
        leave_out(&mut base.upload, &without.uploads, |upload| &upload.key)?;
        leave_out(&mut base.bulk, &without.bulk, |b| &b.get_ref().id)?;
        leave_out(&mut base.logs, &without.logs, |l| &l.get_ref().prefix)?;
        leave_out(&mut base.derived, &without.derived, |d| &d.get_ref().of)?;
        if let Some(versioning) = self.versioning {
            base.versioning = versioning;
            base.suspended_days_ago = self.suspended_days_ago;
        }
        base.configuration.extend(self.configuration);
        for (sub_resource, documents) in self.configuration_lists {
            let of = base.configuration_lists.entry(sub_resource).or_default();
            of.extend(documents);
        }
        base.object.extend(self.object);
        base.upload.extend(self.upload);
        base.bulk.extend(self.bulk);
        base.logs.extend(self.logs);
        base.metrics.extend(self.metrics);
        base.derived.extend(self.derived);
        base.replica = self.replica.or(base.replica.take());
        Ok(())
    }
}

/// Takes the named sections away. A name that names nothing is a mistake: the base has changed, or the name is misspelt.
fn leave_out<T>(
    sections: &mut Vec<T>,
    names: &[Spanned<String>],
    name_of: impl Fn(&T) -> &String,
) -> Result<(), Wrong> {
    for name in names {
        let before = sections.len();
        sections.retain(|section| !is_named(name.get_ref(), name_of(section)));
        if sections.len() == before {
            return Err(nothing(name));
        }
    }
    Ok(())
}

fn is_named(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

fn nothing(name: &Spanned<String>) -> Wrong {
    let message = format!("the base has nothing called {:?}", name.get_ref());
    (name.span(), message)
}

fn versioning<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Versioning>, D::Error> {
    file::versioning(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use crate::sandbox::world::{Versioning, World, WorldBucket};

    fn twin(changes: &str) -> World {
        let text = format!("version = 1\nname = \"twin\"\nextends = \"infinite\"\n{changes}");
        World::parse("twin.toml", &text).unwrap_or_else(|error| panic!("{error}"))
    }

    fn images(world: &World) -> &WorldBucket {
        &world.buckets[0]
    }

    #[test]
    fn a_twin_that_changes_nothing_holds_the_keys_of_its_base() {
        let keys = |world: &World| -> Vec<String> {
            let versions = world.buckets.iter().flat_map(|bucket| &bucket.versions);
            versions.map(|version| version.key.clone()).collect()
        };
        let (twin, base) = (twin(""), World::builtin("infinite").unwrap());
        assert_eq!(twin.name, "twin");
        assert_eq!(keys(&twin), keys(&base));
    }

    #[test]
    fn what_a_twin_says_takes_the_place_of_the_bases_and_the_rest_stays() {
        let twin = twin(
            "[[bucket]]\nname = \"infinite-images\"\nversioning = \"off\"\n\
             without = { objects = [\"users/*\", \"README.txt\"], bulk = [\"images\"], configuration = [\"policy\"] }\n\
             [bucket.configuration]\ncors = \"<mine/>\"\n\
             [[bucket.object]]\nkey = \"mine\"\nversions = [{ days_ago = 1 }]\n",
        );
        let images = images(&twin);
        let keys: Vec<&str> = images.versions.iter().map(|v| v.key.as_str()).collect();
        assert_eq!(keys, ["../x", "mine"]);
        assert_eq!(images.versioning, Versioning::Off);
        assert_eq!(images.configuration["cors"], "<mine/>");
        assert!(!images.configuration.contains_key("policy"));
        let base = World::builtin("infinite").unwrap();
        let before = &base.buckets[0];
        assert_eq!(
            images.configuration["lifecycle"],
            before.configuration["lifecycle"]
        );
        assert_eq!(images.uploads.len(), before.uploads.len());
    }

    #[test]
    fn a_wrong_twin_is_answered_with_the_line_of_its_own_file() {
        let bucket = "[[bucket]]\nname = \"infinite-images\"\n";
        for (changes, line, words) in [
            ("colour = 1", 4, "unknown field `colour`"),
            ("seed = 5", 4, "unknown field `seed`"),
            (
                "[[bucket]]\nname = \"elsewhere\"",
                4,
                "no bucket of the base",
            ),
            (
                &format!("{bucket}without = {{ objects = [\"nowhere/*\"] }}"),
                6,
                "\"nowhere/*\"",
            ),
            (
                &format!("{bucket}without = {{ bulk = [\"image\"] }}"),
                6,
                "\"image\"",
            ),
            (
                &format!("{bucket}without = {{ configuration = [\"website\"] }}"),
                6,
                "\"website\"",
            ),
            ("[without]\nalarms = [\"loud\"]", 5, "\"loud\""),
            (
                &format!("{bucket}[[bucket.object]]\nkey = \"\"\nversions = [{{ days_ago = 1 }}]"),
                6,
                "1 to 1,024",
            ),
        ] {
            let text = format!("version = 1\nname = \"t\"\nextends = \"infinite\"\n{changes}");
            let error = World::parse("t.toml", &text).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("t.toml, line {line}: ")) && error.contains(words),
                "{changes}\n{error}"
            );
        }
    }

    #[test]
    fn what_a_change_breaks_in_the_base_is_told_with_the_line_of_the_base() {
        // The base plants markers, which a bucket without versions cannot have.
        let text = "version = 1\nname = \"t\"\nextends = \"infinite\"\n[[bucket]]\nname = \"infinite-images\"\nversioning = \"off\"";
        let error = World::parse("t.toml", text).unwrap_err().to_string();
        assert!(error.starts_with("infinite, line "), "{error}");
        assert!(error.contains("without versioning"), "{error}");
    }

    #[test]
    fn a_base_that_there_is_not_is_answered_with_those_that_are() {
        let text = "version = 1\nname = \"t\"\nextends = \"nowhere\"";
        let error = World::parse("t.toml", text).unwrap_err().to_string();
        assert!(
            error.contains("\"nowhere\"") && error.contains("game, "),
            "{error}"
        );
    }
}
