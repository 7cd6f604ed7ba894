//! Systems in which the evidence of an object contradicts what leads to it: metadata, records, or layouts name one user,
//! and a source, a rule, or replication another.

use super::units::list;
use super::*;

/// Rules that lose the owner or keep it, into a bucket whose metadata names the owner, and one step further.
const MADE: &str = r#"
version = 1
name = "made"

[[bucket]]
name = "media"

[[bucket.layout]]
id = "users"
key = "users/{user}/{name...}"
owner = "user"

[[bucket.derived]]
id = "flat"
from = "users"
to_bucket = "previews"
regex = '^users/[^/]+/(.+)$'
replace = 'flat/$1'

[[bucket.derived]]
id = "kept"
from = "users"
to_bucket = "previews"
regex = '^users/(.+)$'
replace = 'kept/$1'

[[bucket]]
name = "previews"

[[bucket.layout]]
id = "stated"
key = "{name...}"
owner_from = "metadata:owner"

[[bucket.derived]]
id = "tiny"
from = "stated"
to_bucket = "tiny"
regex = '^(.+)$'
replace = 'tiny/$1'

[[bucket]]
name = "tiny"
"#;

const BY_KEY: &str = r#"
version = 1
name = "copies"

[[bucket]]
name = "media"

[[bucket.layout]]
id = "media"
key = "r/{user}/{x}/{name}"
owner = "user"
"#;

const BY_METADATA: &str = r#"
version = 1
name = "copies"

[[bucket]]
name = "media"

[[bucket.layout]]
id = "media"
key = "r/{x}/{y}/{name}"
owner_from = "metadata:owner"
"#;

/// The copy of each kind: without layouts, with some of its own, and with owners in its metadata.
const PLAIN: &str = "\n[[bucket]]\nname = \"media-copy\"\n";

const OWN: &str = "\n[[bucket]]\nname = \"media-copy\"\n\n[[bucket.layout]]\nid = \"own\"\nkey = \"r/{x}/{user}/{name}\"\nowner = \"user\"\n";

const STATED: &str = "\n[[bucket]]\nname = \"media-copy\"\n\n[[bucket.layout]]\nid = \"own\"\nkey = \"r/{x}/{y}/{name}\"\nowner_from = \"metadata:owner\"\n";

/// A key in the bucket of what was made or copied, and what the search for `dead` does with it.
type Judged = (&'static str, &'static str, Fate);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Taken,
    /// Contested: left and named.
    Left,
    /// Another user's.
    NotTheirs,
}

fn assert_fates(what: &str, found: &Found<String>, judged: &[Judged]) {
    for (bucket, key, fate) in judged {
        let is_it =
            |item: &Item| (item.claim.bucket.as_str(), item.claim.key.as_str()) == (*bucket, *key);
        let is_taken = found.items.iter().any(is_it);
        let is_left = found.contested.iter().any(|one| is_it(&one.item));
        let is = match (is_taken, is_left) {
            (true, false) => Fate::Taken,
            (false, true) => Fate::Left,
            (false, false) => Fate::NotTheirs,
            (true, true) => panic!("{what}: {key} is in both"),
        };
        assert_eq!(is, *fate, "{what}: {bucket}/{key}: {found:?}");
    }
}

