//! Pre-signed requests: what can be signed, how S3 treats it, and how to send it.
//!
//! A [`Draft`] is what the user asked for. A blueprint's rule completes it to a [`PresignRequest`], which
//! [checks](PresignRequest::check) what S3 would reject. `aws::sign` makes a [`Signed`] from it. [`warnings`] and
//! [`remarks`] comment on the result, and [`snippet`] shows how to send it. In the other direction, [`inspect`]
//! explains an existing URL. Nothing here signs or has secrets. Start with [`request`], then [`form`] for POST
//! policies.

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
