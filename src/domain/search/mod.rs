//! Everything of one user: what follows from what, without a request.
//!
//! A [`Search`] says which [`Question`]s are open and takes the [`Answer`]s, failures among them, until there are none;
//! then it gives what it [`Found`]. Whoever drives it asks S3, or a list in memory.
//!
//! It goes from what names the user to what follows from it. First each bucket is listed where its layouts say that the
//! user's objects are (`sweep`), and the keys that the application's records give to the user are added (`recorded`).
//! From these claims follow others: what the application makes of a source and what replication copies (`follow`), and
//! the copies of all these in quarantine (`quarantined`). Those keys are looked up one by one (`standing`), and whatever
//! is there leads on. What another user's media become as well is told apart (`sharing`). `claims` keeps every key.
//!
//! Start with [`Search::step`], which tells the order of things.

mod claims;
mod follow;
mod found;
mod metadata;
mod quarantined;
mod question;
mod recorded;
mod replication;
mod sharing;
mod standing;
mod sweep;
mod uploads;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::sync::Arc;

use self::claims::Claims;
use self::metadata::Asked;
use self::quarantined::Copies;
use super::blueprint::{AnothersSource, Blueprint, BucketBlueprint, Location};
use super::change::{Claim, Item, Why};
use super::coverage::Gap;
use super::{BucketName, ObjectKey, ObjectVersion, OwnerId, Upload};

pub use found::Found;
pub use question::{Answer, Listed, Presence, Question};

/// How often what was found may lead to something that leads on: a thumbnail of a thumbnail's replica is three.
const MOST_ROUNDS: usize = 16;

type Place = (BucketName, ObjectKey);

/// Whose things are looked for, and by what they are told.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The buckets, and whose their keys are.
    pub blueprint: &'a Blueprint,
    /// The user.
    pub owner: &'a OwnerId,
    /// The keys that the application's records give to the user; `None` where no records were read.
    pub records: Option<&'a BTreeSet<String>>,
    /// Keys that are known to be the user's, and may be gone: what was made from them is looked for all the same.
    pub known: &'a [Arc<Claim>],
    /// The most objects that are asked one by one for an owner who stands in their metadata, at a request each.
    pub max_heads: u64,
}

/// A search under way. `E` is a failed request.
#[derive(Debug)]
pub struct Search<'a, E> {
    subject: Subject<'a>,
    stage: Stage,
    found: Found<E>,
    /// Every key that is the user's, whether or not anything stands under it.
    claims: Claims,
    /// Every incomplete upload of each bucket.
    uploads: BTreeMap<BucketName, Vec<Upload>>,
    /// What each bucket has in quarantine as copies.
    copies: BTreeMap<BucketName, Copies>,
    /// Requests that were wanted to learn owners, the refused ones included.
    heads: u64,
}

/// What was asked last, beside the questions themselves.
#[derive(Debug)]
enum Stage {
    Begin,
    /// Of every bucket whether it is there, and where it is replicated to.
    Buckets,
    /// Of these buckets what is the user's by its key, what else metadata may tell, uploads, and copies in quarantine.
    Listings(Vec<BucketName>),
    /// Of these versions the metadata.
    Metadata(Vec<Asked>),
    /// Of these copies in quarantine the keys, which are too long for their places. What records claim waits.
    LongKeys {
        places: Vec<Place>,
        recorded: Vec<Arc<Claim>>,
    },
    /// Of these copies in quarantine the metadata.
    CopiesMetadata {
        asked: Vec<Asked>,
        recorded: Vec<Arc<Claim>>,
    },
    /// What stands under these claimed keys, and those of which no question is needed. After so many rounds.
    LookUp {
        asked: Vec<Arc<Claim>>,
        fresh: Vec<Arc<Claim>>,
        round: usize,
    },
    /// What else may become the keys that were made of something.
    Sharing {
        buckets: Vec<BucketName>,
        derived: BTreeMap<Place, Arc<Claim>>,
    },
    /// How large these uploads are.
    Uploads(Vec<(Arc<Claim>, Upload)>),
    Done,
}

impl<'a, E: Display + PartialEq> Search<'a, E> {
    /// A search that has asked nothing yet.
    #[must_use]
    pub fn new(subject: Subject<'a>) -> Self {
        Self {
            subject,
            stage: Stage::Begin,
            found: Found::default(),
            claims: Claims::default(),
            uploads: BTreeMap::new(),
            copies: BTreeMap::new(),
            heads: 0,
        }
    }

    /// Takes the answers to the questions of the step before, in their order, and gives the next questions: none when
    /// nothing is open any more. The first step takes no answers.
    pub fn step(&mut self, answers: Vec<Answer<E>>) -> Vec<Question> {
        let mut answers = answers;
        loop {
            let stage = std::mem::replace(&mut self.stage, Stage::Done);
            let (next, questions) = self.advance(stage, std::mem::take(&mut answers));
            self.stage = next;
            if !questions.is_empty() || matches!(self.stage, Stage::Done) {
                return questions;
            }
        }
    }

