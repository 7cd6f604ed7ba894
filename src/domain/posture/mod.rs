//! What is wrong with a bucket: findings, one small file a concern.
//!
//! A [`Case`] holds what is known of a bucket: its configuration, the blueprint that says what was wanted, what a listing
//! found in it ([`Contents`]) and what the headers of a few objects say. [`findings`] judges it. A verdict rests on what is
//! known: where an answer is missing there is an `unknown-permission`, and no verdict on what depends on it. What has an
//! effect only together (policy, ACL, ownership and both public access blocks) is judged together, in [`access`]. What a
//! policy means is `domain::policy`'s.

mod accept;
mod access;
mod access_points;
mod acl;
mod advice;
mod blocked;
mod case;
mod contents;
pub(crate) mod controls;
mod cors;
mod delivery;
mod derived;
mod drift;
mod encryption;
mod finding;
mod grants;
pub(crate) mod ids;
mod lifecycle;
mod log_keys;
mod logging;
mod minimum_stay;
mod notification;
mod object_lock;
mod public;
mod questions;
mod replication;
mod tls;
mod unknown;
mod versions;

pub(crate) use accept::part;
pub use accept::{Acceptance, Accepted};
pub(crate) use access::acls_matter;
pub(crate) use access::{AclsCount, Switch, acls_count, switch};
pub(crate) use case::{Case, LogTarget, ObjectAcl, Replica, ReplicaTarget, Sample, TargetState};
pub(crate) use contents::{Builder, Contents, GRACE};
pub use finding::{Finding, Severity};
pub(crate) use log_keys::LogKeys;
pub use questions::OpenQuestion;
pub(crate) use questions::{open_questions, partly_answered, without_account};
pub(crate) use unknown::by_cause;

/// Everything that is to be said of a bucket, the most severe first.
#[must_use]
pub(crate) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for judge in [
        public::judge,
        tls::judge,
        grants::judge,
        acl::judge,
        encryption::judge,
        blocked::judge,
        access_points::judge,
        lifecycle::judge,
        versions::judge,
        logging::judge,
        cors::judge,
        replication::judge,
        notification::judge,
        object_lock::judge,
        derived::judge,
        drift::judge,
        unknown::judge,
    ] {
        judge(case, &mut found);
    }
    sort(&mut found);
    found
}

/// Puts the most severe first; what is equally severe by its id.
pub(crate) fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| b.severity.cmp(&a.severity).then(a.id.cmp(b.id)));
}

#[cfg(test)]
mod tests;
