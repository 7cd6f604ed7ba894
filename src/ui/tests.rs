//! Screens as they are drawn, at the two sizes that have to work, and rules that hold at every size.

mod orphans;
mod presign;
mod purge;
mod state;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

use super::*;
use crate::app::testing::{Console, folder_of, noon, object, page, problem, tally};
use crate::app::{Message, testing};
use crate::aws::ProblemKind;
use crate::domain::configuration::{Expiration, Filter, Lifecycle, Rule, Transition, When};
use crate::domain::metrics::{Series, Storage, StorageType, TypeSeries};
use crate::domain::{ByteSize, OwnerId, Region, StorageClass, VersionId};
use crate::ops::audit::{Finding, Severity};
use crate::ops::bucket_facts::BucketFact;
use crate::ops::buckets::{Encryption, Publicity, Versioning, VersioningState};
use crate::ops::inspect::{Head, KeyVersions, ObjectDetail, ObjectEncryption, ObjectLock};
use crate::ops::lifecycle_forecast::Rules;
use crate::ops::metrics::BucketStorage;
use crate::ops::owners::{Counts, OwnersSummary, OwnersUpdate, Unattributed};
use crate::ops::{Coverage, Fact};
use crate::tasks::{AuditDepth, BucketAudit, Outcome, Slot, Update};

pub(super) fn drawn(console: &mut Console, (width, height): (u16, u16)) -> Buffer {
    console.say(Message::Resize(width, height));
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let theme = Theme::mono().unwrap();
    terminal
        .draw(|frame| draw(frame, &console.state, &theme))
        .unwrap();
    terminal.backend().buffer().clone()
}

/// The screen as lines of text, without the blanks at their ends.
pub(super) fn lines(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in 0..buffer.area.height {
        let mut line = String::new();
        let mut x = 0;
        while x < buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            // The cell behind a wide character is empty and belongs to it.
            x += u16::try_from(crate::domain::text::width(symbol))
                .unwrap()
                .max(1);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

pub(super) fn snapshot(name: &str, console: &mut Console) {
    for size in [(80, 24), (120, 36)] {
        let shown = lines(&drawn(console, size));
        insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), shown);
    }
}

fn with_cells() -> Console {
    let mut console =
        Console::with_buckets(&["media-prod", "pilotforce-user-uploads", "shared-assets"]);
    let versioned = Versioning {
        state: VersioningState::Enabled,
        mfa_delete: false,
    };
    let encrypted = |algorithm: &str| Encryption {
        algorithm: algorithm.into(),
        key_id: None,
        bucket_key: false,
        blocked: None,
    };
    let mut denied = (*problem(ProblemKind::Denied)).clone();
    denied.permission = Some("s3:GetBucketVersioning");
    let answers = [
        (
            "media-prod",
            BucketFact::Region(Fact::Set(Region("eu-west-1".into()))),
        ),
        (
            "media-prod",
            BucketFact::Encryption(Fact::Set(encrypted("aws:kms"))),
        ),
        ("media-prod", BucketFact::Versioning(Fact::Unknown(denied))),
        (
            "pilotforce-user-uploads",
            BucketFact::Region(Fact::Set(Region("us-east-1".into()))),
        ),
        (
            "pilotforce-user-uploads",
            BucketFact::Encryption(Fact::Set(encrypted("AES256"))),
        ),
        (
            "pilotforce-user-uploads",
            BucketFact::Versioning(Fact::Set(versioned)),
        ),
        (
            "pilotforce-user-uploads",
            BucketFact::Publicity(Fact::Set(Publicity::Blocked)),
        ),
        ("shared-assets", BucketFact::Versioning(Fact::NotSet)),
    ];
    for (bucket, fact) in answers {
        let bucket = crate::domain::BucketName::new(bucket).unwrap();
        console.answer(Slot::Facts, Update::Fact(bucket, fact));
    }
    console
}