#[test]
fn what_was_made_from_another_users_media_is_left_whatever_record_or_metadata_names_the_user() {
    let (dead, alive) = (Some("dead"), Some("alive"));
    let rules = Blueprint::parse("test", MADE).unwrap();
    let mut store = Store::default();
    for bucket in ["media", "previews", "tiny"] {
        store.add(bucket, Versioning::Off);
    }
    for name in ["1", "2", "3", "4"] {
        store.put("media", &format!("users/alive/{name}"), "alive", None);
    }
    store.put("media", "users/dead/5", "dead", None);
    store.put("media", "users/dead/6", "dead", None);
    // Metadata that lies, metadata that is right, none, and one whose record lies.
    store.put("previews", "flat/1", "alive", dead);
    store.put("previews", "flat/2", "alive", alive);
    store.put("previews", "flat/3", "alive", None);
    store.put("previews", "flat/4", "alive", alive);
    store.put("previews", "flat/5", "dead", dead);
    store.put("previews", "flat/6", "dead", alive);
    store.put("previews", "flat/7", "dead", dead);
    // The rule keeps the owner, and the metadata names another.
    store.put("previews", "kept/dead/5", "dead", alive);
    store.put("previews", "kept/dead/6", "dead", dead);
    store.put("tiny", "tiny/flat/1", "alive", None);
    store.put("tiny", "tiny/flat/2", "alive", None);
    store.put("tiny", "tiny/flat/5", "dead", None);
    let records = list(&[("flat/4", "dead"), ("tiny/flat/2", "dead")]);
    let found = find(&rules, &store, &records, "dead");
    assert_fates(
        "made",
        &found,
        &[
            ("previews", "flat/1", Fate::Left),
            ("previews", "flat/2", Fate::NotTheirs),
            ("previews", "flat/3", Fate::NotTheirs),
            ("previews", "flat/4", Fate::NotTheirs),
            ("previews", "flat/5", Fate::Taken),
            ("previews", "flat/6", Fate::Left),
            ("previews", "flat/7", Fate::Taken),
            ("previews", "kept/dead/5", Fate::Left),
            ("previews", "kept/dead/6", Fate::Taken),
            ("tiny", "tiny/flat/1", Fate::Left),
            ("tiny", "tiny/flat/2", Fate::NotTheirs),
            ("tiny", "tiny/flat/5", Fate::Taken),
        ],
    );
}

#[test]
fn where_replication_writes_the_buckets_own_layouts_metadata_and_the_rules_prefix_count() {
    let key = "r/dead/alive/1";
    let another = "r/alive/dead/1";
    let alone = "r/dead/alive/2";
    let begun = "r/dead/alive/3";
    // How media names the owners, the copy's layouts, the prefix of the rule, and what the metadata of `key` says in
    // each; then the fates there of `key` and `another` (both buckets have them) and of `alone` (only the copy).
    for (what, of_media, of_copy, prefix, stated, fates) in [
        (
            "a plain copy",
            BY_KEY,
            PLAIN,
            "",
            [None, None],
            [Fate::Taken, Fate::NotTheirs, Fate::Taken],
        ),
        (
            "a rule for other keys",
            BY_KEY,
            PLAIN,
            "q/",
            [None, None],
            [Fate::Left, Fate::NotTheirs, Fate::Left],
        ),
        (
            "other layouts",
            BY_KEY,
            OWN,
            "",
            [None, None],
            [Fate::Left, Fate::Left, Fate::Left],
        ),
        (
            "other layouts, and a rule for other keys",
            BY_KEY,
            OWN,
            "q/",
            [None, None],
            [Fate::NotTheirs, Fate::Taken, Fate::NotTheirs],
        ),
        (
            "metadata of the copy",
            BY_KEY,
            STATED,
            "",
            [None, Some("alive")],
            [Fate::Left, Fate::NotTheirs, Fate::Taken],
        ),
        (
            "the same metadata",
            BY_METADATA,
            PLAIN,
            "",
            [Some("dead"); 2],
            [Fate::Taken, Fate::NotTheirs, Fate::NotTheirs],
        ),
        (
            "metadata that differ",
            BY_METADATA,
            PLAIN,
            "",
            [Some("dead"), Some("alive")],
            [Fate::Left, Fate::NotTheirs, Fate::NotTheirs],
        ),
        (
            "only the copy names the user",
            BY_METADATA,
            PLAIN,
            "",
            [Some("alive"), Some("dead")],
            [Fate::Taken, Fate::NotTheirs, Fate::NotTheirs],
        ),
    ] {
        let rules = Blueprint::parse("test", &format!("{of_media}{of_copy}")).unwrap();
        let mut store = Store::default();
        store.add("media", Versioning::On);
        store.add("media-copy", Versioning::On);
        store.replicated = prefix;
        store.put("media", key, "dead", stated[0]);
        store.put("media-copy", key, "dead", stated[1]);
        let (others, own) = if of_media == BY_METADATA {
            (Some("alive"), Some("alive"))
        } else {
            (None, None)
        };
        store.put("media", another, "alive", others);
        store.put("media-copy", another, "alive", others);
        store.put("media-copy", alone, "alive", own);
        store.begin("media-copy", begun, "dead");
        let found = find(&rules, &store, &list(&[]), "dead");
        // An upload has no metadata that could be read.
        let of_upload = if of_copy == STATED {
            Fate::Left
        } else {
            fates[2]
        };
        let judged = [key, another, alone].into_iter().zip(fates);
        let judged = judged.chain([(begun, of_upload)]);
        let judged: Vec<Judged> = judged
            .map(|(key, fate)| ("media-copy", key, fate))
            .collect();
        assert_fates(what, &found, &judged);
    }
}

