//! Determines the owner of an object. No other code decides this.
//!
//! Orphans, find, purge, quarantine, browse and the scan's owners call [`Ownership::whose`], so that they all agree. An
//! [`Attribution`] has every claim with its evidence, and one [`Verdict`] that follows from them:
//!
//! 1. A quarantined copy belongs to the owner of its original.
//! 2. A derived object belongs to the owner of its source. An existing source decides, even if the object's own key
//!    names somebody else. Sources of different owners make it contested. A source of unknown owner decides nothing.
//! 3. Without an existing source, two kinds of owner count: the one that the key names, and every owner that a source
//!    may have had according to the inverted rules. Nobody can know whether such a source existed, so if they differ,
//!    the object is contested. If a rule drops the owner, the owner is unknown.
//! 4. If another layout gives the key to somebody else, the object is contested ([`BucketBlueprint::readings`]). If one
//!    of the layouts takes the owner from records or metadata that name nobody, the owner is unknown.
//! 5. Records and metadata that name an owner are claims, too. A different owner makes the object contested. If a layout
//!    takes the owner from metadata that was not read, the owner is unknown, whatever the rest says.
//! 6. A record that may refer to the key (written in another form, or truncated) gives the object to nobody. If it
//!    names another owner than the other claims, the object is contested ([`Ownership::whose_with_doubts`]).
//! 7. Where replication writes, the key is also read by the layouts of the bucket that it would be a replica from. If
//!    they give it to somebody else, the object is contested: nobody can tell a replica from an upload by its key.
//!
//! Ids are compared byte by byte. Nothing here says who is active.
//!
//! Start with [`Ownership`], or with [`by_key()`] if only a bucket's keys are known. `former` collects what the
//! inverted rules say, `replicas` what replication says; `verdict` draws the conclusion.

mod by_key;
mod former;
mod replicas;
mod verdict;

use crate::domain::blueprint::{
    BucketBlueprint, DerivedRule, KeyReading, Layout, Location, OwnerSource,
};
use crate::domain::quarantine::place;
use crate::domain::registry::{Difference, Registry};
use crate::domain::{BucketName, ObjectKey, OwnerId};

pub(crate) use by_key::{ByKey, attribution_by_key, by_key};
pub use replicas::ReplicationPath;
pub(crate) use verdict::{Unknown, Verdict};

/// Determines owners from a blueprint and the application's records.
#[derive(Debug, Clone)]
pub(crate) struct Ownership<'a> {
    buckets: Vec<&'a BucketBlueprint>,
    records: Option<&'a Registry>,
    routes: Vec<Route<'a>>,
    replication: Vec<ReplicationPath>,
}

/// A rule, and the bucket of its sources.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Route<'a> {
    pub from: &'a BucketBlueprint,
    pub rule: &'a DerivedRule,
}

/// What is known about an object beyond its key.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Seen<'s> {
    /// The existing objects from which a rule derives it.
    pub sources: &'s [Source],
    /// The value of the metadata that names the owner, according to the layout.
    pub metadata: Option<&'s str>,
    /// For a quarantined copy: the value of [`place::KEY_ENTRY`] in its metadata.
    pub entry: Option<&'s str>,
}

/// An existing object from which a rule derives another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    pub bucket: BucketName,
    pub key: String,
    pub rule: String,
    /// Its own owner.
    pub whose: Verdict,
}

/// An owner that some evidence names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OwnerClaim {
    pub owner: OwnerId,
    pub evidence: Evidence,
}

/// The evidence for an owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// The key, by this layout.
    Key {
        /// The layout's id.
        layout: String,
    },
    /// The key, by another matching layout than the deciding one.
    OtherLayout {
        /// That layout's id.
        layout: String,
    },
    /// The key, by a layout of the bucket that is replicated to this one.
    Original {
        /// The bucket of the original.
        bucket: BucketName,
        /// The layout's id.
        layout: String,
    },
    /// An existing source.
    Source {
        /// The id of the rule.
        rule: String,
        /// The source's bucket.
        bucket: BucketName,
        key: String,
    },
    /// A source that may have existed, according to an inverted rule.
    FormerSource {
        /// The id of the rule.
        rule: String,
        /// The source's bucket.
        bucket: BucketName,
        /// Its key, if the derived key determines all of it.
        key: Option<String>,
    },
    /// A record that names the key.
    Record,
    /// A record that may refer to the key, but names another.
    RecordAlike {
        /// The key that it names.
        record: String,
    },
    /// The object's metadata of this name.
    Metadata(String),
}

