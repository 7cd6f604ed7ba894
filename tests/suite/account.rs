//! The account's public access block through the wire: read, combined with the bucket's, denied, and not there.

use futures::StreamExt;
use s3warden::facade::aws::Aws;
use s3warden::facade::aws::raw::{RawClient, RawRequest, RawTimeouts};
use s3warden::facade::domain::configuration::{PublicAccess, Reason, State};
use s3warden::facade::ops::audit::{self, AuditLimits, Audited, Inquiry, Target};
use s3warden::facade::ops::{Gate, Meter, account, state};
use s3warden::facade::sandbox::world::{World, WorldBucket};
use s3warden::facade::sandbox::{Fault, FaultRule, Sandbox, SandboxOptions};

use crate::ops::stub::{Answer, Stub};
use crate::ops::world::{holding, name, serving};

const ALL: PublicAccess = PublicAccess {
    block_public_acls: true,
    ignore_public_acls: true,
    block_public_policy: true,
    restrict_public_buckets: true,
};

/// A bucket that its policy opens to everybody, and that blocks nothing itself.
fn open(bucket: &str) -> WorldBucket {
    let mut open = holding(bucket, ["a"]);
    open.configuration.insert(
        "policy".to_owned(),
        format!(
            "{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Sid\":\"Everybody\",\"Effect\":\"Allow\",\"Principal\":\"*\",\
             \"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::{bucket}/*\"}}]}}"
        ),
    );
    open
}

async fn start(
    options: SandboxOptions,
    buckets: Vec<WorldBucket>,
    block: Option<PublicAccess>,
) -> (Sandbox, Aws) {
    let world = World {
        name: "test".to_owned(),
        buckets,
        public_access_block: block,
        ..World::default()
    };
    serving(SandboxOptions {
        worlds: vec![world],
        ..options
    })
    .await
}

async fn audit_of(aws: &Aws, bucket: &str) -> Audited {
    let (gate, meter) = (Gate::new(8), Meter::new());
    let inquiry = Inquiry::begin(aws, AuditLimits::default(), Vec::new(), &gate, &meter).await;
    let target = Target::unknown(name(bucket));
    audit::of_bucket(aws, &target, &inquiry, &gate, &meter).await
}

fn ids(audited: &Audited) -> Vec<&'static str> {
    audited.findings.iter().map(|finding| finding.id).collect()
}

async fn anonymous_status(sandbox: &Sandbox, path: &str) -> u16 {
    let client = RawClient::new(RawTimeouts::default()).unwrap();
    let request = RawRequest::new("GET", &format!("{}{path}", sandbox.endpoint_url()));
    client.send(request, None).await.unwrap().status
}

#[tokio::test]
async fn a_bucket_is_open_until_its_account_blocks_public_access() {
    let (sandbox, aws) = start(SandboxOptions::default(), vec![open("media")], None).await;
    let found = ids(&audit_of(&aws, "media").await);
    assert!(found.contains(&"public-read"), "{found:?}");
    assert!(found.contains(&"public-access-block-off"), "{found:?}");
    assert_eq!(anonymous_status(&sandbox, "/media/a").await, 200);

    let (sandbox, aws) = start(SandboxOptions::default(), vec![open("media")], Some(ALL)).await;
    let found = ids(&audit_of(&aws, "media").await);
    assert!(found.contains(&"public-policy-blocked"), "{found:?}");
    assert!(!found.contains(&"public-read"), "{found:?}");
    assert!(!found.contains(&"public-access-block-off"), "{found:?}");
    assert_eq!(anonymous_status(&sandbox, "/media/a").await, 403);
}

#[tokio::test]
async fn the_switches_of_bucket_and_account_count_together() {
    let half = PublicAccess {
        block_public_acls: true,
        ignore_public_acls: true,
        ..PublicAccess::default()
    };
    let mut media = holding("media", ["a"]);
    media.configuration.insert(
        "publicAccessBlock".to_owned(),
        "<PublicAccessBlockConfiguration><BlockPublicPolicy>true</BlockPublicPolicy></PublicAccessBlockConfiguration>"
            .to_owned(),
    );
    let (_sandbox, aws) = start(SandboxOptions::default(), vec![media], Some(half)).await;
    let audited = audit_of(&aws, "media").await;
    let mut off = audited.findings.iter();
    let off = off.find(|f| f.id == "public-access-block-off").unwrap();
    assert_eq!(off.evidence, ["RestrictPublicBuckets is off"]);
}

#[tokio::test]
async fn an_account_that_may_not_be_asked_leaves_what_depends_on_it_open() {
    let denied = SandboxOptions {
        denied: vec!["s3:GetAccountPublicAccessBlock".to_owned()],
        ..SandboxOptions::default()
    };
    let (_sandbox, aws) = start(denied, vec![open("media")], None).await;
    let audited = audit_of(&aws, "media").await;
    let found = ids(&audited);
    for verdict in [
        "public-read",
        "public-policy-blocked",
        "public-access-block-off",
    ] {
        assert!(!found.contains(&verdict), "{verdict} {found:?}");
    }
    let mut unknown = audited.findings.iter();
    let unknown = unknown
        .find(|f| {
            f.id == "unknown-permission" && f.evidence[0].contains("s3:GetAccountPublicAccessBlock")
        })
        .unwrap();
    // What only the account's block could take back is said, with that reserve.
    assert!(found.contains(&"public-unless"), "{found:?}");
    assert!(unknown.advice.ends_with("on all resources"), "{unknown:?}");
}

