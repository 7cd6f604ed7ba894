//! What a scan does to the places that it is of, and to no others.

use crate::app::Message;
use crate::app::screens::browse::rows::Entry;
use crate::app::screens::browse::{Folder, Place};
use crate::app::state::Load;
use crate::app::table::Source as _;
use crate::app::testing::{Console, folder_of, noon, page, problem, scan_news, tally};
use crate::app::update::Command;
use crate::aws::ProblemKind;
use crate::domain::{BucketName, OwnerId};
use crate::ops::owners::{Counts, OwnersUpdate};
use crate::ops::scan::{Origin, Scan};
use crate::ops::{Coverage, Gap};
use crate::tasks::{Envelope, Outcome, Slot, Update, Work};

const KEYS: &[(&str, u64)] = &[
    ("a/1", 10),
    ("a/b/2", 20),
    ("a/b/3", 30),
    ("c/4", 40),
    ("e", 50),
];

fn folder(console: &Console) -> &Folder {
    match console.place() {
        Place::Folder(folder) => folder,
        other => panic!("{other:?}"),
    }
}

/// What the folders that are shown hold, by a scan.
fn held(console: &Console) -> Vec<(String, Option<(u64, u64)>)> {
    let rows = folder(console).table.rows();
    rows.filter_map(|row| match row.into_owned() {
        Entry::Folder { prefix, holds } => {
            let holds = holds.map(|tally| (tally.objects, tally.bytes.bytes()));
            Some((prefix, holds))
        }
        Entry::Object(_) => None,
    })
    .collect()
}

fn in_a_bucket() -> Console {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.press("<Enter>");
    console.answer(
        Slot::Listing,
        Update::Page(page(&["a/", "c/", "d/"], &["e"])),
    );
    console.end(Slot::Listing, Outcome::Done);
    console
}

fn in_owners() -> Console {
    let mut console = Console::with_buckets(&["pilotforce-user-uploads"]);
    console.press("<Enter>");
    let found = vec![folder_of("user-1"), folder_of("user-2")];
    console.answer(Slot::Listing, Update::Owners(OwnersUpdate::Found(found)));
    console
}

fn counted(owners: &[(&str, u64)]) -> Update {
    let counts = owners
        .iter()
        .map(|(owner, objects)| (OwnerId::new(*owner).unwrap(), tally(*objects)));
    Update::Owners(OwnersUpdate::Counted(Counts {
        owners: counts.collect(),
        ..Counts::default()
    }))
}

fn part() -> Coverage {
    Coverage::AtLeast(vec![Gap::cancelled("the rest of the objects")])
}

fn toast(console: &Console) -> &str {
    &console.state.toast.as_ref().unwrap().words
}

#[test]
fn a_folder_is_scanned_with_everything_below_it_and_nothing_else() {
    let mut console = in_a_bucket();
    console.press("<Enter>");
    console.answer(Slot::Listing, Update::Page(page(&["a/b/"], &["a/1"])));
    console.press("S");
    let Work::Scan(work) = &console.last(Slot::Scan).work else {
        panic!()
    };
    assert_eq!(
        (work.bucket.as_str(), work.prefixes.as_slice()),
        ("plain-bucket", &["a/".to_owned()][..])
    );
}

#[test]
fn folders_fill_in_while_the_scan_runs_and_are_exact_when_it_is_over() {
    let mut console = in_a_bucket();
    console.press("S");
    console.answer(Slot::Scan, scan_news(&KEYS[..2], None));
    console.read();
    assert_eq!(held(&console)[0], ("a/".into(), Some((2, 30))));
    assert!(!folder(&console).sizes.as_ref().unwrap().is_complete());
    console.answer(Slot::Scan, scan_news(KEYS, Some(Coverage::Complete)));
    assert!(
        !folder(&console).sizes.as_ref().unwrap().is_complete(),
        "figures from before the end are called all of it"
    );
    console.read();
    console.end(Slot::Scan, Outcome::Done);
    assert!(folder(&console).sizes.as_ref().unwrap().is_complete());
    assert_eq!(
        held(&console),
        [
            ("a/".into(), Some((3, 60))),
            ("c/".into(), Some((1, 40))),
            ("d/".into(), None)
        ]
    );
    let known = console.state.buckets.current().unwrap().known.unwrap();
    assert_eq!((known.objects, known.complete), (5, true));
}

#[test]
fn folders_can_be_sorted_by_what_a_scan_found_in_them() {
    let mut console = in_a_bucket();
    console.press("S");
    console.answer(Slot::Scan, scan_news(KEYS, Some(Coverage::Complete)));
    console.read();
    // By name up and down, by objects up, by objects down.
    console.press(">>>>");
    let folder = folder(&console);
    let shown: Vec<String> = (0..folder.table.shown())
        .map(|line| folder.table.line(line).unwrap().path().to_owned())
        .collect();
    assert_eq!(shown, ["a/", "c/", "e", "d/"]);
}

