//! Reads bucket, key and Region from the host and path of a URL. Source for the forms of host names, including old
//! ones: *Virtual hosting of buckets* in the Amazon S3 user guide.

use std::sync::LazyLock;

use percent_encoding::percent_decode_str;
use regex::Regex;

use super::url::Pieces;

/// How a URL names its bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// In the host name.
    Host,
    /// As the first path segment.
    Path,
    /// Probably as the first path segment: the host is not AWS.
    PerhapsPath,
    /// In the host of an acceleration endpoint, which has no Region.
    Accelerated,
    /// In the host of a website endpoint, which does not support signatures.
    Website,
    /// Not at all: the host belongs to a CDN, or is unknown.
    None,
}

/// The information in host and path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The style of the URL.
    pub style: Style,
    /// The bucket.
    pub bucket: Option<String>,
    /// The key, decoded once.
    pub key: String,
    /// The Region in the host name.
    pub region: Option<String>,
    /// Whether it is AWS's host without a Region, which means us-east-1.
    pub is_global: bool,
}

#[expect(
    clippy::expect_used,
    reason = "the patterns are constants and the tests run them"
)]
static S3_HOST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)\A (?: (?<bucket> .+ ) \. )? s3 (?: -fips )? (?<dual> \.dualstack )?
          (?: [.-] (?<region> [a-z]{2,4} (?: -[a-z]+ )+ -\d+ ) )? \.amazonaws\.com (?: \.cn )? \z",
    )
    .expect("a valid pattern")
});

#[expect(
    clippy::expect_used,
    reason = "the patterns are constants and the tests run them"
)]
static SPECIAL_HOST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)\A (?<bucket> .+ ) \. (?<kind> s3-accelerate (?: \.dualstack )? | s3-website [.-] (?<region> [a-z0-9-]+ ) )
          \.amazonaws\.com (?: \.cn )? \z",
    )
    .expect("a valid pattern")
});

pub(super) fn of(pieces: &Pieces<'_>) -> Place {
    let host = pieces.host();
    let path = pieces.path.strip_prefix('/').unwrap_or(pieces.path);
    let text = |found: Option<regex::Match<'_>>| found.map(|found| found.as_str().to_owned());
    if let Some(special) = SPECIAL_HOST.captures(&host) {
        let is_website = special
            .name("kind")
            .is_some_and(|kind| kind.as_str().starts_with("s3-website"));
        return Place {
            style: if is_website {
                Style::Website
            } else {
                Style::Accelerated
            },
            bucket: text(special.name("bucket")),
            key: decoded(path),
            region: text(special.name("region")),
            is_global: false,
        };
    }
    if let Some(s3) = S3_HOST.captures(&host) {
        let region = text(s3.name("region"));
        let is_global = region.is_none() && s3.name("dual").is_none();
        return match text(s3.name("bucket")) {
            Some(bucket) => Place {
                style: Style::Host,
                bucket: Some(bucket),
                key: decoded(path),
                region,
                is_global,
            },
            None => by_path(Style::Path, path, region, is_global),
        };
    }
    if host.ends_with(".cloudfront.net") || pieces.kind_is_cloudfront() {
        return Place {
            style: Style::None,
            bucket: None,
            key: decoded(path),
            region: None,
            is_global: false,
        };
    }
    by_path(Style::PerhapsPath, path, None, false)
}

fn by_path(style: Style, path: &str, region: Option<String>, is_global: bool) -> Place {
    let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
    Place {
        style,
        bucket: (!bucket.is_empty()).then(|| decoded(bucket)),
        key: decoded(key),
        region,
        is_global,
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}