/// What matches a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Explanation {
    Layout {
        /// Its id.
        layout: String,
        /// Whether it matches the whole key. Ownership does not depend on it.
        tail_parses: bool,
    },
    /// A rule produced it, or can have.
    Rule {
        /// Its id.
        rule: String,
        /// The bucket of its sources.
        from: BucketName,
    },
    Nothing,
}

/// The owner of an object, with the reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attribution {
    /// Every claim, including those that do not count because a source decides.
    pub claims: Vec<OwnerClaim>,
    /// What matches the key. A layout takes precedence over a rule.
    pub explanation: Explanation,
    /// The rule that can have produced it, and the bucket of its sources, if no source of the object is known. If all
    /// sources are known, its source is gone.
    pub former: Option<(String, BucketName)>,
    pub verdict: Verdict,
}

/// The layout by which a record can give a key to this owner: one that takes the owner from records, or one by which
/// the key names somebody else. In the second case both have a claim. Code that makes such claims, and code that proves
/// them, calls this function.
#[must_use]
pub(crate) fn takes_records<'b>(
    bucket: &'b BucketBlueprint,
    key: &str,
    owner: &OwnerId,
) -> Option<&'b str> {
    let (layout, is_open) = match bucket.locate(key) {
        Location::Owned {
            layout,
            owner: named,
            ..
        } => (bucket.layout(layout)?, named != *owner),
        Location::Unnamed { layout } => {
            let layout = bucket.layout(layout)?;
            (layout, *layout.owner() == OwnerSource::Registry)
        }
        Location::Unreadable => return None,
    };
    is_open.then(|| layout.id())
}

impl<'a> Ownership<'a> {
    /// Takes a blueprint's buckets with the replication that it expects of them, and the list of keys with their owners
    /// if there is one.
    #[must_use]
    pub(crate) fn new(
        buckets: impl IntoIterator<Item = &'a BucketBlueprint>,
        records: Option<&'a Registry>,
    ) -> Self {
        let buckets: Vec<&BucketBlueprint> = buckets.into_iter().collect();
        let routes = buckets
            .iter()
            .flat_map(|&from| from.derived.iter().map(move |rule| Route { from, rule }));
        Self {
            routes: routes.collect(),
            replication: buckets
                .iter()
                .flat_map(|&from| replicas::expected(from))
                .collect(),
            buckets,
            records,
        }
    }

