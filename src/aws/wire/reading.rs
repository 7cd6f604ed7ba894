//! Determines the encoding of a response by asking the server, if the response itself leaves it open.
//!
//! If two readings of a key differ, the server is asked for each form: for an upload with `ListParts`, for an object or
//! version with HeadObject, for a folder with a listing. The form that the server knows shows the encoding of the whole
//! response. A key that remains ambiguous gets the most likely reading and is counted. The listing reports such keys
//! and never omits them.

use aws_sdk_s3::types::EncodingType;

use super::encoding::{Decoder, Readings, Trust};
use super::head;
use super::list_body::{Body, Of};
use super::parts;
use crate::aws::explain::Call;
use crate::aws::{Aws, Meter, Problem, ProblemKind, operations};
use crate::domain::{BucketName, ObjectKey};

/// The maximum number of keys per response to ask for. One is enough if it still exists.
const MOST_ASKED: usize = 8;

/// A string of a response, as sent, and its type.
#[derive(Debug, Clone, Copy)]
pub(super) struct Listed<'a> {
    pub raw: &'a str,
    pub what: What<'a>,
}

/// The type of a string.
#[derive(Debug, Clone, Copy)]
pub(super) enum What<'a> {
    Object,
    Version(Option<&'a str>),
    Upload(&'a str),
    Folder,
}

/// A response with unknown encoding.
pub(super) struct Answer<'a> {
    pub bucket: &'a BucketName,
    pub of: Of,
    /// Whether it says that it is encoded.
    pub is_encoded: bool,
    /// The requested prefix.
    pub prefix: &'a str,
    /// Every key and folder.
    pub listed: Vec<Listed<'a>>,
}

impl<'a> Answer<'a> {
    /// From a body that was parsed without the SDK.
    pub(super) fn of_body(
        (bucket, prefix): (&'a BucketName, &'a str),
        of: Of,
        body: &'a Body<'_>,
    ) -> Self {
        let rows = body.rows.iter().filter_map(|row| {
            let id = row.id.as_deref();
            Some(Listed {
                raw: row.key.as_deref()?,
                what: match of {
                    Of::Objects => What::Object,
                    Of::Versions => What::Version(id),
                    Of::Uploads => What::Upload(id.unwrap_or_default()),
                },
            })
        });
        Self {
            bucket,
            of,
            is_encoded: body.is_encoded,
            prefix,
            listed: rows
                .chain(folders(body.folders.iter().map(AsRef::as_ref)))
                .collect(),
        }
    }
}

/// The common prefixes of a response.
pub(super) fn folders<'a>(
    folders: impl Iterator<Item = &'a str>,
) -> impl Iterator<Item = Listed<'a>> {
    folders.map(|raw| Listed {
        raw,
        what: What::Folder,
    })
}

/// The encoding of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decided {
    pub decoder: Decoder,
    /// The number of keys and folders that remain ambiguous.
    pub undecided: usize,
}

/// Determines the encoding of a response.
pub(super) async fn decide(aws: &Aws, answer: &Answer<'_>, meter: &Meter) -> Decided {
    let trust = match answer.of {
        _ if aws.is_of_aws() => Trust::Aws,
        Of::Objects | Of::Versions => Trust::Objects,
        Of::Uploads => Trust::Uploads,
    };
    let listed = answer.listed.iter().map(|one| one.raw);
    let mut readings = Readings::of(answer.is_encoded, trust, answer.prefix, listed);
    let mut asked = 0;
    for one in &answer.listed {
        if readings.agree_on(one.raw) {
            continue;
        }
        if asked == MOST_ASKED {
            break;
        }
        asked += 1;
        match known(aws, answer, one, &readings.forms(one.raw), meter).await {
            Ok(Some(form)) => {
                readings.keep(|way| way.decode(one.raw).is_ok_and(|other| other == form));
            }
            Ok(None) => {}
            // If this request is impossible, so are the others.
            Err(_) => break,
        }
    }
    let open = answer.listed.iter();
    Decided {
        decoder: readings.likeliest(),
        undecided: open.filter(|one| !readings.agree_on(one.raw)).count(),
    }
}

