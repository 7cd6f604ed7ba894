//! Tests of copied URLs and their problems.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::*;

const SIGNATURE: &str = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";

fn now() -> DateTime<Utc> {
    "2013-05-24T12:00:00Z".parse().unwrap()
}

/// The example of AWS's documentation.
fn good() -> String {
    format!(
        "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=\
         AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z\
         &X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature={SIGNATURE}"
    )
}

fn ids(url: &str) -> Vec<&'static str> {
    let found = inspect(url, now()).unwrap();
    found.flaws.iter().map(|flaw| flaw.id).collect()
}

#[test]
fn a_good_url_is_explained_and_nothing_is_wrong_with_it() {
    let found = inspect(&good(), now()).unwrap();
    assert_eq!(found.kind, Kind::Version4);
    assert_eq!(found.place.bucket.as_deref(), Some("examplebucket"));
    assert_eq!(found.place.key, "test.txt");
    assert_eq!(found.region.as_deref(), Some("us-east-1"));
    assert_eq!(found.signer.as_ref().unwrap().kind, KeyKind::Lasting);
    assert_eq!(
        found.validity(now()),
        Validity::Good(Duration::from_hours(12))
    );
    assert_eq!(found.signature.as_deref(), Some("aeee…d404"));
    assert_eq!(found.flaws, []);
    assert!(!format!("{found:?}").contains(SIGNATURE));
}

#[test]
fn each_thing_that_can_be_wrong_is_told_and_nothing_else() {
    let good = good();
    for (url, wrong) in [
        (
            good.replace("20130524T000000Z", "20130523T000000Z")
                .replace("20130524", "20130523"),
            vec!["expired"],
        ),
        (good.replace("20130524", "20130525"), vec!["not-yet-valid"]),
        (
            good.replace("20130524T000000Z", "20130524T121000Z"),
            vec!["clock-skew"],
        ),
        (
            good.replace("=86400", "=604801"),
            vec!["longer-than-seven-days"],
        ),
        (good.replace("=86400", "=0"), vec!["expires-form"]),
        (
            good.replace("&X-Amz-Date=20130524T000000Z", ""),
            vec!["parameter-missing"],
        ),
        (
            good.replace("X-Amz-Date=2013", "X-Amz-Date=2013-"),
            vec!["date-form"],
        ),
        (
            good.replace("%2F20130524%2F", "%2F20130523%2F"),
            vec!["scope-date"],
        ),
        (
            good.replace("%2F", "%252F"),
            vec!["encoded-twice", "credential-form"],
        ),
        (format!("{good}&X-Amz-Expires=60"), vec!["parameter-twice"]),
        (
            good.replace("X-Amz-Expires", "x-amz-expires"),
            vec!["parameter-case"],
        ),
        (good.replace("d404", "D404"), vec!["signature-case"]),
        (good.replace("d404", ""), vec!["signature-form"]),
        (
            good.replace("Headers=host", "Headers=range"),
            vec!["host-not-signed"],
        ),
        (
            good.replace("Headers=host", "Headers=host%3Bcontent-type"),
            vec!["signed-headers-form"],
        ),
        (good.replace("%2Fs3%2F", "%2Fsts%2F"), vec!["service"]),
        (good.replace("HMAC-SHA256", "HMAC-SHA1"), vec!["algorithm"]),
        (good.replace("AKIA", "ASIA"), vec!["token-missing"]),
        (
            good.replace(".s3.", ".s3.eu-west-1."),
            vec!["region-differs"],
        ),
        (good.replace("us-east-1", "eu-west-1"), vec!["global-host"]),
        (
            good.replace("bucket.s3.", "bucket.s3-website-us-east-1."),
            vec!["website-host"],
        ),
        (
            good.replace("https://example", "https://my.example"),
            vec!["dots-in-host"],
        ),
        (good.replace("https:", "http:"), vec!["plain-http"]),
        (good.replace('&', "&amp;"), vec!["html-escaped"]),
        (good.replace('&', "\\u0026"), vec!["json-escaped"]),
        (
            good.replace("&X-Amz-Date", "\n  &X-Amz-Date"),
            vec!["blanks-inside"],
        ),
        (format!(" <{good}> "), vec![]),
        (
            crate::domain::presign::encode::query(&good),
            vec!["encoded-whole"],
        ),
        (
            good.split('&').next().unwrap().to_owned(),
            vec!["parameter-missing"],
        ),
        (
            good.split('?').next().unwrap().to_owned(),
            vec!["not-signed"],
        ),
    ] {
        assert_eq!(ids(&url), wrong, "{url}");
    }
}

#[test]
fn a_flaw_that_was_repaired_or_is_doubtful_does_not_refuse_the_url() {
    for url in [
        good().replace('&', "&amp;"),
        good().replace("https:", "http:"),
    ] {
        assert!(!inspect(&url, now()).unwrap().is_refused());
    }
    assert!(
        inspect(&good().replace("d404", ""), now())
            .unwrap()
            .is_refused()
    );
}

