//! The worlds, audited by the program itself: each verdict that a system's document deserves is there with what shows it, and
//! in the fixed twin there is nothing but information.
//!
//! Some verdicts are no findings, and are said where the thing is done: that a "view once" URL can be used again
//! (`presign::commands`), that the bill is estimated from sizes and prices (`metrics::faces`), that `user-1` is not `user-10`
//! (below, and `ops::owners`), which rows of a record name no key (`registry`).

use serde_json::Value;

use crate::cli::support::{Endpoint, column};

/// A finding that a world has to have.
struct Verdict {
    bucket: &'static str,
    id: &'static str,
    severity: &'static str,
    /// What its message and evidence have to hold, each.
    shown_by: &'static [&'static str],
}

const fn verdict(
    bucket: &'static str,
    id: &'static str,
    severity: &'static str,
    shown_by: &'static [&'static str],
) -> Verdict {
    Verdict {
        bucket,
        id,
        severity,
        shown_by,
    }
}

fn words(finding: &Value) -> String {
    let evidence = finding["evidence"].as_array().unwrap().iter();
    let evidence: Vec<&str> = evidence.map(|line| line.as_str().unwrap()).collect();
    format!(
        "{}\n{}",
        finding["message"].as_str().unwrap(),
        evidence.join("\n")
    )
}

/// Whoever does what a finding says does not get another one for it, as far as the encryption that it names goes.
#[track_caller]
fn fixes_make_no_other_finding(endpoint: &Endpoint, document: &Value) {
    for item in document["items"].as_array().unwrap() {
        let (bucket, fix) = (
            item["bucket"].as_str().unwrap(),
            item["fix"].as_str().unwrap(),
        );
        if !fix.contains("--sse ") && !fix.contains("update-object-encryption") {
            continue;
        }
        let state = endpoint
            .program()
            .run(&["state", bucket, "--max-versions", "0", "--format", "json"])
            .json(0);
        let rows = state["items"].as_array().unwrap();
        let encryption = rows.iter().find(|row| row["concern"] == "encryption");
        let default = &encryption.unwrap()["value"];
        let algorithm = default["algorithm"].as_str().unwrap_or("AES256");
        let named = default["key_id"].as_str().unwrap_or_default();
        let follows = if algorithm.starts_with("aws:kms") {
            fix.contains(named) && !fix.contains("AES256")
        } else {
            // The blueprint may want a key where the default has none.
            fix.contains("--sse AES256") || fix.contains("aws:kms --sse-kms-key-id")
        };
        assert!(follows, "{bucket} ({algorithm} {named}): {fix}");
    }
}

/// Audits a world and looks for each verdict.
#[track_caller]
fn has(world: &str, verdicts: &[Verdict]) -> Value {
    let endpoint = Endpoint::of_world(world);
    let ran = endpoint
        .program()
        .run(&["audit", "--fail-on", "high", "--format", "json"]);
    let document = ran.json(3);
    fixes_make_no_other_finding(&endpoint, &document);
    for wanted in verdicts {
        let items = document["items"].as_array().unwrap().iter();
        let of_id: Vec<&Value> = items
            .filter(|item| item["id"] == wanted.id && item["bucket"] == wanted.bucket)
            .collect();
        let found = of_id.iter().any(|item| {
            let words = words(item);
            item["severity"] == wanted.severity && wanted.shown_by.iter().all(|w| words.contains(w))
        });
        assert!(
            found,
            "{world}: no {} {} of {} that shows {:?} among {of_id:#?}",
            wanted.severity, wanted.id, wanted.bucket, wanted.shown_by
        );
    }
    document
}

#[test]
fn game() {
    let pictures = "elimination-profile-pictures";
    let photos = "elimination-verifications";
    let document = has(
        "game",
        &[
            verdict(pictures, "object-unencrypted", "high", &["profiles/"]),
            verdict(
                pictures,
                "noncurrent-never-expire",
                "medium",
                &["noncurrent versions of"],
            ),
            verdict(
                pictures,
                "incomplete-uploads-never-abort",
                "medium",
                &["profiles/user-1/ac76e5b4"],
            ),
            verdict(photos, "object-unencrypted", "high", &["verifications/"]),
            verdict(
                photos,
                "lifecycle-transition-overdue",
                "medium",
                &["archive-verifications"],
            ),
        ],
    );
    // Logs arrive, pictures are read by the CDN alone, and no origin is refused: nothing is said of what is right.
    let ids = column(&document, "id");
    for right in [
        "logging-stale",
        "logging-off",
        "blueprint-drift",
        "tls-not-required",
        "cors-missing-origin",
    ] {
        assert!(!ids.contains(&right), "{right}");
    }
}

