//! Server access logs: objects whose lines say who asked for what.

use chrono::{DateTime, Duration, Utc};
use hyper::body::Bytes;

use super::rng::Rng;
use crate::sandbox::access_log::{LogLine, object_name};

/// One log object: the end of its key, when it was written, and its lines.
pub(super) struct LogObject {
    pub name: String,
    pub written: DateTime<Utc>,
    pub body: Bytes,
}

/// A log object of `lines` requests on a bucket, the last one some minutes before `written`.
pub(super) fn object(
    bucket: &str,
    region: &str,
    keys: &[&str],
    written: DateTime<Utc>,
    lines: u64,
    rng: &mut Rng,
) -> LogObject {
    let mut body = String::new();
    for line in (1..=lines).rev() {
        let at = written - Duration::seconds(i64::try_from(line * 7).unwrap_or_default() + 300);
        let key = rng.one_of(keys).copied().unwrap_or("-");
        body.push_str(&request(bucket, region, key, at, rng).to_string());
    }
    LogObject {
        name: object_name(written, &rng.hex(16)),
        written,
        body: Bytes::from(body),
    }
}

/// One request, made up.
fn request(bucket: &str, region: &str, key: &str, at: DateTime<Utc>, rng: &mut Rng) -> LogLine {
    let (operation, method, status, error) = match rng.between([0, 19]) {
        0..=11 => ("REST.GET.OBJECT", "GET", 200, None),
        12..=15 => ("REST.PUT.OBJECT", "PUT", 200, None),
        16 | 17 => ("REST.HEAD.OBJECT", "HEAD", 200, None),
        18 => ("REST.GET.OBJECT", "GET", 403, Some("AccessDenied")),
        _ => ("REST.GET.OBJECT", "GET", 404, Some("NoSuchKey")),
    };
    let sent = if status == 200 {
        rng.size([400, 4_000_000])
    } else {
        243
    };
    let signed = rng.happens(0.8);
    let requester = "arn:aws:sts::123456789012:assumed-role/media-service/i-0a1b2c3d";
    LogLine {
        bucket: bucket.to_owned(),
        region: region.to_owned(),
        at,
        address: format!("198.51.100.{}", rng.between([1, 254])),
        requester: signed.then(|| requester.to_owned()),
        request_id: rng.hex(16),
        operation: operation.to_owned(),
        method: method.to_owned(),
        key: Some(key.to_owned()),
        status,
        error: error.map(str::to_owned),
        sent,
        total: rng.between([8, 240]),
        turnaround: rng.between([3, 80]),
        user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
            .to_owned(),
        host_id: format!("{}{}=", rng.hex(16), rng.hex(16)),
        auth: signed.then_some("QueryString"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_26_fields_whatever_its_key_holds() {
        let mut rng = Rng::new(1, "logs");
        let log = object("b", "us-east-1", &["a b\"c\n"], Utc::now(), 50, &mut rng);
        let text = String::from_utf8(log.body.to_vec()).unwrap();
        assert_eq!(text.lines().count(), 50);
        // Three fields are quoted and one is in brackets: between them stand the plain ones.
        let field =
            regex::Regex::new(r#"^(?:(?:"[^"]*"|\[[^\]]*\]|[^ "\[]+) ){25}[^ ]+$"#).unwrap();
        assert!(text.lines().all(|line| field.is_match(line)), "{text}");
    }
}