#[test]
fn the_place_is_read_off_every_form_of_host() {
    for (url, style, bucket, key, region) in [
        (
            "https://b.s3.eu-west-1.amazonaws.com/k",
            Style::Host,
            "b",
            "k",
            Some("eu-west-1"),
        ),
        (
            "https://my.b.s3.dualstack.us-gov-west-1.amazonaws.com/a//b",
            Style::Host,
            "my.b",
            "a//b",
            Some("us-gov-west-1"),
        ),
        (
            "https://s3-us-west-2.amazonaws.com/b/a%2Fb",
            Style::Path,
            "b",
            "a/b",
            Some("us-west-2"),
        ),
        (
            "https://s3.cn-north-1.amazonaws.com.cn/b/k",
            Style::Path,
            "b",
            "k",
            Some("cn-north-1"),
        ),
        (
            "https://b.s3-accelerate.amazonaws.com/k",
            Style::Accelerated,
            "b",
            "k",
            None,
        ),
        (
            "http://127.0.0.1:9000/b/k",
            Style::PerhapsPath,
            "b",
            "k",
            None,
        ),
    ] {
        let place = inspect(url, now()).unwrap().place;
        assert_eq!(
            (
                place.style,
                place.bucket.as_deref(),
                place.key.as_str(),
                place.region.as_deref()
            ),
            (style, Some(bucket), key, region),
            "{url}"
        );
    }
}

#[test]
fn the_method_is_told_where_the_url_tells_it() {
    let put = good().replace("Headers=host", "Headers=content-type%3Bhost");
    assert_eq!(inspect(&put, now()).unwrap().method, MethodHint::Put);
    let part = format!("{}&partNumber=1&uploadId=u", good());
    let found = inspect(&part, now()).unwrap();
    assert_eq!(found.method, MethodHint::Put);
    assert_eq!(found.parameters.len(), 2);
    let get = format!("{}&response-content-type=text%2Fplain", good());
    let found = inspect(&get, now()).unwrap();
    assert_eq!(found.method, MethodHint::Get);
    assert_eq!(
        found.parameters,
        [("response-content-type".to_owned(), "text/plain".to_owned())]
    );
}

#[test]
fn the_old_version_is_explained_with_what_is_wrong_with_it() {
    let signature = STANDARD.encode([0xfb; 20]);
    let url = |signature: &str| {
        format!(
            "https://b.s3.amazonaws.com/k?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=1369400000&Signature={signature}"
        )
    };
    let good = url(&crate::domain::presign::encode::query(&signature));
    let found = inspect(&good, now()).unwrap();
    assert_eq!(found.kind, Kind::Version2);
    assert_eq!(found.until, DateTime::from_timestamp(1_369_400_000, 0));
    assert_eq!(ids(&good), ["old-version"]);
    assert_eq!(ids(&url("%2B%2B")), ["signature-form", "old-version"]);
    assert_eq!(ids(&url(&signature)), ["plus-sign", "old-version"]);
    assert_eq!(
        ids(&good.replace("Expires=", "Expires=x")),
        ["expires-form", "old-version"]
    );
    assert_eq!(
        ids(&good.replace("1369400000", "1")),
        ["expired", "old-version"]
    );
}

#[test]
fn a_url_of_cloudfront_is_explained_by_its_policy() {
    let policy = r#"{"Statement":[{"Resource":"https://d1.cloudfront.net/a/*","Condition":{"DateLessThan":{"AWS:EpochTime":1369400000},"DateGreaterThan":{"AWS:EpochTime":1369300000},"IpAddress":{"AWS:SourceIp":"10.0.0.0/8"}}}]}"#;
    let safe = |text: String| text.replace('+', "-").replace('=', "_").replace('/', "~");
    let policy = safe(STANDARD.encode(policy));
    let signature = safe(STANDARD.encode([7; 256]));
    let url = format!(
        "https://d1.cloudfront.net/a/k.jpg?Policy={policy}&Signature={signature}&Key-Pair-Id=K2JCJMDEHXQW5F"
    );
    let found = inspect(&url, now()).unwrap();
    assert_eq!(found.kind, Kind::CloudFrontCustom);
    assert_eq!(found.flaws, []);
    assert_eq!(
        found.limits,
        ["for https://d1.cloudfront.net/a/*", "from 10.0.0.0/8 alone"]
    );
    assert_eq!(found.place.key, "a/k.jpg");
    assert_eq!(ids(&url.replace("/a/k", "/b/k")), ["resource-differs"]);
    assert_eq!(ids(&url.replace("Policy=e", "Policy=!")), ["policy-form"]);

    let canned = format!(
        "https://d1.cloudfront.net/k?Expires=1369400000&Signature={signature}&Key-Pair-Id=APKAEXAMPLE"
    );
    let found = inspect(&canned, now()).unwrap();
    assert_eq!((found.kind, found.flaws.len()), (Kind::CloudFrontCanned, 0));
    assert_eq!(
        ids(&canned.replace("1369400000", "1369300000")),
        ["expired"]
    );
}

#[test]
fn what_is_no_url_is_refused_with_the_reason() {
    assert_eq!(inspect(" ", now()).unwrap_err(), NotAUrl::Empty);
    for text in ["s3://b/k", "b/k", "ftp://h/k", "://h"] {
        assert_eq!(inspect(text, now()).unwrap_err(), NotAUrl::Scheme, "{text}");
    }
    for text in ["https://", "https:///k", "https://user@/k"] {
        assert_eq!(inspect(text, now()).unwrap_err(), NotAUrl::Host, "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in any::<String>(), cut in 0_usize..300, extra in any::<String>()) {
        let _ = inspect(&text, now());
        let _ = inspect(&format!("https://{text}"), now());
        let good = good();
        let (before, after) = good.split_at(cut.min(good.len()));
        let _ = inspect(&format!("{before}{extra}{after}"), now());
        let _ = inspect(before, now());
    }
}
