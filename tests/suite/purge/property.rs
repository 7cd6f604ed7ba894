//! Whatever the layouts, the users and their objects are: the purge of a user removes what is theirs and nothing else.
//!
//! Whose a key is, is worked out here from the case itself, folder by folder, without the program's blueprints.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use s3warden::facade::domain::blueprint::Blueprint;
use s3warden::facade::domain::receipt::Outcome;
use s3warden::facade::sandbox::SandboxOptions;
use s3warden::facade::sandbox::world::{
    SeedKind, SeedUpload, SeedVersion, Versioning, World, WorldBucket,
};
use tokio::runtime::Runtime;

use super::bench::{Bench, Thing, Way, owner, verified};
use crate::ops::world::{bucket, day, version};

const MEDIA: &str = "media";
const MADE: &str = "made";

/// Ids that are easily taken for one another, or for something else.
const IDS: [&str; 22] = [
    "u",
    "u1",
    "u10",
    "U1",
    "u1.",
    "u.1",
    "u-1",
    "u+1",
    "u 1",
    "u%201",
    "u1-thumbnail",
    "u-thumbnail.1",
    "ü",
    "u\u{308}",
    "..",
    ".",
    "*",
    "u1*",
    "<u>&",
    "'\"",
    "=u1",
    "עברית",
];

/// Folders that layouts name; some are ids as well.
const FOLDERS: [&str; 10] = [
    "media",
    "media ",
    "up+loads",
    "u1",
    "u",
    "dots.in.it",
    "größe",
    "%2F",
    "-thumbnail",
    "*",
];

/// What comes after the user's folder.
const TAILS: [&str; 14] = [
    "a.jpg",
    "b.dat",
    "c",
    "",
    "u1",
    "u1/a.jpg",
    "deep/er/a.b.c",
    "a-thumbnail.jpg",
    "a//b.dat",
    ".dat",
    ".hidden",
    "plus+and space.jpg",
    "ünicode.dat",
    "media/u1/a.jpg",
];

/// A folder of a layout.
#[derive(Debug, Clone)]
enum Folder {
    Fixed(&'static str),
    Free,
    /// The user's, with a text before the id.
    User(&'static str),
}

#[derive(Debug, Clone)]
struct Rules {
    folders: Vec<Folder>,
    /// Whether the rest of the key is a single name that ends in `.dat`; else it is anything.
    is_dat: bool,
}

/// What the application makes of its objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Made {
    Nothing,
    /// `-thumbnail` before the last dot of the whole key, in the same bucket.
    Thumbnail,
    /// In another bucket, whose layouts are the same.
    Webp,
    /// In another bucket, of whose keys no layout knows anything.
    Preview,
}

/// What is done to a key that a layout gives, so that it is not the user's, or only looks so.
#[derive(Debug, Clone, Copy)]
enum Twist {
    Straight,
    /// The id goes on.
    Longer,
    /// The folder has no slash behind it.
    NoSlash,
    /// All of it stands in a further folder.
    Deeper,
    /// The id stands in other letters.
    Capitals,
}

#[derive(Debug, Clone)]
struct Put {
    layout: usize,
    user: usize,
    free: &'static str,
    tail: &'static str,
    twist: Twist,
    /// Versions from the oldest on: whether each is an object; the others are markers.
    versions: Vec<bool>,
    uploads: usize,
    /// Whether the application has made what it makes of it; whether the source is still there.
    is_made: bool,
    is_there: bool,
}

#[derive(Debug, Clone)]
struct Case {
    layouts: Vec<Rules>,
    users: Vec<&'static str>,
    made: Made,
    versioning: [Versioning; 2],
    puts: Vec<Put>,
}

fn folder() -> impl Strategy<Value = Folder> {
    prop_oneof![
        2 => select(FOLDERS.to_vec()).prop_map(Folder::Fixed),
        1 => Just(Folder::Free),
    ]
}

fn rules() -> impl Strategy<Value = Rules> {
    let before = vec(folder(), 0..4);
    let user = select(vec!["", "", "", "u", "user=", "+"]).prop_map(Folder::User);
    (before, user, any::<bool>()).prop_map(|(mut folders, user, is_dat)| {
        folders.push(user);
        Rules { folders, is_dat }
    })
}

fn put() -> impl Strategy<Value = Put> {
    let twist = prop_oneof![
        6 => Just(Twist::Straight),
        1 => Just(Twist::Longer),
        1 => Just(Twist::NoSlash),
        1 => Just(Twist::Deeper),
        1 => Just(Twist::Capitals),
    ];
    let names = (
        select([&FOLDERS[..], &IDS[..]].concat()),
        select(TAILS.to_vec()),
    );
    let versions = prop_oneof![
        3 => Just(vec![true]),
        2 => vec(any::<bool>(), 1..5),
    ];
    let is = (0..4_u8).prop_map(|n| n > 0);
    (
        0..3_usize,
        0..5_usize,
        names,
        twist,
        versions,
        0..4_usize,
        any::<bool>(),
        is,
    )
        .prop_map(
            |(layout, user, (free, tail), twist, versions, uploads, is_made, is_there)| Put {
                layout,
                user,
                free,
                tail,
                twist,
                versions,
                uploads: uploads.saturating_sub(2),
                is_made,
                is_there,
            },
        )
}

fn case() -> impl Strategy<Value = Case> {
    let versioning = || {
        select(vec![
            Versioning::Off,
            Versioning::Enabled,
            Versioning::Suspended,
        ])
    };
    let made = select(vec![
        Made::Nothing,
        Made::Thumbnail,
        Made::Webp,
        Made::Preview,
    ]);
    (
        vec(rules(), 1..4),
        proptest::sample::subsequence(IDS.to_vec(), 2..6),
        made,
        [versioning(), versioning()],
        vec(put(), 1..25),
    )
        .prop_map(|(layouts, users, made, versioning, puts)| Case {
            layouts,
            users,
            made,
            versioning,
            puts,
        })
}

impl Rules {
    /// The template, as a blueprint has it.
    fn template(&self) -> String {
        let mut key = String::new();
        for (n, folder) in self.folders.iter().enumerate() {
            match folder {
                Folder::Fixed(name) => key.push_str(name),
                Folder::Free => write!(key, "{{free{n}}}").unwrap(),
                Folder::User(before) => write!(key, "{before}{{user}}").unwrap(),
            }
            key.push('/');
        }
        key + if self.is_dat {
            "{file}.dat"
        } else {
            "{rest...}"
        }
    }