#[test]
fn a_reading_under_way_is_finished_before_the_next_one_and_the_next_one_is_of_the_latest() {
    let mut console = in_a_bucket();
    console.press("S");
    console.answer(Slot::Scan, scan_news(&KEYS[..1], None));
    let asked = console.jobs.len();
    console.answer(Slot::Scan, scan_news(&KEYS[..2], None));
    console.answer(Slot::Scan, scan_news(&KEYS[..4], None));
    assert_eq!(
        console.jobs.len(),
        asked,
        "a reading was begun beside another"
    );
    console.read();
    assert_eq!(console.jobs.len(), asked + 1);
    console.read();
    assert_eq!(held(&console)[1], ("c/".into(), Some((1, 40))));
}

#[test]
fn a_scan_goes_on_wherever_one_looks_and_deeper_places_show_it() {
    let mut console = in_a_bucket();
    console.press("S");
    console.answer(Slot::Scan, scan_news(KEYS, None));
    console.press("<Enter>");
    assert!(
        !console
            .others
            .iter()
            .any(|command| matches!(command, Command::Cancel(Slot::Scan))),
        "going somewhere stopped the scan"
    );
    console.answer(Slot::Listing, Update::Page(page(&["a/b/"], &["a/1"])));
    console.read();
    assert_eq!(held(&console), [("a/b/".into(), Some((2, 50)))]);
}

#[test]
fn pressed_again_it_stops_and_says_what_there_is_at_least() {
    let mut console = in_a_bucket();
    console.press("S");
    console.answer(Slot::Scan, scan_news(KEYS, None));
    console.press("S");
    assert!(matches!(
        console.others.last(),
        Some(Command::Cancel(Slot::Scan))
    ));
    console.answer(Slot::Scan, scan_news(KEYS, Some(part())));
    console.end(Slot::Scan, Outcome::Cancelled);
    assert_eq!(toast(&console), "scan stopped: at least 5 objects, 150 B");
    let scan = console.state.scan_here().unwrap();
    assert!(!scan.is_running() && !scan.is_complete());
    let known = console.state.buckets.current().unwrap().known.unwrap();
    assert!(!known.complete, "a part was called the whole bucket");
}

#[test]
fn a_second_scan_does_not_push_the_first_one_aside() {
    let mut console = in_a_bucket();
    console.press("<Enter>S<Esc>");
    let asked = console.jobs.len();
    console.press("S");
    assert_eq!(console.jobs.len(), asked);
    assert!(toast(&console).contains("runs already"));
}

#[test]
fn what_a_scan_of_before_tells_late_is_dropped() {
    let mut console = in_a_bucket();
    console.press("S");
    let stale = console.last(Slot::Scan).ticket;
    console.end(Slot::Scan, Outcome::Cancelled);
    console.press("S");
    console.answer(Slot::Scan, scan_news(&KEYS[..1], None));
    console.say(Message::Task(Envelope {
        slot: Slot::Scan,
        ticket: stale,
        update: scan_news(KEYS, Some(Coverage::Complete)),
    }));
    let scan = console.state.scan_here().unwrap();
    assert_eq!((scan.total.objects, scan.is_running()), (1, true));
}

#[test]
fn a_panic_of_the_scan_is_told_and_what_came_before_it_is_a_part() {
    let mut console = in_a_bucket();
    console.press("S");
    console.answer(Slot::Scan, scan_news(KEYS, None));
    console.end(Slot::Scan, Outcome::Panicked("index out of bounds".into()));
    assert!(
        toast(&console).contains("index out of bounds"),
        "{}",
        toast(&console)
    );
    let scan = console.state.scan_here().unwrap();
    assert!(!scan.is_running() && !scan.is_complete());
    assert_eq!(scan.total.objects, 5);
}

#[test]
fn a_scan_that_was_refused_can_be_explained() {
    let mut console = in_a_bucket();
    console.press("S");
    let denied = (*problem(ProblemKind::Denied)).clone();
    let refused = Coverage::AtLeast(vec![Gap::failed("everything", denied)]);
    console.answer(Slot::Scan, scan_news(&[], Some(refused)));
    console.end(Slot::Scan, Outcome::Done);
    assert!(console.state.toast.as_ref().unwrap().is_error);
    assert_eq!(
        console.state.last_problem.as_ref().unwrap().kind,
        ProblemKind::Denied
    );
}

