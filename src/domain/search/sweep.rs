//! Lists each bucket where its layouts put the user's objects, and wherever objects may belong to anybody.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use super::metadata::Asked;
use super::quarantined::Copies;
use super::question::{Answer, Listed, Presence, Question};
use super::{OtherBuckets, Search, metadata};
use crate::domain::blueprint::{BucketBlueprint, OwnerSource};
use crate::domain::coverage::Gap;
use crate::domain::ownership::{Seen, Unknown, Verdict};
use crate::domain::quarantine::place;
use crate::domain::size::whole;
use crate::domain::words::counted;
use crate::domain::{BucketName, ObjectKey, ObjectVersion, Region, Upload};

const ONLY_RECORDS: &str = "only the application's records tell whose their keys are";

impl<E: Display + PartialEq> Search<'_, E> {
    /// Reports layouts that cannot find this user's objects, or that no object of this user can match.
    pub(super) fn say_what_keys_cannot_tell(&mut self) {
        for bucket in &self.subject.blueprint.buckets {
            let plan = bucket.owner_plan(self.subject.owner);
            for layout in plan.impossible {
                let of = (bucket.name.clone(), layout.layout, layout.why);
                self.found.impossible.push(of);
            }
            let by_records: Vec<String> = plan
                .unnamed
                .into_iter()
                .filter(|layout| layout.owner == OwnerSource::Registry)
                .map(|layout| layout.layout)
                .collect();
            let unread = self.subject.list.map_or(0, |list| list.malformed);
            let why = match (self.subject.records, unread) {
                (None, _) => "their keys do not name the user: only the application's records do, and the blueprint's \
                     [registry.keys] names none that tell the owner"
                    .to_owned(),
                (Some(_), 0) => continue,
                (Some(_), 1) => format!("{ONLY_RECORDS}, and 1 of them cannot be read: it may be the user's"),
                (Some(_), more) => format!("{ONLY_RECORDS}, and {more} of them cannot be read: they may be the user's"),
            };
            if !by_records.is_empty() {
                let what = format!("{}: {}", bucket.name, layouts(&by_records));
                self.found.coverage.miss(Gap::new(what, why));
            }
        }
    }

    /// Asks which buckets the account has. For each bucket of the blueprint, it also asks whether the bucket exists and
    /// where it is replicated.
    pub(super) fn ask_for_buckets(&self) -> Vec<Question> {
        let mut questions = vec![Question::Account];
        for bucket in &self.subject.blueprint.buckets {
            questions.push(Question::Bucket(bucket.name.clone()));
            questions.push(Question::Replication(bucket.name.clone()));
        }
        questions
    }

    pub(super) fn learn_buckets(&mut self, answers: Vec<Answer<E>>) {
        let buckets = &self.subject.blueprint.buckets;
        let mut replication = Vec::new();
        let mut answers = answers.into_iter();
        let account = answers.next();
        for bucket in buckets {
            match answers.next() {
                Some(Answer::Bucket(Presence::There(region))) => {
                    self.found.searched.insert(bucket.name.clone(), region);
                }
                Some(Answer::Bucket(Presence::Missing)) => self.found.coverage.miss(Gap::new(
                    format!("the bucket {}", bucket.name),
                    "there is no such bucket here",
                )),
                _ => {}
            }
            if let Some(Answer::Replication(to)) = answers.next() {
                replication.push((bucket, to));
            }
        }
        self.learn_replication(replication);
        // Without a layout, a rule or replication, nothing gives the owner of its objects. Such a bucket cannot be
        // searched.
        let searched = std::mem::take(&mut self.found.searched);
        let (searched, mute) = searched
            .into_iter()
            .partition(|(name, _)| self.is_searchable(name));
        self.found.searched = searched;
        if let Some(Answer::Account(names)) = account {
            self.found.other_buckets = Some(self.other_buckets(names, &mute));
        }
    }

    /// Whether anything gives the owner of the objects in a bucket.
    fn is_searchable(&self, name: &BucketName) -> bool {
        let mut pairs = self.found.replication.iter();
        self.bucket(name)
            .is_some_and(|bucket| !bucket.layouts.is_empty())
            || self.ownership.is_target(name)
            || pairs.any(|path| path.to == *name)
    }

    fn other_buckets(
        &self,
        names: Result<Vec<BucketName>, E>,
        mute: &BTreeMap<BucketName, Option<Region>>,
    ) -> OtherBuckets {
        match names {
            Ok(mut names) => {
                names.retain(|name| self.bucket(name).is_none() || mute.contains_key(name));
                names.sort();
                OtherBuckets::Names(names)
            }
            Err(problem) if mute.is_empty() => OtherBuckets::NotListed(problem.to_string()),
            Err(problem) => {
                let mute: Vec<&str> = mute.keys().map(BucketName::as_str).collect();
                OtherBuckets::NotListed(format!(
                    "{problem}; nor were those to which the blueprint gives no layout: {}",
                    mute.join(", ")
                ))
            }
        }
    }

    /// The listings that a bucket needs, in this order: objects that may be the user's, uploads, quarantined copies.
    pub(super) fn listings_of(&self, name: &BucketName) -> Option<[Question; 3]> {
        let bucket = self.bucket(name)?;
        let below = |prefixes: &[&str]| Question::VersionsBelow {
            bucket: name.clone(),
            prefixes: prefixes.iter().map(|&prefix| prefix.to_owned()).collect(),
        };
        let of_user = if self.tells_by_metadata(bucket) {
            // Any object may be the user's.
            below(&[""])
        } else {
            Question::VersionsOfUser {
                bucket: name.clone(),
                by: name.clone(),
            }
        };
        Some([
            of_user,
            // There are few uploads, and keys of any kind may be among them.
            Question::Uploads(name.clone()),
            below(&[place::PREFIX, place::LONG_PREFIX]),
        ])
    }

    /// Adds the objects whose key names the user. Returns those whose owner only the metadata names.
    pub(super) fn take_listings(
        &mut self,
        buckets: Vec<BucketName>,
        answers: Vec<Answer<E>>,
    ) -> Vec<Asked> {
        let mut to_ask = Vec::new();
        let mut answers = answers.into_iter();
        for name in buckets {
            let versions = self.versions(answers.next());
            let uploads = self.listed_uploads(answers.next());
            let copies = self.versions(answers.next());
            let Some(bucket) = self.bucket(&name) else {
                continue;
            };
            self.say_what_misses_a_shape(bucket, &versions);
            for version in &versions {
                if let Some(claim) = self.claim_by_key(bucket, &version.object.key) {
                    self.enter(&claim, version);
                }
            }
            for upload in &uploads {
                self.claim_by_key(bucket, &upload.key);
            }
            self.uploads.insert(name.clone(), uploads);
            self.copies.insert(name.clone(), Copies::new(copies));
            if self.tells_by_metadata(bucket) {
                // Metadata that names another user makes a key that names the user contested.
                let asked = versions.into_iter();
                let asked = asked.filter_map(|one| Asked::new(&self.ownership, &name, one, None));
                let asked: Vec<Asked> = asked.collect();
                if self.may_ask(&name, metadata::count(&asked)) {
                    to_ask.extend(asked);
                }
            }
        }
        to_ask
    }

    /// Whether the owner of some object of the bucket is in its metadata alone: by its own layouts, or by those of a
    /// bucket that is replicated to it.
    fn tells_by_metadata(&self, bucket: &BucketBlueprint) -> bool {
        let mut paths = self.found.replication.iter();
        has_owners_in_metadata(bucket)
            || paths.any(|path| {
                let from = self.bucket(&path.from).filter(|_| path.to == bucket.name);
                from.is_some_and(has_owners_in_metadata)
            })
    }

    /// Reports what is in a folder with the user's id that a layout would read if its shape accepted the id. Nothing
    /// else explains it: the id may be mistyped, or the layout may be too narrow.
    fn say_what_misses_a_shape(&mut self, bucket: &BucketBlueprint, versions: &[ObjectVersion]) {
        let plan = bucket.owner_plan(self.subject.owner);
        for layout in &plan.impossible {
            let Some(walk) = &layout.walk else {
                continue;
            };
            let keys = versions.iter().map(|version| &version.object.key);
            let keys = keys.filter(|key| walk.covers(key.as_str()));
            let seen = Seen::default();
            let keys = keys.filter(|key| {
                let whose = self.ownership.whose(&bucket.name, key.as_str(), &seen);
                whose.verdict == Verdict::Unknown(Unknown::NothingExplains)
            });
            let keys: BTreeSet<&ObjectKey> = keys.collect();
            if keys.is_empty() {
                continue;
            }
            let them = if keys.len() == 1 { "it" } else { "them" };
            let keys = counted(whole(keys.len()), "key");
            self.found.coverage.miss(Gap::new(
                format!("{}: {keys} in a folder with this id", bucket.name),
                format!(
                    "the layout {} would explain {them}, but {}: nothing says whose they are, and they are left",
                    layout.layout, layout.why
                ),
            ));
        }
    }

    pub(super) fn versions(&mut self, answer: Option<Answer<E>>) -> Vec<ObjectVersion> {
        let Some(Answer::Versions(Listed { items, coverage })) = answer else {
            return Vec::new();
        };
        self.found.coverage.merge(coverage);
        items
    }

    pub(super) fn listed_uploads(&mut self, answer: Option<Answer<E>>) -> Vec<Upload> {
        let Some(Answer::Uploads(Listed { items, coverage })) = answer else {
            return Vec::new();
        };
        self.found.coverage.merge(coverage);
        items
    }
}

/// Whether some layout of the bucket takes the owner from metadata alone.
fn has_owners_in_metadata(bucket: &BucketBlueprint) -> bool {
    let mut layouts = bucket.layouts.iter();
    layouts.any(|layout| matches!(layout.owner(), OwnerSource::Metadata(_)))
}

fn layouts(ids: &[String]) -> String {
    let word = if ids.len() == 1 { "layout" } else { "layouts" };
    format!("the {word} {}", ids.join(", "))
}
