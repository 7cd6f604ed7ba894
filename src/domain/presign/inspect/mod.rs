//! Explains a URL that somebody signed: who, what, until when, and what is wrong with it. Contacts nobody.
//!
//! [`inspect`] cleans up what people paste (`paste`), takes the URL apart (`url`), recognises the kind of signature and
//! hands over to `version4`, `version2` or `cloudfront`. `place` reads bucket and Region off the host, [`access_key`] what
//! an access key's id tells. The text is hostile: whoever shows any of it makes it safe. No part of the result holds
//! the signature but its first and last letters.

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

/// Which kind of signature a URL carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// AWS Signature Version 4, in the query.
    Version4,
    /// The old Signature Version 2.
    Version2,
    /// CloudFront's, with a canned policy: an end and nothing else.
    CloudFrontCanned,
    /// CloudFront's, with a policy of its own.
    CloudFrontCustom,
    /// None.
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

/// What a URL says. What is `None` it does not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// The kind of its signature.
    pub kind: Kind,
    /// The URL as it was read, repaired of what pasting did to it. Holds the signature: for a check, not for showing.
    pub url: SecretUrl,
    /// The host, with its port.
    pub host: String,
    /// Bucket, key, Region and style as host and path tell them.
    pub place: Place,
    /// The Region that it was signed for.
    pub region: Option<String>,
    /// The service that it was signed for.
    pub service: Option<String>,
    /// Who signed it.
    pub signer: Option<AccessKey>,
    /// Whether a session token goes along.
    pub has_token: bool,
    /// When it was signed, or from when on it is good.
    pub from: Option<DateTime<Utc>>,
    /// When it ends.
    pub until: Option<DateTime<Utc>>,
    /// The headers that are signed: each has to be sent with the value that was signed. `host` comes by itself.
    pub signed_headers: Vec<String>,
    /// The parameters that say what is asked for, decoded: version, part, headers of the answer.
    pub parameters: Vec<(String, String)>,
    /// Further limits of CloudFront's policy, in words.
    pub limits: Vec<String>,
    /// What can be told of the method, in words. A signature binds it, and the URL does not tell it.
    pub method: MethodHint,
    /// The first and last four letters of the signature.
    pub signature: Option<String>,
    /// What is wrong with it, the gravest first.
    pub flaws: Vec<Flaw>,
}

/// What the parameters and signed headers tell of the method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MethodHint {
    /// It asks for headers of the answer, which only a GET does.
    Get,
    /// It signs headers of an upload, or is a part.
    Put,
    /// GET, most likely: it could be a HEAD, a DELETE or a PUT as well.
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

/// Whether it is good now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// It is, for so long.
    Good(Duration),
    /// It ended so long ago.
    Ended(Duration),
    /// It begins in so long.
    NotYet(Duration),
    /// It does not say.
    Unknown,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// Its name in JSON.
    pub id: &'static str,
    /// Whether the URL is refused for it; else it is doubtful, or was repaired.
    pub refused: bool,
    /// What is so, and what to do.
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

/// A URL that lets whoever has it do something. `Debug` does not show it.
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

/// Why a text is no URL that could be explained.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum NotAUrl {
    /// It is empty.
    #[error("it is empty; expected a URL that begins with https://")]
    Empty,
    /// It does not begin like one.
    #[error("it does not begin with http:// or https://")]
    Scheme,
    /// It has no host.
    #[error("it has no host")]
    Host,
    /// It is far longer than any server reads.
    #[error("it has {0} bytes, and no server reads a URL of more than 16384")]
    Long(usize),
}

/// The longest text that is looked at: S3 itself reads less.
const LONGEST: usize = 16 << 10;

/// Explains a URL as of `now`.
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
    /// Whether it is good at this time, as far as the URL tells.
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

    /// Whether anything is wrong for which it is refused.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.flaws.iter().any(|flaw| flaw.refused)
    }

    /// S3 allows clocks to differ by a quarter of an hour; CloudFront allows nothing.
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

/// The first and last four letters, which is enough to tell two signatures apart.
fn glimpse(signature: &str) -> Option<String> {
    let count = signature.chars().count();
    let first: String = signature.chars().take(4).collect();
    let last: String = signature.chars().skip(count.saturating_sub(4)).collect();
    (count >= 20).then(|| format!("{first}…{last}"))
}

#[cfg(test)]
mod tests;
