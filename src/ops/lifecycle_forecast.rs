//! The lifecycle forecast of one object: simulated from its bucket's rules, and compared with S3's own report.

use chrono::{DateTime, Utc};

use super::inspect::{Head, ObjectDetail};
use super::{Fact, Meter};
use crate::aws::{Aws, Problem, wire};
use crate::domain::BucketName;
use crate::domain::configuration::{Lifecycle, Versioning};
use crate::domain::lifecycle::matching::{Match, matches};
use crate::domain::lifecycle::{
    Check, Kept, Lock, Outcome, Reason, Step, Subject, VersionState, next, timeline,
};

/// The lifecycle configuration that applies to the objects of a bucket.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rules {
    pub bucket: BucketName,
    pub lifecycle: Fact<Lifecycle>,
    /// Its versioning state, which decides what an expiration does.
    pub versioning: Fact<Versioning>,
}

/// The forecast of an object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LifecycleForecast {
    /// When it was written; days count from then.
    pub written: DateTime<Utc>,
    /// The actions, in order. An action in the past is overdue.
    pub steps: Vec<Step>,
    /// Why nothing happens: the reason of each rule, by its id. Empty if there is an action, or no rule.
    pub against: Vec<(String, Reason)>,
    /// Ids of rules that may apply: they filter by tags, and the object's tags are unknown.
    pub undecided: Vec<String>,
    /// The comparison with S3's own report.
    pub check: Check,
    ids: Vec<String>,
}

impl LifecycleForecast {
    /// The id of the rule of an action.
    #[must_use]
    pub(crate) fn rule(&self, step: &Step) -> &str {
        self.ids.get(step.rule).map_or("", String::as_str)
    }

    /// Whether the bucket has any rule.
    #[must_use]
    pub(crate) fn has_rules(&self) -> bool {
        !self.ids.is_empty()
    }
}

/// Requests the rules of a bucket.
pub(crate) async fn rules(aws: &Aws, bucket: &BucketName, meter: &Meter) -> Rules {
    let (lifecycle, versioning) = futures::join!(
        wire::configuration::lifecycle(aws, bucket, meter),
        wire::configuration::versioning(aws, bucket, meter),
    );
    Rules {
        bucket: bucket.clone(),
        lifecycle: Fact::from_answer(lifecycle.map(|answer| answer.value)),
        versioning: Fact::from_answer(versioning.map(|answer| answer.value)),
    }
}

/// Computes the forecast of an object from its headers.
///
/// # Errors
/// If the rules or the versioning state are unknown. `None` if the service does not return when the object was written.
pub(crate) fn of(
    rules: &Rules,
    detail: &ObjectDetail,
    head: &Head,
) -> Result<Option<LifecycleForecast>, Problem> {
    let none = Lifecycle::default();
    let lifecycle = rules.lifecycle.known().map_err(Clone::clone)?;
    let lifecycle = lifecycle.unwrap_or(&none);
    let kept = Kept::from(rules.versioning.known().map_err(Clone::clone)?);
    let Some(written) = head.last_modified else {
        return Ok(None);
    };
    let tags = match &detail.tags {
        Fact::Set(tags) => Some(tags.as_slice()),
        Fact::NotSet => Some(&[][..]),
        Fact::Unknown(_) => None,
    };
    let is_null = head
        .version_id
        .as_ref()
        .is_none_or(|id| id.as_str() == "null");
    let subject = Subject {
        key: detail.key.as_str(),
        size: head.size.bytes(),
        tags,
        class: head.storage_class.as_str(),
        written,
        version: VersionState::Current { is_null },
        unreplicated: matches!(head.replication.as_deref(), Some("PENDING" | "FAILED")),
        lock: lock(head),
    };
    let id = |at: usize| lifecycle.rules.get(at).map(|rule| rule.id.clone());
    let against = match next(lifecycle, kept, &subject) {
        Outcome::Next(_) => Vec::new(),
        Outcome::Nothing(hindrances) => hindrances
            .iter()
            .filter_map(|one| Some((id(one.rule)?, one.reason)))
            .collect(),
    };
    let undecided = lifecycle
        .rules
        .iter()
        .filter(|rule| rule.enabled && matches(rule, &subject) == Match::TagsUnknown);
    Ok(Some(LifecycleForecast {
        written,
        steps: timeline(lifecycle, kept, &subject),
        against,
        undecided: undecided.map(|rule| rule.id.clone()).collect(),
        check: Check::of(head.expiration.as_deref(), lifecycle, kept, &subject),
        ids: lifecycle.rules.iter().map(|rule| rule.id.clone()).collect(),
    }))
}

fn lock(head: &Head) -> Option<Lock> {
    // The event of an event hold may occur at any time.
    if head.lock.legal_hold || head.lock.event_hold.is_some() {
        return Some(Lock::Hold);
    }
    let until = head.lock.mode.as_ref().and(head.lock.until);
    until.map(Lock::Until)
}
