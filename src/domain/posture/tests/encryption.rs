//! Encryption of the bucket and of its objects.

use super::*;

#[test]
fn objects_without_encryption_or_with_another_key_are_found_by_their_headers() {
    let kms = |key: &str| {
        set(Encryption {
            algorithm: "aws:kms".to_owned(),
            key_id: Some(key.to_owned()),
            bucket_key: true,
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
