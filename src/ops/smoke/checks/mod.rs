//! One check per file: what is sent, and the expected response.

mod access_log;
mod anonymous;
mod concurrent;
mod cors;
pub(super) mod derived;
mod expired;
mod form_upload;
mod head;
mod interrupted;
mod large_object;
mod missing_header;
mod other_owner;
mod oversize_form;
mod plain_http;
mod sign_in_time;
mod small_upload;
mod tampered_url;
mod wrong_content_type;
mod wrong_length;

use super::check::{Check, Outcome};
use super::context::CheckContext;

/// S3's response to a signature that does not match the request.
const WRONG_SIGNATURE: [(u16, &str); 1] = [(403, "SignatureDoesNotMatch")];

/// S3's response to a form that violates its policy.
const AGAINST_POLICY: [(u16, &str); 1] = [(403, "AccessDenied")];

/// Why a request with a wrong signature may be accepted.
const NOT_VERIFIED: &str = "the endpoint does not verify signatures, or a proxy in front of it signs again: what the application signs protects nothing";

/// Runs a check, except for the removal.
pub(super) async fn carry_out(check: Check, context: &CheckContext<'_>) -> Outcome {
    match check {
        Check::SignInTime => sign_in_time::run(context),
        Check::SmallUpload => small_upload::run(context).await,
        Check::HeadAsExpected => head::run(context).await,
        Check::FormUpload => form_upload::run(context).await,
        Check::LargeObject => large_object::run(context).await,
        Check::WrongContentType => wrong_content_type::run(context).await,
        Check::WrongLength => wrong_length::run(context).await,
        Check::OversizeForm => oversize_form::run(context).await,
        Check::AlteredPath => tampered_url::path(context).await,
        Check::AlteredSignature => tampered_url::signature(context).await,
        Check::MissingHeader => missing_header::run(context).await,
        Check::ExpiredUrl => expired::run(context).await,
        Check::AnonymousGet => anonymous::get(context).await,
        Check::AnonymousPut => anonymous::put(context).await,
        Check::PlainHttp => plain_http::run(context).await,
        Check::OtherOwner => other_owner::run(context).await,
        Check::CorsPreflight => cors::preflight(context).await,
        Check::CorsForeignOrigin => cors::foreign_origin(context).await,
        Check::ConcurrentUploads => concurrent::run(context).await,
        Check::InterruptedUpload => interrupted::run(context).await,
        Check::DerivedAppears => derived::run(context).await,
        Check::AccessLog => access_log::run(context).await,
        Check::Removed => Ok(String::new()),
    }
}
