//! Each gate refuses with status 4 and the numbers, shows no verdict, and says what overrules it.

use std::fs::File;
use std::time::{Duration, SystemTime};

use s3warden::facade::sandbox::world::{SeedKind, WorldBucket};
use s3warden::facade::sandbox::{FaultRule, SandboxOptions};

use super::support::{UPLOADS, all_but, document, found, program, search, uploads};
use crate::cli::support::{Endpoint, Program, Ran, bucket, options, seed};

const OWNERS: [&str; 2] = ["--registry", "users.txt"];

/// The run was refused by this gate alone, whose message holds `why`, and no verdict was shown.
#[track_caller]
fn refused(ran: &Ran, gate: &str, why: &str, overruled_by: Option<&str>) {
    let document = ran.json(4);
    let refusals = document["summary"]["refused"].as_array().unwrap();
    let gates: Vec<_> = refusals
        .iter()
        .map(|one| one["gate"].as_str().unwrap())
        .collect();
    assert_eq!(gates, [gate], "{document:#}");
    let said = refusals[0]["why"].as_str().unwrap();
    assert!(said.contains(why), "{said}");
    assert_eq!(refusals[0]["overruled_by"].as_str(), overruled_by);
    assert_eq!(found(&document), []);
    assert_eq!(document["complete"], false);
    let advice = overruled_by.unwrap_or("no option overrules this");
    assert!(ran.err.contains(advice), "{}", ran.err);
    assert!(ran.err.contains(why), "{}", ran.err);
}

#[test]
fn a_listing_that_is_cut_short_cannot_be_overruled() {
    // A second page, which the service does not give.
    let many = (0..1_500).map(|n| document(&format!("user-{}", n % 20 + 1), &format!("{n}.pdf")));
    let mut keys: Vec<String> = many.collect();
    keys.sort();
    let faults = "access-denied operation=ListObjectVersions every=2";
    let endpoint = Endpoint::with(SandboxOptions {
        faults: FaultRule::parse_all(faults).unwrap(),
        ..options(vec![bucket(UPLOADS, keys)])
    });
    let ran = search(
        &program(&endpoint),
        &[&OWNERS[..], &["--jobs", "1"]].concat(),
    );
    refused(&ran, "listing", "the listing is not complete", None);
}

#[test]
fn a_listing_that_is_denied_cannot_be_overruled() {
    let endpoint = Endpoint::with(SandboxOptions {
        denied: ["s3:ListBucket", "s3:ListBucketVersions"]
            .map(|action| format!("{action}@{UPLOADS}"))
            .into(),
        ..options(vec![uploads()])
    });
    let ran = search(
        &program(&endpoint),
        &[&OWNERS[..], &["--kind", "owner-gone"]].concat(),
    );
    refused(&ran, "listing", "s3:ListBucket", None);
}

#[test]
fn a_list_that_is_empty_unreadable_or_cut_short_cannot_be_overruled() {
    let endpoint = Endpoint::serving(vec![uploads()]);
    let program = program(&endpoint);
    program.write("empty.txt", "");
    program.write("cut.csv", "id\nuser-2\n\"user-3");
    std::fs::write(program.home.path().join("latin1.txt"), b"user-2\n\xfcnal\n").unwrap();
    for (file, why) in [
        ("empty.txt", "names no owners"),
        ("cut.csv", "cut short"),
        ("latin1.txt", "not UTF-8"),
        ("not-there.txt", "not-there.txt"),
    ] {
        let ran = search(
            &program,
            &["--registry", file, "--registry-column", "id"]
                [..2 + 2 * usize::from(file.ends_with("csv"))],
        );
        refused(&ran, "registry", why, None);
    }
}

#[test]
fn a_list_older_than_a_day_is_too_old_unless_one_says_otherwise() {
    let endpoint = Endpoint::serving(vec![uploads()]);
    let program = program(&endpoint);
    let file = File::options()
        .append(true)
        .open(program.home.path().join("users.txt"))
        .unwrap();
    let made = SystemTime::now() - Duration::from_hours(30);
    file.set_modified(made).unwrap();
    let ran = search(&program, &OWNERS);
    refused(&ran, "registry-age", "30 hours", Some("--max-registry-age"));
    let ran = search(
        &program,
        &[&OWNERS[..], &["--max-registry-age", "2d"]].concat(),
    );
    assert_eq!(found(&ran.json(3)).len(), 1);
}

/// `user-1` to `user-3` are gone: 15 % of the objects.
fn many_gone(program: &Program) {
    let users: String = super::support::users(4..=20);
    program.write("users.txt", &users);
}

#[test]
fn more_than_a_tenth_of_the_objects_is_too_likely_a_wrong_list() {
    let endpoint = Endpoint::serving(vec![uploads()]);
    let program = program(&endpoint);
    many_gone(&program);
    let ran = search(&program, &OWNERS);
    refused(&ran, "share", "3 of 20 objects (15 %)", Some("--max-share"));
    let numbers = &ran.json(4)["summary"]["buckets"][0];
    assert_eq!(numbers["found"]["owner-gone"], 3);
    assert_eq!(numbers["withheld"], true);
    let ran = search(&program, &[&OWNERS[..], &["--max-share", "15"]].concat());
    assert_eq!(found(&ran.json(3)).len(), 3);
}

