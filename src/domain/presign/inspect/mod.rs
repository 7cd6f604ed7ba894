//! Explains a signed URL offline: who signed it, for what, until when, and what is wrong with it.
//!
//! [`inspect`] repairs damage from copying (`paste`), splits the URL (`url`), recognizes the signature type and calls
//! `version4`, `version2` or `cloudfront`. `place` reads bucket and Region from the host, and [`access_key`] reads the
//! access key id. The text is hostile: escape it before display. The result contains only the first and last letters of
//! the signature.

pub(crate) mod access_key;
mod cloudfront;
mod paste;
pub(crate) mod place;
mod url;
mod version2;
mod version4;

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use thiserror::Error;

pub(crate) use access_key::AccessKey;
#[cfg(test)]
pub(crate) use access_key::KeyKind;
pub(crate) use place::{Place, Style};

use self::url::Pieces;

/// The signature type of a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// AWS Signature Version 4, in the query.
    Version4,
    /// Signature Version 2 (deprecated).
    Version2,
    /// CloudFront with a canned policy: only an end time.
    CloudFrontCanned,
    /// CloudFront with a custom policy.
    CloudFrontCustom,
    /// No signature.
    Unsigned,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Version4 => "AWS Signature Version 4",
            Self::Version2 => "AWS Signature Version 2 (old)",
            Self::CloudFrontCanned => "CloudFront, canned policy",
            Self::CloudFrontCustom => "CloudFront, custom policy",
            Self::Unsigned => "not signed",
        })
    }
}

/// The contents of a URL. Fields that it does not have are `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// Its signature type.
    pub kind: Kind,
    /// The repaired URL with its signature: use it to send a request, not for display.
    pub url: SecretUrl,
    /// The host, with its port.
    pub host: String,
    /// Bucket, key, Region and style, from host and path.
    pub place: Place,
    /// The Region in the signature.
    pub region: Option<String>,
    /// The service in the signature.
    pub service: Option<String>,
    /// The access key of the signer.
    pub signer: Option<AccessKey>,
    /// Whether it contains a session token.
    pub has_token: bool,
    /// When it was signed, or becomes valid.
    pub from: Option<DateTime<Utc>>,
    /// When it expires.
    pub until: Option<DateTime<Utc>>,
    /// The signed headers. Each must be sent with its signed value, except `host`, which is automatic.
    pub signed_headers: Vec<String>,
    /// The other parameters, decoded: version, part, response headers.
    pub parameters: Vec<(String, String)>,
    /// Descriptions of further conditions in CloudFront's policy.
    pub limits: Vec<String>,
    /// What is known about the method. The signature depends on it, but the URL does not contain it.
    pub method: MethodHint,
    /// The first and last four letters of the signature.
    pub signature: Option<String>,
    /// The problems, most severe first.
    pub flaws: Vec<Flaw>,
}

/// What parameters and signed headers show about the method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MethodHint {
    /// It sets response headers, which only GET supports.
    Get,
    /// It signs headers of an upload, or is a part.
    Put,
    /// Probably GET, but it may be HEAD, DELETE or PUT.
    Unknown,
}

impl fmt::Display for MethodHint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Get => "GET, for it says what headers the answer is to have",
            Self::Put => "PUT, for it signs what only an upload sends",
            Self::Unknown => "not told by the URL: a GET most likely, else a HEAD, PUT or DELETE",
        })
    }
}

/// Whether it is valid now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// Valid for this long.
    Good(Duration),
    /// Expired this long ago.
    Ended(Duration),
    /// Valid in this time.
    NotYet(Duration),
    /// Unknown.
    Unknown,
}

/// A problem of a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// Its id in JSON.
    pub id: &'static str,
    /// Whether the service will reject the URL; otherwise it is doubtful, or was repaired.
    pub refused: bool,
    /// What is wrong, and what to do.
    pub words: String,
}

impl Flaw {
    pub(super) fn refused(id: &'static str, words: impl Into<String>) -> Self {
        Self {
            id,
            refused: true,
            words: words.into(),
        }
    }

    pub(super) fn doubtful(id: &'static str, words: impl Into<String>) -> Self {
        Self {
            refused: false,
            ..Self::refused(id, words)
        }
    }
}

/// A URL that grants access to whoever has it. `Debug` does not print it.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretUrl(String);

impl SecretUrl {
    /// The whole URL.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretUrl(..)")
    }
}

/// Why a text is not a URL that can be explained.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum NotAUrl {
    /// It is empty.
    #[error("it is empty; expected a URL that begins with https://")]
    Empty,
    /// It does not start like one.
    #[error("it does not begin with http:// or https://")]
    Scheme,
    /// It has no host.
    #[error("it has no host")]
    Host,
    /// It is much longer than any server accepts.
    #[error("it has {0} bytes, and no server reads a URL of more than 16384")]
    Long(usize),
}

