//! From what names the user to all that follows from it.
//!
//! `Search::run` tells the order of things; each step has its own file.

mod aside;
mod claims;
mod follow;
mod metadata;
mod replication;
mod sharing;
mod there;
mod told;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::stream::{self, StreamExt};
use tokio_util::sync::CancellationToken;

use self::aside::Copies;
use self::claims::Claims;
use self::metadata::Asked;
use super::sweep::{Sweep, Swept, tells_by_metadata};
use super::{FindRequest, Found};
use crate::aws::{Aws, Meter};
use crate::domain::blueprint::{AnothersSource, BucketBlueprint, Location, OwnerSource};
use crate::domain::change::{Claim, Item, Why};
use crate::domain::{BucketName, ObjectKey, ObjectVersion, Upload};
use crate::ops::Gap;

/// Buckets that are listed at the same time.
const BUCKETS_AT_ONCE: usize = 4;

/// How often what was found may lead to something that leads on: a thumbnail of a thumbnail's replica is three.
const MOST_ROUNDS: usize = 16;

type Place = (BucketName, ObjectKey);

/// A search under way.
pub(super) struct Search<'a> {
    aws: &'a Aws,
    request: &'a FindRequest,
    cancel: &'a CancellationToken,
    meter: &'a Meter,
    found: Found,
    /// Every key that is the user's, whether or not anything stands under it.
    claims: Claims,
    /// Every incomplete upload of each bucket.
    uploads: BTreeMap<BucketName, Vec<Upload>>,
    /// What each bucket has in quarantine as copies.
    copies: BTreeMap<BucketName, Copies>,
    /// HEAD requests that were wanted to learn owners, the refused ones included.
    heads: u64,
}

impl<'a> Search<'a> {
    pub(super) fn new(
        aws: &'a Aws,
        request: &'a FindRequest,
        cancel: &'a CancellationToken,
        meter: &'a Meter,
    ) -> Self {
        Self {
            aws,
            request,
            cancel,
            meter,
            found: Found::default(),
            claims: Claims::default(),
            uploads: BTreeMap::new(),
            copies: BTreeMap::new(),
            heads: 0,
        }
    }

    pub(super) async fn run(mut self) -> Found {
        self.say_what_keys_cannot_tell();
        let asking = self.ask_for_replication();
        let ((), configured) = futures::join!(self.sweep(), asking);
        self.learn_replication(configured);
        let recorded = self.recorded();
        let originals = self.enter_copies().await;
        let remembered = self.remembered();
        let mut fresh: Vec<Arc<Claim>> = self.claims.all().cloned().collect();
        fresh.extend(originals);
        self.look_up([recorded, remembered].concat()).await;
        for round in 0.. {
            let candidates = self.follow(&fresh);
            if candidates.is_empty() {
                break;
            }
            if round == MOST_ROUNDS {
                let gap = Gap::new(
                    format!("what was made from {} further keys", candidates.len()),
                    format!("the search stopped after {MOST_ROUNDS} steps from source to derived"),
                );
                self.found.coverage.miss(gap);
                break;
            }
            fresh = self.look_up(candidates).await;
        }
        self.say_which_copies_nobody_tells();
        self.tell_shared().await;
        self.enter_uploads().await;
        if self.cancel.is_cancelled() {
            self.found.coverage.miss(Gap::cancelled("the rest"));
        }
        // Stable: what stands under one key keeps the server's order, newest first.
        self.found.items.sort_by(|one, another| {
            let (one, another) = (&*one.claim, &*another.claim);
            (&one.bucket, &one.key).cmp(&(&another.bucket, &another.key))
        });
        self.found
    }

