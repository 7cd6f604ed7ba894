//! `s3warden ls`: lists objects, versions, or everything of one user.
//!
//! `run` decides what to list: `pages` lists one level, `all` every level, `owned` the objects of one user. `rows` has
//! the output, and `predict` adds the lifecycle forecast.

mod all;
mod owned;
mod pages;
mod predict;
mod rows;

use std::io::Write;

use clap::Args;
use serde::Serialize;

use self::pages::Lister;
use self::predict::Predictor;
use self::rows::{ObjectEntry, VersionEntry};
use super::args::uri;
use super::formats::Document;
use super::session::Session;
use super::{ExitStatus, Failure, choice};
use crate::domain::{ByteSize, InvalidName, ObjectSummary, ObjectVersion, OwnerId, S3Uri};
use crate::ops::Meter;

/// What is listed.
#[derive(Debug, Clone, Args)]
pub struct LsArgs {
    /// The bucket, and the beginning of the keys to list
    #[arg(value_name = "s3://BUCKET[/PREFIX]", value_parser = uri)]
    pub uri: S3Uri,

    /// List all keys below, not one level
    #[arg(short, long)]
    pub recursive: bool,

    /// List versions and delete markers, not current objects alone
    #[arg(long)]
    pub versions: bool,

    /// List all keys of this user, wherever the blueprint says they are
    #[arg(long, value_name = "USER", value_parser = owner)]
    pub owner: Option<OwnerId>,
}

const SCHEMA: &str = "s3warden/ls/1";

fn owner(text: &str) -> Result<OwnerId, InvalidName> {
    OwnerId::new(text)
}

#[derive(Debug, Default, Serialize)]
struct Totals {
    prefixes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    objects: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    versions: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delete_markers: Option<u64>,
    size: u64,
    requests: u64,
}

impl Totals {
    fn is_something(&self) -> bool {
        let counts = [self.objects, self.versions, self.delete_markers];
        self.prefixes > 0 || counts.into_iter().flatten().any(|count| count > 0)
    }

    fn in_words(&self) -> String {
        let counts = [
            (Some(self.prefixes).filter(|n| *n > 0), "prefixes"),
            (self.objects, "objects"),
            (self.versions, "versions"),
            (self.delete_markers, "delete markers"),
        ];
        let mut words: Vec<String> = counts
            .into_iter()
            .filter_map(|(count, of)| count.map(|count| format!("{count} {of}")))
            .collect();
        words.push(ByteSize(self.size).to_string());
        words.join(", ")
    }
}

pub(super) async fn run<W: Write>(
    args: &LsArgs,
    session: &Session,
    output: W,
) -> Result<ExitStatus, Failure> {
    let named = choice::named(&session.settings)?;
    let whose = match &args.owner {
        Some(owner) => Some((owner, choice::for_reading(named, &args.uri.bucket)?)),
        None => None,
    };
    let aws = session.connect().await?;
    let look = session.look();
    let document = if args.versions {
        Document::begin::<VersionEntry<'_>>(look, SCHEMA, output)
    } else {
        Document::begin::<ObjectEntry<'_>>(look, SCHEMA, output)
    }?;
    let meter = Meter::new();
    let predictor = Predictor::ask(session, &aws, &args.uri.bucket, &meter).await;
    let asked = (meter, predictor);
    let mut lister = Lister::new(session, &aws, &args.uri, args.versions, document, asked);
    let cut = match &whose {
        Some((owner, rules)) => owned::list(&mut lister, rules, owner, args.versions).await?,
        None if !args.recursive => lister.one_level().await?,
        None if args.versions => all::list::<ObjectVersion, _>(&mut lister).await?,
        None => all::list::<ObjectSummary, _>(&mut lister).await?,
    };
    let has_gaps = !lister.gaps.is_empty();
    let totals = lister.end(cut.as_ref())?;
    match &cut {
        None if has_gaps => {
            let words = format!("at least {}", totals.in_words());
            session.reporter().incomplete(&words);
        }
        cut => session.total(&totals.in_words(), totals.is_something(), cut.as_ref()),
    }
    session.conclude(cut)
}
