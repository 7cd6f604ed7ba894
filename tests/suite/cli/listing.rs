//! `ls`: levels, versions, formats.

use s3warden::facade::sandbox::world::{SeedKind, Versioning};
use serde_json::Value;

use super::support::{Endpoint, bucket, column, object, seed};

const KEYS: [&str; 6] = [
    "a.txt",
    "b/c.txt",
    "b/d/e.txt",
    "b/z.txt",
    "b.txt",
    "f//g.txt",
];

fn endpoint() -> Endpoint {
    Endpoint::serving(vec![bucket("some-bucket", KEYS)])
}

#[test]
fn one_level_is_prefixes_and_objects_in_byte_order() {
    let ran = endpoint()
        .program()
        .run(&["ls", "s3://some-bucket/", "--format", "json"]);
    let document = ran.json(0);
    assert_eq!(document["schema"], "s3warden/ls/1");
    assert_eq!(column(&document, "key"), ["a.txt", "b.txt"]);
    assert_eq!(column(&document, "prefix"), ["b/", "f/"]);
    let names: Vec<&str> = document["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|item| item["key"].as_str().or(item["prefix"].as_str()))
        .collect();
    assert_eq!(names, ["a.txt", "b.txt", "b/", "f/"]);
    let item = &document["items"][0];
    assert_eq!(item["bucket"], "some-bucket");
    assert_eq!(item["size"], 1000);
    assert_eq!(item["storage_class"], "STANDARD");
    assert_eq!(item["last_modified"], "2026-01-02T03:04:05Z");
    assert!(item["etag"].is_string(), "{item}");
}

#[test]
fn recursive_lists_every_key_below_the_prefix() {
    let program = endpoint();
    let all = program
        .program()
        .run(&["ls", "s3://some-bucket", "-r", "--format", "json"]);
    let mut expected = KEYS.to_vec();
    expected.sort_unstable();
    assert_eq!(column(&all.json(0), "key"), expected);
    let below = program
        .program()
        .run(&["ls", "s3://some-bucket/b/", "-r", "--format", "json"]);
    assert_eq!(
        column(&below.json(0), "key"),
        ["b/c.txt", "b/d/e.txt", "b/z.txt"]
    );
}

#[test]
fn recursive_is_in_key_order_also_where_many_requests_are_under_way() {
    let keys: Vec<String> = (0..6_000)
        .map(|n| format!("users/user-{:02}/{n:05}", n / 120))
        .collect();
    let mut versioned = bucket("some-bucket", &keys);
    versioned.versioning = Versioning::Enabled;
    let endpoint = Endpoint::serving(vec![versioned]);
    for more in [&[][..], &["--versions"]] {
        let ls = ["ls", "s3://some-bucket/", "-r", "--format", "json"];
        let document = endpoint.program().run(&[&ls[..], more].concat()).json(0);
        assert_eq!(column(&document, "key"), keys, "{more:?}");
        assert_eq!(document["complete"], true);
    }
}

#[test]
fn a_recursive_listing_that_fails_on_its_way_prints_the_rest_and_says_what_is_missing() {
    let keys: Vec<String> = (0..2_500).map(|n| format!("k/{n:05}")).collect();
    let endpoint = Endpoint::serving(vec![bucket("some-bucket", &keys)]);
    let deny = "access-denied operation=ListObjectsV2 every=3"
        .parse()
        .unwrap();
    endpoint.sandbox.set_faults(vec![deny]);
    let ls = ["ls", "s3://some-bucket/", "-r", "--jobs", "1", "--format"];
    let document = endpoint
        .program()
        .run(&[&ls[..], &["json"]].concat())
        .json(1);
    assert_eq!(document["complete"], false);
    assert_eq!(column(&document, "key"), keys[..2_000]);
    let why = document["summary"]["incomplete"][0]["why"]
        .as_str()
        .unwrap();
    assert!(why.contains("s3:ListBucket"), "{why}");
}

#[test]
fn ndjson_and_csv_say_the_same_as_json() {
    let endpoint = endpoint();
    let list = |format| {
        endpoint
            .program()
            .run(&["ls", "s3://some-bucket", "-r", "--format", format])
    };
    let json = list("json").json(0);
    let ndjson = list("ndjson");
    let mut lines: Vec<Value> = ndjson
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let end = lines.pop().unwrap();
    assert_eq!(Value::Array(lines), json["items"]);
    assert_eq!(
        (&end["schema"], &end["complete"]),
        (&json["schema"], &json["complete"])
    );
    let csv = list("csv");
    let mut reader = csv::Reader::from_reader(csv.out.as_bytes());
    let key = reader
        .headers()
        .unwrap()
        .iter()
        .position(|name| name == "key")
        .unwrap();
    let keys: Vec<String> = reader
        .records()
        .map(|row| row.unwrap()[key].to_owned())
        .collect();
    assert_eq!(keys, column(&json, "key"));
}

#[test]
fn a_table_has_a_heading_aligned_columns_and_its_totals_on_standard_error() {
    let ran = endpoint().program().run(&["ls", "s3://some-bucket/"]);
    assert_eq!(
        ran.out,
        "MODIFIED                    SIZE  CLASS        KEY\n\
         2026-01-02T03:04:05Z      1000 B  STANDARD     a.txt\n\
         2026-01-02T03:04:05Z      1000 B  STANDARD     b.txt\n\
         –                              –  –            b/\n\
         –                              –  –            f/\n"
    );
    assert_eq!(ran.err, "2 prefixes, 2 objects, 2.0 KiB\n");
}

#[test]
fn versions_are_listed_newest_first_with_their_markers() {
    let mut versioned = bucket("some-bucket", ["a", "b"]);
    versioned.versioning = Versioning::Enabled;
    versioned.versions.insert(1, object("a"));
    versioned.versions.push(seed("b", SeedKind::DeleteMarker));
    let ran = Endpoint::serving(vec![versioned]).program().run(&[
        "ls",
        "s3://some-bucket/",
        "--versions",
        "--format",
        "json",
    ]);
    let document = ran.json(0);
    let states: Vec<(&str, bool, bool)> = document["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            (
                item["key"].as_str().unwrap(),
                item["is_latest"].as_bool().unwrap(),
                item["is_delete_marker"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        states,
        [
            ("a", true, false),
            ("a", false, false),
            ("b", true, true),
            ("b", false, false)
        ]
    );
    let ids = column(&document, "version_id");
    assert!(
        ids.len() == 4 && ids.iter().all(|id| !id.is_empty()),
        "{ids:?}"
    );
    assert_eq!(document["summary"]["delete_markers"], 1);
}

#[test]
fn a_listing_of_several_pages_is_whole() {
    let keys: Vec<String> = (0..2500).map(|n| format!("k/{n:05}")).collect();
    let endpoint = Endpoint::serving(vec![bucket("some-bucket", &keys)]);
    let ran = endpoint
        .program()
        .run(&["ls", "s3://some-bucket/k/", "--format", "json"]);
    assert_eq!(column(&ran.json(0), "key"), keys);
}

#[test]
fn a_bucket_of_another_region_is_reached_there() {
    let mut abroad = bucket("some-bucket", ["a"]);
    "eu-west-1".clone_into(&mut abroad.region);
    let ran = Endpoint::serving(vec![abroad]).program().run(&[
        "ls",
        "s3://some-bucket/",
        "--format",
        "json",
    ]);
    assert_eq!(column(&ran.json(0), "key"), ["a"]);
}
