//! Whose an object is, and whether they are alive.

use super::images::{Images, Source};
use super::join::{Join, MOST_GENERATIONS, Untold};
use super::standing::Standing;
use super::{Ground, Kind, Reason, Through};
use crate::domain::blueprint::{Layout, Location, OwnerSource};

impl Join<'_> {
    /// Whose an object is by its own key, or by what its layout leaves that to: its metadata, or the records that name it.
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

    /// Whose an object is, and what follows from that.
    pub(super) fn by_owner(
        &self,
        own: &[(String, Through)],
        images: &Images,
        sources: &[Source],
    ) -> (Option<String>, Option<(Kind, Reason)>) {
        let mut told = own.first().map(|(owner, _)| owner.clone());
        if self.living.owners.is_none() {
            return (told, None);
        }
        let mut inherited = Vec::new();
        let all_told = self.inherit(images, sources, MOST_GENERATIONS, &mut inherited);
        // What was derived is its source's owner's, wherever it lies.
        if let Some((owner, _)) = inherited.first() {
            told = Some(owner.clone());
        }
        let standing = |claims: &[(String, Through)]| -> Vec<Standing> {
            let owners = claims.iter().map(|(owner, _)| self.living.owner(owner));
            owners.collect()
        };
        let (of_own, of_inherited) = (standing(own), standing(&inherited));
        if of_inherited.contains(&Standing::Alive) {
            return (told, None);
        }
        let is_alive_here = of_own.iter().position(|one| *one == Standing::Alive);
        if let Some(living) = is_alive_here.and_then(|at| own.get(at)) {
            let gone = of_inherited.iter().all(|one| *one == Standing::Gone);
            let elsewhere = all_told && gone && inherited.iter().all(|(id, _)| *id != living.0);
            let reason = inherited.first().filter(|_| elsewhere).map(|(_, source)| {
                let reason = Reason::TwoOwners {
                    living: living.0.clone(),
                    source: source.clone(),
                };
                (Kind::Suspect, reason)
            });
            return (told, reason);
        }
        let claims = || inherited.iter().chain(own);
        for ((owner, _), standing) in claims().zip(of_inherited.iter().chain(&of_own)) {
            if let Standing::Alike(alike) = standing {
                let reason = Reason::OwnerAlike(alike.clone());
                return (Some(owner.clone()), Some((Kind::Suspect, reason)));
            }
        }
        let gone = claims().next().filter(|_| all_told);
        let ruled = gone.map(|(_, through)| {
            let through = through.clone();
            (Kind::OwnerGone, Reason::NoOwner { through })
        });
        (told, ruled)
    }

    /// Collects the owners of sources, and of what these were made from; false when one's owner is not told.
    pub(super) fn inherit(
        &self,
        images: &Images,
        sources: &[Source],
        generations: usize,
        claims: &mut Vec<(String, Through)>,
    ) -> bool {
        let mut all_told = true;
        for source in sources {
            let Some(ground) = self.grounds.get(source.ground) else {
                return false;
            };
            let location = ground.rules.locate(&source.key);
            let own = self.claims(ground, source.row, &location, &source.key);
            let before = claims.len();
            if generations > 1 && images.lead_to(source.ground) {
                let further = images.sources(self.grounds, source.ground, &source.key);
                all_told &= self.inherit(images, &further, generations - 1, claims);
            }
            let through = || Through::Source {
                bucket: ground.rules.name.clone(),
                key: source.key.clone(),
            };
            claims.extend(own.into_iter().map(|(owner, _)| (owner, through())));
            all_told &= claims.len() > before;
        }
        all_told
    }

    /// The layouts of which nobody tells the owner.
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
