//! `ls --owner`: exactly what belongs to a user.

use s3warden::facade::sandbox::world::{SeedKind, Versioning, WorldBucket};

use super::support::{Endpoint, bucket, column, object, seed};

const UUID: &str = "6f9619ff-8b86-4011-b42d-00c04fc964ff";

fn uploads() -> WorldBucket {
    let mut uploads = bucket(
        "pilotforce-user-uploads",
        [
            format!("documents/user-1/{UUID}-a.pdf"),
            format!("uploads/user-1/{UUID}-photo.jpg"),
            format!("uploads/user-1/{UUID}-photo-thumbnail.jpg"),
            // The anchor alone decides: what comes after it need not parse.
            "uploads/user-1/no-uuid.jpg".to_owned(),
            "uploads/user-1//double".to_owned(),
            format!("uploads/user-10/{UUID}-b.jpg"),
            format!("uploads/user-1 /{UUID}-space.jpg"),
            format!("uploads/User-1/{UUID}-case.jpg"),
            format!("user-1/uploads/{UUID}-other-way-round.jpg"),
            "uploads/user-1".to_owned(),
            format!("uploads/ünal@example.org/{UUID}-c.jpg"),
        ],
    );
    uploads.versioning = Versioning::Enabled;
    uploads.versions.push(object("videos/user-1/gone.mp4"));
    uploads
        .versions
        .push(seed("videos/user-1/gone.mp4", SeedKind::DeleteMarker));
    uploads.versions.sort_by(|a, b| a.key.cmp(&b.key));
    uploads
}

#[test]
fn a_user_has_exactly_what_stands_below_their_anchor() {
    let endpoint = Endpoint::serving(vec![uploads()]);
    let ran = endpoint.program().run(&[
        "ls",
        "s3://pilotforce-user-uploads/",
        "--owner",
        "user-1",
        "--format",
        "json",
    ]);
    let document = ran.json(0);
    let expected = [
        format!("documents/user-1/{UUID}-a.pdf"),
        "uploads/user-1//double".to_owned(),
        format!("uploads/user-1/{UUID}-photo-thumbnail.jpg"),
        format!("uploads/user-1/{UUID}-photo.jpg"),
        "uploads/user-1/no-uuid.jpg".to_owned(),
    ];
    let mut keys = column(&document, "key");
    keys.sort_unstable();
    assert_eq!(keys, expected);
    assert_eq!(document["complete"], true);
    assert_eq!(document["summary"]["objects"], 5);
    assert_eq!(document["summary"]["size"], 5000);
}

#[test]
fn a_users_versions_include_those_of_which_no_object_is_left() {
    let endpoint = Endpoint::serving(vec![uploads()]);
    let ran = endpoint.program().run(&[
        "ls",
        "s3://pilotforce-user-uploads/",
        "--owner",
        "user-1",
        "--versions",
        "--format",
        "json",
    ]);
    let document = ran.json(0);
    let gone = column(&document, "key")
        .iter()
        .filter(|key| key.ends_with("gone.mp4"))
        .count();
    assert_eq!(gone, 2, "{document:#}");
    assert_eq!(document["summary"]["delete_markers"], 1);
    assert_eq!(document["summary"]["versions"], 6);
}

#[test]
fn a_prefix_narrows_what_a_user_has() {
    let endpoint = Endpoint::serving(vec![uploads()]);
    let ran = endpoint.program().run(&[
        "ls",
        "s3://pilotforce-user-uploads/doc",
        "--owner",
        "user-1",
        "--format",
        "json",
    ]);
    assert_eq!(
        column(&ran.json(0), "key"),
        [format!("documents/user-1/{UUID}-a.pdf")]
    );
}

#[test]
fn a_user_without_media_is_an_empty_list_and_no_failure() {
    let endpoint = Endpoint::serving(vec![uploads()]);
    let ran = endpoint.program().run(&[
        "ls",
        "s3://pilotforce-user-uploads/",
        "--owner",
        "user-2",
        "--format",
        "json",
    ]);
    let document = ran.json(0);
    assert_eq!(document["items"].as_array().unwrap().len(), 0);
    assert_eq!(document["complete"], true);
}

#[test]
fn without_a_blueprint_for_the_bucket_nobody_is_guessed() {
    let endpoint = Endpoint::serving(vec![bucket("some-bucket", ["uploads/user-1/a"])]);
    let ran = endpoint
        .program()
        .run(&["ls", "s3://some-bucket/", "--owner", "user-1"]);
    assert_eq!(ran.status, 2, "{ran:#?}");
    assert!(
        ran.err.contains("no built-in blueprint names it"),
        "{ran:#?}"
    );
    assert!(ran.err.contains("--blueprint"), "{ran:#?}");
}

#[test]
fn a_blueprint_of_ones_own_is_named_from_the_configuration_folder_and_never_from_the_working_one() {
    let mine = "version = 1\nname = 'mine'\n[[bucket]]\nname = 'some-bucket'\n[[bucket.layout]]\nid = 'all'\n\
                key = '{user}/{file...}'\nowner = 'user'\n";
    let endpoint = Endpoint::serving(vec![bucket("some-bucket", ["user-1/a", "user-10/a"])]);
    let program = endpoint.program();
    let ls = [
        "ls",
        "s3://some-bucket/",
        "--owner",
        "user-1",
        "--format",
        "json",
        "--blueprint",
    ];
    program.write("mine.toml", mine);
    let in_working_folder = program.run(&[&ls[..], &["mine"]].concat());
    assert_eq!(in_working_folder.status, 2, "{in_working_folder:#?}");
    let by_path = program.run(&[&ls[..], &["mine.toml"]].concat());
    assert_eq!(column(&by_path.json(0), "key"), ["user-1/a"]);
    program.write(".config/s3warden/blueprints/mine.toml", mine);
    let by_name = program.run(&[&ls[..], &["mine"]].concat());
    assert_eq!(column(&by_name.json(0), "key"), ["user-1/a"]);
}

#[test]
fn what_no_key_can_tell_makes_the_total_at_least_in_every_format_and_also_when_quiet() {
    let blueprint = "version = 1\nname = 'mine'\n[[bucket]]\nname = 'some-bucket'\n[[bucket.layout]]\nid = 'named'\n\
                     key = 'by-user/{user}/{file}'\nowner = 'user'\n[[bucket.layout]]\nid = 'loose'\n\
                     key = 'loose/{file}'\nowner_from = 'registry'\n";
    let endpoint = Endpoint::serving(vec![bucket("some-bucket", ["loose/a.jpg"])]);
    let program = endpoint.program();
    program.write("mine.toml", blueprint);
    for format in ["table", "csv", "json", "ndjson"] {
        let ran = program.run(&[
            "ls",
            "s3://some-bucket/",
            "--owner",
            "user-1",
            "--blueprint",
            "mine.toml",
            "--format",
            format,
            "-q",
        ]);
        assert_eq!(ran.status, 0, "{ran:#?}");
        assert!(
            ran.err.contains("incomplete: at least 0 objects"),
            "{}",
            ran.err
        );
        assert!(ran.err.contains("loose"), "{}", ran.err);
    }
}