#[test]
fn owners_are_counted_by_the_scan_alone_once_it_was_asked_for() {
    let mut console = in_owners();
    console.answer(Slot::Listing, counted(&[("user-1", 900)]));
    let counting = console.last(Slot::Listing).ticket;
    console.press("S");
    console.say(Message::Task(Envelope {
        slot: Slot::Listing,
        ticket: counting,
        update: counted(&[("user-2", 900)]),
    }));
    console.answer(Slot::Scan, counted(&[("user-1", 3), ("user-3", 4)]));
    let Place::Owners(owners) = console.place() else {
        panic!()
    };
    let rows: Vec<(String, u64)> = owners
        .table
        .rows()
        .map(|row| (row.owner.as_str().to_owned(), row.tally.objects))
        .collect();
    let expected = [("user-1", 3), ("user-2", 0), ("user-3", 4)];
    assert_eq!(
        rows,
        expected.map(|(owner, objects)| (owner.to_owned(), objects))
    );
    assert!(!owners.all_counted() && !owners.all_found());
    console.answer(Slot::Scan, scan_news(KEYS, Some(Coverage::Complete)));
    let Place::Owners(owners) = console.place() else {
        panic!()
    };
    assert!(owners.all_counted() && owners.all_found());
    assert!(matches!(owners.load, Load::Complete));
}

#[test]
fn many_owners_are_put_in_order_again_after_their_counts_were_forgotten() {
    let mut console = Console::with_buckets(&["pilotforce-user-uploads"]);
    console.press("<Enter>");
    let found = (0..10_500)
        .map(|n| folder_of(&format!("user-{n}")))
        .collect();
    console.answer(Slot::Listing, Update::Owners(OwnersUpdate::Found(found)));
    settle(&mut console);
    console.press("S");
    settle(&mut console);
    // By id downwards, by objects up, by objects down.
    console.press(">>>");
    settle(&mut console);
    console.answer(Slot::Scan, counted(&[("user-77", 900)]));
    settle(&mut console);
    let Place::Owners(owners) = console.place() else {
        panic!()
    };
    assert_eq!(owners.table.line(0).unwrap().owner.as_str(), "user-77");
}

/// Puts rows in order, as the task layer would, for as long as orders are asked for.
fn settle(console: &mut Console) {
    while let Some(at) = console
        .jobs
        .iter()
        .rposition(|job| matches!(job.work, Work::Arrange(_)))
    {
        let job = console.jobs.remove(at);
        let Work::Arrange(arrange) = job.work else {
            unreachable!()
        };
        console.say(Message::Task(Envelope {
            slot: job.slot,
            ticket: job.ticket,
            update: Update::Arranged(arrange.make(&|| false).unwrap()),
        }));
    }
}

#[test]
fn owners_that_a_scan_of_a_folder_finds_are_not_taken_for_those_of_the_bucket() {
    let mut console = in_owners();
    console.press("v");
    console.answer(Slot::Listing, Update::Page(page(&["uploads/"], &[])));
    console.press("<Enter>S");
    console.press("<Esc>v");
    console.answer(Slot::Scan, counted(&[("user-9", 3)]));
    let Place::Owners(owners) = console.place() else {
        panic!()
    };
    assert!(owners.table.is_empty());
    assert!(matches!(console.last(Slot::Listing).work, Work::Owners(_)));
}

#[test]
fn owners_come_out_of_a_scan_that_was_made_before() {
    let mut console = in_owners();
    console.press("v");
    console.answer(Slot::Listing, Update::Page(page(&["uploads/"], &[])));
    console.press("S");
    console.answer(Slot::Scan, scan_news(KEYS, Some(Coverage::Complete)));
    console.end(Slot::Scan, Outcome::Done);
    console.press("v");
    assert!(matches!(
        &console.last(Slot::Listing).work,
        Work::OwnersOfScan { coverage: Some(coverage), .. } if coverage.is_complete()
    ));
    // Asked for again, they are not.
    console.press("r");
    assert!(matches!(console.last(Slot::Listing).work, Work::Owners(_)));
}

#[test]
fn owners_being_read_when_the_scan_ends_are_read_again() {
    let mut console = in_owners();
    console.press("S");
    console.press("<Enter><Esc>");
    assert!(matches!(
        console.last(Slot::Listing).work,
        Work::OwnersOfScan { coverage: None, .. }
    ));
    console.answer(Slot::Scan, scan_news(KEYS, Some(Coverage::Complete)));
    assert!(matches!(
        console.last(Slot::Listing).work,
        Work::OwnersOfScan {
            coverage: Some(_),
            ..
        }
    ));
    let Place::Owners(owners) = console.place() else {
        panic!()
    };
    assert!(
        !owners.all_counted(),
        "counts were called complete that are being read"
    );
}

