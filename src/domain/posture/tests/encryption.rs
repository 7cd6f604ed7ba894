//! Encryption of the bucket and of its objects.

use super::*;

#[test]
fn objects_without_encryption_or_with_another_key_are_found_by_their_headers() {
    let kms = |key: &str| {
        set(Encryption {
            algorithm: "aws:kms".to_owned(),
            key_id: Some(key.to_owned()),
            bucket_key: true,
            blocked: None,
        })
    };
    let configuration = Configuration {
        encryption: kms("arn:aws:kms:us-east-1:123456789012:key/own"),
        ..sound()
    };
    let judged = |samples: &[Sample]| {
        said(&Case {
            samples,
            ..case(&configuration)
        })
    };
    let own = sample("a", Some("aws:kms"), Some("own"));
    assert_eq!(judged(std::slice::from_ref(&own)), Vec::<String>::new());
    let aws = sample(
        "b",
        Some("aws:kms"),
        Some("arn:aws:kms:us-east-1:1:key/aws-s3"),
    );
    assert_eq!(judged(&[own.clone(), aws]), ["medium object-key-differs"]);
    assert_eq!(
        judged(&[own, sample("c", None, None)]),
        ["high object-unencrypted"]
    );
}

#[test]
fn a_bucket_key_without_kms_and_kms_that_is_missing_are_found() {
    let configuration = Configuration {
        encryption: set(Encryption {
            algorithm: "AES256".to_owned(),
            key_id: None,
            bucket_key: true,
            blocked: None,
        }),
        ..sound()
    };
    assert_eq!(of(&configuration), ["info bucket-key-without-kms"]);
    let wants = blueprint("[bucket.expect]\nencryption = { algorithm = 'aws:kms', key = 'own' }\n");
    let with = Case {
        blueprint: Some(&wants),
        ..case(&configuration)
    };
    assert_eq!(
        said(&with),
        [
            "medium encryption-expected-kms",
            "low bucket-key-without-kms"
        ]
    );
}

/// The fixes that are given for a bucket of this default with an object that is not encrypted and one with another key.
fn fixes(default: (&str, Option<&str>), expect: &str) -> Vec<(&'static str, String)> {
    let configuration = Configuration {
        encryption: set(Encryption {
            algorithm: default.0.to_owned(),
            key_id: default.1.map(str::to_owned),
            bucket_key: false,
            blocked: None,
        }),
        ..sound()
    };
    let wants = blueprint(&format!("[bucket.expect]\n{expect}\n"));
    let samples = [
        sample("a", None, None),
        sample("b", Some("aws:kms"), Some("another")),
    ];
    findings(&Case {
        samples: &samples,
        blueprint: Some(&wants),
        ..case(&configuration)
    })
    .into_iter()
    .filter(|finding| finding.id.starts_with("object-"))
    .map(|finding| (finding.id, finding.advice.command_line()))
    .collect()
}

#[test]
fn what_is_advised_encrypts_with_what_the_bucket_has_or_should_have() {
    const ARN: &str = "arn:aws:kms:us-east-1:123456789012:key/own";
    const WANTED: &str = "encryption = { algorithm = 'aws:kms', key = 'arn:aws:kms:us-east-1:123456789012:key/wanted' }";
    for (default, expect, unencrypted) in [
        (("AES256", None), "", "--sse AES256 --storage-class"),
        (
            ("aws:kms", Some(ARN)),
            "",
            "--sse aws:kms --sse-kms-key-id arn:aws:kms:us-east-1:123456789012:key/own",
        ),
        (("aws:kms", None), "", "--sse aws:kms --storage-class"),
        (
            ("aws:kms:dsse", Some(ARN)),
            "",
            "--server-side-encryption aws:kms:dsse --ssekms-key-id arn:aws:kms",
        ),
        (("AES256", None), WANTED, "key/wanted"),
        (("aws:kms", Some(ARN)), WANTED, "key/wanted"),
        (
            ("AES256", None),
            "encryption = { algorithm = 'aws:kms', key = 'own' }",
            "--sse aws:kms --sse-kms-key-id KEY",
        ),
        (
            ("aws:kms", Some(ARN)),
            "encryption = { algorithm = 'AES256' }",
            "--sse AES256",
        ),
    ] {
        let found = fixes(default, expect);
        let (id, fix) = &found[0];
        assert_eq!(*id, "object-unencrypted");
        assert!(fix.contains(unencrypted), "{default:?} {expect}: {fix}");
    }
    let found = fixes(("aws:kms", Some(ARN)), "");
    assert_eq!(found[1].0, "object-key-differs");
    assert!(found[1].1.contains("update-object-encryption"), "{found:?}");
    assert!(found[1].1.contains(ARN), "{found:?}");
}

