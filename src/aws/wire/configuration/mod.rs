//! Requests a bucket's configuration: one function per request, with results in `domain::configuration`.
//!
//! Each returns an [`Answer`]: the configuration, if any, and its original document, which a person can read. If S3 has
//! an error code for "not configured", the result is a problem of that kind. If S3 returns an empty document, it is an
//! answer without a value. Both mean the same. A document that cannot be parsed is a problem, never an empty answer.
//!
//! The files follow the topics: [`access`] (who has access), [`retention`] (versions, encryption, locks), [`events`]
//! (notifications, replication, logging), [`listed`] (configurations with ids).

mod access;
mod document;
mod events;
mod lifecycle;
mod listed;
mod retention;
mod rules;

pub(in crate::aws::wire) use access::access_control;
pub(in crate::aws) use access::public_access_of;
pub(crate) use access::{acl, cors, ownership, policy, policy_status, public_access, website};
pub(crate) use document::Answer;
pub(in crate::aws) use document::Document;
pub(crate) use events::{logging, notifications, replication, requester_pays};
pub(crate) use lifecycle::lifecycle;
pub(crate) use listed::{Page, inventories, metrics, tierings};
pub(crate) use retention::{encryption, metadata_tables, object_lock, tags, versioning};
pub(crate) use rules::Rules;
