//! Lists of who and what is alive, from where they are kept.

mod dynamodb;
mod file;
#[path = "registry/sqlite.rs"]
mod sqlite_database;
mod support;
