//! Whose the objects are of which only their metadata tells.

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::{self, StreamExt};

use super::{Search, layout_id, shown};
use crate::aws::wire;
use crate::domain::blueprint::{BucketBlueprint, Location, OwnerSource};
use crate::domain::change::Why;
use crate::domain::{ObjectKey, ObjectVersion};
use crate::ops::Gap;

impl Search<'_> {
    /// Reads the metadata of every version that a layout leaves to it. A marker has none: it is the user's where every
    /// version under its key is.
    pub(super) async fn enter_by_metadata(
        &mut self,
        bucket: &BucketBlueprint,
        versions: &[ObjectVersion],
    ) {
        let (aws, meter, owner) = (self.aws, self.meter, &self.request.owner);
        let told: Vec<(&ObjectVersion, &str, &str)> = versions
            .iter()
            .filter_map(|version| {
                let key = version.object.key.as_str();
                let Location::Unnamed { layout } = bucket.locate(key) else {
                    return None;
                };
                match bucket.layout(layout)?.owner() {
                    OwnerSource::Metadata(name) => {
                        Some((version, layout_id(bucket, layout)?, name.as_str()))
                    }
                    OwnerSource::Part(_) | OwnerSource::Registry => None,
                }
            })
            .collect();
        // By their places: a stream of what is borrowed here could not be sent to another thread.
        let places: Vec<usize> = (0..told.len())
            .filter(|at| told.get(*at).is_some_and(|(v, ..)| !v.is_delete_marker))
            .collect();
        let asked = &told;
        let mut heads = stream::iter(places)
            .map(|at| async move {
                let (version, _, name) = asked.get(at)?;
                let (key, id) = (&version.object.key, &version.version_id);
                let head = wire::object::head(aws, &bucket.name, key, Some(id), meter).await;
                let is_owners = head.map(|head| {
                    let value = head.metadata.get(&name.to_lowercase());
                    value.is_some_and(|value| value == owner.as_str())
                });
                Some((at, is_owners))
            })
            .buffered(self.request.in_flight.max(1));
        let mut of_owner: Vec<(&ObjectVersion, &str, &str)> = Vec::new();
        let mut of_others: BTreeSet<&ObjectKey> = BTreeSet::new();
        let mut gaps = Vec::new();
        while let Some(answer) = heads.next().await {
            let Some((at, is_owners)) = answer else {
                continue;
            };
            let Some((version, layout, name)) = told.get(at).copied() else {
                continue;
            };
            match is_owners {
                Ok(true) => of_owner.push((version, layout, name)),
                Ok(false) => drop(of_others.insert(&version.object.key)),
                Err(problem) => {
                    of_others.insert(&version.object.key);
                    gaps.push(Gap::failed(
                        shown(&bucket.name, &version.object.key),
                        problem,
                    ));
                }
            }
        }
        drop(heads);
        let keys: BTreeSet<&ObjectKey> = of_owner.iter().map(|(v, ..)| &v.object.key).collect();
        let markers = told.iter().copied().filter(|(version, ..)| {
            let key = &version.object.key;
            version.is_delete_marker && keys.contains(key) && !of_others.contains(key)
        });
        let mut entries: Vec<_> = of_owner.iter().copied().chain(markers).collect();
        let order: BTreeMap<(&ObjectKey, &str), usize> = versions
            .iter()
            .enumerate()
            .map(|(at, version)| ((&version.object.key, version.version_id.as_str()), at))
            .collect();
        entries.sort_by_key(|(v, ..)| order.get(&(&v.object.key, v.version_id.as_str())).copied());
        for (version, layout, name) in entries {
            let why = Why::Metadata {
                layout: layout.to_owned(),
                name: name.to_owned(),
            };
            let claim = self.claims.claim(&bucket.name, &version.object.key, why);
            let place = (bucket.name.clone(), version.object.key.clone());
            self.found.told.insert(place);
            self.enter(&claim, version);
        }
        for gap in gaps {
            self.found.coverage.miss(gap);
        }
    }
}