    /// The rules that write into a bucket.
    pub(crate) fn routes_to<'s>(
        &'s self,
        bucket: &'s BucketName,
    ) -> impl Iterator<Item = Route<'a>> + 's {
        let routes = self.routes.iter().copied();
        routes.filter(move |route| route.rule.to_bucket == *bucket)
    }

    /// Whether any rule writes into a bucket.
    #[must_use]
    pub(crate) fn is_target(&self, bucket: &BucketName) -> bool {
        self.routes_to(bucket).next().is_some()
    }

    #[must_use]
    pub(crate) fn whose(&self, bucket: &BucketName, key: &str, seen: &Seen<'_>) -> Attribution {
        if place::is_place(key) {
            return self.whose_copy(bucket, key, seen);
        }
        let mut buckets = self.buckets.iter();
        let rules = buckets.find(|rules| rules.name == *bucket);
        let location = rules.map_or(Location::Unreadable, |rules| rules.locate(key));
        let mut explanation = Explanation::Nothing;
        let mut by_key = Vec::new();
        let metadata = self.metadata_of(bucket, key).map(|(_, name)| name);
        match &location {
            Location::Owned {
                layout,
                owner,
                tail_parses,
                ..
            } => {
                explanation = Explanation::by_layout(layout, *tail_parses);
                by_key.push(OwnerClaim {
                    owner: owner.clone(),
                    evidence: Evidence::Key {
                        layout: (*layout).to_owned(),
                    },
                });
            }
            Location::Unnamed { layout } => {
                explanation = Explanation::by_layout(layout, true);
            }
            Location::Unreadable => {}
        }
        let rivals = rules.map_or_else(Vec::new, |rules| rules.rivals(key));
        by_key.extend(rivals.into_iter().filter_map(|rival| {
            Some(OwnerClaim {
                owner: rival.owner?,
                evidence: Evidence::OtherLayout {
                    layout: rival.layout.to_owned(),
                },
            })
        }));
        for original in self.originals(bucket, key) {
            if explanation == Explanation::Nothing {
                explanation = original.explanation;
            }
            by_key.extend(original.claims);
        }
        let mut stated = self.recorded(key);
        if let (Some(name), Some(value)) = (metadata, seen.metadata)
            && let Ok(owner) = OwnerId::new(value)
        {
            stated.push(OwnerClaim {
                owner,
                evidence: Evidence::Metadata(name.to_owned()),
            });
        }
        let differs = rules.and_then(|rules| layouts_differ(rules, key, &stated));
        let found = if seen.sources.is_empty() {
            self.former(bucket, key)
        } else {
            former::Former::default()
        };
        if explanation == Explanation::Nothing {
            let source = seen.sources.first();
            let rule = source.map(|source| (source.rule.clone(), source.bucket.clone()));
            if let Some((rule, from)) = rule.or_else(|| found.rule.clone()) {
                explanation = Explanation::Rule { rule, from };
            }
        }
        let grounds = verdict::Grounds {
            by_key: &by_key,
            differs,
            is_unread: metadata.is_some() && seen.metadata.is_none(),
            stated: &stated,
            sources: seen.sources,
            former: &found,
            silence: verdict::silence(&explanation, metadata, seen.metadata),
        };
        let verdict = grounds.verdict();
        let sources = seen.sources.iter().flat_map(Source::claims);
        let mut claims: Vec<OwnerClaim> = sources.collect();
        claims.extend(by_key);
        claims.extend(stated);
        claims.extend(found.claims);
        Attribution {
            claims,
            explanation,
            former: found.rule,
            verdict,
        }
    }

    /// Like [`Self::whose`], but also uses records that may refer to the key. It is slower: call it before an object is
    /// reported as somebody's, or as an orphan.
    #[must_use]
    pub(crate) fn whose_with_doubts(
        &self,
        bucket: &BucketName,
        key: &str,
        seen: &Seen<'_>,
    ) -> Attribution {
        let mut whose = self.whose(bucket, key, seen);
        let copy = ObjectKey::new(key).ok().filter(|_| place::is_place(key));
        let original = copy.and_then(|copy| place::original(&copy, seen.entry));
        let doubts = self.doubts(original.as_ref().map_or(key, ObjectKey::as_str));
        let mut owners = whose.verdict.owners();
        if !owners.is_empty() {
            owners.extend(doubts.iter().map(|claim| claim.owner.clone()));
            if owners.len() > 1 {
                whose.verdict = Verdict::Contested(owners);
            }
        }
        whose.claims.extend(doubts);
        whose
    }

    /// Owners in records that may refer to this key without naming it exactly.
    #[must_use]
    pub(crate) fn doubts(&self, key: &str) -> Vec<OwnerClaim> {
        let Some(records) = self.records else {
            return Vec::new();
        };
        // A key that a layout matches as written may belong to an object of its own.
        let is_explained = |key: &str| {
            let mut buckets = self.buckets.iter();
            buckets.any(|rules| !matches!(rules.locate(key), Location::Unreadable))
        };
        let alike = records.records_alike(key).into_iter();
        let alike = alike.filter(|one| one.by != Difference::Folders || !is_explained(&one.living));
        let beginnings = records.beginnings_of(key).into_iter();
        let beginnings = beginnings.filter(|one| !is_explained(&one.living));
        alike
            .chain(beginnings)
            .flat_map(|one| {
                let owners = records.owners_of(&one.living).into_iter();
                let owners: Vec<OwnerId> = owners.filter_map(|id| OwnerId::new(id).ok()).collect();
                let record = one.living;
                owners.into_iter().map(move |owner| OwnerClaim {
                    owner,
                    evidence: Evidence::RecordAlike {
                        record: record.clone(),
                    },
                })
            })
            .collect()
    }

    /// Whether a rule may produce a key from the media of other owners than this one.
    #[must_use]
    pub(crate) fn is_shared(&self, bucket: &BucketName, key: &str, owner: Option<&str>) -> bool {
        let former = self.former(bucket, key);
        let mut claims = former.claims.iter();
        former.loses_owner.is_some() || claims.any(|one| Some(one.owner.as_str()) != owner)
    }

    /// The only key from which rules can have produced this one, with its bucket. `None` if there may be others, unless
    /// they name the same owner.
    #[must_use]
    pub(crate) fn only_source(
        &self,
        bucket: &BucketName,
        key: &str,
    ) -> Option<(&'a BucketName, String)> {
        let mut only = None;
        for route in self.routes_to(bucket) {
            let mut found = route.rule.former_sources(route.from, key);
            if found.are_impossible() {
                continue;
            }
            let source = found.keys.pop()?;
            let is_same = |owner: &OwnerId| source.owner.as_ref() == Some(owner);
            let is_alone = found.keys.is_empty() && found.owners.iter().all(is_same);
            if only.is_some() || found.is_owner_lost || !is_alone {
                return None;
            }
            only = Some((&route.from.name, source.key));
        }
        only
    }

    /// Owners in records for exactly this key.
    fn recorded(&self, key: &str) -> Vec<OwnerClaim> {
        let Some(records) = self.records else {
            return Vec::new();
        };
        let owners = records.owners_of(key);
        let owners = owners.into_iter().filter_map(|id| OwnerId::new(id).ok());
        owners
            .map(|owner| OwnerClaim {
                owner,
                evidence: Evidence::Record,
            })
            .collect()
    }

    fn whose_copy(&self, bucket: &BucketName, key: &str, seen: &Seen<'_>) -> Attribution {
        let copy = ObjectKey::new(key).ok();
        let original = copy.and_then(|copy| place::original(&copy, seen.entry));
        match original {
            Some(original) => self.whose(bucket, original.as_str(), seen),
            None => Attribution {
                claims: Vec::new(),
                explanation: Explanation::Nothing,
                former: None,
                verdict: Verdict::Unknown(Unknown::UnprovenCopy),
            },
        }
    }
}

