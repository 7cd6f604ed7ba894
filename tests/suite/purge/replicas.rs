//! A bucket into which another is replicated, and into which users upload as well: whose an object there is follows from
//! its own key, too.

use s3warden::facade::sandbox::world::{Versioning, WorldBucket};
use serde_json::Value;

use crate::cli::support::{Endpoint, Program, bucket, column};

/// The bucket of replicas reads the owner from another folder.
const RULES: &str = r#"
version = 1
name = "copies"

[[bucket]]
name = "rooms"

[[bucket.layout]]
id = "room"
key = "r/{user}/{room}/{file}"
owner = "user"

EXPECTED
[[bucket]]
name = "rooms-copy"

[[bucket.layout]]
id = "guest"
key = "r/{room}/{user}/{file}"
owner = "user"
"#;

const EXPECTED: &str = r#"
[[bucket.expect.replication]]
id = "all"
to = "rooms-copy"
"#;

/// Both are replicated to by this document, with the prefix in the place of PREFIX.
const LIVE: &str = r#"<ReplicationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Role>arn:aws:iam::123456789012:role/r</Role><Rule><ID>all</ID><Priority>1</Priority><Status>Enabled</Status><Filter><Prefix>PREFIX</Prefix></Filter><Destination><Bucket>arn:aws:s3:::rooms-copy</Bucket></Destination><DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication></Rule></ReplicationConfiguration>"#;

fn versioned(name: &str, keys: &[&str]) -> WorldBucket {
    WorldBucket {
        versioning: Versioning::Enabled,
        ..bucket(name, keys.iter().copied())
    }
}

fn endpoint(live: Option<&str>) -> Endpoint {
    let mut rooms = versioned("rooms", &["r/dead/alive/1", "r/alive/dead/2"]);
    if let Some(prefix) = live {
        let document = LIVE.replace("PREFIX", prefix);
        rooms
            .configuration
            .insert("replication".to_owned(), document);
    }
    // The last two were uploaded here.
    let copied = [
        "r/dead/alive/1",
        "r/alive/dead/2",
        "r/dead/alive/3",
        "r/dead/dead/4",
    ];
    Endpoint::serving(vec![rooms, versioned("rooms-copy", &copied)])
}

fn run(program: &Program, expected: &str, arguments: &[&str]) -> (i32, Value) {
    program.write("rules.toml", &RULES.replace("EXPECTED", expected));
    program.write("users.txt", "alive\n");
    let more = ["--blueprint", "./rules.toml", "--format", "json"];
    let ran = program.run(&[arguments, &more].concat());
    let status = ran.status;
    (status, ran.json(status))
}

/// Keys of the bucket of replicas among the rows.
fn copies(rows: &Value) -> Vec<&str> {
    let rows = rows.as_array().unwrap().iter();
    let rows = rows.filter(|row| row["bucket"] == "rooms-copy");
    rows.map(|row| row["key"].as_str().unwrap()).collect()
}

#[test]
fn what_a_replicas_own_bucket_gives_to_another_user_is_left_and_no_orphan() {
    for (expected, live, taken, left, orphans) in [
        (
            EXPECTED,
            None,
            &["r/dead/dead/4"][..],
            &["r/alive/dead/2", "r/dead/alive/1", "r/dead/alive/3"][..],
            &["r/dead/dead/4"][..],
        ),
        (
            "",
            Some(""),
            &["r/dead/dead/4"],
            &["r/alive/dead/2", "r/dead/alive/1", "r/dead/alive/3"],
            &["r/dead/dead/4"],
        ),
        // The rule covers other keys: what is there was uploaded there.
        (
            "",
            Some("q/"),
            &["r/alive/dead/2", "r/dead/dead/4"],
            &[],
            &["r/alive/dead/2", "r/dead/dead/4"],
        ),
    ] {
        let what = format!("{live:?}");
        let endpoint = endpoint(live);
        let program = endpoint.program();
        let (_, found) = run(&program, expected, &["find", "dead"]);
        assert_eq!(copies(&found["items"]), taken, "{what}: {found:#}");
        assert_eq!(copies(&found["summary"]["contested"]), left, "{what}");
        let search = [
            "orphans",
            "rooms-copy",
            "--registry",
            "owners=users.txt",
            "--max-share",
            "100",
        ];
        let (_, judged) = run(&program, expected, &search);
        let gone: Vec<&str> = judged["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| row["kind"] == "owner-gone")
            .map(|row| row["key"].as_str().unwrap())
            .collect();
        assert_eq!(gone, orphans, "{what}: {judged:#}");
        let carry_out = ["purge", "dead", "--write", "--execute", "--confirm", "dead"];
        let (status, done) = run(&program, expected, &carry_out);
        assert_eq!(
            status,
            if left.is_empty() { 0 } else { 3 },
            "{what}: {done:#}"
        );
        let (_, alive) = run(
            &program,
            expected,
            &["ls", "s3://rooms-copy/", "--recursive"],
        );
        let kept = column(&alive, "key");
        for key in ["r/dead/alive/1", "r/dead/alive/3"] {
            assert!(kept.contains(&key), "{what}: {key} was alive's: {kept:?}");
        }
    }
}
