//! Virtual-hosted-style addressing: `BUCKET.localhost` and `BUCKET.s3.localhost`, which resolve to loopback by
//! themselves (RFC 6761).

use s3s::S3Result;
use s3s::host::{S3Host, VirtualHost};

/// Tells s3s which bucket stands in a host name.
pub(super) struct Localhost;

impl S3Host for Localhost {
    fn parse_host_header<'a>(&'a self, host: &'a str) -> S3Result<VirtualHost<'a>> {
        let whole = VirtualHost::new(host);
        Ok(match bucket(host) {
            Some(bucket) => whole.with_bucket(bucket),
            None => whole,
        })
    }
}

/// The bucket in a host name, with or without a port after it; `None`: the path names it.
pub(super) fn bucket(host: &str) -> Option<&str> {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let name = name.strip_suffix(".localhost")?;
    let bucket = name.strip_suffix(".s3").unwrap_or(name);
    (bucket != "s3").then_some(bucket)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_may_stand_before_localhost() {
        assert_eq!(bucket("media.localhost:9000"), Some("media"));
        assert_eq!(bucket("a.b.s3.localhost"), Some("a.b"));
        for host in [
            "localhost:9000",
            "s3.localhost",
            "127.0.0.1:9000",
            "[::1]:9000",
            "media.example.com",
        ] {
            assert_eq!(bucket(host), None, "{host}");
        }
    }
}
