//! Many kinds of list: the contents of a file, and the result for each user. The table is `kinds.toml`.

use chrono::{DateTime, TimeDelta};
use serde::Deserialize;

use super::super::judge::{Circumstances, judge};
use super::super::read::{Columns, text};
use super::super::*;
use crate::domain::blueprint::ReferenceList;
use crate::domain::blueprint::registry::ListFormat;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    list: Vec<Kind>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kind {
    name: String,
    /// The contents of the file.
    text: Option<String>,
    /// The contents if they are not UTF-8: two hexadecimal digits per byte.
    hex: Option<String>,
    #[serde(default)]
    keys: bool,
    #[serde(default)]
    options: ReferenceList,
    /// The age in hours; negative if in the future.
    #[serde(default = "an_hour")]
    age: i64,
    #[serde(default)]
    undated: bool,
    /// Whether it is read only to look.
    #[serde(default)]
    look: bool,
    /// The maximum number of malformed rows on the command line.
    max_malformed: Option<u64>,
    /// Part of the error if the text is not a list.
    fault: Option<String>,
    /// The requirements that it fails.
    #[serde(default)]
    refused: Vec<String>,
    #[serde(default)]
    alive: Vec<String>,
    #[serde(default)]
    suspect: Vec<String>,
    #[serde(default)]
    gone: Vec<String>,
}

fn an_hour() -> i64 {
    1
}

impl Kind {
    fn bytes(&self) -> Vec<u8> {
        if let Some(hex) = &self.hex {
            let digits: Vec<char> = hex.chars().filter(|c| !c.is_whitespace()).collect();
            let byte =
                |pair: &[char]| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap();
            return digits.chunks(2).map(byte).collect();
        }
        self.text.clone().unwrap_or_default().into_bytes()
    }

    fn read(&self, at: DateTime<Utc>) -> Result<Registry, Fault> {
        let subject = if self.keys {
            Subject::Keys
        } else {
            Subject::Owners
        };
        let mut intake = Intake::new(subject, "the list", at);
        if !self.undated {
            intake.made_at(at - TimeDelta::hours(self.age));
        }
        intake.normalize(self.options.normalize.as_deref().unwrap_or_default());
        let format = self.options.format.unwrap_or(ListFormat::Lines);
        let columns = Columns::of(&self.options);
        text(
            self.bytes().as_slice(),
            format,
            &columns,
            &mut intake,
            &mut |_| true,
        )?;
        intake.finish()
    }

    /// Returns all differences from the table.
    fn check(&self) -> Vec<String> {
        let name = &self.name;
        let at = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let registry = match (self.read(at), &self.fault) {
            (Ok(registry), None) => registry,
            (Err(fault), Some(words)) if fault.to_string().contains(words) => return Vec::new(),
            (Ok(_), Some(words)) => return vec![format!("{name}: no fault says {words:?}")],
            (Err(fault), _) => return vec![format!("{name}: {fault}")],
        };
        let requirements = Requirements {
            max_malformed: self.max_malformed,
            ..Requirements::default()
        };
        let circumstances = Circumstances {
            list: &self.options,
            purpose: if self.look {
                Purpose::Look
            } else {
                Purpose::Act
            },
            before: &[],
            now: at,
        };
        let refused: Vec<String> = match &judge(registry, &requirements, &circumstances) {
            Ok(_) => Vec::new(),
            Err(untrusted) => {
                let objections = untrusted.objections.iter();
                objections
                    .map(|one| format!("{:?}", one.requirement).to_lowercase())
                    .collect()
            }
        };
        let mut wrong = Vec::new();
        if refused != self.refused {
            wrong.push(format!("{name}: refused for {refused:?}"));
        }
        // Whom a rejected list would report as gone: the list is used as if every check were off.
        let registry = self.read(at).unwrap();
        for (ids, expected) in [
            (&self.alive, "alive"),
            (&self.suspect, "suspect"),
            (&self.gone, "gone"),
        ] {
            wrong.extend(ids.iter().filter_map(|id| {
                let standing = match registry.standing(id) {
                    Standing::Alive => "alive",
                    Standing::Alike(_) => "suspect",
                    Standing::Gone => "gone",
                };
                let alike = registry.likeness(id);
                (standing != expected)
                    .then(|| format!("{name}: {id:?} is {standing}, not {expected} ({alike:?})"))
            }));
        }
        wrong
    }
}

#[test]
fn each_kind_of_list_says_what_it_can_and_no_more() {
    // Read at run time, so that a new row in the table needs no compilation.
    let table = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/src/domain/registry/tests/kinds.toml"
    );
    let table: Table = toml::from_str(&std::fs::read_to_string(table).unwrap()).unwrap();
    assert!(table.list.len() >= 50, "{}", table.list.len());
    let wrong: Vec<String> = table.list.iter().flat_map(Kind::check).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn ids_of_every_kind_that_a_long_list_does_not_name_are_gone() {
    let mut intake = Intake::new(Subject::Owners, "a test", DateTime::UNIX_EPOCH);
    let id = |number: u64| match number % 4 {
        0 => number.to_string(),
        1 => format!("user-{number}"),
        2 => format!("{number:08x}-0000-4000-8000-000000000000"),
        _ => format!("name{number}@example.org"),
    };
    for number in 0..20_000 {
        let id = id(number);
        let row = Row {
            ids: &[&id],
            owner: None,
            malformed: false,
        };
        intake.row(&row).unwrap();
    }
    let registry = intake.finish().unwrap();
    for number in 20_000..40_000 {
        assert_eq!(registry.standing(&id(number)), Standing::Gone, "{number}");
    }
}
