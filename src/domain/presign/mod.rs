//! Pre-signed requests: what can be signed, what S3 makes of it, and how others send it.
//!
//! [`PresignRequest`] says what is wanted and [checks](PresignRequest::check) what S3 would refuse; `aws::sign` makes a
//! [`Signed`] of it. Nothing here signs or knows a secret. Start with [`request`], then [`form`] for the POST policy.

pub mod checksum;
pub mod encode;
pub mod error;
pub mod form;
pub mod request;
pub mod signed;

pub use checksum::{Checksum, ChecksumAlgorithm};
pub use error::PresignError;
pub use form::{Form, SizeRange, Success, TypeRule};
pub use request::{
    Action, Download, Method, ObjectSettings, Overrides, Part, PresignRequest, Sse, Upload,
};
pub use signed::{RegionSource, Signed};
