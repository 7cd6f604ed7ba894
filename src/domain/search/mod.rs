//! Finds everything that belongs to one user. Pure logic: it sends no request.
//!
//! A [`Search`] returns open [`Question`]s and takes their [`Answer`]s, failures included, until no question is left.
//! Then it returns what it [`Found`]. The driver sends the questions to S3, or to a store in memory.
//!
//! The search starts from what names the user and follows it to what depends on it:
//!
//! 1. `sweep` lists each bucket where the layouts put the user's objects.
//! 2. `recorded` adds the keys that the application's records give to the user.
//! 3. `follow` adds derived objects and replicas. `quarantined` adds the quarantined copies of all of them.
//! 4. `standing` looks up each of these keys. What exists leads to further keys.
//! 5. `former` inverts the rules to find objects that were derived from deleted media.
//! 6. `contested` separates what may belong to another user.
//!
//! `claims` keeps every key.
//!
//! Buckets of the account that the blueprint does not mention are not searched. They probably belong to other
//! applications, so they do not make the search incomplete. The result names them in a field of their own.
//!
//! Start with [`Search::step`], which defines this order.

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
use self::metadata::{Asked, Stated};
use self::quarantined::Copies;
use super::blueprint::{Blueprint, BucketBlueprint, Location};
use super::change::{Claim, Item, Why};
use super::coverage::Gap;
use super::ownership::Ownership;
use super::registry::Registry;
use super::{BucketName, ObjectKey, ObjectVersion, OwnerId, Upload};

pub(crate) use found::{Contested, Found, OtherBuckets, contested_in_words};
pub(crate) use question::{Answer, Listed, Presence, Question};

/// The limit on following findings to further findings. A thumbnail of the replica of a thumbnail takes three rounds.
const MOST_ROUNDS: usize = 16;

type Place = (BucketName, ObjectKey);

/// The user to search for, and the evidence to use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    /// The buckets, and the rules that give the owner of a key.
    pub blueprint: &'a Blueprint,
    pub owner: &'a OwnerId,
    /// The keys that the application's records give to the user; `None` if no records were read.
    pub records: Option<&'a BTreeSet<String>>,
    /// All records, including those of other users. `None` if no records were read, or if they name no owners.
    pub list: Option<&'a Registry>,
    /// The active users; `None` if no list of owners was read.
    pub living: Option<&'a Registry>,
    /// Keys that are known to be the user's, even if they no longer exist. The search still looks for objects derived
    /// from them.
    pub known: &'a [Arc<Claim>],
    /// The maximum number of HEAD requests to read owners from metadata.
    pub max_heads: u64,
}

/// A search in progress. `E` is the error of a failed request.
#[derive(Debug)]
pub(crate) struct Search<'a, E> {
    subject: Subject<'a>,
    ownership: Ownership<'a>,
    stage: Stage,
    found: Found<E>,
    /// Every key of the user, whether or not it exists.
    claims: Claims,
    /// Every incomplete upload, by bucket.
    uploads: BTreeMap<BucketName, Vec<Upload>>,
    /// Quarantined copies, by bucket.
    copies: BTreeMap<BucketName, Copies>,
    /// What metadata was read, by key.
    stated: Stated,
    /// Keys of unknown owner, because a rule drops the owner.
    untold: Vec<Untold>,
    /// Number of the user's records whose keys match no layout and no rule.
    unexplained: u64,
    /// Keys in the user's records that seem to be written in a different form than the object keys.
    rewritten: Vec<ObjectKey>,
    /// Whether the search has already asked for objects derived from deleted media.
    has_asked_for_renditions: bool,
    /// HEAD requests needed to determine owners, including those that the limit refused.
    heads: u64,
}

/// What the last questions were about.
#[derive(Debug)]
enum Stage {
    Begin,
    /// Which buckets the account has. For each bucket of the blueprint: whether it exists, and where it is replicated.
    Buckets,
    /// For these buckets: objects whose key names the user, objects with an owner in metadata, uploads, and quarantined
    /// copies.
    Listings(Vec<BucketName>),
    /// The metadata of these versions.
    Metadata(Vec<Asked>),
    /// The original keys of these quarantined copies, which are too long for the copies' keys. Claims from records wait
    /// for them.
    LongKeys {
        places: Vec<Place>,
        recorded: Vec<Arc<Claim>>,
    },
    /// The metadata of these quarantined copies.
    CopiesMetadata {
        asked: Vec<Asked>,
        recorded: Vec<Arc<Claim>>,
    },
    /// The versions under these claimed keys, and the claims that need no question. With the number of rounds so far.
    LookUp {
        asked: Vec<Arc<Claim>>,
        fresh: Vec<Arc<Claim>>,
        round: usize,
    },
    /// Where rules and replication put what they make of the user's media. With the number of rounds so far.
    Renditions {
        places: Vec<Where>,
        round: usize,
    },
    /// The sources of keys with a doubtful owner.
    Sources(Wanted),
    /// The sizes of these uploads.
    Uploads(Vec<(Arc<Claim>, Upload)>),
    /// Whether uploads are still listed after S3 did not know them in a request for their parts.
    UploadsAgain {
        buckets: Vec<BucketName>,
        unknown: Vec<(Arc<Claim>, Upload)>,
    },
    Done,
}

impl<'a, E: Display + PartialEq> Search<'a, E> {
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
            stated: Stated::default(),
            untold: Vec::new(),
            unexplained: 0,
            rewritten: Vec::new(),
            has_asked_for_renditions: false,
            heads: 0,
        }
    }

    /// Takes the answers to the previous questions, in the same order, and returns the next questions. The search is
    /// over when it returns none. The first call takes no answers.
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

    /// Returns the result. `is_stopped` means that the user cancelled the search and questions are unanswered.
    #[must_use]
    pub(crate) fn finish(mut self, is_stopped: bool) -> Found<E> {
        if is_stopped {
            self.found.coverage.miss(Gap::cancelled("the rest"));
        }
        self.say_which_records_lead_nowhere();
        self.say_which_records_name_several();
        // A stable sort: the versions of a key keep the order of the server, newest first.
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
            Stage::Sources(wanted) => self.take_sources(wanted, answers),
            Stage::Done => (Stage::Done, Vec::new()),
        }
    }

    /// Follows claims to further claims. When there are no new ones, it continues with the remaining questions.
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

/// Why a key is the user's, if any layout reads the user from it.
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
