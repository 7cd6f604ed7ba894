//! Whatever does not hold is refused before anything is changed.

use std::collections::BTreeSet;
use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::Command;

use s3warden::facade::domain::blueprint::Blueprint;
use s3warden::facade::domain::change::{Existence, Plan, Subject};
use s3warden::facade::domain::{ByteSize, ObjectKey};
use s3warden::facade::ops::change::{Begin, Bounds, Failure};

use super::bench::{Bench, Thing, Way, owner, refused, verified};
use crate::cli::support::Ran;

/// Carries out a plan of user-1's that was changed, and expects a refusal that says why and no request that changes.
async fn is_refused(edit: impl FnOnce(&mut Plan, &Bench), way: Way, why: &str) {
    let bench = Bench::of("pilotforce").await;
    let mut plan = bench.plan(&owner("user-1")).await;
    edit(&mut plan, &bench);
    let before = bench.things();
    let said = refused(bench.carry_out(&plan, way).await);
    assert!(said.contains(why), "{said}");
    assert_eq!(bench.sandbox.requests().non_read(), [""; 0]);
    assert_eq!(bench.things(), before);
}

#[tokio::test]
async fn a_plan_that_holds_a_neighbours_object_is_refused() {
    let edit = |plan: &mut Plan, bench: &Bench| {
        let of_neighbour = bench.expected(&owner("user-10"));
        let key = of_neighbour.first().unwrap().1.clone();
        let item = plan.items.first_mut().unwrap();
        let mut claim = (*item.claim).clone();
        claim.key = ObjectKey::new(key).unwrap();
        item.claim = claim.into();
    };
    is_refused(edit, Way::default(), "not known to be the user's").await;
}

#[tokio::test]
async fn a_plan_for_another_user_than_its_items_is_refused() {
    let edit = |plan: &mut Plan, _: &Bench| {
        plan.header.subject = Subject::User {
            id: "user-10".to_owned(),
        };
    };
    is_refused(edit, Way::default(), "not known to be the user's").await;
}

#[tokio::test]
async fn a_plan_of_another_account_endpoint_or_region_is_refused() {
    let account = |plan: &mut Plan, _: &Bench| {
        plan.header.operator.account = "999999999999".to_owned();
    };
    is_refused(account, Way::default(), "account").await;
    let endpoint = |plan: &mut Plan, _: &Bench| plan.header.endpoint = None;
    is_refused(endpoint, Way::default(), "made at AWS").await;
    let region = |plan: &mut Plan, _: &Bench| {
        for region in plan.header.regions.values_mut() {
            *region = Some("eu-north-1".to_owned());
        }
    };
    is_refused(region, Way::default(), "not where it was").await;
}

#[tokio::test]
async fn a_plan_by_other_rules_is_refused() {
    let edit = |plan: &mut Plan, _: &Bench| {
        let other = Blueprint::builtin("game").unwrap();
        plan.header.blueprint_sha256 =
            s3warden::facade::domain::change::plan::blueprint_hash(&other);
    };
    is_refused(edit, Way::default(), "blueprint").await;
}

#[tokio::test]
async fn a_user_who_still_exists_is_not_purged() {
    let way = Way {
        existence: Existence::Exists {
            stated: "the list".to_owned(),
            read_at: chrono::Utc::now(),
            made_at: None,
        },
        ..Way::default()
    };
    is_refused(|_, _| {}, way, "still exists").await;
}

#[tokio::test]
async fn more_than_the_bounds_allow_is_refused() {
    let bounds = [
        (
            Bounds {
                objects: Some(3),
                ..Bounds::default()
            },
            "things to be deleted, and the limit is 3",
        ),
        (
            Bounds {
                bytes: Some(ByteSize(1000)),
                ..Bounds::default()
            },
            "and the limit is 1000 B",
        ),
    ];
    for (bounds, why) in bounds {
        let way = Way {
            bounds,
            ..Way::default()
        };
        is_refused(|_, _| {}, way, why).await;
    }
}

#[tokio::test]
async fn a_plan_that_was_never_begun_cannot_go_on() {
    let way = Way {
        begin: Begin::Again,
        ..Way::default()
    };
    is_refused(|_, _| {}, way, "never begun").await;
}

