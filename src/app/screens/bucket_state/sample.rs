//! A bucket with something of everything, for tests: parts as the task layer would send them.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::testing::{Console, noon, object};
use crate::domain::configuration::{
    Configuration, Encryption, Expiration, Filter, Lifecycle, PublicAccess, Reason, Rule, Stated,
    Transition, Unanswered, Versioning, VersioningState, When,
};
use crate::domain::fact::Fact as Setting;
use crate::domain::lifecycle::Kept;
use crate::domain::metrics::alarms::{Known, Watched, lint};
use crate::domain::metrics::{Series, Storage, StorageType, TypeSeries};
use crate::domain::posture::{self, Builder, Case};
use crate::domain::{BucketName, ObjectVersion, Region, StorageClass, VersionId};
use crate::ops::audit::{Audited, Basis};
use crate::ops::metrics::{Alarm, Alarms, BucketAlarms, BucketStorage, RequestSeries};
use crate::ops::{Coverage, Fact};
use crate::tasks::{Outcome, Slot, StateNews, Update};

pub(crate) const BUCKET: &str = "media-prod";

fn bucket() -> BucketName {
    BucketName::new(BUCKET).unwrap()
}

fn stated<T>(value: T, raw: &str) -> Stated<T> {
    Stated {
        setting: Setting::Set(value),
        raw: Some(raw.to_owned()),
    }
}

fn rule(id: &str, prefix: &str) -> Rule {
    Rule {
        id: id.to_owned(),
        enabled: true,
        filter: Filter {
            prefix: prefix.to_owned(),
            ..Filter::default()
        },
        ..Rule::default()
    }
}

fn to(days: u32, class: &str) -> Transition {
    Transition {
        when: When::Days(days),
        class: StorageClass::new(class),
    }
}

/// Three rules: one that works, one that matches nothing, one that is disabled.
pub(crate) fn lifecycle() -> Lifecycle {
    let works = Rule {
        transitions: vec![to(30, "STANDARD_IA"), to(90, "GLACIER")],
        expiration: Some(Expiration::At(When::Days(365))),
        ..rule("move-uploads", "uploads/")
    };
    let idle = Rule {
        expiration: Some(Expiration::At(When::Days(7))),
        ..rule("drop-temp", "temp/")
    };
    let disabled = Rule {
        enabled: false,
        transitions: vec![to(1, "DEEP_ARCHIVE")],
        ..rule("old-\u{202e}rule", "")
    };
    Lifecycle {
        rules: vec![works, idle, disabled],
        ..Lifecycle::default()
    }
}

/// A configuration with answers of all three kinds.
pub(crate) fn configuration() -> Configuration {
    fn not_set<T>() -> Stated<T> {
        Stated::without_document(Setting::NotSet)
    }
    fn unknown<T>(call: &str, reason: Reason) -> Stated<T> {
        Stated::without_document(Setting::Unknown(Unanswered {
            call: call.to_owned(),
            reason,
            why: "access was denied".to_owned(),
        }))
    }
    let blocked = PublicAccess {
        block_public_acls: true,
        ignore_public_acls: true,
        block_public_policy: true,
        restrict_public_buckets: true,
    };
    Configuration {
        bucket: bucket(),
        region: Setting::Set(Region("us-east-1".into())),
        encryption: stated(
            Encryption {
                algorithm: "AES256".into(),
                key_id: None,
                bucket_key: true,
                blocked: None,
            },
            "<ServerSideEncryptionConfiguration><Rule><BucketKeyEnabled>true</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>",
        ),
        versioning: stated(
            Versioning {
                state: VersioningState::Enabled,
                mfa_delete: false,
            },
            "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
        ),
        public_access: stated(blocked, "<PublicAccessBlockConfiguration/>"),
        account_block: unknown("GetPublicAccessBlock of the account", Reason::NotThere),
        policy: unknown(
            "GetBucketPolicy",
            Reason::Permission("s3:GetBucketPolicy".into()),
        ),
        policy_status: not_set(),
        acl: not_set(),
        ownership: not_set(),
        cors: not_set(),
        lifecycle: stated(lifecycle(), "<LifecycleConfiguration/>"),
        logging: not_set(),
        replication: not_set(),
        notifications: not_set(),
        object_lock: not_set(),
        tags: not_set(),
        website: not_set(),
        tiering: not_set(),
        inventory: not_set(),
        metrics: not_set(),
        metadata_tables: not_set(),
        access_points: not_set(),
    }
}

fn version(key: &str, size: u64, class: &str, written: DateTime<Utc>) -> ObjectVersion {
    let mut object = object(key, size);
    object.storage_class = StorageClass::new(class);
    object.last_modified = Some(written);
    ObjectVersion {
        object,
        version_id: VersionId("v".into()),
        is_latest: true,
        is_delete_marker: false,
    }
}