    /// What was found. `is_stopped` says that questions were left unanswered because somebody wanted it to end.
    #[must_use]
    pub fn finish(mut self, is_stopped: bool) -> Found<E> {
        if is_stopped {
            self.found.coverage.miss(Gap::cancelled("the rest"));
        }
        // Stable: what stands under one key keeps the server's order, newest first.
        self.found.items.sort_by(|one, another| {
            let (one, another) = (&*one.claim, &*another.claim);
            (&one.bucket, &one.key).cmp(&(&another.bucket, &another.key))
        });
        self.found
    }

    fn advance(&mut self, stage: Stage, answers: Vec<Answer<E>>) -> (Stage, Vec<Question>) {
        match stage {
            Stage::Begin => {
                self.say_what_keys_cannot_tell();
                (Stage::Buckets, self.ask_for_buckets())
            }
            Stage::Buckets => {
                self.learn_buckets(answers);
                let there: Vec<BucketName> = self.found.searched.keys().cloned().collect();
                let questions = there.iter().filter_map(|name| self.listings_of(name));
                let questions = questions.flatten().collect();
                (Stage::Listings(there), questions)
            }
            Stage::Listings(buckets) => {
                let asked = self.take_listings(buckets, answers);
                let questions = metadata::questions(&asked);
                (Stage::Metadata(asked), questions)
            }
            Stage::Metadata(asked) => {
                self.enter_by_metadata(&asked, answers);
                let recorded = self.recorded();
                let (places, questions) = self.ask_for_long_keys();
                (Stage::LongKeys { places, recorded }, questions)
            }
            Stage::LongKeys { places, recorded } => {
                let long = self.long_keys(places, answers);
                let asked = self.enter_copies(&long);
                let questions = metadata::questions(&asked);
                (Stage::CopiesMetadata { asked, recorded }, questions)
            }
            Stage::CopiesMetadata { asked, recorded } => {
                let originals = self.enter_by_metadata(&asked, answers);
                let remembered = self.remembered();
                let mut fresh: Vec<Arc<Claim>> = self.claims.all().cloned().collect();
                fresh.extend(originals);
                self.look_up([recorded, remembered].concat(), fresh, 0)
            }
            Stage::LookUp {
                asked,
                fresh,
                round,
            } => {
                self.enter_standing(&asked, answers);
                let candidates = self.follow(&fresh);
                if candidates.is_empty() {
                    return self.ask_what_is_shared();
                }
                if round == MOST_ROUNDS {
                    self.found.coverage.miss(Gap::new(
                        format!("what was made from {} further keys", candidates.len()),
                        format!(
                            "the search stopped after {MOST_ROUNDS} steps from source to derived"
                        ),
                    ));
                    return self.ask_what_is_shared();
                }
                self.look_up(candidates.clone(), candidates, round + 1)
            }
            Stage::Sharing { buckets, derived } => {
                self.tell_shared(&buckets, &derived, answers);
                let (uploads, questions) = self.ask_for_uploads();
                (Stage::Uploads(uploads), questions)
            }
            Stage::Uploads(uploads) => {
                self.enter_uploads(uploads, answers);
                (Stage::Done, Vec::new())
            }
            Stage::Done => (Stage::Done, Vec::new()),
        }
    }
}

impl<'a, E: Display + PartialEq> Search<'a, E> {
    fn bucket(&self, name: &BucketName) -> Option<&'a BucketBlueprint> {
        self.subject.blueprint.bucket(name)
    }

    /// The claim to a key that names the user.
    fn claim_by_key(&mut self, bucket: &BucketBlueprint, key: &ObjectKey) -> Option<Arc<Claim>> {
        let why = names_owner(bucket, key, self.subject)?;
        if let Some(source) = self.of_another(&bucket.name, key) {
            // Without the key: what was not searched stands in receipts, which name none.
            let what = format!("keys in {} that name the user", bucket.name);
            let rule = source.rule;
            let why = format!(
                "the rule {rule} makes them from another user's media: they are that user's"
            );
            if !self
                .found
                .coverage
                .gaps()
                .iter()
                .any(|gap| gap.what == what)
            {
                self.found.coverage.miss(Gap::new(what, why));
            }
            return None;
        }
        Some(self.claims.claim(&bucket.name, key, why))
    }

    /// From which of another user's objects a key that names this user may have been made: whose it is cannot be told then.
    fn of_another(&self, bucket: &BucketName, key: &ObjectKey) -> Option<AnothersSource> {
        let (rules, owner) = (self.subject.blueprint, self.subject.owner);
        rules.made_from_another(bucket, key.as_str(), owner)
    }

    fn enter(&mut self, claim: &Arc<Claim>, version: &ObjectVersion) {
        self.claims.know(&claim.bucket, &claim.key);
        let item = Item::of_version(Arc::clone(claim), version);
        self.found.items.push(item);
    }
}

/// Why a key is the user's, where it names the user.
fn names_owner(bucket: &BucketBlueprint, key: &ObjectKey, subject: Subject<'_>) -> Option<Why> {
    match bucket.locate(key.as_str()) {
        Location::Owned {
            layout,
            owner,
            tail_parses,
            ..
        } if owner == *subject.owner => Some(Why::Key {
            layout: layout.to_owned(),
            tail_parses,
        }),
        _ => None,
    }
}

fn shown(bucket: &BucketName, key: &ObjectKey) -> String {
    format!("s3://{bucket}/{}", key.as_str().escape_debug())
}
