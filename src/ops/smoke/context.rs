//! The tools of a check: keys that are recorded before use, signed URLs, and a client that sends them unchanged.

use std::time::Duration;

use bytes::Bytes;
use chrono::Utc;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use super::check::Broken;
use super::exchange::Exchange;
use super::in_flight::InFlight;
use super::journal::{Journal, Place};
use super::keys::KeyMaker;
use super::plan::{Plan, uploads_by_form};
use crate::aws::raw::{RawAnswer, RawBody, RawClient, RawRequest};
use crate::aws::wire::object::{Head, head};
use crate::aws::{Aws, Meter, Problem, ProblemKind, Signer, WritePermit};
use crate::domain::advice::advice;
use crate::domain::blueprint::PresignRule;
use crate::domain::presign::{
    Action, Form, ObjectSettings, PresignRequest, Signed, SizeRange, Success, TypeRule, Upload,
};
use crate::domain::{BucketName, ObjectKey};

/// The default lifetime of a URL.
const EXPIRES: Duration = Duration::from_mins(15);

/// The boundary between the parts of a form, which no test body contains.
const BOUNDARY: &str = "s3warden-smoke-8f3c1a5e7b9d";

static JPEG: &[u8] = include_bytes!("../../../assets/smoke/small.jpg");
static PNG: &[u8] = include_bytes!("../../../assets/smoke/small.png");

/// A run in progress.
pub(super) struct CheckContext<'r> {
    pub(super) aws: &'r Aws,
    pub(super) plan: &'r Plan,
    pub(super) raw: RawClient,
    pub(super) signer: Signer,
    pub(super) permit: WritePermit,
    pub(super) journal: &'r Journal,
    pub(super) meter: &'r Meter,
    /// When cancelled, nothing more is created.
    pub(super) stop: &'r CancellationToken,
    pub(super) in_flight: InFlight,
    /// A small object that several checks read.
    pub(super) sample: OnceCell<Result<ObjectKey, String>>,
}

/// How an upload is signed, by form or PUT, following the application's rules.
pub(super) struct Signing {
    pub(super) content_type: String,
    /// The signed length, if any.
    pub(super) length: Option<u64>,
    pub(super) settings: ObjectSettings,
    pub(super) expires: Duration,
}

