//! Compares with the SDK's parser: both must parse any page in the same way, and reject what is not a page.

use std::borrow::Cow;

use aws_sdk_s3::operation::list_multipart_uploads::{
    ListMultipartUploads, ListMultipartUploadsOutput,
};
use aws_sdk_s3::operation::list_object_versions::{ListObjectVersions, ListObjectVersionsOutput};
use aws_sdk_s3::operation::list_objects_v2::{ListObjectsV2, ListObjectsV2Output};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::runtime_plugin::RuntimePlugin;
use aws_smithy_runtime_api::client::ser_de::{DeserializeResponse, SharedResponseDeserializer};
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use proptest::collection::vec;
use proptest::prelude::*;

use super::by_sdk;
use super::{Of, Unreadable, read, unquoted};
use crate::aws::explain::Call;
use crate::aws::operations::{LIST_OBJECTS, LIST_UPLOADS, LIST_VERSIONS};
use crate::aws::wire::encoding::Decoder;
use crate::aws::wire::objects::Next;
use crate::aws::wire::page::from_body;
use crate::domain::{ObjectSummary, ObjectVersion, Upload};

/// What the SDK makes of a body.
fn parsed<O: std::fmt::Debug + Send + Sync + 'static>(
    operation: &impl RuntimePlugin,
    body: &str,
) -> Option<O> {
    let layer = operation.config()?;
    let parser = layer.load::<SharedResponseDeserializer>()?;
    let status = StatusCode::try_from(200).ok()?;
    let response = HttpResponse::new(status, SdkBody::from(body));
    let output = parser.deserialize_nonstreaming_with_config(&response, &ConfigBag::base());
    output.ok()?.downcast::<O>().ok()
}

/// A string as in a document, with the necessary escapes and some others.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for (at, char) in text.chars().enumerate() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' if at % 2 == 0 => out.push_str("&apos;"),
            'x' if at % 3 == 0 => out.push_str("&#x78;"),
            'é' if at % 2 == 0 => out.push_str("&#233;"),
            char => out.push(char),
        }
    }
    out
}

/// Text that servers encode, or leave unchanged.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z0-9/_.-]{1,12}",
        2 => "[a-z%+]{0,3}(%20|%2B|%C3%A9|%01|\\+|/){1,3}[a-z]{0,4}",
        2 => "[xé<>&'\"日 ]{1,6}",
        1 => Just(String::new()),
        1 => Just("%FF".to_owned()),
    ]
}

fn element(
    name: &'static str,
    value: impl Strategy<Value = String> + 'static,
) -> BoxedStrategy<String> {
    let text = value.prop_map(move |value| match value.as_str() {
        "" => format!("<{name}/>"),
        value => format!("<{name}>{}</{name}>", escaped(value)),
    });
    text.boxed()
}

/// Irrelevant elements, white space and comments.
fn aside() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just(String::new()),
        1 => Just("\n  ".to_owned()),
        1 => Just("<!-- <Key>no</Key> -->".to_owned()),
        1 => Just("<Owner><ID>1</ID><DisplayName/></Owner>".to_owned()),
        1 => Just("<Owner> <ID>&lt;</ID>\n<DisplayName>no</DisplayName></Owner>".to_owned()),
        1 => Just("<Owner><ID a=\"/Owner>\">1</ID></Owner>".to_owned()),
        1 => Just("<ChecksumType>FULL_OBJECT</ChecksumType>".to_owned()),
        1 => Just("<Unheard xmlns:a=\"b\" a:c='d>'><Key>no</Key><Size/></Unheard>".to_owned()),
    ]
}

