//! Server access logs: objects whose lines say who asked for what.

use chrono::{DateTime, Duration, Utc};
use hyper::body::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::dice::Dice;

/// The canonical id of the account that owns the world's buckets.
const OWNER: &str = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be";

const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/');

/// One log object: the end of its key, when it was written, and its lines.
pub struct LogObject {
    pub name: String,
    pub written: DateTime<Utc>,
    pub body: Bytes,
}

/// A log object of `lines` requests on a bucket, the last one some minutes before `written`.
pub fn object(
    bucket: &str,
    region: &str,
    keys: &[&str],
    written: DateTime<Utc>,
    lines: u64,
    dice: &mut Dice,
) -> LogObject {
    let mut body = String::new();
    for line in (1..=lines).rev() {
        let at = written - Duration::seconds(i64::try_from(line * 7).unwrap_or_default() + 300);
        let key = dice.one_of(keys).copied().unwrap_or("-");
        body.push_str(&request(bucket, region, key, at, dice));
    }
    LogObject {
        name: format!("{}-{}", written.format("%Y-%m-%d-%H-%M-%S"), dice.hex(16)),
        written,
        body: Bytes::from(body),
    }
}

/// One line of 26 fields, in the order of the service's documentation.
fn request(bucket: &str, region: &str, key: &str, at: DateTime<Utc>, dice: &mut Dice) -> String {
    let (operation, method, status, error) = match dice.between([0, 19]) {
        0..=11 => ("REST.GET.OBJECT", "GET", 200, "-"),
        12..=15 => ("REST.PUT.OBJECT", "PUT", 200, "-"),
        16 | 17 => ("REST.HEAD.OBJECT", "HEAD", 200, "-"),
        18 => ("REST.GET.OBJECT", "GET", 403, "AccessDenied"),
        _ => ("REST.GET.OBJECT", "GET", 404, "NoSuchKey"),
    };
    let key = utf8_percent_encode(key, PLAIN).to_string();
    let sent = if status == 200 {
        dice.size([400, 4_000_000]).to_string()
    } else {
        "243".to_owned()
    };
    let signed = dice.happens(0.8);
    let requester = if signed {
        "arn:aws:sts::123456789012:assumed-role/media-service/i-0a1b2c3d"
    } else {
        "-"
    };
    let fields = [
        OWNER.to_owned(),
        bucket.to_owned(),
        format!("[{}]", at.format("%d/%b/%Y:%H:%M:%S +0000")),
        format!("198.51.100.{}", dice.between([1, 254])),
        requester.to_owned(),
        dice.hex(16),
        operation.to_owned(),
        key.clone(),
        format!("\"{method} /{key} HTTP/1.1\""),
        status.to_string(),
        error.to_owned(),
        sent.clone(),
        sent,
        dice.between([8, 240]).to_string(),
        dice.between([3, 80]).to_string(),
        "\"-\"".to_owned(),
        "\"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\"".to_owned(),
        "-".to_owned(),
        format!("{}{}=", dice.hex(16), dice.hex(16)),
        if signed { "SigV4" } else { "-" }.to_owned(),
        "TLS_AES_128_GCM_SHA256".to_owned(),
        if signed { "QueryString" } else { "-" }.to_owned(),
        format!("{bucket}.s3.{region}.amazonaws.com"),
        "TLSv1.3".to_owned(),
        "-".to_owned(),
        "-".to_owned(),
    ];
    fields.join(" ") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_26_fields_whatever_its_key_holds() {
        let mut dice = Dice::new(1, "logs");
        let log = object("b", "us-east-1", &["a b\"c\n"], Utc::now(), 50, &mut dice);
        let text = String::from_utf8(log.body.to_vec()).unwrap();
        assert_eq!(text.lines().count(), 50);
        // Three fields are quoted and one is in brackets: between them stand the plain ones.
        let field =
            regex::Regex::new(r#"^(?:(?:"[^"]*"|\[[^\]]*\]|[^ "\[]+) ){25}[^ ]+$"#).unwrap();
        assert!(text.lines().all(|line| field.is_match(line)), "{text}");
    }
}