impl CheckContext<'_> {
    pub(super) fn bucket(&self) -> &BucketName {
        &self.plan.bucket.name
    }

    /// A new key of the run, recorded in the journal.
    pub(super) fn key(&self, stem: &str) -> Result<ObjectKey, Broken> {
        self.noted(&self.plan.keys, |keys, extension| keys.key(stem, extension))
    }

    /// A new key of another test owner, recorded in the journal.
    pub(super) fn foreign_key(&self, stem: &str) -> Result<ObjectKey, Broken> {
        self.noted(&self.plan.keys, |keys, extension| {
            keys.foreign_key(stem, extension)
        })
    }

    /// A new key from this maker, recorded in the journal.
    pub(super) fn noted(
        &self,
        keys: &KeyMaker,
        make: impl Fn(&KeyMaker, &str) -> Result<ObjectKey, String>,
    ) -> Result<ObjectKey, Broken> {
        let key = make(keys, extension(&self.content_type())).map_err(Broken::Skip)?;
        self.note(self.bucket(), &key)?;
        Ok(key)
    }

    /// Records that an object will be created.
    pub(super) fn note(&self, bucket: &BucketName, key: &ObjectKey) -> Result<(), Broken> {
        let place = Place {
            bucket: bucket.clone(),
            key: key.clone(),
        };
        self.journal.will_create(&place).map_err(|error| {
            Broken::Skip(format!(
                "nothing is created that cannot be written down first: {error}"
            ))
        })
    }

    /// The rule for uploads, by form or PUT.
    fn upload_rule(&self) -> Option<&PresignRule> {
        let presign = &self.plan.bucket.presign;
        presign.put.as_ref().or(presign.post.as_ref())
    }

    /// Whether uploads use a form.
    pub(super) fn by_form(&self) -> bool {
        uploads_by_form(&self.plan.bucket)
    }

    /// The content type of test uploads: the first allowed one, or JPEG if any is allowed, because triggers look for
    /// pictures.
    pub(super) fn content_type(&self) -> String {
        let allowed = self
            .upload_rule()
            .and_then(|rule| rule.content_types.as_ref());
        let first = allowed.and_then(|types| types.first()).cloned();
        first.unwrap_or_else(|| "image/jpeg".to_owned())
    }

    /// A content type other than the signed one.
    pub(super) fn wrong_type() -> &'static str {
        "text/x-s3warden-wrong"
    }

    /// A picture of the right type.
    pub(super) fn picture(&self) -> Bytes {
        Bytes::from_static(match self.content_type().as_str() {
            "image/png" => PNG,
            _ => JPEG,
        })
    }

    /// The maximum size of an upload.
    pub(super) fn most(&self) -> Option<u64> {
        self.upload_rule()?.max_size.map(|size| size.0)
    }

    /// How the application signs an upload of this length.
    pub(super) fn signing(&self, rule: Option<&PresignRule>, length: u64) -> Signing {
        let mut settings = ObjectSettings::default();
        for name in rule
            .and_then(|rule| rule.metadata.as_ref())
            .into_iter()
            .flatten()
        {
            settings
                .metadata
                .insert(name.clone(), format!("s3warden-smoke-{}", self.plan.run));
        }
        for (name, value) in rule
            .and_then(|rule| rule.headers.as_ref())
            .into_iter()
            .flatten()
        {
            settings
                .headers
                .insert(name.to_ascii_lowercase(), value.clone());
        }
        let signs_length = rule.and_then(|rule| rule.sign_length).unwrap_or(false);
        Signing {
            content_type: self.content_type(),
            length: signs_length.then_some(length),
            settings,
            expires: rule
                .and_then(|rule| rule.expires)
                .map_or(EXPIRES, |span| span.0),
        }
    }

    fn sign(&self, key: &ObjectKey, expires: Duration, action: Action) -> Result<Signed, Broken> {
        let request = PresignRequest {
            bucket: self.bucket().clone(),
            key: key.clone(),
            expires,
            action,
        };
        self.signer
            .sign(&request, Utc::now(), Some(&self.permit))
            .map_err(|error| {
                Broken::because(
                    format!("the application's rules cannot be signed: {error}"),
                    "S3 would refuse what the blueprint asks for",
                )
            })
    }

    /// Signs a PUT following the application's rules.
    pub(super) fn sign_put(&self, key: &ObjectKey, length: u64) -> Result<Signed, Broken> {
        let signing = self.signing(self.plan.bucket.presign.put.as_ref(), length);
        let upload = Upload {
            content_type: Some(signing.content_type),
            length: signing.length,
            object: signing.settings,
        };
        self.sign(key, signing.expires, Action::Put(Box::new(upload)))
    }

    /// Signs a form following the application's rules.
    pub(super) fn sign_form(&self, key: &ObjectKey) -> Result<Signed, Broken> {
        let signing = self.signing(self.plan.bucket.presign.post.as_ref(), 0);
        let rule = self.plan.bucket.presign.post.as_ref();
        let form = Form {
            content_type: Some(TypeRule::Exact(signing.content_type)),
            size: rule.and_then(|rule| rule.max_size).map(|most| SizeRange {
                min: 1,
                max: most.0,
            }),
            success: Some(Success::Status(201)),
            object: signing.settings,
        };
        self.sign(key, signing.expires, Action::Post(Box::new(form)))
    }

    pub(super) fn sign_get(&self, key: &ObjectKey, expires: Duration) -> Result<Signed, Broken> {
        self.sign(
            key,
            expires,
            Action::Get(crate::domain::presign::Download::default()),
        )
    }

    /// The unsigned URL of an object.
    pub(super) fn plain_url(&self, key: &ObjectKey) -> Result<String, Broken> {
        let signed = self.sign_get(key, EXPIRES)?;
        Ok(signed.url.split('?').next().unwrap_or_default().to_owned())
    }

    /// Sends a request unchanged. `words` follows the method and target in a report.
    pub(super) async fn send(&self, request: RawRequest, words: &str) -> Exchange {
        let place = request.url.split('?').next().unwrap_or_default();
        let described = format!(
            "{} {place}{}{words}",
            request.method,
            if words.is_empty() { "" } else { ", " }
        );
        let answer = if ["GET", "HEAD", "OPTIONS"].contains(&request.method.as_str()) {
            self.raw.send(request, Some(&self.permit)).await
        } else if self.stop.is_cancelled() {
            Err(Problem::new(
                "send a request of the test to",
                place,
                ProblemKind::Cancelled,
                "the test was stopped",
                advice!("run it again"),
            ))
        } else {
            self.create(request).await
        };
        Exchange {
            request: described,
            answer,
        }
    }

    /// Sends a request that can create something.
    async fn create(&self, request: RawRequest) -> Result<RawAnswer, Problem> {
        // Only a check breaks a stream, and it inspects the result itself.
        let is_cut = matches!(request.body, RawBody::Stream { .. });
        let pending = self.in_flight.begin();
        let answer = self.raw.send(request, Some(&self.permit)).await;
        if answer.is_ok() || is_cut {
            pending.settled();
        }
        answer
    }

    pub(super) async fn put(&self, signed: &Signed, body: Bytes) -> Exchange {
        self.send(put_request(signed, RawBody::Bytes(body)), "signed")
            .await
    }

    pub(super) async fn post(&self, signed: &Signed, file: &[u8]) -> Exchange {
        self.send(
            form_request(&signed.url, &signed.fields, file),
            "form with a signed policy",
        )
        .await
    }

    /// Uploads like the application does it.
    pub(super) async fn upload(&self, key: &ObjectKey, body: Bytes) -> Result<Exchange, Broken> {
        if self.by_form() {
            let signed = self.sign_form(key)?;
            Ok(self.post(&signed, &body).await)
        } else {
            let signed = self.sign_put(key, body.len() as u64)?;
            Ok(self.put(&signed, body).await)
        }
    }

    /// Downloads with a signed URL and keeps this many bytes.
    pub(super) async fn download(&self, key: &ObjectKey, keep: usize) -> Result<Exchange, Broken> {
        let signed = self.sign_get(key, EXPIRES)?;
        let mut request = RawRequest::new("GET", &signed.url);
        request.keep = keep;
        Ok(self.send(request, "signed").await)
    }

    /// Uploads data and reads it back.
    pub(super) async fn there_and_back(
        &self,
        stem: &str,
        body: &Bytes,
    ) -> Result<ObjectKey, Broken> {
        let key = self.key(stem)?;
        self.upload(&key, body.clone())
            .await?
            .success("the upload")?;
        self.same_bytes(&key, body).await?;
        Ok(key)
    }

    /// Reads an object and compares its data.
    pub(super) async fn same_bytes(
        &self,
        key: &ObjectKey,
        body: &Bytes,
    ) -> Result<Exchange, Broken> {
        let exchange = self.download(key, body.len() + 1).await?;
        let answer = exchange.success("the download")?;
        if answer.body == *body && !answer.is_cut {
            return Ok(exchange);
        }
        Err(exchange.failing(
            format!(
                "{} bytes came back, and they are not the {} that were sent",
                answer.body.len(),
                body.len()
            ),
            "something between this computer and the bucket changes or cuts bodies",
        ))
    }

    /// A small object that is uploaded once for all checks that only read.
    pub(super) async fn sample(&self) -> Result<&ObjectKey, Broken> {
        let made = self
            .sample
            .get_or_init(async || {
                let key = match self.key("sample") {
                    Ok(key) => key,
                    Err(broken) => return Err(words_of(broken)),
                };
                let sent = match self.upload(&key, self.picture()).await {
                    Ok(sent) => sent,
                    Err(broken) => return Err(words_of(broken)),
                };
                match sent.success("the upload of a sample") {
                    Ok(_) => Ok(key),
                    Err(broken) => Err(words_of(broken)),
                }
            })
            .await;
        made.as_ref()
            .map_err(|why| Broken::Skip(format!("it needs an object to look at, and {why}")))
    }

    /// The headers of an object, requested with the connection's own credentials.
    pub(super) async fn head(&self, bucket: &BucketName, key: &ObjectKey) -> Result<Head, Problem> {
        head(self.aws, bucket, key, None, self.meter).await
    }
}

