//! One check a file: what is sent, and what has to come back.

mod access_log;
mod altered;
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
mod wrong_content_type;
mod wrong_length;

use super::check::{Check, Outcome};
use super::trial::Trial;

/// What S3 answers to a signature that does not fit what was sent.
const WRONG_SIGNATURE: [(u16, &str); 1] = [(403, "SignatureDoesNotMatch")];

/// What S3 answers to a form that its policy does not allow.
const AGAINST_POLICY: [(u16, &str); 1] = [(403, "AccessDenied")];

/// Why a request with a signature that does not fit it could be let in.
const NOT_VERIFIED: &str = "the endpoint does not verify signatures, or a proxy in front of it signs again: what the application signs protects nothing";

/// Carries a check out. The removal is none of these.
pub(super) async fn carry_out(check: Check, trial: &Trial<'_>) -> Outcome {
    match check {
        Check::SignInTime => sign_in_time::run(trial),
        Check::SmallUpload => small_upload::run(trial).await,
        Check::HeadAsExpected => head::run(trial).await,
        Check::FormUpload => form_upload::run(trial).await,
        Check::LargeObject => large_object::run(trial).await,
        Check::WrongContentType => wrong_content_type::run(trial).await,
        Check::WrongLength => wrong_length::run(trial).await,
        Check::OversizeForm => oversize_form::run(trial).await,
        Check::AlteredPath => altered::path(trial).await,
        Check::AlteredSignature => altered::signature(trial).await,
        Check::MissingHeader => missing_header::run(trial).await,
        Check::ExpiredUrl => expired::run(trial).await,
        Check::AnonymousGet => anonymous::get(trial).await,
        Check::AnonymousPut => anonymous::put(trial).await,
        Check::PlainHttp => plain_http::run(trial).await,
        Check::OtherOwner => other_owner::run(trial).await,
        Check::CorsPreflight => cors::preflight(trial).await,
        Check::CorsForeignOrigin => cors::foreign_origin(trial).await,
        Check::ConcurrentUploads => concurrent::run(trial).await,
        Check::InterruptedUpload => interrupted::run(trial).await,
        Check::DerivedAppears => derived::run(trial).await,
        Check::AccessLog => access_log::run(trial).await,
        Check::Removed => Ok(String::new()),
    }
}
