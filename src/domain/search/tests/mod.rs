//! Compares the search with an oracle, on thousands of generated systems.
//!
//! An [`application`] uploads, derives previews, deletes and forgets, and knows the owner of everything. [`system`]
//! describes it to s3warden as a person would. The test searches for each user in turn, and deletes what the search
//! finds.
//!
//! The oracle shares two rules with s3warden. An existing original decides the owner of its previews, so that no user's
//! picture is left where another's belongs. A blob that no record names has no owner.

mod application;
mod evidence;
mod orphans;
mod store;
mod system;
mod units;

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use chrono::DateTime;
use proptest::prelude::*;

use self::application::{
    AREAS, Application, Event, MAKES, MEDIA, Make, PREVIEWS, REPLICA, Replica, STRANGER, TINY,
    USERS,
};
use self::store::{Kind, Store, Thing, Versioning};
use self::system::{Layouts, Rival, blueprint};
use super::{Found, Question, Search, Subject};
use crate::domain::OwnerId;
use crate::domain::blueprint::Blueprint;
use crate::domain::change::{Item, What};
use crate::domain::registry::{Intake, Registry, Row, Subject as Names};

/// The parameters of a generated system.
#[derive(Debug, Clone)]
struct Setup {
    areas: Vec<application::Area>,
    makes: Vec<Make>,
    layouts: Layouts,
    rival: Rival,
    media: Versioning,
    previews: Versioning,
    replica: Replica,
}

fn versioning() -> impl Strategy<Value = Versioning> {
    prop_oneof![
        Just(Versioning::Off),
        Just(Versioning::On),
        Just(Versioning::Suspended)
    ]
}

fn setup() -> impl Strategy<Value = Setup> {
    let layouts = prop_oneof![
        Just(Layouts::None),
        Just(Layouts::ByOwner),
        Just(Layouts::Misleading),
        Just(Layouts::ByMetadata)
    ];
    (
        proptest::sample::subsequence(AREAS.to_vec(), 1..=3),
        proptest::sample::subsequence(MAKES.to_vec(), 0..=4),
        layouts,
        prop_oneof![
            6 => Just(Rival::None),
            1 => Just(Rival::Before),
            1 => Just(Rival::After),
            1 => Just(Rival::Tailed),
            1 => Just(Rival::Metadata)
        ],
        versioning(),
        versioning(),
        prop_oneof![
            7 => Just(Replica::None),
            1 => Just(Replica::Whole),
            1 => Just(Replica::OfPrefix),
            1 => Just(Replica::WithUploads)
        ],
    )
        .prop_map(
            |(areas, makes, layouts, rival, media, previews, replica)| Setup {
                areas,
                // Previews have derived objects only if the blueprint can express it.
                makes: makes
                    .into_iter()
                    .filter(|make| *make != Make::Again || layouts == Layouts::ByOwner)
                    .collect(),
                layouts,
                rival,
                media,
                previews,
                replica,
            },
        )
}

fn event() -> impl Strategy<Value = Event> {
    let one = 0..16_usize;
    prop_oneof![
        6 => (one.clone(), one.clone(), one.clone(), proptest::bool::weighted(0.1))
            .prop_map(|(user, area, name, fails)| Event::Upload { user, area, name, fails }),
        3 => (one.clone(), any::<bool>()).prop_map(|(which, hard)| Event::Delete { which, hard }),
        1 => one.clone().prop_map(|which| Event::DeleteMade { which }),
        1 => one.clone().prop_map(|which| Event::Forget { which }),
        1 => (one.clone(), one.clone()).prop_map(|(which, user)| Event::Contest { which, user }),
        1 => (one.clone(), one.clone()).prop_map(|(which, user)| Event::ContestMade { which, user }),
        1 => one.clone().prop_map(|which| Event::Squat { which }),
        1 => one.clone().prop_map(|which| Event::Quarantine { which }),
        1 => (one.clone(), one.clone(), one.clone())
            .prop_map(|(user, area, name)| Event::Begin { user, area, name }),
        1 => one.prop_map(|which| Event::BeginMade { which }),
    ]
}

fn run(setup: &Setup, events: &[Event]) -> Application {
    let mut store = Store::default();
    store.add(MEDIA, setup.media);
    store.add(PREVIEWS, setup.previews);
    store.add(TINY, setup.previews);
    store.add("another-application", Versioning::On);
    if let Some(prefix) = setup.replica.prefix() {
        store.add(REPLICA, Versioning::On);
        store.replicated = prefix;
    }
    let (areas, makes) = (setup.areas.clone(), setup.makes.clone());
    let how = (setup.replica, setup.layouts == Layouts::ByMetadata);
    let mut application = Application::new(areas, makes, how, store);
    for event in events {
        application.happen(event);
    }
    application
}