    /// Whose a key is by this layout, and whether all of the key is as the layout says.
    fn read<'k>(&self, key: &'k str) -> Option<(&'k str, bool)> {
        let parts: Vec<&str> = key.splitn(self.folders.len() + 1, '/').collect();
        let (tail, folders) = parts.split_last()?;
        if folders.len() < self.folders.len() {
            return None;
        }
        let mut user = None;
        for (folder, found) in self.folders.iter().zip(folders) {
            match folder {
                Folder::Fixed(name) if name == found => {}
                Folder::Free if !found.is_empty() => {}
                Folder::User(before) => user = Some(found.strip_prefix(before)?),
                _ => return None,
            }
        }
        let user = user.filter(|user| !user.is_empty())?;
        let name = tail.strip_suffix(".dat").unwrap_or_default();
        let is_whole = if self.is_dat {
            !name.is_empty() && !name.contains('/')
        } else {
            !tail.is_empty()
        };
        Some((user, is_whole))
    }

    fn write(&self, put: &Put, user: &str) -> String {
        let user = match put.twist {
            Twist::Longer => format!("{user}0"),
            Twist::Capitals => user.to_uppercase(),
            _ => user.to_owned(),
        };
        let folders: Vec<String> = self
            .folders
            .iter()
            .map(|folder| match folder {
                Folder::Fixed(name) => (*name).to_owned(),
                Folder::Free => put.free.to_owned(),
                Folder::User(before) => format!("{before}{user}"),
            })
            .collect();
        let folders = folders.join("/");
        match put.twist {
            Twist::NoSlash => folders,
            Twist::Deeper => format!("{}/{folders}/{}", put.free, put.tail),
            _ => format!("{folders}/{}", put.tail),
        }
    }
}

/// Before the last dot that has something on both sides.
fn thumbnail(key: &str) -> Option<String> {
    let mut dots = key.match_indices('.').map(|(at, _)| at);
    let at = dots.rfind(|at| *at > 0 && at + 1 < key.len())?;
    Some(format!("{}-thumbnail{}", &key[..at], &key[at..]))
}