/// The only form that the server knows. `None` if it knows none, or several that may all exist.
async fn known(
    aws: &Aws,
    answer: &Answer<'_>,
    one: &Listed<'_>,
    forms: &[String],
    meter: &Meter,
) -> Result<Option<String>, Problem> {
    let mut found = None;
    let mut failed: Option<(&String, Problem)> = None;
    for form in forms {
        let asked = match one.what {
            What::Folder => holds_something(aws, answer, form, meter).await,
            What::Object => is_object(aws, answer.bucket, form, None, meter).await,
            What::Version(id) => is_object(aws, answer.bucket, form, id, meter).await,
            What::Upload(id) => match ObjectKey::new(form.as_str()) {
                Ok(key) => parts::is_known(aws, answer.bucket, &key, id, meter).await,
                Err(_) => Ok(false),
            },
        };
        match asked {
            Ok(true) => {}
            Ok(false) => continue,
            // After a second failure, more than one form remains.
            Err(problem) if failed.is_some() => return Err(problem),
            Err(problem) => {
                failed = Some((form, problem));
                continue;
            }
        }
        // Upload ids are unique, so the other forms need no request.
        if matches!(one.what, What::Upload(_)) {
            return Ok(Some(form.clone()));
        }
        if found.replace(form).is_some() {
            return Ok(None);
        }
    }
    match (found, failed) {
        (found, None) => Ok(found.cloned()),
        // One form must be right. XML cannot represent some keys, so a request for them fails. If all other forms are
        // unknown, it is that one.
        (None, Some((form, _))) => Ok(Some(form.clone())),
        (Some(_), Some((_, problem))) => Err(problem),
    }
}

/// Whether an object exists under exactly this key, or this version of it.
async fn is_object(
    aws: &Aws,
    bucket: &BucketName,
    key: &str,
    version: Option<&str>,
    meter: &Meter,
) -> Result<bool, Problem> {
    let Ok(key) = ObjectKey::new(key) else {
        return Ok(false);
    };
    let asked = head::Asked {
        bucket,
        key: &key,
        version,
        with_checksum: false,
    };
    match Box::pin(head::head_object(aws, asked, meter)).await {
        Ok(_) => Ok(true),
        Err(problem) if problem.kind == ProblemKind::NotFound => Ok(false),
        // HEAD of a delete marker returns 405.
        Err(problem) if problem.kind == ProblemKind::NotSupported && version.is_some() => Ok(true),
        Err(problem) => Err(problem),
    }
}

/// Whether anything of the listed type exists below a prefix.
async fn holds_something(
    aws: &Aws,
    answer: &Answer<'_>,
    prefix: &str,
    meter: &Meter,
) -> Result<bool, Problem> {
    let bucket = answer.bucket;
    match answer.of {
        Of::Objects => {
            let call = Call::on(&operations::LIST_OBJECTS, bucket, prefix);
            let send = |s3: aws_sdk_s3::Client| {
                let list = s3.list_objects_v2().bucket(bucket.as_str());
                let list = list.prefix(prefix).max_keys(1);
                // Whatever comes back: a key with a control character cannot be read otherwise.
                let list = list.encoding_type(EncodingType::Url).customize();
                list.interceptor(meter.counting()).send()
            };
            let page = aws.on_bucket(&call, bucket, send).await?;
            Ok(!page.contents().is_empty())
        }
        Of::Versions => {
            let call = Call::on(&operations::LIST_VERSIONS, bucket, prefix);
            let send = |s3: aws_sdk_s3::Client| {
                let list = s3.list_object_versions().bucket(bucket.as_str());
                let list = list.prefix(prefix).max_keys(1);
                // Whatever comes back: a key with a control character cannot be read otherwise.
                let list = list.encoding_type(EncodingType::Url).customize();
                list.interceptor(meter.counting()).send()
            };
            let page = aws.on_bucket(&call, bucket, send).await?;
            Ok(!page.versions().is_empty() || !page.delete_markers().is_empty())
        }
        Of::Uploads => {
            let call = Call::on(&operations::LIST_UPLOADS, bucket, prefix);
            let send = |s3: aws_sdk_s3::Client| {
                let list = s3.list_multipart_uploads().bucket(bucket.as_str());
                let list = list.prefix(prefix).max_uploads(1);
                let list = list.encoding_type(EncodingType::Url).customize();
                list.interceptor(meter.counting()).send()
            };
            let page = aws.on_bucket(&call, bucket, send).await?;
            Ok(!page.uploads().is_empty())
        }
    }
}
