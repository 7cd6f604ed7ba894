//! What a bucket tells others: logs, CORS, notifications.

use super::*;

#[test]
fn a_log_bucket_that_lets_nobody_write_gets_no_log() {
    let configuration = sound();
    let target = |policy| LogTarget {
        is_missing: false,
        configuration: Configuration { policy, ..sound() },
        newest: Fact::Set(now()),
        requester_pays: Fact::Set(false),
    };
    let judged = |target: &LogTarget| {
        said(&Case {
            log_target: Some(target),
            ..case(&configuration)
        })
    };
    let grant = |resource: &str| {
        format!(
            r#"{{"Effect":"Allow","Principal":{{"Service":"logging.s3.amazonaws.com"}},"Action":"s3:PutObject","Resource":"{resource}"}}"#
        )
    };
    let right = target(policy(&[&grant("arn:aws:s3:::logs/media/*")]));
    assert_eq!(judged(&right), Vec::<String>::new());
    for wrong in [
        target(known(Fact::NotSet)),
        target(policy(&[&grant("arn:aws:s3:::logs/other/*")])),
    ] {
        assert_eq!(judged(&wrong), ["high log-bucket-without-grant"]);
    }
    let unknown = target(known(Fact::Unknown(denied())));
    assert_eq!(judged(&unknown), Vec::<String>::new());
}

#[test]
fn cors_that_refuses_the_application_or_lets_everybody_write_is_found() {
    let with = |origin: &str| Configuration {
        cors: set(Cors {
            rules: vec![CorsRule {
                origins: vec![origin.to_owned()],
                methods: vec!["PUT".to_owned()],
                ..CorsRule::default()
            }],
        }),
        ..sound()
    };
    let wants = blueprint(
        "[bucket.expect]\n[[bucket.expect.cors]]\norigins = ['https://app']\nmethods = ['PUT']\n",
    );
    let judged = |configuration: &Configuration| {
        said(&Case {
            blueprint: Some(&wants),
            ..case(configuration)
        })
    };
    assert_eq!(judged(&with("https://app")), Vec::<String>::new());
    assert_eq!(judged(&with("https://b")), ["medium cors-missing-origin"]);
    assert_eq!(judged(&with("*")), ["low cors-wildcard"]);
    assert_eq!(judged(&sound()), ["medium cors-missing-origin"]);
}

#[test]
fn a_trigger_that_hears_its_own_thumbnails_and_keys_that_none_hears_are_found() {
    let text = "[[bucket.derived]]\nid = 'thumbnail'\nfrom = 'upload'\nto_bucket = 'media'\n\
                regex = '(\\.[^.]+)$'\nreplace = '-t$1'\n\
                [bucket.expect]\n[[bucket.expect.notification]]\nid = 'thumb'\nto = 'lambda'\n\
                events = ['s3:ObjectCreated:*']\nprefix = 'uploads/'\nsuffix = '.jpg'\n";
    let wants = blueprint(text);
    let with = |prefix: &str| Configuration {
        notifications: set(Notifications {
            notifications: vec![Notification {
                id: "trigger".to_owned(),
                kind: NotifiedKind::Lambda,
                to: "arn".to_owned(),
                events: vec!["s3:ObjectCreated:*".to_owned()],
                prefix: prefix.to_owned(),
                suffix: ".jpg".to_owned(),
            }],
            event_bridge: false,
        }),
        ..sound()
    };
    let judged = |configuration: &Configuration| {
        let found = contents(
            configuration,
            Some(&wants),
            &[version("uploads/u/a.jpg", 1, 1)],
        );
        said(&Case {
            blueprint: Some(&wants),
            contents: Some(&found),
            ..case(configuration)
        })
    };
    let found = judged(&with("uploads/"));
    assert!(
        found.contains(&"high notification-recursive".to_owned()),
        "{found:?}"
    );
    let found = judged(&with("elsewhere/"));
    assert!(
        found.contains(&"medium notification-missing".to_owned()),
        "{found:?}"
    );
    assert!(!found.iter().any(|s| s.contains("recursive")), "{found:?}");
}

