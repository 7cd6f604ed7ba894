//! All five worlds: every bucket with orphans.

use std::collections::{BTreeMap, BTreeSet};

use s3warden::facade::sandbox::world::World;
use serde_json::Value;

use super::snapshot::{self, Snapshot};
use crate::cli::support::{Endpoint, Program, Ran};
use crate::exactness;

/// The worlds have far more orphans than a gate lets through.
const GATES: [&str; 6] = [
    "--max-share",
    "100",
    "--min-explained",
    "0",
    "--max-registry-loss",
    "100",
];

struct Scene {
    name: &'static str,
    endpoint: Endpoint,
    program: Program,
    /// Whether restores are looked at before they are made, too: in one of the worlds, the smallest.
    looks_first: bool,
}

impl Scene {
    fn of(name: &'static str) -> Self {
        let endpoint = Endpoint::of_world(name);
        let program = endpoint.program();
        let world = World::builtin(name).unwrap();
        exactness::blueprint(&world, program.home.path());
        Self {
            name,
            endpoint,
            program,
            looks_first: name == "game",
        }
    }

    fn run(&self, bucket: &str, more: &[&str]) -> Ran {
        let fixed = [
            "orphans",
            bucket,
            "--blueprint",
            "blueprint.toml",
            "--format",
            "json",
        ];
        self.program.run(&[&fixed[..], &GATES[..], more].concat())
    }

    /// Kinds and keys that are orphans, by bucket.
    fn orphans(&self) -> BTreeMap<String, BTreeSet<(String, String)>> {
        let fixed = [
            "orphans",
            "--blueprint",
            "blueprint.toml",
            "--format",
            "json",
        ];
        let document = self.program.run(&[&fixed[..], &GATES[..]].concat()).json(3);
        let mut buckets: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
        for item in document["items"].as_array().unwrap() {
            let text = |name: &str| item[name].as_str().unwrap().to_owned();
            buckets
                .entry(text("bucket"))
                .or_default()
                .insert((text("kind"), text("key")));
        }
        buckets
    }

    /// Plans, types what the plan asks for, and gives what came of it; nothing where there is nothing to act on.
    fn act(&self, bucket: &str, more: &[&str]) -> Option<Value> {
        let before = self.snapshot();
        let planned = self.run(bucket, more).json(0);
        assert_eq!(self.snapshot(), before, "a dry run changed something");
        if planned["summary"]["planned"] == 0 {
            return None;
        }
        let typed = planned["summary"]["confirm"].as_str().unwrap();
        Some(self.confirmed(bucket, more, typed))
    }

    fn confirmed(&self, bucket: &str, more: &[&str], typed: &str) -> Value {
        let confirmed = [more, &["--write", "--confirm", typed]].concat();
        let ran = self.run(bucket, &confirmed);
        assert!(matches!(ran.status, 0 | 3), "{ran:#?}");
        serde_json::from_str(&ran.out).unwrap()
    }

    /// Brings back what was put aside a moment ago. What has to be typed is known; each object would be asked for its tags
    /// to be told so.
    fn restore(&self, bucket: &str, objects: usize, more: &[&str]) -> Value {
        let more = [&["--act", "restore"], more].concat();
        if self.looks_first {
            self.act(bucket, &more).unwrap()
        } else {
            self.confirmed(bucket, &more, &format!("{bucket}:{objects}"))
        }
    }

    fn snapshot(&self) -> Snapshot {
        snapshot::of(&self.endpoint.sandbox)
    }
}

/// The keys of which something was done.
fn keys_with(acted: &Value, outcome: &str) -> BTreeSet<String> {
    let items = acted["items"].as_array().unwrap().iter();
    items
        .filter(|item| item["outcome"] == outcome)
        .map(|item| item["key"].as_str().unwrap().to_owned())
        .collect()
}

fn has_current(kind: &str) -> bool {
    matches!(kind, "owner-gone" | "record-gone" | "source-gone")
}

/// Both ways in one world after the other: the first leaves everything as it was, which is seen before the second.
fn a_quarantine_and_its_restore_leave_it_as_it_was(world: &'static str) {
    let scene = Scene::of(world);
    let orphans = scene.orphans();
    let before = scene.snapshot();
    for (bucket, orphans) in &orphans {
        by_tag(&scene, bucket, orphans, &before);
    }
    for bucket in orphans.keys() {
        by_copy(&scene, bucket, &before);
    }
}

