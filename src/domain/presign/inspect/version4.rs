//! Parses Signature Version 4 in the query. Source for S3's rejections: *Authenticating Requests: Using Query
//! Parameters* in the Amazon S3 API reference.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use super::access_key::{AccessKey, KeyKind};
use super::place::Style;
use super::url::Pieces;
use super::{Flaw, Inspection, MethodHint, glimpse};

const NEEDED: [&str; 6] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
];
const LONGEST: i64 = 7 * 24 * 60 * 60;

pub(super) fn read(pieces: &Pieces<'_>, now: DateTime<Utc>, found: &mut Inspection) {
    presence(pieces, found);
    if let Some(algorithm) = pieces.value("X-Amz-Algorithm")
        && algorithm != "AWS4-HMAC-SHA256"
    {
        found.flaws.push(match algorithm {
            "AWS4-ECDSA-P256-SHA256" => Flaw::doubtful(
                "asymmetric",
                "it is signed with Version 4A, for several Regions: its parts are read, its rules are not checked",
            ),
            _ => Flaw::refused("algorithm", "the algorithm is not AWS4-HMAC-SHA256"),
        });
    }
    signature(pieces, found);
    found.has_token = pieces
        .value("X-Amz-Security-Token")
        .is_some_and(|token| !token.is_empty());
    let scope_date = credential(pieces, found);
    time(pieces, scope_date.as_deref(), now, found);
    headers(pieces, found);
    place(found);
}

fn presence(pieces: &Pieces<'_>, found: &mut Inspection) {
    let missing: Vec<&str> = NEEDED
        .into_iter()
        .filter(|name| pieces.all(name).next().is_none())
        .collect();
    if !missing.is_empty() {
        found.flaws.push(Flaw::refused(
            "parameter-missing",
            format!(
                "{} missing: it was cut off, as a shell does at the first '&' of a URL without quotes",
                are(&missing)
            ),
        ));
    }
    for name in NEEDED.into_iter().chain(["X-Amz-Security-Token"]) {
        let mut all = pieces.all(name);
        let Some(first) = all.next() else { continue };
        if all.next().is_some() {
            found.flaws.push(Flaw::refused(
                "parameter-twice",
                format!("{name} stands in it twice: two URLs were run together"),
            ));
        }
        if first.name != name {
            found.flaws.push(Flaw::refused(
                "parameter-case",
                format!(
                    "{name} is spelled in other letters: something on the way changed their case"
                ),
            ));
        }
        if is_encoded_twice(first.raw) {
            found.flaws.push(Flaw::refused(
                "encoded-twice",
                format!("{name} is percent-encoded twice (%25…): encode a signed URL no further"),
            ));
        }
    }
    if pieces.path.contains("%25") && is_encoded_twice(pieces.path) {
        found.flaws.push(Flaw::doubtful(
            "path-encoded-twice",
            "the path is percent-encoded twice, unless the key really holds percent signs and digits",
        ));
    }
}

fn are(names: &[&str]) -> String {
    match names {
        [one] => format!("{one} is"),
        several => format!("{} are", several.join(", ")),
    }
}

/// `%25` and two hexadecimal digits: a percent escape that was escaped again.
fn is_encoded_twice(raw: &str) -> bool {
    raw.split("%25").skip(1).any(|rest| {
        let mut digits = rest.bytes().take(2);
        digits.len() == 2 && digits.all(|b| b.is_ascii_hexdigit())
    })
}

fn signature(pieces: &Pieces<'_>, found: &mut Inspection) {
    let Some(signature) = pieces.value("X-Amz-Signature") else {
        return;
    };
    found.signature = glimpse(signature);
    let is_asymmetric = pieces.value("X-Amz-Algorithm") == Some("AWS4-ECDSA-P256-SHA256");
    if is_asymmetric {
        return;
    }
    if signature.bytes().any(|b| b.is_ascii_uppercase()) {
        found.flaws.push(Flaw::refused(
            "signature-case",
            "the signature holds capitals: something on the way changed its letters",
        ));
    }
    let is_hex = signature.bytes().all(|b| b.is_ascii_hexdigit());
    if signature.len() != 64 || !is_hex {
        found.flaws.push(Flaw::refused(
            "signature-form",
            format!(
                "the signature is {} characters{}, and has to be 64 hexadecimal digits: it was cut off or changed",
                signature.chars().count(),
                if is_hex { "" } else { " and not all of them digits" },
            ),
        ));
    }
}

/// Reads signer, Region and service; returns the date of the scope.
fn credential(pieces: &Pieces<'_>, found: &mut Inspection) -> Option<String> {
    let credential = pieces.value("X-Amz-Credential")?;
    let scope: Vec<&str> = credential.rsplitn(5, '/').collect();
    let [end, service, region, date, id] = scope.as_slice() else {
        found.flaws.push(Flaw::refused(
            "credential-form",
            "X-Amz-Credential is not KEY/DATE/REGION/s3/aws4_request",
        ));
        return None;
    };
    let key = AccessKey::of(id);
    match (key.kind, found.has_token) {
        (KeyKind::Temporary, false) => found.flaws.push(Flaw::refused(
            "token-missing",
            "the access key is temporary (ASIA) and X-Amz-Security-Token is missing",
        )),
        (KeyKind::Lasting, true) => found.flaws.push(Flaw::refused(
            "token-not-its-own",
            "the access key is a lasting one (AKIA) and a session token goes along: they do not belong together",
        )),
        _ => {}
    }
    if found.has_token {
        found.flaws.push(Flaw::doubtful(
            "ends-with-session",
            "it was signed with temporary credentials: it ends with them, perhaps before the time that it says",
        ));
    }
    found.signer = Some(key);
    found.region = Some((*region).to_owned());
    found.service = Some((*service).to_owned());
    if *end != "aws4_request" {
        found.flaws.push(Flaw::refused(
            "credential-form",
            "the scope of the credential does not end in aws4_request",
        ));
    }
    if !matches!(*service, "s3" | "s3express") {
        found.flaws.push(Flaw::refused(
            "service",
            "it was signed for another service than S3",
        ));
    }
    Some((*date).to_owned())
}

