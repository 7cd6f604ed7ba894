//! Finds the user's copies in quarantine.
//!
//! A copy has its original's key in its own key, or in its metadata if that would be too long. It also has all metadata
//! of the original. Layouts, records and metadata therefore give a copy the same owner as its original. Objects that a
//! rule derives from the user's media are the user's in quarantine, too. All other copies have no known owner.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::sync::Arc;

use super::metadata::{self, Asked};
use super::question::{Answer, Question};
use super::{Place, Search, former, shown};
use crate::domain::blueprint::BucketBlueprint;
use crate::domain::change::{Claim, Why};
use crate::domain::coverage::Gap;
use crate::domain::ownership::{Seen, Verdict};
use crate::domain::quarantine::place;
use crate::domain::{BucketName, ObjectKey, ObjectVersion};

/// The quarantined copies of one bucket.
#[derive(Debug, Default)]
pub(super) struct Copies {
    /// Versions and delete markers by the key of the copy, newest first.
    places: BTreeMap<ObjectKey, Vec<ObjectVersion>>,
    /// Copies of unknown owner, unless something of the user's leads to them.
    untold: BTreeSet<ObjectKey>,
}

impl Copies {
    pub(super) fn new(versions: Vec<ObjectVersion>) -> Self {
        let mut copies = Self::default();
        for version in versions {
            let of_place = copies.places.entry(version.object.key.clone());
            of_place.or_default().push(version);
        }
        copies
    }

    pub(super) fn under(&self, place: &ObjectKey) -> &[ObjectVersion] {
        self.places.get(place).map_or(&[], Vec::as_slice)
    }
}

/// The owner according to the original key of a copy.
enum Whose {
    Users(Arc<Claim>),
    Others,
    /// The copy's own metadata names the owner.
    Metadata,
    Untold,
}

