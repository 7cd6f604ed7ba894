//! The output of `s3warden presign`: an item for programs, a report for people.

use std::io::{self, Write};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::super::formats::{Column, Record};
use crate::domain::blueprint::values::Span;
use crate::domain::presign::key::MadeKey;
use crate::domain::presign::{Method, Remark, Signed, Warning};
use crate::domain::text;

/// A signed request as an item.
#[derive(Serialize)]
pub(super) struct Item<'a> {
    method: &'static str,
    http_method: &'static str,
    bucket: &'a str,
    key: &'a str,
    url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<InOrder<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<InOrder<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<&'a str>,
    signed_at: String,
    expires_at: String,
    expires_in_seconds: u64,
    credentials_expire_at: Option<String>,
    temporary_credentials: bool,
    region: &'a str,
    region_source: &'static str,
    can: Vec<&'a str>,
    cannot: Vec<&'a str>,
    warnings: Vec<WarningItem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    snippet: Option<String>,
}

#[derive(Serialize)]
struct WarningItem {
    id: &'static str,
    message: String,
}

/// Serializes names and values as an object in this order: S3 reads the fields of a form in order.
struct InOrder<'a>(&'a [(String, String)]);

impl Serialize for InOrder<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'a> Item<'a> {
    pub(super) fn new(
        signed: &'a Signed,
        warnings: &[Warning],
        remarks: &'a [Remark],
        snippet: Option<String>,
    ) -> Self {
        let is_form = signed.method() == Method::Post;
        let words = |can: bool| {
            remarks
                .iter()
                .filter(|remark| remark.can == can)
                .map(|remark| remark.words.as_str())
                .collect()
        };
        Self {
            method: signed.method().word(),
            http_method: signed.method().http(),
            bucket: signed.request.bucket.as_str(),
            key: signed.request.key.as_str(),
            url: &signed.url,
            headers: (!is_form).then_some(InOrder(&signed.headers)),
            fields: is_form.then_some(InOrder(&signed.fields)),
            policy: signed.policy.as_deref(),
            signed_at: time(signed.signed_at),
            expires_at: time(signed.expires_at),
            expires_in_seconds: signed.left(signed.signed_at).as_secs(),
            credentials_expire_at: signed.credentials_expire_at.map(time),
            temporary_credentials: signed.temporary,
            region: signed.region.as_str(),
            region_source: signed.region_source.words(),
            can: words(true),
            cannot: words(false),
            warnings: warnings
                .iter()
                .map(|warning| WarningItem {
                    id: warning.id(),
                    message: warning.to_string(),
                })
                .collect(),
            snippet,
        }
    }
}

impl Record for Item<'_> {
    const FIELDS: &'static [&'static str] = &[
        "method",
        "http_method",
        "bucket",
        "key",
        "url",
        "headers",
        "fields",
        "expires_at",
        "region",
    ];
    // The URL would be hard to find in a table of one row, so `Report` is printed instead.
    const COLUMNS: &'static [Column] = &[Column::words("URL", 0)];

    fn cells(&self) -> Vec<String> {
        vec![self.url.to_owned()]
    }
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A signed request for people. Keys and values are escaped. The URL and a form's fields are printed for copying: the
/// URL is ASCII, and hidden characters in a field are escaped.
pub(super) struct Report<'a> {
    pub signed: &'a Signed,
    pub made: Option<&'a MadeKey>,
    pub remarks: &'a [Remark],
}

impl Report<'_> {
    pub(super) fn write(&self, output: &mut impl Write) -> io::Result<()> {
        let signed = self.signed;
        writeln!(
            output,
            "{} s3://{}/{}",
            signed.method().http(),
            signed.request.bucket,
            text::safe(signed.request.key.as_str())
        )?;
        if let Some(made) = self.made {
            let made_up: Vec<String> = made
                .made_up
                .iter()
                .map(|(name, value)| format!("{name} {value}"))
                .collect();
            let with = match made_up.join(", ") {
                none if none.is_empty() => none,
                made_up => format!("; made up: {made_up}"),
            };
            line(
                output,
                "key",
                &format!("by the layout {}{with}", made.layout),
            )?;
        }
        writeln!(output)?;
        writeln!(output, "{}", signed.url)?;
        writeln!(output)?;
        for (name, value) in &signed.headers {
            line(output, "send", &format!("{name}: {value}"))?;
        }
        for (name, value) in &signed.fields {
            line(output, "field", &format!("{name}={value}"))?;
        }
        if signed.method() == Method::Post {
            line(output, "field", "file, the last one: the content")?;
        }
        if let Some(policy) = &signed.policy {
            line(output, "policy", policy)?;
        }
        let end = if signed.ends_with_credentials() {
            "with the credentials that signed it"
        } else {
            "as asked"
        };
        let left = Span(signed.left(signed.signed_at));
        line(
            output,
            "until",
            &format!("{} ({left}, {end})", time(signed.expires_at)),
        )?;
        let kind = if signed.temporary {
            "temporary"
        } else {
            "lasting"
        };
        line(
            output,
            "signed",
            &format!(
                "with {} ({kind}), for {} ({})",
                signed.access_key_id,
                signed.region,
                signed.region_source.words()
            ),
        )?;
        for remark in self.remarks {
            let what = if remark.can { "can" } else { "cannot" };
            line(output, what, &remark.words)?;
        }
        Ok(())
    }

    /// Prints only the URL, or only the fields of a form, for `$(…)`.
    pub(super) fn write_bare(&self, output: &mut impl Write) -> io::Result<()> {
        writeln!(output, "{}", self.signed.url)?;
        for (name, value) in &self.signed.fields {
            writeln!(output, "{}", text::safe(&format!("{name}={value}")))?;
        }
        Ok(())
    }
}

fn line(output: &mut impl Write, what: &str, words: &str) -> io::Result<()> {
    writeln!(output, "{what:<8}{}", text::safe(words))
}
