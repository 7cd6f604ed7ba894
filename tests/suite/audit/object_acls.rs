//! Objects whose ACLs nobody read: they are no good news, unless somebody chose to leave them out.

use s3warden::facade::ops::audit::{self, AuditLimits, Audited, Inquiry, ObjectAcls};
use s3warden::facade::ops::{Gate, Meter};
use s3warden::facade::sandbox::SandboxOptions;

use super::{finding, ids, target};
use crate::cli::support::{Endpoint, bucket, options};
use crate::ops::world::serving;

/// More objects than a sample takes.
const OBJECTS: usize = 45;

const ENFORCED: &str = "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>";
const IGNORED: &str = "<PublicAccessBlockConfiguration><IgnorePublicAcls>true</IgnorePublicAcls></PublicAccessBlockConfiguration>";

fn media(document: Option<(&str, &str)>) -> SandboxOptions {
    let mut media = bucket("media", (0..OBJECTS).map(|n| format!("{n:02}.jpg")));
    if let Some((name, document)) = document {
        media
            .configuration
            .insert(name.to_owned(), document.to_owned());
    }
    options(vec![media])
}

#[test]
fn a_sample_that_nobody_chose_is_said_and_does_not_pass_for_the_whole() {
    let endpoint = Endpoint::with(media(None));
    let sampled = "the ACLs of 40 of 45 objects were looked at";
    let nothing = "object ACLs were not looked at";
    for (arguments, status, said) in [
        (&["--fail-on", "critical"][..], 1, sampled),
        (&["--fail-on", "critical", "--object-acls", "all"], 0, ""),
        (&["--fail-on", "critical", "--object-acls", "45"], 0, ""),
        (
            &["--fail-on", "critical", "--object-acls", "40"],
            0,
            sampled,
        ),
        (&["--fail-on", "critical", "--object-acls", "0"], 0, nothing),
        (
            &["--fail-on", "critical", "--max-versions", "0"],
            0,
            nothing,
        ),
        // Every object that was to be listed was looked at.
        (
            &["--fail-on", "critical", "--max-versions", "40"],
            0,
            "the ACLs of 40 of at least 40 objects were looked at",
        ),
        (
            &["--fail-on", "critical", "--max-versions", "44"],
            1,
            "the ACLs of 40 of at least 44 objects were looked at",
        ),
        (
            &["--fail-on", "critical", "--finding", "public-list"],
            0,
            sampled,
        ),
        (&["--fail-on", "low"], 3, sampled),
        (&[], 0, sampled),
        (&["--object-acls", "some"], 2, ""),
    ] {
        for format in ["table", "csv", "json", "ndjson"] {
            let all = [&["audit", "media", "--format", format], arguments].concat();
            let ran = endpoint.program().run(&all);
            assert_eq!(ran.status, status, "{all:?}: {ran:#?}");
            let incomplete: Vec<&str> = ran
                .err
                .lines()
                .filter(|line| line.starts_with("incomplete: ") && line.contains("ACLs"))
                .collect();
            assert_eq!(incomplete.len(), usize::from(!said.is_empty()), "{ran:#?}");
            assert!(
                incomplete.iter().all(|line| line.contains(said)),
                "{ran:#?}"
            );
            let names_the_way =
                ran.err.contains("public-read") && ran.err.contains("--object-acls all");
            assert_eq!(names_the_way, status == 1, "{ran:#?}");
        }
    }
}

#[test]
fn where_no_acl_can_open_an_object_nothing_hides() {
    for document in [
        ("ownershipControls", ENFORCED),
        ("publicAccessBlock", IGNORED),
    ] {
        let endpoint = Endpoint::with(media(Some(document)));
        let ran = endpoint
            .program()
            .run(&["audit", "media", "--fail-on", "critical"]);
        assert_eq!(ran.status, 0, "{document:?}: {ran:#?}");
        assert!(!ran.err.contains("ACLs of"), "{document:?}: {ran:#?}");
    }
}

#[tokio::test]
async fn an_object_outside_the_sample_may_be_open_and_is_found_where_all_are_read() {
    let (sandbox, aws) = serving(media(None)).await;
    let s3 = crate::edge::support::client(&sandbox);
    s3.put_object_acl()
        .bucket("media")
        .key("07.jpg")
        .acl(aws_sdk_s3::types::ObjectCannedAcl::PublicRead)
        .send()
        .await
        .unwrap();
    let audit = async |limits: AuditLimits| -> Audited {
        let (gate, meter) = (Gate::new(8), Meter::new());
        let inquiry = Inquiry::begin(&aws, limits, Vec::new(), &gate, &meter).await;
        audit::of_bucket(&aws, &target("media"), &inquiry, &gate, &meter).await
    };
    let none = ObjectAcls::Sample {
        per_group: 0,
        chosen: false,
    };
    let with = |object_acls| AuditLimits {
        object_acls,
        ..AuditLimits::default()
    };
    let audited = audit(with(none)).await;
    assert!(!ids(&audited).contains("public-read"));
    let hides = |audited: &Audited, id: &str| {
        let mut hidden = audited.open.iter().flat_map(|question| &question.hides);
        hidden.any(|(hidden, _)| *hidden == id)
    };
    assert!(hides(&audited, "public-read"), "{:?}", audited.open);
    let audited = audit(with(ObjectAcls::All)).await;
    let found = finding(&audited, "public-read");
    assert!(found.evidence[0].contains("the ACL of 07.jpg: READ"));
    assert!(audited.coverage.is_complete(), "{:?}", audited.coverage);
    assert!(audited.open.is_empty(), "{:?}", audited.open);
}

/// The same rule for the listing itself: a limit that nobody chose leaves the question open.
#[tokio::test]
async fn a_listing_that_a_default_limit_stopped_may_hide_what_it_would_have_shown() {
    let (_sandbox, aws) = serving(media(None)).await;
    for versions_chosen in [true, false] {
        let (gate, meter) = (Gate::new(8), Meter::new());
        let limits = AuditLimits {
            versions: 10,
            versions_chosen,
            object_acls: ObjectAcls::NotAsked,
            ..AuditLimits::default()
        };
        let inquiry = Inquiry::begin(&aws, limits, Vec::new(), &gate, &meter).await;
        let audited = audit::of_bucket(&aws, &target("media"), &inquiry, &gate, &meter).await;
        assert!(!audited.coverage.is_complete());
        let mut open = audited.open.iter();
        let is_open = open.any(|question| question.why.call == "ListObjectVersions");
        assert_eq!(is_open, !versions_chosen, "{:?}", audited.open);
    }
}
