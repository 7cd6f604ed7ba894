//! The configuration of a bucket as data: one small file a concern, no SDK types, no I/O.
//!
//! Each concern is a type that says itself in one plain sentence ([`Concern`]). What was asked about it is a [`Stated`]:
//! set, not set or unknown, with the document it was read from. [`Configuration`] holds one of each; start there, or with
//! [`Configuration::rows`] for what a screen shows. `aws::wire::configuration` reads them, `domain::posture` judges them.

mod access_control;
mod access_points;
mod cors;
mod encryption;
mod inventory;
mod lifecycle;
mod logging;
mod metadata_tables;
mod metrics;
mod notification;
mod object_lock;
mod ownership;
mod policy;
mod public_access;
mod replication;
mod stated;
mod tags;
mod tiering;
mod versioning;
mod website;
mod words;

use crate::domain::fact::Fact;
use crate::domain::{BucketName, Region};

pub(crate) use crate::domain::policy::{Matching, Policy, Principal, Principals, Statement};
pub(crate) use access_control::{AccessControl, Grant, Grantee, Permission};
pub use access_points::AccessPoint;
pub(crate) use access_points::AccessPoints;
pub(crate) use cors::{Cors, CorsRule};
pub(crate) use encryption::CUSTOMER_KEYS;
pub use encryption::Encryption;
pub(crate) use inventory::{Inventories, Inventory};
pub(crate) use lifecycle::{
    Expiration, Filter, Lifecycle, MinimumSize, NoncurrentExpiration, NoncurrentTransition, Rule,
    Transition, When,
};
pub(crate) use logging::{LogKeyFormat, Logging};
pub(crate) use metadata_tables::{MetadataTable, MetadataTables};
pub(crate) use metrics::{MetricsConfiguration, MetricsConfigurations};
pub(crate) use notification::{Notification, Notifications, NotifiedKind};
pub(crate) use object_lock::{ObjectLocking, Period, Retention};
pub(crate) use ownership::Ownership;
pub(crate) use policy::PolicyStatus;
pub(crate) use public_access::AccountBlock;
pub use public_access::PublicAccess;
pub(crate) use replication::{Replication, ReplicationRule};
pub(crate) use stated::{Concern, Setting, Stated, Unanswered};
pub use stated::{Reason, Row, State};
pub(crate) use tags::Tags;
pub(crate) use tiering::{TieringConfiguration, Tierings};
pub use versioning::{Versioning, VersioningState};
pub(crate) use website::Website;

/// Everything that can be asked about a bucket's configuration, each by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Configuration {
    /// The bucket.
    pub bucket: BucketName,
    /// Where it lives.
    pub region: Setting<Region>,
    /// How new objects are encrypted.
    pub encryption: Stated<Encryption>,
    /// Whether versions are kept.
    pub versioning: Stated<Versioning>,
    /// The bucket's own public access block.
    pub public_access: Stated<PublicAccess>,
    /// The account's public access block, which holds for every bucket of it.
    pub account_block: Stated<AccountBlock>,
    /// The bucket policy.
    pub policy: Stated<Policy>,
    /// Whether S3 itself calls the policy public.
    pub policy_status: Stated<PolicyStatus>,
    /// The bucket's access control list.
    pub acl: Stated<AccessControl>,
    /// Who owns what others write, and whether ACLs count.
    pub ownership: Stated<Ownership>,
    /// Which web pages may use the bucket.
    pub cors: Stated<Cors>,
    /// What happens to objects as they age.
    pub lifecycle: Stated<Lifecycle>,
    /// Where the access log goes.
    pub logging: Stated<Logging>,
    /// Where objects are copied to.
    pub replication: Stated<Replication>,
    /// Who is told of events.
    pub notifications: Stated<Notifications>,
    /// Whether objects can be locked against deletion.
    pub object_lock: Stated<ObjectLocking>,
    /// The bucket's tags.
    pub tags: Stated<Tags>,
    /// Static website hosting.
    pub website: Stated<Website>,
    /// Archive tiers of Intelligent-Tiering.
    pub tiering: Stated<Tierings>,
    /// Inventories.
    pub inventory: Stated<Inventories>,
    /// Request metrics.
    pub metrics: Stated<MetricsConfigurations>,
    /// Tables of S3 Metadata.
    pub metadata_tables: Stated<MetadataTables>,
    /// Access points of the account.
    pub access_points: Stated<AccessPoints>,
}

