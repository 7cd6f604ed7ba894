//! Many generated applications: whatever they derive from a user's object belongs to that user, or has an unknown
//! owner.

use std::sync::OnceLock;

use super::*;

/// Layouts by the position of the owner in the key: first, below a folder, below a free folder, next to another part,
/// deep.
pub(crate) const LAYOUTS: [&str; 6] = [
    "{user}/{file...}",
    "users/{user}/{file...}",
    "{day}/{user}/{file...}",
    "originals/{user}/{name}.{ext}",
    "t-{tenant}/u/{user}/{kind}/{file...}",
    "users/{user}/original/{name}",
];

/// Rules, as steps.
pub(crate) const RULES: [&str; 30] = [
    // A suffix is added, replaced or dropped.
    r"{ regex = '^(.+)(\..+?)$', replace = '$1-thumb$2' }",
    r"{ regex = '\.[^.]+$', replace = '.webp' }",
    r"{ regex = '^(.+)\.([^.]+)$', replace = 'previews/$1.jpg' }",
    r"{ regex = '\.(jpe?g|png)$', replace = '.webp' }",
    r"{ regex = '-orig', replace = '' }",
    r#"{ append = ".mp4" }"#,
    r#"{ cut_from_last = "." }, { append = ".webp" }"#,
    r#"{ cut_from_last = "/" }, { append = "/index.json" }"#,
    // Folders are replaced, added at the front or dropped.
    r"{ regex = '^users/(.+)\.mov$', replace = 'encoded/$1.mp4' }",
    r"{ regex = '^originals/', replace = 'thumbs/' }, { regex = '\.[^.]+$', replace = '.jpg' }",
    r"{ regex = '^', replace = 'thumbs/' }",
    r"{ regex = '^[^/]+/(.+)$', replace = '$1' }",
    r"{ regex = '^([^/]+)/[^/]+/(.+)$', replace = '$1/$2' }",
    r"{ regex = '^.+/([^/]+)$', replace = 'flat/$1' }",
    r#"{ replace_all = "original/", with = "small/" }"#,
    r#"{ replace_all = "originals/", with = "" }"#,
    r#"{ replace_all = " ", with = "_" }, { replace_all = "/", with = "-" }"#,
    // The owner is dropped, shortened or moved.
    r"{ regex = '^users/[^/]+/(.+)$', replace = 'shared/$1' }",
    r"{ regex = '^users/([a-z0-9]{2})[^/]*/(.+)$', replace = 'users/$1/$2' }",
    r"{ regex = '^([^/]+)/([^/]+)/(.*)$', replace = '$2/$1/$3' }",
    r"{ regex = '^(.+?)/(.+)$', replace = '$2/of/$1' }",
    // Several groups, optional groups, groups that repeat.
    r"{ regex = '^(users/)?([^/]+)/(.+?)(\.[a-z]+)?$', replace = '$2/m/$3.webp' }",
    r"{ regex = '^((?:[^/]+/)*)([^/]+)\.(jpg|png)$', replace = '${1}s_$2.$3' }",
    r"{ regex = '^(?:(users)|(t-[^/]+))/(.+)$', replace = '$1$2/x/$3' }",
    r"{ regex = '^(.)(.)(.*)$', replace = '$1$2/$1/$1$2$3' }",
    // The expression ignores case.
    r"{ regex = '(?i)\.(jpe?g|png)$', replace = '.webp' }",
    r"{ regex = '(?i)^users/(.+)\.mov$', replace = 'encoded/$1.mp4' }",
    r"{ regex = '(?i)^originals/', replace = 'Thumbs/' }",
    r"{ regex = '^(?i:users)/(.+?)/Original/(.+)$', replace = 'users/$1/small/$2' }",
    // Only the bucket changes.
    r"{ regex = '$', replace = '' }",
];

/// The target of derived objects: the same bucket, one without a layout, one whose layout matches any key.
pub(crate) const TARGETS: [(&str, &str); 3] = [
    ("media", ""),
    ("made", "[[bucket]]\nname = \"made\""),
    (
        "made",
        "[[bucket]]\nname = \"made\"\n[[bucket.layout]]\nid = \"m\"\nkey = \"{user}/{file...}\"\nowner = \"user\"",
    ),
];

/// Each system is built only once: compiling its expressions takes longer than using it.
static SYSTEMS: [OnceLock<Blueprint>; LAYOUTS.len() * RULES.len() * TARGETS.len()] =
    [const { OnceLock::new() }; LAYOUTS.len() * RULES.len() * TARGETS.len()];

pub(crate) fn system(layout: usize, rule: usize, target: usize) -> &'static Blueprint {
    let number = (layout * RULES.len() + rule) * TARGETS.len() + target;
    SYSTEMS[number].get_or_init(|| written(layout, rule, target))
}

fn written(layout: usize, rule: usize, target: usize) -> Blueprint {
    let (layout, rule, (target, of_target)) = (LAYOUTS[layout], RULES[rule], TARGETS[target]);
    blueprint(&format!(
        "[[bucket]]\nname = \"media\"\n\
         [[bucket.layout]]\nid = \"source\"\nkey = \"{layout}\"\nowner = \"user\"\n\
         [[bucket.derived]]\nid = \"rule\"\nfrom = \"source\"\nto_bucket = \"{target}\"\nsteps = [{rule}]\n\
         {of_target}"
    ))
}

/// Ids, folders and names that break careless rules.
pub(crate) fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "a", "ada", "ada.l", "a-thumb", "ad", "12", "users", "originals", "original", "thumbs", "x y", "flat", "of",
            "a-orig", "m", "small", "previews", "1.jpg", "PIC.JPG", "p.tar.gz", "film.mov", "é.png", "u", "encoded", "index.json",
        ])
        .prop_map(str::to_owned),
        1 => "[a-c.-]{1,4}",
    ]
}