impl<E: Display + PartialEq> Search<'_, E> {
    /// Asks for the metadata of copies whose original keys are too long to be part of the copy's key.
    pub(super) fn ask_for_long_keys(&mut self) -> (Vec<Place>, Vec<Question>) {
        let (mut places, mut questions) = (Vec::new(), Vec::new());
        let copies = std::mem::take(&mut self.copies);
        for (name, of_bucket) in &copies {
            let long = of_bucket.places.iter();
            let long: Vec<&ObjectVersion> = long
                .filter(|(place, _)| place::needs_entry(place.as_str()))
                .filter_map(|(_, versions)| versions.iter().find(|one| !one.is_delete_marker))
                .collect();
            if !self.may_ask(name, long.len()) {
                continue;
            }
            for version in long {
                let key = &version.object.key;
                places.push((name.clone(), key.clone()));
                questions.push(Question::Metadata {
                    bucket: name.clone(),
                    key: key.clone(),
                    version: version.version_id.clone(),
                });
            }
        }
        self.copies = copies;
        (places, questions)
    }

    /// The original keys, read from the metadata of the copies.
    pub(super) fn long_keys(
        &mut self,
        places: Vec<Place>,
        answers: Vec<Answer<E>>,
    ) -> BTreeMap<Place, ObjectKey> {
        let mut keys = BTreeMap::new();
        for (place, answer) in places.into_iter().zip(answers) {
            match answer {
                Answer::Metadata(Ok(Some(metadata))) => {
                    let entry = metadata.get(place::KEY_ENTRY).map(String::as_str);
                    let original = place::original(&place.1, entry);
                    keys.extend(original.map(|original| (place, original)));
                }
                Answer::Metadata(Err(problem)) => {
                    let gap = Gap::failed(shown(&place.0, &place.1), problem);
                    self.found.coverage.miss(gap);
                }
                // It is reported with the copies of unknown owner.
                _ => {}
            }
        }
        keys
    }

    /// Adds the copies that are the user's. Returns those whose owner only the metadata names.
    pub(super) fn enter_copies(&mut self, long: &BTreeMap<Place, ObjectKey>) -> Vec<Asked> {
        let mut to_ask = Vec::new();
        let buckets: Vec<BucketName> = self.copies.keys().cloned().collect();
        for name in buckets {
            let Some(rules) = self.bucket(&name) else {
                continue;
            };
            // They are put back below, because claims may lead to them later.
            let mut copies = self.copies.remove(&name).unwrap_or_default();
            let mut by_metadata = Vec::new();
            let mut untold = BTreeSet::new();
            for (place, versions) in &copies.places {
                let original = place::original(place, None);
                let by_entry = || long.get(&(name.clone(), place.clone())).cloned();
                let Some(original) = original.or_else(by_entry) else {
                    untold.insert(place.clone());
                    continue;
                };
                match self.whose(rules, &original) {
                    Whose::Users(source) => {
                        self.claims.know(&name, &original);
                        let claim =
                            self.claims
                                .claim(&name, place, Why::QuarantinedCopy { source });
                        for version in versions {
                            self.enter(&claim, version);
                        }
                    }
                    Whose::Others => {}
                    Whose::Metadata => {
                        let asked = versions.iter().cloned();
                        let asked = asked.filter_map(|one| {
                            Asked::new(&self.ownership, &name, one, Some(&original))
                        });
                        by_metadata.extend(asked);
                    }
                    Whose::Untold => drop(untold.insert(place.clone())),
                }
            }
            if self.may_ask(&name, metadata::count(&by_metadata)) {
                to_ask.extend(by_metadata);
            }
            copies.untold = untold;
            self.copies.insert(name, copies);
        }
        to_ask
    }

    fn whose(&mut self, rules: &BucketBlueprint, original: &ObjectKey) -> Whose {
        let text = original.as_str();
        if self.ownership.metadata_of(&rules.name, text).is_some() {
            return Whose::Metadata;
        }
        if let Some(claim) = self.claim_by_key(rules, original) {
            return Whose::Users(claim);
        }
        // A key that a record gives to the user has a claim by now. A key derived by a rule has none: its objects are
        // found through the source.
        if let Some(claim) = self.claims.get(&rules.name, original) {
            return Whose::Users(Arc::clone(claim));
        }
        let whose = self.ownership.whose(&rules.name, text, &Seen::default());
        if let Verdict::Unknown(_) = whose.verdict {
            return Whose::Untold;
        }
        let Some(why) = former::former(&whose, self.subject.owner) else {
            return Whose::Others;
        };
        if !self.is_by_rules(&rules.name, original, &why) {
            return Whose::Untold;
        }
        let claim = Arc::new(Claim {
            bucket: rules.name.clone(),
            key: original.clone(),
            why,
        });
        self.weigh(&claim);
        Whose::Users(claim)
    }

    /// The claim to the quarantined copy of an object of the user's, if there is one. Owners from metadata are not
    /// handled here: the copies' own metadata was already read.
    pub(super) fn copy_of(&self, claim: &Arc<Claim>) -> Option<(ObjectKey, Why)> {
        if matches!(claim.why, Why::Metadata { .. }) {
            return None;
        }
        let copies = self.copies.get(&claim.bucket)?;
        if copies.places.is_empty() {
            return None;
        }
        let place = place::of(&claim.key)?.key;
        if copies.under(&place).is_empty() {
            return None;
        }
        let source = Arc::clone(claim);
        Some((place, Why::QuarantinedCopy { source }))
    }

    /// Reports copies that may be the user's or anybody else's. They are not touched. The text names no key, because it
    /// also goes into receipts.
    pub(super) fn say_which_copies_nobody_tells(&mut self) {
        for (name, copies) in &self.copies {
            let left = copies.untold.iter().filter(|place| {
                let is_there = copies.under(place).iter().any(|one| !one.is_delete_marker);
                is_there && !self.claims.contain(name, place)
            });
            let left = left.count();
            if left == 0 {
                continue;
            }
            self.found.coverage.miss(Gap::new(
                format!("what {name} has in quarantine as copies"),
                format!(
                    "of {left} of them the key does not tell whose they are, and nothing else does: they stay where they are; restore them by copies first, or let them expire"
                ),
            ));
        }
    }
}
