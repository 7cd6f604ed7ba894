//! Differences from the blueprint.

use super::*;

#[test]
fn a_difference_from_the_blueprint_shows_what_was_wanted_and_what_was_found() {
    let wants = blueprint(
        "[bucket.expect]\nregion = 'eu-west-1'\nownership = 'ObjectWriter'\ntags = { team = 'media' }\n\
         logging = { bucket = 'logs', prefix = 'other/' }\n",
    );
    let configuration = sound();
    let judged = Case {
        blueprint: Some(&wants),
        ..case(&configuration)
    };
    let found = findings(&judged);
    assert_eq!(found.len(), 4, "{found:#?}");
    assert!(found.iter().all(|f| f.id == "blueprint-drift"));
    let region = found.iter().find(|f| f.message.contains("Region")).unwrap();
    assert_eq!(region.evidence, ["wanted: eu-west-1", "found: us-east-1"]);
}

#[test]
fn patterns_match_as_iam_reads_them() {
    use crate::domain::policy::Pattern;
    for (pattern, text, matches) in [
        ("*", "", true),
        ("a*c", "abc", true),
        ("a*c", "ac", true),
        ("a*c", "abd", false),
        ("a?c", "abc", true),
        ("a?c", "ac", false),
        ("a*b*c", "aXbYbZc", true),
        ("", "a", false),
        ("a", "A", false),
    ] {
        assert_eq!(
            Pattern::new(pattern).matches(text),
            matches,
            "{pattern} {text}"
        );
    }
}

#[test]
fn a_bucket_key_that_nobody_spoke_of_is_no_difference() {
    let configuration = Configuration {
        encryption: set(Encryption {
            algorithm: "aws:kms".to_owned(),
            key_id: Some("own".to_owned()),
            bucket_key: true,
            blocked: None,
        }),
        ..sound()
    };
    let judged = |bucket_key: &str| {
        let wants = blueprint(&format!(
            "[bucket.expect]\nencryption = {{ algorithm = 'aws:kms'{bucket_key} }}\n"
        ));
        said(&Case {
            blueprint: Some(&wants),
            ..case(&configuration)
        })
    };
    assert_eq!(judged(""), [""; 0]);
    assert_eq!(judged(", bucket_key = true"), [""; 0]);
    assert_eq!(judged(", bucket_key = false"), ["medium blueprint-drift"]);
}

#[test]
fn a_cdn_has_a_grant_of_its_own_or_nothing_shows_it() {
    const CDN: &str = r#"{"Effect":"Allow","Principal":{"Service":"cloudfront.amazonaws.com"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::media/*"}"#;
    let wants = blueprint("[bucket.expect]\npublic = 'read'\ncdn = true\n");
    let drift = |statements: &[&str], block: PublicAccess| {
        let configuration = Configuration {
            policy: policy(statements),
            public_access: set(block),
            ..sound()
        };
        let judged = Case {
            blueprint: Some(&wants),
            ..case(&configuration)
        };
        let mut said = said(&judged);
        said.retain(|said| said.contains("drift"));
        said
    };
    assert_eq!(drift(&[TLS, CDN], blocked()), [""; 0]);
    assert_eq!(drift(&[TLS], blocked()), ["medium blueprint-drift"]);
    // Anyone may read, and so might a CDN: that none is named is all there is to say.
    assert_eq!(
        drift(&[TLS, READ], PublicAccess::default()),
        ["low blueprint-drift"]
    );
}