#[test]
fn a_kms_key_that_is_not_named_is_not_another_one() {
    let configuration = Configuration {
        encryption: set(Encryption {
            algorithm: "aws:kms".to_owned(),
            key_id: Some("own".to_owned()),
            bucket_key: true,
            blocked: None,
        }),
        ..sound()
    };
    let samples = [sample("a", Some("aws:kms"), None)];
    let judged = Case {
        samples: &samples,
        ..case(&configuration)
    };
    assert_eq!(said(&judged), Vec::<String>::new());
    // One that is encrypted with S3's own keys is.
    let samples = [sample("a", Some("AES256"), None)];
    let judged = Case {
        samples: &samples,
        ..case(&configuration)
    };
    assert_eq!(said(&judged), ["medium object-key-differs"]);
}

fn blocking(types: &[&str]) -> Stated<Encryption> {
    set(Encryption {
        algorithm: "AES256".to_owned(),
        key_id: None,
        bucket_key: false,
        blocked: Some(types.iter().map(|kind| (*kind).to_owned()).collect()),
    })
}

const DEMANDS_SSE_C: &str = r#"{"Sid":"Keys","Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::media/*","Condition":{"Null":{"s3:x-amz-server-side-encryption-customer-algorithm":"true"}}}"#;

#[test]
fn what_needs_sse_c_in_a_bucket_that_refuses_it_is_found() {
    let with = |blocked: &[&str], statements: &[&str]| Configuration {
        encryption: blocking(blocked),
        policy: policy(statements),
        ..sound()
    };
    let demanded = with(&["SSE-C"], &[TLS, DEMANDS_SSE_C]);
    assert_eq!(of(&demanded), ["high encryption-type-blocked"]);
    assert_eq!(of(&with(&[], &[TLS, DEMANDS_SSE_C])), Vec::<String>::new());
    let refused = with(&["SSE-C"], &[TLS]);
    assert_eq!(of(&refused), Vec::<String>::new());
    let samples = [sample("a", Some("SSE-C"), None)];
    let judged = Case {
        samples: &samples,
        ..case(&refused)
    };
    assert_eq!(said(&judged), ["medium encryption-type-blocked"]);
    let signs = blueprint(
        "[bucket.presign.put]\nheaders = { 'x-amz-server-side-encryption-customer-algorithm' = 'AES256' }\n",
    );
    let judged = Case {
        blueprint: Some(&signs),
        ..case(&refused)
    };
    assert_eq!(said(&judged), ["high encryption-type-blocked"]);
    // Where the service does not say what it refuses, nothing is concluded.
    let silent = Configuration {
        policy: policy(&[TLS, DEMANDS_SSE_C]),
        ..sound()
    };
    assert_eq!(of(&silent), Vec::<String>::new());
}

#[test]
fn refused_encryption_types_are_compared_with_the_blueprint() {
    let wants =
        blueprint("[bucket.expect]\nencryption = { algorithm = 'AES256', blocked = ['SSE-C'] }\n");
    let judged = |encryption| {
        let configuration = Configuration {
            encryption,
            ..sound()
        };
        said(&Case {
            blueprint: Some(&wants),
            ..case(&configuration)
        })
    };
    assert_eq!(judged(blocking(&["SSE-C"])), Vec::<String>::new());
    assert_eq!(judged(blocking(&[])), ["medium blueprint-drift"]);
    assert_eq!(judged(sound().encryption), Vec::<String>::new());
}

const OF_OWN: &str = "arn:aws:kms:us-east-1:123456789012:key/own";

#[test]
fn the_key_is_changed_in_place_where_s3_does_that_and_copying_stays_the_alternative() {
    let advice = |key: &str, algorithm: &str| {
        let configuration = Configuration {
            encryption: set(Encryption {
                algorithm: "aws:kms".to_owned(),
                key_id: Some(key.to_owned()),
                bucket_key: true,
                blocked: None,
            }),
            ..sound()
        };
        let samples = [sample("a", Some(algorithm), Some("another"))];
        let found = findings(&Case {
            samples: &samples,
            ..case(&configuration)
        });
        let wrong_key = found.into_iter().find(|one| one.id == "object-key-differs");
        wrong_key.unwrap().advice.command_line()
    };
    let in_place = advice(OF_OWN, "aws:kms");
    assert!(in_place.contains("update-object-encryption"), "{in_place}");
    assert!(in_place.contains("copy each onto itself"), "{in_place}");
    // A copy in parts leaves annotations behind otherwise.
    assert!(in_place.contains("--copy-props default"), "{in_place}");
    let layered = advice(OF_OWN, "aws:kms:dsse");
    assert!(layered.contains("under aws:kms:dsse or SSE-C"), "{layered}");
    for elsewhere in ["own", "arn:aws:kms:us-east-1:999999999999:key/theirs"] {
        let copied = advice(elsewhere, "aws:kms");
        assert!(!copied.contains("update-object-encryption"), "{copied}");
    }
}
