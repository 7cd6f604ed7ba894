//! What is asked about a bucket's configuration: one function a request, decoded into `domain::configuration`.
//!
//! Each gives an [`Answer`]: what is configured, if anything is, and the document it was read from, so that a person can
//! look at the service's own words. "Not configured" comes as a problem of that kind where S3 has an error code for it, and as
//! an answer without a value where S3 sends an empty document; both mean the same. A document that cannot be understood
//! is a problem, never an empty answer. The files follow what the requests are about: [`access`] (who may), [`retention`]
//! (what is kept, how long, how encrypted), [`events`] (who is told and copied to), [`listed`] (configurations by id).

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