/// Parses each blueprint only once.
fn parsed(text: String) -> Blueprint {
    thread_local! {
        static KNOWN: RefCell<HashMap<String, Blueprint>> = RefCell::default();
    }
    KNOWN.with_borrow_mut(|known| {
        let parsed = known.entry(text).or_insert_with_key(|text| {
            Blueprint::parse("oracle", text).unwrap_or_else(|why| panic!("{why}\n{text}"))
        });
        parsed.clone()
    })
}

fn registry(application: &Application, is_source: impl Fn(&str, &str) -> bool) -> Registry {
    let mut intake = Intake::new(Names::Keys, "a test", DateTime::UNIX_EPOCH);
    let nobody = ("nothing".to_owned(), "nobody");
    let false_ones = application.false_records(is_source);
    for (key, owner) in application
        .records
        .iter()
        .chain(&false_ones)
        .chain([&nobody])
    {
        let ids = [key.as_str()];
        let row = Row {
            ids: &ids,
            owner: Some(owner),
            malformed: false,
        };
        intake.row(&row).unwrap();
    }
    intake.finish().unwrap()
}

fn find(rules: &Blueprint, store: &Store, list: &Registry, user: &str) -> Found<String> {
    let records: BTreeSet<String> = list.keys_of(user).map(str::to_owned).collect();
    let subject = Subject {
        blueprint: rules,
        owner: &OwnerId::new(user).unwrap(),
        records: Some(&records),
        list: Some(list),
        living: None,
        known: &[],
        max_heads: u64::MAX,
    };
    run_search(subject, store)
}

fn run_search(subject: Subject<'_>, store: &Store) -> Found<String> {
    let mut search: Search<'_, String> = Search::new(subject);
    let mut questions = search.step(Vec::new());
    while !questions.is_empty() {
        let answers = questions.iter();
        let answers = answers.map(|one| store.answer(one, subject.blueprint, subject.owner));
        questions = search.step(answers.collect());
    }
    search.finish(false)
}

fn remove(store: &mut Store, item: &Item) -> Option<Thing> {
    let kind = match item.what {
        What::Version { .. } => Kind::Version,
        What::Marker { .. } => Kind::Marker,
        What::Upload { .. } => Kind::Upload,
    };
    let claim = &item.claim;
    store.remove(claim.bucket.as_str(), claim.key.as_str(), kind, item.id())
}

/// Whether the search reports that the object was not searched, or may belong to another user.
fn is_accounted_for(found: &Found<String>, bucket: &str, thing: &Thing) -> bool {
    let contested = found.contested.iter().any(|one| {
        let claim = &one.item.claim;
        (claim.bucket.as_str(), claim.key.as_str()) == (bucket, thing.key.as_str())
    });
    contested
        || found
            .coverage
            .gaps()
            .iter()
            .any(|gap| gap.what.contains(bucket))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000,
        max_shrink_iters: 20_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_purge_takes_all_of_one_user_or_says_what_it_left_and_nothing_of_another(
        setup in setup(),
        events in proptest::collection::vec(event(), 1..16),
        another in 0..USERS.len(),
    ) {
        let application = run(&setup, &events);
        let rules = parsed(blueprint(&application, setup.layouts, setup.rival));
        // A search also looks at noncurrent versions.
        let list = registry(&application, |bucket, key| application.store.has_versions(bucket, key));
        // Everybody who has objects, and one user who may have none.
        let mut users: BTreeSet<&str> = application.store.all().map(|(_, thing)| thing.owner).collect();
        users.insert(USERS[another]);
        users.remove(STRANGER);
        for user in users {
            let found = find(&rules, &application.store, &list, user);
            let mut store = application.store.clone();
            for item in &found.items {
                let thing = remove(&mut store, item);
                prop_assert!(thing.is_some(), "found twice, or not there: {item:?}");
                let thing = thing.unwrap();
                prop_assert_eq!(thing.owner, user, "{:?} of another: {:?}", thing, item);
            }
            for (bucket, thing) in store.all().filter(|(_, thing)| thing.owner == user) {
                prop_assert!(
                    is_accounted_for(&found, bucket, thing),
                    "{bucket}: {thing:?} of {user} is left without a word: {:?}",
                    found.coverage
                );
            }
        }
    }
}
