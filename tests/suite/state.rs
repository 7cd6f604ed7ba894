//! `state`, and the reading of a bucket's configuration, through the wire.

use std::collections::BTreeMap;

use s3warden::facade::domain::configuration::{Reason, State};
use s3warden::facade::ops::{Gate, Meter, state};
use s3warden::facade::sandbox::SandboxOptions;
use s3warden::facade::sandbox::world::{SeedKind, Versioning, World, WorldBucket};

use crate::cli::support::{Endpoint, bucket, column, options, seed};
use crate::ops::stub::{Answer, Stub};
use crate::ops::world::{name, sandbox, sandbox_with};

/// Each permission that the configuration of a bucket takes, and the concerns that it hides.
const PERMISSIONS: [(&str, &[&str]); 20] = [
    (
        "s3:GetAccountPublicAccessBlock",
        &["account-public-access-block"],
    ),
    ("s3:GetEncryptionConfiguration", &["encryption"]),
    ("s3:GetBucketVersioning", &["versioning"]),
    ("s3:GetBucketPublicAccessBlock", &["public-access-block"]),
    ("s3:GetBucketPolicy", &["policy"]),
    ("s3:GetBucketPolicyStatus", &["policy-status"]),
    ("s3:GetBucketAcl", &["acl"]),
    ("s3:GetBucketOwnershipControls", &["ownership"]),
    ("s3:GetBucketCORS", &["cors"]),
    ("s3:GetLifecycleConfiguration", &["lifecycle"]),
    ("s3:GetBucketLogging", &["logging"]),
    ("s3:GetReplicationConfiguration", &["replication"]),
    ("s3:GetBucketNotification", &["notifications"]),
    ("s3:GetBucketObjectLockConfiguration", &["object-lock"]),
    ("s3:GetBucketTagging", &["tags"]),
    ("s3:GetBucketWebsite", &["website"]),
    ("s3:GetInventoryConfiguration", &["inventory"]),
    ("s3:GetMetricsConfiguration", &["request-metrics"]),
    (
        "s3:GetBucketMetadataTableConfiguration",
        &["metadata-tables"],
    ),
    ("s3:ListAccessPoints", &["access-points"]),
];

#[test]
fn markers_that_hide_nothing_are_counted_and_those_that_no_rule_removes() {
    let mut media = bucket("media", ["kept"]);
    media.versioning = Versioning::Enabled;
    let marker = |key: &str| seed(key, SeedKind::DeleteMarker);
    media
        .versions
        .extend((0..8).map(|n| marker(&format!("gone/{n}"))));
    media.versions.push(marker("kept"));
    let row = |media: WorldBucket| {
        let endpoint = Endpoint::serving(vec![media]);
        let ran = endpoint
            .program()
            .run(&["state", "media", "--format", "json"]);
        let document = ran.json(0);
        let rows = document["items"].as_array().unwrap().clone();
        let of = |row: &&serde_json::Value| row["concern"] == "delete-markers";
        rows.iter().find(of).cloned().unwrap()
    };
    let found = row(media.clone());
    assert_eq!(found["value"]["count"], 9, "{found:#}");
    assert_eq!(found["value"]["useless"]["count"], 8, "{found:#}");
    assert_eq!(found["value"]["not_removed"]["count"], 8, "{found:#}");
    let sentence = found["sentence"].as_str().unwrap();
    assert!(
        sentence.contains("9, of which 8 hide nothing; no rule removes these"),
        "{sentence}"
    );
    let rule = "<LifecycleConfiguration><Rule><ID>markers</ID><Status>Enabled</Status><Filter><Prefix></Prefix></Filter><Expiration>\
                <ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration></Rule></LifecycleConfiguration>";
    media
        .configuration
        .insert("lifecycle".to_owned(), rule.to_owned());
    let found = row(media);
    assert_eq!(found["value"]["not_removed"]["count"], 0, "{found:#}");
}

fn uploads() -> WorldBucket {
    let world = World::builtin("pilotforce").unwrap();
    let found = world.buckets.into_iter();
    let mut found = found.filter(|bucket| bucket.name == "pilotforce-user-uploads");
    let mut bucket = found.next().unwrap();
    bucket.versions.clear();
    bucket.uploads.clear();
    bucket
}

