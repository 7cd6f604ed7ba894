//! Signing, and trying what others signed.

use std::sync::Arc;

use chrono::Utc;

use super::runner::Outbox;
use super::work::Update;
use crate::aws::raw::{RawClient, RawTimeouts};
use crate::aws::{Aws, Problem, ProblemKind, SignError, WriteMode};
use crate::domain::advice::{Action, Advice, advice};
use crate::domain::blueprint::BucketBlueprint;
use crate::domain::presign::inspect::Inspection;
use crate::domain::presign::{PresignRequest, Signed};
use crate::domain::text;
use crate::ops::presign::{Signing, SigningFailure, check, sign};

/// A request to sign.
#[derive(Debug)]
pub(crate) struct SignWork {
    /// What is to be signed.
    pub request: PresignRequest,
    /// What is known of the bucket: where it should be.
    pub blueprint: Option<Arc<BucketBlueprint>>,
}

impl SignWork {
    /// What it is about, in the words of the Tasks screen. Nothing that is signed is in it.
    pub(super) fn target(&self) -> String {
        let request = &self.request;
        format!(
            "{} s3://{}/{}",
            request.method().word().to_uppercase(),
            request.bucket,
            request.key.as_str()
        )
    }

    /// Signs, and sends what was signed.
    pub(super) async fn run(
        self,
        aws: &Aws,
        write: WriteMode,
        out: &Outbox,
    ) -> Result<(), Problem> {
        let signed = self.sign(aws, write).await?;
        out.send(Update::Signed(Box::new(signed))).await;
        Ok(())
    }

    async fn sign(self, aws: &Aws, write: WriteMode) -> Result<Signed, Problem> {
        let permit = write.permit();
        let signing = Signing {
            blueprint: self.blueprint.as_deref(),
            region: None,
            permit: permit.as_ref(),
        };
        let failure = match sign(aws, &self.request, signing, Utc::now()).await {
            Ok(signed) => return Ok(signed),
            Err(SigningFailure::Problem(problem)) => return Err(problem),
            Err(SigningFailure::Request(failure)) => failure,
        };
        let (kind, advice) = match failure {
            SignError::ReadOnly => (ProblemKind::ReadOnly, Advice::from(Action::AllowChanges)),
            SignError::Request(_) | SignError::OtherBucket(_) => (
                ProblemKind::Invalid,
                advice!("correct what it names and sign again"),
            ),
        };
        let target = text::safe(&self.target()).into_owned();
        let words = failure.to_string();
        Err(Problem::new("sign", target, kind, &words, advice))
    }
}

/// Tries a URL with harmless requests.
pub(super) async fn try_url(url: &Inspection, out: &Outbox) -> Result<(), Problem> {
    let client = RawClient::new(RawTimeouts::default())?;
    let checked = check::check(&client, url).await?;
    out.send(Update::UrlChecked(Box::new(checked))).await;
    Ok(())
}