#[test]
fn a_tenth_of_the_bytes_counts_as_a_tenth_of_the_objects_does() {
    let mut uploads = uploads();
    uploads.versions[0] = seed(
        &document("user-1", "a.pdf"),
        SeedKind::Plain { size: 9_000 },
    );
    let endpoint = Endpoint::serving(vec![uploads]);
    let ran = search(&program(&endpoint), &OWNERS);
    refused(&ran, "share", "1 of 20 objects (5 %)", Some("--max-share"));
}

#[test]
fn a_count_has_a_limit_of_its_own() {
    let endpoint = Endpoint::serving(vec![uploads()]);
    let program = program(&endpoint);
    many_gone(&program);
    let most = |count| [&OWNERS[..], &["--max-share", "50", "--max-count", count]].concat();
    let ran = search(&program, &most("2"));
    refused(
        &ran,
        "count",
        "3 objects would be orphans, and at most 2",
        Some("--max-count"),
    );
    assert_eq!(found(&search(&program, &most("3")).json(3)).len(), 3);
}

#[test]
fn a_list_that_lost_a_fifth_since_the_last_run_is_refused_and_does_not_become_the_measure() {
    let endpoint = Endpoint::serving(vec![uploads()]);
    let program = program(&endpoint);
    let users: String = super::support::users(1..=100);
    program.write("users.txt", &users);
    assert_eq!(found(&search(&program, &OWNERS).json(0)), []);
    program.write("users.txt", &all_but("user-1"));
    for _ in 0..2 {
        let ran = search(&program, &OWNERS);
        let overrule = Some("--max-registry-loss");
        refused(
            &ran,
            "registry-size",
            "names 19 owners, and named 100",
            overrule,
        );
    }
    let loss = [&OWNERS[..], &["--max-registry-loss", "90"]].concat();
    assert_eq!(found(&search(&program, &loss).json(3)).len(), 1);
    // From then on that is how long it is.
    assert_eq!(found(&search(&program, &OWNERS).json(3)).len(), 1);
}

#[test]
fn a_list_by_which_a_gate_refused_is_the_measure_of_a_shorter_one_all_the_same() {
    let endpoint = Endpoint::serving(vec![uploads()]);
    let program = program(&endpoint);
    let users: String = super::support::users(2..=101);
    program.write("users.txt", &users);
    refused(
        &search(&program, &[&OWNERS[..], &["--max-share", "1"]].concat()),
        "share",
        "1 of 20 objects (5 %)",
        Some("--max-share"),
    );
    program.write("users.txt", &all_but("user-1"));
    refused(
        &search(&program, &[&OWNERS[..], &["--max-share", "50"]].concat()),
        "registry-size",
        "names 19 owners, and named 100",
        Some("--max-registry-loss"),
    );
}

#[test]
fn layouts_that_do_not_explain_the_keys_cannot_tell_whose_they_are() {
    let mut uploads: WorldBucket = uploads();
    let loose = (0..3).map(|n| seed(&format!("loose-{n}"), SeedKind::Plain { size: 10 }));
    uploads.versions.extend(loose);
    let endpoint = Endpoint::serving(vec![uploads]);
    let program = program(&endpoint);
    let ran = search(&program, &OWNERS);
    refused(
        &ran,
        "layouts",
        "explain 20 of 23 keys (87 %)",
        Some("--min-explained"),
    );
    let ran = search(
        &program,
        &[&OWNERS[..], &["--min-explained", "80"]].concat(),
    );
    let document = ran.json(3);
    let kinds: Vec<_> = found(&document).iter().map(|one| one.0).collect();
    assert_eq!(
        kinds,
        ["owner-gone", "unreadable", "unreadable", "unreadable"]
    );
}

#[test]
fn a_list_of_keys_that_names_none_of_these_is_another_applications() {
    let endpoint = Endpoint::serving(vec![uploads()]);
    let program = program(&endpoint);
    program.write(
        "keys.txt",
        "s3://pilotforce-user-uploads/documents/user-1/a.pdf\n",
    );
    let ran = search(&program, &["--registry", "keys=keys.txt"]);
    refused(
        &ran,
        "registry-elsewhere",
        "names no key that the layouts",
        None,
    );
}

#[test]
fn what_is_younger_than_the_limit_is_never_an_orphan() {
    let mut uploads = uploads();
    let young = &mut uploads.versions[0];
    assert_eq!(young.key, document("user-1", "a.pdf"));
    young.last_modified = chrono::Utc::now() - chrono::TimeDelta::hours(47);
    let endpoint = Endpoint::serving(vec![uploads]);
    let program = program(&endpoint);
    let ran = search(&program, &OWNERS);
    let document = ran.json(0);
    assert_eq!(found(&document), []);
    assert_eq!(document["summary"]["buckets"][0]["young"], 1);
    let ran = search(&program, &[&OWNERS[..], &["--min-age", "46h"]].concat());
    assert_eq!(found(&ran.json(3)).len(), 1);
}

#[test]
fn what_is_younger_than_the_list_is_never_an_orphan_either() {
    let mut uploads = uploads();
    uploads.versions[0].last_modified = chrono::Utc::now() - chrono::TimeDelta::hours(2);
    let endpoint = Endpoint::serving(vec![uploads]);
    let program = program(&endpoint);
    let path = program.home.path().join("users.txt");
    let file = File::options().append(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_hours(3))
        .unwrap();
    let ran = search(&program, &[&OWNERS[..], &["--min-age", "0s"]].concat());
    assert_eq!(found(&ran.json(0)), []);
}
