//! `s3warden inspect`: explains a pre-signed URL and its problems.

use std::io::{self, Read as _, Write};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use clap::Args;
use serde::Serialize;

use super::args::Format;
use super::formats::{Column, Document, Note, Record};
use super::session::Session;
use super::{ExitStatus, Failure};
use crate::aws::raw::{RawClient, RawTimeouts};
use crate::domain::presign::inspect::{Flaw, Inspection, Style, Validity, inspect};
use crate::domain::text;
use crate::ops::presign::check::{self, Checked, Verdict};

/// Which URL.
#[derive(Debug, Clone, Args)]
pub struct InspectArgs {
    /// The URL, in quotes; `-` reads it from standard input, where no shell's history keeps it
    #[arg(value_name = "URL|-")]
    url: String,

    /// Send one harmless request with it, and explain the answer
    #[arg(long)]
    check: bool,
}

const SCHEMA: &str = "s3warden/inspect/1";

/// The maximum input size in bytes: more than any URL.
const MOST_INPUT: u64 = 64 << 10;

#[derive(Serialize)]
struct Totals {
    good: bool,
    flaws: usize,
}

pub(super) async fn run<W: Write>(
    args: &InspectArgs,
    session: &Session,
    mut output: W,
) -> Result<ExitStatus, Failure> {
    let text = match args.url.as_str() {
        "-" => from_input()?,
        url => url.to_owned(),
    };
    let now = Utc::now();
    // The error does not repeat the text, which may contain a signature.
    let found = inspect(&text, now).map_err(|why| {
        Failure::usage(format!("could not explain the URL: {why}"))
            .advising("give it whole and in quotes, or on standard input with -")
    })?;
    let (checked, cut) = if args.check {
        match session.ask(checked(&found)).await {
            Ok(checked) => (Some(checked), None),
            Err(cut) => (None, Some(cut)),
        }
    } else {
        (None, None)
    };
    let good = !found.is_refused()
        && checked
            .as_ref()
            .is_none_or(|checked| checked.verdict != Verdict::Refused);
    let notes: Vec<Note> = cut
        .iter()
        .map(|cut| cut.note("the check".to_owned()))
        .collect();
    let item = Item::new(&found, checked.as_ref(), now);
    if session.settings.format == Format::Table {
        item.write(&found, &mut output)?;
        output.flush()?;
    } else {
        let mut document = Document::begin::<Item<'_>>(session.look(), SCHEMA, output)?;
        document.item(&item)?;
        let flaws = found.flaws.len();
        document.end(&Totals { good, flaws }, &notes)?;
    }
    match cut {
        Some(cut) => session.conclude(Some(cut)),
        None if good => Ok(ExitStatus::Done),
        None => Ok(ExitStatus::Found),
    }
}

async fn checked(found: &Inspection) -> Result<Checked, crate::aws::Problem> {
    let client = RawClient::new(RawTimeouts::default())?;
    check::check(&client, found).await
}

fn from_input() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .take(MOST_INPUT)
        .read_to_end(&mut bytes)
        .map_err(|why| {
            Failure::usage(format!("could not read the URL from standard input: {why}"))
        })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The facts about a URL. Missing ones are `None`. It contains no signature or token.
#[derive(Serialize)]
struct Item<'a> {
    kind: String,
    host: &'a str,
    bucket: Option<&'a str>,
    key: &'a str,
    bucket_is_a_guess: bool,
    region: Option<&'a str>,
    service: Option<&'a str>,
    access_key_id: Option<&'a str>,
    access_key_kind: Option<String>,
    account: Option<&'a str>,
    session_token: bool,
    valid: Option<bool>,
    from: Option<String>,
    until: Option<String>,
    method: String,
    signed_headers: &'a [String],
    parameters: Vec<Parameter<'a>>,
    limits: &'a [String],
    signature: Option<&'a str>,
    flaws: Vec<FlawItem<'a>>,
    check: Option<CheckItem<'a>>,
    #[serde(skip)]
    validity: Validity,
}

#[derive(Serialize)]
struct Parameter<'a> {
    name: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
struct FlawItem<'a> {
    id: &'a str,
    refused: bool,
    message: &'a str,
}

#[derive(Serialize)]
struct CheckItem<'a> {
    sent: Option<&'static str>,
    status: Option<u16>,
    code: Option<&'a str>,
    verdict: &'static str,
    message: &'a str,
}