/// The sizes of two of three buckets.
fn measure(console: &mut Console) {
    let start = chrono::DateTime::from_timestamp(1_764_547_200, 0).unwrap();
    let day = |n: i64| start + chrono::TimeDelta::days(n);
    // The exponents are those of a size, and the mantissa grows with the days.
    let series = |of: f64| {
        Series::of_points((0..=90u32).map(|n| (day(n.into()), of * (1.0 + f64::from(n) / 1000.0))))
    };
    for (bucket, bytes) in [("media-prod", 9.2e13), ("pilotforce-user-uploads", 8.1e11)] {
        let standard = TypeSeries {
            storage_type: StorageType::new("StandardStorage"),
            series: series(bytes),
        };
        let storage = BucketStorage {
            bucket: crate::domain::BucketName::new(bucket).unwrap(),
            region: None,
            storage: Fact::Set(Storage::new(vec![standard], series(bytes / 2e6))),
        };
        console.answer(Slot::Storage, Update::Storage(Box::new(storage)));
    }
}

fn audit(console: &mut Console, bucket: &str, severities: &[Severity], gap: Option<&str>) {
    let bucket = crate::domain::BucketName::new(bucket).unwrap();
    let finding = |severity: &Severity| Finding {
        id: "public-read",
        severity: *severity,
        bucket: bucket.clone(),
        message: "Anyone can read it.".into(),
        evidence: Vec::new(),
        why: "",
        advice: crate::domain::advice::Advice::default(),
        references: &[],
    };
    let audit = BucketAudit {
        findings: severities.iter().map(finding).collect(),
        gap: gap.map(str::to_owned),
        depth: AuditDepth::Configuration,
        bucket,
    };
    console.answer(Slot::FleetAudit, Update::FleetAudited(Box::new(audit)));
}

pub(super) fn with_owners() -> Console {
    let mut console = Console::with_buckets(&["pilotforce-user-uploads"]);
    console.press("<Enter>");
    let owners = [
        "user-1",
        "user-10",
        "ünal@example.org",
        "עומר",
        "a\u{202e}b\n",
    ];
    let found = owners.iter().map(|owner| folder_of(owner)).collect();
    console.answer(Slot::Listing, Update::Owners(OwnersUpdate::Found(found)));
    let counts = Counts {
        owners: vec![
            (OwnerId::new("user-1").unwrap(), tally(1_204)),
            (OwnerId::new("user-10").unwrap(), tally(19)),
        ],
        total: tally(1_223),
        ..Counts::default()
    };
    console.answer(Slot::Listing, Update::Owners(OwnersUpdate::Counted(counts)));
    console
}

fn with_objects() -> Console {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.press("<Enter>");
    let mut page = page(
        &["2024/", "a//", "thumb nails /"],
        &["clip\u{1}.mp4", "naïve.jpg", "日本語.png"],
    );
    let mut archived = object("old-film.mov", 7_516_192_768);
    archived.storage_class = StorageClass::new("DEEP_ARCHIVE");
    page.items.push(archived);
    console.answer(Slot::Listing, Update::Page(page));
    console.end(Slot::Listing, Outcome::Done);
    console
}

fn detail(key: &str) -> ObjectDetail {
    let head = Head {
        size: ByteSize(2_411_724),
        last_modified: Some(noon() - chrono::Duration::days(5)),
        etag: Some("9b2cf535f27731c974343645a3985328".into()),
        version_id: Some(VersionId("3HL4kqtJlcpXroDTDmJ".into())),
        storage_class: StorageClass::default(),
        archive_status: None,
        restore: None,
        content_type: Some("image/jpeg".into()),
        content_encoding: None,
        content_disposition: None,
        content_language: None,
        cache_control: Some("max-age=3600".into()),
        encryption: Some(ObjectEncryption {
            algorithm: "aws:kms".into(),
            key_id: Some("arn:aws:kms:us-east-1:123456789012:key/0000".into()),
            bucket_key: true,
        }),
        metadata: [("original-name".to_owned(), "na\u{202e}me".to_owned())].into(),
        missing_metadata: 0,
        expires: None,
        checksums: vec![("CRC32", "yZRlqg==".into())],
        checksum_type: None,
        replication: None,
        lock: ObjectLock::default(),
        expiration: None,
        redirect: None,
        parts: None,
    };
    let version = |id: &str, is_latest, is_delete_marker| crate::domain::ObjectVersion {
        object: object(key, 2_411_724),
        version_id: VersionId(id.into()),
        is_latest,
        is_delete_marker,
    };
    ObjectDetail {
        bucket: crate::domain::BucketName::new("plain-bucket").unwrap(),
        key: crate::domain::ObjectKey::new(key).unwrap(),
        version_id: None,
        head: Fact::Set(head),
        tags: Fact::Unknown((*problem(ProblemKind::Denied)).clone()),
        annotations: Fact::Set(vec![crate::ops::inspect::Annotation {
            name: "labels.\u{202e}json".into(),
            size: ByteSize(2_048),
            etag: None,
            last_modified: None,
            replication: None,
        }]),
        versions: Fact::Set(KeyVersions {
            versions: vec![version("v2", true, false), version("v1", false, true)],
            complete: true,
        }),
    }
}

