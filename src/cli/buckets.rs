//! `s3warden buckets`: all buckets of the account, one row each.

use std::collections::HashMap;
use std::io::Write;
use std::sync::Arc;

use chrono::SecondsFormat;
use clap::Args;
use futures::{FutureExt, StreamExt, stream};
use serde::Serialize;

use super::formats::{Column, Document, Note, OutputStyle, Record};
use super::metrics::{absent, unknown};
use super::session::{Interruption, Session};
use super::{ExitStatus, Failure};
use crate::aws::Problem;
use crate::domain::metrics::Storage;
use crate::domain::words::counted;
use crate::domain::{BucketName, ByteSize, Region};
use crate::ops::buckets::{
    self, BucketEntry, BucketFacts, Encryption, Publicity, Versioning, VersioningState,
};
use crate::ops::{Fact, Gate, Meter, metrics};

/// Which buckets: all that the credentials can see.
#[derive(Debug, Clone, Args)]
pub struct BucketsArgs {}

const SCHEMA: &str = "s3warden/buckets/1";

/// How many days back to look for a size: the newest point may be late, and a day may be missing.
const SIZE_DAYS: u32 = 7;

/// A bucket as a row. Unknown values are `None`, with a note.
#[derive(Debug, Serialize)]
struct BucketRow {
    bucket: String,
    region: Option<String>,
    created: Option<String>,
    objects: Option<u64>,
    size: Option<u64>,
    /// The date of both values, which are a day or two old.
    measured_at: Option<String>,
    encryption: Option<String>,
    versioning: Option<&'static str>,
    public: Option<bool>,
}

impl Record for BucketRow {
    const FIELDS: &'static [&'static str] = &[
        "bucket",
        "region",
        "created",
        "objects",
        "size",
        "measured_at",
        "encryption",
        "versioning",
        "public",
    ];
    const COLUMNS: &'static [Column] = &[
        Column::words("BUCKET", 20),
        Column::words("REGION", 14),
        Column::words("CREATED", 20),
        Column::numbers("OBJECTS", 9),
        Column::numbers("SIZE", 9),
        Column::words("ENCRYPTION", 10),
        Column::words("VERSIONING", 10),
        Column::words("PUBLIC", 7),
    ];

    fn cells(&self) -> Vec<String> {
        let public = self
            .public
            .map(|public| if public { "public" } else { "no" });
        let objects = self.objects.map(|objects| objects.to_string());
        let size = self.size.map(|size| ByteSize(size).to_string());
        [
            Some(self.bucket.as_str()),
            self.region.as_deref(),
            self.created.as_deref(),
            objects.as_deref(),
            size.as_deref(),
            self.encryption.as_deref(),
            self.versioning,
            public,
        ]
        .into_iter()
        .map(|cell| cell.unwrap_or("?").to_owned())
        .collect()
    }
}

#[derive(Debug, Serialize)]
struct Totals {
    buckets: u64,
    requests: u64,
}

pub(super) async fn run<W: Write>(session: &Session, output: W) -> Result<ExitStatus, Failure> {
    let aws = session.connect().await?;
    let meter = Meter::new();
    let listing = buckets::list(&aws, &meter);
    let (entries, mut cut) = match session.stop.run_until_cancelled(listing).await {
        Some(listed) => (listed.buckets, listed.problem.map(Interruption::Failed)),
        None => (Vec::new(), Some(Interruption::Interrupted)),
    };
    let longest = entries.iter().map(|entry| entry.name.as_str().len()).max();
    let look = OutputStyle {
        first_column: longest.unwrap_or(0),
        ..session.look()
    };
    let mut document = Document::begin::<BucketRow>(look, SCHEMA, output)?;
    let mut notes = Vec::new();
    let mut missing = Missing::default();
    let mut printed: u64 = 0;
    let gate = Gate::new(session.settings.jobs);
    let names = entries.iter().map(|entry| entry.name.clone()).collect();
    // One request task for all buckets; each row waits for its size and its own facts.
    let sizes = metrics::storage(&aws, names, SIZE_DAYS, gate.clone(), &meter)
        .map(|one| (one.bucket, one.storage))
        .collect::<HashMap<_, _>>()
        .map(Arc::new)
        .shared();
    let mut answers = stream::iter(&entries)
        .map(|entry| {
            let sizes = sizes.clone();
            let facts = buckets::facts_through(&aws, &entry.name, &meter, &gate);
            async move {
                let (facts, sizes) = futures::join!(facts, sizes);
                (entry, facts, sizes)
            }
        })
        .buffered(gate.width());
    loop {
        match session.stop.run_until_cancelled(answers.next()).await {
            None => {
                cut = Some(Interruption::Interrupted);
                break;
            }
            Some(None) => break,
            Some(Some((entry, facts, sizes))) => {
                let storage = sizes.get(&entry.name);
                if let Some(why) = storage.and_then(unknown) {
                    missing.add("objects and size", &entry.name, &why);
                }
                let storage = storage.and_then(Fact::value);
                for (what, why) in storage.into_iter().flat_map(absent) {
                    missing.add(what, &entry.name, why);
                }
                document.item(&row(entry, facts, storage, &mut missing))?;
                document.flush()?;
                printed += 1;
            }
        }
    }
    notes.extend(missing.notes());
    for note in &notes {
        session
            .reporter()
            .note(&format!("{}: {}", note.what, note.why));
    }
    if let Some(cut) = &cut {
        let what = if printed > 0 {
            "the rest of the buckets"
        } else {
            "the buckets"
        };
        notes.push(cut.note(what.to_owned()));
    }
    let totals = Totals {
        buckets: printed,
        requests: meter.requests(),
    };
    document.end(&totals, &notes)?;
    session.total(&counted(printed, "bucket"), printed > 0, cut.as_ref());
    session.conclude(cut)
}

