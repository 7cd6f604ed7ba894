//! Tests of single requests: principals, matching, and precedence.

use super::*;

fn bob() -> Caller {
    Caller::Account {
        id: OWN.to_owned(),
        arns: vec![format!("arn:aws:iam::{OWN}:user/bob")],
        canonical: Some("bobs".to_owned()),
    }
}

fn decide(statements: &str, caller: &Caller, action: &str, resource: &str) -> Decision {
    decide_with(statements, caller, action, resource, &[])
}

fn decide_with(
    statements: &str,
    caller: &Caller,
    action: &str,
    resource: &str,
    context: &[(&str, &str)],
) -> Decision {
    let context: Context = context.iter().copied().collect();
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    let verdict = Policy::parse(&text).unwrap().evaluate(&Request {
        caller,
        action,
        resource,
        context: &context,
    });
    verdict.decision()
}

const READ: &str = r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/public/*"}"#;
const DENY_BOB: &str = r#"{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::123456789012:user/bob"},
    "Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]}"#;

#[test]
fn an_allow_reaches_its_principal_action_and_resource_and_no_further() {
    let anyone = Caller::Anonymous;
    for (action, resource, decision) in [
        ("s3:GetObject", "arn:aws:s3:::b/public/a/b", Decision::Allow),
        ("S3:getOBJECT", "arn:aws:s3:::b/public/a/b", Decision::Allow),
        ("s3:GetObject", "arn:aws:s3:::b/private", Decision::Silent),
        ("s3:GetObject", "arn:aws:s3:::b/Public/a", Decision::Silent),
        (
            "s3:GetObjectAcl",
            "arn:aws:s3:::b/public/a",
            Decision::Silent,
        ),
    ] {
        assert_eq!(
            decide(READ, &anyone, action, resource),
            decision,
            "{action} {resource}"
        );
    }
}

#[test]
fn a_deny_wins_whatever_the_order() {
    let resource = "arn:aws:s3:::b/public/a";
    for statements in [format!("{READ},{DENY_BOB}"), format!("{DENY_BOB},{READ}")] {
        let of = |caller: &Caller| decide(&statements, caller, "s3:GetObject", resource);
        assert_eq!(of(&bob()), Decision::Deny);
        assert_eq!(of(&Caller::Anonymous), Decision::Allow);
    }
}

#[test]
fn a_caller_is_named_in_the_forms_of_their_kind() {
    let role = format!("arn:aws:iam::{OWN}:role/r");
    let session = Caller::Account {
        id: OWN.to_owned(),
        arns: vec![format!("arn:aws:sts::{OWN}:assumed-role/r/s"), role],
        canonical: None,
    };
    let service = Caller::Service("logging.s3.amazonaws.com".to_owned());
    let web = Caller::Federated("graph.facebook.com".to_owned());
    let (yes, no, unknown) = (Decision::Allow, Decision::Silent, Decision::Unknown);
    for (principal, caller, decision) in [
        (r#""*""#, &bob(), yes),
        (r#""*""#, &Caller::Anonymous, yes),
        (r#""*""#, &service, yes),
        (r#"{"AWS":"*"}"#, &Caller::Anonymous, yes),
        (r#"{"AWS":["123456789012"]}"#, &bob(), yes),
        (r#"{"AWS":"arn:aws:iam::123456789012:root"}"#, &bob(), yes),
        (
            r#"{"AWS":"arn:aws-cn:iam::123456789012:root"}"#,
            &bob(),
            yes,
        ),
        (
            r#"{"AWS":"arn:aws:iam::123456789012:user/bob"}"#,
            &bob(),
            yes,
        ),
        (
            r#"{"AWS":"arn:aws:iam::123456789012:user/alice"}"#,
            &bob(),
            no,
        ),
        (r#"{"AWS":"arn:aws:iam::999999999999:root"}"#, &bob(), no),
        (r#"{"AWS":"123456789012"}"#, &Caller::Anonymous, no),
        (
            r#"{"AWS":"arn:aws:iam::123456789012:role/r"}"#,
            &session,
            yes,
        ),
        (
            r#"{"AWS":"arn:aws:sts::123456789012:assumed-role/r/s"}"#,
            &session,
            yes,
        ),
        (
            r#"{"AWS":"arn:aws:sts::123456789012:assumed-role/r/t"}"#,
            &session,
            no,
        ),
        (r#"{"AWS":"arn:aws:iam::*:user/bob"}"#, &bob(), unknown),
        (r#"{"Service":"*"}"#, &bob(), no),
        (r#"{"Service":"logging.s3.amazonaws.com"}"#, &service, yes),
        (r#"{"Service":"logging.s3.amazonaws.com"}"#, &bob(), no),
        (r#"{"AWS":"123456789012"}"#, &service, no),
        (r#"{"Federated":"graph.facebook.com"}"#, &web, yes),
        (r#"{"Federated":"accounts.google.com"}"#, &web, no),
        (r#"{"CanonicalUser":"bobs"}"#, &bob(), yes),
        (r#"{"CanonicalUser":"other"}"#, &bob(), no),
        (r#"{"CanonicalUser":"other"}"#, &session, unknown),
        (r#"{"CanonicalUser":"other"}"#, &Caller::Anonymous, no),
        (
            r#"{"CanonicalUser":"other"}"#,
            &Caller::Canonical("other".to_owned()),
            yes,
        ),
    ] {
        let statement =
            format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"*","Resource":"*"}}"#);
        let found = decide(&statement, caller, "s3:GetObject", "arn:aws:s3:::b/k");
        assert_eq!(found, decision, "{principal} {caller:?}");
    }
}

#[test]
fn negated_elements_mean_all_but_these() {
    let statement = r#"{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::123456789012:user/bob"},
        "NotAction":"s3:Get*","NotResource":"arn:aws:s3:::b/open/*"}"#;
    let anyone = Caller::Anonymous;
    let (deny, silent) = (Decision::Deny, Decision::Silent);
    for (caller, action, key, decision) in [
        (&anyone, "s3:PutObject", "k", deny),
        (&bob(), "s3:PutObject", "k", silent),
        (&anyone, "s3:GetObject", "k", silent),
        (&anyone, "s3:PutObject", "open/k", silent),
    ] {
        let resource = format!("arn:aws:s3:::b/{key}");
        assert_eq!(decide(statement, caller, action, &resource), decision);
    }
    // NotPrincipal with an account excludes only its root user, not its users (AWS's own example of NotPrincipal with
    // Deny).
    let root = r#"{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"*","Resource":"*"}"#;
    assert_eq!(
        decide(root, &bob(), "s3:GetObject", "arn:aws:s3:::b/k"),
        deny
    );
}

#[test]
fn all_conditions_of_a_statement_have_to_be_met() {
    let statement = r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{
        "Bool":{"aws:SecureTransport":true},"IpAddress":{"aws:SourceIp":["10.0.0.0/8","127.0.0.1"]}}}"#;
    let ask = |context: &[(&str, &str)]| {
        decide_with(
            statement,
            &Caller::Anonymous,
            "s3:GetObject",
            "arn:aws:s3:::b/k",
            context,
        )
    };
    let secure = ("AWS:securetransport", "true");
    assert_eq!(
        ask(&[secure, ("aws:SourceIp", "10.1.2.3")]),
        Decision::Allow
    );
    assert_eq!(
        ask(&[secure, ("aws:SourceIp", "127.0.0.1")]),
        Decision::Allow
    );
    assert_eq!(
        ask(&[secure, ("aws:SourceIp", "11.0.0.1")]),
        Decision::Silent
    );
    assert_eq!(ask(&[secure]), Decision::Silent);
    let plain = ("aws:SecureTransport", "false");
    assert_eq!(
        ask(&[plain, ("aws:SourceIp", "10.1.2.3")]),
        Decision::Silent
    );
}

#[test]
fn what_is_not_known_decides_only_where_nothing_else_does() {
    let odd = |effect: &str| {
        format!(
            r#"{{"Effect":"{effect}","Principal":"*","Action":"*","Resource":"*","Condition":{{"MoonPhase":{{"aws:moon":"full"}}}}}}"#
        )
    };
    let plain = |effect: &str| {
        format!(r#"{{"Effect":"{effect}","Principal":"*","Action":"*","Resource":"*"}}"#)
    };
    let ask = |statements: &str| {
        decide(
            statements,
            &Caller::Anonymous,
            "s3:GetObject",
            "arn:aws:s3:::b/k",
        )
    };
    assert_eq!(ask(&odd("Allow")), Decision::Unknown);
    assert_eq!(ask(&odd("Deny")), Decision::Unknown);
    assert_eq!(
        ask(&[odd("Allow"), plain("Allow")].join(",")),
        Decision::Allow
    );
    assert_eq!(
        ask(&[odd("Allow"), plain("Deny")].join(",")),
        Decision::Deny
    );
    assert_eq!(
        ask(&[plain("Allow"), odd("Deny")].join(",")),
        Decision::Unknown
    );
}

#[test]
fn variables_mean_something_in_the_version_of_2012_alone() {
    let statement = r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"arn:aws:s3:::b/${aws:username}/*"}"#;
    let ask = |version: &str, key: &str| {
        let text = format!(r#"{{"Version":"{version}","Statement":[{statement}]}}"#);
        let context = Context::new().with("aws:username", "bob");
        let verdict = Policy::parse(&text).unwrap().evaluate(&Request {
            caller: &bob(),
            action: "s3:GetObject",
            resource: &format!("arn:aws:s3:::b/{key}"),
            context: &context,
        });
        verdict.decision()
    };
    assert_eq!(ask("2012-10-17", "bob/k"), Decision::Allow);
    assert_eq!(ask("2012-10-17", "alice/k"), Decision::Silent);
    assert_eq!(ask("2008-10-17", "bob/k"), Decision::Silent);
    assert_eq!(ask("2008-10-17", "${aws:username}/k"), Decision::Allow);
}

#[test]
fn the_policy_of_an_identity_names_no_principal() {
    let text =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
    assert!(Policy::parse(text).is_err());
    let policy = Policy::parse_of_identity(text).unwrap();
    let verdict = policy.evaluate(&Request {
        caller: &bob(),
        action: "s3:GetObject",
        resource: "arn:aws:s3:::b/k",
        context: &Context::new(),
    });
    assert_eq!(verdict.decision(), Decision::Allow);
    let with = text.replace(r#""Action""#, r#""Principal":"*","Action""#);
    assert!(Policy::parse_of_identity(&with).is_err());
}
