//! A world in a sandbox, plans for its users, and what is there before and after.

use std::collections::{BTreeMap, BTreeSet};

use s3warden::aws::{Aws, Meter, WriteMode};
use s3warden::domain::blueprint::{Blueprint, Location};
use s3warden::domain::change::{Existence, Plan};
use s3warden::domain::{BucketName, OwnerId};
use s3warden::ops::change::store::Store;
use s3warden::ops::change::{
    self, Begin, Bounds, Ended, Failure, PlanRequest, PointHook, Progress, PurgeRequest, Tools,
    Verified, make_plan,
};
use s3warden::sandbox::store::listing::{Row, Start};
use s3warden::sandbox::world::World;
use s3warden::sandbox::{Sandbox, SandboxOptions};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::ops::world::serving;

/// One thing in a bucket: bucket, key, kind and id.
pub type Thing = (String, String, &'static str, String);

pub struct Bench {
    pub sandbox: Sandbox,
    pub aws: Aws,
    pub blueprint: Blueprint,
    pub records: Option<BTreeSet<String>>,
    pub store: Store,
    _state: TempDir,
    pub stop: CancellationToken,
}

/// How a purge is to go.
pub struct Way {
    pub begin: Begin,
    pub bounds: Bounds,
    pub existence: Existence,
    pub keep_plan: bool,
    pub at_point: Option<PointHook>,
}

impl Default for Way {
    fn default() -> Self {
        Self {
            begin: Begin::First,
            bounds: Bounds::default(),
            existence: Existence::NotChecked,
            keep_plan: false,
            at_point: None,
        }
    }
}

impl Bench {
    pub async fn of(name: &str) -> Self {
        Self::with(
            name,
            SandboxOptions::default(),
            World::builtin(name).unwrap(),
        )
        .await
    }

    pub async fn with(blueprint: &str, options: SandboxOptions, world: World) -> Self {
        let (sandbox, aws) = serving(SandboxOptions {
            worlds: vec![world],
            ..options
        })
        .await;
        let state = tempfile::tempdir().unwrap();
        Self {
            sandbox,
            aws,
            blueprint: Blueprint::builtin(blueprint).unwrap(),
            records: None,
            store: Store::open(&state.path().join("state")).unwrap(),
            _state: state,
            stop: CancellationToken::new(),
        }
    }

    /// Everything that is there.
    pub fn things(&self) -> BTreeSet<Thing> {
        let all = self.sandbox.store().each(|bucket| {
            let mut things: Vec<Thing> = Vec::new();
            let mut add = |key: &str, kind, id: &str| {
                things.push((bucket.name.clone(), key.to_owned(), kind, id.to_owned()));
            };
            for row in bucket.keys.walk_versions("", None, Start::Beginning) {
                let Row::Key(key, entry) = row else { continue };
                for version in entry.versions(key).iter() {
                    let kind = if version.is_delete_marker() {
                        "marker"
                    } else {
                        "version"
                    };
                    add(key, kind, version.id.as_str());
                }
            }
            for row in bucket.uploads.walk("", None, Start::Beginning) {
                let Row::Key(key, uploads) = row else {
                    continue;
                };
                for id in uploads.keys() {
                    add(key, "upload", id);
                }
            }
            things
        });
        all.into_iter().flatten().collect()
    }

    /// What is a user's by the words of the contract alone: keys that name them, keys that records give them, and what is
    /// made from either, in the bucket or a replica of it.
    pub fn expected(&self, owner: &OwnerId) -> BTreeSet<Thing> {
        type Place = (String, String);
        let things = self.things();
        let place = |thing: &Thing| -> Place { (thing.0.clone(), thing.1.clone()) };
        let there: BTreeSet<Place> = things.iter().map(place).collect();
        let is_object = |thing: &&Thing| thing.2 != "upload";
        let objects: BTreeSet<Place> = things.iter().filter(is_object).map(place).collect();
        let rules = |bucket: &str| {
            let name = BucketName::new(bucket).unwrap();
            self.blueprint.bucket(&name)
        };
        let is_recorded = |bucket: &str, key: &str| {
            let records = self.records.as_ref();
            !bucket.contains("thumbnails") && records.is_some_and(|r| r.contains(key))
        };
        let names_owner = |(bucket, key): &&Place| match rules(bucket).map(|r| r.locate(key)) {
            Some(Location::Owned { owner: of, .. }) => of == *owner,
            Some(Location::Unnamed { .. }) => is_recorded(bucket, key),
            _ => false,
        };
        // What is made of another user's media is that user's, whomever its key names.
        let mut of_others: BTreeSet<Place> = BTreeSet::new();
        for (bucket, key) in &objects {
            let Some(rules) = rules(bucket) else { continue };
            if matches!(rules.locate(key), Location::Owned { owner: of, .. } if of != *owner) {
                let made = rules.derived_of(key).into_iter();
                of_others.extend(made.map(|made| (made.bucket.as_str().to_owned(), made.key)));
            }
        }
        let mut of_owner: BTreeSet<Place> = there
            .iter()
            .filter(names_owner)
            .filter(|place| !of_others.contains(*place))
            .cloned()
            .collect();
        loop {
            let sources = of_owner.intersection(&objects);
            let made: BTreeSet<Place> = sources
                .flat_map(|(bucket, key)| rules(bucket).unwrap().derived_of(key))
                .map(|made| (made.bucket.as_str().to_owned(), made.key))
                .filter(|made| there.contains(made) && !of_owner.contains(made))
                .collect();
            if made.is_empty() {
                break;
            }
            of_owner.extend(made);
        }
        let is_owners = |thing: &&Thing| of_owner.contains(&place(thing));
        things.iter().filter(is_owners).cloned().collect()
    }

    /// The users that keys name.
    pub fn owners(&self) -> Vec<OwnerId> {
        let mut owners: BTreeMap<OwnerId, usize> = BTreeMap::new();
        for (bucket, key, ..) in self.things() {
            let name = BucketName::new(bucket).unwrap();
            let Some(rules) = self.blueprint.bucket(&name) else {
                continue;
            };
            if let Location::Owned { owner, .. } = rules.locate(&key) {
                *owners.entry(owner).or_default() += 1;
            }
        }
        owners.into_keys().collect()
    }

    pub async fn plan(&self, owner: &OwnerId) -> Plan {
        let request = PlanRequest {
            blueprint: self.blueprint.clone(),
            owner: owner.clone(),
            records: self.records.clone(),
            existence: Existence::NotChecked,
            in_flight: 8,
        };
        let planned = make_plan(&self.aws, request, &self.stop, &Meter::new()).await;
        planned.unwrap().plan
    }

    pub async fn carry_out(&self, plan: &Plan, way: Way) -> Result<Ended, Failure> {
        let mut text = Vec::new();
        let sha256 = plan.write(&mut text).unwrap();
        let plan_file = self.store.plan_file(&plan.header.case);
        std::fs::write(&plan_file, text).unwrap();
        let (progress, _) = watch::channel(Progress::default());
        let permit = WriteMode::from_flag(true).permit().unwrap();
        let tools = Tools {
            aws: &self.aws,
            store: &self.store,
            permit: &permit,
            stop: &self.stop,
            meter: &Meter::new(),
            progress: &progress,
        };
        let request = PurgeRequest {
            plan,
            plan_sha256: &sha256,
            plan_file,
            blueprint: &self.blueprint,
            records: self.records.clone(),
            existence: way.existence,
            owner_still_exists: None,
            bounds: way.bounds,
            begin: way.begin,
            keep_plan: way.keep_plan,
            in_flight: 8,
            at_point: way.at_point,
        };
        Box::pin(change::purge(tools, &request)).await
    }
}

pub fn owner(id: &str) -> OwnerId {
    OwnerId::new(id).unwrap()
}

#[track_caller]
pub fn verified(ended: Result<Ended, Failure>) -> Verified {
    match ended {
        Ok(Ended::Verified(verified)) => *verified,
        other => panic!("it was not verified: {other:?}"),
    }
}

#[track_caller]
pub fn refused(ended: Result<Ended, Failure>) -> String {
    match ended {
        Err(Failure::Refused { why, .. }) => why,
        other => panic!("it was not refused: {other:?}"),
    }
}
