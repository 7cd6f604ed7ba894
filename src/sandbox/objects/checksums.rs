//! Checksums that clients send beside the bytes: checked, kept and told again.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::Checksum as _;
use s3s::dto::{Checksum, ChecksumAlgorithm, ChecksumType};
use s3s::{S3Error, S3Result, TrailingHeaders, s3_error};

/// The checksums of a request, from its headers or from the trailer after its body.
#[derive(Debug, Default)]
pub(super) struct Sent {
    pub(super) values: Checksum,
    pub(super) content_md5: Option<String>,
}

/// Takes the fields that every input and many outputs have in common.
macro_rules! checksum_fields {
    ($from:expr) => {
        s3s::dto::Checksum {
            checksum_crc32: $from.checksum_crc32.take(),
            checksum_crc32c: $from.checksum_crc32c.take(),
            checksum_crc64nvme: $from.checksum_crc64nvme.take(),
            checksum_sha1: $from.checksum_sha1.take(),
            checksum_sha256: $from.checksum_sha256.take(),
            checksum_type: None,
        }
    };
}
pub(super) use checksum_fields;

impl Sent {
    /// Adds what came after the body, which can be read once the body was.
    pub(super) fn add_trailers(&mut self, trailers: Option<&TrailingHeaders>) {
        let Some(Some(trailers)) = trailers.map(TrailingHeaders::take) else {
            return;
        };
        for (name, field) in fields(&mut self.values) {
            let value = trailers.get(format!("x-amz-checksum-{name}"));
            if let Some(value) = value.and_then(|value| value.to_str().ok()) {
                *field = Some(value.to_owned());
            }
        }
    }

    /// Compares with the bytes; answers what to keep.
    ///
    /// # Errors
    /// `BadDigest` or `InvalidDigest`.
    pub(super) fn verify(self, bytes: &[u8], md5: &[u8; 16]) -> S3Result<Option<Box<Checksum>>> {
        if let Some(sent) = &self.content_md5 {
            let decoded = BASE64_STANDARD.decode(sent).unwrap_or_default();
            if decoded.len() != md5.len() {
                return Err(s3_error!(
                    InvalidDigest,
                    "The Content-MD5 you specified is not valid."
                ));
            }
            if decoded != md5 {
                return Err(bad_digest("Content-MD5"));
            }
        }
        let mut sent = self.values;
        let mut computed = compute(&mut sent, bytes);
        let mut any = false;
        for ((name, sent), (_, computed)) in
            fields(&mut sent).into_iter().zip(fields(&mut computed))
        {
            if sent.is_some() && sent != computed {
                return Err(bad_digest(name));
            }
            any |= sent.is_some();
        }
        computed.checksum_type = Some(ChecksumType::from_static(ChecksumType::FULL_OBJECT));
        Ok(any.then(|| Box::new(computed)))
    }
}

/// Computes the checksums that `wanted` has a value for.
fn compute(wanted: &mut Checksum, bytes: &[u8]) -> Checksum {
    let mut hasher = ChecksumHasher::default();
    for (name, value) in fields(wanted) {
        if value.is_some() {
            start(&mut hasher, name);
        }
    }
    hasher.update(bytes);
    hasher.finalize()
}

fn start(hasher: &mut ChecksumHasher, name: &str) {
    match name {
        "crc32" => hasher.crc32 = Some(s3s::crypto::Crc32::new()),
        "crc32c" => hasher.crc32c = Some(s3s::crypto::Crc32c::new()),
        "crc64nvme" => hasher.crc64nvme = Some(s3s::crypto::Crc64Nvme::new()),
        "sha1" => hasher.sha1 = Some(s3s::crypto::Sha1::new()),
        _ => hasher.sha256 = Some(s3s::crypto::Sha256::new()),
    }
}

fn fields(checksum: &mut Checksum) -> [(&'static str, &mut Option<String>); 5] {
    [
        ("crc32", &mut checksum.checksum_crc32),
        ("crc32c", &mut checksum.checksum_crc32c),
        ("crc64nvme", &mut checksum.checksum_crc64nvme),
        ("sha1", &mut checksum.checksum_sha1),
        ("sha256", &mut checksum.checksum_sha256),
    ]
}

fn bad_digest(which: &str) -> S3Error {
    s3_error!(
        BadDigest,
        "The {which} you specified did not match what we received."
    )
}

/// The checksum of a multipart object as the checksum of its parts' checksums; `None` unless every part has one.
pub(super) fn composite<'a>(
    algorithm: &ChecksumAlgorithm,
    parts: impl IntoIterator<Item = Option<&'a Checksum>>,
) -> Option<Checksum> {
    let name = algorithm.as_str().to_ascii_lowercase();
    let mut hasher = ChecksumHasher::default();
    start(&mut hasher, &name);
    let mut count = 0_usize;
    for part in parts {
        let mut part = part?.clone();
        let (_, value) = fields(&mut part)
            .into_iter()
            .find(|(field, _)| *field == name)?;
        hasher.update(&BASE64_STANDARD.decode(value.as_ref()?).ok()?);
        count += 1;
    }
    let mut whole = hasher.finalize();
    for (_, value) in fields(&mut whole) {
        if let Some(value) = value {
            *value = format!("{value}-{count}");
        }
    }
    whole.checksum_type = Some(ChecksumType::from_static(ChecksumType::COMPOSITE));
    Some(whole)
}

/// The checksum of a multipart object over all its bytes.
pub(super) fn full_object<'a>(
    algorithm: &ChecksumAlgorithm,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Checksum {
    let mut hasher = ChecksumHasher::default();
    start(&mut hasher, &algorithm.as_str().to_ascii_lowercase());
    for piece in pieces {
        hasher.update(piece);
    }
    let mut whole = hasher.finalize();
    whole.checksum_type = Some(ChecksumType::from_static(ChecksumType::FULL_OBJECT));
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crc32(value: &str) -> Sent {
        Sent {
            values: Checksum {
                checksum_crc32: Some(value.into()),
                ..Checksum::default()
            },
            content_md5: None,
        }
    }

    #[test]
    fn a_checksum_that_fits_is_kept_and_one_that_does_not_is_refused() {
        let kept = crc32("NhCmhg==")
            .verify(b"hello", &[0; 16])
            .unwrap()
            .unwrap();
        assert_eq!(kept.checksum_crc32.as_deref(), Some("NhCmhg=="));
        let error = crc32("AAAAAA==").verify(b"hello", &[0; 16]).unwrap_err();
        assert_eq!(error.code().as_str(), "BadDigest");
        assert!(
            Sent::default()
                .verify(b"hello", &[0; 16])
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn a_composite_checksum_says_of_how_many_parts() {
        let part = crc32("NhCmhg==").values;
        let algorithm = ChecksumAlgorithm::from_static(ChecksumAlgorithm::CRC32);
        let whole = composite(&algorithm, [Some(&part), Some(&part)]).unwrap();
        assert!(whole.checksum_crc32.unwrap().ends_with("-2"));
        assert!(composite(&algorithm, [Some(&part), None]).is_none());
    }
}
