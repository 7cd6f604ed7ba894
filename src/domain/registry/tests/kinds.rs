//! Kinds of list, one after the other: what is in the file, and what follows for whom. The table is `kinds.toml`.

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

/// A kind of list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kind {
    name: String,
    /// What is in the file.
    text: Option<String>,
    /// The same, where it is no UTF-8: two digits a byte.
    hex: Option<String>,
    #[serde(default)]
    keys: bool,
    #[serde(default)]
    options: ReferenceList,
    /// How old it is, in hours; the future is negative.
    #[serde(default = "an_hour")]
    age: i64,
    #[serde(default)]
    undated: bool,
    /// It is read to be looked at alone.
    #[serde(default)]
    look: bool,
    /// Rows that the command line allows to be malformed.
    max_malformed: Option<u64>,
    /// Why the text is no list at all: a part of the words.
    fault: Option<String>,
    /// The requirements that it does not meet.
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

    /// Everything that is not as the table has it.
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
        // Whom a refused list would call gone: what it says is looked at as if all was allowed.
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
    // Read when it runs: a line more in the table needs no compiler.
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