#[test]
fn a_trigger_is_wired_only_where_its_own_kind_of_target_or_event_bridge_hears() {
    let wants = blueprint(
        "[bucket.expect]\n[[bucket.expect.notification]]\nid = 'thumb'\nto = 'lambda'\n\
         events = ['s3:ObjectCreated:*']\nprefix = 'uploads/'\n",
    );
    let missing = |kind: NotifiedKind, event_bridge: bool, key: &str| {
        let configuration = Configuration {
            notifications: set(Notifications {
                notifications: vec![Notification {
                    id: "all".to_owned(),
                    kind,
                    to: "arn".to_owned(),
                    events: vec!["s3:ObjectCreated:*".to_owned()],
                    prefix: String::new(),
                    suffix: String::new(),
                }],
                event_bridge,
            }),
            ..sound()
        };
        let found = contents(&configuration, Some(&wants), &[version(key, 1, 1)]);
        let mut said = said(&Case {
            blueprint: Some(&wants),
            contents: Some(&found),
            ..case(&configuration)
        });
        said.retain(|said| said.contains("drift") || said.contains("notification"));
        said
    };
    let upload = "uploads/u/a";
    assert_eq!(missing(NotifiedKind::Lambda, false, upload), [""; 0]);
    assert_eq!(missing(NotifiedKind::Queue, true, upload), [""; 0]);
    assert_eq!(
        missing(NotifiedKind::Queue, false, upload),
        ["medium blueprint-drift", "medium notification-missing"]
    );
    // Nobody asked for keys beside the prefix.
    assert_eq!(
        missing(NotifiedKind::Queue, false, "elsewhere/u/a"),
        ["medium blueprint-drift"]
    );
}

#[test]
fn what_a_replica_lacks_is_found_with_its_name() {
    let configuration = sound();
    let judged = |is_there: bool, status: Option<&str>| {
        let samples = [Sample {
            replication: status.map(str::to_owned),
            replicas: vec![Replica {
                bucket: BucketName::new("media-eu").unwrap(),
                is_there,
            }],
            ..sample("a", Some("AES256"), None)
        }];
        let found = findings(&Case {
            samples: &samples,
            ..case(&configuration)
        });
        found
            .iter()
            .map(|finding| format!("{} {:?}", finding.id, finding.evidence))
            .collect::<Vec<_>>()
    };
    assert_eq!(judged(true, Some("COMPLETED")), [""; 0]);
    let lacks = judged(false, Some("COMPLETED"));
    assert!(lacks[0].starts_with("replica-missing"), "{lacks:?}");
    assert!(lacks[0].contains("media-eu lacks 1 of 1"), "{lacks:?}");
    let failed = judged(true, Some("FAILED"));
    assert!(failed[0].contains("is FAILED"), "{failed:?}");
}

#[test]
fn a_log_is_stale_when_a_write_of_more_than_a_day_ago_is_in_none() {
    let configuration = sound();
    let judged = |newest_log: i64, written: &[i64]| {
        let versions: Vec<ObjectVersion> = written
            .iter()
            .map(|days| version(&format!("a{days:03}"), 1, *days))
            .collect();
        let found = contents(&configuration, None, &versions);
        let grant = r#"{"Effect":"Allow","Principal":{"Service":"logging.s3.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::logs/media/*"}"#;
        let target = LogTarget {
            is_missing: false,
            configuration: Configuration {
                policy: policy(&[grant]),
                ..sound()
            },
            newest: Fact::Set(now() - TimeDelta::days(newest_log)),
            requester_pays: Fact::Set(false),
        };
        said(&Case {
            contents: Some(&found),
            log_target: Some(&target),
            ..case(&configuration)
        })
        .contains(&"medium logging-stale".to_owned())
    };
    // What was written today excuses nothing that was written before.
    assert!(judged(30, &[0, 5, 90]));
    assert!(judged(30, &[5, 90]));
    assert!(!judged(0, &[5, 90]));
    assert!(!judged(30, &[40]));
    // Of today alone no log need know yet.
    assert!(!judged(30, &[0]));
}
