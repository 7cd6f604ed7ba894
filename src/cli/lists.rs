//! Options for the application's lists: source, format and requirements. `orphans`, `purge` and `find` share them.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::Failure;
use crate::domain::blueprint::registry::{Delimiter, ListFormat, Source};
use crate::domain::blueprint::values::Span;
use crate::domain::blueprint::{Blueprint, ReferenceList};
use crate::domain::command_line::Given;
use crate::domain::registry::condition::{self, Allowed, Where};
use crate::domain::registry::normalize::Step;
use crate::domain::registry::{Purpose, Requirements, Subject};
use crate::ops::find::Lists;
use crate::ops::orphans::lists_of;

/// The lists, and what is asked of them.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "The application's lists of who and what is alive")]
pub struct ListArgs {
    /// A list of who is alive (owners=FILE, or FILE alone) or of what is (keys=FILE); - is standard input [default: the blueprint's]
    ///
    /// Where the blueprint names a database, give it a role that may SELECT from the tables of the query and nothing else:
    /// the query runs in a read-only transaction, and a role that may do more is warned of.
    #[arg(long, value_name = "[owners=|keys=]FILE|-", value_parser = of_list)]
    pub registry: Vec<OfList>,

    /// The column or field of a list that holds the ids (owners=NAME, or NAME alone) or keys (keys=NAME); may be given several times
    #[arg(long, value_name = "[owners=|keys=]NAME", value_parser = of_list, requires = "registry")]
    pub registry_column: Vec<OfList>,

    /// The column or field of the list of keys that holds their owners' ids
    #[arg(long, value_name = "NAME", requires = "registry")]
    pub registry_owner_column: Option<String>,

    /// How the lists are written [default: by the ends of their names, else an id a line]
    #[arg(long, value_enum, value_name = "FORMAT", requires = "registry")]
    pub registry_format: Option<Written>,

    /// What stands between the fields of a CSV, such as ';' or '\t' [default: ',']
    #[arg(long, value_name = "CHARACTER", requires = "registry")]
    pub registry_delimiter: Option<Delimiter>,

    /// Only rows whose column holds this count, such as state=active; COLUMN= stands for an empty field, several values of one column are alternatives
    #[arg(long, value_name = "[owners=|keys=]COLUMN=VALUE", value_parser = of_condition)]
    pub registry_where: Vec<OfList>,

    /// What is done to each id or key as it is read, in this order: strip-prefix:TEXT, leading-slash, url-path, percent-decode
    #[arg(long, value_name = "[owners=|keys=]STEP", value_parser = of_step)]
    pub registry_normalize: Vec<OfList>,

    /// How old a list may be when it is read [default: what the blueprint says, else 24h]
    #[arg(long, value_name = "SPAN", value_parser = span)]
    pub max_registry_age: Option<Span>,

    /// Change something by a list whose age is not known: one from standard input, or dated in the future
    #[arg(long)]
    pub allow_undated_registry: bool,

    /// By how much a list may have shrunk since the last run
    #[arg(long, value_name = "PERCENT", default_value = "20", value_parser = percent)]
    pub max_registry_loss: f64,

    /// How many rows of a list may be malformed; whatever these could name is suspect [default: what the blueprint says, else 0]
    #[arg(long, value_name = "N")]
    pub max_malformed: Option<u64>,

    /// How many rows a list has to have
    #[arg(long, value_name = "[owners=|keys=]N", value_parser = of_count)]
    pub expect_rows: Vec<OfList>,
}

/// Something said of the list of owners, or of the list of keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfList {
    subject: Subject,
    value: String,
}

impl fmt::Display for OfList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.subject.plural(), self.value)
    }
}

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Written {
    /// An id a line
    Lines,
    /// CSV with a header
    Csv,
    /// A JSON array
    Json,
    /// A JSON value a line
    Ndjson,
}

impl ListArgs {
    /// The requirements for each list.
    pub(super) fn requirements(&self) -> Requirements {
        Requirements {
            max_age: self.max_registry_age.map(|age| age.0),
            undated: self.allow_undated_registry,
            max_malformed: self.max_malformed,
            max_loss: self.max_registry_loss,
        }
    }

