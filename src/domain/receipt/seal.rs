//! The secret with which an installation seals its receipts.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::domain::change::{Item, Subject};
use crate::domain::hex::hex;
use crate::domain::size::whole;

/// 32 bytes that nobody else has. There is neither `Debug` nor `Display`.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl Secret {
    /// From bytes that were drawn at random once and kept.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// What tells this secret from others, and gives nothing of it away.
    #[must_use]
    pub fn id(&self) -> String {
        let digest = Sha256::digest([b"s3warden receipt key id".as_slice(), &self.0].concat());
        hex(&digest).chars().take(16).collect()
    }

    /// The HMAC of a user's id, or of what else a plan is about.
    #[must_use]
    pub fn subject(&self, subject: &Subject) -> String {
        match subject {
            Subject::User { id } => self.mac("subject", &[id]),
            Subject::Orphans { bucket } => self.mac("orphans", &[bucket]),
        }
    }

    /// The HMAC of what an item is.
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

    /// A name for a file about something that the name is not to give away.
    #[must_use]
    pub fn named(&self, of: &[&str]) -> String {
        self.mac("name", of).chars().take(32).collect()
    }

    /// Each part goes in with its length, so that no two lists of parts are the same bytes.
    fn mac(&self, purpose: &str, parts: &[&str]) -> String {
        // The key is as long as the hash: there is no length that is refused.
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
