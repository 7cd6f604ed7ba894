//! Whatever does not hold is refused before anything is changed.

use s3warden::domain::blueprint::Blueprint;
use s3warden::domain::change::{Existence, Plan, Subject};
use s3warden::domain::{ByteSize, ObjectKey};
use s3warden::ops::change::{Begin, Bounds, Failure};

use super::bench::{Bench, Way, owner, refused};

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
        plan.header.blueprint_sha256 = s3warden::domain::change::plan::blueprint_hash(&other);
    };
    is_refused(edit, Way::default(), "blueprint").await;
}

#[tokio::test]
async fn a_user_who_still_exists_is_not_purged() {
    let way = Way {
        existence: Existence::Exists {
            stated: "the list".to_owned(),
            read_at: chrono::Utc::now(),
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
                bytes: None,
            },
            "--max-objects",
        ),
        (
            Bounds {
                objects: None,
                bytes: Some(ByteSize(1000)),
            },
            "--max-bytes",
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
        .deny(s3warden::sandbox::identity::Denial::parse_all(&denied).unwrap());
    let ended = bench.carry_out(&plan, Way::default()).await;
    assert!(matches!(ended, Err(Failure::Problem(_))), "{ended:?}");
    assert_eq!(bench.sandbox.requests().non_read(), [""; 0]);
}