/// How each concern stands, by its name.
async fn states(denied: &[&str], bucket: WorldBucket) -> BTreeMap<&'static str, State> {
    let options = SandboxOptions {
        denied: denied.iter().map(|p| (*p).to_owned()).collect(),
        ..SandboxOptions::default()
    };
    let of = name(&bucket.name);
    let (_sandbox, aws) = sandbox_with(options, vec![bucket]).await;
    let read = state::configuration(&aws, &of, &Gate::new(8), &Meter::new()).await;
    read.rows()
        .into_iter()
        .map(|row| (row.name, row.state))
        .collect()
}

#[tokio::test]
async fn a_permission_that_is_missing_makes_its_own_concern_unknown_and_no_other() {
    let all = states(&[], uploads()).await;
    assert_eq!(all["lifecycle"], State::Set);
    assert_eq!(all["replication"], State::NotSet);
    for (permission, hides) in PERMISSIONS {
        let found = states(&[permission], uploads()).await;
        for (concern, state) in &found {
            if hides.contains(concern) {
                let State::Unknown(why) = state else {
                    panic!("{concern} is {state:?} without {permission}");
                };
                assert_eq!(why.reason, Reason::Permission(permission.to_owned()));
            } else {
                assert_eq!(state, &all[concern], "{concern} without {permission}");
            }
        }
    }
}

#[tokio::test]
async fn a_listing_in_place_of_a_configuration_is_no_configuration() {
    let listing = "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>media</Name></ListBucketResult>";
    let stub = Stub::start(vec![Answer::xml(200, listing); 64]).await;
    let aws = stub.connect().await;
    let read = state::configuration(&aws, &name("media"), &Gate::new(1), &Meter::new()).await;
    for row in read.rows() {
        assert!(
            matches!(row.state, State::Unknown(_)),
            "{} is {:?}",
            row.name,
            row.state
        );
    }
}

#[tokio::test]
async fn what_the_service_sent_is_kept_beside_what_was_read_from_it() {
    let (_sandbox, aws) = sandbox(vec![uploads()]).await;
    let of = name("pilotforce-user-uploads");
    let read = state::configuration(&aws, &of, &Gate::new(8), &Meter::new()).await;
    let raw = read.lifecycle.raw.as_deref().unwrap();
    assert!(raw.contains("<LifecycleConfiguration"), "{raw}");
    assert!(
        read.policy
            .raw
            .as_deref()
            .unwrap()
            .contains("\"Statement\"")
    );
    let lifecycle = read.lifecycle.value().unwrap();
    let ids: Vec<&str> = lifecycle
        .rules
        .iter()
        .map(|rule| rule.id.as_str())
        .collect();
    assert_eq!(ids, ["DeleteTempUploads", "MoveOldUploads"]);
    assert_eq!(lifecycle.rules[1].filter.prefix, "uploads/");
    assert_eq!(lifecycle.rules[1].transitions.len(), 2);
}

#[test]
fn the_command_says_each_concern_in_a_sentence_and_what_the_rules_touch() {
    let mut media = bucket("media", ["uploads/a", "uploads/b", "other"]);
    media.versioning = Versioning::Enabled;
    media.configuration.insert(
        "lifecycle".to_owned(),
        "<LifecycleConfiguration><Rule><ID>idle</ID><Filter><Prefix>photos/</Prefix></Filter><Status>Enabled</Status>\
         <Expiration><Days>9000</Days></Expiration></Rule><Rule><ID>busy</ID><Filter><Prefix>uploads/</Prefix></Filter>\
         <Status>Enabled</Status><Expiration><Days>9000</Days></Expiration></Rule></LifecycleConfiguration>"
            .to_owned(),
    );
    let endpoint = Endpoint::serving(vec![media]);
    let document = endpoint
        .program()
        .run(&["state", "media", "--format", "json"])
        .json(0);
    assert_eq!(document["schema"], "s3warden/state/1");
    let sentences = column(&document, "sentence");
    for wanted in [
        "Every write keeps the version before it; deleting a version needs no second factor.",
        "There is no bucket policy.",
        "The account blocks no public access.",
        "idle touches nothing.",
        "busy touches 2 objects, 2.0 KiB.",
        "No rule is about 1 of 3 objects, 1000 B.",
        "STANDARD: 3 versions, 2.9 KiB (100 % of the bytes).",
    ] {
        assert!(sentences.contains(&wanted), "{wanted}: {sentences:#?}");
    }
    assert_eq!(document["complete"], true, "{}", document["summary"]);
    let states = column(&document, "state");
    assert!(!states.contains(&"unknown"), "{states:?}");
}

