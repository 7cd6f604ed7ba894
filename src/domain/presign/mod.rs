//! Pre-signed requests: what can be signed, what S3 makes of it, and how others send it.
//!
//! A [`Draft`] is what somebody asked for; a blueprint's rule completes it to a [`PresignRequest`], which
//! [checks](PresignRequest::check) what S3 would refuse; `aws::sign` makes a [`Signed`] of it; [`warnings`] and
//! [`remarks`] say what to think of that, and [`snippet`] how to send it. The other way round, [`inspect`] explains a URL
//! that somebody else signed. Nothing here signs or knows a secret. Start with [`request`], then [`form`] for the POST
//! policy.

pub(crate) mod checksum;
pub(crate) mod draft;
pub(crate) mod encode;
pub(crate) mod error;
pub(crate) mod form;
pub(crate) mod inspect;
pub(crate) mod key;
pub(crate) mod multipart;
pub(crate) mod remark;
pub(crate) mod request;
pub(crate) mod signed;
pub(crate) mod snippet;
pub(crate) mod warning;

pub(crate) use checksum::Checksum;
pub use draft::Draft;
pub(crate) use draft::DraftError;
pub(crate) use error::PresignError;
pub use form::{Form, SizeRange, Success, TypeRule};
pub(crate) use remark::{Remark, remarks};
pub use request::{
    Action, Download, Method, ObjectSettings, Overrides, PresignRequest, Sse, Upload,
};
pub(crate) use signed::RegionSource;
pub use signed::Signed;
pub(crate) use snippet::Snippet;
pub(crate) use warning::{Warning, warnings};