impl<'a> Item<'a> {
    fn new(found: &'a Inspection, checked: Option<&'a Checked>, now: DateTime<Utc>) -> Self {
        let validity = found.validity(now);
        let signer = found.signer.as_ref();
        Self {
            kind: found.kind.to_string(),
            host: &found.host,
            bucket: found.place.bucket.as_deref(),
            key: &found.place.key,
            bucket_is_a_guess: found.place.style == Style::PerhapsPath,
            region: found.region.as_deref().or(found.place.region.as_deref()),
            service: found.service.as_deref(),
            access_key_id: signer.map(|signer| signer.id.as_str()),
            access_key_kind: signer.map(|signer| signer.kind.to_string()),
            account: signer.and_then(|signer| signer.account.as_deref()),
            session_token: found.has_token,
            valid: match validity {
                Validity::Unknown => None,
                validity => Some(matches!(validity, Validity::Good(_)) && !found.is_refused()),
            },
            from: found.from.map(time),
            until: found.until.map(time),
            method: found.method.to_string(),
            signed_headers: &found.signed_headers,
            parameters: found
                .parameters
                .iter()
                .map(|(name, value)| Parameter { name, value })
                .collect(),
            limits: &found.limits,
            signature: found.signature.as_deref(),
            flaws: found
                .flaws
                .iter()
                .map(|Flaw { id, refused, words }| FlawItem {
                    id,
                    refused: *refused,
                    message: words,
                })
                .collect(),
            check: checked.map(|checked| CheckItem {
                sent: checked.sent,
                status: checked.status,
                code: checked.code.as_deref(),
                verdict: checked.verdict.word(),
                message: &checked.words,
            }),
            validity,
        }
    }

    /// Prints for people, with the answer to "is it valid?" last, where it is seen first.
    fn write(&self, found: &Inspection, output: &mut impl Write) -> io::Result<()> {
        line(output, "kind", &self.kind)?;
        match (self.bucket, self.bucket_is_a_guess) {
            (Some(bucket), false) => {
                line(output, "object", &format!("s3://{bucket}/{}", self.key))?;
            }
            (Some(bucket), true) => line(
                output,
                "object",
                &format!(
                    "s3://{bucket}/{} (the bucket in the path, most likely)",
                    self.key
                ),
            )?,
            (None, _) => line(output, "path", &format!("/{}", self.key))?,
        }
        line(output, "host", self.host)?;
        for (name, value) in &found.parameters {
            line(output, "asks for", &format!("{name}={value}"))?;
        }
        if let Some(id) = self.access_key_id {
            let account = self
                .account
                .map(|account| format!(", account {account}"))
                .unwrap_or_default();
            let kind = self.access_key_kind.as_deref().unwrap_or_default();
            let token = if self.session_token {
                ", with a session token"
            } else {
                ""
            };
            line(output, "signer", &format!("{id}: {kind}{account}{token}"))?;
        }
        if let Some(region) = self.region {
            let service = self.service.unwrap_or("s3");
            line(output, "Region", &format!("{region} ({service})"))?;
        }
        line(output, "method", &self.method)?;
        let to_send: Vec<&str> = self
            .signed_headers
            .iter()
            .map(String::as_str)
            .filter(|name| *name != "host")
            .collect();
        if !to_send.is_empty() {
            line(
                output,
                "send",
                &format!(
                    "{}, each with the value that was signed",
                    to_send.join(", ")
                ),
            )?;
        }
        for limit in self.limits {
            line(output, "limit", limit)?;
        }
        if let Some(signature) = self.signature {
            line(
                output,
                "signed",
                &format!("{signature} (the rest is not shown)"),
            )?;
        }
        if let Some(from) = &self.from {
            line(output, "from", from)?;
        }
        if let Some(until) = &self.until {
            line(
                output,
                "until",
                &format!("{until}{}", in_words(self.validity)),
            )?;
        }
        for flaw in &self.flaws {
            let what = if flaw.refused { "wrong" } else { "note" };
            line(output, what, flaw.message)?;
        }
        if let Some(check) = &self.check {
            line(output, "check", check.message)?;
        } else if !found.is_refused() {
            let good = match self.validity {
                Validity::Good(_) => "nothing is wrong with it, as far as the URL itself tells",
                _ => {
                    "nothing is wrong with it that the URL itself tells; it does not say until when"
                }
            };
            line(output, "verdict", good)?;
        }
        Ok(())
    }
}

fn in_words(validity: Validity) -> String {
    let words = |span: std::time::Duration| {
        let span = TimeDelta::from_std(span).unwrap_or_default();
        match (span.num_days(), span.num_hours(), span.num_minutes()) {
            (days @ 2.., ..) => format!("{days} days"),
            (_, hours @ 2.., _) => format!("{hours} hours"),
            (.., minutes @ 2..) => format!("{minutes} minutes"),
            _ => format!("{} seconds", span.num_seconds()),
        }
    };
    match validity {
        Validity::Good(left) => format!(", {} left", words(left)),
        Validity::Ended(ago) => format!(", {} ago", words(ago)),
        Validity::NotYet(_) | Validity::Unknown => String::new(),
    }
}

impl Record for Item<'_> {
    const FIELDS: &'static [&'static str] = &[
        "kind",
        "bucket",
        "key",
        "region",
        "access_key_id",
        "account",
        "valid",
        "from",
        "until",
        "method",
        "flaws",
    ];
    // The facts about one URL are printed as lines by `Item::write` instead of a table.
    const COLUMNS: &'static [Column] = &[Column::words("KIND", 0)];

    fn cells(&self) -> Vec<String> {
        vec![self.kind.clone()]
    }
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn line(output: &mut impl Write, what: &str, words: &str) -> io::Result<()> {
    writeln!(output, "{what:<10}{}", text::safe(words))
}