#[tokio::test]
async fn the_account_is_asked_once_for_all_its_buckets_and_again_when_the_service_is_busy() {
    let names: Vec<String> = (0..5).map(|n| format!("media-{n}")).collect();
    let buckets = names.iter().map(|name| open(name)).collect();
    let busy = FaultRule::new(Fault::SlowDown).on("GetAccountPublicAccessBlock");
    let options = SandboxOptions {
        faults: vec![busy.times(1)],
        ..SandboxOptions::default()
    };
    let (sandbox, aws) = start(options, buckets, Some(ALL)).await;
    let (gate, meter) = (Gate::new(4), Meter::new());
    let inquiry = Inquiry::begin(&aws, AuditLimits::default(), Vec::new(), &gate, &meter).await;
    let targets = names.iter().map(|n| Target::unknown(name(n))).collect();
    let audits = audit::of_buckets(&aws, targets, &inquiry, &gate, &meter);
    let audits: Vec<Audited> = audits.collect().await;
    assert_eq!(audits.len(), 5);
    for audited in &audits {
        let block = audited.configuration.account_block.value();
        assert_eq!(block.map(|block| block.0), Some(ALL));
    }
    let requests = sandbox.requests();
    assert_eq!(requests.of("GetAccountPublicAccessBlock"), 2);
    assert_eq!(requests.of("DescribeAlarms"), 1);
}

#[tokio::test]
async fn an_account_that_blocks_nothing_is_not_set_and_a_server_without_accounts_is_unknown() {
    let (_sandbox, aws) = start(SandboxOptions::default(), Vec::new(), None).await;
    let asked = account::of(&aws, &Gate::new(1), &Meter::new()).await;
    assert_eq!(asked.id(), Some("123456789012"));
    assert_eq!(asked.block.known(), Ok(None));

    let identity = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
                    <Arn>arn:aws:iam::123456789012:user/a</Arn><UserId>a</UserId><Account>123456789012</Account>\
                    </GetCallerIdentityResult></GetCallerIdentityResponse>";
    let listing = "<ListBucketResult><Name>v20180820</Name></ListBucketResult>";
    for answer in [
        Answer::error(404, "NoSuchBucket", "The bucket does not exist"),
        Answer::error(501, "NotImplemented", "not here"),
        Answer::error(405, "MethodNotAllowed", "not here"),
        Answer::xml(200, listing),
        Answer::Http(
            200,
            "content-type: text/html\r\n",
            "<html></html>".to_owned(),
        ),
    ] {
        let stub = Stub::start(vec![Answer::xml(200, identity), answer]).await;
        let aws = stub.connect().await;
        let asked = account::of(&aws, &Gate::new(1), &Meter::new()).await;
        let why = asked.block.known().unwrap_err();
        assert_eq!(why.reason, Reason::NotThere, "{why:?}");
        let requests = stub.requests();
        assert!(
            requests[1].starts_with("GET /v20180820/configuration/publicAccessBlock"),
            "{requests:?}"
        );
    }
}

#[tokio::test]
async fn the_state_shows_the_buckets_block_and_the_accounts() {
    let (_sandbox, aws) = start(SandboxOptions::default(), vec![open("media")], Some(ALL)).await;
    let read = state::configuration(&aws, &name("media"), &Gate::new(4), &Meter::new()).await;
    let rows = read.rows();
    let row = |name: &str| rows.iter().find(|row| row.name == name).unwrap();
    assert_eq!(row("public-access-block").state, State::NotSet);
    let account = row("account-public-access-block");
    assert_eq!(account.state, State::Set);
    assert_eq!(
        account.sentence,
        "The account's public access is blocked on all four switches."
    );
    assert!(
        account
            .raw
            .as_deref()
            .unwrap()
            .contains("<IgnorePublicAcls>true")
    );
}

#[tokio::test]
async fn an_account_that_cannot_be_asked_at_the_moment_is_unknown_and_not_without_a_block() {
    for fault in [Fault::InternalError, Fault::ServiceUnavailable] {
        let fails = FaultRule::new(fault).on("GetAccountPublicAccessBlock");
        let options = SandboxOptions {
            faults: vec![fails],
            ..SandboxOptions::default()
        };
        let (_sandbox, aws) = start(options, vec![open("media")], None).await;
        let asked = account::of(&aws, &Gate::new(1), &Meter::new()).await;
        assert_eq!(asked.id(), Some("123456789012"));
        let why = asked.block.known().unwrap_err();
        assert_eq!(why.reason, Reason::Other, "{why:?}");
    }
}
