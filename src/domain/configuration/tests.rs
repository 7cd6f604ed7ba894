use super::*;
use crate::domain::fact::Fact;

fn unanswered(reason: Reason) -> Unanswered {
    Unanswered {
        call: "GetBucketPolicy".to_owned(),
        reason,
        why: "could not read it".to_owned(),
    }
}

#[test]
fn unknown_is_never_worded_like_not_set() {
    let not_set = Stated::<Policy>::without_document(Fact::NotSet).row();
    assert_eq!(not_set.state, State::NotSet);
    assert_eq!(not_set.sentence, "There is no bucket policy.");
    for (reason, words) in [
        (
            Reason::Permission("s3:GetBucketPolicy".to_owned()),
            "Unknown: needs s3:GetBucketPolicy.",
        ),
        (Reason::NotThere, "Unknown: this endpoint does not have it."),
        (Reason::Other, "Unknown: could not read it."),
    ] {
        let row = Stated::<Policy>::without_document(Fact::Unknown(unanswered(reason))).row();
        assert_eq!(row.sentence, words);
        assert_eq!(row.state.as_str(), "unknown");
        assert_eq!(row.value, serde_json::Value::Null);
    }
}

#[test]
fn encryption_says_which_key_and_that_a_bucket_key_without_kms_does_nothing() {
    let say = |algorithm: &str, key: Option<&str>, bucket_key| {
        Encryption {
            algorithm: algorithm.to_owned(),
            key_id: key.map(str::to_owned),
            bucket_key,
            blocked: None,
        }
        .sentence()
    };
    assert_eq!(
        say("aws:kms", Some("k"), true),
        "New objects are encrypted with KMS key k; bucket key on."
    );
    assert!(say("aws:kms", None, false).contains("aws/s3 key; bucket key off"));
    assert!(say("AES256", None, true).contains("no effect without KMS"));
}

#[test]
fn refused_encryption_types_are_said_and_silence_is_no_answer() {
    let of = |blocked: Option<Vec<&str>>| Encryption {
        algorithm: "AES256".to_owned(),
        key_id: None,
        bucket_key: false,
        blocked: blocked.map(|types| types.into_iter().map(str::to_owned).collect()),
    };
    let refuses = of(Some(vec!["SSE-C"]));
    assert!(
        refuses
            .sentence()
            .ends_with("Uploads with SSE-C are refused.")
    );
    assert_eq!(refuses.blocks("SSE-C"), Some(true));
    let allows = of(Some(Vec::new()));
    assert!(
        allows
            .sentence()
            .ends_with("Uploads with SSE-C are allowed.")
    );
    assert_eq!(allows.blocks("SSE-C"), Some(false));
    assert!(!of(None).sentence().contains("SSE-C"));
    assert_eq!(of(None).blocks("SSE-C"), None);
}

#[test]
fn two_blocks_together_block_what_either_blocks() {
    let bucket = PublicAccess {
        block_public_acls: true,
        ignore_public_acls: true,
        ..PublicAccess::default()
    };
    let account = PublicAccess {
        block_public_policy: true,
        restrict_public_buckets: true,
        ..PublicAccess::default()
    };
    assert!(!bucket.blocks_everything());
    assert!(bucket.or(account).blocks_everything());
    assert_eq!(
        bucket.sentence(),
        "The bucket's public access is blocked except BlockPublicPolicy and RestrictPublicBuckets."
    );
}

#[test]
fn a_policy_is_read_with_single_values_lists_and_negations() {
    let policy = Policy::parse(
        r#"{"Statement":{"Effect":"Deny","NotPrincipal":{"AWS":["*","arn:aws:iam::1:root"],"Service":"a.b"},
            "NotAction":"s3:Get*","Resource":["x","y"],"Condition":{"Bool":{"aws:SecureTransport":false}}}}"#,
    )
    .unwrap();
    let statement = &policy.statements[0];
    assert!(!statement.allow);
    let Principals::Except(principals) = &statement.principals else {
        panic!("{statement:?}");
    };
    assert_eq!(principals.len(), 3);
    assert!(principals.contains(&Principal::Anyone));
    assert_eq!(
        statement.actions,
        Matching::Except(vec!["s3:Get*".to_owned()])
    );
    assert_eq!(statement.conditions[0].values, ["false"]);
}

#[test]
fn a_policy_that_cannot_be_read_is_an_error_and_not_an_empty_policy() {
    for text in [
        "",
        "{}",
        "<html>",
        r#"{"Statement":[{"Effect":"Maybe","Principal":"*","Action":"*","Resource":"*"}]}"#,
        r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
        r#"{"Statement":[{"Effect":"Allow","Principal":"x","Action":"*","Resource":"*"}]}"#,
        r#"{"Statement":[{"Effect":"Allow","Principal":"*","Resource":"*"}]}"#,
        r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":{},"Resource":"*"}]}"#,
    ] {
        assert!(Policy::parse(text).is_err(), "{text}");
    }
}

#[test]
fn cors_wildcards_stand_for_any_text_and_headers_ignore_case() {
    let cors = Cors {
        rules: vec![CorsRule {
            origins: vec!["https://*.example.com".to_owned()],
            methods: vec!["PUT".to_owned()],
            headers: vec!["x-amz-*".to_owned()],
            ..CorsRule::default()
        }],
    };
    let allowed = |origin, method, header| cors.allowing(origin, method, header).is_some();
    assert!(allowed("https://a.example.com", "PUT", None));
    assert!(allowed(
        "https://a.example.com",
        "PUT",
        Some("X-Amz-Meta-A")
    ));
    assert!(!allowed("https://example.com", "PUT", None));
    assert!(!allowed("https://a.example.com", "GET", None));
    assert!(!allowed(
        "https://a.example.com",
        "PUT",
        Some("content-type")
    ));
}

#[test]
fn an_event_type_with_a_star_hears_its_kinds() {
    let notification = Notification {
        id: String::new(),
        kind: NotifiedKind::Lambda,
        to: "arn:aws:lambda:us-east-1:1:function:f".to_owned(),
        events: vec!["s3:ObjectCreated:*".to_owned()],
        prefix: "uploads/".to_owned(),
        suffix: ".jpg".to_owned(),
    };
    assert!(notification.hears("s3:ObjectCreated:Put", "uploads/a.jpg"));
    assert!(!notification.hears("s3:ObjectRemoved:Delete", "uploads/a.jpg"));
    assert!(!notification.hears("s3:ObjectCreated:Put", "documents/a.jpg"));
    assert!(!notification.hears("s3:ObjectCreated:Put", "uploads/a.png"));
}

#[test]
fn long_lists_are_counted_rather_than_read_out() {
    assert_eq!(words::list(&["a"]), "a");
    assert_eq!(words::list(&["a", "b", "c"]), "a, b and c");
    assert_eq!(
        words::list(&["a", "b", "c", "d", "e", "f"]),
        "a, b, c, d and 2 more"
    );
}