#[tokio::test]
async fn a_search_that_failed_is_no_plan_to_carry_out() {
    let bench = Bench::of("pilotforce").await;
    let plan = bench.plan(&owner("user-1")).await;
    let denied = ["s3:ListBucketVersions"];
    bench
        .sandbox
        .owner()
        .deny(s3warden::facade::sandbox::identity::Denial::parse_all(&denied).unwrap());
    let ended = bench.carry_out(&plan, Way::default()).await;
    assert!(matches!(ended, Err(Failure::Problem(_))), "{ended:?}");
    assert_eq!(bench.sandbox.requests().non_read(), [""; 0]);
}

/// A bench with a plan of user-1's in a file, and what is there.
async fn planned() -> (Bench, Plan, PathBuf, BTreeSet<Thing>) {
    let bench = Bench::of("pilotforce").await;
    let plan = bench.plan(&owner("user-1")).await;
    let file = bench.keep(&plan);
    let before = bench.things();
    (bench, plan, file, before)
}

/// The program refuses: it says why, ends with 4, and nothing that changes anything was asked of anybody.
#[track_caller]
fn refuses(bench: &Bench, before: &BTreeSet<Thing>, mut command: Command, why: &str) {
    let ran = Ran::from(command.output().unwrap());
    assert_eq!(ran.status, 4, "{why}: {ran:#?}");
    assert!(ran.err.contains(why), "{why}: {ran:#?}");
    assert!(ran.out.is_empty(), "{why}: {ran:#?}");
    assert_eq!(bench.sandbox.requests().non_read(), [""; 0], "{why}");
    assert!(bench.things() == *before, "{why}");
}

/// What is done to a plan before it is summed again.
type Edit<'e> = &'e dyn Fn(&mut Plan);