    /// All options that were given, to repeat them in a suggested command.
    pub(super) fn again(&self) -> Vec<Given> {
        // Without `..`, so that a new option cannot be forgotten here.
        let Self {
            registry,
            registry_column,
            registry_owner_column,
            registry_format,
            registry_delimiter,
            registry_where,
            registry_normalize,
            max_registry_age: _,
            allow_undated_registry: _,
            max_registry_loss: _,
            max_malformed: _,
            expect_rows,
        } = self;
        let written = registry_format.and_then(|format| format.to_possible_value());
        let written = written.map(|value| value.get_name().to_owned());
        let delimiter = registry_delimiter.map(|Delimiter(byte)| match byte {
            b'\t' => "\\t".to_owned(),
            byte => char::from(byte).to_string(),
        });
        let mut again: Vec<Given> = Vec::new();
        let each = |name, all: &[OfList]| -> Vec<Given> {
            all.iter().map(|of| (name, Some(of.to_string()))).collect()
        };
        let once = |name, value: Option<String>| value.map(|value| (name, Some(value)));
        again.extend(each("--registry", registry));
        again.extend(each("--registry-column", registry_column));
        again.extend(once(
            "--registry-owner-column",
            registry_owner_column.clone(),
        ));
        again.extend(once("--registry-format", written));
        again.extend(once("--registry-delimiter", delimiter));
        again.extend(each("--registry-where", registry_where));
        again.extend(each("--registry-normalize", registry_normalize));
        again.extend(each("--expect-rows", expect_rows));
        again.extend(self.requirements().options());
        again
    }

    /// The lists of owners and keys: from these options, or from the blueprint.
    ///
    /// # Errors
    /// If two lists were given for one subject, or an option refers to a list that was not given.
    pub(super) fn lists(
        &self,
        blueprint: &Blueprint,
    ) -> Result<(Option<ReferenceList>, Option<ReferenceList>), Failure> {
        self.check()?;
        let (owners, keys) = lists_of(blueprint);
        let of = |subject, stated: Option<&ReferenceList>, whole| {
            let given = self.list(subject)?;
            let given = given.map(|list| list.in_place_of(stated)).or(whole);
            self.adjusted(subject, given)
        };
        Ok((
            of(Subject::Owners, blueprint.registry.owners.as_ref(), owners)?,
            of(Subject::Keys, blueprint.registry.keys.as_ref(), keys)?,
        ))
    }

    /// The lists for a question about one user.
    pub(super) fn for_user(
        &self,
        blueprint: &Blueprint,
        purpose: Purpose,
        state: Option<PathBuf>,
    ) -> Result<Lists, Failure> {
        let (owners, keys) = self.lists(blueprint)?;
        Ok(Lists {
            owners,
            keys,
            requirements: self.requirements(),
            purpose,
            state,
        })
    }

    /// Whether a list is read from standard input, which is possible only once.
    pub(super) fn reads_standard_input(&self) -> bool {
        self.registry.iter().any(|list| list.value == "-")
    }

    /// The list that was given for this subject, if any.
    fn list(&self, subject: Subject) -> Result<Option<ReferenceList>, Failure> {
        let word = subject.plural();
        let columns = of(&self.registry_column, subject);
        let file = match of(&self.registry, subject).as_slice() {
            [] if columns.is_empty() => return Ok(None),
            [] => {
                return Err(Failure::usage(format!(
                    "--registry-column says of the list of {word} what its columns are, and --registry gives no such list"
                ))
                .advising(format!("give it as --registry {word}=FILE")));
            }
            [file] => PathBuf::from(file),
            _ => {
                return Err(Failure::usage(format!(
                    "--registry gives two lists of {word}, and there is one"
                ))
                .advising("a list of keys is given as keys=FILE"));
            }
        };
        Ok(Some(ReferenceList {
            source: Some(Source::File),
            path: Some(file),
            format: self.registry_format.map(Written::format),
            columns: (!columns.is_empty()).then_some(columns),
            owner_column: self
                .registry_owner_column
                .clone()
                .filter(|_| subject == Subject::Keys),
            ..ReferenceList::default()
        }))
    }

