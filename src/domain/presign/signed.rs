//! A signed request, with everything that its user needs to know.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::request::{Method, PresignRequest};
use crate::domain::Region;

/// A signed request. Whoever has it can use it until it expires: `Debug` omits the URL and the fields.
#[derive(Clone, PartialEq, Eq)]
pub struct Signed {
    /// The request.
    pub request: PresignRequest,
    /// The URL with its signature; for a form, its target.
    pub url: String,
    /// The headers to send with exactly these values, names in lower case. `host` is automatic.
    pub headers: Vec<(String, String)>,
    /// A form's fields, in order; `file` comes last and is not included. Empty for other requests.
    pub fields: Vec<(String, String)>,
    /// A form's policy as JSON.
    pub policy: Option<String>,
    /// When it was signed, to the second.
    pub signed_at: DateTime<Utc>,
    /// When it expires: as requested, or with the signing credentials, whichever is earlier.
    pub expires_at: DateTime<Utc>,
    /// When the signing credentials expire, if known.
    pub credentials_expire_at: Option<DateTime<Utc>>,
    /// Whether the credentials are temporary, with a session token.
    pub temporary: bool,
    /// The access key id. It is not secret, but must not be logged.
    pub access_key_id: String,
    /// The Region in the signature.
    pub region: Region,
    /// The source of that Region.
    pub region_source: RegionSource,
}

/// The source of a signature's Region. S3 rejects a signature for another Region than the bucket's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegionSource {
    /// The user specified it.
    Asked,
    /// S3 reported it in this run.
    Learnt,
    /// The blueprint has it.
    Blueprint,
    /// The profile or the environment.
    Connection,
    /// A default, because nothing specifies one.
    Assumed,
}

impl RegionSource {
    /// Describes the source.
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

    /// The requested lifetime, which is the maximum.
    #[must_use]
    pub fn asked(&self) -> Duration {
        self.request.expires
    }

    /// Whether the credentials expire before the requested time.
    #[must_use]
    pub fn ends_with_credentials(&self) -> bool {
        self.credentials_expire_at == Some(self.expires_at)
    }

    /// The remaining time; zero if expired.
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
