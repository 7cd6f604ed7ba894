//! Who can get at a bucket.

use super::*;

#[test]
fn a_public_policy_is_public_only_when_no_block_makes_it_void() {
    let open = Configuration {
        policy: policy(&[TLS, READ]),
        public_access: known(Fact::NotSet),
        ..sound()
    };
    assert_eq!(
        of(&open),
        ["critical public-read", "medium public-access-block-off"]
    );
    let by_bucket = Configuration {
        policy: policy(&[TLS, READ]),
        ..sound()
    };
    assert_eq!(of(&by_bucket), ["medium public-policy-blocked"]);
    let by_account = Configuration {
        account_block: set(AccountBlock(blocked())),
        ..open.clone()
    };
    assert_eq!(of(&by_account), ["medium public-policy-blocked"]);
    let account_unknown = Configuration {
        account_block: known(Fact::Unknown(denied())),
        ..open
    };
    assert_eq!(
        of(&account_unknown),
        ["high public-unless", "info unknown-permission"]
    );
}

#[test]
fn a_bucket_that_is_public_by_intent_is_worth_knowing_and_no_more() {
    let open = Configuration {
        policy: policy(&[TLS, READ]),
        public_access: known(Fact::NotSet),
        ..sound()
    };
    let blueprint = blueprint("[bucket.expect]\npublic = 'read'\n");
    let case = Case {
        blueprint: Some(&blueprint),
        ..case(&open)
    };
    assert_eq!(
        said(&case),
        ["info public-access-block-off", "info public-read"]
    );
}

#[test]
fn a_statement_for_everybody_is_not_public_when_it_says_from_where_or_another_denies_it() {
    let statement = |condition: &str| {
        format!(
            r#"{{"Effect":"Allow","Principal":{{"AWS":"*"}},"Action":"s3:Get*","Resource":"arn:aws:s3:::media/a/*","Condition":{condition}}}"#
        )
    };
    let is_public = |statements: &[&str]| {
        let configuration = Configuration {
            policy: policy(statements),
            public_access: known(Fact::NotSet),
            ..sound()
        };
        of(&configuration).contains(&"critical public-read".to_owned())
    };
    for (condition, public) in [
        ("{}", true),
        (r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#, false),
        (r#"{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}"#, true),
        (r#"{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#, true),
        (r#"{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}"#, false),
        (r#"{"StringLike":{"aws:Referer":"https://a/*"}}"#, true),
        (r#"{"Bool":{"aws:SecureTransport":"true"}}"#, true),
    ] {
        assert_eq!(is_public(&[&statement(condition)]), public, "{condition}");
    }
    let deny =
        r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::media/*"}"#;
    assert!(!is_public(&[&statement("{}"), deny]));
    let other =
        r#"{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::media2/*"}"#;
    assert!(!is_public(&[other]));
    let except =
        r#"{"Effect":"Allow","NotPrincipal":{"AWS":"123456789012"},"Action":"*","Resource":"*"}"#;
    assert!(is_public(&[except]));
}

#[test]
fn a_world_readable_acl_lets_list_only_where_acls_count() {
    let acl = |permission| {
        set(AccessControl {
            owner: Some("me".to_owned()),
            grants: vec![Grant {
                to: Grantee::AllUsers,
                permission,
            }],
        })
    };
    let open = Configuration {
        acl: acl(Permission::Read),
        ownership: set(Ownership::ObjectWriter),
        public_access: known(Fact::NotSet),
        ..sound()
    };
    assert!(of(&open).contains(&"high public-list".to_owned()));
    let enforced = Configuration {
        ownership: set(Ownership::BucketOwnerEnforced),
        ..open.clone()
    };
    assert_eq!(of(&enforced), ["medium public-access-block-off"]);
    let ignored = Configuration {
        public_access: set(blocked()),
        ..open.clone()
    };
    assert_eq!(
        of(&ignored),
        ["medium public-policy-blocked", "low acl-enabled"]
    );
    let written = Configuration {
        acl: acl(Permission::WriteAcp),
        ..open
    };
    assert!(of(&written).contains(&"critical public-takeover".to_owned()));
}

#[test]
fn tls_is_required_only_when_everything_is_denied_to_everybody() {
    let statement = |principal: &str, action: &str, resources: &str, condition: &str| {
        format!(
            r#"{{"Effect":"Deny","Principal":{principal},"Action":{action},"Resource":{resources},"Condition":{condition}}}"#
        )
    };
    let both = r#"["arn:aws:s3:::media","arn:aws:s3:::media/*"]"#;
    let insecure = r#"{"Bool":{"aws:SecureTransport":"false"}}"#;
    let everybody = r#""*""#;
    let all = r#""s3:*""#;
    let required = |statements: &[String]| {
        let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
        let configuration = Configuration {
            policy: policy(&statements),
            ..sound()
        };
        !of(&configuration).contains(&"medium tls-not-required".to_owned())
    };
    assert!(required(&[statement(
        r#"{"AWS":"*"}"#,
        all,
        both,
        insecure
    )]));
    assert!(required(&[statement(
        everybody, r#""*""#, r#""*""#, insecure
    )]));
    assert!(required(&[
        statement(everybody, all, r#""arn:aws:s3:::media""#, insecure),
        statement(everybody, all, r#""arn:aws:s3:::media/*""#, insecure),
    ]));
    for wrong in [
        statement(everybody, r#""s3:PutObject""#, both, insecure),
        statement(r#"{"AWS":"123456789012"}"#, all, both, insecure),
        statement(everybody, all, r#""arn:aws:s3:::media/*""#, insecure),
        statement(
            everybody,
            all,
            r#"["arn:aws:s3:::media","arn:aws:s3:::media/a/*"]"#,
            insecure,
        ),
        statement(
            everybody,
            all,
            both,
            r#"{"Bool":{"aws:SecureTransport":"true"}}"#,
        ),
        statement(
            everybody,
            all,
            both,
            r#"{"Bool":{"aws:SecureTransport":"false"},"StringEquals":{"aws:SourceVpc":"vpc-1"}}"#,
        ),
    ] {
        assert!(!required(std::slice::from_ref(&wrong)), "{wrong}");
    }
}

#[test]
fn a_grant_to_a_stranger_is_found_unless_the_blueprint_names_them() {
    let grant = |principal: &str| {
        let statement = format!(
            r#"{{"Effect":"Allow","Principal":{principal},"Action":"s3:GetObject","Resource":"arn:aws:s3:::media/*"}}"#
        );
        Configuration {
            policy: policy(&[TLS, &statement]),
            ..sound()
        }
    };
    let stranger = grant(r#"{"AWS":"arn:aws:iam::999999999999:role/reader"}"#);
    assert_eq!(of(&stranger), ["high cross-account-grant"]);
    let named = blueprint(
        "[bucket.expect]\n[[bucket.expect.grant]]\nto = 'role/reader'\nactions = ['s3:GetObject']\n",
    );
    // Logging is not asked of a blueprint that is silent about it.
    let case_named = Case {
        blueprint: Some(&named),
        ..case(&stranger)
    };
    assert_eq!(said(&case_named), Vec::<String>::new());
    let ours = grant(r#"{"AWS":"arn:aws:iam::123456789012:role/reader"}"#);
    assert_eq!(of(&ours), Vec::<String>::new());
    let unknown_account = Case {
        account: None,
        ..case(&stranger)
    };
    assert_eq!(said(&unknown_account), Vec::<String>::new());
    let service = grant(r#"{"Service":"other.amazonaws.com"}"#);
    assert_eq!(of(&service), ["high cross-account-grant"]);
}