#[test]
fn the_first_frame_says_that_it_connects() {
    snapshot("connecting", &mut Console::new());
}

#[test]
fn buckets_show_what_is_set_not_set_unknown_and_still_to_come() {
    snapshot("buckets", &mut with_cells());
}

#[test]
fn buckets_show_what_they_hold_how_it_grew_and_what_is_wrong() {
    use Severity::{Critical, High, Low, Medium};
    let mut console = with_cells();
    measure(&mut console);
    console.press("a");
    audit(&mut console, "media-prod", &[High, High, Medium, Low], None);
    snapshot("buckets_so_far", &mut console);
    let found = [Critical, High, Medium, Low, Low];
    let gap = "GetBucketPolicy of shared-assets: access was denied";
    audit(&mut console, "pilotforce-user-uploads", &found, None);
    audit(&mut console, "shared-assets", &[Medium], Some(gap));
    console.end(Slot::FleetAudit, Outcome::Done);
    let nothing = BucketStorage {
        bucket: crate::domain::BucketName::new("shared-assets").unwrap(),
        region: None,
        storage: Fact::NotSet,
    };
    console.answer(Slot::Storage, Update::Storage(Box::new(nothing)));
    console.end(Slot::Storage, Outcome::Done);
    snapshot("buckets_known", &mut console);
    console.press("<Down><Down>");
    let shown = lines(&drawn(&mut console, (160, 50)));
    insta::assert_snapshot!("buckets_known_160x50", shown);
}

#[test]
fn owners_say_so_far_and_at_least_until_all_are_counted() {
    let mut console = with_owners();
    snapshot("owners_so_far", &mut console);
    let summary = OwnersSummary {
        found: Coverage::Complete,
        counted: Coverage::Complete,
        total: tally(1_223),
        unattributed: Unattributed {
            contested: tally(2),
            unreadable: tally(3),
            ..Unattributed::default()
        },
    };
    console.answer(Slot::Listing, Update::Owners(OwnersUpdate::Done(summary)));
    console.end(Slot::Listing, Outcome::Done);
    snapshot("owners_complete", &mut console);
}

#[test]
fn objects_show_hostile_keys_safely() {
    snapshot("objects", &mut with_objects());
}

#[test]
fn the_pane_tells_head_tags_and_versions() {
    let mut console = with_objects();
    console.press("<Down><Down><Down><Down><Enter>");
    console.answer(Slot::Detail, Update::Detail(Box::new(detail("naïve.jpg"))));
    answer_rules(&mut console, Fact::NotSet);
    snapshot("detail", &mut console);
}

fn answer_rules(console: &mut Console, lifecycle: Fact<Lifecycle>) {
    let rules = Rules {
        bucket: crate::domain::BucketName::new("plain-bucket").unwrap(),
        lifecycle,
        versioning: Fact::NotSet,
    };
    console.answer(Slot::Rules, Update::Rules(Box::new(rules)));
}

/// The pane of an object that these headers are of.
fn pane_of(header: Option<&str>, lifecycle: Fact<Lifecycle>) -> Console {
    let mut console = with_objects();
    console.press("<Down><Down><Down><Down><Enter>");
    let mut detail = detail("naïve.jpg");
    detail.tags = Fact::NotSet;
    if let Fact::Set(head) = &mut detail.head {
        head.expiration = header.map(str::to_owned);
    }
    console.answer(Slot::Detail, Update::Detail(Box::new(detail)));
    answer_rules(&mut console, lifecycle);
    console
}

