//! Sizes and findings of all buckets, as they arrive.

use chrono::{DateTime, TimeDelta};

use super::Cell;
use crate::app::testing::{Console, problem};
use crate::app::update::Command;
use crate::aws::ProblemKind;
use crate::domain::metrics::{Series, Storage, StorageType, TypeSeries};
use crate::domain::{BucketName, ByteSize, Region};
use crate::ops::Fact;
use crate::ops::audit::{Finding, Severity};
use crate::ops::metrics::BucketStorage;
use crate::tasks::{AuditDepth, BucketAudit, Outcome, Slot, Update, Work};

fn bucket(name: &str) -> BucketName {
    BucketName::new(name).unwrap()
}

fn storage(name: &str, storage: Fact<Storage>) -> Update {
    Update::Storage(Box::new(BucketStorage {
        bucket: bucket(name),
        region: Some(Region("us-east-1".into())),
        storage,
    }))
}

fn grown(from: f64, to: f64) -> Fact<Storage> {
    let start = DateTime::from_timestamp(1_760_054_400, 0).unwrap();
    let series = Series::of_points([(start, from), (start + TimeDelta::days(90), to)]);
    let standard = TypeSeries {
        storage_type: StorageType::new("StandardStorage"),
        series: series.clone(),
    };
    Fact::Set(Storage::new(vec![standard], series))
}

fn finding(name: &str, severity: Severity) -> Finding {
    Finding {
        id: "public-read",
        severity,
        bucket: bucket(name),
        message: "Anyone can read it.".into(),
        evidence: Vec::new(),
        why: "",
        advice: crate::domain::advice::Advice::default(),
        references: &[],
    }
}

fn audited(name: &str, severities: &[Severity]) -> Update {
    Update::FleetAudited(Box::new(BucketAudit {
        bucket: bucket(name),
        findings: severities.iter().map(|one| finding(name, *one)).collect(),
        gap: None,
        depth: AuditDepth::Configuration,
    }))
}

fn names(console: &Console) -> Vec<String> {
    let table = &console.state.buckets;
    (0..table.shown())
        .map(|line| table.line(line).unwrap().name.to_string())
        .collect()
}

#[test]
fn sizes_are_asked_for_with_the_list_and_an_audit_is_not() {
    let console = Console::with_buckets(&["a-bucket", "b-bucket"]);
    let asked = &console.last(Slot::Storage).work;
    assert!(matches!(asked, Work::Storage { buckets, days: 90 } if buckets.len() == 2));
    assert!(!console.jobs.iter().any(|job| job.slot == Slot::FleetAudit));
}

#[test]
fn a_bucket_that_is_not_measured_leaves_the_total_at_least() {
    let mut console = Console::with_buckets(&["a-bucket", "b-bucket"]);
    console.answer(Slot::Storage, storage("a-bucket", grown(100.0, 150.0)));
    let totals = |console: &Console| {
        let state = &console.state;
        state.fleet.totals(state.buckets.source().iter())
    };
    assert_eq!(totals(&console).pending, 1);
    assert_eq!(totals(&console).growth, None);
    console.answer(Slot::Storage, storage("b-bucket", Fact::NotSet));
    let known = totals(&console);
    assert_eq!((known.pending, known.unknown), (0, 1));
    assert_eq!(known.size, ByteSize(150));
    assert_eq!(known.growth, None);
}

#[test]
fn a_fleet_that_is_known_whole_has_grown() {
    let mut console = Console::with_buckets(&["a-bucket", "b-bucket"]);
    console.answer(Slot::Storage, storage("a-bucket", grown(100.0, 150.0)));
    console.answer(Slot::Storage, storage("b-bucket", grown(100.0, 100.0)));
    let state = &console.state;
    let totals = state.fleet.totals(state.buckets.source().iter());
    assert!((totals.growth.unwrap().share - 0.25).abs() < 1e-9);
}

#[test]
fn sizes_that_never_came_are_unknown_and_say_why() {
    let mut console = Console::with_buckets(&["a-bucket", "b-bucket"]);
    console.answer(Slot::Storage, storage("a-bucket", grown(1.0, 2.0)));
    console.end(
        Slot::Storage,
        Outcome::Failed(problem(ProblemKind::Network)),
    );
    let rows: Vec<_> = console.state.buckets.source().iter().collect();
    assert!(rows[0].measured.value().is_some());
    let why = rows[1].measured.problem().unwrap();
    assert_eq!(why.kind, ProblemKind::Network);
    assert_eq!(console.state.fleet.sizes.unknown, 1);
}

