//! Determines the owner of objects for which only the metadata names one.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::sync::Arc;

use foldhash::HashMap;

use super::question::{Answer, Question};
use super::{Search, shown};
use crate::domain::change::{Claim, Why};
use crate::domain::coverage::Gap;
use crate::domain::ownership::{Ownership, Seen, Verdict};
use crate::domain::registry::composed;
use crate::domain::size::whole;
use crate::domain::words::counted;
use crate::domain::{BucketName, ObjectKey, ObjectVersion};

/// A version or delete marker whose layout takes the owner from metadata.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    bucket: BucketName,
    version: ObjectVersion,
    /// For a quarantined copy: the key of the original.
    original: Option<ObjectKey>,
    layout: String,
    /// The name of the metadata entry.
    name: String,
}

/// The values of the metadata that names the owner, by key, of all versions that were read.
#[derive(Debug, Default)]
pub(super) struct Stated {
    values: HashMap<BucketName, HashMap<ObjectKey, Vec<String>>>,
}

impl Stated {
    /// Adds a value; an empty one means that the metadata names nobody.
    pub(super) fn enter(&mut self, bucket: &BucketName, key: &ObjectKey, value: &str) {
        let of_bucket = match self.values.get_mut(bucket) {
            Some(of_bucket) => of_bucket,
            None => self.values.entry(bucket.clone()).or_default(),
        };
        let values = of_bucket.entry(key.clone()).or_default();
        if !values.iter().any(|one| one == value) {
            values.push(value.to_owned());
        }
    }

    /// The different values of a key; none if nothing was read.
    pub(super) fn of(&self, bucket: &BucketName, key: &ObjectKey) -> &[String] {
        let values = self.values.get(bucket).and_then(|keys| keys.get(key));
        values.map_or(&[], Vec::as_slice)
    }
}

/// The owner that the metadata of a version names.
enum Named {
    User,
    /// Another user, or an unknown one.
    Another,
    /// The user among others.
    Several,
    /// Nobody, and no other evidence names an owner.
    Nobody,
}

impl Asked {
    /// Returns `None` if the layout finds the owner in another way. For a quarantined copy, the original key decides;
    /// the metadata are the copy's own.
    pub(super) fn new(
        ownership: &Ownership<'_>,
        bucket: &BucketName,
        version: ObjectVersion,
        original: Option<&ObjectKey>,
    ) -> Option<Self> {
        let key = original.unwrap_or(&version.object.key);
        let (layout, name) = ownership.metadata_of(bucket, key.as_str())?;
        let (layout, name) = (layout.to_owned(), name.to_owned());
        Some(Self {
            bucket: bucket.clone(),
            version,
            original: original.cloned(),
            layout,
            name,
        })
    }
}

/// How many HEAD requests these need. A delete marker needs none, because it has no metadata.
pub(super) fn count(asked: &[Asked]) -> usize {
    let versions = asked.iter();
    versions
        .filter(|asked| !asked.version.is_delete_marker)
        .count()
}

pub(super) fn questions(asked: &[Asked]) -> Vec<Question> {
    let versions = asked.iter();
    let versions = versions.filter(|asked| !asked.version.is_delete_marker);
    let questions = versions.map(|asked| Question::Metadata {
        bucket: asked.bucket.clone(),
        key: asked.version.object.key.clone(),
        version: asked.version.version_id.clone(),
    });
    questions.collect()
}

