//! From a file to a world.

use std::ops::Range;

use chrono::{DateTime, Utc};
use hyper::body::Bytes;

use super::file::{BucketFile, LogsFile, ObjectFile, OwnersFile, StretchFile, VersionFile};
use super::metrics::{self, WorldMetrics};
use super::rng::{Rng, days_before};
use super::{
    SeedKind, SeedObject, SeedUpload, SeedVersion, Sse, Versioning, World, WorldBucket, WorldError,
    bodies, logs,
};
use super::{bulk, consequences, read, registry};
use crate::domain::blueprint::{Blueprint, BucketBlueprint, DerivedRule};
use crate::domain::{BucketName, ObjectKey};

pub(super) fn world(source: &str, text: &str, now: DateTime<Utc>) -> Result<World, WorldError> {
    let (file, places) = read::file(source, text)?;
    let at_line = |span, message| places.error(span, message);
    let owners = owners(&file.owners, file.seed);
    let mut world = World {
        name: file.name,
        buckets: Vec::with_capacity(file.bucket.len()),
        metrics: WorldMetrics::default(),
        public_access_block: file.account.block(),
        key_policies: file.account.key_policies,
        registry: super::WorldRegistry::default(),
    };
    for bucket in file.bucket {
        let made = Builder::new(&bucket, file.seed, now, &owners)
            .fill(&bucket, &mut world)
            .map_err(|(span, message)| at_line(span, format!("{}: {message}", bucket.name)))?;
        for section in &bucket.metrics {
            let history =
                metrics::history(section.get_ref(), &made, file.seed, now).map_err(|message| {
                    at_line(section.span(), format!("{}: {message}", bucket.name))
                })?;
            world.metrics.histories.push(history);
        }
        world.buckets.push(made);
    }
    world.registry = registry::of(&file.registry, &owners, &world.buckets, file.seed, now);
    let alarms = file.alarm.into_iter();
    world.metrics.alarms = alarms.map(|alarm| metrics::alarm(alarm, now)).collect();
    Ok(world)
}

/// All users of a world, in an order that depends on the file only.
fn owners(file: &OwnersFile, seed: u64) -> Vec<String> {
    const NAMES: [&str; 8] = [
        "anna", "bo", "chidi", "dmitri", "eun-ji", "fatima", "goran", "hye",
    ];
    let mut rng = Rng::new(seed, "owners");
    let mut owners = file.named.clone();
    owners.extend((0..file.uuids).map(|_| rng.uuid()));
    owners.extend((0..file.emails).map(|n| {
        let name = rng.one_of(&NAMES).copied().unwrap_or_default();
        format!("{name}.{}{n}@example.com", rng.hex(3).to_ascii_lowercase())
    }));
    owners
}

type Wrong = (Range<usize>, String);

/// Fills one bucket.
pub(super) struct Builder<'a> {
    pub now: DateTime<Utc>,
    pub seed: u64,
    pub owners: &'a [String],
    pub versions: Vec<SeedVersion>,
    pub bucket: &'a str,
    versioning: Versioning,
    suspended: DateTime<Utc>,
    rules: Vec<DerivedRule>,
    ids: Rng,
}

impl<'a> Builder<'a> {
    fn new(file: &'a BucketFile, seed: u64, now: DateTime<Utc>, owners: &'a [String]) -> Self {
        Self {
            now,
            seed,
            owners,
            versions: Vec::new(),
            bucket: &file.name,
            versioning: file.versioning,
            suspended: days_before(now, file.suspended_days_ago.unwrap_or_default()),
            rules: blueprint_of(&file.name).map_or_else(Vec::new, |known| known.derived),
            ids: Rng::new(seed, &format!("{}/ids", file.name)),
        }
    }