    fn bucket(&self, name: &BucketName) -> Option<&'a BucketBlueprint> {
        self.request.blueprint.bucket(name)
    }

    /// Layouts by which this user's objects cannot be found, or cannot exist.
    fn say_what_keys_cannot_tell(&mut self) {
        for bucket in &self.request.blueprint.buckets {
            let plan = bucket.owner_plan(&self.request.owner);
            for layout in plan.impossible {
                let of = (bucket.name.clone(), layout.layout, layout.why);
                self.found.impossible.push(of);
            }
            if self.request.records.is_some() {
                continue;
            }
            let by_records: Vec<String> = plan
                .unnamed
                .into_iter()
                .filter(|layout| layout.owner == OwnerSource::Registry)
                .map(|layout| layout.layout)
                .collect();
            if !by_records.is_empty() {
                self.found.coverage.miss(Gap::new(
                    format!("{}: {}", bucket.name, layouts(&by_records)),
                    "their keys do not name the user: only the application's records do, and the blueprint's \
                     [registry.keys] names none that tell the owner",
                ));
            }
        }
    }

    /// Lists every bucket where its layouts say, and takes in what is the user's.
    async fn sweep(&mut self) {
        let (aws, cancel, meter) = (self.aws, self.cancel, self.meter);
        let (owner, in_flight) = (&self.request.owner, self.request.in_flight);
        // By their places: a stream of what is borrowed could not be sent to another thread.
        let buckets = &self.request.blueprint.buckets;
        let mut sweeps = stream::iter(0..buckets.len())
            .map(|at| async move {
                let bucket = buckets.get(at)?;
                let sweep = Sweep {
                    aws,
                    bucket,
                    owner,
                    in_flight,
                    cancel,
                    meter,
                };
                Some((bucket, Box::pin(sweep.run()).await))
            })
            .buffered(BUCKETS_AT_ONCE);
        let mut swept: Vec<(&BucketBlueprint, Swept)> = Vec::new();
        while let Some(one) = sweeps.next().await {
            swept.extend(one);
        }
        drop(sweeps);
        for (bucket, one) in swept {
            self.found.coverage.merge(one.coverage);
            if !one.exists {
                continue;
            }
            self.found.searched.insert(bucket.name.clone(), one.region);
            for version in &one.versions {
                if let Some(claim) = self.claim_by_key(bucket, &version.object.key) {
                    self.enter(&claim, version);
                }
            }
            if tells_by_metadata(bucket) {
                let versions = one.versions.iter();
                let asked = versions.filter_map(|version| Asked::new(bucket, version, None));
                self.enter_by_metadata(bucket, asked.collect()).await;
            }
            for upload in &one.uploads {
                self.claim_by_key(bucket, &upload.key);
            }
            self.uploads.insert(bucket.name.clone(), one.uploads);
            let copies = Copies::of(one.copies);
            self.copies.insert(bucket.name.clone(), copies);
        }
    }

    /// The claim to a key that names the user.
    fn claim_by_key(&mut self, bucket: &BucketBlueprint, key: &ObjectKey) -> Option<Arc<Claim>> {
        let why = names_owner(bucket, key, self.request)?;
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
        let (rules, owner) = (&self.request.blueprint, &self.request.owner);
        rules.made_from_another(bucket, key.as_str(), owner)
    }

    fn enter(&mut self, claim: &Arc<Claim>, version: &ObjectVersion) {
        self.claims.know(&claim.bucket, &claim.key);
        let item = Item::of_version(Arc::clone(claim), version);
        self.found.items.push(item);
    }
}

/// Why a key is the user's, where it names the user.
fn names_owner(bucket: &BucketBlueprint, key: &ObjectKey, request: &FindRequest) -> Option<Why> {
    match bucket.locate(key.as_str()) {
        Location::Owned {
            layout,
            owner,
            tail_parses,
            ..
        } if owner == request.owner => Some(Why::Key {
            layout: layout.to_owned(),
            tail_parses,
        }),
        _ => None,
    }
}

fn layouts(ids: &[String]) -> String {
    let word = if ids.len() == 1 { "layout" } else { "layouts" };
    format!("the {word} {}", ids.join(", "))
}

fn shown(bucket: &BucketName, key: &ObjectKey) -> String {
    format!("s3://{bucket}/{}", key.as_str().escape_debug())
}