impl<E: Display + PartialEq> Search<'_, E> {
    /// Whether the request limit allows one HEAD per object. If not, no request is sent, and the result reports it.
    pub(super) fn may_ask(&mut self, bucket: &BucketName, objects: usize) -> bool {
        if objects == 0 {
            return true;
        }
        let objects = whole(objects);
        let most = self.subject.max_heads;
        self.heads = self.heads.saturating_add(objects);
        if self.heads <= most {
            return true;
        }
        self.found.coverage.miss(Gap::new(
            format!(
                "the owners of {} in {bucket} that their metadata tells",
                counted(objects, "object")
            ),
            format!("to ask them takes a HEAD request each, and the limit is {most} in all"),
        ));
        self.found.heads_wanted = Some(self.heads);
        false
    }

    /// Reads the metadata of every version, in the order of the listing. A delete marker has none: it is the user's if
    /// every version of its key is. Returns the claims to the originals of quarantined copies.
    pub(super) fn enter_by_metadata(
        &mut self,
        asked: &[Asked],
        answers: Vec<Answer<E>>,
    ) -> Vec<Arc<Claim>> {
        let mut answers = answers.into_iter();
        let mut sources = Vec::new();
        for of_bucket in asked.chunk_by(|one, another| one.bucket == another.bucket) {
            let mut of_owner: BTreeSet<usize> = BTreeSet::new();
            let mut keys: BTreeSet<&ObjectKey> = BTreeSet::new();
            let mut of_others: BTreeSet<&ObjectKey> = BTreeSet::new();
            let mut nobodys: BTreeSet<&ObjectKey> = BTreeSet::new();
            let mut shared: BTreeSet<&ObjectKey> = BTreeSet::new();
            for (at, one) in of_bucket.iter().enumerate() {
                if one.version.is_delete_marker {
                    continue;
                }
                let key = &one.version.object.key;
                match self.named(one, answers.next()) {
                    Named::User => {
                        of_owner.insert(at);
                        keys.insert(key);
                    }
                    Named::Another => drop(of_others.insert(key)),
                    Named::Several => {
                        of_others.insert(key);
                        shared.insert(key);
                    }
                    Named::Nobody => {
                        of_others.insert(key);
                        nobodys.insert(key);
                    }
                }
            }
            let is_owners = |(at, one): &(usize, &Asked)| {
                let key = &one.version.object.key;
                let is_hiding = one.version.is_delete_marker;
                of_owner.contains(at)
                    || (is_hiding && keys.contains(key) && !of_others.contains(key))
            };
            let mut lone: BTreeSet<&ObjectKey> = BTreeSet::new();
            for one in of_bucket {
                let key = &one.version.object.key;
                if of_others.contains(key) {
                    self.claims.mix(&one.bucket, key);
                } else if !keys.contains(key) {
                    lone.insert(key);
                    self.stated.enter(&one.bucket, key, "");
                }
            }
            if let Some(one) = of_bucket.first() {
                self.say_lone_markers(&one.bucket, lone.len());
                self.say_whose_metadata_are_silent(&one.bucket, nobodys.len());
                self.say_whose_metadata_name_several(&one.bucket, shared.len());
            }
            for (_, one) in of_bucket.iter().enumerate().filter(is_owners) {
                sources.extend(self.enter_told(one));
            }
        }
        sources
    }

    /// Reports delete markers of keys that have no version left to name an owner.
    fn say_lone_markers(&mut self, bucket: &BucketName, keys: usize) {
        let what = match keys {
            0 => return,
            1 => format!("{bucket}: the owner of 1 key with delete markers alone"),
            more => format!("{bucket}: the owners of {more} keys with delete markers alone"),
        };
        let why = "only metadata would name the owner, and no version is left that has any";
        self.found.coverage.miss(Gap::new(what, why));
    }

    /// Reports objects whose metadata names no owner: they may be the user's.
    fn say_whose_metadata_are_silent(&mut self, bucket: &BucketName, keys: usize) {
        let what = match keys {
            0 => return,
            1 => format!("{bucket}: the owner of 1 object"),
            more => format!("{bucket}: the owners of {more} objects"),
        };
        let why = "only metadata would name the owner, and theirs names none";
        self.found.coverage.miss(Gap::new(what, why));
    }

    /// Reports objects whose metadata names the user among others.
    fn say_whose_metadata_name_several(&mut self, bucket: &BucketName, keys: usize) {
        let (what, theirs) = match keys {
            0 => return,
            1 => (format!("{bucket}: 1 object of several users"), "its"),
            more => (
                format!("{bucket}: {more} objects of several users"),
                "their",
            ),
        };
        let why = format!("{theirs} metadata names this user among others");
        self.found.coverage.miss(Gap::new(what, why));
    }

    /// The owner in a version's metadata. A failed request is reported separately.
    fn named(&mut self, asked: &Asked, answer: Option<Answer<E>>) -> Named {
        let place = || shown(&asked.bucket, &asked.version.object.key);
        match answer {
            Some(Answer::Metadata(Ok(Some(metadata)))) => {
                let value = metadata.get(&asked.name.to_lowercase());
                let value = value.map_or("", String::as_str);
                let key = asked.original.as_ref();
                let key = key.unwrap_or(&asked.version.object.key);
                if asked.original.is_none() {
                    self.stated.enter(&asked.bucket, key, value);
                }
                if value == self.subject.owner.as_str() {
                    return Named::User;
                }
                let key = key.as_str();
                let seen = Seen {
                    metadata: Some(value),
                    ..Seen::default()
                };
                let whose = self.ownership.whose(&asked.bucket, key, &seen);
                if composed::pieces(value).any(|piece| piece == self.subject.owner.as_str()) {
                    return Named::Several;
                }
                match whose.verdict {
                    Verdict::Unknown(_) => Named::Nobody,
                    Verdict::One(_) | Verdict::Contested(_) => Named::Another,
                }
            }
            Some(Answer::Metadata(Ok(None))) => {
                // What does not exist names nobody else.
                self.stated
                    .enter(&asked.bucket, &asked.version.object.key, "");
                let why = "S3 listed it, and did not find it when it was asked for its metadata";
                self.found.coverage.miss(Gap::new(place(), why));
                Named::Another
            }
            Some(Answer::Metadata(Err(problem))) => {
                self.found.coverage.miss(Gap::failed(place(), problem));
                Named::Another
            }
            _ => Named::Another,
        }
    }

    /// Adds a version that proved to be the user's. Returns the claim to its original if it is a copy.
    fn enter_told(&mut self, asked: &Asked) -> Option<Arc<Claim>> {
        let (bucket, key) = (&asked.bucket, &asked.version.object.key);
        let by_metadata = Why::Metadata {
            layout: asked.layout.clone(),
            name: asked.name.clone(),
        };
        self.found.told.insert((bucket.clone(), key.clone()));
        let Some(original) = &asked.original else {
            let is_listed = self.claims.contain(bucket, key);
            let claim = self.claims.claim(bucket, key, by_metadata);
            // A key that names the user was entered with its listing.
            if !is_listed || matches!(claim.why, Why::Metadata { .. }) {
                self.weigh(&claim);
                self.enter(&claim, &asked.version);
            }
            return None;
        };
        // No claim to the original key: objects written there now name their own owner. Objects derived from the
        // original still follow from it.
        let place = (bucket.clone(), original.clone());
        let source = Arc::new(Claim {
            bucket: bucket.clone(),
            key: original.clone(),
            why: by_metadata,
        });
        self.claims.know(bucket, original);
        self.weigh(&source);
        self.found.told.insert(place);
        let why = Why::QuarantinedCopy {
            source: Arc::clone(&source),
        };
        let claim = self.claims.claim(bucket, key, why);
        self.enter(&claim, &asked.version);
        Some(source)
    }
}
