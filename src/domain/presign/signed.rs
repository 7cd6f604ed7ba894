//! A request that has been signed: everything that whoever uses it needs to know.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::request::{Method, PresignRequest};
use crate::domain::Region;

/// A signed request. Whoever has it can do what it says until it ends: `Debug` leaves the URL and the fields out.
#[derive(Clone, PartialEq, Eq)]
pub struct Signed {
    /// What was signed.
    pub request: PresignRequest,
    /// The URL with its signature; for a form, where it is sent to.
    pub url: String,
    /// The headers that have to be sent with exactly these values, names in lower case; `host` comes by itself.
    pub headers: Vec<(String, String)>,
    /// A form's fields in the order in which they are sent; `file` comes last, and is not among them. Empty otherwise.
    pub fields: Vec<(String, String)>,
    /// A form's policy as JSON.
    pub policy: Option<String>,
    /// The second at which it was signed.
    pub signed_at: DateTime<Utc>,
    /// When it ends: as asked, or with the credentials that signed it, whichever is earlier.
    pub expires_at: DateTime<Utc>,
    /// When the credentials that signed it end, where they do and tell.
    pub credentials_expire_at: Option<DateTime<Utc>>,
    /// Whether they are temporary: a session token goes along.
    pub temporary: bool,
    /// The id of the access key. No secret, and yet not for logs.
    pub access_key_id: String,
    /// The Region that it was signed for.
    pub region: Region,
    /// How that Region was found.
    pub region_source: RegionSource,
}

/// How the Region of a signature was found. A signature for another Region than the bucket's is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegionSource {
    /// It was asked for by name.
    Asked,
    /// The service said so in this run.
    Learnt,
    /// The blueprint says where the bucket should be.
    Blueprint,
    /// The connection's, from the profile or the environment.
    Connection,
    /// Nothing names one.
    Assumed,
}

impl RegionSource {
    /// Where it comes from, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Asked => "as asked",
            Self::Learnt => "as S3 said",
            Self::Blueprint => "as the blueprint says",
            Self::Connection => "the connection's",
            Self::Assumed => "assumed, for nothing names one",
        }
    }
}

impl Signed {
    /// Which kind of request it is.
    #[must_use]
    pub fn method(&self) -> Method {
        self.request.method()
    }

    /// How long it was asked to be good for, at most this long is it.
    #[must_use]
    pub fn asked(&self) -> Duration {
        self.request.expires
    }

    /// Whether the credentials end before the time that was asked for.
    #[must_use]
    pub fn ends_with_credentials(&self) -> bool {
        self.credentials_expire_at == Some(self.expires_at)
    }

    /// How much of its time is left; zero when it has ended.
    #[must_use]
    pub fn left(&self, now: DateTime<Utc>) -> Duration {
        (self.expires_at - now).to_std().unwrap_or_default()
    }
}

impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signed")
            .field("method", &self.method())
            .field("expires_at", &self.expires_at)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}