#[test]
fn a_key_audits_all_buckets_and_the_worst_can_be_sorted_to_the_top() {
    let mut console = Console::with_buckets(&["a-bucket", "b-bucket", "c-bucket"]);
    console.press("a");
    let Work::FleetAudit(work) = &console.last(Slot::FleetAudit).work else {
        panic!("no audit was asked for")
    };
    assert_eq!(
        (work.buckets.len(), work.depth),
        (3, AuditDepth::Configuration)
    );
    let row = |console: &Console, at: usize| {
        console
            .state
            .buckets
            .source()
            .iter()
            .nth(at)
            .unwrap()
            .clone()
    };
    assert_eq!(row(&console, 0).judged, Some(Cell::Pending));
    console.answer(Slot::FleetAudit, audited("a-bucket", &[Severity::Low]));
    console.answer(
        Slot::FleetAudit,
        audited("c-bucket", &[Severity::Info, Severity::Critical]),
    );
    console.answer(
        Slot::FleetAudit,
        audited("b-bucket", &[Severity::High, Severity::High]),
    );
    console.end(Slot::FleetAudit, Outcome::Done);
    // From the name backwards: unsorted, then the worst findings first.
    console.press("<<");
    assert_eq!(names(&console), ["c-bucket", "b-bucket", "a-bucket"]);
    let state = &console.state;
    let totals = state.fleet.totals(state.buckets.source().iter());
    assert_eq!((totals.judged, totals.findings.faults()), (3, 4));
    assert!(!state.fleet.is_auditing());
}

#[test]
fn an_audit_that_runs_is_not_begun_again_and_can_be_stopped() {
    let mut console = Console::with_buckets(&["a-bucket", "b-bucket"]);
    console.press("a");
    let ticket = console.last(Slot::FleetAudit).ticket;
    console.press("A");
    assert_eq!(console.last(Slot::FleetAudit).ticket, ticket);
    console.answer(Slot::FleetAudit, audited("a-bucket", &[Severity::High]));
    console.say(crate::app::update::Message::Key(
        crossterm::event::KeyEvent::new(
            crossterm::event::KeyCode::Char('x'),
            crossterm::event::KeyModifiers::CONTROL,
        ),
    ));
    let stopped = console.others.last();
    assert!(matches!(stopped, Some(Command::Cancel(Slot::FleetAudit))));
    console.end(Slot::FleetAudit, Outcome::Cancelled);
    let rows: Vec<_> = console.state.buckets.source().iter().collect();
    assert!(rows[0].judged().is_some());
    let unknown = rows[1].judged.as_ref().unwrap().problem().unwrap();
    assert_eq!(unknown.kind, ProblemKind::Cancelled);
    assert!(!console.state.fleet.audit.as_ref().unwrap().is_whole());
}

#[test]
fn listing_the_buckets_again_keeps_what_an_audit_found() {
    let mut console = Console::with_buckets(&["a-bucket"]);
    console.press("a");
    console.answer(Slot::FleetAudit, audited("a-bucket", &[Severity::High]));
    console.end(Slot::FleetAudit, Outcome::Done);
    console.press("r");
    let entry = crate::ops::buckets::BucketEntry {
        name: bucket("a-bucket"),
        region: None,
        created: None,
    };
    console.answer(Slot::Buckets, Update::Buckets(vec![entry]));
    let row = console.state.buckets.current().unwrap();
    assert_eq!(row.judged().unwrap().severities.of(Severity::High), 1);
    assert_eq!(row.measured, Cell::Pending);
}

#[test]
fn an_audit_of_the_profile_before_says_nothing_about_this_one() {
    let mut console = Console::with_buckets(&["a-bucket"]);
    console.press("a");
    let ticket = console.last(Slot::FleetAudit).ticket;
    crate::app::update::overlays::switch_profile(
        &mut console.state,
        "other".into(),
        &mut Vec::new(),
    );
    console.say(crate::app::update::Message::Task(crate::tasks::Envelope {
        slot: Slot::FleetAudit,
        ticket,
        update: audited("a-bucket", &[Severity::High]),
    }));
    assert!(console.state.fleet.audit.is_none());
    assert!(console.state.buckets.is_empty());
}
