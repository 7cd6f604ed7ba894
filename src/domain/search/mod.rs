//! Everything of one user: what follows from what, without a request.
//!
//! A [`Search`] says which [`Question`]s are open and takes the [`Answer`]s, failures among them, until there are none;
//! then it gives what it [`Found`]. Whoever drives it asks S3, or a list in memory.
//!
//! It goes from what names the user to what follows from it. First each bucket is listed where its layouts say that the
//! user's objects are (`sweep`), and the keys that the application's records give to the user are added (`recorded`).
//! From these claims follow others: what the application makes of a source and what replication copies (`follow`), and
//! the copies of all these in quarantine (`quarantined`). Those keys are looked up one by one (`standing`), and whatever
//! is there leads on. What was made of media that are gone is found by rules turned round (`former`). Whatever may be
//! another user's as well is told apart at the end (`contested`). `claims` keeps every key.
//!
//! Buckets of the account that the blueprint does not name are named and not searched. They are other applications', as
//! far as anybody knows: they stand in a field of their own and make no search incomplete.
//!
//! Start with [`Search::step`], which tells the order of things.

mod claims;
mod contested;
mod follow;
mod former;
mod found;
mod metadata;
mod quarantined;
mod question;
mod recorded;
mod replication;
mod standing;
mod sweep;
mod uploads;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::sync::Arc;

use self::claims::Claims;
use self::contested::Wanted;
use self::former::{Untold, Where};
use self::metadata::Asked;
use self::quarantined::Copies;
use super::blueprint::{Blueprint, BucketBlueprint, Location};
use super::change::{Claim, Item, Why};
use super::coverage::Gap;
use super::ownership::Ownership;
use super::registry::Registry;
use super::{BucketName, ObjectKey, ObjectVersion, OwnerId, Upload};

pub(crate) use found::{Contested, Found, OtherBuckets, contested_in_words};
pub(crate) use question::{Answer, Listed, Presence, Question};

/// How often what was found may lead to something that leads on: a thumbnail of a thumbnail's replica is three.
const MOST_ROUNDS: usize = 16;

type Place = (BucketName, ObjectKey);

/// Whose things are looked for, and by what they are told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    /// The buckets, and whose their keys are.
    pub blueprint: &'a Blueprint,
    /// The user.
    pub owner: &'a OwnerId,
    /// The keys that the application's records give to the user; `None` where no records were read.
    pub records: Option<&'a BTreeSet<String>>,
    /// All that the records say, of other users as well: `None` where no records were read, or they name no owners.
    pub list: Option<&'a Registry>,
    /// Who is alive; `None` where no list of owners was read.
    pub living: Option<&'a Registry>,
    /// Keys that are known to be the user's, and may be gone: what was made from them is looked for all the same.
    pub known: &'a [Arc<Claim>],
    /// The most objects that are asked one by one for an owner who stands in their metadata, at a request each.
    pub max_heads: u64,
}

/// A search under way. `E` is a failed request.
#[derive(Debug)]
pub(crate) struct Search<'a, E> {
    subject: Subject<'a>,
    ownership: Ownership<'a>,
    stage: Stage,
    found: Found<E>,
    /// Every key that is the user's, whether or not anything stands under it.
    claims: Claims,
    /// Every incomplete upload of each bucket.
    uploads: BTreeMap<BucketName, Vec<Upload>>,
    /// What each bucket has in quarantine as copies.
    copies: BTreeMap<BucketName, Copies>,
    /// Keys of which nobody can tell whose they are, because a rule loses it.
    untold: Vec<Untold>,
    /// Records of the user whose keys no layout and no rule explains.
    unexplained: u64,
    /// Keys of the user's records that seem to be written in another form than the objects' own.
    rewritten: Vec<ObjectKey>,
    /// Whether what was made of media that are gone was asked for.
    has_asked_for_renditions: bool,
    /// Requests that were wanted to learn owners, the refused ones included.
    heads: u64,
}

/// What was asked last, beside the questions themselves.
#[derive(Debug)]
enum Stage {
    Begin,
    /// Which buckets the account has, and of every one of the blueprint whether it is there and replicated to where.
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
    /// What lies where the rules put what is made of the user's media, and replication what it copies of them. After so
    /// many rounds.
    Renditions {
        places: Vec<Where>,
        round: usize,
    },
    /// What may have become the keys of which it is not plain whose they are.
    Sources(Wanted),
    /// How large these uploads are.
    Uploads(Vec<(Arc<Claim>, Upload)>),
    /// Whether uploads are still listed that the service did not know when it was asked for their parts.
    UploadsAgain {
        buckets: Vec<BucketName>,
        unknown: Vec<(Arc<Claim>, Upload)>,
    },
    Done,
}

