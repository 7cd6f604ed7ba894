//! `s3warden receipt verify`: verifies a receipt offline.

use std::io::{Read, Write};
use std::path::PathBuf;

use clap::Subcommand;
use serde::Serialize;

use super::formats::{Column, Document, Record};
use super::session::Session;
use super::{ExitStatus, Failure};
use crate::config::Paths;
use crate::domain::ByteSize;
use crate::domain::receipt::{BucketCounts, Seal, Secret, verify};
use crate::domain::size::grouped;
use crate::ops::change::store::Store;

/// Receipts.
#[derive(Debug, Clone, Subcommand)]
pub enum ReceiptCommand {
    /// Check a receipt, and name the first thing that does not hold
    Verify {
        /// The receipt's JSON file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

const SCHEMA: &str = "s3warden/receipt/1";

/// The maximum size of a receipt in bytes.
const MOST_BYTES: u64 = 4 << 30;

#[derive(Debug, Serialize)]
struct BucketRow<'a> {
    bucket: &'a str,
    #[serde(flatten)]
    counts: &'a BucketCounts,
}

impl Record for BucketRow<'_> {
    const FIELDS: &'static [&'static str] = &[
        "bucket",
        "region",
        "planned",
        "deleted",
        "gone_before",
        "retained",
        "still_there",
    ];
    const COLUMNS: &'static [Column] = &[
        Column::words("BUCKET", 20),
        Column::numbers("PLANNED", 8),
        Column::numbers("DELETED", 8),
        Column::numbers("GONE BEFORE", 11),
        Column::numbers("RETAINED", 8),
        Column::numbers("STILL THERE", 11),
        Column::numbers("DELETED SIZE", 12),
    ];

    fn cells(&self) -> Vec<String> {
        let counts = self.counts;
        vec![
            self.bucket.to_owned(),
            grouped(counts.planned.items),
            grouped(counts.deleted.items),
            grouped(counts.gone_before.items),
            grouped(counts.retained.items),
            grouped(counts.still_there.items),
            ByteSize(counts.deleted.bytes).to_string(),
        ]
    }
}

#[derive(Debug, Serialize)]
struct Totals<'a> {
    holds: bool,
    sealed_here: Option<bool>,
    case: &'a str,
    merkle_root: &'a str,
    digest: &'a str,
}

pub(super) fn run<W: Write>(
    command: &ReceiptCommand,
    session: &Session,
    output: W,
) -> Result<ExitStatus, Failure> {
    let ReceiptCommand::Verify { file } = command;
    let mut text = String::new();
    std::fs::File::open(file)
        .and_then(|file| file.take(MOST_BYTES).read_to_string(&mut text))
        .map_err(|error| {
            Failure::usage(format!(
                "could not read the receipt {}: {error}",
                file.display()
            ))
        })?;
    let secret = secret(session)?;
    let verified = verify(&text, secret.as_ref()).map_err(|why| {
        Failure::failed(format!(
            "the receipt {} does not hold: {why}",
            file.display()
        ))
    })?;
    let receipt = &verified.receipt;
    let mut document = Document::begin::<BucketRow<'_>>(session.look(), SCHEMA, output)?;
    for (bucket, counts) in &receipt.buckets {
        document.item(&BucketRow { bucket, counts })?;
    }
    let is_ours = verified.seal == Seal::Ours;
    let totals = Totals {
        holds: true,
        sealed_here: is_ours.then_some(true),
        case: &receipt.case,
        merkle_root: &receipt.merkle_root,
        digest: &receipt.digest,
    };
    document.end(&totals, &[])?;
    session.reporter().note(if is_ours {
        "the receipt holds: it is whole, its numbers are those of its items, and it was sealed here"
    } else {
        "the receipt holds: it is whole and its numbers are those of its items; who sealed it cannot be checked \
         without that installation's secret"
    });
    Ok(ExitStatus::Done)
}

/// The secret of this installation, if it has one. Verification does not create one.
fn secret(session: &Session) -> Result<Option<Secret>, Failure> {
    let state = session.settings.paths.as_ref().map(Paths::state);
    let Some(state) = state.filter(|state| state.is_dir()) else {
        return Ok(None);
    };
    let kept = Store::open(state).and_then(|store| store.kept_secret());
    kept.map_err(|error| {
        Failure::failed(format!(
            "could not read the secret that seals receipts: {error}"
        ))
    })
}