    fn fill(mut self, file: &BucketFile, world: &mut World) -> Result<WorldBucket, Wrong> {
        for object in &file.object {
            self.object(object.get_ref())
                .map_err(|message| (object.span(), message))?;
        }
        for section in &file.bulk {
            bulk::plant(&mut self, section.get_ref())
                .map_err(|message| (section.span(), message))?;
        }
        for section in &file.logs {
            self.logs(section.get_ref(), world)
                .map_err(|message| (section.span(), message))?;
        }
        for section in &file.derived {
            consequences::derived(&mut self, section.get_ref(), world)
                .map_err(|message| (section.span(), message))?;
        }
        if let Some(section) = &file.replica {
            consequences::replicas(&mut self, section.get_ref(), world)
                .map_err(|message| (section.span(), message))?;
        }
        // Oldest first within a key: what was derived may have overwritten what it was derived from.
        self.versions.sort_by(|a, b| {
            a.key
                .cmp(&b.key)
                .then(a.last_modified.cmp(&b.last_modified))
        });
        if self.versioning == Versioning::Off {
            keep_newest(&mut self.versions);
        }
        let uploads = file.upload.iter().map(|upload| SeedUpload {
            key: upload.key.clone(),
            initiated: days_before(self.now, upload.days_ago),
            parts: upload.parts.clone(),
            storage_class: class(&upload.class),
        });
        let lists = file.configuration_lists.iter().map(|(name, documents)| {
            let documents = documents
                .iter()
                .map(|(id, document)| (id.clone(), document.trim().to_owned()));
            (name.clone(), documents.collect())
        });
        let documents = file.configuration.iter();
        Ok(WorldBucket {
            name: file.name.clone(),
            region: file.region.clone(),
            created: days_before(self.now, file.created_days_ago),
            versioning: file.versioning,
            configuration: documents
                .map(|(name, text)| (name.clone(), text.trim().to_owned()))
                .collect(),
            configuration_lists: lists.collect(),
            uploads: uploads.collect(),
            versions: self.versions,
        })
    }

    fn object(&mut self, file: &ObjectFile) -> Result<(), String> {
        let key = file
            .stretch
            .as_ref()
            .map_or_else(|| Ok(file.key.clone()), |by| stretched(&file.key, by))?;
        ObjectKey::new(key.as_str()).map_err(|error| error.to_string())?;
        let Some(last) = file.versions.last() else {
            return Err("a key without versions is no key; expected at least one".to_owned());
        };
        if self.versioning == Versioning::Off && (file.versions.len() > 1 || last.marker) {
            return Err(
                "a bucket without versioning has one version a key and no markers".to_owned(),
            );
        }
        let mut rng = Rng::new(self.seed, &key);
        for version in &file.versions {
            let kind = made(&key, version, self.now, &mut rng);
            self.plant(&key, days_before(self.now, version.days_ago), kind);
        }
        match &file.derive {
            Some(rule) => self.derive(rule, &key, days_before(self.now, last.days_ago), &mut rng),
            None => Ok(()),
        }
    }

    /// Adds a version, with an id where versioning was suspended only after it was written.
    pub(super) fn plant(&mut self, key: &str, last_modified: DateTime<Utc>, kind: SeedKind) {
        let kept = self.versioning == Versioning::Suspended && last_modified < self.suspended;
        self.versions.push(SeedVersion {
            key: key.to_owned(),
            last_modified,
            kind,
            version_id: kept.then(|| self.ids.hex(16) + &self.ids.hex(16)),
        });
    }

    /// Adds what the application made from this object, some seconds after it was written.
    pub(super) fn derive(
        &mut self,
        rule: &str,
        source: &str,
        written: DateTime<Utc>,
        rng: &mut Rng,
    ) -> Result<(), String> {
        let Some(rule) = self.rules.iter().find(|known| known.id == rule) else {
            return Err(format!(
                "no blueprint gives this bucket the derived rule {rule:?}"
            ));
        };
        if rule.to_bucket.as_str() != self.bucket {
            return Err(format!(
                "the derived rule {:?} writes to another bucket",
                rule.id
            ));
        }
        if let Some(key) = rule.apply(source) {
            let seconds = i64::try_from(rng.between([2, 20])).unwrap_or_default();
            let object = SeedObject {
                size: rng.size([3_000, 24_000]),
                content_type: Some(bodies::type_of(source).to_owned()),
                storage_class: class(""),
                ..SeedObject::default()
            };
            self.plant(
                &key,
                written + chrono::Duration::seconds(seconds),
                SeedKind::Object(Box::new(object)),
            );
        }
        Ok(())
    }