/// Nothing was lost by refusing: the plan as it was made can be carried out.
async fn can_still_be_carried_out(bench: &Bench, plan: &Plan) {
    verified(bench.carry_out(plan, Way::default()).await);
    assert!(bench.expected(&owner("user-1")).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_file_that_is_not_plainly_this_users_own_is_refused() {
    let (bench, plan, file, before) = planned().await;
    let text = std::fs::read_to_string(&file).unwrap();
    let home = bench.program.home.path();
    let of = |name: &str, mode| {
        let path = home.join(name);
        std::fs::write(&path, &text).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        path
    };
    let link = home.join("link");
    symlink(&file, &link).unwrap();
    let dangling = home.join("dangling");
    symlink(home.join("nothing"), &dangling).unwrap();
    let pipe = home.join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let theirs = of("theirs", 0o600);
    // Whoever may not give a file away finds one of another user's in every system.
    let theirs = match std::os::unix::fs::chown(&theirs, Some(65_534), None) {
        Ok(()) => theirs,
        Err(_) => PathBuf::from("/etc/passwd"),
    };
    for (path, why) in [
        (link, "a link"),
        (dangling, "a link"),
        (of("group", 0o620), "others may write"),
        (of("world", 0o602), "others may write"),
        (pipe, "not a regular file"),
        (home.to_owned(), "not a regular file"),
        (theirs, "another user"),
    ] {
        refuses(&bench, &before, bench.execute(&path, "user-1"), why);
        refuses(&bench, &before, bench.resume(&path, "user-1"), why);
    }
    can_still_be_carried_out(&bench, &plan).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_file_that_was_edited_or_forged_is_refused() {
    let (bench, plan, file, before) = planned().await;
    let text = std::fs::read_to_string(&file).unwrap();
    let edited = [
        (
            text.replace("user-1/", "user-10/"),
            "changed after it was made",
        ),
        (
            text.replacen("\"size\":", "\"size\":1", 1),
            "changed after it was made",
        ),
        (text[..text.len() / 2].to_owned(), "checksum is missing"),
        (String::new(), "checksum is missing"),
    ];
    for (text, why) in edited {
        std::fs::write(&file, text).unwrap();
        refuses(&bench, &before, bench.execute(&file, "user-1"), why);
    }
    // With a checksum that holds: whoever can edit a plan can sum it, too.
    let of_neighbour = bench.expected(&owner("user-10")).first().unwrap().1.clone();
    let forge = |edit: &dyn Fn(&mut Plan)| {
        let mut forged = plan.clone();
        edit(&mut forged);
        let mut text = Vec::new();
        forged.write(&mut text).unwrap();
        std::fs::write(&file, text).unwrap();
    };
    let forgeries: [(Edit<'_>, &str); 6] = [
        (
            &|plan| {
                let item = plan.items.first_mut().unwrap();
                let mut claim = (*item.claim).clone();
                claim.key = ObjectKey::new(of_neighbour.as_str()).unwrap();
                item.claim = claim.into();
            },
            "not known to be the user's",
        ),
        (
            &|plan| plan.header.operator.account = "999999999999".to_owned(),
            "999999999999",
        ),
        (&|plan| plan.header.endpoint = None, "made at AWS"),
        (
            &|plan| plan.header.endpoint = Some("http://127.0.0.1:1".to_owned()),
            "made at http://127.0.0.1:1",
        ),
        (
            &|plan| plan.header.blueprint_sha256 = "0".repeat(64),
            "blueprint",
        ),
        (
            &|plan| {
                for region in plan.header.regions.values_mut() {
                    *region = Some("eu-north-1".to_owned());
                }
            },
            "not where it was",
        ),
    ];
    for (edit, why) in forgeries {
        forge(edit);
        refuses(&bench, &before, bench.execute(&file, "user-1"), why);
    }
    can_still_be_carried_out(&bench, &plan).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_word_the_flag_or_the_room_nothing_is_deleted() {
    let (bench, plan, file, before) = planned().await;
    for confirmed in ["user-10", "User-1", "user-1 ", "user", "", "*"] {
        refuses(
            &bench,
            &before,
            bench.execute(&file, confirmed),
            "--confirm says",
        );
    }
    let file = file.to_str().unwrap();
    let rules = [
        "purge",
        "--blueprint",
        "pilotforce",
        "--plan",
        file,
        "--execute",
    ];
    let with = |more: &[&str]| bench.program.command(&[&rules[..], more].concat());
    let confirmed = ["--confirm", "user-1"];
    refuses(&bench, &before, with(&confirmed), "--write");
    refuses(&bench, &before, with(&["--write"]), "not confirmed");
    // Neither the environment nor a file can stand in for what has to be typed.
    let mut by_environment = with(&confirmed);
    by_environment
        .env("S3WARDEN_WRITE", "true")
        .env("S3WARDEN_CONFIRM", "user-1");
    refuses(&bench, &before, by_environment, "--write");
    let typed = ["--write", "--confirm", "user-1"];
    for bound in [
        ["--max-objects", "3"],
        ["--max-bytes", "1000"],
        ["--max-objects", "0"],
    ] {
        refuses(
            &bench,
            &before,
            with(&[&typed[..], &bound].concat()),
            bound[0],
        );
    }
    can_still_be_carried_out(&bench, &plan).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_whom_the_applications_list_holds_is_purged_for_a_reason_alone() {
    let bench = Bench::of("pilotforce").await;
    let (before, expected) = (bench.things(), bench.expected(&owner("user-1")));
    bench
        .program
        .write("alive.txt", "user-2\nuser-3\nuser-10\n");
    let rules = "version = 1\nname = \"mine\"\nextends = \"pilotforce\"\n\
                 [registry.owners]\nsource = \"file\"\npath = \"alive.txt\"\nformat = \"lines\"\n";
    bench.program.write("mine.toml", rules);
    let plan = bench.program.home.path().join("plan.jsonl");
    let plan = plan.to_str().unwrap();
    let purge = ["purge", "--blueprint", "mine.toml", "--format", "json"];
    let made = bench
        .program
        .run(&[&purge[..], &["user-1", "--plan-out", plan]].concat());
    assert_eq!(made.status, 0, "{made:#?}");
    // Made while the user was gone, carried out when they are back.
    bench
        .program
        .write("alive.txt", "user-2\nuser-1\nuser-10\n");
    let execute = [
        "--plan",
        plan,
        "--write",
        "--execute",
        "--confirm",
        "user-1",
    ];
    let with = |more: &[&str]| {
        bench
            .program
            .command(&[&purge[..], &execute, more].concat())
    };
    refuses(&bench, &before, with(&[]), "still exists");
    // A list that cannot be relied on is no proof that the user is gone.
    bench.program.write("alive.txt", "");
    refuses(&bench, &before, with(&[]), "alive.txt");
    bench
        .program
        .write("alive.txt", "user-2\nuser-1\nuser-10\n");
    let overruled = with(&["--owner-still-exists", "asked for it by letter"]);
    let done = Ran::from({ overruled }.output().unwrap()).json(0);
    let receipt = done["summary"]["receipt"].as_str().unwrap();
    let receipt = std::fs::read_to_string(receipt).unwrap();
    assert!(receipt.contains("asked for it by letter"), "{receipt}");
    let left: BTreeSet<Thing> = before.difference(&expected).cloned().collect();
    assert_eq!(bench.things(), left);
}