impl<'a, E: Display + PartialEq> Search<'a, E> {
    /// A search that has asked nothing yet.
    #[must_use]
    pub(crate) fn new(subject: Subject<'a>) -> Self {
        Self {
            subject,
            ownership: Ownership::new(&subject.blueprint.buckets, subject.list),
            stage: Stage::Begin,
            found: Found::default(),
            claims: Claims::default(),
            uploads: BTreeMap::new(),
            copies: BTreeMap::new(),
            untold: Vec::new(),
            unexplained: 0,
            rewritten: Vec::new(),
            has_asked_for_renditions: false,
            heads: 0,
        }
    }

    /// Takes the answers to the questions of the step before, in their order, and gives the next questions: none when
    /// nothing is open any more. The first step takes no answers.
    pub(crate) fn step(&mut self, answers: Vec<Answer<E>>) -> Vec<Question> {
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
    pub(crate) fn finish(mut self, is_stopped: bool) -> Found<E> {
        if is_stopped {
            self.found.coverage.miss(Gap::cancelled("the rest"));
        }
        self.say_which_records_lead_nowhere();
        // Stable: what stands under one key keeps the server's order, newest first.
        self.found.items.sort_by(in_order);
        let contested = &mut self.found.contested;
        contested.sort_by(|one, another| in_order(&one.item, &another.item));
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
                self.go_on(&fresh, round)
            }
            Stage::Renditions { places, round } => {
                let fresh = self.take_renditions(&places, answers);
                self.go_on(&fresh, round)
            }
            Stage::Uploads(uploads) => self.enter_uploads(uploads, answers),
            Stage::UploadsAgain { buckets, unknown } => {
                self.enter_unknown_uploads(&buckets, unknown, answers);
                self.ask_for_sources()
            }
            Stage::Sources(wanted) => {
                self.settle_doubts(wanted, answers);
                (Stage::Done, Vec::new())
            }
            Stage::Done => (Stage::Done, Vec::new()),
        }
    }

    /// Follows from claims to others; when nothing follows any more, goes on to what is left to ask.
    fn go_on(&mut self, fresh: &[Arc<Claim>], round: usize) -> (Stage, Vec<Question>) {
        let candidates = self.follow(fresh);
        if candidates.is_empty() {
            if std::mem::replace(&mut self.has_asked_for_renditions, true) {
                return self.ask_for_uploads();
            }
            return self.ask_for_renditions(round);
        }
        if round == MOST_ROUNDS {
            self.found.coverage.miss(Gap::new(
                format!("what was made from {} further keys", candidates.len()),
                format!("the search stopped after {MOST_ROUNDS} steps from source to derived"),
            ));
            return self.ask_for_uploads();
        }
        self.look_up(candidates.clone(), candidates, round + 1)
    }
}

impl<'a, E: Display + PartialEq> Search<'a, E> {
    fn bucket(&self, name: &BucketName) -> Option<&'a BucketBlueprint> {
        self.subject.blueprint.bucket(name)
    }

    /// The claim to a key that names the user.
    fn claim_by_key(&mut self, bucket: &BucketBlueprint, key: &ObjectKey) -> Option<Arc<Claim>> {
        if let Some(claim) = self.claims.get(&bucket.name, key) {
            return Some(Arc::clone(claim));
        }
        let why = names_owner(bucket, key, self.subject)?;
        let claim = self.claims.claim(&bucket.name, key, why);
        self.weigh(&claim);
        Some(claim)
    }

    fn enter(&mut self, claim: &Arc<Claim>, version: &ObjectVersion) {
        self.claims.know(&claim.bucket, &claim.key);
        let item = Item::of_version(Arc::clone(claim), version);
        self.found.items.push(item);
    }
}

fn in_order(one: &Item, another: &Item) -> Ordering {
    let (one, another) = (&*one.claim, &*another.claim);
    (&one.bucket, &one.key).cmp(&(&another.bucket, &another.key))
}

/// Why a key is the user's, where it names the user by any layout.
fn names_owner(bucket: &BucketBlueprint, key: &ObjectKey, subject: Subject<'_>) -> Option<Why> {
    let key = key.as_str();
    match bucket.locate(key) {
        Location::Owned {
            layout,
            owner,
            tail_parses,
            ..
        } if owner == *subject.owner => Some(Why::Key {
            layout: layout.to_owned(),
            tail_parses,
        }),
        decided => {
            let mut rivals = bucket.rivals(key).into_iter();
            let rival = rivals.find(|rival| rival.owner.as_ref() == Some(subject.owner))?;
            Some(Why::Key {
                layout: rival.layout.to_owned(),
                tail_parses: !matches!(
                    decided,
                    Location::Owned {
                        tail_parses: false,
                        ..
                    }
                ),
            })
        }
    }
}

fn shown(bucket: &BucketName, key: &ObjectKey) -> String {
    format!("s3://{bucket}/{}", key.as_str().escape_debug())
}

#[cfg(test)]
mod tests;
