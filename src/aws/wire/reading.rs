//! How the strings of one answer are meant, where the answer itself leaves it open: the server is asked.
//!
//! A key that two readings disagree about is asked for in each form: an upload by the list of its parts, an object or a
//! version by its headers, a folder by what lies in it. The form that the server knows tells how this whole answer is
//! meant. A key whose reading stays unknown keeps the likeliest one and is counted; the listing reports it and never leaves it out.

use aws_sdk_s3::types::EncodingType;

use super::encoding::{Decoder, Readings, Trust};
use super::head;
use super::list_body::{Body, Of};
use super::parts;
use crate::aws::explain::Call;
use crate::aws::{Aws, Meter, Problem, ProblemKind, operations};
use crate::domain::{BucketName, ObjectKey};

/// Keys of one answer that are asked for at most. One is enough where it is still there.
const MOST_ASKED: usize = 8;

/// One string of an answer, as it was sent, and what it names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Listed<'a> {
    pub raw: &'a str,
    pub what: What<'a>,
}

/// What a string names.
#[derive(Debug, Clone, Copy)]
pub(super) enum What<'a> {
    Object,
    Version(Option<&'a str>),
    Upload(&'a str),
    Folder,
}

/// An answer whose encoding is to be learnt.
pub(super) struct Answer<'a> {
    pub bucket: &'a BucketName,
    pub of: Of,
    /// Whether it says that it is encoded.
    pub is_encoded: bool,
    /// The prefix that was asked for.
    pub prefix: &'a str,
    /// Every key and folder.
    pub listed: Vec<Listed<'a>>,
}

impl<'a> Answer<'a> {
    /// Of a body that was read without the SDK.
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

/// Folders of an answer.
pub(super) fn folders<'a>(
    folders: impl Iterator<Item = &'a str>,
) -> impl Iterator<Item = Listed<'a>> {
    folders.map(|raw| Listed {
        raw,
        what: What::Folder,
    })
}

/// How an answer is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decided {
    pub decoder: Decoder,
    /// Keys and folders of which nobody can say which of several forms is theirs.
    pub undecided: usize,
}

/// Learns how an answer is meant.
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
            // It cannot be asked, and so neither about the next.
            Err(_) => break,
        }
    }
    let open = answer.listed.iter();
    Decided {
        decoder: readings.likeliest(),
        undecided: open.filter(|one| !readings.agree_on(one.raw)).count(),
    }
}

/// The one of several forms that the server knows. `None` where it knows none, or several that may all be there.
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
            // A second failure leaves more than one form.
            Err(problem) if failed.is_some() => return Err(problem),
            Err(problem) => {
                failed = Some((form, problem));
                continue;
            }
        }
        // No two uploads have one id: there is no need to ask for the other forms.
        if matches!(one.what, What::Upload(_)) {
            return Ok(Some(form.clone()));
        }
        if found.replace(form).is_some() {
            return Ok(None);
        }
    }
    match (found, failed) {
        (found, None) => Ok(found.cloned()),
        // Of what was listed one form is right. An XML document cannot hold some keys, so that their question fails: where
        // all other forms are unknown there, it is that one.
        (None, Some((form, _))) => Ok(Some(form.clone())),
        (Some(_), Some((_, problem))) => Err(problem),
    }
}

/// Whether an object is there under exactly this key, or this version of it.
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
        // A delete marker has no headers to show: 405.
        Err(problem) if problem.kind == ProblemKind::NotSupported && version.is_some() => Ok(true),
        Err(problem) => Err(problem),
    }
}

/// Whether anything of what is listed lies below a prefix.
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
