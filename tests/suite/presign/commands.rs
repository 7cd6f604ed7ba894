//! `s3warden presign`, as a script uses it.

use serde_json::Value;

use crate::cli::support::{Endpoint, Program, bucket};

/// The program with credentials and an endpoint where nothing listens.
fn offline() -> Program {
    Program::new()
        .env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
}

fn item(program: &Program, arguments: &[&str]) -> Value {
    let arguments = [&["presign"], arguments, &["--format", "json"]].concat();
    let document = program.run(&arguments).json(0);
    assert_eq!(document["schema"], "s3warden/presign/1");
    assert_eq!(document["complete"], true);
    document["items"][0].clone()
}

fn ids(item: &Value) -> Vec<&str> {
    let warnings = item["warnings"].as_array().unwrap();
    warnings.iter().map(|w| w["id"].as_str().unwrap()).collect()
}

#[test]
fn signing_needs_no_network() {
    let item = item(
        &offline(),
        &["get", "s3://my-media/a b.jpg", "--expires", "1h"],
    );
    assert_eq!(item["method"], "get");
    assert_eq!(item["expires_in_seconds"], 3600);
    assert!(
        item["url"]
            .as_str()
            .unwrap()
            .starts_with("http://127.0.0.1:9/my-media/a%20b.jpg?X-Amz-")
    );
    assert_eq!(item["headers"], serde_json::json!({}));
    assert_eq!(ids(&item), ["region-assumed"]);
}

#[test]
fn on_aws_the_host_is_the_buckets_and_the_region_the_blueprints_or_the_one_asked_for() {
    let aws = || {
        Program::new()
            .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "secret")
    };
    let key =
        "s3://pilotforce-user-uploads/documents/user-1/6f9619ff-8b86-4011-b42d-00c04fc964ff-a.pdf";
    let by_rule = item(&aws().env("AWS_REGION", "eu-west-1"), &["get", key]);
    assert_eq!(by_rule["region"], "us-east-1");
    assert_eq!(by_rule["expires_in_seconds"], 3600);
    assert_eq!(ids(&by_rule), Vec::<&str>::new());
    let asked = item(&aws(), &["get", key, "--region", "ap-south-1"]);
    assert_eq!(asked["region_source"], "as asked");
    let url = asked["url"].as_str().unwrap();
    assert!(
        url.starts_with("https://pilotforce-user-uploads.s3.ap-south-1.amazonaws.com/documents/"),
        "{url}"
    );
}

#[test]
fn the_rules_of_each_system_are_signed_and_breaking_them_is_told() {
    let program = offline().env("AWS_REGION", "us-east-1");
    let uuid = "6f9619ff-8b86-4011-b42d-00c04fc964ff";
    let picture = format!("s3://elimination-profile-pictures/profiles/user-1/{uuid}.png");

    let post = item(&program, &["post", &picture]);
    assert_eq!(post["expires_in_seconds"], 900);
    assert_eq!(post["fields"]["Content-Type"], "image/png");
    assert!(
        post["policy"]
            .as_str()
            .unwrap()
            .contains("[\"content-length-range\",0,5000000]")
    );
    assert!(post.get("headers").is_none());
    assert_eq!(ids(&post), Vec::<&str>::new());

    let loose = item(
        &program,
        &[
            "post",
            &picture,
            "--expires",
            "1h",
            "--content-type",
            "image/gif",
            "--max-size",
            "6 MB",
        ],
    );
    assert_eq!(
        ids(&loose),
        ["type-not-allowed", "larger-than-rule", "longer-than-rule"]
    );
    let put = item(&program, &["put", &picture]);
    assert_eq!(ids(&put), ["size-open", "needs-cors"]);
    let elsewhere = item(
        &program,
        &["put", "s3://elimination-profile-pictures/x", "--size", "9"],
    );
    assert!(ids(&elsewhere).contains(&"key-of-no-layout"), "{elsewhere}");

    let pilot = item(
        &program,
        &[
            "put",
            "s3://pilotforce-user-uploads",
            "--part",
            "directory=uploads",
            "--part",
            "user=user-1",
            "--part",
            "filename=a.jpg",
        ],
    );
    assert_eq!(pilot["expires_in_seconds"], 300);
    assert_eq!(pilot["headers"]["content-type"], "image/jpeg");
    let key = pilot["key"].as_str().unwrap();
    assert!(
        key.starts_with("uploads/user-1/") && key.ends_with("-a.jpg"),
        "{key}"
    );

    let secret = format!("s3://quikapp-media-prod/ws-1/photos/ch-1/msg-1/{uuid}.jpg.enc");
    let quik = item(&program, &["put", &secret, "--size", "100"]);
    assert_eq!(quik["headers"]["x-amz-server-side-encryption"], "aws:kms");
    assert_eq!(
        ids(&quik),
        ["kms-without-key", "metadata-missing", "needs-cors"]
    );
    let once = item(&program, &["get", &secret, "--view-once"]);
    assert_eq!(once["expires_in_seconds"], 300);
    assert_eq!(ids(&once), ["cdn-in-production"]);
    let cannot = once["cannot"].as_array().unwrap();
    assert!(
        cannot[0].as_str().unwrap().contains("used again"),
        "{cannot:?}"
    );
}