#[test]
fn a_bucket_that_is_not_there_is_a_failure_and_one_without_a_name_is_a_mistake() {
    let endpoint = Endpoint::with(options(vec![bucket("media", ["a"])]));
    let missing = endpoint.program().run(&["state", "elsewhere"]);
    assert_eq!(missing.status, 1, "{missing:#?}");
    assert!(missing.err.contains("error: could not "), "{missing:#?}");
    let wrong = endpoint.program().run(&["state", "No Bucket"]);
    assert_eq!(wrong.status, 2, "{wrong:#?}");
}

#[test]
fn what_the_lifecycle_will_do_is_in_the_documents_of_state_and_ls_day_by_day() {
    let endpoint = Endpoint::of_world("pilotforce");
    let bucket = "pilotforce-user-uploads";
    let state = endpoint
        .program()
        .run(&["state", bucket, "--format", "json"])
        .json(0);
    let rules: Vec<_> = state["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["concern"] == "lifecycle-rule")
        .collect();
    let predicted = |row: &&&serde_json::Value| {
        let steps = row["value"]["example"]["lifecycle"]["steps"].as_array();
        steps.is_some_and(|steps| !steps.is_empty() && steps[0]["at"].is_string())
    };
    assert!(rules.iter().filter(predicted).count() > 0, "{rules:#?}");
    let uri = format!("s3://{bucket}/");
    for arguments in [
        ["ls", "-r", &uri, "--format", "json"],
        ["ls", "--versions", &uri, "--format", "json"],
    ] {
        let listed = endpoint.program().run(&arguments).json(0);
        let items = listed["items"].as_array().unwrap();
        let objects = items.iter().filter(|item| item["size"].is_u64());
        for object in objects {
            assert!(object["lifecycle"]["steps"].is_array(), "{object}");
        }
    }
    // Nobody asks for the rules where they are not printed.
    let table = endpoint.program().run(&["ls", &uri]);
    assert_eq!(table.status, 0);
}

#[test]
fn rules_that_may_not_be_read_leave_the_prediction_of_ls_unknown() {
    let endpoint = Endpoint::with(SandboxOptions {
        denied: vec!["s3:GetLifecycleConfiguration".to_owned()],
        ..options(vec![bucket("media", ["a"])])
    });
    let listed = endpoint
        .program()
        .run(&["ls", "s3://media/", "--format", "json"])
        .json(0);
    assert_eq!(listed["complete"], false);
    assert!(listed["items"][0]["lifecycle"].is_null());
    let what = listed["summary"]["incomplete"][0]["what"].as_str().unwrap();
    assert!(what.starts_with("lifecycle of"), "{what}");
}

const REFUSES_SSE_C: &str = "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>\
     <SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BlockedEncryptionTypes>\
     <EncryptionType>SSE-C</EncryptionType></BlockedEncryptionTypes></Rule></ServerSideEncryptionConfiguration>";

const REPLICATION: &str = "<ReplicationConfiguration><Role>arn:aws:iam::123456789012:role/copies</Role><Rule><ID>all</ID>\
     <Priority>7</Priority><Status>Enabled</Status><Filter><Prefix></Prefix></Filter>\
     <SourceSelectionCriteria><SseKmsEncryptedObjects><Status>Enabled</Status></SseKmsEncryptedObjects>\
     <ReplicaModifications><Status>Enabled</Status></ReplicaModifications></SourceSelectionCriteria>\
     <DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication>\
     <ExistingObjectReplication><Status>Enabled</Status></ExistingObjectReplication>\
     <Destination><Bucket>arn:aws:s3:::replica</Bucket><Account>999999999999</Account>\
     <AccessControlTranslation><Owner>Destination</Owner></AccessControlTranslation>\
     <EncryptionConfiguration><ReplicaKmsKeyID>arn:aws:kms:us-east-1:123456789012:key/copies</ReplicaKmsKeyID></EncryptionConfiguration>\
     <ReplicationTime><Status>Enabled</Status><Time><Minutes>15</Minutes></Time></ReplicationTime>\
     <Metrics><Status>Enabled</Status><EventThreshold><Minutes>15</Minutes></EventThreshold></Metrics></Destination></Rule>\
     </ReplicationConfiguration>";

#[test]
fn refused_encryption_types_and_every_part_of_a_replication_rule_are_read() {
    let mut media = bucket("media", ["a"]);
    media.versioning = Versioning::Enabled;
    let documents = [("encryption", REFUSES_SSE_C), ("replication", REPLICATION)];
    for (name, document) in documents {
        media
            .configuration
            .insert(name.to_owned(), document.to_owned());
    }
    let endpoint = Endpoint::with(options(vec![media]));
    let state = endpoint
        .program()
        .run(&["state", "media", "--format", "json"])
        .json(0);
    let items = state["items"].as_array().unwrap();
    let concern = |name: &str| items.iter().find(|row| row["concern"] == name).unwrap();
    assert_eq!(
        concern("encryption")["value"]["blocked"],
        serde_json::json!(["SSE-C"])
    );
    let rule = &concern("replication")["value"]["rules"][0];
    for (field, value) in [
        ("priority", serde_json::json!(7)),
        ("within_minutes", serde_json::json!(15)),
        ("late_after_minutes", serde_json::json!(15)),
        ("metrics", serde_json::json!(true)),
        ("existing_objects", serde_json::json!(true)),
        ("replica_modifications", serde_json::json!(true)),
        ("kms_encrypted", serde_json::json!(true)),
        ("account", serde_json::json!("999999999999")),
        ("replica_owner", serde_json::json!("Destination")),
        (
            "replica_key",
            serde_json::json!("arn:aws:kms:us-east-1:123456789012:key/copies"),
        ),
    ] {
        assert_eq!(rule[field], value, "{field} of {rule}");
    }
    let said = concern("replication")["sentence"].as_str().unwrap();
    assert!(said.contains("within 15 minutes"), "{said}");
}

#[tokio::test]
async fn the_format_of_the_keys_of_logs_is_read() {
    let partitioned = |inside: &str| {
        format!(
            "<TargetObjectKeyFormat><PartitionedPrefix>{inside}</PartitionedPrefix></TargetObjectKeyFormat>"
        )
    };
    let by = |source: &str| {
        partitioned(&format!(
            "<PartitionDateSource>{source}</PartitionDateSource>"
        ))
    };
    let simple = "<TargetObjectKeyFormat><SimplePrefix/></TargetObjectKeyFormat>".to_owned();
    for (format, folder) in [
        (String::new(), None),
        (simple, None),
        (
            by("EventTime"),
            Some("in a folder for the day of the requests"),
        ),
        (
            by("DeliveryTime"),
            Some("in a folder for the day of delivery"),
        ),
        (partitioned(""), Some("in a folder for the day of delivery")),
    ] {
        let document = format!(
            "<BucketLoggingStatus><LoggingEnabled><TargetBucket>logs</TargetBucket><TargetPrefix>media/</TargetPrefix>{format}\
             </LoggingEnabled></BucketLoggingStatus>"
        );
        let stub = Stub::start(vec![Answer::xml(200, &document)]).await;
        let aws = stub.connect().await;
        let read = state::configuration(&aws, &name("media"), &Gate::new(1), &Meter::new()).await;
        let rows = read.rows();
        let row = rows.iter().find(|row| row.name == "logging").unwrap();
        match folder {
            Some(words) => assert!(row.sentence.contains(words), "{format}: {}", row.sentence),
            None => assert!(
                !row.sentence.contains("folder"),
                "{format}: {}",
                row.sentence
            ),
        }
    }
}
