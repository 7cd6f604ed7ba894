//! A required checksum of an upload: S3 computes it, too, and rejects a mismatch.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::error::PresignError;

/// A checksum's algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChecksumAlgorithm {
    /// CRC-32, 4 bytes.
    Crc32,
    /// CRC-32C, 4 bytes.
    Crc32c,
    /// CRC-64/NVME, 8 bytes.
    Crc64Nvme,
    /// SHA-1, 20 bytes.
    Sha1,
    /// SHA-256, 32 bytes.
    Sha256,
}

impl ChecksumAlgorithm {
    const ALL: [Self; 5] = [
        Self::Crc32,
        Self::Crc32c,
        Self::Crc64Nvme,
        Self::Sha1,
        Self::Sha256,
    ];

    /// Its name on the command line: S3's name in lower case.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Crc32 => "crc32",
            Self::Crc32c => "crc32c",
            Self::Crc64Nvme => "crc64nvme",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
        }
    }

    /// The header with the value.
    #[must_use]
    pub fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    /// The length of its value in bytes, before base64.
    #[must_use]
    pub fn bytes(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }
}

/// A checksum with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checksum {
    /// The algorithm.
    pub algorithm: ChecksumAlgorithm,
    /// The value in base64.
    pub value: String,
}

impl Checksum {
    pub(super) fn check(&self) -> Result<(), PresignError> {
        let decoded = STANDARD.decode(&self.value).ok();
        if decoded.is_some_and(|bytes| bytes.len() == self.algorithm.bytes()) {
            Ok(())
        } else {
            Err(PresignError::Checksum {
                algorithm: self.algorithm.word(),
                bytes: self.algorithm.bytes(),
            })
        }
    }
}

/// Parses `sha256=BASE64`; also accepts hexadecimal digits, as command line tools print them.
impl FromStr for Checksum {
    type Err = PresignError;

    fn from_str(text: &str) -> Result<Self, PresignError> {
        let (word, value) = text
            .split_once('=')
            .ok_or_else(|| PresignError::ChecksumForm(text.to_owned()))?;
        let algorithm = ChecksumAlgorithm::ALL
            .into_iter()
            .find(|algorithm| algorithm.word().eq_ignore_ascii_case(word))
            .ok_or_else(|| PresignError::ChecksumForm(text.to_owned()))?;
        let value = match from_hex(value) {
            Some(bytes) if bytes.len() == algorithm.bytes() => STANDARD.encode(bytes),
            _ => value.to_owned(),
        };
        let checksum = Self { algorithm, value };
        checksum.check()?;
        Ok(checksum)
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.algorithm.word(), self.value)
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(
        digits
            .chunks_exact(2)
            .map(|pair| pair.iter().fold(0, |byte, digit| byte * 16 + digit))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_is_base64_or_hexadecimal_of_the_right_length() {
        let empty = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        for text in [format!("sha256={empty}"), format!("SHA256={hex}")] {
            assert_eq!(text.parse::<Checksum>().unwrap().value, empty);
        }
        for bad in ["sha256", "md5=aaaa", "sha256=aaaa", "crc32=zz", "crc32="] {
            assert!(bad.parse::<Checksum>().is_err(), "{bad}");
        }
    }
}
