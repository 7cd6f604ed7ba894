//! Whose the objects are of which only their metadata tells.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::stream::{self, StreamExt};

use super::{Search, shown};
use crate::aws::wire;
use crate::domain::blueprint::{BucketBlueprint, Location, OwnerSource};
use crate::domain::change::{Claim, Why};
use crate::domain::{BucketName, ObjectKey, ObjectVersion};
use crate::ops::Gap;

/// A version or a marker of a key that a layout leaves to metadata.
#[derive(Clone)]
pub(super) struct Asked<'v> {
    version: &'v ObjectVersion,
    /// The key that a copy in quarantine had.
    original: Option<ObjectKey>,
    layout: String,
    /// The metadata's name.
    name: String,
}

impl<'v> Asked<'v> {
    /// `None` where the layout of the key says otherwise whose it is. Of a copy in quarantine the original key decides,
    /// and the metadata are its own.
    pub(super) fn new(
        bucket: &BucketBlueprint,
        version: &'v ObjectVersion,
        original: Option<&ObjectKey>,
    ) -> Option<Self> {
        let key = original.unwrap_or(&version.object.key);
        let Location::Unnamed { layout } = bucket.locate(key.as_str()) else {
            return None;
        };
        let OwnerSource::Metadata(name) = bucket.layout(layout)?.owner() else {
            return None;
        };
        Some(Self {
            version,
            original: original.cloned(),
            layout: layout.to_owned(),
            name: name.clone(),
        })
    }
}

impl Search<'_> {
    /// Whether so many requests may still be sent to ask objects whose they are. Where not, nobody is asked, and that is
    /// said.
    pub(super) fn may_ask(&mut self, bucket: &BucketName, objects: usize) -> bool {
        if objects == 0 {
            return true;
        }
        let objects = u64::try_from(objects).unwrap_or(u64::MAX);
        let most = self.request.max_heads;
        self.heads = self.heads.saturating_add(objects);
        if self.heads <= most {
            return true;
        }
        self.found.coverage.miss(Gap::new(
            format!("the owners of {objects} objects in {bucket} that their metadata tells"),
            format!("to ask them takes a HEAD request each, and --max-heads allows {most} in all"),
        ));
        self.found.heads_wanted = Some(self.heads);
        false
    }

    /// Reads the metadata of every version that was left to it, in the listing's order. A marker has none: it is the
    /// user's where every version under its key is. Gives what copies in quarantine were made from.
    pub(super) async fn enter_by_metadata(
        &mut self,
        bucket: &BucketBlueprint,
        told: Vec<Asked<'_>>,
    ) -> Vec<Arc<Claim>> {
        // By their places: a stream of what is borrowed here could not be sent to another thread.
        let places: Vec<usize> = (0..told.len())
            .filter(|at| {
                let asked = told.get(*at);
                asked.is_some_and(|asked| !asked.version.is_delete_marker)
            })
            .collect();
        if !self.may_ask(&bucket.name, places.len()) {
            return Vec::new();
        }
        let (aws, meter, owner) = (self.aws, self.meter, &self.request.owner);
        let to_ask = &told;
        let mut heads = stream::iter(places)
            .map(|at| async move {
                let asked = to_ask.get(at)?;
                let (key, id) = (&asked.version.object.key, &asked.version.version_id);
                let head = wire::object::head(aws, &bucket.name, key, Some(id), meter).await;
                let is_owners = head.map(|head| {
                    let value = head.metadata.get(&asked.name.to_lowercase());
                    value.is_some_and(|value| value == owner.as_str())
                });
                Some((at, is_owners))
            })
            .buffered(self.request.in_flight.max(1));
        let mut of_owner: BTreeSet<usize> = BTreeSet::new();
        let mut of_others: BTreeSet<&ObjectKey> = BTreeSet::new();
        let mut gaps = Vec::new();
        while let Some(answer) = heads.next().await {
            let Some((at, is_owners)) = answer else {
                continue;
            };
            let Some(asked) = told.get(at) else {
                continue;
            };
            let key = &asked.version.object.key;
            match is_owners {
                Ok(true) => drop(of_owner.insert(at)),
                Ok(false) => drop(of_others.insert(key)),
                Err(problem) => {
                    of_others.insert(key);
                    gaps.push(Gap::failed(shown(&bucket.name, key), problem));
                }
            }
        }
        drop(heads);
        let keys: BTreeSet<&ObjectKey> = of_owner
            .iter()
            .filter_map(|at| told.get(*at))
            .map(|asked| &asked.version.object.key)
            .collect();
        let is_owners = |(at, asked): &(usize, &Asked<'_>)| {
            let key = &asked.version.object.key;
            let is_hiding = asked.version.is_delete_marker;
            of_owner.contains(at) || (is_hiding && keys.contains(key) && !of_others.contains(key))
        };
        let mut sources = Vec::new();
        for (_, asked) in told.iter().enumerate().filter(is_owners) {
            sources.extend(self.enter_told(&bucket.name, asked));
        }
        for gap in gaps {
            self.found.coverage.miss(gap);
        }
        sources
    }

    /// Takes in what turned out to be the user's. Gives what it is a copy of, where it is one.
    fn enter_told(&mut self, bucket: &BucketName, asked: &Asked<'_>) -> Option<Arc<Claim>> {
        let key = &asked.version.object.key;
        let by_metadata = Why::Metadata {
            layout: asked.layout.clone(),
            name: asked.name.clone(),
        };
        self.found.told.insert((bucket.clone(), key.clone()));
        let Some(original) = &asked.original else {
            let claim = self.claims.claim(bucket, key, by_metadata);
            self.enter(&claim, asked.version);
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
        let why = Why::Aside {
            source: Arc::clone(&source),
        };
        let claim = self.claims.claim(bucket, key, why);
        self.enter(&claim, asked.version);
        Some(source)
    }
}
