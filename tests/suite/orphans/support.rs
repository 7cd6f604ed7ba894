//! A bucket of uploads in which one user of twenty is gone.

use std::ops::RangeInclusive;

use s3warden::facade::sandbox::world::WorldBucket;
use serde_json::Value;

use crate::cli::support::{Endpoint, Program, Ran, bucket};

pub const UUID: &str = "6f9619ff-8b86-4011-b42d-00c04fc964ff";
pub const UPLOADS: &str = "pilotforce-user-uploads";

pub fn document(user: &str, name: &str) -> String {
    format!("documents/{user}/{UUID}-{name}")
}

/// An object of 1,000 bytes for each of `user-1` to `user-20`, in folders of which nothing is derived.
pub fn uploads() -> WorldBucket {
    bucket(
        UPLOADS,
        (1..=20).map(|n| document(&format!("user-{n}"), "a.pdf")),
    )
}

/// All users but this one, an id a line.
pub fn all_but(gone: &str) -> String {
    let all = users(1..=20);
    let others = all.lines().filter(|user| *user != gone);
    others.fold(String::new(), |list, user| list + user + "\n")
}

/// These users, an id a line.
pub fn users(numbers: RangeInclusive<u32>) -> String {
    numbers.fold(String::new(), |list, n| list + &format!("user-{n}\n"))
}

/// A program with a list of users of which `user-1` is not one.
pub fn program(endpoint: &Endpoint) -> Program {
    let program = endpoint.program();
    program.write("users.txt", &all_but("user-1"));
    program
}

/// Looks for orphans in the uploads, in JSON.
pub fn search(program: &Program, more: &[&str]) -> Ran {
    let mut arguments = vec!["orphans", UPLOADS, "--format", "json"];
    arguments.extend(more);
    program.run(&arguments)
}

/// Kind and key of every item, in their order.
pub fn found(document: &Value) -> Vec<(&str, &str)> {
    let items = document["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| {
            (
                item["kind"].as_str().unwrap(),
                item["key"].as_str().unwrap(),
            )
        })
        .collect()
}