fn time(pieces: &Pieces<'_>, scope_date: Option<&str>, now: DateTime<Utc>, found: &mut Inspection) {
    let Some(text) = pieces.value("X-Amz-Date") else {
        return;
    };
    let Ok(signed) = NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%SZ") else {
        found.flaws.push(Flaw::refused(
            "date-form",
            "X-Amz-Date is not of the form 20260131T235959Z",
        ));
        return;
    };
    let signed = signed.and_utc();
    found.from = Some(signed);
    if scope_date.is_some_and(|date| date != signed.format("%Y%m%d").to_string()) {
        found.flaws.push(Flaw::refused(
            "scope-date",
            "the day of the credential's scope is not that of X-Amz-Date",
        ));
    }
    let Some(text) = pieces.value("X-Amz-Expires") else {
        return;
    };
    match text.parse::<i64>() {
        Ok(seconds) if (1..=LONGEST).contains(&seconds) => {
            found.until = Some(signed + TimeDelta::seconds(seconds));
        }
        Ok(seconds) if seconds > LONGEST => {
            // S3 always rejects it, so its end means nothing.
            found.until =
                signed.checked_add_signed(TimeDelta::try_seconds(seconds).unwrap_or_default());
            found.flaws.push(Flaw::refused(
                "longer-than-seven-days",
                format!("it is signed for {seconds} seconds, and S3 takes at most 7 days (604800)"),
            ));
        }
        _ => found.flaws.push(Flaw::refused(
            "expires-form",
            "X-Amz-Expires is not a number of seconds above 0",
        )),
    }
    let skew = signed - now;
    if (TimeDelta::minutes(1)..=TimeDelta::minutes(15)).contains(&skew) {
        found.flaws.push(Flaw::doubtful(
            "clock-skew",
            "it was signed in the future, by a few minutes: two clocks differ, and S3 allows a quarter of an hour",
        ));
    }
}

fn headers(pieces: &Pieces<'_>, found: &mut Inspection) {
    let Some(signed) = pieces.value("X-Amz-SignedHeaders") else {
        return;
    };
    found.signed_headers = signed
        .split(';')
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    if !found.signed_headers.iter().any(|name| name == "host") {
        found.flaws.push(Flaw::refused(
            "host-not-signed",
            "the header host is not among the signed ones",
        ));
    }
    let mut sorted = found.signed_headers.clone();
    sorted.sort();
    if sorted != found.signed_headers || signed.bytes().any(|b| b.is_ascii_uppercase()) {
        found.flaws.push(Flaw::refused(
            "signed-headers-form",
            "the signed headers are not in lower case and sorted",
        ));
    }
    let is_upload = |name: &String| {
        name.starts_with("content-")
            || name.starts_with("x-amz-meta-")
            || name.starts_with("x-amz-server-side-encryption")
            || name.starts_with("x-amz-checksum-")
            || name.starts_with("x-amz-storage-class")
            || matches!(
                name.as_str(),
                "x-amz-acl" | "x-amz-tagging" | "x-amz-copy-source"
            )
    };
    found.method =
        if pieces.value("partNumber").is_some() || found.signed_headers.iter().any(is_upload) {
            MethodHint::Put
        } else if pieces
            .parameters
            .iter()
            .any(|p| p.name.starts_with("response-"))
        {
            MethodHint::Get
        } else {
            MethodHint::Unknown
        };
    if found
        .signed_headers
        .iter()
        .any(|name| name == "x-amz-checksum-crc32")
        || pieces
            .parameters
            .iter()
            .any(|p| p.name == "x-amz-checksum-crc32")
    {
        found.flaws.push(Flaw::doubtful(
            "checksum-of-nothing",
            "a CRC32 is signed: some SDKs sign that of an empty body (AAAAAA==), and then every upload is refused",
        ));
    }
}

fn place(found: &mut Inspection) {
    let place = &found.place;
    match (&place.region, &found.region) {
        (Some(host), Some(scope)) if host != scope && place.style != Style::Website => {
            found.flaws.push(Flaw::refused(
                "region-differs",
                format!("the host is in {host}, and it was signed for {scope}"),
            ));
        }
        (None, Some(scope)) if place.is_global && scope != "us-east-1" => {
            found.flaws.push(Flaw::doubtful(
                "global-host",
                format!(
                    "the host names no Region and it was signed for {scope}: for a new bucket S3 redirects it, and the \
                     signature, which holds the host, is then wrong"
                ),
            ));
        }
        _ => {}
    }
    if place.style == Style::Website {
        found.flaws.push(Flaw::refused(
            "website-host",
            "the host is a website endpoint, which knows no signatures: use the bucket's own host",
        ));
    }
    let has_dots = place
        .bucket
        .as_deref()
        .is_some_and(|bucket| bucket.contains('.'));
    if place.style == Style::Host && has_dots {
        found.flaws.push(Flaw::doubtful(
            "dots-in-host",
            "the bucket's name holds dots, which the certificate of its host does not cover: use path style",
        ));
    }
}
