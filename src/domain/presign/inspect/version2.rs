//! Parses Signature Version 2 (deprecated): `AWSAccessKeyId`, `Expires` and `Signature`, without a Region.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;

use super::access_key::AccessKey;
use super::url::Pieces;
use super::{Flaw, Inspection, MethodHint, glimpse};

/// A SHA-1 has 20 bytes.
const SIGNATURE_BYTES: usize = 20;

pub(super) fn read(pieces: &Pieces<'_>, found: &mut Inspection) {
    found.signer = pieces.value("AWSAccessKeyId").map(AccessKey::of);
    found.has_token = pieces.all("x-amz-security-token").next().is_some();
    found.service = Some("s3".to_owned());
    if pieces
        .parameters
        .iter()
        .any(|p| p.name.starts_with("response-"))
    {
        found.method = MethodHint::Get;
    }
    match pieces.value("Expires").map(str::parse::<i64>) {
        Some(Ok(seconds)) => found.until = DateTime::from_timestamp(seconds, 0),
        Some(Err(_)) => found.flaws.push(Flaw::refused(
            "expires-form",
            "Expires is not a number of seconds since 1970",
        )),
        None => found.flaws.push(missing("Expires")),
    }
    match pieces.get("Signature") {
        None => found.flaws.push(missing("Signature")),
        Some(signature) => {
            found.signature = glimpse(&signature.value);
            let is_whole = STANDARD
                .decode(&signature.value)
                .is_ok_and(|bytes| bytes.len() == SIGNATURE_BYTES);
            if signature.raw.contains('+') {
                found.flaws.push(Flaw::refused(
                    "plus-sign",
                    "the signature holds a '+', which is read as a blank: it has to stand as %2B",
                ));
            } else if !is_whole {
                found.flaws.push(Flaw::refused(
                    "signature-form",
                    "the signature is not the base64 of 20 bytes: it was cut off or changed",
                ));
            }
        }
    }
    found.flaws.push(Flaw::doubtful(
        "old-version",
        "Signature Version 2 works in the Regions from before 2014 alone, and for no bucket made after 24 June 2020: \
         sign with Version 4",
    ));
}

fn missing(name: &str) -> Flaw {
    Flaw::refused(
        "parameter-missing",
        format!(
            "{name} is missing: it was cut off, as a shell does at the first '&' of a URL without quotes"
        ),
    )
}
