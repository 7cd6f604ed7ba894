//! Remarks about what a signed request can and cannot do.

use super::form::{FILENAME, Success, TypeRule};
use super::request::{Action, Method, ObjectSettings};
use super::signed::Signed;
use crate::domain::ByteSize;

/// A remark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Remark {
    /// Whether the request can do it.
    pub can: bool,
    pub words: String,
}

fn can(words: impl Into<String>) -> Remark {
    Remark {
        can: true,
        words: words.into(),
    }
}

fn cannot(words: impl Into<String>) -> Remark {
    Remark {
        can: false,
        words: words.into(),
    }
}

/// The remarks, most important first. `view_once`: whether the view-once rule was used.
#[must_use]
pub(crate) fn remarks(signed: &Signed, view_once: bool) -> Vec<Remark> {
    let mut remarks = Vec::new();
    match &signed.request.action {
        Action::Get(download) => {
            remarks.push(can(match &download.version {
                Some(_) => "download this one version of the object",
                None => "download what is current under this key whenever it is used",
            }));
            if download.overrides.parameters().next().is_some() {
                remarks.push(can(
                    "change headers of the answer as it says; the object keeps its own",
                ));
            }
            if view_once {
                remarks.push(cannot(
                    "be limited to one view: S3 has no such thing, and it can be used again until it ends",
                ));
            }
        }
        Action::Head(_) => remarks.push(can("read the object's headers, not its content")),
        Action::Put(upload) => {
            remarks.push(can("write this key, over an object that is there already"));
            remarks.push(match upload.length {
                Some(length) => can(format!(
                    "send exactly {length} bytes, neither more nor fewer"
                )),
                None => cannot("limit the size: a PUT can fix an exact length and no maximum"),
            });
            if upload.content_type.is_none() {
                remarks.push(cannot("say which content type is sent"));
            }
            remarks.extend(encryption(&upload.object));
        }
        Action::Part(part) => {
            remarks.push(can(format!(
                "send part {} of the upload, again and again until it is completed",
                part.number
            )));
            remarks.push(cannot(
                "complete or abort the upload: those are requests of their own",
            ));
        }
        Action::Post(form) => {
            remarks.push(match signed.request.key.as_str().split_once(FILENAME) {
                Some((before, _)) => can(format!("write any key that begins with {before:?}")),
                None => can("write this key, over an object that is there already"),
            });
            remarks.push(match form.size {
                Some(range) => can(format!(
                    "send {} to {} bytes (at most {})",
                    range.min,
                    range.max,
                    ByteSize(range.max)
                )),
                None => cannot("limit the size, for none was asked for"),
            });
            remarks.push(match &form.content_type {
                Some(TypeRule::Exact(exact)) => cannot(format!(
                    "be sent as anything but {exact}: a policy takes one type or one beginning, so one form a type"
                )),
                Some(TypeRule::Prefix(prefix)) => {
                    can(format!("be sent as any type that begins with {prefix:?}"))
                }
                None => cannot("say which content type is sent"),
            });
            if form.content_type.is_some() {
                remarks.push(cannot("check that the content is what its type says"));
            }
            if matches!(form.success, Some(Success::Redirect(_))) {
                remarks.push(can(
                    "send the browser on, with bucket, key and entity tag in the URL",
                ));
            }
            remarks.extend(encryption(&form.object));
        }
        Action::Delete(version) => remarks.push(match version {
            Some(_) => can("delete this version for good"),
            None => {
                can("delete the object; in a bucket with versions it only adds a delete marker")
            }
        }),
    }
    if signed.method() != Method::Delete {
        remarks.push(can(
            "be used by whoever has it, as often as they like, until it ends",
        ));
    }
    remarks.push(cannot(
        "be taken back, but by taking the signer's key or permission away",
    ));
    remarks
}

fn encryption(object: &ObjectSettings) -> Option<Remark> {
    object.takes_default_kms_key().then(|| {
        cannot("use the bucket's own KMS key: without a key id it takes the account's aws/s3")
    })
}
