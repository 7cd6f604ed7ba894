//! Many objects of one kind, made up by a seeded generator.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};

use super::build::{Builder, class};
use super::file::{BulkFile, SseFile};
use super::rng::Rng;
use super::{SeedKind, SeedObject, Sse, bodies};
use crate::domain::ObjectKey;

/// S3 leaves smaller objects where they are, whatever a lifecycle rule says.
const LEAST_TO_MOVE: u64 = 128 * 1024;

/// Plants one section.
///
/// # Errors
/// What is wrong with the section.
pub(super) fn plant(builder: &mut Builder, file: &BulkFile) -> Result<(), String> {
    let mut rng = Rng::new(builder.seed, &format!("bulk/{}", file.id));
    let owners = file
        .owners
        .clone()
        .unwrap_or_else(|| builder.owners.to_vec());
    let mut serial = 0;
    match (file.per_owner, file.count) {
        (Some(range), None) => {
            for owner in &owners {
                for _ in 0..rng.between(range) {
                    serial += 1;
                    Section {
                        builder,
                        file,
                        rng: &mut rng,
                    }
                    .key(Some(owner), serial)?;
                }
            }
        }
        (None, Some(count)) => {
            for serial in 1..=count {
                Section {
                    builder,
                    file,
                    rng: &mut rng,
                }
                .key(None, serial)?;
            }
        }
        _ => return Err("expected either per_owner = [least, most] or count = number".to_owned()),
    }
    Ok(())
}

struct Section<'b, 'a> {
    builder: &'b mut Builder<'a>,
    file: &'b BulkFile,
    rng: &'b mut Rng,
}

impl<'b> Section<'b, '_> {
    /// Makes up one key with its versions and what was derived from it.
    fn key(&mut self, owner: Option<&String>, serial: u64) -> Result<(), String> {
        let file = self.file;
        let mut values: BTreeMap<&str, String> = BTreeMap::new();
        values.insert("uuid", self.rng.uuid());
        values.insert("hex", self.rng.hex(16).to_ascii_lowercase());
        values.insert("n", serial.to_string());
        values.extend(owner.map(|owner| ("user", owner.clone())));
        for (name, choices) in &file.pick {
            let choice = self
                .rng
                .one_of(choices)
                .ok_or_else(|| format!("pick.{name} offers nothing"))?;
            values.insert(name, choice.clone());
        }
        let key = filled(&file.key, &values)?;
        ObjectKey::new(key.as_str()).map_err(|error| format!("{key:?}: {error}"))?;

        let written = self.rng.moment(self.builder.now, file.days_ago);
        if self.rng.happens(file.only_marker) {
            self.builder.plant(&key, written, SeedKind::DeleteMarker);
            return Ok(());
        }
        if self.rng.happens(file.earlier) {
            for n in 0..self.rng.between([1, 3]) {
                // Older ones first, each some days before the next.
                let days =
                    i64::try_from((3 - n) * 9 + self.rng.between([1, 8])).unwrap_or_default();
                let object = self.object(&key, written - Duration::days(days), &values)?;
                self.builder
                    .plant(&key, written - Duration::days(days), object);
            }
        }
        let object = self.object(&key, written, &values)?;
        self.builder.plant(&key, written, object);
        if let Some(derive) = &file.derive
            && key.starts_with(&derive.prefix)
            && key.ends_with(&derive.suffix)
            && self.rng.happens(derive.share)
        {
            self.builder.derive(&derive.rule, &key, written, self.rng)?;
        }
        if self.rng.happens(file.deleted) {
            let age = (self.builder.now - written).num_seconds().unsigned_abs();
            let seconds = self.rng.between([30, age.max(60)]);
            let deleted = written + Duration::seconds(i64::try_from(seconds).unwrap_or_default());
            self.builder
                .plant(&key, deleted.min(self.builder.now), SeedKind::DeleteMarker);
        }
        Ok(())
    }

    fn object(
        &mut self,
        key: &str,
        written: DateTime<Utc>,
        values: &BTreeMap<&str, String>,
    ) -> Result<SeedKind, String> {
        let file = self.file;
        let content_type = bodies::type_of(key);
        let body = self
            .rng
            .happens(file.real)
            .then(|| bodies::of_type(content_type, self.rng));
        let made_up = self.rng.size(file.size);
        let size = body.as_ref().map_or(made_up, |body| body.len() as u64);
        let tagged = self.rng.happens(file.tagged);
        let metadata: Result<BTreeMap<String, String>, String> = file
            .metadata
            .iter()
            .map(|(name, value)| Ok((name.clone(), filled(value, values)?)))
            .collect();
        Ok(SeedKind::Object(Box::new(SeedObject {
            size,
            body,
            content_type: Some(content_type.to_owned()),
            cache_control: file.cache_control.clone(),
            storage_class: class(self.class(key, size, written)),
            metadata: metadata?,
            tags: if tagged {
                file.tags.clone()
            } else {
                BTreeMap::new()
            },
            sse: self.encryption(),
            bucket_key: file.bucket_key,
            ..SeedObject::default()
        })))
    }

    fn class(&mut self, key: &str, size: u64, written: DateTime<Utc>) -> &'b str {
        let age = self.builder.now - written;
        let mut class = "";
        let file = self.file;
        for rule in &file.classes {
            // The luck is drawn whether or not the rule applies: then no key depends on the day of the run.
            let lucky = self.rng.happens(rule.share);
            let old = age
                > self.builder.now
                    - super::rng::days_before(self.builder.now, rule.older_than_days);
            if lucky && old && key.starts_with(&rule.prefix) && size >= LEAST_TO_MOVE {
                class = &rule.class;
            }
        }
        class
    }

    fn encryption(&mut self) -> Sse {
        let total: u64 = self.file.sse.values().sum();
        if total == 0 {
            return Sse::from(&SseFile::default());
        }
        let mut left = self.rng.between([1, total]);
        for (word, weight) in &self.file.sse {
            if left <= *weight {
                return Sse::from(word);
            }
            left -= weight;
        }
        Sse::default()
    }
}

/// Puts values in the places of their names.
fn filled(template: &str, values: &BTreeMap<&str, String>) -> Result<String, String> {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after
            .split_once('}')
            .ok_or_else(|| format!("in {template:?} a '{{' is never closed"))?;
        let value = values.get(name).ok_or_else(|| {
            let known: Vec<&str> = values.keys().copied().collect();
            format!(
                "in {template:?} there is no {{{name}}}; expected one of {}",
                known.join(", ")
            )
        })?;
        text.push_str(before);
        text.push_str(value);
        rest = after;
    }
    text.push_str(rest);
    Ok(text)
}