#[test]
fn what_metadata_or_a_record_gives_to_several_users_is_said_for_each() {
    const STATED: &str = r#"
version = 1
name = "several"

[[bucket]]
name = "media"

[[bucket.layout]]
id = "stated"
key = "m/{name}"
owner_from = "metadata:owner"

[[bucket.layout]]
id = "records"
key = "b/{name}"
owner_from = "registry"
"#;
    let rules = Blueprint::parse("test", STATED).unwrap();
    for (stated, recorded, said) in [
        (
            "dead,alive",
            "alive",
            &["media: 1 object of several users"][..],
        ),
        (
            r#"["alive","dead"]"#,
            "alive",
            &["media: 1 object of several users"],
        ),
        ("alive", "alive; dead", &["the object of 1 record"]),
        ("alive", "alive", &[]),
        ("deader,alive", "deader,alive", &[]),
    ] {
        let mut store = Store::default();
        store.add("media", Versioning::Off);
        store.put("media", "m/1", "alive", Some(stated));
        store.put("media", "b/1", "alive", None);
        let found = find(&rules, &store, &list(&[("b/1", recorded)]), "dead");
        let gaps: Vec<&str> = found
            .coverage
            .gaps()
            .iter()
            .map(|gap| gap.what.as_str())
            .collect();
        assert_eq!(gaps, said, "{stated}, {recorded}");
        assert!(
            found.items.is_empty() && found.contested.is_empty(),
            "{found:?}"
        );
    }
}

#[test]
fn what_is_in_the_users_folder_and_does_not_fit_the_shape_is_said() {
    const SHAPED: &str = r#"
version = 1
name = "shaped"

[[bucket]]
name = "media"

[[bucket.layout]]
id = "users"
key = "u/{user}/{name}"
owner = "user"
shape = { user = "digits" }

[[bucket.layout]]
id = "tenants"
key = "t/{tenant}/{user}/{name}"
owner = "user"
shape = { user = "digits" }

[[bucket.layout]]
id = "shared"
key = "u/shared/{user}/{name}"
owner = "user"
"#;
    let rules = Blueprint::parse("test", SHAPED).unwrap();
    for (user, key, is_said) in [
        ("dead", "u/dead/1", true),
        ("dead", "t/acme/dead/1", true),
        ("dead", "u/dead2/1", false),
        ("dead", "elsewhere/dead/1", false),
        // Another layout explains it.
        ("shared", "u/shared/bob/1", false),
        ("7", "u/7/1", false),
    ] {
        let mut store = Store::default();
        store.add("media", Versioning::On);
        store.put("media", key, "bob", None);
        store.delete("media", key);
        let found = find(&rules, &store, &list(&[]), user);
        let gaps = found.coverage.gaps().iter();
        let mut gaps = gaps.filter(|gap| gap.what.contains("1 key in a folder with this id"));
        assert_eq!(gaps.next().is_some(), is_said, "{user} {key}: {found:?}");
        assert_eq!(
            found.items.is_empty(),
            user != "7",
            "{user} {key}: {found:?}"
        );
    }
}
