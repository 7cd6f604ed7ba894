//! Pre-signed requests: what can be signed, what S3 makes of it, and how others send it.
//!
//! A [`Draft`] is what somebody asked for; a blueprint's rule completes it to a [`PresignRequest`], which
//! [checks](PresignRequest::check) what S3 would refuse; `aws::sign` makes a [`Signed`] of it; [`warnings`] and
//! [`remarks`] say what to think of that, and [`snippet`] how to send it. The other way round, [`inspect`] explains a URL
//! that somebody else signed. Nothing here signs or knows a secret. Start with [`request`], then [`form`] for the POST
//! policy.

pub mod checksum;
pub mod draft;
pub mod encode;
pub mod error;
pub mod form;
pub mod inspect;
pub mod key;
pub mod multipart;
pub mod remark;
pub mod request;
pub mod signed;
pub mod snippet;
pub mod warning;

pub use checksum::{Checksum, ChecksumAlgorithm};
pub use draft::{Draft, DraftError};
pub use error::PresignError;
pub use form::{Form, SizeRange, Success, TypeRule};
pub use remark::{Remark, remarks};
pub use request::{
    Action, Download, Method, ObjectSettings, Overrides, Part, PresignRequest, Sse, Upload,
};
pub use signed::{RegionSource, Signed};
pub use snippet::Snippet;
pub use warning::{Warning, warnings};
