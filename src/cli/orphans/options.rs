//! The options of `orphans`.

use clap::{Args, ValueEnum};

use super::act_args::ActArgs;
use crate::cli::args::bucket_name;
use crate::cli::lists::{ListArgs, percent, span};
use crate::domain::BucketName;
use crate::domain::blueprint::values::Span;
use crate::domain::command_line::Given;
use crate::domain::orphans::gates::Limits;
use crate::domain::orphans::{Kind, Kinds};

/// Where to look, for what, and by whose word.
#[derive(Debug, Clone, Args)]
pub struct OrphansArgs {
    /// The buckets [default: all of --blueprint that have layouts]
    #[arg(value_name = "BUCKET", value_parser = bucket_name)]
    pub buckets: Vec<BucketName>,

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

    /// How many of the records may name keys that no layout explains
    #[arg(long, value_name = "PERCENT", default_value = "10", value_parser = percent)]
    pub max_unexplained_records: f64,

    /// How many of a bucket's keys the blueprint's layouts have to explain
    #[arg(long, value_name = "PERCENT", default_value = "90", value_parser = percent)]
    pub min_explained: f64,

    /// The most objects that are asked one by one for an owner who stands in their metadata, at a HEAD request each
    #[arg(long, value_name = "N", default_value_t = Limits::default().heads)]
    pub max_heads: u64,

    /// The lists.
    #[command(flatten)]
    pub lists: ListArgs,

    /// What to do with what is found.
    #[command(flatten)]
    pub act: ActArgs,
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
    /// All options that were given, except those about the act, to repeat them in a suggested command.
    pub(super) fn again(&self) -> Vec<Given> {
        // Without `..`, so that a new option cannot be forgotten here.
        let Self {
            buckets: _,
            kinds,
            min_age: _,
            max_share: _,
            max_count: _,
            max_unexplained_records: _,
            min_explained: _,
            max_heads: _,
            lists,
            act: _,
        } = self;
        let mut again: Vec<Given> = kinds
            .iter()
            .map(|kind| ("--kind", Some(kind.0.word().to_owned())))
            .collect();
        again.extend(lists.again());
        let of_lists: Vec<&str> = again.iter().map(|(name, _)| *name).collect();
        let limits = self.limits().options().into_iter();
        let limits: Vec<Given> = limits
            .filter(|(name, _)| !of_lists.contains(name))
            .collect();
        again.extend(limits);
        again
    }

    /// The requested kinds, if any.
    pub(super) fn kinds(&self) -> Option<Kinds> {
        let kinds = self.kinds.iter().map(|wanted| wanted.0);
        (!self.kinds.is_empty()).then(|| kinds.collect())
    }

    /// The thresholds of the gates.
    pub(super) fn limits(&self) -> Limits {
        Limits {
            min_age: self.min_age.0,
            lists: self.lists.requirements(),
            share: self.max_share,
            count: self.max_count,
            unexplained: self.max_unexplained_records,
            explained: self.min_explained,
            heads: self.max_heads,
        }
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
}
