//! Access points and the tables of S3 Metadata, through the wire.

use s3warden::facade::domain::configuration::{AccessPoint, Reason, State};
use s3warden::facade::ops::{Gate, Meter, state};
use s3warden::facade::sandbox::SandboxOptions;
use s3warden::facade::sandbox::world::WorldBucket;

use crate::cli::support::{Endpoint, bucket, options};
use crate::ops::world::{name, sandbox, sandbox_with};

const ON: &str = "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>\
     <BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>";
const OFF: &str = "<PublicAccessBlockConfiguration><BlockPublicAcls>false</BlockPublicAcls><IgnorePublicAcls>false</IgnorePublicAcls>\
     <BlockPublicPolicy>false</BlockPublicPolicy><RestrictPublicBuckets>false</RestrictPublicBuckets></PublicAccessBlockConfiguration>";

/// An access point: name, VPC, block, and to whom its policy gives objects.
type Point<'a> = (&'a str, Option<&'a str>, &'a str, Option<&'a str>);

fn with_points(points: &[Point<'_>]) -> WorldBucket {
    let mut media = bucket("media", ["a"]);
    let (mut documents, mut policies) = (Vec::new(), Vec::new());
    for (name, vpc, block, principal) in points {
        let origin = match vpc {
            Some(vpc) => format!(
                "<NetworkOrigin>VPC</NetworkOrigin><VpcConfiguration><VpcId>{vpc}</VpcId></VpcConfiguration>"
            ),
            None => "<NetworkOrigin>Internet</NetworkOrigin>".to_owned(),
        };
        documents.push((
            (*name).to_owned(),
            format!("<AccessPoint>{origin}<Alias>{name}-s3alias</Alias>{block}</AccessPoint>"),
        ));
        if let Some(principal) = principal {
            policies.push((
                (*name).to_owned(),
                format!(
                    "{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Principal\":{principal},\
                     \"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:us-east-1:123456789012:accesspoint/{name}/object/*\"}}]}}"
                ),
            ));
        }
    }
    let lists = &mut media.configuration_lists;
    lists.insert("access-point".to_owned(), documents);
    lists.insert("access-point-policy".to_owned(), policies);
    media
}

const ANYONE: &str = "\"*\"";
const ROLE: &str = "{\"AWS\":\"arn:aws:iam::123456789012:role/reader\"}";

#[tokio::test]
async fn access_points_are_listed_with_what_each_has_of_its_own() {
    let media = with_points(&[
        ("closed", None, ON, Some(ROLE)),
        ("inside", Some("vpc-1"), OFF, None),
        ("open", None, OFF, Some(ANYONE)),
    ]);
    let (_sandbox, aws) = sandbox(vec![media]).await;
    let read = state::configuration(&aws, &name("media"), &Gate::new(8), &Meter::new()).await;
    let points = &read.access_points.value().unwrap().0;
    let told = |point: &AccessPoint| {
        (
            point.name.clone(),
            point.vpc.clone(),
            point.block.unwrap().blocks_everything(),
            point.has_policy.unwrap(),
            point.is_public.unwrap(),
            point.unanswered.len(),
        )
    };
    let all: Vec<_> = points.iter().map(told).collect();
    let vpc = Some("vpc-1".to_owned());
    assert_eq!(
        all,
        [
            ("closed".to_owned(), None, true, true, false, 0),
            ("inside".to_owned(), vpc, false, false, false, 0),
            ("open".to_owned(), None, false, true, true, 0),
        ]
    );
    assert_eq!(points[0].alias.as_deref(), Some("closed-s3alias"));
    assert_eq!(points[0].policy.as_ref().unwrap().statements.len(), 1);
    let row = read
        .rows()
        .into_iter()
        .find(|row| row.name == "access-points");
    let sentence = row.unwrap().sentence;
    assert!(
        sentence.starts_with("3 access points: closed ("),
        "{sentence}"
    );
    let none = bucket("media", ["a"]);
    let (_sandbox, aws) = sandbox(vec![none]).await;
    let read = state::configuration(&aws, &name("media"), &Gate::new(8), &Meter::new()).await;
    let row = read
        .rows()
        .into_iter()
        .find(|row| row.name == "access-points");
    assert_eq!(row.unwrap().state, State::NotSet);
}

#[tokio::test]
async fn what_may_not_be_asked_of_access_points_is_unknown_with_its_permission() {
    let media = || with_points(&[("open", None, OFF, Some(ANYONE))]);
    let denied = |permission: &str| SandboxOptions {
        denied: vec![permission.to_owned()],
        ..SandboxOptions::default()
    };
    let (_sandbox, aws) = sandbox_with(denied("s3:ListAccessPoints"), vec![media()]).await;
    let read = state::configuration(&aws, &name("media"), &Gate::new(8), &Meter::new()).await;
    let why = read.access_points.setting.problem().unwrap();
    let permission = Reason::Permission("s3:ListAccessPoints".to_owned());
    assert_eq!(why.reason, permission);
    let of_policy = "s3:GetAccessPointPolicyStatus";
    let (_sandbox, aws) = sandbox_with(denied(of_policy), vec![media()]).await;
    let read = state::configuration(&aws, &name("media"), &Gate::new(8), &Meter::new()).await;
    let point = &read.access_points.value().unwrap().0[0];
    assert_eq!(point.is_public, None);
    assert_eq!(point.has_policy, Some(true));
    let unanswered = read.unanswered();
    assert_eq!(unanswered.len(), 1, "{unanswered:#?}");
    assert_eq!(
        unanswered[0].reason,
        Reason::Permission(of_policy.to_owned())
    );
}

/// Ids of the findings about access points.
fn found(points: &[Point<'_>], more: &[(&str, &str)]) -> Vec<String> {
    let mut media = with_points(points);
    for (name, document) in more {
        let (name, document) = ((*name).to_owned(), (*document).to_owned());
        media.configuration.insert(name, document);
    }
    let endpoint = Endpoint::with(options(vec![media]));
    let audit = endpoint
        .program()
        .run(&["audit", "media", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&audit.out).unwrap();
    let items = document["items"].as_array().unwrap();
    let ids = items
        .iter()
        .map(|item| {
            format!(
                "{} {}",
                item["severity"].as_str().unwrap(),
                item["id"].as_str().unwrap()
            )
        })
        .filter(|id| id.contains("access-point-"));
    ids.collect()
}

#[test]
fn public_and_open_access_points_are_found_unless_something_blocks_them() {
    let block = [("publicAccessBlock", ON)];
    for (points, more, expected) in [
        (
            ("open", None, OFF, Some(ANYONE)),
            &[][..],
            &["high access-point-public"][..],
        ),
        (("open", None, OFF, Some(ANYONE)), &block, &[]),
        (("blocked", None, ON, Some(ANYONE)), &[], &[]),
        (
            ("private", None, OFF, Some(ROLE)),
            &[],
            &["low access-point-block-off"],
        ),
        (
            ("private", None, OFF, None),
            &[],
            &["low access-point-block-off"],
        ),
        (("private", None, OFF, None), &block, &[]),
        (("private", None, ON, None), &[], &[]),
        (("inside", Some("vpc-1"), OFF, None), &[], &[]),
    ] {
        assert_eq!(found(&[points], more), expected, "{points:?} {more:?}");
    }
}

const TABLES: &str = "<MetadataConfigurationResult><DestinationResult><TableBucketType>aws</TableBucketType>\
     <TableBucketArn>arn:aws:s3tables:us-east-1:123456789012:bucket/aws-s3</TableBucketArn><TableNamespace>b_media</TableNamespace>\
     </DestinationResult><JournalTableConfigurationResult><TableStatus>ACTIVE</TableStatus><TableName>journal</TableName>\
     <RecordExpiration><Expiration>ENABLED</Expiration><Days>30</Days></RecordExpiration></JournalTableConfigurationResult>\
     <InventoryTableConfigurationResult><ConfigurationState>DISABLED</ConfigurationState></InventoryTableConfigurationResult>\
     <AnnotationTableConfigurationResult><ConfigurationState>ENABLED</ConfigurationState><TableStatus>FAILED</TableStatus>\
     <Error><ErrorCode>AccessDenied</ErrorCode><ErrorMessage>no</ErrorMessage></Error><TableName>annotation</TableName>\
     <Role>arn:aws:iam::123456789012:role/tables</Role></AnnotationTableConfigurationResult></MetadataConfigurationResult>";

#[tokio::test]
async fn metadata_tables_are_read_and_said_and_unknown_where_denied() {
    let media = || {
        let mut media = bucket("media", ["a"]);
        media
            .configuration
            .insert("metadataConfiguration".to_owned(), TABLES.to_owned());
        media
    };
    let (_sandbox, aws) = sandbox(vec![media()]).await;
    let read = state::configuration(&aws, &name("media"), &Gate::new(8), &Meter::new()).await;
    let tables = read.metadata_tables.value().unwrap();
    assert_eq!(tables.namespace.as_deref(), Some("b_media"));
    let journal = tables.journal.as_ref().unwrap();
    assert_eq!(journal.expires_after_days, Some(30));
    assert!(!tables.inventory.as_ref().unwrap().enabled);
    let annotations = tables.annotations.as_ref().unwrap();
    assert_eq!(annotations.error.as_deref(), Some("AccessDenied: no"));
    let row = read
        .rows()
        .into_iter()
        .find(|row| row.name == "metadata-tables");
    let row = row.unwrap();
    assert_eq!(
        row.sentence,
        "S3 Metadata keeps tables of changes (active, records expire after 30 days) and annotations (failed, AccessDenied: no)."
    );
    assert!(row.raw.unwrap().contains("<TableName>journal</TableName>"));
    let denied = SandboxOptions {
        denied: vec!["s3:GetBucketMetadataTableConfiguration".to_owned()],
        ..SandboxOptions::default()
    };
    let (_sandbox, aws) = sandbox_with(denied, vec![media()]).await;
    let read = state::configuration(&aws, &name("media"), &Gate::new(8), &Meter::new()).await;
    let why = read.metadata_tables.setting.problem().unwrap();
    let permission = "s3:GetBucketMetadataTableConfiguration";
    assert_eq!(why.reason, Reason::Permission(permission.to_owned()));
}