fn by_tag(scene: &Scene, bucket: &str, orphans: &BTreeSet<(String, String)>, before: &Snapshot) {
    let world = scene.name;
    let expected: BTreeSet<String> = orphans
        .iter()
        .filter(|(kind, _)| has_current(kind))
        .map(|(_, key)| key.clone())
        .collect();
    let acted = scene.act(bucket, &["--act", "quarantine", "--expire-after", "30"]);
    let Some(acted) = acted else {
        assert_eq!(expected, BTreeSet::new(), "{world} {bucket}");
        return;
    };
    let done = keys_with(&acted, "quarantined");
    assert_eq!(done, expected, "{world} {bucket}");
    let during = scene.snapshot();
    let tagged: BTreeSet<String> = snapshot::tagged(&during)
        .into_iter()
        .map(str::to_owned)
        .collect();
    assert_eq!(tagged, expected, "{world} {bucket}");
    // Nothing but the tag and the rule is another.
    for (place, thing) in before {
        let now = &during[place];
        if place.1.is_empty() {
            continue;
        }
        assert_eq!(
            (&now.written, &now.content),
            (&thing.written, &thing.content)
        );
        assert!(now.tags.starts_with(&thing.tags), "{place:?}");
    }
    let back = scene.restore(bucket, expected.len(), &[]);
    assert_eq!(keys_with(&back, "restored"), expected, "{world} {bucket}");
    assert_eq!(scene.snapshot(), *before, "{world} {bucket}");
}

fn by_copy(scene: &Scene, bucket: &str, before: &Snapshot) {
    let world = scene.name;
    let Some(acted) = scene.act(bucket, &["--act", "quarantine", "--by", "copy"]) else {
        return;
    };
    let done = keys_with(&acted, "quarantined");
    let during = scene.snapshot();
    let keys: BTreeSet<String> = snapshot::keys(&during, bucket).into_iter().collect();
    for key in &done {
        assert!(!keys.contains(key), "{world} {key}");
        assert!(
            keys.contains(&format!("s3warden-quarantine/{key}")),
            "{world} {key}"
        );
    }
    if done.is_empty() {
        return;
    }
    let back = scene.restore(bucket, done.len(), &["--by", "copy"]);
    assert_eq!(
        keys_with(&back, "restored").len(),
        done.len(),
        "{world} {back:#}"
    );
    let after = scene.snapshot();
    assert_eq!(
        snapshot::without_versions(&after),
        snapshot::without_versions(before),
        "{world} {bucket}"
    );
}

fn deleting_takes_every_version_of_what_is_an_orphan_and_nothing_else(world: &'static str) {
    let scene = Scene::of(world);
    for (bucket, orphans) in scene.orphans() {
        let before = scene.snapshot();
        let acted = scene.act(
            &bucket,
            &[
                "--act",
                "delete",
                "--kind",
                "owner-gone,record-gone,source-gone,upload-abandoned,versions-only",
            ],
        );
        let Some(acted) = acted else { continue };
        // What something was made from stays until that is gone from its own bucket, and that is said.
        let left_out = acted["summary"]["left_out"].as_array().into_iter();
        let left_out: BTreeSet<&str> = left_out
            .flatten()
            .filter_map(|left| left["key"].as_str())
            .collect();
        let whole: BTreeSet<&str> = orphans
            .iter()
            .filter(|(kind, _)| has_current(kind) || kind == "versions-only")
            .map(|(_, key)| key.as_str())
            .filter(|key| !left_out.contains(key))
            .collect();
        let uploads: BTreeSet<&str> = orphans
            .iter()
            .filter(|(kind, _)| kind == "upload-abandoned")
            .map(|(_, key)| key.as_str())
            .collect();
        let stays = |place: &snapshot::Place, thing: &snapshot::Thing| {
            let is_upload = thing.content == "upload";
            let key = place.1.as_str();
            place.0 != bucket
                || !(if is_upload {
                    uploads.contains(key)
                } else {
                    whole.contains(key)
                })
        };
        let mut expected = before.clone();
        expected.retain(|place, thing| stays(place, thing));
        let retained = keys_with(&acted, "retained");
        let mut after = scene.snapshot();
        // What is locked stays, and is told.
        after.retain(|place, thing| stays(place, thing) || !retained.contains(&place.1));
        let differs = |one: &snapshot::Snapshot, other: &snapshot::Snapshot| -> Vec<String> {
            let lacking = one.keys().filter(|place| !other.contains_key(*place));
            lacking.map(|place| format!("{place:?}")).collect()
        };
        assert_eq!(
            differs(&after, &expected),
            [""; 0],
            "{world} {bucket}: left"
        );
        assert_eq!(
            differs(&expected, &after),
            [""; 0],
            "{world} {bucket}: taken"
        );
        assert_eq!(after, expected, "{world} {bucket}");
    }
}

/// One test a world and act, so that they run side by side.
macro_rules! worlds {
    ($($world:ident),*) => {$(
        mod $world {
            #[test]
            fn a_quarantine_and_its_restore_leave_it_as_it_was_but_for_versions_and_times_of_copies() {
                super::a_quarantine_and_its_restore_leave_it_as_it_was(stringify!($world));
            }

            #[test]
            fn deleting_takes_every_version_of_what_is_an_orphan_and_nothing_else() {
                super::deleting_takes_every_version_of_what_is_an_orphan_and_nothing_else(stringify!($world));
            }
        }
    )*};
}

worlds!(game, infinite, leadfactory, pilotforce, quikapp);