/// A key of a layout.
pub(crate) fn key_of(layout: &str, words: &[String], user: &str) -> String {
    let mut words = words.iter().cycle();
    let mut key = String::new();
    let mut rest = layout;
    while let Some((literal, after)) = rest.split_once('{') {
        let (part, after) = after.split_once('}').unwrap();
        key.push_str(literal);
        match part {
            "user" => key.push_str(user),
            part => {
                key.push_str(words.next().unwrap());
                if part.ends_with("...") {
                    key.push('/');
                    key.push_str(words.next().unwrap());
                }
            }
        }
        rest = after;
    }
    key + rest
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn what_is_made_of_a_users_object_is_given_to_nobody_else(
        layout in 0..LAYOUTS.len(),
        rule in 0..RULES.len(),
        target in 0..TARGETS.len(),
        words in prop::collection::vec(word(), 3..5),
        user in word(),
    ) {
        let system = system(layout, rule, target);
        let media = &system.buckets[0];
        let source = key_of(LAYOUTS[layout], &words, &user);
        // The blueprint decides which owner a key names, not the generator.
        let Location::Owned { owner: user, .. } = media.locate(&source) else {
            return Ok(());
        };
        for made in media.derived_of(&source) {
            if made.bucket == media.name && made.key == source {
                continue;
            }
            let ownership = Ownership::new(&system.buckets, None);
            let seen = Seen::default();
            let answer = ownership.whose(&made.bucket, &made.key, &seen);
            let is_right = match &answer.verdict {
                Verdict::One(owner) => *owner == user,
                Verdict::Contested(owners) => owners.contains(&user),
                Verdict::Unknown(Unknown::RuleLosesOwner { .. }) => true,
                Verdict::Unknown(_) => false,
            };
            let rule = &media.derived[0];
            prop_assert!(is_right, "{:?} of {source:?} of {user:?} by {:?}: {answer:?}", made.key, rule.steps);
            prop_assert!(answer.former.is_some());
            prop_assert!(rule.may_have_made(media, &made.key));
            let beginnings = rule.beginnings(media, &user);
            prop_assert!(
                beginnings.iter().any(|one| made.key.starts_with(one.as_str())),
                "{:?} of {source:?} by {:?} begins with none of {beginnings:?}",
                made.key, rule.steps
            );
        }
    }
}

#[test]
fn ordinary_rules_do_not_lose_the_owner() {
    // Number of the rule, number of the layout, the source, and whether the owner is known.
    for (rule, layout, source, is_told) in [
        (0, 1, "users/ada/1.jpg", true),
        (1, 1, "users/ada/1.jpg", true),
        (2, 1, "users/ada/1.jpg", true),
        (3, 1, "users/ada/1.jpeg", true),
        (5, 1, "users/ada/1.mov", true),
        (6, 1, "users/ada/1.jpg", true),
        (7, 1, "users/ada/1/2.jpg", true),
        (8, 1, "users/ada/1.mov", true),
        (9, 3, "originals/ada/1.jpg", true),
        (10, 0, "ada/1.jpg", true),
        (11, 2, "2024/ada/1.jpg", true),
        (12, 0, "ada/x/1.jpg", true),
        (13, 1, "users/ada/1.jpg", false),
        (14, 5, "users/ada/original/1", true),
        (17, 1, "users/ada/1.jpg", false),
        (18, 1, "users/ada/1.jpg", false),
        (19, 0, "ada/x/1.jpg", true),
        (25, 1, "users/ada/1.jpg", true),
    ] {
        // In a bucket of its own, without a layout.
        let system = system(layout, rule, 1);
        let media = &system.buckets[0];
        let made = &media.derived_of(source)[0];
        let ownership = Ownership::new(&system.buckets, None);
        let answer = ownership.whose(&made.bucket, &made.key, &Seen::default());
        let told = answer.owner().map(OwnerId::as_str);
        assert_eq!(
            told,
            is_told.then_some("ada"),
            "{} of {source}: {answer:?}",
            made.key
        );
        let explanation = Explanation::Rule {
            rule: "rule".to_owned(),
            from: name("media"),
        };
        assert_eq!(answer.explanation, explanation);
    }
}

#[test]
fn a_search_for_derived_objects_begins_where_the_rule_lets_it() {
    for (rule, layout, user, beginnings) in [
        (2, 1, "ada", &["previews/users/ada/", "users/ada/"][..]),
        (2, 1, "ada.l", &["previews/users/ada", "users/ada.l/"]),
        (8, 1, "ada", &["encoded/ada/", "users/ada/"]),
        (8, 1, "ada.l", &["encoded/ada.l/", "users/ada.l/"]),
        (9, 3, "ada", &["originals/ada/", "thumbs/ada/"]),
        (10, 0, "ada", &["ada/", "thumbs/ada/"]),
        (6, 1, "ada.l", &["users/ada"]),
        (14, 5, "ada", &["users/ada/"]),
        (17, 1, "ada", &["shared/", "users/ada/"]),
        (11, 2, "ada", &[""]),
        (25, 1, "ada", &["users/ada/"]),
    ] {
        let system = system(layout, rule, 1);
        let media = &system.buckets[0];
        let found = media.derived[0].beginnings(media, &owner(user));
        assert_eq!(
            found.iter().map(String::as_str).collect::<Vec<_>>(),
            beginnings,
            "{rule}"
        );
    }
}