fn row(name: &'static str) -> BoxedStrategy<String> {
    let date = prop_oneof![
        Just("2026-11-23T07:00:00.000Z".to_owned()),
        Just("2026-11-23T07:00:00.123456Z".to_owned()),
        Just("1969-02-28T23:59:59Z".to_owned()),
    ];
    let id = if name == "Upload" {
        "UploadId"
    } else {
        "VersionId"
    };
    let at = if name == "Upload" {
        "Initiated"
    } else {
        "LastModified"
    };
    // A delete marker or upload has no size: the SDK ignores it, whatever it contains.
    let nonsense = match name {
        "Contents" | "Version" => "1e3",
        _ => "7",
    };
    let number =
        prop_oneof![9 => "[0-9]{1,9}", 1 => Just("-1".to_owned()), 1 => Just(nonsense.to_owned())];
    let flag = prop_oneof![Just("true".to_owned()), Just("false".to_owned())];
    let parts = (
        element("Key", word()),
        element(at, date),
        element(
            "ETag",
            prop_oneof!["\"[0-9a-f]{32}(-[0-9])?\"", "[0-9a-f]{8}"],
        ),
        element("Size", number),
        element(
            "StorageClass",
            prop_oneof!["STANDARD", "GLACIER_IR", "[A-Z]{3}"],
        ),
        element(id, word()),
        element("IsLatest", flag),
    );
    let parts = parts.prop_map(|(a, b, c, d, e, f, g)| [a, b, c, d, e, f, g]);
    // Some are missing, and the order is random.
    let some = (parts, any::<u8>(), aside()).prop_flat_map(|(parts, which, aside)| {
        let kept = parts.into_iter().enumerate();
        let kept = kept.filter(move |(at, _)| *at == 0 || which >> at & 1 == 1 || which > 100);
        let mut kept: Vec<String> = kept.map(|(_, part)| part).collect();
        kept.push(aside);
        Just(kept).prop_shuffle()
    });
    some.prop_map(move |parts| format!("<{name}>{}</{name}>", parts.concat()))
        .boxed()
}

/// A random page with this root and these rows.
fn page(root: &'static str, rows: BoxedStrategy<String>) -> impl Strategy<Value = String> {
    let flag = prop_oneof![Just("true".to_owned()), Just("false".to_owned())];
    let scalar = prop_oneof![
        element("IsTruncated", flag),
        element("NextContinuationToken", word()),
        element("NextKeyMarker", word()),
        element("NextVersionIdMarker", word()),
        element("NextUploadIdMarker", word()),
        element("EncodingType", Just("url".to_owned())),
        element("EncodingType", Just("url".to_owned())),
        element("Prefix", word()),
        element("KeyCount", "[0-9]{1,3}"),
        // The same name may occur in a row and outside of one.
        element("Key", word()),
        aside().boxed(),
    ];
    let folder =
        element("Prefix", word()).prop_map(|p| format!("<CommonPrefixes>{p}</CommonPrefixes>"));
    let parts = vec(prop_oneof![3 => rows, 2 => scalar, 1 => folder], 0..12);
    let head = prop_oneof![
        Just(""),
        Just("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"),
    ];
    (head, parts).prop_map(move |(head, parts)| {
        format!(
            "{head}<{root} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{}</{root}>",
            parts.concat()
        )
    })
}

fn call(operation: &crate::aws::operations::Operation) -> Call<'_> {
    Call::new(operation, "s3://media")
}

/// Compares both parsers on the same body: equal pages, or an error from both.
macro_rules! alike {
    ($item:ty, $decode:ident, $operation:expr, $output:ty, $of:expr, $sdk:expr, $body:expr $(, $order:expr)?) => {{
        let body: &str = $body;
        let call = call($sdk);
        let ours = read(body.as_bytes(), $of, $sdk.root)
            .ok()
            .and_then(|page| from_body::<$item>(Decoder::PlusIsSpace, &call, page).ok());
        let theirs = parsed::<$output>($operation, body).and_then(|answer| {
            by_sdk::$decode(Decoder::PlusIsSpace, &call, &answer $(, $order)?).ok()
        });
        prop_assert_eq!(ours, theirs, "{}", body);
    }};
}

proptest! {
    #[test]
    fn a_page_of_objects_is_what_the_sdk_says(body in page("ListBucketResult", row("Contents"))) {
        alike!(ObjectSummary, objects, &ListObjectsV2::new(), ListObjectsV2Output, Of::Objects, &LIST_OBJECTS, &body);
    }

    #[test]
    fn a_page_of_versions_is_what_the_sdk_says(
        body in page("ListVersionsResult", prop_oneof![row("Version"), row("DeleteMarker")].boxed()),
    ) {
        let order = by_sdk::entries(body.as_bytes());
        alike!(
            ObjectVersion, versions, &ListObjectVersions::new(), ListObjectVersionsOutput, Of::Versions, &LIST_VERSIONS, &body, &order
        );
    }

    #[test]
    fn a_page_of_uploads_is_what_the_sdk_says(body in page("ListMultipartUploadsResult", row("Upload"))) {
        alike!(
            Upload, uploads, &ListMultipartUploads::new(), ListMultipartUploadsOutput, Of::Uploads, &LIST_UPLOADS, &body
        );
    }

    #[test]
    fn a_page_that_breaks_off_anywhere_is_no_page(
        body in page("ListBucketResult", row("Contents")),
        at in any::<prop::sample::Index>(),
    ) {
        let cut = at.index(body.len());
        prop_assert!(read(&body.as_bytes()[..cut], Of::Objects, LIST_OBJECTS.root).is_err(), "{}", &body[..cut]);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in vec(any::<u8>(), 0..200), body in page("ListBucketResult", row("Contents")), at in any::<prop::sample::Index>()) {
        let _ = read(&bytes, Of::Objects, LIST_OBJECTS.root);
        let mut spoilt = body.into_bytes();
        let at = at.index(spoilt.len());
        spoilt.splice(at..at, bytes.into_iter().take(3));
        let _ = read(&spoilt, Of::Versions, LIST_OBJECTS.root);
    }
}