    /// The list with the other options applied.
    fn adjusted(
        &self,
        subject: Subject,
        list: Option<ReferenceList>,
    ) -> Result<Option<ReferenceList>, Failure> {
        let conditions = of(&self.registry_where, subject);
        let steps = of(&self.registry_normalize, subject);
        let counts = of(&self.expect_rows, subject);
        let Some(mut list) = list else {
            let said = [
                ("--registry-where", conditions.first()),
                ("--registry-normalize", steps.first()),
                ("--expect-rows", counts.first()),
            ];
            let Some((option, _)) = said.iter().find(|(_, said)| said.is_some()) else {
                return Ok(None);
            };
            let word = subject.plural();
            let failure = Failure::usage(format!(
                "{option} says something of the list of {word}, and there is none"
            ));
            // Without a list's name, an option applies to the list of owners.
            let is_of_keys = subject == Subject::Owners
                && self.registry.iter().any(|of| of.subject == Subject::Keys);
            return Err(if is_of_keys {
                failure.advising(format!("say {option} keys=… if the list of keys is meant"))
            } else {
                failure.advising(format!("give it as --registry {word}=FILE"))
            });
        };
        if !conditions.is_empty() {
            let mut all = Where::new();
            for condition in &conditions {
                let (column, value) = condition::parse(condition).map_err(Failure::usage)?;
                all.entry(column)
                    .or_insert_with(|| Allowed(Vec::new()))
                    .0
                    .push(value);
            }
            list.conditions = Some(all);
        }
        if !steps.is_empty() {
            let steps = steps.iter().map(|step| step.parse::<Step>());
            list.normalize = Some(steps.collect::<Result<_, _>>().map_err(Failure::usage)?);
        }
        match counts.as_slice() {
            [] => {}
            [count] => list.expected_rows = count.parse().ok(),
            _ => {
                return Err(Failure::usage(format!(
                    "--expect-rows gives two numbers for the list of {}",
                    subject.plural()
                )));
            }
        }
        let is_csv = self
            .registry_format
            .is_none_or(|format| format == Written::Csv);
        if self.registry_delimiter.is_some() && !is_csv {
            return Err(Failure::usage(
                "--registry-delimiter is for lists in CSV, and --registry-format says otherwise",
            ));
        }
        if let Some(delimiter) = self.registry_delimiter {
            list.delimiter = Some(delimiter);
        }
        Ok(Some(list))
    }

    /// Checks that clap does not support.
    ///
    /// # Errors
    /// The invalid combination.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let from_input = self.registry.iter().filter(|list| list.value == "-");
        if from_input.count() > 1 {
            return Err(Failure::usage(
                "--registry takes both lists from standard input, and there is one",
            )
            .advising("put one of them in a file"));
        }
        let has_keys = self
            .registry
            .iter()
            .any(|list| list.subject == Subject::Keys);
        if self.registry_owner_column.is_some() && !has_keys {
            return Err(Failure::usage(
                "--registry-owner-column is for a list of keys, and --registry gives none",
            )
            .advising("give it as --registry keys=FILE"));
        }
        Ok(())
    }
}

/// The options for the list of this subject.
fn of(all: &[OfList], subject: Subject) -> Vec<String> {
    let all = all.iter().filter(|one| one.subject == subject);
    all.map(|one| one.value.clone()).collect()
}

impl Written {
    fn format(self) -> ListFormat {
        match self {
            Self::Lines => ListFormat::Lines,
            Self::Csv => ListFormat::Csv,
            Self::Json => ListFormat::Json,
            Self::Ndjson => ListFormat::Ndjson,
        }
    }
}

fn of_list(text: &str) -> Result<OfList, String> {
    let (subject, value) = if let Some(value) = text.strip_prefix("owners=") {
        (Subject::Owners, value)
    } else if let Some(value) = text.strip_prefix("keys=") {
        (Subject::Keys, value)
    } else {
        (Subject::Owners, text)
    };
    if value.is_empty() {
        return Err("it names nothing".to_owned());
    }
    Ok(OfList {
        subject,
        value: value.to_owned(),
    })
}

fn of_condition(text: &str) -> Result<OfList, String> {
    let of = of_list(text)?;
    condition::parse(&of.value)?;
    Ok(of)
}

fn of_step(text: &str) -> Result<OfList, String> {
    let of = of_list(text)?;
    of.value.parse::<Step>()?;
    Ok(of)
}

fn of_count(text: &str) -> Result<OfList, String> {
    let of = of_list(text)?;
    let count = of.value.parse::<u64>();
    count.map_err(|_| "expected a whole number".to_owned())?;
    Ok(of)
}

/// A hundred years: nothing is older than that.
const MOST_AGE: Duration = Duration::from_hours(100 * 365 * 24);

/// Parses a time span that can be subtracted from a date.
pub(super) fn span(text: &str) -> Result<Span, String> {
    let span: Span = text.parse()?;
    if span.0 > MOST_AGE {
        return Err("that is longer than a hundred years".to_owned());
    }
    Ok(span)
}

