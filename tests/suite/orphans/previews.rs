//! A system with previews in a bucket of their own without a layout, made by a rule that drops the extension, and with films
//! that are encoded beside their sources.

use s3warden::facade::sandbox::store::listing::{Row, Start};
use s3warden::facade::sandbox::world::WorldBucket;

use super::support::{all_but, users};
use crate::cli::support::{Endpoint, Program, Ran, bucket};

pub const BLUEPRINT: &str = r#"
version = 1
name = "previews"

[[bucket]]
name = "media"

[[bucket.layout]]
id = "upload"
key = "users/{user}/{file...}"
owner = "user"

[[bucket.derived]]
id = "preview"
from = "upload"
to_bucket = "previews"
regex = '^(.+)\.([^.]+)$'
replace = 'previews/$1.jpg'

[[bucket.derived]]
id = "encoded"
from = "upload"
to_bucket = "media"
regex = '^users/(.+)\.mov$'
replace = 'encoded/$1.mp4'

[[bucket]]
name = "previews"

[[bucket]]
name = "attic"
"#;

/// A photo with its preview for each of `user-1` to `user-20`, and these keys beside them.
pub fn system(media: &[&str], previews: &[&str]) -> Vec<WorldBucket> {
    let all = users(1..=20);
    let of_all = |make: fn(&str) -> String| all.lines().map(make).collect::<Vec<_>>();
    let photos = of_all(|user| format!("users/{user}/1.png"));
    let made = of_all(|user| format!("previews/users/{user}/1.jpg"));
    let with = |keys: Vec<String>, more: &[&str]| {
        keys.into_iter()
            .chain(more.iter().map(|&key| key.to_owned()))
            .collect::<Vec<_>>()
    };
    vec![
        bucket("media", with(photos, media)),
        bucket("previews", with(made, previews)),
        bucket("attic", ["box"]),
    ]
}

/// A program with the blueprint, and a list of users of which `user-1` is not one.
pub fn program(endpoint: &Endpoint) -> Program {
    let program = endpoint.program();
    program.write("previews.toml", BLUEPRINT);
    program.write("users.txt", &all_but("user-1"));
    program
}

/// Looks for orphans, in JSON.
pub fn orphans(program: &Program, more: &[&str]) -> Ran {
    let mut arguments = vec!["orphans"];
    arguments.extend(more);
    arguments.extend([
        "--blueprint",
        "./previews.toml",
        "--registry",
        "users.txt",
        "--max-share",
        "50",
        "--format",
        "json",
    ]);
    program.run(&arguments)
}

/// The keys of a bucket's current objects.
pub fn keys(endpoint: &Endpoint, bucket: &str) -> Vec<String> {
    let buckets = endpoint.sandbox.store().each(|one| {
        let rows = one.keys.walk_versions("", None, Start::Beginning);
        let keys = rows.filter_map(|row| match row {
            Row::Key(key, _) => Some(key.to_owned()),
            Row::Prefix(..) => None,
        });
        (one.name.clone(), keys.collect::<Vec<_>>())
    });
    let mut buckets = buckets.into_iter();
    buckets.find(|(name, _)| name == bucket).unwrap().1
}
