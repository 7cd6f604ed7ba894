//! From what names the user to all that follows from it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::stream::{self, StreamExt};
use tokio_util::sync::CancellationToken;

use super::sweep::{Sweep, Swept, tells_by_metadata};
use super::{FindRequest, Found, exact};
use crate::aws::{Aws, Meter, Problem, ProblemKind, wire};
use crate::domain::blueprint::{AnothersSource, BucketBlueprint, Location, OwnerSource};
use crate::domain::change::{Claim, Item, What, Why};
use crate::domain::{BucketName, ByteSize, ObjectKey, ObjectVersion, Upload};
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
    claims: BTreeMap<Place, Arc<Claim>>,
    /// Keys under which something stands, or of which a record or a replica says that something stood there.
    known: BTreeSet<Place>,
    /// Every incomplete upload of each bucket.
    uploads: BTreeMap<BucketName, Vec<Upload>>,
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
            claims: BTreeMap::new(),
            known: BTreeSet::new(),
            uploads: BTreeMap::new(),
        }
    }

    pub(super) async fn run(mut self) -> Found {
        self.say_what_keys_cannot_tell();
        self.sweep().await;
        self.learn_replication().await;
        let recorded = self.recorded();
        let remembered = self.remembered();
        let mut fresh: Vec<Arc<Claim>> = self.claims.values().cloned().collect();
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
        self.enter_uploads().await;
        if self.cancel.is_cancelled() {
            self.found.coverage.miss(Gap::cancelled("the rest"));
        }
        let place = |item: &Item| (item.claim.bucket.clone(), item.claim.key.clone());
        // Stable: what stands under one key keeps the server's order, newest first.
        self.found.items.sort_by_cached_key(place);
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
                self.enter_by_metadata(bucket, &one.versions).await;
            }
            for upload in &one.uploads {
                self.claim_by_key(bucket, &upload.key);
            }
            self.uploads.insert(bucket.name.clone(), one.uploads);
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
        Some(self.claim(&bucket.name, key, why))
    }

    /// From which of another user's objects a key that names this user may have been made: whose it is cannot be told then.
    fn of_another(&self, bucket: &BucketName, key: &ObjectKey) -> Option<AnothersSource> {
        let (rules, owner) = (&self.request.blueprint, &self.request.owner);
        rules.made_from_another(bucket, key.as_str(), owner)
    }

    fn claim(&mut self, bucket: &BucketName, key: &ObjectKey, why: Why) -> Arc<Claim> {
        let claim = self
            .claims
            .entry((bucket.clone(), key.clone()))
            .or_insert_with(|| {
                Arc::new(Claim {
                    bucket: bucket.clone(),
                    key: key.clone(),
                    why,
                })
            });
        Arc::clone(claim)
    }

    fn enter(&mut self, claim: &Arc<Claim>, version: &ObjectVersion) {
        let place = (claim.bucket.clone(), claim.key.clone());
        self.known.insert(place);
        let item = Item::of_version(Arc::clone(claim), version);
        self.found.items.push(item);
    }

    /// Reads the metadata of every version that a layout leaves to it. A marker has none: it is the user's where every
    /// version under its key is.
    async fn enter_by_metadata(&mut self, bucket: &BucketBlueprint, versions: &[ObjectVersion]) {
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
            let claim = self.claim(&bucket.name, &version.object.key, why);
            let place = (bucket.name.clone(), version.object.key.clone());
            self.found.told.insert(place);
            self.enter(&claim, version);
        }
        for gap in gaps {
            self.found.coverage.miss(gap);
        }
    }

    /// The claims that the application's records make, in every bucket whose layouts leave these keys to the records.
    fn recorded(&mut self) -> Vec<Arc<Claim>> {
        let request = self.request;
        let mut claims = Vec::new();
        for text in request.records.iter().flatten() {
            let Ok(key) = ObjectKey::new(text.as_str()) else {
                continue;
            };
            for bucket in &request.blueprint.buckets {
                let Some(layout) = left_to_records(bucket, text) else {
                    continue;
                };
                let place = (bucket.name.clone(), key.clone());
                if self.claims.contains_key(&place) {
                    continue;
                }
                self.known.insert(place);
                let layout = layout.to_owned();
                claims.push(self.claim(&bucket.name, &key, Why::Record { layout }));
            }
        }
        claims
    }

    /// The claims that were known beforehand. Those by keys that name the user were swept; the others are looked up.
    fn remembered(&mut self) -> Vec<Arc<Claim>> {
        let request = self.request;
        let mut to_look_up = Vec::new();
        for claim in &request.known {
            let place = (claim.bucket.clone(), claim.key.clone());
            let Some(bucket) = self.bucket(&claim.bucket) else {
                continue;
            };
            self.known.insert(place.clone());
            if self.claims.contains_key(&place) {
                continue;
            }
            // What only metadata tells was asked about when its bucket was listed, and is not believed otherwise.
            let was_asked = matches!(claim.why, Why::Metadata { .. })
                || names_owner(bucket, &claim.key, request).is_some();
            self.claims.insert(place, Arc::clone(claim));
            if !was_asked && self.found.searched.contains_key(&claim.bucket) {
                to_look_up.push(Arc::clone(claim));
            }
        }
        to_look_up
    }

    /// From which bucket replication copies to which: what the blueprint wants, and what is configured.
    async fn learn_replication(&mut self) {
        let buckets: Vec<&BucketBlueprint> = self
            .request
            .blueprint
            .buckets
            .iter()
            .filter(|bucket| self.found.searched.contains_key(&bucket.name))
            .collect();
        for bucket in &buckets {
            for rule in bucket.expect.replication.iter().flatten() {
                self.replicates(&bucket.name, &rule.to);
            }
        }
        let (aws, meter) = (self.aws, self.meter);
        let asked = &buckets;
        let mut answers = stream::iter(0..buckets.len())
            .map(|at| async move {
                let bucket = asked.get(at)?;
                let answer = wire::configuration::replication(aws, &bucket.name, meter).await;
                Some((&bucket.name, answer))
            })
            .buffered(self.request.in_flight.max(1));
        let mut configured = Vec::new();
        while let Some(one) = answers.next().await {
            configured.extend(one);
        }
        drop(answers);
        for (bucket, answer) in configured {
            match answer {
                Ok(answer) => {
                    let rules = answer.value.map(|set| set.rules).unwrap_or_default();
                    for rule in rules.iter().filter(|rule| rule.enabled) {
                        if let Ok(to) = BucketName::new(rule.to.as_str()) {
                            self.replicates(bucket, &to);
                        }
                    }
                }
                Err(problem) if has_no_replication(&problem) => {}
                Err(problem) => {
                    // Nothing that was listed is missing for it: said, and no failure of the search.
                    let what = format!("whether {bucket} is replicated elsewhere");
                    self.found
                        .coverage
                        .miss(Gap::new(what, problem.to_string()));
                }
            }
        }
    }

    fn replicates(&mut self, from: &BucketName, to: &BucketName) {
        if self.bucket(to).is_none() {
            self.found.coverage.miss(Gap::new(
                format!("the replicas in {to}"),
                format!("{from} is replicated there, and the blueprint does not name that bucket"),
            ));
        } else if self.found.searched.contains_key(to) {
            self.found.replication.insert((from.clone(), to.clone()));
        }
    }

    /// What follows from claims: keys of derived objects and of replicas that were not thought of before.
    fn follow(&mut self, fresh: &[Arc<Claim>]) -> Vec<Arc<Claim>> {
        let mut candidates = Vec::new();
        for claim in fresh {
            let is_known = self
                .known
                .contains(&(claim.bucket.clone(), claim.key.clone()));
            // What never was there, as far as anybody knows, nothing was made from.
            if is_known && let Some(bucket) = self.bucket(&claim.bucket) {
                for derived in bucket.derived_of(claim.key.as_str()) {
                    let Ok(key) = ObjectKey::new(derived.key) else {
                        continue;
                    };
                    let why = Why::Derived {
                        rule: derived.rule,
                        source: Arc::clone(claim),
                    };
                    candidates.extend(self.candidate(&derived.bucket, &key, why));
                }
            }
            let copies: Vec<BucketName> = self
                .found
                .replication
                .iter()
                .filter(|(from, _)| *from == claim.bucket)
                .map(|(_, to)| to.clone())
                .collect();
            for to in copies {
                let why = Why::Replica {
                    source: Arc::clone(claim),
                };
                candidates.extend(self.candidate(&to, &claim.key, why));
            }
            candidates.extend(self.originals(claim));
        }
        candidates
    }

    /// What a replica says of where it came from: that the key was there, and that things may have been made from it.
    fn originals(&mut self, claim: &Arc<Claim>) -> Vec<Arc<Claim>> {
        let origins: Vec<BucketName> = self
            .found
            .replication
            .iter()
            .filter(|(_, to)| *to == claim.bucket)
            .map(|(from, _)| from.clone())
            .collect();
        let mut claims = Vec::new();
        for from in origins {
            let place = (from.clone(), claim.key.clone());
            if self.claims.contains_key(&place) {
                continue;
            }
            let why = self
                .bucket(&from)
                .and_then(|bucket| names_owner(bucket, &claim.key, self.request))
                .filter(|_| self.of_another(&from, &claim.key).is_none());
            if let Some(why) = why {
                self.known.insert(place);
                claims.push(self.claim(&from, &claim.key, why));
            }
        }
        claims
    }

    /// A claim to a key that was not thought of before. One that names the user was found by the sweep if it is there.
    fn candidate(&mut self, bucket: &BucketName, key: &ObjectKey, why: Why) -> Option<Arc<Claim>> {
        let is_new = !self.claims.contains_key(&(bucket.clone(), key.clone()));
        if !is_new {
            return None;
        }
        let Some(rules) = self.bucket(bucket) else {
            self.found.coverage.miss(Gap::new(
                format!("what was made in {bucket}"),
                "the blueprint says that objects are made there, and does not name that bucket",
            ));
            return None;
        };
        if !self.found.searched.contains_key(bucket) {
            return None;
        }
        match names_owner(rules, key, self.request) {
            Some(_) => None,
            None => Some(self.claim(bucket, key, why)),
        }
    }

    /// Looks under each claimed key. Gives all of them: what is gone may have replicas all the same.
    async fn look_up(&mut self, claims: Vec<Arc<Claim>>) -> Vec<Arc<Claim>> {
        let (aws, meter, cancel) = (self.aws, self.meter, self.cancel);
        let mut answers = stream::iter(claims.clone())
            .map(|claim| async move {
                let asked = exact::versions(aws, &claim.bucket, &claim.key, meter);
                let answer = cancel.run_until_cancelled(asked).await;
                (claim, answer)
            })
            .buffered(self.request.in_flight.max(1));
        let mut answered = Vec::new();
        while let Some((claim, answer)) = answers.next().await {
            answered.push((claim, answer));
        }
        drop(answers);
        for (claim, answer) in answered {
            match answer {
                Some(Ok(versions)) => {
                    for version in &versions {
                        self.enter(&claim, version);
                    }
                }
                Some(Err(problem)) => {
                    let what = shown(&claim.bucket, &claim.key);
                    self.found.coverage.miss(Gap::failed(what, problem));
                }
                // Said once, at the end.
                None => {}
            }
        }
        claims
    }

    /// The incomplete uploads of all keys that are the user's, with what their parts hold.
    async fn enter_uploads(&mut self) {
        let mut of_owner: Vec<(Arc<Claim>, Upload)> = Vec::new();
        for (bucket, uploads) in std::mem::take(&mut self.uploads) {
            for upload in uploads {
                if let Some(claim) = self.claims.get(&(bucket.clone(), upload.key.clone())) {
                    of_owner.push((Arc::clone(claim), upload));
                }
            }
        }
        let (aws, meter, cancel) = (self.aws, self.meter, self.cancel);
        let mut sized = stream::iter(of_owner)
            .map(|(claim, upload)| async move {
                let id = &upload.upload_id;
                let asked = wire::parts::stored(aws, &claim.bucket, &claim.key, id, meter);
                let size = cancel.run_until_cancelled(asked).await;
                (claim, upload, size)
            })
            .buffered(self.request.in_flight.max(1));
        while let Some((claim, upload, size)) = sized.next().await {
            let size = match size {
                Some(Ok(Some(size))) => size,
                // Aborted or completed since it was listed.
                Some(Ok(None)) => continue,
                Some(Err(problem)) => {
                    let place = shown(&claim.bucket, &claim.key);
                    let what = format!("the size of an upload of {place}");
                    self.found
                        .coverage
                        .miss(Gap::new(what, problem.to_string()));
                    ByteSize(0)
                }
                None => ByteSize(0),
            };
            self.found.items.push(Item {
                claim,
                what: What::Upload {
                    id: upload.upload_id,
                },
                size,
                etag: None,
                class: upload.storage_class,
                written: upload.initiated,
            });
        }
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

/// The layout that leaves a key to the application's records.
fn left_to_records<'b>(bucket: &'b BucketBlueprint, key: &str) -> Option<&'b str> {
    let Location::Unnamed { layout } = bucket.locate(key) else {
        return None;
    };
    let layout = bucket.layout(layout)?;
    (*layout.owner() == OwnerSource::Registry).then(|| layout.id())
}

fn layout_id<'b>(bucket: &'b BucketBlueprint, layout: &str) -> Option<&'b str> {
    bucket
        .layout(layout)
        .map(crate::domain::blueprint::Layout::id)
}

fn layouts(ids: &[String]) -> String {
    let word = if ids.len() == 1 { "layout" } else { "layouts" };
    format!("the {word} {}", ids.join(", "))
}

/// Servers without replication say so in several ways, and cannot have replicated anything.
fn has_no_replication(problem: &Problem) -> bool {
    matches!(
        problem.kind,
        ProblemKind::NotConfigured | ProblemKind::NotSupported | ProblemKind::Malformed
    )
}

fn shown(bucket: &BucketName, key: &ObjectKey) -> String {
    format!("s3://{bucket}/{}", key.as_str().escape_debug())
}