pub(super) fn percent(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').unwrap_or(text).trim_end();
    match number.parse::<f64>() {
        Ok(percent) if (0.0..=100.0).contains(&percent) => Ok(percent),
        _ => Err("expected a number from 0 to 100".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_of_owners_unless_it_says_keys() {
        let of = |text| of_list(text).map(|of| (of.subject, of.value));
        assert_eq!(
            of("users.txt"),
            Ok((Subject::Owners, "users.txt".to_owned()))
        );
        assert_eq!(of("owners=-"), Ok((Subject::Owners, "-".to_owned())));
        assert_eq!(of("keys=a=b"), Ok((Subject::Keys, "a=b".to_owned())));
        assert_eq!(of("./keys=a"), Ok((Subject::Owners, "./keys=a".to_owned())));
        assert!(of("keys=").is_err());
    }

    #[test]
    fn a_percentage_is_between_nothing_and_all() {
        assert_eq!(percent("10"), Ok(10.0));
        assert_eq!(percent("2.5 %"), Ok(2.5));
        for wrong in ["-1", "101", "NaN", "inf", "ten", ""] {
            assert!(percent(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_said_of_a_list_is_checked_as_it_is_typed() {
        assert!(of_condition("keys=state=live").is_ok());
        assert!(of_condition("deleted_at").is_err());
        assert!(of_step("keys=strip-prefix:media/").is_ok());
        assert!(of_step("upper-case").is_err());
        assert!(of_count("owners=12").is_ok() && of_count("keys=many").is_err());
    }

    #[derive(Debug, clap::Parser)]
    struct Line {
        #[command(flatten)]
        lists: ListArgs,
    }

    /// Each option of the lists, as somebody types it.
    const TYPED: [&[&str]; 12] = [
        &["--registry", "living users.txt"],
        &["--registry-column", "keys=-path", "--registry-column=id"],
        &["--registry-owner-column", "owner"],
        &["--registry-format", "csv"],
        &["--registry-delimiter", "\\t"],
        &[
            "--registry-where",
            "deleted_at=",
            "--registry-where",
            "keys=a=b=c",
        ],
        &["--registry-normalize", "strip-prefix:s3://media/"],
        &["--max-registry-age", "90m"],
        &["--allow-undated-registry"],
        &["--max-registry-loss", "2.5%"],
        &["--max-malformed", "3"],
        &["--expect-rows", "keys=7"],
    ];

    #[test]
    fn what_was_said_of_lists_can_be_said_again_with_every_option() {
        use clap::{CommandFactory, Parser};
        let both = ["s3warden", "--registry", "keys=keys=1.csv"];
        let all = TYPED.iter().copied().flatten().copied();
        let line = Line::parse_from(both.into_iter().chain(all.clone()));
        let again = line.lists.again();
        let words = again.iter().flat_map(|(name, value)| match value {
            Some(value) => vec![format!("{name}={value}")],
            None => vec![(*name).to_owned()],
        });
        let once_more = Line::parse_from(["s3warden".to_owned()].into_iter().chain(words));
        assert_eq!(once_more.lists.again(), again);
        assert_eq!(format!("{once_more:?}"), format!("{line:?}"));
        for option in Line::command().get_arguments() {
            let Some(name) = option.get_long().filter(|name| *name != "help") else {
                continue;
            };
            let name = format!("--{name}");
            assert!(
                TYPED.iter().any(|typed| typed[0] == name),
                "the table lacks {name}"
            );
            assert!(again.iter().any(|(said, _)| *said == name), "{name}");
        }
    }

    #[test]
    fn nothing_is_said_again_where_nothing_was_said() {
        use clap::Parser;
        assert_eq!(Line::parse_from(["s3warden"]).lists.again(), []);
    }

    #[test]
    fn a_step_for_the_list_that_there_is_not_advises_the_one_that_there_is() {
        use clap::Parser;
        let steps = ["--registry-normalize", "leading-slash"];
        for (list, advice) in [("keys=k.csv", "keys=…"), ("k.txt", "")] {
            let typed = ["s3warden", "--registry", list];
            let line = Line::parse_from(typed.iter().chain(&steps));
            let blueprint = Blueprint::parse("b", "version = 1\nname = \"b\"\n").unwrap();
            match line.lists.lists(&blueprint) {
                Ok(_) => assert_eq!(advice, ""),
                Err(failure) => assert!(failure.lines[0].contains(advice), "{failure:?}"),
            }
        }
    }
}