impl Case {
    fn blueprint(&self) -> Blueprint {
        let text = |text: &str| toml::Value::from(text).to_string();
        let layouts = |to: &mut String| {
            for (n, rules) in self.layouts.iter().enumerate() {
                let key = text(&rules.template());
                write!(
                    to,
                    "[[bucket.layout]]\nid = \"l{n}\"\nkey = {key}\nowner = \"user\"\n"
                )
                .unwrap();
            }
        };
        let mut file = format!("version = 1\nname = \"random\"\n[[bucket]]\nname = \"{MEDIA}\"\n");
        layouts(&mut file);
        let ids: Vec<String> = (0..self.layouts.len())
            .map(|n| format!("\"l{n}\""))
            .collect();
        let how = match self.made {
            Made::Nothing => None,
            Made::Thumbnail => Some((
                MEDIA,
                r"regex = '^(.+)(\..+?)$'",
                "replace = '$1-thumbnail$2'",
            )),
            Made::Webp => Some((MADE, "", r#"steps = [{ append = ".webp" }]"#)),
            Made::Preview => Some((MADE, "regex = '^(.+)$'", "replace = 'previews/$1.small'")),
        };
        if let Some((to, one, two)) = how {
            let from = ids.join(", ");
            write!(
                file,
                "[[bucket.derived]]\nid = \"made\"\nfrom = [{from}]\nto_bucket = \"{to}\"\n{one}\n{two}\n"
            )
            .unwrap();
        }
        write!(file, "[[bucket]]\nname = \"{MADE}\"\n").unwrap();
        if self.made == Made::Webp {
            layouts(&mut file);
        }
        Blueprint::parse("random.toml", &file).unwrap_or_else(|error| panic!("{error}\n{file}"))
    }

    /// Whom a key names: by the first layout that explains all of it, else by the first whose folders it has. All others whose
    /// folders it has are asked, too, unless the first one names all folders that they name, and one more.
    fn named<'k>(&self, bucket: &str, key: &'k str) -> Vec<&'k str> {
        if bucket == MADE && self.made != Made::Webp {
            return Vec::new();
        }
        let readings: Vec<_> = self
            .layouts
            .iter()
            .enumerate()
            .filter_map(|(at, rules)| Some((at, rules, rules.read(key)?)))
            .collect();
        let whole = readings.iter().find(|(_, _, (_, is_whole))| *is_whole);
        let Some((at, first, (user, _))) = whole.or(readings.first()) else {
            return Vec::new();
        };
        let is_fixed =
            |rules: &Rules, n: usize| matches!(rules.folders.get(n), Some(Folder::Fixed(_)));
        let mut named = vec![*user];
        for (other, rules, (user, _)) in &readings {
            let folders = 0..rules.folders.len();
            let is_narrower = folders
                .clone()
                .all(|n| is_fixed(first, n) || !is_fixed(rules, n))
                && folders
                    .clone()
                    .any(|n| is_fixed(first, n) && !is_fixed(rules, n));
            if other != at && !is_narrower && !named.contains(user) {
                named.push(user);
            }
        }
        named
    }

    fn made_of(&self, bucket: &str, key: &str) -> Option<(&'static str, String)> {
        if bucket != MEDIA || self.named(bucket, key).is_empty() {
            return None;
        }
        match self.made {
            Made::Nothing => None,
            Made::Thumbnail => Some((MEDIA, thumbnail(key)?)),
            Made::Webp => Some((MADE, format!("{key}.webp"))),
            Made::Preview => Some((MADE, format!("previews/{key}.small"))),
        }
    }

    /// Whether a key that names a user is made of what is another's: of what names another, or was made of such a thing
    /// itself.
    fn is_made_of_anothers(&self, bucket: &str, key: &str, user: &str) -> bool {
        let place = if bucket == MADE { MADE } else { MEDIA };
        let sources: Vec<String> = match self.made {
            Made::Thumbnail => key
                .match_indices("-thumbnail")
                .map(|(at, text)| format!("{}{}", &key[..at], &key[at + text.len()..]))
                .collect(),
            Made::Webp => key
                .strip_suffix(".webp")
                .map(str::to_owned)
                .into_iter()
                .collect(),
            Made::Nothing | Made::Preview => Vec::new(),
        };
        sources.iter().any(|source| {
            self.made_of(MEDIA, source) == Some((place, key.to_owned()))
                && (self.named(MEDIA, source).iter().any(|of| *of != user)
                    || self.is_made_of_anothers(MEDIA, source, user))
        })
    }

    fn owned(&self, things: &BTreeSet<Thing>, user: &str) -> BTreeSet<Thing> {
        let of = |of_upload: bool| -> BTreeSet<(&str, &str)> {
            let things = things
                .iter()
                .filter(|thing| of_upload || thing.2 != "upload");
            things
                .map(|(bucket, key, ..)| (bucket.as_str(), key.as_str()))
                .collect()
        };
        let (there, objects) = (of(true), of(false));
        let mut of_user: BTreeSet<(&str, &str)> = there
            .iter()
            .copied()
            .filter(|(bucket, key)| {
                self.named(bucket, key) == [user] && !self.is_made_of_anothers(bucket, key, user)
            })
            .collect();
        let mut sources: Vec<_> = of_user.intersection(&objects).copied().collect();
        while let Some((bucket, key)) = sources.pop() {
            let made = self.made_of(bucket, key).unwrap_or_default();
            let is_made = |place: &&(&str, &str)| **place == (made.0, made.1.as_str());
            let made = there.iter().find(is_made).copied();
            if let Some(made) = made
                && of_user.insert(made)
                && objects.contains(&made)
            {
                sources.push(made);
            }
        }
        let is_users = |thing: &&Thing| of_user.contains(&(thing.0.as_str(), thing.1.as_str()));
        things.iter().filter(is_users).cloned().collect()
    }