#[test]
fn infinite() {
    let images = "infinite-images";
    has(
        "infinite",
        &[
            // Versioning without a rule for old versions grows for ever.
            verdict(
                images,
                "noncurrent-never-expire",
                "medium",
                &["no enabled rule expires"],
            ),
            verdict(
                "infinite-assets",
                "noncurrent-never-expire",
                "medium",
                &["noncurrent versions of"],
            ),
            // The public access block is relaxed, as the blueprint asks: worth knowing.
            verdict(
                images,
                "public-access-block-off",
                "info",
                &["BlockPublicPolicy is off", "IgnorePublicAcls is off"],
            ),
            verdict(images, "public-read", "info", &["PublicRead"]),
            // No CDN although it is ticked as tested.
            verdict(
                images,
                "blueprint-drift",
                "low",
                &["The CDN", "no statement of the policy names one"],
            ),
            verdict(
                images,
                "cors-wildcard",
                "low",
                &["origin * may send GET, PUT, POST"],
            ),
            verdict(
                images,
                "tls-not-required",
                "medium",
                &["aws:SecureTransport"],
            ),
        ],
    );
}

#[test]
fn pilotforce() {
    let uploads = "pilotforce-user-uploads";
    let assets = "pilotforce-assets";
    has(
        "pilotforce",
        &[
            // Deletes without a version id free nothing.
            verdict(
                uploads,
                "noncurrent-never-expire",
                "medium",
                &["no enabled rule expires", "noncurrent versions of"],
            ),
            // Thumbnails outlive their originals, for the record need not know them.
            verdict(
                uploads,
                "derived-leaves-copies",
                "info",
                &["thumbnail: in pilotforce-user-uploads"],
            ),
            // documents/ is touched by no rule and no trigger.
            verdict(
                uploads,
                "lifecycle-object-uncovered",
                "medium",
                &["layout upload", "documents/"],
            ),
            verdict(
                uploads,
                "notification-missing",
                "medium",
                &["ProcessUploadedImages", "documents/"],
            ),
            // The trigger hears the thumbnails that it makes.
            verdict(
                uploads,
                "notification-recursive",
                "high",
                &["ProcessUploadedImages", "-thumbnail-thumbnail.jpg"],
            ),
            // The expression takes a dot of the user's id for the extension's, or finds none.
            verdict(
                uploads,
                "derived-key-collision",
                "high",
                &["ada-thumbnail.l/", "is overwritten by its own thumbnail"],
            ),
            verdict(
                assets,
                "public-policy-blocked",
                "medium",
                &["PublicReadForGetBucketObjects"],
            ),
            verdict(assets, "blueprint-drift", "medium", &["The CDN"]),
            verdict(
                assets,
                "log-bucket-without-grant",
                "high",
                &["assets-logs/", "logging.s3.amazonaws.com"],
            ),
            verdict(
                uploads,
                "log-bucket-without-grant",
                "high",
                &["uploads-logs/"],
            ),
            verdict(
                uploads,
                "logging-stale",
                "medium",
                &["the newest log is of"],
            ),
            verdict(
                uploads,
                "bucket-key-without-kms",
                "low",
                &["BucketKeyEnabled with AES256"],
            ),
            verdict(
                assets,
                "bucket-key-without-kms",
                "low",
                &["BucketKeyEnabled with AES256"],
            ),
            verdict(
                uploads,
                "lifecycle-transition-overdue",
                "medium",
                &["temp/user-1/", "DeleteTempUploads"],
            ),
            verdict(
                uploads,
                "alarm-counts-one-class",
                "low",
                &["PilotForce-UserUploads-BucketSize"],
            ),
        ],
    );
}

