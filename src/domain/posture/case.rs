//! What is known of the bucket that is judged.

use chrono::{DateTime, Utc};

use super::contents::Contents;
use super::finding::{Finding, Severity};
use crate::domain::blueprint::expect::PublicIntent;
use crate::domain::blueprint::{BucketBlueprint, Expect};
use crate::domain::configuration::{AccessControl, Configuration, Setting, Unanswered};
use crate::domain::policy;
use crate::domain::{BucketName, Region};

/// A bucket and everything that is known of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case<'a> {
    /// How it is configured.
    pub configuration: &'a Configuration,
    /// The id of the account, where it is known.
    pub account: Option<&'a str>,
    /// What it should be like.
    pub blueprint: Option<&'a BucketBlueprint>,
    /// What is in it, where somebody looked.
    pub contents: Option<&'a Contents>,
    /// The headers of a few objects.
    pub samples: &'a [Sample],
    /// The access control lists of these objects, where they were asked for: headers and lists are allowed separately.
    pub object_acls: &'a [ObjectAcl],
    /// Where its access log goes, where somebody looked.
    pub log_target: Option<&'a LogTarget>,
    /// The buckets that the replication rules copy to, where somebody asked about them.
    pub replica_targets: &'a [ReplicaTarget],
    /// Questions about what is in the bucket that could not be answered.
    pub unanswered: &'a [Unanswered],
    pub now: DateTime<Utc>,
}

/// What the headers of one object say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sample {
    pub key: String,
    /// Its storage class.
    pub class: String,
    /// The algorithm it is encrypted with; `None` when it is not.
    pub algorithm: Option<String>,
    /// The KMS key.
    pub key_id: Option<String>,
    /// `PENDING`, `COMPLETED`, `FAILED` or `REPLICA`.
    pub replication: Option<String>,
    /// Buckets that should hold a replica of it and were asked.
    pub replicas: Vec<Replica>,
    /// `Cache-Control`.
    pub cache_control: Option<String>,
    /// When it was written.
    pub written: Option<DateTime<Utc>>,
}

/// Who may do what to one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ObjectAcl {
    /// The object's key.
    pub key: String,
    /// Its access control list.
    pub acl: AccessControl,
}

/// Whether a bucket holds a replica.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Replica {
    pub bucket: BucketName,
    /// Whether the key is there.
    pub is_there: bool,
}

/// A bucket that a replication rule copies to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReplicaTarget {
    pub bucket: BucketName,
    /// What it said.
    pub state: TargetState,
}

/// Whether replicas can be written to a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TargetState {
    /// It keeps versions, as S3 asks for.
    Versioned,
    /// It does not keep versions.
    NotVersioned,
    /// There is no such bucket.
    Missing,
}

/// The bucket that the access log goes to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LogTarget {
    /// Whether S3 says that there is no such bucket. One that it does not show, or that is in another Region, is there.
    pub is_missing: bool,
    /// How it is configured.
    pub configuration: Configuration,
    /// When the newest log under the prefix was written; not set when none is there.
    pub newest: Setting<DateTime<Utc>>,
    /// Whether whoever makes a request to it pays.
    pub requester_pays: Setting<bool>,
}

impl<'a> Case<'a> {
    pub(super) fn bucket(&self) -> &'a BucketName {
        &self.configuration.bucket
    }

    /// What its policy is evaluated in.
    pub(super) fn setting(&self) -> policy::Setting<'a> {
        policy::Setting {
            bucket: self.configuration.bucket.as_str(),
            account: self.account,
            region: self.configuration.region.value().map(Region::as_str),
            now: self.now,
        }
    }

    pub(super) fn expect(&self) -> Option<&'a Expect> {
        self.blueprint.map(|blueprint| &blueprint.expect)
    }

    /// Whether the blueprint says that anyone may read.
    pub(super) fn is_public_by_intent(&self) -> bool {
        self.expect().and_then(|expect| expect.public) == Some(PublicIntent::Read)
    }

    /// A severity that holds where a blueprint asks for it; one step less without a blueprint.
    pub(super) fn if_wanted(&self, severity: Severity) -> Severity {
        if self.blueprint.is_some() {
            severity
        } else {
            severity.lower()
        }
    }

    pub(super) fn finding(
        &self,
        id: &'static str,
        severity: Severity,
        message: impl Into<String>,
    ) -> Finding {
        Finding::new(id, severity, self.bucket(), message)
    }
}
