//! The secret with which an installation seals its receipts.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::domain::change::{Item, Subject};
use crate::domain::hex::hex;
use crate::domain::size::whole;

/// A secret of 32 bytes. It implements neither `Debug` nor `Display`.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl Secret {
    /// Uses bytes that were once drawn at random.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Identifies the secret without revealing anything about it.
    #[must_use]
    pub fn id(&self) -> String {
        let digest = Sha256::digest([b"s3warden receipt key id".as_slice(), &self.0].concat());
        hex(&digest).chars().take(16).collect()
    }

    /// The HMAC of a user's id, or of another subject.
    #[must_use]
    pub fn subject(&self, subject: &Subject) -> String {
        match subject {
            Subject::User { id } => self.mac("subject", &[id]),
            Subject::Orphans { bucket } => self.mac("orphans", &[bucket]),
        }
    }

    /// The HMAC of an item's identity.
    #[must_use]
    pub fn item(&self, item: &Item) -> String {
        let etag = item.etag.as_deref().unwrap_or_default();
        let parts = [
            item.claim.bucket.as_str(),
            item.claim.key.as_str(),
            item.kind(),
            item.id(),
            etag,
        ];
        self.mac("item", &parts)
    }

    /// The HMAC of a receipt's body.
    #[must_use]
    pub fn seal(&self, body: &str) -> String {
        self.mac("receipt", &[body])
    }

    /// A file name that does not reveal what the file is about.
    #[must_use]
    pub fn named(&self, of: &[&str]) -> String {
        self.mac("name", of).chars().take(32).collect()
    }

    /// Includes the length of each part, so that no two lists of parts have the same bytes.
    fn mac(&self, purpose: &str, parts: &[&str]) -> String {
        // HMAC accepts keys of any length, so this cannot fail.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else {
            return String::new();
        };
        for part in std::iter::once(&purpose).chain(parts) {
            mac.update(&whole(part.len()).to_be_bytes());
            mac.update(part.as_bytes());
        }
        hex(&mac.finalize().into_bytes())
    }
}
