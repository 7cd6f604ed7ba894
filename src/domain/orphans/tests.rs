//! Tests of the join on small buckets, one file per question. This file builds the buckets and the lists.

mod derived;
mod gates;
mod layouts;
mod leftovers;
mod owners;
mod property;
mod records;
mod rules;
mod shared;
mod stated;

use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::domain::blueprint::Blueprint;
use crate::domain::columns::{Assembly, Etags};
use crate::domain::registry::judge::relied_on;
use crate::domain::registry::{Intake, Row, Subject};
use crate::domain::{BucketName, ByteSize, ObjectKey, ObjectSummary, StorageClass};

const UUID: &str = "6f9619ff-8b86-4011-b42d-00c04fc964ff";
const UPLOADS: &str = "pilotforce-user-uploads";
const MEDIA: &str = "quikapp-media-prod";
const THUMBNAILS: &str = "quikapp-thumbnails-prod";

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_760_000_000, 0).unwrap()
}

fn object(key: &str, hours: i64) -> ObjectSummary {
    ObjectSummary {
        key: ObjectKey::new(key).unwrap(),
        size: ByteSize(1_000),
        last_modified: Some(now() - TimeDelta::hours(hours)),
        storage_class: StorageClass::default(),
        etag: None,
    }
}

/// A bucket with objects of these ages in hours.
fn aged(blueprint: &str, bucket: &str, objects: &[(String, i64)]) -> Ground {
    aged_by(&Blueprint::builtin(blueprint).unwrap(), bucket, objects)
}

fn aged_by(blueprint: &Blueprint, bucket: &str, objects: &[(String, i64)]) -> Ground {
    let mut columns = Assembly::new(Etags::Keep);
    let mut objects: Vec<_> = objects.iter().map(|(key, age)| object(key, *age)).collect();
    objects.sort_by(|a, b| a.key.cmp(&b.key));
    columns.add(0, &objects);
    let name = BucketName::new(bucket).unwrap();
    Ground {
        rules: blueprint.bucket(&name).unwrap().clone(),
        objects: columns.finish(),
        hidden: Some(Vec::new()),
        stated: None,
        wanted: true,
    }
}

/// A bucket with old objects.
fn ground<K: AsRef<str>>(blueprint: &str, bucket: &str, keys: &[K]) -> Ground {
    let objects: Vec<_> = keys
        .iter()
        .map(|key| (key.as_ref().to_owned(), 24 * 30))
        .collect();
    aged(blueprint, bucket, &objects)
}

fn uploads<K: AsRef<str>>(keys: &[K]) -> Ground {
    ground("pilotforce", UPLOADS, keys)
}

fn owners(ids: &[&str]) -> TrustedList {
    let mut intake = Intake::new(Subject::Owners, "a test", now());
    for id in ids {
        let ids = [*id];
        let row = Row {
            ids: &ids,
            owner: None,
            malformed: false,
        };
        intake.row(&row).unwrap();
    }
    relied_on(intake.finish().unwrap())
}

fn keys<K: AsRef<str>>(records: &[(K, Option<&str>)]) -> TrustedList {
    let mut intake = Intake::new(Subject::Keys, "a test", now());
    for (key, owner) in records {
        let ids = [key.as_ref()];
        let row = Row {
            ids: &ids,
            owner: *owner,
            malformed: false,
        };
        intake.row(&row).unwrap();
    }
    relied_on(intake.finish().unwrap())
}

fn findings(
    blueprint: &str,
    grounds: &[Ground],
    owners: Option<&TrustedList>,
    keys: Option<&TrustedList>,
) -> Findings {
    findings_by(
        &Blueprint::builtin(blueprint).unwrap(),
        grounds,
        owners,
        keys,
    )
}

fn findings_by(
    blueprint: &Blueprint,
    grounds: &[Ground],
    owners: Option<&TrustedList>,
    keys: Option<&TrustedList>,
) -> Findings {
    let join = |threads| {
        let join = Join {
            grounds,
            buckets: &blueprint.buckets,
            replication: &[],
            living: Living { owners, keys },
            kinds: Kinds::all(),
            before: now() - TimeDelta::hours(48),
            now: now(),
            threads,
        };
        join.run(&|| false).unwrap()
    };
    let findings = join(1);
    assert_eq!(findings, join(3), "threads make a difference");
    findings
}

/// Kind and key of every verdict except `derived-missing`, which has tests of its own.
fn verdicts(findings: &Findings) -> Vec<(Kind, &str)> {
    let verdicts = findings.verdicts.iter();
    verdicts
        .map(|verdict| (verdict.kind, verdict.key.as_str()))
        .filter(|(kind, _)| *kind != Kind::DerivedMissing)
        .collect()
}

fn photo(user: &str, name: &str) -> String {
    format!("uploads/{user}/{UUID}-{name}")
}

fn message(kind: &str, name: &str) -> String {
    format!("ws-1/{kind}/ch-1/m-1/{UUID}{name}")
}