    fn logs(&mut self, file: &LogsFile, world: &World) -> Result<(), String> {
        let source = world.buckets.iter().find(|bucket| bucket.name == file.of);
        let source = source
            .ok_or_else(|| format!("the logs are of {:?}, which is no bucket above", file.of))?;
        let keys: Vec<&str> = source
            .versions
            .iter()
            .map(|version| version.key.as_str())
            .collect();
        let mut rng = Rng::new(self.seed, &format!("{}/logs/{}", self.bucket, file.prefix));
        for _ in 0..file.count {
            let written = rng.moment(self.now, file.days_ago);
            let lines = rng.between(file.lines);
            let log = logs::object(
                &source.name,
                &source.region,
                &keys,
                written,
                lines,
                &mut rng,
            );
            let object = SeedObject {
                size: log.body.len() as u64,
                body: Some(log.body),
                content_type: Some("text/plain".to_owned()),
                storage_class: class(""),
                ..SeedObject::default()
            };
            self.plant(
                &format!("{}{}", file.prefix, log.name),
                log.written,
                SeedKind::Object(Box::new(object)),
            );
        }
        Ok(())
    }
}

/// What the built-in blueprints know of a bucket.
pub(super) fn blueprint_of(bucket: &str) -> Option<BucketBlueprint> {
    let name = BucketName::new(bucket).ok()?;
    Blueprint::for_bucket(&name)?.bucket(&name).cloned()
}

fn made(key: &str, file: &VersionFile, now: DateTime<Utc>, rng: &mut Rng) -> SeedKind {
    if file.marker {
        return SeedKind::DeleteMarker;
    }
    let content_type = file
        .content_type
        .clone()
        .unwrap_or_else(|| bodies::type_of(key).to_owned());
    let body = match (&file.text, file.real) {
        (Some(text), _) => Some(Bytes::from(text.clone())),
        (None, true) => Some(bodies::of_type(&content_type, rng)),
        (None, false) => None,
    };
    SeedKind::Object(Box::new(SeedObject {
        size: body
            .as_ref()
            .map_or(file.size.unwrap_or_default(), |body| body.len() as u64),
        body,
        content_type: Some(content_type),
        cache_control: file.cache_control.clone(),
        content_disposition: file.content_disposition.clone(),
        content_encoding: None,
        storage_class: class(&file.class),
        metadata: file.metadata.clone(),
        tags: file.tags.clone(),
        annotations: file.annotations.clone(),
        sse: Sse::from(&file.sse),
        bucket_key: file.bucket_key,
        replication_status: None,
        restored_until: file.restored_for_days.map(|days| days_before(now, -days)),
    }))
}

/// STANDARD is written out, so that a reader of the world need not know what nothing means.
pub(super) fn class(word: &str) -> String {
    if word.is_empty() { "STANDARD" } else { word }.to_owned()
}

fn stretched(key: &str, by: &StretchFile) -> Result<String, String> {
    let room = by
        .bytes
        .checked_sub(key.len() + by.end.len())
        .filter(|_| !by.with.is_empty());
    let room = room.ok_or_else(|| format!("the key cannot be stretched to {} bytes", by.bytes))?;
    let mut long = key.to_owned();
    long.push_str(&by.with.repeat(room / by.with.len()));
    long.push_str(&"x".repeat(room % by.with.len()));
    long.push_str(&by.end);
    Ok(long)
}

/// Without versions the newest of each key is all there is.
fn keep_newest(versions: &mut Vec<SeedVersion>) {
    versions.reverse();
    versions.dedup_by(|older, newer| older.key == newer.key);
    versions.reverse();
}