#[test]
fn all_objects_are_one_list_that_grows_under_the_cursor_without_moving_it() {
    let mut console = in_a_bucket();
    console.press("a");
    assert!(console.paths().is_empty());
    console.press("S");
    console.answer(Slot::Scan, scan_news(&[KEYS[1], KEYS[3]], None));
    assert_eq!(console.paths(), ["a/b/2", "c/4"]);
    console.press("<Down>");
    console.answer(Slot::Scan, scan_news(KEYS, Some(Coverage::Complete)));
    assert_eq!(console.paths().len(), 5);
    assert_eq!(folder(&console).table.current().unwrap().path(), "c/4");
    assert!(matches!(folder(&console).load, Load::Complete));
    console.press("<Esc>");
    assert_eq!(console.paths(), ["a/", "c/", "d/", "e"]);
}

#[test]
fn all_objects_of_a_scan_that_was_stopped_are_not_called_all_of_them() {
    let mut console = in_a_bucket();
    console.press("aS");
    console.answer(Slot::Scan, scan_news(KEYS, Some(part())));
    assert!(matches!(folder(&console).load, Load::Stopped));
}

#[test]
fn bars_are_of_the_place_that_is_shown() {
    let mut console = in_a_bucket();
    console.press("S");
    console.answer(Slot::Scan, scan_news(KEYS, Some(Coverage::Complete)));
    console.read();
    console.press("b");
    let total = |console: &Console| {
        let bars = console.state.browse.as_ref().unwrap().bars.as_ref();
        bars.unwrap()
            .shares
            .as_ref()
            .map(|shares| shares.total.objects)
    };
    assert_eq!(total(&console), Some(5));
    console.press("<Enter>");
    assert_eq!(
        total(&console),
        None,
        "the bars of the place before are shown"
    );
    console.read();
    assert_eq!(total(&console), Some(3));
    let sizes = &folder(&console).table;
    assert_eq!(sizes.source().len(), 0);
}

/// A scan of an earlier session, of these prefixes.
fn kept(bucket: &str, prefix: &str, coverage: Coverage) -> Update {
    let Update::Scan(news) = scan_news(KEYS, None) else {
        unreachable!()
    };
    let yesterday = noon() - chrono::Duration::days(1);
    Update::Kept(Box::new(Scan {
        origin: Origin {
            endpoint: None,
            bucket: BucketName::new(bucket).unwrap(),
            prefixes: vec![prefix.to_owned()],
        },
        started: yesterday,
        finished: yesterday,
        columns: news.columns,
        coverage,
    }))
}

#[test]
fn a_scan_of_an_earlier_session_is_looked_for_once_and_shown_with_its_date() {
    let mut console = in_a_bucket();
    let Work::OpenKept { bucket, places } = &console.last(Slot::Kept).work else {
        panic!()
    };
    assert_eq!((bucket.as_str(), places.len()), ("plain-bucket", 1));
    console.answer(Slot::Kept, kept("plain-bucket", "", Coverage::Complete));
    console.read();
    assert_eq!(held(&console)[0], ("a/".into(), Some((3, 60))));
    let scan = console.state.scan_here().unwrap();
    assert_eq!(
        scan.end.as_ref().unwrap().finished,
        noon() - chrono::Duration::days(1)
    );
    console.press("b");
    console.read();
    let bars = console.state.browse.as_ref().unwrap().bars.as_ref();
    assert_eq!(bars.unwrap().shares.as_ref().unwrap().total.objects, 5);
    let looked = |console: &Console| {
        console
            .jobs
            .iter()
            .filter(|job| job.slot == Slot::Kept)
            .count()
    };
    let before = looked(&console);
    console.press("<Enter><Esc><Esc><Enter>");
    assert_eq!(looked(&console), before);
}

#[test]
fn owners_are_taken_from_a_complete_scan_of_an_earlier_session_and_not_from_a_part() {
    let mut console = in_owners();
    console.answer(Slot::Kept, kept("pilotforce-user-uploads", "", part()));
    assert!(matches!(console.last(Slot::Listing).work, Work::Owners(_)));
    let mut console = in_owners();
    console.answer(
        Slot::Kept,
        kept("pilotforce-user-uploads", "", Coverage::Complete),
    );
    assert!(matches!(
        console.last(Slot::Listing).work,
        Work::OwnersOfScan {
            coverage: Some(_),
            ..
        }
    ));
}

#[test]
fn another_profile_forgets_the_scans_of_the_one_before_it() {
    let mut console = in_a_bucket();
    console.press("S");
    console.answer(Slot::Scan, scan_news(KEYS, Some(Coverage::Complete)));
    console.press("gp");
    console.answer(
        Slot::Profiles,
        Update::Profiles(vec!["default".into(), "prod".into()]),
    );
    console.press("<Down><Enter>");
    assert!(console.state.scans.running().is_none());
    assert!(console.state.scan_here().is_none());
}
