//! Parses signed URLs of CloudFront: `Expires` or a `Policy`, a `Signature` and a `Key-Pair-Id`. Source: *Use signed
//! URLs* in the Amazon CloudFront developer guide.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde_json::Value;

use super::access_key::{AccessKey, KeyKind};
use super::url::Pieces;
use super::{Flaw, Inspection, Kind, MethodHint, glimpse};

pub(super) fn read(pieces: &Pieces<'_>, found: &mut Inspection) {
    found.service = Some("cloudfront".to_owned());
    found.method = MethodHint::Get;
    found.signer = pieces.value("Key-Pair-Id").map(|id| AccessKey {
        kind: KeyKind::CloudFront,
        ..AccessKey::of(id)
    });
    match pieces.value("Signature") {
        None => found.flaws.push(Flaw::refused(
            "parameter-missing",
            "Signature is missing: it was cut off",
        )),
        Some(signature) => {
            found.signature = glimpse(signature);
            if decoded(signature).is_none() {
                found.flaws.push(Flaw::refused(
                    "signature-form",
                    "the signature is not CloudFront's base64 (with - _ ~): it was cut off or changed",
                ));
            }
        }
    }
    if found.kind == Kind::CloudFrontCanned {
        match pieces.value("Expires").map(str::parse::<i64>) {
            Some(Ok(seconds)) => found.until = DateTime::from_timestamp(seconds, 0),
            Some(Err(_)) => found.flaws.push(Flaw::refused(
                "expires-form",
                "Expires is not a number of seconds since 1970",
            )),
            None => found.flaws.push(Flaw::refused(
                "parameter-missing",
                "neither Expires nor Policy is there: it was cut off",
            )),
        }
        return;
    }
    if read_policy(pieces, found).is_none() {
        found.flaws.push(Flaw::refused(
            "policy-form",
            "the policy cannot be read: it is not base64 of a JSON policy with an end (DateLessThan)",
        ));
    }
}

fn read_policy(pieces: &Pieces<'_>, found: &mut Inspection) -> Option<()> {
    let policy = decoded(pieces.value("Policy")?)?;
    let policy: Value = serde_json::from_slice(&policy).ok()?;
    let statement = policy.get("Statement")?.get(0)?;
    let condition = statement.get("Condition")?;
    let time = |name: &str| -> Option<DateTime<Utc>> {
        let seconds = condition.get(name)?.get("AWS:EpochTime")?.as_i64()?;
        DateTime::from_timestamp(seconds, 0)
    };
    found.until = Some(time("DateLessThan")?);
    found.from = time("DateGreaterThan");
    if let Some(resource) = statement.get("Resource").and_then(Value::as_str) {
        found.limits.push(format!("for {resource}"));
        let scheme = if pieces.is_plain_http {
            "http"
        } else {
            "https"
        };
        let url = format!("{scheme}://{}{}", pieces.authority, pieces.path);
        let wanted = resource
            .split_once('?')
            .map_or(resource, |(before, _)| before);
        if !resource.contains('?') && !matches(wanted.as_bytes(), url.as_bytes()) {
            found.flaws.push(Flaw::refused(
                "resource-differs",
                "the policy is for another resource than this URL",
            ));
        }
    }
    if let Some(address) = condition
        .get("IpAddress")
        .and_then(|address| address.get("AWS:SourceIp"))
        .and_then(Value::as_str)
    {
        found.limits.push(format!("from {address} alone"));
    }
    Some(())
}

/// Decodes CloudFront's variant of base64, which avoids the special characters of URLs.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let plain: String = text
        .chars()
        .map(|c| match c {
            '-' => '+',
            '_' => '=',
            '~' => '/',
            c => c,
        })
        .collect();
    STANDARD.decode(plain).ok()
}

/// Whether a resource with `*` matches. Takes at most one step per byte of both, for any pattern.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let mut pieces = pattern.split(|byte| *byte == b'*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut pieces: Vec<&[u8]> = pieces.collect();
    let Some(last) = pieces.pop() else {
        return rest.is_empty();
    };
    for piece in pieces {
        if piece.is_empty() {
            continue;
        }
        let Some(at) = rest.windows(piece.len()).position(|window| window == piece) else {
            return false;
        };
        rest = rest.get(at + piece.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, text, is_match) in [
            ("*", "https://h/a", true),
            ("https://h/*", "https://h/a/b", true),
            ("https://h/*.jpg", "https://h/a.png", false),
            ("http*://*/a", "https://h/a", true),
            ("https://h/a", "https://h/ab", false),
            ("a*a", "a", false),
        ] {
            assert_eq!(
                matches(pattern.as_bytes(), text.as_bytes()),
                is_match,
                "{pattern} {text}"
            );
        }
    }
}