fn objects(inner: &str) -> Result<Vec<String>, Unreadable> {
    let body = format!("<ListBucketResult>{inner}</ListBucketResult>");
    let page = read(body.as_bytes(), Of::Objects, LIST_OBJECTS.root)?;
    let keys = page.rows.into_iter().map(|row| row.key.unwrap_or_default());
    Ok(keys.map(Cow::into_owned).collect())
}

#[test]
fn a_key_may_be_written_in_any_way_that_xml_has() {
    let rows = "<Contents><Key><![CDATA[a<&]]>b&#x1F600;<!-- no -->c</Key></Contents>\
                <s3:Contents><s3:Key>\r\nd</s3:Key></s3:Contents>";
    assert_eq!(objects(rows).unwrap(), ["a<&b😀c", "\r\nd"]);
}

#[test]
fn what_follows_a_row_without_content_is_not_its_own() {
    let rows = "<Contents/><Key>a</Key><Contents><Size/><Key>b</Key></Contents>";
    let size = objects(rows).unwrap_err().to_string();
    assert!(size.contains("<Size>"), "{size}");
    let rows = "<Contents/><Key>a</Key><Contents><ETag/><Key>b</Key></Contents><Size>c</Size>";
    assert_eq!(objects(rows).unwrap(), ["", "b"]);
}

#[test]
fn what_has_no_place_in_a_listing_is_refused_with_a_reason() {
    for (inner, reason) in [
        ("<Contents><Key>&boom;</Key></Contents>", "&boom;"),
        ("<Contents><Key>a<b/></Key></Contents>", "within a value"),
        ("<Contents><Size>big</Size></Contents>", "\"big\""),
        (
            "<Contents><LastModified>now</LastModified></Contents>",
            "\"now\"",
        ),
        ("<IsTruncated>maybe</IsTruncated>", "\"maybe\""),
        ("some text", "text between"),
        ("<Contents><Key>a</Contents></Key>", "not well-formed"),
        ("<Contents>", "not well-formed"),
    ] {
        let why = objects(inner).unwrap_err().to_string();
        assert!(why.contains(reason), "{inner}: {why}");
    }
    let read = |body: &str| read(body.as_bytes(), Of::Objects, LIST_OBJECTS.root).unwrap_err();
    let bomb = "<!DOCTYPE a [<!ENTITY k \"v\">]><ListBucketResult/>";
    assert!(read(bomb).to_string().contains("document type"));
    assert!(read("<html/>").to_string().contains("<html>"));
    assert!(
        read("<ListBucketResult/><ListBucketResult/>")
            .to_string()
            .contains("second document")
    );
    assert_eq!(read(""), Unreadable::BreaksOff);
    assert_eq!(read("<ListBucketResult><Contents>"), Unreadable::BreaksOff);
}

#[test]
fn quotes_around_a_tag_are_left_out_wherever_they_came_from() {
    for tag in [
        Cow::Borrowed("\"ab\""),
        Cow::Owned("\"ab\"".to_owned()),
        Cow::Borrowed("ab"),
    ] {
        assert_eq!(unquoted(tag), "ab");
    }
    assert_eq!(unquoted(Cow::Owned("\"".to_owned())), "");
}

#[test]
fn a_page_that_says_nothing_of_its_end_and_brings_a_token_is_not_the_last_one() {
    let body =
        "<ListBucketResult><NextContinuationToken>t</NextContinuationToken></ListBucketResult>";
    let page = read(body.as_bytes(), Of::Objects, LIST_OBJECTS.root).unwrap();
    let page =
        from_body::<ObjectSummary>(Decoder::PlusIsSpace, &call(&LIST_OBJECTS), page).unwrap();
    assert_eq!(page.next, Some(Next::for_tests("t")));
    let body = "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>";
    let page = read(body.as_bytes(), Of::Objects, LIST_OBJECTS.root).unwrap();
    let page = from_body::<ObjectSummary>(Decoder::PlusIsSpace, &call(&LIST_OBJECTS), page);
    assert!(page.unwrap_err().message.contains("not where to go on"));
}
