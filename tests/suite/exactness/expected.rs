//! What has to be found in a world: from its own data, the slow and plain way.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{DateTime, Duration, Utc};
use s3warden::facade::domain::BucketName;
use s3warden::facade::domain::blueprint::{Blueprint, BucketBlueprint, Location};
use s3warden::facade::domain::registry::likeness::core;
use s3warden::facade::sandbox::world::{SeedKind, World, WorldBucket};

/// Kind, bucket, key.
pub type Found = (String, String, String);

/// Younger things are nobody's orphans.
const MIN_AGE: i64 = 48;

/// An object: its bucket and key.
type Place = (String, String);

#[derive(PartialEq, Clone, Copy)]
enum Standing {
    Alive,
    Alike,
    Gone,
}

struct Plain<'w> {
    blueprint: &'w Blueprint,
    /// Current objects and when they were written.
    current: BTreeMap<Place, DateTime<Utc>>,
    /// What is made from what, of current objects.
    sources: BTreeMap<Place, Vec<Place>>,
    owners: BTreeSet<&'w str>,
    owners_alike: BTreeSet<String>,
    /// Keys of records, and whose they are.
    records: BTreeMap<&'w str, Option<&'w str>>,
    records_alike: BTreeSet<String>,
    now: DateTime<Utc>,
}

/// Everything that has to be found.
pub fn of(world: &World, blueprint: &Blueprint) -> BTreeSet<Found> {
    let plain = Plain::new(world, blueprint);
    let mut found: BTreeSet<Found> = BTreeSet::new();
    let mut add = |kind: &str, (bucket, key): &Place| {
        found.insert((kind.to_owned(), bucket.clone(), key.clone()));
    };
    let judged: Vec<&WorldBucket> = world
        .buckets
        .iter()
        .filter(|bucket| {
            plain
                .rules(&bucket.name)
                .is_some_and(|r| !r.layouts.is_empty())
        })
        .collect();
    for place in plain.current.keys() {
        if judged.iter().any(|bucket| bucket.name == place.0)
            && let Some(kind) = plain
                .of_object(place)
                .or_else(|| plain.without_derived(place))
        {
            add(kind, place);
        }
    }
    for bucket in &judged {
        for of_key in bucket.versions.chunk_by(|a, b| a.key == b.key) {
            let newest = of_key.last().unwrap();
            if newest.kind == SeedKind::DeleteMarker && plain.is_old(newest.last_modified) {
                add("versions-only", &(bucket.name.clone(), newest.key.clone()));
            }
        }
        for upload in &bucket.uploads {
            // QuikApp's blueprint lets an upload take a day, the others say nothing: a week.
            let days = if world.name == "quikapp" { 2 } else { 7 };
            if plain.now - upload.initiated > Duration::days(days) {
                add(
                    "upload-abandoned",
                    &(bucket.name.clone(), upload.key.clone()),
                );
            }
        }
    }
    for key in plain.records.keys() {
        let is_there = plain.current.keys().any(|(_, there)| there == key);
        let home = judged.iter().find(|bucket| {
            let rules = plain.rules(&bucket.name).unwrap();
            rules.locate(key) != Location::Unreadable
        });
        if let Some(home) = home.filter(|_| !is_there) {
            add("dangling", &(home.name.clone(), (*key).to_owned()));
        }
    }
    found
}

