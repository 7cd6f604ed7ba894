//! Nouns agree with their number: a text that has a number before a plural is right for 1 only by way of `domain::words`.

use std::sync::LazyLock;

use regex::Regex;

use crate::texts;

/// What the program counts.
const NOUNS: &str = "alarms|buckets|checks|findings|flaws|items|keys|lines|markers|metrics|objects|orphans|pages|records|\
                     requests|retries|rows|rules|sources|statements|uploads|users|versions";

/// Texts that are never about 1, each with the reason.
const NEVER_ONE: &[(&str, &str, &str)] = &[
    (
        "src/tasks/work.rs",
        "{n} buckets",
        "one bucket has its own arm",
    ),
    (
        "src/domain/search/contested.rs",
        "{more} keys",
        "one key has its own arm",
    ),
    (
        "src/domain/search/metadata.rs",
        "{more} keys",
        "one key has its own arm",
    ),
    (
        "src/domain/search/metadata.rs",
        "{more} objects",
        "one object has its own arm",
    ),
    (
        "src/domain/search/former.rs",
        "{more} keys",
        "one key has its own arm",
    ),
    (
        "src/domain/search/recorded.rs",
        "{more} records",
        "one record has its own arm",
    ),
    (
        "src/domain/change/requests.rs",
        "{more} users",
        "it is more than the most",
    ),
    (
        "src/cli/metrics/totals.rs",
        "{objects} objects",
        "objects, versions, delete markers and parts together",
    ),
    ("src/cli/lists.rs", "{option} keys", "an option"),
    ("src/domain/columns/mod.rs", "{} rows", "for programmers"),
    (
        "src/domain/configuration/replication.rs",
        "{} objects",
        "a preposition",
    ),
    (
        "src/domain/posture/drift.rs",
        "{kms} objects",
        "a preposition",
    ),
    ("src/domain/search/found.rs", "{whose} objects", "a pronoun"),
    (
        "src/ops/listing/round_trips.rs",
        "{:>5} requests",
        "a column of a table",
    ),
    ("src/ops/quarantine/verdicts.rs", "{kind} orphans", "a kind"),
    (
        "src/ops/smoke/checks/concurrent.rs",
        "{many} uploads",
        "there are always several",
    ),
    (
        "src/ui/screens/orphans/setup.rs",
        "{} buckets",
        "one bucket has its own arm",
    ),
    (
        "src/ui/widgets/too_small.rs",
        "{} rows",
        "no terminal of one row is enough",
    ),
    (
        "src/app/screens/presign/update/smoke.rs",
        "{planned} checks",
        "a plan of checks has more than one",
    ),
];

static NUMBER_AND_NOUN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(&format!(r"\{{[a-z_.]*(?::[^}}]*)?\}} (?:{NOUNS})\b")).unwrap());

fn faults(file: &str, text: &str) -> Vec<String> {
    NUMBER_AND_NOUN
        .find_iter(text)
        .map(|hit| hit.as_str().to_owned())
        .filter(|hit| {
            let mut allowed = NEVER_ONE.iter();
            !allowed.any(|(of, text, _)| *of == file && *text == hit)
        })
        .map(|hit| format!("{file}: {hit:?}; write: words::counted(number, \"noun\")"))
        .collect()
}

#[test]
fn no_text_counts_one_of_many() {
    let found: Vec<String> = texts()
        .iter()
        .filter(|(file, _)| file.starts_with("src/"))
        .flat_map(|(file, texts)| texts.iter().flat_map(|text| faults(file, &text.text)))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_plural_after_a_number_is_found_and_another_is_not() {
    for text in ["{} objects", "of {all} rows", "at least {n:>3} keys"] {
        assert_eq!(faults("src/a.rs", text).len(), 1, "{text}");
    }
    for text in ["{} object", "the objects", "{MOST} users", "{}: objects"] {
        assert!(faults("src/a.rs", text).is_empty(), "{text}");
    }
    assert!(faults("src/tasks/work.rs", "{n} buckets").is_empty());
}

#[test]
fn what_is_never_about_one_is_still_there() {
    let texts = texts();
    for (file, text, because) in NEVER_ONE {
        let there = texts.iter().any(|(name, texts)| {
            name == file && texts.iter().any(|found| found.text.contains(text))
        });
        assert!(
            there && !because.is_empty(),
            "{file} has no {text:?} any more"
        );
    }
}