/// The maximum length. S3 itself accepts less.
const LONGEST: usize = 16 << 10;

/// Explains a URL at the time `now`.
///
/// # Errors
/// [`NotAUrl`].
pub(crate) fn inspect(text: &str, now: DateTime<Utc>) -> Result<Inspection, NotAUrl> {
    if text.len() > LONGEST {
        return Err(NotAUrl::Long(text.len()));
    }
    let (text, mut flaws) = paste::repaired(text);
    let pieces = Pieces::of(&text)?;
    let place = place::of(&pieces);
    let mut found = Inspection {
        kind: pieces.kind(),
        url: SecretUrl(text.clone()),
        host: pieces.authority.to_owned(),
        region: None,
        service: None,
        signer: None,
        has_token: false,
        from: None,
        until: None,
        signed_headers: Vec::new(),
        parameters: Vec::new(),
        limits: Vec::new(),
        method: MethodHint::Unknown,
        signature: None,
        flaws: Vec::new(),
        place,
    };
    match found.kind {
        Kind::Version4 => version4::read(&pieces, now, &mut found),
        Kind::Version2 => version2::read(&pieces, &mut found),
        Kind::CloudFrontCanned | Kind::CloudFrontCustom => cloudfront::read(&pieces, &mut found),
        Kind::Unsigned => unsigned(&pieces, &mut found),
    }
    found.parameters = pieces.asked();
    found.time_flaws(now);
    if pieces.is_plain_http {
        found.flaws.push(Flaw::doubtful(
            "plain-http",
            "it is plain http: whoever listens can use it, and a bucket may require https",
        ));
    }
    flaws.append(&mut found.flaws);
    flaws.sort_by_key(|flaw| !flaw.refused);
    found.flaws = flaws;
    Ok(found)
}

impl Inspection {
    /// Whether it is valid at this time, according to the URL.
    #[must_use]
    pub fn validity(&self, now: DateTime<Utc>) -> Validity {
        let span =
            |from: DateTime<Utc>, to: DateTime<Utc>| (to - from).to_std().unwrap_or_default();
        match (self.from, self.until) {
            (_, Some(until)) if until <= now => Validity::Ended(span(until, now)),
            (Some(from), _) if self.begins_late(from, now) => Validity::NotYet(span(now, from)),
            (_, Some(until)) => Validity::Good(span(now, until)),
            _ => Validity::Unknown,
        }
    }

    /// Whether it has a problem for which the service rejects it.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.flaws.iter().any(|flaw| flaw.refused)
    }

    /// S3 tolerates a clock difference of 15 minutes; CloudFront tolerates none.
    fn begins_late(&self, from: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        let allowed = match self.kind {
            Kind::CloudFrontCanned | Kind::CloudFrontCustom => chrono::TimeDelta::zero(),
            _ => chrono::TimeDelta::minutes(15),
        };
        from > now + allowed
    }

    fn time_flaws(&mut self, now: DateTime<Utc>) {
        let at = |time: Option<DateTime<Utc>>| {
            time.map(|time| time.to_rfc3339_opts(SecondsFormat::Secs, true))
                .unwrap_or_default()
        };
        match self.validity(now) {
            Validity::Ended(_) => self.flaws.push(Flaw::refused(
                "expired",
                format!("it ended at {}: ask for a new one", at(self.until)),
            )),
            Validity::NotYet(_) => self.flaws.push(Flaw::refused(
                "not-yet-valid",
                format!(
                    "it begins at {}: the clock of the signer, or of this computer, is wrong",
                    at(self.from)
                ),
            )),
            Validity::Good(_) | Validity::Unknown => {}
        }
    }
}

fn unsigned(pieces: &Pieces<'_>, found: &mut Inspection) {
    let words = if pieces.parameters.is_empty() {
        "it carries no signature: only a public object, or a CDN, answers it"
    } else {
        "it carries no signature that is known, or was cut off before it: in a shell a URL with '&' has to be quoted"
    };
    found.flaws.push(Flaw::refused("not-signed", words));
}

/// The first and last four letters, which are enough to distinguish signatures.
fn glimpse(signature: &str) -> Option<String> {
    let count = signature.chars().count();
    let first: String = signature.chars().take(4).collect();
    let last: String = signature.chars().skip(count.saturating_sub(4)).collect();
    (count >= 20).then(|| format!("{first}…{last}"))
}

#[cfg(test)]
mod tests;