#[test]
fn quikapp() {
    let media = "quikapp-media-prod";
    let document = has(
        "quikapp",
        &[
            // The prefixes match no key, for the workspace comes first.
            verdict(
                media,
                "lifecycle-rule-matches-nothing",
                "high",
                &["photos-lifecycle", "begin with photos/"],
            ),
            verdict(
                media,
                "lifecycle-rule-matches-nothing",
                "high",
                &["videos-lifecycle", "begin with videos/"],
            ),
            verdict(
                media,
                "lifecycle-rule-matches-nothing",
                "high",
                &["voice-lifecycle", "begin with voice/"],
            ),
            verdict(
                media,
                "lifecycle-object-uncovered",
                "medium",
                &["layout photos", "layout photo-upload", "layout dm-voice"],
            ),
            verdict(
                media,
                "notification-missing",
                "medium",
                &["thumbnail-generator", "acme/photos/"],
            ),
            // Objects have the account's key although the bucket's is another.
            verdict(media, "object-key-differs", "medium", &["alias/aws/s3"]),
            // Alarms on request metrics without a FilterId, and one that does not even name the bucket.
            verdict(
                media,
                "alarm-never-has-data",
                "high",
                &["QuikApp-S3-Requests-High", "FilterId"],
            ),
            verdict(
                media,
                "alarm-never-has-data",
                "high",
                &["QuikApp-S3-4xx-Errors"],
            ),
            // A purge leaves the replicas and the thumbnails.
            verdict(
                media,
                "replication-leaves-copies",
                "info",
                &[
                    "copies in quikapp-media-prod-eu, with",
                    "quikapp-media-prod-apac, without",
                ],
            ),
            verdict(
                media,
                "derived-leaves-copies",
                "info",
                &["small: in quikapp-thumbnails-prod"],
            ),
            verdict(
                media,
                "replica-missing",
                "medium",
                &["FAILED", "quikapp-media-prod-apac lacks"],
            ),
            verdict(
                "quikapp-thumbnails-prod",
                "cache-outlives-object",
                "low",
                &["max-age=31536000"],
            ),
            verdict(
                media,
                "lifecycle-minimum-stay",
                "info",
                &["STANDARD_IA from day 7 to day 30"],
            ),
        ],
    );
    // Three sizes of one photo are three keys.
    assert!(!column(&document, "id").contains(&"derived-key-collision"));
}

#[test]
fn leadfactory() {
    let assets = "leadshop-assets";
    let document = has(
        "leadfactory",
        &[
            // CloudWatch answers the document's query with nothing.
            verdict(
                assets,
                "alarm-never-has-data",
                "high",
                &["leadshop-assets-size", "StorageType"],
            ),
            // The cost alert is on the bill.
            verdict(
                assets,
                "alarm-on-billing",
                "info",
                &["cost-above-40-dollars", "EstimatedCharges"],
            ),
            verdict(
                assets,
                "noncurrent-never-expire",
                "medium",
                &["noncurrent versions of"],
            ),
            verdict(
                assets,
                "object-unencrypted",
                "high",
                &["reports/user-1/legacy/2022-11.pdf"],
            ),
            verdict(
                assets,
                "incomplete-uploads-never-abort",
                "medium",
                &["temp/user-1/crm-export.csv"],
            ),
        ],
    );
    let ids = column(&document, "id");
    for right in [
        "tls-not-required",
        "logging-stale",
        "lifecycle-object-uncovered",
        "public-access-block-off",
    ] {
        assert!(!ids.contains(&right), "{right}");
    }
}

/// Audits a fixed twin: whatever is found is information, and everything was looked at.
#[track_caller]
fn is_clean(twin: &str) {
    let endpoint = Endpoint::of_world(twin);
    let ran = endpoint
        .program()
        .run(&["audit", "--fail-on", "low", "--format", "json"]);
    assert_ne!(ran.status, 3, "{twin}: {}", ran.out);
    let document = ran.json(0);
    assert_eq!(
        document["complete"], true,
        "{twin}: {}",
        document["summary"]
    );
    fixes_make_no_other_finding(&endpoint, &document);
    let severities = column(&document, "severity");
    assert!(severities.iter().all(|s| *s == "info"), "{twin}");
    let ids = column(&document, "id");
    assert!(!ids.contains(&"unknown-permission"), "{twin}");
}

#[test]
fn game_fixed_is_clean() {
    is_clean("game-fixed");
}

#[test]
fn infinite_fixed_is_clean() {
    is_clean("infinite-fixed");
}

#[test]
fn leadfactory_fixed_is_clean() {
    is_clean("leadfactory-fixed");
}

#[test]
fn pilotforce_fixed_is_clean() {
    is_clean("pilotforce-fixed");
}

#[test]
fn quikapp_fixed_is_clean() {
    is_clean("quikapp-fixed");
}

#[test]
fn users_are_told_apart_by_their_whole_id() {
    let endpoint = Endpoint::of_world("pilotforce");
    let found = endpoint
        .program()
        .run(&["find", "user-1", "--format", "json"])
        .json(0);
    let keys = column(&found, "key");
    assert!(keys.len() > 5, "{keys:?}");
    // Neither user-10, nor a file or a directory that is called like the user, nor one that differs by case.
    for key in keys {
        assert_eq!(key.split('/').nth(1), Some("user-1"), "{key}");
    }
}