#[test]
fn what_cannot_be_signed_is_refused_with_what_could_be() {
    let program = offline();
    for (arguments, words) in [
        (vec!["get", "s3://media/k", "--expires", "8d"], "7 days"),
        (vec!["get", "s3://media/k", "--expires", "0s"], "1 second"),
        (vec!["get", "s3://media"], "it has no key"),
        (
            vec!["put", "s3://media/k", "--max-size", "5 MB"],
            "one exact length",
        ),
        (
            vec!["get", "s3://media/k", "--content-type", "a/b"],
            "put or post",
        ),
        (
            vec!["put", "s3://media/k", "--meta", "a=é"],
            "printable ASCII",
        ),
        (
            vec!["put", "s3://media/k", "--header", "host=evil"],
            "cannot be a header",
        ),
        (
            vec!["part", "s3://media/k", "--part-number", "1"],
            "upload's id",
        ),
        (
            vec!["put", "s3://media/k", "--snippet", "html"],
            "a POST alone",
        ),
        (
            vec!["put", "s3://media", "--part", "user=u"],
            "no blueprint names this bucket",
        ),
        (
            vec!["put", "s3://pilotforce-user-uploads", "--part", "user=u"],
            "filename",
        ),
        (
            vec!["get", "s3://media/k", "--response", "server=x"],
            "content-disposition",
        ),
        (
            vec!["put", "s3://media/k", "--checksum", "sha256=abc"],
            "32 bytes",
        ),
    ] {
        let ran = program.run(&[&["presign"], arguments.as_slice()].concat());
        assert_eq!(
            (ran.status, ran.out.as_str()),
            (2, ""),
            "{arguments:?}: {ran:?}"
        );
        assert!(ran.err.contains(words), "{arguments:?}: {}", ran.err);
    }
}

#[test]
fn only_write_signs_a_delete() {
    let program = offline();
    let ran = program.run(&["presign", "delete", "s3://media/k"]);
    assert_eq!((ran.status, ran.out.as_str()), (4, ""));
    assert!(ran.err.contains("--write"), "{}", ran.err);
    assert_eq!(
        item(&program, &["delete", "s3://media/k", "--write"])["http_method"],
        "DELETE"
    );
}

#[test]
fn without_credentials_nothing_is_signed_and_it_says_what_to_do() {
    let program = Program::new().env("AWS_EC2_METADATA_DISABLED", "true");
    let ran = program.run(&["presign", "get", "s3://media/k", "--region", "us-east-1"]);
    assert_eq!((ran.status, ran.out.as_str()), (1, ""));
    assert!(
        ran.err.contains("could not sign a request to s3://media"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("--profile"), "{}", ran.err);
}

#[test]
fn the_report_shows_all_that_has_to_be_sent_and_quiet_the_url_alone() {
    let program = offline().env("AWS_REGION", "us-east-1");
    let arguments = [
        "presign",
        "put",
        "s3://media/a\u{1b}[2J",
        "--content-type",
        "image/png",
        "--size",
        "7",
    ];
    let ran = program.run(&arguments);
    for words in [
        "PUT s3://media/a\\x1b[2J\n",
        "\nhttp://127.0.0.1:9/media/a%1B%5B2J?",
        "\nsend    content-length: 7\n",
        "\nsend    content-type: image/png\n",
        "\nuntil   ",
        "(15m, as asked)",
        "for us-east-1 (the connection's)",
        "\ncan     send exactly 7 bytes",
        "\ncannot  be taken back",
    ] {
        assert!(ran.out.contains(words), "{words:?} in {}", ran.out);
    }
    assert!(
        ran.err
            .contains("warning: a browser sends content-type only"),
        "{}",
        ran.err
    );
    let quiet = program.run(&[&arguments[..], &["--quiet"]].concat());
    assert_eq!(quiet.out.lines().count(), 1);
    assert!(
        quiet.out.starts_with("http://127.0.0.1:9/media/"),
        "{}",
        quiet.out
    );
}

#[test]
fn the_region_is_asked_for_only_when_it_is_wanted() {
    let endpoint = Endpoint::serving(vec![bucket("media", ["k"])]);
    let program = endpoint.program();
    let learnt = item(&program, &["get", "s3://media/k", "--resolve-region"]);
    assert_eq!(learnt["region_source"], "as S3 said");
    let ran = offline().run(&["presign", "get", "s3://media/k", "--resolve-region"]);
    assert_eq!((ran.status, ran.out.as_str()), (1, ""), "{ran:?}");
}

#[test]
fn a_log_holds_no_signature_even_when_it_holds_all_else() {
    let program = offline();
    let ran = program.run(&[
        "presign",
        "get",
        "s3://media/k",
        "-vv",
        "--log-file",
        "log",
        "--format",
        "json",
    ]);
    let document = ran.json(0);
    let url = document["items"][0]["url"].as_str().unwrap();
    let signature = url.split("X-Amz-Signature=").nth(1).unwrap();
    let log = std::fs::read_to_string(program.home.path().join("log")).unwrap();
    assert!(!log.contains(signature) && !log.contains("secret"), "{log}");
}
