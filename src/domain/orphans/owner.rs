//! Determines the owner of an object and whether that owner is active.

use super::derived_index::Source;
use super::join::{Join, MOST_GENERATIONS, Object, Scene, Untold};
use super::registry_lookup::Standing;
use super::{Ground, Kind, Reason, Shared, Through};
use crate::domain::blueprint::{BucketBlueprint, Layout, Location, OwnerSource};
use crate::domain::ownership::{self, Attribution, Evidence, OwnerClaim, Seen, Unknown, Verdict};

impl Join<'_> {
    /// The owners according to the object's own key, or to the metadata or records that its layout uses instead.
    pub(super) fn claims(
        &self,
        ground: &Ground,
        row: usize,
        location: &Location<'_>,
        key: &str,
    ) -> Vec<(String, Through)> {
        let layout = match location {
            Location::Owned { owner, .. } => {
                return vec![(owner.as_str().to_owned(), Through::Key)];
            }
            Location::Unnamed { layout } => ground.rules.layout(layout),
            Location::Unreadable => return Vec::new(),
        };
        if let Some(OwnerSource::Metadata(name)) = layout.map(Layout::owner)
            && let Some(stated) = &ground.stated
        {
            let owner = stated.owner(row).into_iter();
            let through = || Through::Metadata(name.clone());
            return owner.map(|owner| (owner.to_owned(), through())).collect();
        }
        let owners = self.living.owners_of(key).into_iter();
        owners.map(|owner| (owner, Through::Record)).collect()
    }

    /// The owner if only the object's own key gives evidence: no rule leads to it, and no record names it.
    pub(super) fn by_own(
        &self,
        own: &[(String, Through)],
    ) -> (Option<String>, Option<(Kind, Reason)>) {
        let Some((owner, through)) = own.first() else {
            return (None, None);
        };
        let ruled = match self.living.owner(owner) {
            Standing::Untold | Standing::Alive => None,
            Standing::Alike(alike) => Some((Kind::Suspect, Reason::OwnerAlike(alike))),
            Standing::Gone => Some((
                Kind::OwnerGone,
                Reason::NoOwner {
                    through: through.clone(),
                },
            )),
        };
        (Some(owner.clone()), ruled)
    }

    /// The owner according to all evidence, including the owners of its sources. `with_doubts` also uses records that
    /// may refer to its key or to its sources.
    pub(super) fn attribute(
        &self,
        scene: &Scene<'_>,
        (ground, row): (usize, usize),
        key: &str,
        sources: &[Source],
        (generations, with_doubts): (usize, bool),
    ) -> Option<Attribution> {
        let rules = self.grounds.get(ground)?;
        let sources: Vec<ownership::Source> = sources
            .iter()
            .filter_map(|source| self.source(scene, source, (generations, with_doubts)))
            .collect();
        let stated = rules.stated.as_ref();
        let seen = Seen {
            sources: &sources,
            metadata: stated.and_then(|stated| stated.value(row)),
            entry: None,
        };
        let bucket = &rules.rules.name;
        Some(if with_doubts {
            scene.ownership.whose_with_doubts(bucket, key, &seen)
        } else {
            scene.ownership.whose(bucket, key, &seen)
        })
    }

    fn source(
        &self,
        scene: &Scene<'_>,
        source: &Source,
        (generations, with_doubts): (usize, bool),
    ) -> Option<ownership::Source> {
        let further = if generations > 1 && scene.derived_index.lead_to(source.ground) {
            scene
                .derived_index
                .sources(self.grounds, source.ground, &source.key)
        } else {
            Vec::new()
        };
        let place = (source.ground, source.row);
        let further_back = (generations - 1, with_doubts);
        let whose = self.attribute(scene, place, &source.key, &further, further_back)?;
        Some(ownership::Source {
            bucket: self.grounds.get(source.ground)?.rules.name.clone(),
            key: source.key.clone(),
            rule: scene
                .derived_index
                .rule_of(source.image)
                .unwrap_or_default()
                .to_owned(),
            whose: whose.verdict,
        })
    }

    /// The verdict that follows from the owner.
    pub(super) fn by_owner(
        &self,
        key: &str,
        whose: &Attribution,
    ) -> (Option<String>, Option<(Kind, Reason)>) {
        if let Verdict::Unknown(unknown @ Unknown::LayoutsDiffer { owner, .. }) = &whose.verdict {
            let is_there = |standing| matches!(standing, Standing::Alive | Standing::Untold);
            let owner = owner
                .as_ref()
                .map(|owner| self.living.owner(owner.as_str()));
            let is_in_both = owner.is_none_or(is_there) && is_there(self.living.key(key));
            let reason = Reason::LayoutsDiffer(unknown.clone());
            return (None, (!is_in_both).then_some((Kind::Suspect, reason)));
        }
        let counting = whose.verdict.owners();
        let claims: Vec<(&OwnerClaim, Standing)> = whose
            .claims
            .iter()
            .map(|claim| (claim, self.living.owner(claim.owner.as_str())))
            .collect();
        let counted = || {
            let claims = claims.iter();
            claims.filter(|(claim, _)| counting.contains(&claim.owner))
        };
        let name = |claim: &OwnerClaim| claim.owner.as_str().to_owned();
        let told = counted().next().map(|(claim, _)| name(claim));
        if self.living.owners.is_none() || counting.is_empty() {
            return (told, None);
        }
        let is_weak = |claim: &OwnerClaim| {
            matches!(
                claim.evidence,
                Evidence::FormerSource { .. } | Evidence::RecordAlike { .. }
            )
        };
        if let Some((living, _)) = counted().find(|(_, standing)| *standing == Standing::Alive) {
            // A possible former source, or a record that may refer to the key, is no reason to doubt evidence for an
            // active owner.
            let other = counted().find(|(claim, standing)| {
                !is_weak(claim) && !matches!(standing, Standing::Alive | Standing::Untold)
            });
            let contested = other.map(|(other, _)| {
                let reason = Reason::Contested {
                    living: name(living),
                    by: through(&living.evidence),
                    other: through(&other.evidence),
                };
                (Some(name(other)), Some((Kind::Suspect, reason)))
            });
            return contested.unwrap_or((told, None));
        }
        let all_gone = counted().all(|(_, standing)| *standing == Standing::Gone);
        // The key of a derived object may name another owner than its source does.
        let mut all = claims.iter();
        if let Some((living, _)) = all.find(|(_, standing)| *standing == Standing::Alive) {
            let source = counted().next().filter(|_| all_gone);
            let reason = source.map(|(source, _)| {
                let reason = Reason::TwoOwners {
                    living: name(living),
                    source: through(&source.evidence),
                };
                (Kind::Suspect, reason)
            });
            return (told, reason);
        }
        for (claim, standing) in &claims {
            if let Standing::Alike(alike) = standing {
                let reason = Reason::OwnerAlike(alike.clone());
                return (Some(name(claim)), Some((Kind::Suspect, reason)));
            }
        }
        let gone = counted().next().filter(|_| all_gone);
        let ruled = gone.map(|(claim, _)| {
            let through = through(&claim.evidence);
            (Kind::OwnerGone, Reason::NoOwner { through })
        });
        (told, ruled)
    }

    /// Corrects the verdict if a rule may produce the key from media of several owners. An existing source decides,
    /// unless the object is older than the source: then it came from another.
    pub(super) fn among_several(
        &self,
        scene: &Scene<'_>,
        object: &Object<'_>,
        sources: &[Source],
        (kind, reason): (Kind, Reason),
        owner: Option<&str>,
    ) -> (Kind, Reason) {
        let Reason::NoOwner {
            through: Through::Source { bucket, key, .. },
        } = reason
        else {
            return (kind, reason);
        };
        let place = &object.ground.rules.name;
        let made = object.row.key;
        let is_shared = scene.ownership.is_shared(place, made, owner);
        let begun = |source: &Source| {
            let ground = self.grounds.get(source.ground)?;
            ground.objects.last_modified(source.row)
        };
        let is_made_after = |source: &Source| begun(source) <= object.row.last_modified;
        let why = if scene.hidden.has_others(object.number, made, owner) {
            Some(Shared::Hidden)
        } else if scene.hidden.is_unknown(object.number) {
            Some(Shared::Unlisted)
        } else {
            (!sources.iter().any(is_made_after)).then_some(Shared::Older)
        };
        if let Some(why) = why.filter(|_| is_shared) {
            return (Kind::Suspect, Reason::SharedKey { bucket, key, why });
        }
        let through = Through::Source {
            bucket,
            key,
            is_shared,
        };
        (kind, Reason::NoOwner { through })
    }

    /// Changes the verdict to suspect if a record gives a derived object to somebody else.
    pub(super) fn unless_named_by_what_was_made(
        &self,
        object: &Object<'_>,
        ruled: (Kind, Reason),
        owner: Option<&str>,
    ) -> (Kind, Reason) {
        let (Reason::NoOwner { through }, Some(owner)) = (&ruled.1, owner) else {
            return ruled;
        };
        let (bucket, key) = (&object.ground.rules, object.row.key);
        let named = self.named_by_what_was_made(bucket, key, (owner, through), MOST_GENERATIONS);
        named.map_or(ruled, |reason| (Kind::Suspect, reason))
    }

    /// Whether a record gives a derived object to an owner who is not gone. Both show the same picture, and either
    /// record may be wrong.
    fn named_by_what_was_made(
        &self,
        rules: &BucketBlueprint,
        key: &str,
        (owner, told): (&str, &Through),
        generations: usize,
    ) -> Option<Reason> {
        if generations == 0 || self.living.keys.is_none() {
            return None;
        }
        rules.derived_of(key).into_iter().find_map(|made| {
            let mut owners = self.living.owners_of(&made.key).into_iter();
            let living =
                owners.find(|of| of != owner && !matches!(self.living.owner(of), Standing::Gone));
            if let Some(living) = living {
                return Some(Reason::Contested {
                    living,
                    by: Through::RecordOfMade(made.key),
                    other: told.clone(),
                });
            }
            let is_itself = made.bucket == rules.name && made.key == key;
            let mut buckets = self.buckets.iter().filter(|_| !is_itself);
            let target = buckets.find(|bucket| bucket.name == made.bucket)?;
            self.named_by_what_was_made(target, &made.key, (owner, told), generations - 1)
        })
    }

    /// The layouts whose owners are unknown.
    pub(super) fn untold_owners(&self) -> Vec<Untold> {
        if self.living.owners.is_none() || !self.kinds.has(Kind::OwnerGone) {
            return Vec::new();
        }
        let wanted = self.grounds.iter().filter(|ground| ground.wanted);
        wanted
            .flat_map(|ground| {
                let layouts = ground.rules.layouts.iter();
                layouts.filter_map(move |layout| {
                    let why = match layout.owner() {
                        OwnerSource::Part(_) => return None,
                        OwnerSource::Registry if self.living.keys.is_some() => return None,
                        OwnerSource::Registry => {
                            "the records name its owners, and there is no list of keys".to_owned()
                        }
                        OwnerSource::Metadata(name) => match &ground.stated {
                            None => format!(
                                "its owners stand in each object's metadata (x-amz-meta-{name}), which was not asked for"
                            ),
                            Some(stated) => match stated.silent(layout.id()) {
                                0 => return None,
                                silent => format!(
                                    "the metadata of {silent} of its objects does not tell their owner (x-amz-meta-{name})"
                                ),
                            },
                        },
                    };
                    Some(Untold {
                        bucket: ground.rules.name.clone(),
                        layout: layout.id().to_owned(),
                        kind: Kind::OwnerGone,
                        why,
                    })
                })
            })
            .collect()
    }
}

fn through(evidence: &Evidence) -> Through {
    match evidence {
        Evidence::Key { .. } => Through::Key,
        Evidence::OtherLayout { layout } => Through::OtherLayout(layout.clone()),
        Evidence::Original { bucket, layout } => Through::Original {
            bucket: bucket.clone(),
            layout: layout.clone(),
        },
        Evidence::Record => Through::Record,
        Evidence::RecordAlike { record } => Through::RecordAlike(record.clone()),
        Evidence::Metadata(name) => Through::Metadata(name.clone()),
        Evidence::Source { bucket, key, .. } => Through::Source {
            bucket: bucket.clone(),
            key: key.clone(),
            is_shared: false,
        },
        Evidence::FormerSource { rule, bucket, .. } => Through::FormerSource {
            rule: rule.clone(),
            bucket: bucket.clone(),
        },
    }
}