impl Configuration {
    /// A bucket of which nothing is known, for one reason.
    #[must_use]
    pub fn unknown(bucket: BucketName, why: &Unanswered) -> Self {
        fn stated<T>(why: &Unanswered) -> Stated<T> {
            Stated::without_document(Fact::Unknown(why.clone()))
        }
        Self {
            bucket,
            region: Fact::Unknown(why.clone()),
            encryption: stated(why),
            versioning: stated(why),
            public_access: stated(why),
            account_block: stated(why),
            policy: stated(why),
            policy_status: stated(why),
            acl: stated(why),
            ownership: stated(why),
            cors: stated(why),
            lifecycle: stated(why),
            logging: stated(why),
            replication: stated(why),
            notifications: stated(why),
            object_lock: stated(why),
            tags: stated(why),
            website: stated(why),
            tiering: stated(why),
            inventory: stated(why),
            metrics: stated(why),
            metadata_tables: stated(why),
            access_points: stated(why),
        }
    }

    /// One row a concern, in the order in which people ask: who can get at it, what is kept, who is told.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        vec![
            self.encryption.row(),
            self.versioning.row(),
            self.public_access.row(),
            self.account_block.row(),
            self.policy.row(),
            self.policy_status.row(),
            self.acl.row(),
            self.ownership.row(),
            self.cors.row(),
            self.lifecycle.row(),
            self.logging.row(),
            self.replication.row(),
            self.notifications.row(),
            self.object_lock.row(),
            self.tags.row(),
            self.website.row(),
            self.tiering.row(),
            self.inventory.row(),
            self.metrics.row(),
            self.metadata_tables.row(),
            self.access_points.row(),
        ]
    }

    /// Name and title of every concern, in the order of [`Configuration::rows`]: what is known before anything was asked.
    #[must_use]
    pub fn concerns() -> [(&'static str, &'static str); 21] {
        fn named<C: Concern>() -> (&'static str, &'static str) {
            (C::NAME, C::TITLE)
        }
        [
            named::<Encryption>(),
            named::<Versioning>(),
            named::<PublicAccess>(),
            named::<AccountBlock>(),
            named::<Policy>(),
            named::<PolicyStatus>(),
            named::<AccessControl>(),
            named::<Ownership>(),
            named::<Cors>(),
            named::<Lifecycle>(),
            named::<Logging>(),
            named::<Replication>(),
            named::<Notifications>(),
            named::<ObjectLocking>(),
            named::<Tags>(),
            named::<Website>(),
            named::<Tierings>(),
            named::<Inventories>(),
            named::<MetricsConfigurations>(),
            named::<MetadataTables>(),
            named::<AccessPoints>(),
        ]
    }

    /// What could not be learnt, each once.
    #[must_use]
    pub fn unanswered(&self) -> Vec<Unanswered> {
        let mut found = Vec::new();
        for row in self.rows() {
            if let State::Unknown(why) = row.state
                && !found.contains(&why)
            {
                found.push(why);
            }
        }
        // One cause is one answer, however many access points it concerns.
        let points = self.access_points.value().into_iter();
        let points = points.flat_map(|points| &points.0);
        for why in points.flat_map(|point| &point.unanswered) {
            let is_same = |one: &Unanswered| one.call == why.call && one.reason == why.reason;
            if !found.iter().any(is_same) {
                found.push(why.clone());
            }
        }
        found
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
