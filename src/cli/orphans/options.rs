//! What `orphans` can be told.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::act_args::ActArgs;
use crate::cli::Failure;
use crate::cli::args::bucket_name;
use crate::domain::BucketName;
use crate::domain::blueprint::ReferenceList;
use crate::domain::blueprint::registry::{ListFormat, Source};
use crate::domain::blueprint::values::Span;
use crate::domain::orphans::gates::Limits;
use crate::domain::orphans::{Kind, Kinds};
use crate::domain::registry::Subject;

/// Where to look, for what, and by whose word.
#[derive(Debug, Clone, Args)]
pub struct OrphansArgs {
    /// The buckets [default: all of --blueprint that have layouts]
    #[arg(value_name = "BUCKET", value_parser = bucket_name)]
    pub buckets: Vec<BucketName>,

    /// A list of who is alive (owners=FILE, or FILE alone) or of what is (keys=FILE); - is standard input [default: the blueprint's]
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

    /// What to look for; may be given several times [default: all that the lists allow]
    #[arg(long = "kind", value_enum, value_name = "KIND", value_delimiter = ',')]
    pub kinds: Vec<Wanted>,

    /// What is younger is never an orphan
    #[arg(long, value_name = "SPAN", default_value = "48h", value_parser = span)]
    pub min_age: Span,

    /// The largest part of a bucket's objects, or of their bytes, that may be orphans
    #[arg(long, value_name = "PERCENT", default_value = "10", value_parser = percent)]
    pub max_share: f64,

    /// The most objects of a bucket that may be orphans
    #[arg(long, value_name = "N", default_value_t = Limits::default().count)]
    pub max_count: u64,

    /// How old a list may be when the listing begins [default: what the blueprint says, else 24h]
    #[arg(long, value_name = "SPAN", value_parser = span)]
    pub max_registry_age: Option<Span>,

    /// By how much a list may have shrunk since the last run
    #[arg(long, value_name = "PERCENT", default_value = "20", value_parser = percent)]
    pub max_registry_loss: f64,

    /// How many of a bucket's keys the blueprint's layouts have to explain
    #[arg(long, value_name = "PERCENT", default_value = "90", value_parser = percent)]
    pub min_explained: f64,

    /// The most objects that are asked one by one for an owner who stands in their metadata, at a HEAD request each
    #[arg(long, value_name = "N", default_value_t = Limits::default().heads)]
    pub max_heads: u64,

    /// What to do with what is found.
    #[command(flatten)]
    pub act: ActArgs,
}

/// Something said of the list of owners, or of the list of keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfList {
    subject: Subject,
    value: String,
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

/// A kind, as clap lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted(Kind);

impl ValueEnum for Wanted {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [Wanted; Kind::ALL.len()] = [
            Wanted(Kind::OwnerGone),
            Wanted(Kind::RecordGone),
            Wanted(Kind::SourceGone),
            Wanted(Kind::UploadAbandoned),
            Wanted(Kind::VersionsOnly),
            Wanted(Kind::Dangling),
            Wanted(Kind::DerivedMissing),
            Wanted(Kind::Unreadable),
            Wanted(Kind::Suspect),
        ];
        &ALL
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.0.word()).help(self.0.meaning()))
    }
}

impl OrphansArgs {
    /// The kinds that were asked for, if any were.
    pub(super) fn kinds(&self) -> Option<Kinds> {
        let kinds = self.kinds.iter().map(|wanted| wanted.0);
        (!self.kinds.is_empty()).then(|| kinds.collect())
    }

    /// Where the gates stand.
    pub(super) fn limits(&self) -> Limits {
        Limits {
            min_age: self.min_age.0,
            registry_age: self.max_registry_age.map(|age| age.0),
            share: self.max_share,
            count: self.max_count,
            registry_loss: self.max_registry_loss,
            explained: self.min_explained,
            heads: self.max_heads,
        }
    }

    /// The list that was given for this subject, if one was.
    ///
    /// # Errors
    /// Two were given, or something was said of a list that was not.
    pub(super) fn list(&self, subject: Subject) -> Result<Option<ReferenceList>, Failure> {
        let word = subject.plural();
        let of = |all: &[OfList]| -> Vec<String> {
            let all = all.iter().filter(|one| one.subject == subject);
            all.map(|one| one.value.clone()).collect()
        };
        let columns = of(&self.registry_column);
        let file = match of(&self.registry).as_slice() {
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

    /// Whether a list comes from standard input, which can be read once.
    pub(super) fn reads_standard_input(&self) -> bool {
        self.registry.iter().any(|list| list.value == "-")
    }

    /// What clap cannot see.
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

/// A hundred years: further back nothing was stored.
const MOST_AGE: Duration = Duration::from_hours(100 * 365 * 24);

/// A length of time that a date can be counted back by.
fn span(text: &str) -> Result<Span, String> {
    let span: Span = text.parse()?;
    if span.0 > MOST_AGE {
        return Err("that is longer than a hundred years".to_owned());
    }
    Ok(span)
}

fn percent(text: &str) -> Result<f64, String> {
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
    fn every_kind_can_be_asked_for() {
        let all: Vec<Kind> = Wanted::value_variants().iter().map(|one| one.0).collect();
        assert_eq!(all, Kind::ALL);
    }

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
}