fn photos(prefix: &str) -> Lifecycle {
    let to = |days, class: &str| Transition {
        when: When::Days(days),
        class: StorageClass::new(class),
    };
    let rule = Rule {
        id: "photos".into(),
        enabled: true,
        filter: Filter {
            prefix: prefix.into(),
            ..Filter::default()
        },
        transitions: vec![to(3, "STANDARD_IA"), to(90, "GLACIER")],
        expiration: Some(Expiration::At(When::Days(365))),
        ..Rule::default()
    };
    Lifecycle {
        rules: vec![rule],
        ..Lifecycle::default()
    }
}

#[test]
fn the_pane_tells_what_becomes_of_an_object_and_that_the_service_agrees() {
    let header = "expiry-date=\"Thu, 25 Feb 2027 00:00:00 GMT\", rule-id=\"photos\"";
    let mut console = pane_of(Some(header), Fact::Set(photos("")));
    snapshot("fate", &mut console);
}

#[test]
fn the_pane_shows_a_difference_between_the_rules_and_what_the_service_says() {
    let header = "expiry-date=\"Thu, 11 Mar 2027 00:00:00 GMT\", rule-id=\"photos\"";
    let mut console = pane_of(Some(header), Fact::Set(photos("")));
    let shown = lines(&drawn(&mut console, (160, 50)));
    assert!(shown.contains("the endpoint says 2027-03-11"), "{shown}");
    assert!(!shown.contains('✓'), "{shown}");
}

#[test]
fn the_pane_tells_why_nothing_becomes_of_an_object() {
    let mut console = pane_of(None, Fact::Set(photos("albums/")));
    let shown = lines(&drawn(&mut console, (160, 50)));
    assert!(shown.contains("it stays in STANDARD"), "{shown}");
    assert!(shown.contains("rule photos: the key begins"), "{shown}");
}

#[test]
fn rules_that_may_not_be_read_are_unknown_and_not_none() {
    let denied = (*problem(ProblemKind::Denied)).clone();
    let mut console = pane_of(None, Fact::Unknown(denied));
    let shown = lines(&drawn(&mut console, (160, 50)));
    let (_, fate) = shown.split_once("What becomes of it").unwrap();
    let (fate, _) = fate.split_once("Headers").unwrap();
    assert!(fate.contains("access was denied"), "{shown}");
    assert!(!fate.contains("Nothing"), "{shown}");
}

#[test]
fn tasks_show_what_ran_and_how_it_ended() {
    let mut console = with_objects();
    console.end(Slot::Facts, Outcome::Failed(problem(ProblemKind::Denied)));
    console.press("7");
    snapshot("tasks", &mut console);
}

#[test]
fn help_is_made_from_the_key_map() {
    let mut console = with_objects();
    console.press("?");
    snapshot("help", &mut console);
}

#[test]
fn a_problem_is_explained_in_full() {
    let mut console = with_objects();
    console.press("r");
    console.end(Slot::Listing, Outcome::Failed(problem(ProblemKind::Denied)));
    snapshot("failed", &mut console);
    console.press("e");
    snapshot("explained", &mut console);
}

/// A console in which the answer to a request for an object is shown.
fn with_access() -> Console {
    let mut console = with_objects();
    let identity = crate::aws::Identity {
        account: "123456789012".into(),
        arn: "arn:aws:iam::123456789012:role/media-reader".into(),
        user_id: "AROAEXAMPLE".into(),
    };
    console.answer(Slot::Identity, Update::Identity(identity));
    console.press("G");
    console
}

