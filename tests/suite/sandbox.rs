//! The sandbox, through the real SDK over HTTP: does it behave as S3 does?

mod attributes;
mod buckets;
mod copies;
mod deletes;
mod listing;
mod locks;
mod objects;
pub mod support;
mod uploads;
mod versions;