/// What a listing of the bucket finds, all of it or a part, and what is wrong.
pub(crate) fn audited(complete: bool) -> Audited {
    let configuration = configuration();
    let rules = lifecycle();
    let mut builder = Builder::new(Some(&rules), Kept::Versions, None, None, noon());
    let day = |days: i64| noon() - TimeDelta::days(days);
    for listed in [
        version("documents/a\u{202e}b.pdf", 3 << 30, "STANDARD", day(300)),
        version("uploads/user-1/film.mov", 700 << 20, "STANDARD_IA", day(45)),
        version("uploads/user-1/icon.png", 1_000, "STANDARD", day(3)),
        version("uploads/user-2/talk.mp4", 900 << 20, "STANDARD", day(12)),
    ] {
        builder.add(&listed);
    }
    let contents = builder.finish(complete);
    let findings = posture::findings(&Case {
        configuration: &configuration,
        account: None,
        blueprint: None,
        contents: Some(&contents),
        samples: &[],
        object_acls: &[],
        log_target: None,
        replica_targets: &[],
        unanswered: &[],
        now: noon(),
    });
    Audited {
        configuration,
        contents: Some(contents),
        sampled: 0,
        annotations: Setting::NotSet,
        findings,
        accepted: Vec::new(),
        open: Vec::new(),
        basis: if complete {
            Basis::Listing
        } else {
            Basis::Sample(4)
        },
        coverage: Coverage::Complete,
        failure: None,
    }
}

fn series(days: i64, value: impl Fn(f64) -> f64, gap: std::ops::Range<i64>) -> Series {
    let first = noon() - TimeDelta::days(days);
    Series::of_points((0..days).filter(|day| !gap.contains(day)).map(|day| {
        let day_number = u32::try_from(day).unwrap();
        (first + TimeDelta::days(day), value(f64::from(day_number)))
    }))
}

/// A year of sizes with a gap, an overhead and a type that nobody has heard of.
pub(crate) fn storage() -> BucketStorage {
    let gib = 1_073_741_824.0;
    let of = |name: &str, series: Series| TypeSeries {
        storage_type: StorageType::new(name),
        series,
    };
    let types = vec![
        of(
            "StandardStorage",
            series(365, |day| (2.0 + day / 200.0) * gib, 300..312),
        ),
        of("StandardIAStorage", series(365, |_| 0.7 * gib, 300..312)),
        of("GlacierObjectOverhead", series(365, |_| 40_000.0, 0..0)),
        of("QuantumStorage", series(20, |_| 1_000_000.0, 0..0)),
    ];
    let objects = series(365, |day| 1_000.0 + 3.0 * day, 300..312);
    BucketStorage {
        bucket: bucket(),
        region: Some(Region("us-east-1".into())),
        storage: Fact::Set(Storage::new(types, objects)),
    }
}

/// One alarm that works, one that never has data, and one that names no bucket.
pub(crate) fn alarms() -> Alarms {
    let watched = |name: &str, dimensions: &[(&str, &str)]| Watched {
        namespace: "AWS/S3".into(),
        name: name.into(),
        dimensions: dimensions
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        statistic: "Average".into(),
        period: 86_400,
        unit: None,
        account: None,
    };
    let alarm = |name: &str, state: &str, metric: Watched| Alarm {
        name: name.into(),
        region: Region("us-east-1".into()),
        state: state.into(),
        reason: "Threshold Crossed".into(),
        since: None,
        metrics: vec![metric],
        expressions: Vec::new(),
        threshold: Some(5_368_709_120.0),
        comparison: "GreaterThanThreshold".into(),
        evaluation_periods: 1,
        datapoints_to_alarm: None,
        has_actions: false,
    };
    let size = [("BucketName", BUCKET), ("StorageType", "StandardStorage")];
    let own = vec![
        alarm("media-size", "ALARM", watched("BucketSizeBytes", &size)),
        alarm(
            "media-requests",
            "INSUFFICIENT_DATA",
            watched("AllRequests", &[("BucketName", BUCKET)]),
        ),
    ];
    let storage = storage();
    let known = Known {
        storage: storage.storage.value(),
        ..Known::default()
    };
    let findings = own
        .iter()
        .flat_map(|alarm| lint(alarm, &bucket(), known))
        .collect();
    Alarms {
        buckets: vec![BucketAlarms {
            bucket: bucket(),
            alarms: Fact::Set(own),
            findings,
            not_judged: None,
        }],
        adrift: vec![alarm("adrift", "OK", watched("4xxErrors", &[]))],
    }
}

/// Request metrics of one filter.
pub(crate) fn requests() -> Vec<RequestSeries> {
    vec![RequestSeries {
        filter: "EntireBucket".into(),
        metric: "AllRequests",
        series: series(30, |day| 1_000.0 + day, 10..12),
    }]
}

/// A console that shows the bucket, and nothing has been answered yet.
pub(crate) fn opened() -> Console {
    let mut console = Console::with_buckets(&[BUCKET, "other"]);
    console.press("s");
    console
}

/// The same with everything answered.
pub(crate) fn answered() -> Console {
    let mut console = opened();
    answer(&mut console);
    console
}

/// Answers everything.
pub(crate) fn answer(console: &mut Console) {
    let configured = StateNews::Configuration(Arc::new(configuration()));
    console.answer(Slot::Audit, Update::State(configured));
    let judged = StateNews::Audited(Box::new(audited(true)));
    console.answer(Slot::Audit, Update::State(judged));
    console.end(Slot::Audit, Outcome::Done);
    let news = [
        StateNews::Requests(Ok(requests())),
        StateNews::Storage(Box::new(storage())),
        StateNews::Alarms(Box::new(alarms())),
    ];
    for news in news {
        console.answer(Slot::Metrics, Update::State(news));
    }
    console.end(Slot::Metrics, Outcome::Done);
}