impl<'w> Plain<'w> {
    fn new(world: &'w World, blueprint: &'w Blueprint) -> Self {
        let mut current = BTreeMap::new();
        for bucket in &world.buckets {
            for of_key in bucket.versions.chunk_by(|a, b| a.key == b.key) {
                let newest = of_key.last().unwrap();
                if newest.kind != SeedKind::DeleteMarker {
                    let place = (bucket.name.clone(), newest.key.clone());
                    current.insert(place, newest.last_modified);
                }
            }
        }
        let mut sources: BTreeMap<Place, Vec<Place>> = BTreeMap::new();
        for place in current.keys() {
            for made in made_from(blueprint, place) {
                sources.entry(made).or_default().push(place.clone());
            }
        }
        let owners: BTreeSet<&str> = world.registry.owners.iter().map(String::as_str).collect();
        let mut records = BTreeMap::new();
        for record in &world.registry.records {
            for key in record.key.iter().chain(&record.derived) {
                records.insert(key.as_str(), record.owner.as_deref());
            }
        }
        let cores = |texts: &mut dyn Iterator<Item = &&'w str>| -> BTreeSet<String> {
            texts.map(|text| core(text).into_owned()).collect()
        };
        Self {
            blueprint,
            owners_alike: cores(&mut owners.iter()),
            records_alike: cores(&mut records.keys()),
            current,
            sources,
            owners,
            records,
            now: Utc::now(),
        }
    }

    fn rules(&self, bucket: &str) -> Option<&BucketBlueprint> {
        self.blueprint.bucket(&BucketName::new(bucket).unwrap())
    }

    fn is_old(&self, written: DateTime<Utc>) -> bool {
        self.now - written > Duration::hours(MIN_AGE)
    }

    fn owner(&self, id: &str) -> Standing {
        if self.owners.contains(id) {
            Standing::Alive
        } else if self.owners_alike.contains(&*core(id)) {
            Standing::Alike
        } else {
            Standing::Gone
        }
    }

    fn record(&self, key: &str) -> Standing {
        if self.records.contains_key(key) {
            Standing::Alive
        } else if self.records_alike.contains(&*core(key)) {
            Standing::Alike
        } else {
            Standing::Gone
        }
    }

    /// What it was made from, and what that was made from.
    fn roots(&self, place: &Place) -> Vec<Place> {
        let mut all = Vec::new();
        for source in self.sources.get(place).into_iter().flatten() {
            all.extend(self.roots(source));
            all.push(source.clone());
        }
        all
    }

    /// Whose it says that it is.
    fn owner_of(&self, (bucket, key): &Place) -> Option<String> {
        match self.rules(bucket)?.locate(key) {
            Location::Owned { owner, .. } => Some(owner.as_str().to_owned()),
            Location::Unnamed { .. } => self.records.get(key.as_str())?.map(str::to_owned),
            Location::Unreadable => None,
        }
    }

    fn of_object(&self, place: &Place) -> Option<&'static str> {
        let (bucket, key) = place;
        let rules = self.rules(bucket)?;
        let is_whole = match rules.locate(key) {
            // What the application made of something is explained by that.
            Location::Unreadable if self.sources.contains_key(place) => true,
            Location::Unreadable => return Some("unreadable"),
            Location::Owned { tail_parses, .. } => tail_parses,
            Location::Unnamed { .. } => true,
        };
        if !self.is_old(self.current[place]) {
            return None;
        }
        let roots = self.roots(place);
        let owners: Vec<String> = roots
            .iter()
            .chain([place])
            .filter_map(|place| self.owner_of(place))
            .collect();
        let standings: Vec<Standing> = owners.iter().map(|owner| self.owner(owner)).collect();
        if !standings.is_empty() && !standings.contains(&Standing::Alive) {
            let is_alike = standings.contains(&Standing::Alike);
            return Some(if is_alike { "suspect" } else { "owner-gone" });
        }
        if !is_whole {
            return None;
        }
        let record = self.record(key);
        if !roots.is_empty() {
            let of_roots: Vec<Standing> = roots.iter().map(|(_, key)| self.record(key)).collect();
            let is_young = roots.iter().any(|root| !self.is_old(self.current[root]));
            if record == Standing::Alive || is_young || of_roots.contains(&Standing::Alive) {
                return None;
            }
            let is_alike = record == Standing::Alike || of_roots.contains(&Standing::Alike);
            return Some(if is_alike { "suspect" } else { "record-gone" });
        }
        match (record, looks_derived(place)) {
            (Standing::Alike, _) | (Standing::Alive, true) => Some("suspect"),
            (Standing::Gone, true) => Some("source-gone"),
            (Standing::Gone, false) => Some("record-gone"),
            (Standing::Alive, false) => None,
        }
    }

    /// A source that the application's trigger looks at, without all that should have been made from it.
    fn without_derived(&self, place: &Place) -> Option<&'static str> {
        let (bucket, key) = place;
        let written = self.current[place];
        let age = self.now - written;
        let is_triggered = match bucket.as_str() {
            "pilotforce-user-uploads" => {
                // In whatever directory: the trigger is meant for them all, and hears of `uploads/` alone.
                Path::new(key).extension() == Some("jpg".as_ref())
            }
            "quikapp-media-prod" => match self.rules(bucket)?.locate(key) {
                // Thumbnails expire after a week.
                Location::Unnamed { layout } => {
                    matches!(layout, "photos" | "dm-photos") && age < Duration::days(7)
                }
                _ => false,
            },
            _ => false,
        };
        if !is_triggered
            || !self.is_old(written)
            || self.sources.contains_key(place)
            || looks_derived(place)
        {
            return None;
        }
        let made = made_from(self.blueprint, place);
        let missing = made.iter().any(|made| !self.current.contains_key(made));
        missing.then_some("derived-missing")
    }
}

/// What the application makes from an object; what overwrites its source is its source.
fn made_from(blueprint: &Blueprint, place: &Place) -> Vec<Place> {
    let (bucket, key) = place;
    let Some(rules) = blueprint.bucket(&BucketName::new(bucket.as_str()).unwrap()) else {
        return Vec::new();
    };
    let made = rules.derived_of(key).into_iter();
    made.map(|made| (made.bucket.to_string(), made.key))
        .filter(|made| made != place)
        .collect()
}

/// Whether a person would take it for a thumbnail.
fn looks_derived((bucket, key): &Place) -> bool {
    match bucket.as_str() {
        "pilotforce-user-uploads" => key.contains("-thumbnail."),
        "quikapp-thumbnails-prod" => key.contains("/thumbnails/"),
        _ => false,
    }
}
