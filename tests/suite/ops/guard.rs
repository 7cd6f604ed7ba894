//! Nothing that changes anything leaves the process without a permit.

use aws_sdk_s3::primitives::ByteStream;
use s3warden::facade::aws::{Meter, WriteMode, WritePermit};
use s3warden::facade::domain::BucketName;

use super::stub::{Answer, Stub};

/// Sends a call without a permit and with one; the macro names the builder because each operation has its own type.
macro_rules! attempt {
    ($client:expr, $permit:expr, $($call:tt)+) => {{
        let call = $client.$($call)+;
        match $permit {
            Some(permit) => { let _ = call.customize().interceptor(WritePermit::clone(permit)).send().await; }
            None => {
                let error = call.send().await.err().expect("it was refused");
                let mut words = String::new();
                let mut cause: Option<&dyn std::error::Error> = Some(&error);
                while let Some(error) = cause {
                    words.push_str(&error.to_string());
                    cause = error.source();
                }
                assert!(words.contains("read-only"), "{words}");
            }
        }
    }};
}

/// One call of each kind of change; gives back how many there were.
#[expect(clippy::too_many_lines, reason = "a list of calls, one after another")]
async fn try_to_write(stub: &Stub, permit: Option<&WritePermit>) -> usize {
    use aws_sdk_s3::types::{
        BucketVersioningStatus, Delete, ExpressionType, InputSerialization, ObjectIdentifier,
        OutputSerialization, RestoreRequest, Tag, Tagging, VersioningConfiguration,
    };
    let aws = stub.connect().await;
    let s3 = aws.s3_for(&BucketName::new("media").unwrap());
    let id = ObjectIdentifier::builder().key("k").build().unwrap();
    let delete = Delete::builder().objects(id).build().unwrap();
    let tag = Tag::builder().key("a").value("b").build().unwrap();
    let tagging = Tagging::builder().tag_set(tag).build().unwrap();
    let versioning = VersioningConfiguration::builder()
        .status(BucketVersioningStatus::Enabled)
        .build();

    attempt!(
        s3,
        permit,
        put_object()
            .bucket("media")
            .key("k")
            .body(ByteStream::from_static(b"x"))
    );
    attempt!(s3, permit, delete_object().bucket("media").key("k"));
    attempt!(s3, permit, delete_objects().bucket("media").delete(delete));
    attempt!(
        s3,
        permit,
        copy_object()
            .bucket("media")
            .key("k")
            .copy_source("media/j")
    );
    attempt!(
        s3,
        permit,
        create_multipart_upload().bucket("media").key("k")
    );
    attempt!(
        s3,
        permit,
        upload_part()
            .bucket("media")
            .key("k")
            .upload_id("u")
            .part_number(1)
            .body(ByteStream::from_static(b"x"))
    );
    attempt!(
        s3,
        permit,
        upload_part_copy()
            .bucket("media")
            .key("k")
            .upload_id("u")
            .part_number(1)
            .copy_source("media/j")
    );
    attempt!(
        s3,
        permit,
        complete_multipart_upload()
            .bucket("media")
            .key("k")
            .upload_id("u")
    );
    attempt!(
        s3,
        permit,
        abort_multipart_upload()
            .bucket("media")
            .key("k")
            .upload_id("u")
    );
    attempt!(
        s3,
        permit,
        restore_object()
            .bucket("media")
            .key("k")
            .restore_request(RestoreRequest::builder().days(1).build())
    );
    attempt!(
        s3,
        permit,
        put_object_tagging()
            .bucket("media")
            .key("k")
            .tagging(tagging.clone())
    );
    attempt!(s3, permit, delete_object_tagging().bucket("media").key("k"));
    attempt!(
        s3,
        permit,
        put_bucket_tagging().bucket("media").tagging(tagging)
    );
    attempt!(s3, permit, create_bucket().bucket("media"));
    attempt!(s3, permit, delete_bucket().bucket("media"));
    attempt!(
        s3,
        permit,
        put_bucket_versioning()
            .bucket("media")
            .versioning_configuration(versioning)
    );
    attempt!(s3, permit, put_bucket_policy().bucket("media").policy("{}"));
    attempt!(s3, permit, delete_bucket_policy().bucket("media"));
    attempt!(s3, permit, delete_bucket_lifecycle().bucket("media"));
    attempt!(s3, permit, delete_public_access_block().bucket("media"));
    attempt!(
        s3,
        permit,
        delete_bucket_metrics_configuration()
            .bucket("media")
            .id("x")
    );
    attempt!(
        s3,
        permit,
        select_object_content()
            .bucket("media")
            .key("k")
            .expression("select 1")
            .expression_type(ExpressionType::Sql)
            .input_serialization(InputSerialization::builder().build())
            .output_serialization(OutputSerialization::builder().build())
    );
    22
}

fn no_content() -> Vec<Answer> {
    vec![Answer::Http(204, "", String::new())]
}

#[tokio::test]
async fn without_a_permit_no_change_leaves_the_process() {
    let stub = Stub::start(no_content()).await;
    try_to_write(&stub, None).await;
    assert_eq!(stub.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn with_a_permit_every_one_of_them_does() {
    let permit = WriteMode::from_flag(true).permit().unwrap();
    let stub = Stub::start(no_content()).await;
    let tried = try_to_write(&stub, Some(&permit)).await;
    assert_eq!(stub.requests().len(), tried);
}

#[tokio::test]
async fn a_permit_is_for_one_call_and_not_for_the_client() {
    let permit = WriteMode::from_flag(true).permit().unwrap();
    let stub = Stub::start(no_content()).await;
    let s3 = stub
        .connect()
        .await
        .s3_for(&BucketName::new("media").unwrap());
    let delete = || s3.delete_object().bucket("media").key("k");
    delete()
        .customize()
        .interceptor(permit)
        .send()
        .await
        .unwrap();
    assert!(delete().send().await.is_err());
    assert_eq!(stub.requests().len(), 1);
}

#[tokio::test]
async fn reading_needs_no_permit() {
    let stub = Stub::start(vec![Answer::xml(
        200,
        "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account>\
         <Arn>arn:aws:iam::123456789012:user/ops</Arn><UserId>AIDA</UserId>\
         </GetCallerIdentityResult></GetCallerIdentityResponse>",
    )])
    .await;
    let identity = stub.connect().await.identity(&Meter::new()).await.unwrap();
    assert_eq!(identity.account, "123456789012");
    assert_eq!(stub.requests().len(), 1);
}
