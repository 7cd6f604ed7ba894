//! Tests of AWS's definition of public, and of access for anyone.

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    source: Option<String>,
    policy: String,
    public: bool,
    anyone: String,
    /// Why the two differ, if they do.
    why: Option<String>,
}

fn cases() -> Vec<Case> {
    table(include_str!("public.toml"))
}

/// The worst access that anyone has by any power.
fn reach(policy: &Policy) -> &'static str {
    let of = |power| match policy.reach_of_anyone(setting(), power) {
        Reach::Nobody => (0, "nobody"),
        Reach::From { .. } => (1, "some"),
        Reach::Depends { .. } => (2, "depends"),
        Reach::Anyone(_) => (3, "anyone"),
    };
    Power::ALL.map(of).into_iter().max().unwrap().1
}

#[test]
fn policies_are_public_exactly_where_aws_calls_them_so() {
    let cases = cases();
    let of_aws = cases.iter().filter(|case| case.source.is_some());
    assert!(cases.len() >= 80 && of_aws.count() >= 8);
    let wrong: Vec<String> = cases
        .iter()
        .filter(|case| policy(&case.policy).is_public() != case.public)
        .map(|case| format!("{}: should be {}", case.name, case.public))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn anyone_gets_in_exactly_where_some_request_of_theirs_does() {
    let wrong: Vec<String> = cases()
        .iter()
        .map(|case| (case, reach(&policy(&case.policy))))
        .filter(|(case, found)| case.anyone != *found)
        .map(|(case, found)| format!("{}: {found}, should be {}", case.name, case.anyone))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn where_aws_s_definition_and_reality_differ_the_table_says_why() {
    for case in cases() {
        let same = match case.anyone.as_str() {
            "anyone" => case.public,
            "nobody" | "some" => !case.public,
            // An unknown condition restricts nothing.
            "depends" => true,
            other => panic!("{other}"),
        };
        assert_eq!(same, case.why.is_none(), "{}", case.name);
    }
}

#[test]
fn each_power_is_told_from_the_others() {
    let allow = |action: &str| {
        policy(&format!(
            r#"{{"Effect":"Allow","Principal":"*","Action":"{action}","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]}}"#
        ))
    };
    for (action, powers) in [
        ("s3:GetObject", &[Power::Read][..]),
        ("s3:GetObjectVersion", &[Power::Read]),
        ("s3:ListBucket", &[Power::List]),
        ("s3:ListBucketVersions", &[Power::List]),
        ("s3:PutObject", &[Power::Write]),
        ("s3:DeleteObject*", &[Power::Write, Power::OtherWrite]),
        ("s3:PutBucketPolicy", &[Power::TakeOver]),
        ("s3:DeleteBucketPolicy", &[Power::TakeOver]),
        ("s3:PutObjectAcl", &[Power::TakeOver]),
        ("s3:AbortMultipartUpload", &[Power::OtherWrite]),
        ("s3:RestoreObject", &[Power::OtherWrite]),
        ("s3:PutLifecycleConfiguration", &[Power::OtherWrite]),
        ("S3:GETOBJECT", &[Power::Read]),
        ("s3:GetBucketLocation", &[]),
        ("s3:GetObjectTagging", &[Power::Metadata]),
        ("s3:GetObjectVersionTagging", &[Power::Metadata]),
        ("s3:GetObjectAcl", &[Power::Metadata]),
        ("s3:GetObjectVersionAcl", &[Power::Metadata]),
        ("s3:GetObjectAttributes", &[Power::Metadata]),
        ("s3:GetObjectRetention", &[Power::Metadata]),
        ("s3:GetObjectLegalHold", &[Power::Metadata]),
        ("s3:GetBucketAcl", &[Power::Metadata]),
        ("s3:GetBucketPolicy", &[Power::Metadata]),
        ("s3:GetBucketTagging", &[Power::Metadata]),
        ("s3:GetLifecycleConfiguration", &[Power::Metadata]),
        ("s3:GetObject*", &[Power::Read, Power::Metadata]),
        ("s3:*", &Power::ALL),
        ("*", &Power::ALL),
    ] {
        let policy = allow(action);
        let found: Vec<Power> = Power::ALL
            .into_iter()
            .filter(|power| matches!(policy.reach_of_anyone(setting(), *power), Reach::Anyone(_)))
            .collect();
        assert_eq!(found, powers, "{action}");
    }
}

#[test]
fn a_way_names_statement_action_and_what_it_takes() {
    let policy = policy(
        r#"[{"Sid":"Read","Effect":"Allow","Principal":"*","Action":"s3:Get*","Resource":"arn:aws:s3:::b/*",
             "Condition":{"StringEquals":{"s3:authType":"REST-HEADER"}}},
            {"Sid":"Own","Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"s3:*","Resource":"*"}]"#,
    );
    let reach = policy.reach_of_anyone(setting(), Power::Read);
    let way = reach.way().unwrap();
    assert_eq!(way.with, "with an AWS account of their own");
    assert!(way.actions.contains(&"s3:GetObject"));
    let names: Vec<String> = way.statements.iter().map(|s| policy.words_of(s)).collect();
    assert_eq!(
        names,
        ["Read: Allow * s3:Get* on arn:aws:s3:::b/* if StringEquals s3:authType REST-HEADER"]
    );
}

#[test]
fn a_policy_made_to_be_searched_for_ever_is_not_known_and_comes_back() {
    let keys: Vec<String> = (0..14)
        .map(|n| format!(r#""s3:ExistingObjectTag/{n}":["a","b","c"]"#))
        .collect();
    let others: Vec<String> = (0..14)
        .map(|n| format!(r#""s3:ExistingObjectTag/{n}":["a","b","d"]"#))
        .collect();
    let text = format!(
        r#"[{{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{{"StringEquals":{{{}}}}}}},
            {{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{{"StringEquals":{{{}}}}}}},
            {{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"*",
              "Condition":{{"StringEquals":{{"s3:ExistingObjectTag/13":["c","d"]}}}}}}]"#,
        keys.join(","),
        others.join(",")
    );
    let policy = policy(&text);
    let reach = policy.reach_of_anyone(setting(), Power::Read);
    assert!(!matches!(reach, Reach::Nobody), "{reach:?}");
}