/// Whether layouts look for the owner in different places, some of which name nobody. The object may then belong to an
/// owner that only those places would name.
fn layouts_differ(rules: &BucketBlueprint, key: &str, stated: &[OwnerClaim]) -> Option<Unknown> {
    if !rules.is_disputed() {
        return None;
    }
    let readings = rules.readings(key);
    let named = readings.iter().find(|reading| reading.owner.is_some());
    let is_silent = |reading: &&KeyReading<'_>| {
        let source = rules.layout(reading.layout).map(Layout::owner);
        let mut stated = stated.iter().map(|claim| &claim.evidence);
        match source {
            Some(OwnerSource::Registry) => !stated.any(|one| *one == Evidence::Record),
            Some(OwnerSource::Metadata(name)) => {
                !stated.any(|one| *one == Evidence::Metadata(name.clone()))
            }
            Some(OwnerSource::Part(_)) | None => false,
        }
    };
    let silent = readings.iter().find(is_silent)?;
    let others = readings.iter().filter(|one| one.layout != silent.layout);
    let is_same = |one: &&KeyReading<'_>| {
        let source = |id: &str| rules.layout(id).map(Layout::owner);
        source(one.layout) == source(silent.layout)
    };
    let other = named.or_else(|| others.clone().find(|one| !is_same(one)))?;
    Some(Unknown::LayoutsDiffer {
        layout: silent.layout.to_owned(),
        other: other.layout.to_owned(),
        owner: other.owner.clone(),
    })
}

impl Explanation {
    fn by_layout(layout: &str, tail_parses: bool) -> Self {
        Self::Layout {
            layout: layout.to_owned(),
            tail_parses,
        }
    }
}

impl Source {
    fn claims(&self) -> impl Iterator<Item = OwnerClaim> + '_ {
        self.whose.owners().into_iter().map(|owner| OwnerClaim {
            owner,
            evidence: Evidence::Source {
                rule: self.rule.clone(),
                bucket: self.bucket.clone(),
                key: self.key.clone(),
            },
        })
    }
}

impl Attribution {
    /// The owner, if there is exactly one.
    #[must_use]
    pub(crate) fn owner(&self) -> Option<&OwnerId> {
        match &self.verdict {
            Verdict::One(owner) => Some(owner),
            Verdict::Contested(_) | Verdict::Unknown(_) => None,
        }
    }

    /// The rule that produced it, or can have, and the bucket of its sources.
    #[must_use]
    pub(crate) fn maker(&self) -> Option<(String, BucketName)> {
        self.former.clone().or_else(|| match &self.explanation {
            Explanation::Rule { rule, from } => Some((rule.clone(), from.clone())),
            Explanation::Layout { .. } | Explanation::Nothing => None,
        })
    }

    /// Whether any claim names this owner.
    #[cfg(test)]
    #[must_use]
    pub(crate) fn is_claimed_by(&self, owner: &OwnerId) -> bool {
        self.claims.iter().any(|claim| claim.owner == *owner)
    }
}

#[cfg(test)]
pub(in crate::domain) mod tests;