fn words_of(broken: Broken) -> String {
    match broken {
        Broken::Fail(failing) => failing.message,
        Broken::Skip(why) => why,
    }
}

/// The request for a signed PUT; a signed `content-length` is sent unchanged.
pub(super) fn put_request(signed: &Signed, body: RawBody) -> RawRequest {
    RawRequest {
        headers: signed.headers.clone(),
        body,
        ..RawRequest::new("PUT", &signed.url)
    }
}

/// The request for a form.
pub(super) fn form_request(url: &str, fields: &[(String, String)], file: &[u8]) -> RawRequest {
    RawRequest::new("POST", url)
        .header(
            "content-type",
            &format!("multipart/form-data; boundary={BOUNDARY}"),
        )
        .body(form_body(fields, file))
}

pub(super) fn form_body(fields: &[(String, String)], file: &[u8]) -> Bytes {
    let mut body = Vec::with_capacity(file.len() + 4096);
    for (name, value) in fields {
        body.extend_from_slice(
            format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            )
            .as_bytes(),
        );
    }
    body.extend_from_slice(
        format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"smoke\"\r\nContent-Type: \
             application/octet-stream\r\n\r\n"
        )
        .as_bytes(),
    );
    body.extend_from_slice(file);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    body.into()
}

/// The file name extension of a content type.
fn extension(content_type: &str) -> &'static str {
    match content_type {
        "image/png" => "png",
        "image/webp" => "webp",
        "application/pdf" => "pdf",
        "application/octet-stream" => "bin",
        _ => "jpg",
    }
}
