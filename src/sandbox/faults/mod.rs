//! Faults by rule: what a service under load, a missing permission or a bad network does to a client.
//!
//! A [`FaultRule`] says which requests it looks at (operation, bucket, key), which of them it strikes (every Nth, at
//! most so many) and what happens then. `spec` is its written form, as `--faults` takes it,
//! `allowance` counts what a second allows. Faults are applied to
//! the HTTP answer, not to the store, so that a client meets exactly what it would meet outside; those of a listing
//! itself go along with the request to where its pages are made, and those of single keys of a `DeleteObjects`
//! ([`KEY_OF_BATCH`]) to where each key gets its own answer.

mod allowance;
mod apply;
mod spec;

use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use super::pattern::Pattern;
use allowance::Allowance;

pub(crate) use spec::FaultError;

pub(super) use apply::{damage, error_answer};

/// The name by which a rule looks at each key that a `DeleteObjects` names rather than at the request: a struck key is not
/// deleted, and the answer says so of this key alone. No pattern but this very name means it.
pub const KEY_OF_BATCH: &str = "DeleteObjects:key";

/// What happens to a request that a rule strikes. The last two are answers of servers that do not list as S3 does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// 503 `SlowDown`: the service is throttling.
    SlowDown,
    /// 500 `InternalError`.
    InternalError,
    /// 503 `ServiceUnavailable`.
    ServiceUnavailable,
    /// 403 `AccessDenied`, without naming a permission.
    AccessDenied,
    /// 400 `ExpiredToken`: temporary credentials have run out.
    ExpiredToken,
    /// The request is carried out and the connection closed without an answer.
    Drop,
    /// Half of the answer's body arrives, then the connection is closed.
    Truncate,
    /// The body arrives in 64 pieces at most, with this pause before each.
    Slow(Duration),
    /// A listing begins with the first key, wherever it was told to start.
    IgnoreStart,
    /// A listing's page says that it goes on where it began itself.
    RepeatToken,
}

/// Which requests meet a fault, and which one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultRule {
    /// The operation's name as in the S3 API, such as `ListObjectsV2`.
    pub operation: Pattern,
    /// The bucket's name.
    pub bucket: Pattern,
    /// The object's key; for a listing, the prefix asked for.
    pub key: Pattern,
    /// Of the requests that match, the Nth, the 2Nth and so on are struck; 1 strikes them all.
    pub every: NonZeroU64,
    /// Of the requests that match, so many a second are let pass, and the rule looks at the others alone; `None`: it looks
    /// at all of them.
    pub over: Option<NonZeroU64>,
    /// After so many strikes the rule rests; `None`: never.
    pub times: Option<u64>,
    /// What happens.
    pub fault: Fault,
}

impl FaultRule {
    /// A rule that strikes every request; narrow it with the fields.
    #[must_use]
    pub fn new(fault: Fault) -> Self {
        Self {
            operation: Pattern::any(),
            bucket: Pattern::any(),
            key: Pattern::any(),
            every: NonZeroU64::MIN,
            over: None,
            times: None,
            fault,
        }
    }

    /// The same rule for the operations whose name matches alone.
    #[must_use]
    pub fn on(self, operation: impl Into<String>) -> Self {
        Self {
            operation: Pattern::new(operation),
            ..self
        }
    }

    /// The same rule for the bucket and the keys that match alone.
    #[must_use]
    pub fn at(self, bucket: impl Into<String>, key: impl Into<String>) -> Self {
        Self {
            bucket: Pattern::new(bucket),
            key: Pattern::new(key),
            ..self
        }
    }

    /// The same rule for what exceeds so many requests a second alone.
    #[must_use]
    pub fn over(self, a_second: NonZeroU64) -> Self {
        Self {
            over: Some(a_second),
            ..self
        }
    }

    /// The same rule, resting after `times` strikes.
    #[must_use]
    pub fn times(self, times: u64) -> Self {
        Self {
            times: Some(times),
            ..self
        }
    }

    fn concerns(&self, operation: &str, bucket: &str, key: &str) -> bool {
        self.operation.matches(operation) && self.bucket.matches(bucket) && self.key.matches(key)
    }
}

/// The rules in force, each with how often it was met.
#[derive(Debug, Default)]
pub(super) struct Faults {
    rules: RwLock<Arc<Vec<Counted>>>,
}

#[derive(Debug)]
struct Counted {
    rule: FaultRule,
    met: AtomicU64,
    allowance: Option<Mutex<Allowance>>,
}

