//! Whose the objects are of which only their metadata tells.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::sync::Arc;

use super::question::{Answer, Question};
use super::{Search, shown};
use crate::domain::blueprint::BucketBlueprint;
use crate::domain::change::{Claim, Why};
use crate::domain::coverage::Gap;
use crate::domain::ownership::{Seen, Verdict};
use crate::domain::words::counted;
use crate::domain::{BucketName, ObjectKey, ObjectVersion};

/// A version or a marker of a key that a layout leaves to metadata.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    bucket: BucketName,
    version: ObjectVersion,
    /// The key that a copy in quarantine had.
    original: Option<ObjectKey>,
    layout: String,
    /// The metadata's name.
    name: String,
}

/// Whom the metadata of a version names.
enum Named {
    User,
    /// Somebody else, or it is not known whom.
    Another,
    /// Nobody, and nothing else tells the owner either.
    Nobody,
}

impl Asked {
    /// `None` where the layout of the key says otherwise whose it is. Of a copy in quarantine the original key decides,
    /// and the metadata are its own.
    pub(super) fn new(
        bucket: &BucketBlueprint,
        version: ObjectVersion,
        original: Option<&ObjectKey>,
    ) -> Option<Self> {
        let key = original.unwrap_or(&version.object.key);
        let (layout, name) = bucket.metadata_of(key.as_str())?;
        let (layout, name) = (layout.to_owned(), name.to_owned());
        Some(Self {
            bucket: bucket.name.clone(),
            version,
            original: original.cloned(),
            layout,
            name,
        })
    }
}

/// How many of these are asked: a marker has no metadata.
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
    /// Whether so many requests may still be sent to ask objects whose they are. Where not, nobody is asked, and that is
    /// said.
    pub(super) fn may_ask(&mut self, bucket: &BucketName, objects: usize) -> bool {
        if objects == 0 {
            return true;
        }
        let objects = u64::try_from(objects).unwrap_or(u64::MAX);
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

    /// Reads what the metadata of every version says, in the listing's order. A marker has none: it is the user's where
    /// every version under its key is. Gives what copies in quarantine were made from.
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
                }
            }
            if let Some(one) = of_bucket.first() {
                self.say_lone_markers(&one.bucket, lone.len());
                self.say_whose_metadata_are_silent(&one.bucket, nobodys.len());
            }
            for (_, one) in of_bucket.iter().enumerate().filter(is_owners) {
                sources.extend(self.enter_told(one));
            }
        }
        sources
    }

    /// Delete markers under whose keys no version is left that could be asked whose it was.
    fn say_lone_markers(&mut self, bucket: &BucketName, keys: usize) {
        let what = match keys {
            0 => return,
            1 => format!("{bucket}: the owner of 1 key with delete markers alone"),
            more => format!("{bucket}: the owners of {more} keys with delete markers alone"),
        };
        let why = "only metadata would name the owner, and no version is left that has any";
        self.found.coverage.miss(Gap::new(what, why));
    }

    /// Objects whose owner nobody can tell: they may be the user's.
    fn say_whose_metadata_are_silent(&mut self, bucket: &BucketName, keys: usize) {
        let what = match keys {
            0 => return,
            1 => format!("{bucket}: the owner of 1 object"),
            more => format!("{bucket}: the owners of {more} objects"),
        };
        let why = "only metadata would name the owner, and theirs names none";
        self.found.coverage.miss(Gap::new(what, why));
    }

    /// Whom a version's metadata names. What could not be asked for is told by itself.
    fn named(&mut self, asked: &Asked, answer: Option<Answer<E>>) -> Named {
        let place = || shown(&asked.bucket, &asked.version.object.key);
        match answer {
            Some(Answer::Metadata(Ok(Some(metadata)))) => {
                let value = metadata.get(&asked.name.to_lowercase());
                let value = value.map_or("", String::as_str);
                if value == self.subject.owner.as_str() {
                    return Named::User;
                }
                let key = asked.original.as_ref();
                let key = key.unwrap_or(&asked.version.object.key).as_str();
                let seen = Seen {
                    metadata: Some(value),
                    ..Seen::default()
                };
                let whose = self.ownership.whose(&asked.bucket, key, &seen);
                match whose.verdict {
                    Verdict::Unknown(_) => Named::Nobody,
                    Verdict::One(_) | Verdict::Contested(_) => Named::Another,
                }
            }
            Some(Answer::Metadata(Ok(None))) => {
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

    /// Takes in what turned out to be the user's. Gives what it is a copy of, where it is one.
    fn enter_told(&mut self, asked: &Asked) -> Option<Arc<Claim>> {
        let (bucket, key) = (&asked.bucket, &asked.version.object.key);
        let by_metadata = Why::Metadata {
            layout: asked.layout.clone(),
            name: asked.name.clone(),
        };
        self.found.told.insert((bucket.clone(), key.clone()));
        let Some(original) = &asked.original else {
            let claim = self.claims.claim(bucket, key, by_metadata);
            self.weigh(&claim);
            self.enter(&claim, &asked.version);
            return None;
        };
        // No claim to the key itself: whoever writes there by now says for themselves whose it is. What was made of it
        // follows from it all the same.
        let place = (bucket.clone(), original.clone());
        let source = Arc::new(Claim {
            bucket: bucket.clone(),
            key: original.clone(),
            why: by_metadata,
        });
        self.claims.know(bucket, original);
        self.found.told.insert(place);
        let why = Why::QuarantinedCopy {
            source: Arc::clone(&source),
        };
        let claim = self.claims.claim(bucket, key, why);
        self.enter(&claim, &asked.version);
        Some(source)
    }
}