    fn world(&self) -> World {
        let mut buckets: BTreeMap<&str, WorldBucket> = BTreeMap::new();
        for (name, versioning) in [MEDIA, MADE].into_iter().zip(self.versioning) {
            buckets.insert(
                name,
                WorldBucket {
                    versioning,
                    ..bucket(name)
                },
            );
        }
        let mut taken = BTreeSet::new();
        let mut put = |name: &str, key: &str, put: &Put| {
            if !taken.insert((name.to_owned(), key.to_owned()))
                || key.is_empty()
                || key.len() > 1024
            {
                return;
            }
            let bucket = buckets.get_mut(name).unwrap();
            bucket
                .versions
                .extend(versions(key, put, bucket.versioning));
            for n in 0..put.uploads {
                bucket.uploads.push(SeedUpload {
                    key: key.to_owned(),
                    initiated: day(3),
                    parts: vec![5 << 20; n],
                    storage_class: String::new(),
                });
            }
        };
        for one in &self.puts {
            let rules = &self.layouts[one.layout % self.layouts.len()];
            let user = self.users[one.user % self.users.len()];
            let key = rules.write(one, user);
            if one.is_there {
                put(MEDIA, &key, one);
            }
            // And what is made of that in turn. What outlives its source is tried where no server is needed, against an
            // oracle that knows whose it was: `domain::search`.
            let mut source = (MEDIA, key);
            for _ in 0..2 {
                let Some(made) = self
                    .made_of(source.0, &source.1)
                    .filter(|_| one.is_made && one.is_there)
                else {
                    break;
                };
                put(made.0, &made.1, one);
                source = made;
            }
        }
        World {
            name: "random".to_owned(),
            buckets: buckets.into_values().collect(),
            ..World::default()
        }
    }
}

/// The versions of one key, from the oldest on, as a bucket can hold them.
fn versions(key: &str, put: &Put, versioning: Versioning) -> Vec<SeedVersion> {
    let kind = |is_object: bool, size: u64| {
        if is_object {
            SeedKind::Plain { size }
        } else {
            SeedKind::DeleteMarker
        }
    };
    match versioning {
        Versioning::Off => vec![version(key, day(1), kind(true, 7), None)],
        Versioning::Enabled => (1..)
            .zip(&put.versions)
            .map(|(n, is_object)| version(key, day(n), kind(*is_object, 7), None))
            .collect(),
        // One of them was written after versioning was suspended, or before it was turned on.
        Versioning::Suspended => (1..)
            .zip(&put.versions)
            .map(|(n, is_object)| {
                let id = format!("{n:032}");
                let id = if n == 2 { "null" } else { &id };
                version(key, day(n), kind(*is_object, 7), Some(id))
            })
            .collect(),
    }
}

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

async fn holds(case: &Case) -> Result<(), TestCaseError> {
    let bench = Bench::by(case.blueprint(), SandboxOptions::default(), case.world()).await;
    for user in &case.users {
        let before = bench.things();
        let expected = case.owned(&before, user);
        let plan = bench.plan(&owner(user)).await;
        let done = verified(bench.carry_out(&plan, Way::default()).await);
        let left: BTreeSet<Thing> = before.difference(&expected).cloned().collect();
        let after = bench.things();
        let missed: Vec<_> = after.difference(&left).collect();
        let hit: Vec<_> = left.difference(&after).collect();
        prop_assert!(missed.is_empty(), "of {user:?} is left: {missed:?}");
        prop_assert!(hit.is_empty(), "the purge of {user:?} hit {hit:?}");
        prop_assert_eq!(done.receipt.items.len(), expected.len());
        let mut outcomes = done.receipt.items.iter().map(|item| item.outcome);
        prop_assert!(outcomes.all(|outcome| outcome == Outcome::Deleted));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 32,
        failure_persistence: None,
        max_shrink_iters: 64,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_purge_of_a_user_removes_their_things_and_nothing_else(case in case()) {
        RUNTIME.block_on(holds(&case))?;
    }
}