fn explained_access() -> Update {
    use crate::domain::explain::{Answer, Explanation, Layer, Outcome, Said};
    let said = |layer, outcome, words: &str, by: &[&str]| Said {
        layer,
        outcome,
        words: words.into(),
        by: by.iter().map(|by| (*by).to_owned()).collect(),
    };
    let layers = vec![
        said(
            Layer::Organization,
            Outcome::Unknown,
            "Not read: a service control policy (SCP) of the caller's organization or a resource control policy (RCP) of the bucket's may refuse the request.",
            &[],
        ),
        said(
            Layer::Identity,
            Outcome::Allows,
            "A statement allows the request, and none denies it.",
            &[
                "inline policy rights of role media-reader, Read: Allow s3:GetObject on arn:aws:s3:::media/*",
            ],
        ),
        said(
            Layer::BucketPolicy,
            Outcome::Denies,
            "A statement denies the request, and no other layer can allow it.",
            &[
                "NoReads: Deny * s3:GetObject on arn:aws:s3:::media/private/* if StringNotEquals aws:SourceVpce vpce-1",
            ],
        ),
        said(
            Layer::Acl,
            Outcome::NoEffect,
            "ACLs have no effect in this bucket.",
            &[],
        ),
        said(
            Layer::Encryption,
            Outcome::Depends,
            "It depends on the key.",
            &[],
        ),
        said(
            Layer::Boundary,
            Outcome::Silent,
            "It does not allow s3:GetObject.",
            &[],
        ),
        said(
            Layer::PublicAccessBlock,
            Outcome::NoEffect,
            "It takes nothing from this request.",
            &[],
        ),
        said(
            Layer::ObjectOwnership,
            Outcome::NoEffect,
            "ACLs count.",
            &[],
        ),
    ];
    Update::Explained(Box::new(Explanation {
        answer: Answer::Denied,
        decided_by: Layer::BucketPolicy,
        conditions: Vec::new(),
        layers,
        notes: Vec::new(),
    }))
}

#[test]
fn a_request_for_an_object_is_chosen_and_explained() {
    let mut console = with_access();
    console.press("e");
    for size in [(80, 24), (160, 50)] {
        let shown = lines(&drawn(&mut console, size));
        insta::assert_snapshot!(format!("access_choice_{}x{}", size.0, size.1), shown);
    }
    console.press("<Enter>");
    console.answer(Slot::Explain, explained_access());
    console.end(Slot::Explain, Outcome::Done);
    for size in [(80, 24), (120, 36), (160, 50)] {
        let shown = lines(&drawn(&mut console, size));
        insta::assert_snapshot!(format!("access_{}x{}", size.0, size.1), shown);
    }
}

#[test]
fn every_line_of_an_explanation_can_be_scrolled_to_at_every_size() {
    for size in [(60, 12), (80, 24), (120, 36)] {
        let mut console = with_access();
        console.say(Message::Resize(size.0, size.1));
        console.press("e<Enter>");
        console.answer(Slot::Explain, explained_access());
        let first = lines(&drawn(&mut console, size));
        assert!(first.contains("Denied: "), "{first}");
        let mut seen = first.clone();
        for _ in 0..80 {
            console.press("j");
            seen += &lines(&drawn(&mut console, size));
        }
        let last = lines(&drawn(&mut console, size));
        for words in ["ACLs count.", "vpce-1", "ACLs have no effect"] {
            assert!(seen.contains(words), "{words} at {size:?}: {seen}");
        }
        assert!(!last.contains("below"), "{last}");
    }
}

#[test]
fn the_palette_finds_actions_by_their_words() {
    let mut console = with_objects();
    console.press(":own");
    snapshot("palette", &mut console);
}

#[test]
fn a_filter_is_typed_on_the_line_above_the_hints() {
    let mut console = with_objects();
    console.press("/na");
    snapshot("filter", &mut console);
}

#[test]
fn quitting_while_work_runs_is_asked_about_with_a_harmless_default() {
    let mut console = with_owners();
    console.press("q");
    snapshot("quit", &mut console);
}

#[test]
fn write_mode_can_be_seen_without_colour() {
    let mut console = testing::Console::new();
    console.state.write = true;
    let shown = lines(&drawn(&mut console, (80, 24)));
    assert!(shown.lines().next().unwrap().contains("WRITE"), "{shown}");
    assert!(!shown.contains("READ-ONLY"));
}

#[test]
fn nothing_drawn_holds_a_control_or_bidirectional_character() {
    for mut console in [with_owners(), with_objects()] {
        for size in [(60, 12), (80, 24), (200, 60)] {
            let shown = lines(&drawn(&mut console, size));
            let hostile =
                |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c);
            assert!(!shown.contains(hostile), "{shown:?}");
        }
    }
}

#[test]
fn a_terminal_that_is_too_small_is_told_what_is_needed() {
    let shown = lines(&drawn(&mut with_objects(), (40, 8)));
    assert!(shown.contains("60 columns"), "{shown}");
}
