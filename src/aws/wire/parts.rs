//! The parts of a multipart upload: `ListParts`. They are stored and charged for, although there is no object yet.

use super::configuration::Document;
use super::exact_key::{ExactKey, stand_in};
use super::size;
use crate::aws::explain::Call;
use crate::aws::shape::root_element;
use crate::aws::{Aws, Meter, Problem, ProblemKind, operations};
use crate::domain::{BucketName, ByteSize, ObjectKey};
use aws_sdk_s3::operation::list_parts::ListPartsInput;

/// The maximum number of pages: an upload has up to 10,000 parts, and a page 1,000.
const MOST_PAGES: usize = 16;

/// A page of parts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Page {
    bytes: ByteSize,
    /// The position of the next page; `None` on the last page.
    next: Option<String>,
}

/// Whether the server knows an upload with exactly this key and id.
pub(super) async fn is_known(
    aws: &Aws,
    bucket: &BucketName,
    key: &ObjectKey,
    upload_id: &str,
    meter: &Meter,
) -> Result<bool, Problem> {
    match page(aws, (bucket, key, upload_id), None, Some(1), meter).await {
        Ok(_) => Ok(true),
        Err(problem) if problem.kind == ProblemKind::NotFound => Ok(false),
        Err(problem) => Err(problem),
    }
}

/// The total size of an upload's parts. `None` if the server does not know the upload: it was completed or aborted, or
/// it has another key. If the upload is still listed, this does not prove that it is gone.
pub(crate) async fn stored(
    aws: &Aws,
    bucket: &BucketName,
    key: &ObjectKey,
    upload_id: &str,
    meter: &Meter,
) -> Result<Option<ByteSize>, Problem> {
    let mut marker: Option<String> = None;
    let mut total = ByteSize(0);
    for _ in 0..MOST_PAGES {
        let upload = (bucket, key, upload_id);
        let page = match page(aws, upload, marker.clone(), None, meter).await {
            Err(problem) if problem.kind == ProblemKind::NotFound => return Ok(None),
            page => page?,
        };
        total += page.bytes;
        if page.next.is_none() || page.next == marker {
            break;
        }
        marker = page.next;
    }
    Ok(Some(total))
}

/// Requests one page of at most this many parts.
async fn page(
    aws: &Aws,
    (bucket, key, upload_id): (&BucketName, &ObjectKey, &str),
    marker: Option<String>,
    at_most: Option<i32>,
    meter: &Meter,
) -> Result<Page, Problem> {
    let call = Call::on(&operations::LIST_PARTS, bucket, key.as_str());
    let document = Document::default();
    let answer = aws
        .on_bucket(&call, bucket, |s3| {
            s3.list_parts()
                .bucket(bucket.as_str())
                .key(stand_in(key))
                .upload_id(upload_id)
                .set_part_number_marker(marker.clone())
                .set_max_parts(at_most)
                .customize()
                .interceptor(ExactKey::new(key, |input: &mut ListPartsInput, key| {
                    input.key = Some(key);
                }))
                .interceptor(document.keeping())
                .interceptor(meter.counting())
                .send()
        })
        .await;
    match answer {
        Ok(answer) => Ok(Page {
            bytes: answer.parts().iter().map(|part| size(part.size())).sum(),
            next: answer
                .next_part_number_marker()
                .filter(|_| answer.is_truncated().unwrap_or(false))
                .map(str::to_owned),
        }),
        // moto uses another document name.
        Err(problem) if problem.kind == ProblemKind::Malformed => document
            .text()
            .filter(|text| root_element(text.as_bytes()).as_deref() == Some("ListPartsResponse"))
            .map_or(Err(problem), |text| Ok(by_content(&text))),
        Err(problem) => Err(problem),
    }
}

/// Parses a document whose root the SDK does not accept.
fn by_content(document: &str) -> Page {
    let values = |name: &'static str| {
        let open = format!("<{name}>");
        let parts = document.split(open.as_str()).skip(1).collect::<Vec<_>>();
        parts
            .into_iter()
            .filter_map(|rest| rest.split_once('<').map(|(value, _)| value.trim()))
    };
    let is_truncated = values("IsTruncated").any(|value| value == "true");
    let mut markers = values("NextPartNumberMarker");
    Page {
        bytes: values("Size").map(|value| size(value.parse().ok())).sum(),
        next: markers.next().filter(|_| is_truncated).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_under_another_root_is_read_by_its_content() {
        let page = |truncated: &str| {
            by_content(&format!(
                "<ListPartsResponse><NextPartNumberMarker>2</NextPartNumberMarker><IsTruncated>{truncated}</IsTruncated>\
                 <Part><Size>4</Size></Part><Part><Size>5</Size></Part></ListPartsResponse>"
            ))
        };
        assert_eq!(
            (page("false").bytes, page("false").next),
            (ByteSize(9), None)
        );
        assert_eq!(page("true").next.as_deref(), Some("2"));
    }
}