impl Faults {
    /// Puts other rules in force, their counters at zero.
    pub(super) fn set(&self, rules: Vec<FaultRule>) {
        let rules = rules
            .into_iter()
            .map(|rule| Counted {
                allowance: rule
                    .over
                    .map(|a_second| Mutex::new(Allowance::new(a_second, Instant::now()))),
                rule,
                met: AtomicU64::new(0),
            })
            .collect();
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
    }

    /// What happens to this request: the first rule that strikes decides, and all rules that match count it.
    pub(super) fn strike(&self, operation: &str, bucket: &str, key: &str) -> Option<Fault> {
        let rules = Arc::clone(&self.rules.read().unwrap_or_else(PoisonError::into_inner));
        let mut struck = None;
        for counted in rules.iter() {
            if counted.rule.concerns(operation, bucket, key) && counted.strikes() {
                struck = struck.or(Some(counted.rule.fault));
            }
        }
        struck
    }

    /// What happens to one key of a `DeleteObjects`, as its error's code and message. The rules that can be said of one key
    /// alone are those that are an error.
    pub(super) fn strike_key(
        &self,
        bucket: &str,
        key: &str,
    ) -> Option<(&'static str, &'static str)> {
        let rules = Arc::clone(&self.rules.read().unwrap_or_else(PoisonError::into_inner));
        let mut struck = None;
        for counted in rules.iter() {
            let rule = &counted.rule;
            let concerns_keys = rule.operation.as_str() == KEY_OF_BATCH;
            if concerns_keys && rule.concerns(KEY_OF_BATCH, bucket, key) && counted.strikes() {
                struck = struck.or(apply::error_of(rule.fault));
            }
        }
        struck.map(|(_, code, message)| (code, message))
    }
}

impl Counted {
    fn strikes(&self) -> bool {
        if let Some(allowance) = &self.allowance {
            let mut allowance = allowance.lock().unwrap_or_else(PoisonError::into_inner);
            if allowance.lets_pass(Instant::now()) {
                return false;
            }
        }
        let met = self.met.fetch_add(1, Ordering::Relaxed) + 1;
        let every = self.rule.every.get();
        met.is_multiple_of(every) && self.rule.times.is_none_or(|times| met / every <= times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(rules: Vec<FaultRule>) -> Faults {
        let faults = Faults::default();
        faults.set(rules);
        faults
    }

    #[test]
    fn every_third_matching_request_is_struck_and_others_do_not_count() {
        let rule = FaultRule {
            every: NonZeroU64::new(3).unwrap(),
            ..FaultRule::new(Fault::SlowDown)
                .on("List*")
                .at("media-*", "*")
        };
        let faults = faults(vec![rule]);
        let mut struck = Vec::new();
        for _ in 0..7 {
            assert_eq!(faults.strike("GetObject", "media-1", "a"), None);
            assert_eq!(faults.strike("ListObjectsV2", "other", ""), None);
            struck.push(faults.strike("ListObjectsV2", "media-1", "").is_some());
        }
        assert_eq!(struck, [false, false, true, false, false, true, false]);
    }

    #[test]
    fn a_rule_for_keys_of_a_batch_is_none_for_the_batch_and_the_other_way_round() {
        let faults = faults(vec![
            FaultRule::new(Fault::InternalError)
                .on(KEY_OF_BATCH)
                .at("b", "k*"),
            FaultRule::new(Fault::SlowDown).on("DeleteObject*"),
        ]);
        assert_eq!(
            faults.strike("DeleteObjects", "b", ""),
            Some(Fault::SlowDown)
        );
        let code = |key| faults.strike_key("b", key).map(|(code, _)| code);
        assert_eq!((code("k1"), code("other")), (Some("InternalError"), None));
    }

    #[test]
    fn a_rule_rests_after_its_last_strike() {
        let faults = faults(vec![FaultRule::new(Fault::Drop).times(2)]);
        let struck: Vec<_> = (0..4)
            .map(|_| faults.strike("GetObject", "b", "k"))
            .collect();
        assert_eq!(struck, [Some(Fault::Drop), Some(Fault::Drop), None, None]);
    }

    #[test]
    fn the_first_rule_that_strikes_decides() {
        let faults = faults(vec![
            FaultRule::new(Fault::AccessDenied).at("b", "secret/*"),
            FaultRule::new(Fault::SlowDown),
        ]);
        assert_eq!(
            faults.strike("GetObject", "b", "secret/1"),
            Some(Fault::AccessDenied)
        );
        assert_eq!(
            faults.strike("GetObject", "b", "open"),
            Some(Fault::SlowDown)
        );
    }
}
