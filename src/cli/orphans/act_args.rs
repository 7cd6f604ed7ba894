//! The options of `orphans --act`.

use clap::{Args, ValueEnum};

use crate::domain::quarantine::Method;
use crate::domain::{BucketName, OwnerId};

/// What to do with what was found.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Acting on what is found")]
pub struct ActArgs {
    /// Put orphans aside, bring them back, or delete them; without --write and --confirm this shows what would be done
    #[arg(long, value_enum, value_name = "ACT")]
    pub act: Option<ActWord>,

    /// How they are put aside, or were
    #[arg(
        long,
        value_enum,
        value_name = "METHOD",
        default_value = "tag",
        requires = "act"
    )]
    pub by: By,

    /// The bucket and the number of orphans in it, as the report has them: allows the act, together with --write
    #[arg(long, value_name = "BUCKET:COUNT", value_parser = confirmation, requires = "act")]
    pub confirm: Option<Confirmation>,

    /// With --act restore: bring back what is this user's, and nothing else
    #[arg(long, value_name = "USER", value_parser = owner, requires = "act")]
    pub owner: Option<OwnerId>,

    /// With --act quarantine: add a lifecycle rule that expires what is put aside after so many days
    #[arg(long, value_name = "DAYS", requires = "act", value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub expire_after: Option<u32>,

    /// Go on with an act that was stopped; its plan is in the state folder
    #[arg(long, value_name = "PLAN", requires = "act")]
    pub resume: Option<std::path::PathBuf>,

    /// With --act delete: count the annotations of every version that is deleted, at a request each; without it plans of up to
    /// 100 versions count them
    #[arg(long, requires = "act")]
    pub count_annotations: bool,

    /// Write records whose object is missing to a file, for the application to put right: a JSON object a line
    #[arg(long, value_name = "FILE")]
    pub dangling_out: Option<std::path::PathBuf>,
}

/// An act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ActWord {
    /// Put aside, so that it can be brought back
    Quarantine,
    /// Delete for good, with every version
    Delete,
    /// Bring back what was put aside
    Restore,
}

/// How something is put aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// A tag, beside those that the object has; it stays where it is, and version, time and entity tag stay
    Tag,
    /// A copy under s3warden-quarantine/, compared before the object is deleted in its place; coming back writes a new
    /// version with a new time
    Copy,
}

/// A bucket and a number, typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// The bucket.
    pub bucket: BucketName,
    /// How many orphans.
    pub count: u64,
}

impl By {
    pub(super) fn method(self) -> Method {
        match self {
            Self::Tag => Method::Tag,
            Self::Copy => Method::Copy,
        }
    }
}

fn confirmation(text: &str) -> Result<Confirmation, String> {
    let expected = || "expected BUCKET:COUNT, as in media:1204".to_owned();
    let (bucket, count) = text.rsplit_once(':').ok_or_else(expected)?;
    let is_number = !count.is_empty() && count.bytes().all(|b| b.is_ascii_digit());
    Ok(Confirmation {
        bucket: BucketName::new(bucket).map_err(|why| why.to_string())?,
        count: count
            .parse()
            .ok()
            .filter(|_| is_number)
            .ok_or_else(expected)?,
    })
}

fn owner(text: &str) -> Result<OwnerId, String> {
    OwnerId::new(text).map_err(|why| why.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_confirmation_is_a_bucket_and_a_number_and_nothing_else() {
        let typed = confirmation("media:12").unwrap();
        assert_eq!((typed.bucket.as_str(), typed.count), ("media", 12));
        for wrong in [
            "media",
            "media:",
            ":12",
            "media:+12",
            "media:-1",
            "media:1,204",
            "media:12 ",
            "12",
        ] {
            assert!(confirmation(wrong).is_err(), "{wrong}");
        }
    }
}
