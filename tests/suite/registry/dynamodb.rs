//! Lists in a table, from an endpoint that answers as DynamoDB does.

use s3warden::facade::aws::ProblemKind;
use s3warden::facade::domain::blueprint::ReferenceList;
use s3warden::facade::domain::blueprint::registry::Source;
use s3warden::facade::domain::registry::{Fault, Subject};
use s3warden::facade::ops::registry::{NoRegistry, Why};

use super::support::{aws, from, ids};
use crate::ops::stub::{Answer, Stub};

/// A table is read in so many segments, each of which asks at least once.
const SEGMENTS: u64 = 4;

fn table() -> ReferenceList {
    ReferenceList {
        source: Some(Source::DynamoDb),
        table: Some("PilotForce-Assets".to_owned()),
        attributes: Some(vec!["s3Key".to_owned(), "thumbnailKey".to_owned()]),
        owner_attribute: Some("userId".to_owned()),
        ..ReferenceList::default()
    }
}

fn json(status: u16, body: &str) -> Answer {
    Answer::Http(
        status,
        "content-type: application/x-amz-json-1.0\r\n",
        body.to_owned(),
    )
}

async fn refused(answer: Answer) -> NoRegistry {
    let stub = Stub::start(vec![answer]).await;
    from(&aws(stub.url()).await, &table(), Subject::Keys)
        .await
        .unwrap_err()
}

#[tokio::test]
async fn every_page_of_every_segment_is_read_and_what_is_no_text_is_malformed() {
    let first = json(
        200,
        r#"{"Items": [{"s3Key": {"S": "first.jpg"}, "userId": {"S": "ada"}}], "LastEvaluatedKey": {"id": {"S": "1"}}}"#,
    );
    let rest = json(
        200,
        r#"{"Items": [
            {"s3Key": {"S": "a.jpg"}, "thumbnailKey": {"S": "a-t.jpg"}, "userId": {"S": "ada"}},
            {"s3Key": {"S": "b.jpg"}, "thumbnailKey": {"NULL": true}},
            {"s3Key": {"N": "7"}, "thumbnailKey": {"S": "c-t.jpg"}},
            {}
        ]}"#,
    );
    let stub = Stub::start(vec![first, rest]).await;
    let list = from(&aws(stub.url()).await, &table(), Subject::Keys)
        .await
        .unwrap();
    let mut found = ids(&list);
    found.sort_unstable();
    assert_eq!(found, ["a-t.jpg", "a.jpg", "b.jpg", "c-t.jpg", "first.jpg"]);
    assert_eq!(list.owner_of("a-t.jpg"), Some("ada"));
    assert_eq!(list.owner_of("b.jpg"), None);
    assert_eq!(list.rows, 1 + 4 * SEGMENTS);
    assert_eq!(list.malformed, 2 * SEGMENTS);
    assert_eq!(stub.requests().len() as u64, SEGMENTS + 1);
    assert!(list.stated.contains("PilotForce-Assets"), "{}", list.stated);
}

#[tokio::test]
async fn reading_a_table_needs_no_write_permit_and_is_asked_in_its_region() {
    let stub = Stub::start(vec![json(200, r#"{"Items": [{"s3Key": {"S": "a"}}]}"#)]).await;
    let list = ReferenceList {
        region: Some("eu-west-3".to_owned()),
        ..table()
    };
    let read = from(&aws(stub.url()).await, &list, Subject::Keys).await;
    assert!(read.is_ok(), "{read:?}");
    let requests = stub.requests();
    assert!(
        requests.iter().all(|request| request == "POST / eu-west-3"),
        "{requests:?}"
    );
}

#[tokio::test]
async fn a_table_that_names_nothing_is_no_list() {
    let empty = refused(json(200, r#"{"Items": [{}]}"#)).await;
    assert!(matches!(empty.why, Why::Unreliable(Fault::Empty { .. })));
}

#[tokio::test]
async fn a_refusal_says_what_is_missing() {
    let denied = refused(json(
        400,
        r#"{"__type": "com.amazon.coral.service#AccessDeniedException", "Message": "not authorized to perform: dynamodb:Scan"}"#,
    ))
    .await;
    assert_eq!(denied.why, Why::Unreachable);
    assert_eq!(denied.problem.kind, ProblemKind::Denied);
    assert_eq!(denied.problem.permission, Some("dynamodb:Scan"));
    assert!(
        denied
            .problem
            .to_string()
            .contains("the table PilotForce-Assets")
    );

    let missing = refused(json(
        400,
        r#"{"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "message": "Requested resource not found"}"#,
    ))
    .await;
    assert_eq!(missing.problem.kind, ProblemKind::NotFound);
    assert!(missing.problem.message.contains("no such table"));
}

#[tokio::test]
async fn a_server_for_s3_alone_is_told_from_an_empty_table() {
    let other = refused(Answer::error(405, "MethodNotAllowed", "no")).await;
    assert_eq!(other.problem.kind, ProblemKind::NotSupported, "{other:?}");
    assert!(other.problem.advice.contains("AWS_ENDPOINT_URL_DYNAMODB"));
}
