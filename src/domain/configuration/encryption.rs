//! Default encryption.

use serde::Serialize;

use super::Concern;
use super::words::list;

/// The default encryption of new objects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Encryption {
    /// `AES256`, `aws:kms` or `aws:kms:dsse`, as S3 spells it.
    pub algorithm: String,
    /// The key's id or ARN; `None` with `aws:kms` means the account's `aws/s3` key.
    pub key_id: Option<String>,
    /// Whether an S3 Bucket Key is used. It has no meaning with `AES256`.
    pub bucket_key: bool,
    /// The encryption types that uploads must not use (`SSE-C`), as S3 spells them. Empty if all are allowed, `None` if
    /// unknown.
    pub blocked: Option<Vec<String>>,
}

/// SSE-C: encryption with a key that the client sends with each request.
pub(crate) const CUSTOMER_KEYS: &str = "SSE-C";

impl Encryption {
    /// Whether a KMS key is used.
    #[must_use]
    pub fn is_kms(&self) -> bool {
        self.algorithm.starts_with("aws:kms")
    }

    /// Whether the bucket rejects uploads with this encryption type; `None` if unknown.
    #[must_use]
    pub fn blocks(&self, kind: &str) -> Option<bool> {
        let blocked = self.blocked.as_ref()?;
        Some(blocked.iter().any(|one| one.eq_ignore_ascii_case(kind)))
    }

    /// A second sentence about the uploads that the bucket rejects.
    fn refused(&self) -> String {
        match self.blocked.as_deref() {
            None => String::new(),
            Some([]) => " Uploads with SSE-C are allowed.".to_owned(),
            Some(kinds) => format!(" Uploads with {} are refused.", list(kinds)),
        }
    }
}

impl Concern for Encryption {
    const NAME: &'static str = "encryption";
    const TITLE: &'static str = "Encryption";
    const NOT_SET: &'static str = "No default encryption is configured; S3 has encrypted new objects by itself since 5 January 2023.";

    fn sentence(&self) -> String {
        let layers = if self.algorithm == "aws:kms:dsse" {
            " in two layers"
        } else {
            ""
        };
        let default = match (self.is_kms(), &self.key_id) {
            (true, Some(key)) => format!(
                "New objects are encrypted{layers} with KMS key {key}; bucket key {}.",
                on(self.bucket_key)
            ),
            (true, None) => format!(
                "New objects are encrypted{layers} with the account's aws/s3 key; bucket key {}.",
                on(self.bucket_key)
            ),
            (false, _) if self.algorithm == "AES256" && self.bucket_key => {
                "New objects are encrypted with S3's own keys (AES256); the bucket key that is switched on has no effect without KMS.".to_owned()
            }
            (false, _) if self.algorithm == "AES256" => {
                "New objects are encrypted with S3's own keys (AES256).".to_owned()
            }
            (false, _) => format!("New objects are encrypted with {}.", self.algorithm),
        };
        default + &self.refused()
    }
}

fn on(switch: bool) -> &'static str {
    if switch { "on" } else { "off" }
}