fn row<'b>(
    entry: &'b BucketEntry,
    facts: BucketFacts,
    storage: Option<&Storage>,
    missing: &mut Missing<'b>,
) -> BucketRow {
    let size = storage.and_then(Storage::size);
    let name = &entry.name;
    let mut note = |what: &'static str, why: String| missing.add(what, name, &why);
    if entry.created.is_none() {
        note("created", "the server did not tell it".to_owned());
    }
    BucketRow {
        bucket: name.to_string(),
        region: known(
            facts.region,
            "region",
            &mut note,
            |region: Region| region.0,
            None,
        ),
        created: entry
            .created
            .map(|time| time.to_rfc3339_opts(SecondsFormat::Secs, true)),
        objects: storage.and_then(Storage::count).map(|(_, objects)| objects),
        size: size.map(|(_, size)| size.bytes()),
        measured_at: size.map(|(day, _)| day.to_string()),
        encryption: known(
            facts.encryption,
            "encryption",
            &mut note,
            |encryption: Encryption| encryption.algorithm,
            Some("none".to_owned()),
        ),
        versioning: known(
            facts.versioning,
            "versioning",
            &mut note,
            state,
            Some("off"),
        ),
        public: known(facts.publicity, "public", &mut note, is_public, Some(false)),
    }
}

/// The value of a fact, or that of "not set", or nothing and a note.
fn known<T, V>(
    fact: Fact<T>,
    what: &'static str,
    note: &mut impl FnMut(&'static str, String),
    value: impl Fn(T) -> V,
    not_set: Option<V>,
) -> Option<V> {
    match fact {
        Fact::Set(found) => Some(value(found)),
        Fact::NotSet => not_set,
        Fact::Unknown(problem) => {
            note(what, cause(&problem));
            None
        }
    }
}

fn state(versioning: Versioning) -> &'static str {
    match versioning.state {
        VersioningState::Enabled => "enabled",
        VersioningState::Suspended => "suspended",
    }
}

/// Whether S3 reports the policy as public, and the bucket's own block does not restrict it.
fn is_public(publicity: Publicity) -> bool {
    match publicity {
        Publicity::Public => true,
        Publicity::Blocked | Publicity::NotPublic => false,
    }
}

/// Missing facts by type and reason, with their buckets in order.
#[derive(Default)]
struct Missing<'b>(Vec<(&'static str, String, Vec<&'b BucketName>)>);

/// The number of buckets to name for one reason; the others are counted.
const NAMED: usize = 5;

impl<'b> Missing<'b> {
    fn add(&mut self, what: &'static str, bucket: &'b BucketName, why: &str) {
        // AWS's message contains the resource; without it, the same reason has the same text for all buckets.
        let why = why.replace(
            &format!(" on resource: \"arn:aws:s3:::{bucket}\""),
            " on the bucket",
        );
        let group = self.0.iter_mut();
        let mut same = group.filter(|(of, cause, _)| *of == what && *cause == why);
        match same.next() {
            Some((_, _, buckets)) => buckets.push(bucket),
            None => self.0.push((what, why, vec![bucket])),
        }
    }

    fn notes(self) -> impl Iterator<Item = Note> {
        self.0.into_iter().map(|(what, why, buckets)| {
            let names: Vec<&str> = buckets.iter().take(NAMED).map(|b| b.as_str()).collect();
            let more = match buckets.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more buckets"),
            };
            Note {
                what: format!("{what} of {}{more}", names.join(", ")),
                why,
            }
        })
    }
}

/// The reason of an error without the bucket, so that the same reason has the same text.
fn cause(problem: &Problem) -> String {
    let code = match &problem.code {
        Some(code) if !problem.message.contains(code.as_str()) => format!(" ({code})"),
        _ => String::new(),
    };
    let advice = problem.advice.command_line();
    let advice = match (problem.permission, advice.as_str()) {
        (Some(permission), _) => format!("; the credentials need {permission}"),
        (None, "") => String::new(),
        (None, advice) => format!("; {advice}"),
    };
    format!(
        "could not {}: {}{code}{advice}",
        problem.attempted, problem.message
    )
}
