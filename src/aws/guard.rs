//! The write guard: no request that changes something leaves this process without a permit.
//!
//! Every client has [`Guard`], an SDK interceptor that checks the operation's name before the request is built. It
//! allows `Get…`, `List…`, `Head…`, `Describe…` and [`Scan`](READS). Every other operation, including future ones, is
//! refused unless the call has a [`WritePermit`]. An allowlist is used because a denylist would be incomplete.
//! `SelectObjectContent`, which only reads, is therefore refused, too.
//!
//! A permit applies to one call at a time:
//!
//! ```ignore
//! client.delete_object().bucket(b).key(k).customize().interceptor(permit.clone()).send().await
//! ```
//!
//! The permit is an interceptor, too: at the first hook it stores itself in the call's configuration, where the guard
//! finds it one hook later. Only [`WriteMode::permit`] makes a permit, and only the `--write` flag makes a
//! [`WriteMode`] that has one.

use std::fmt;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, Error, Input, Output,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};

/// Whether s3warden was started with `--write`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriteMode {
    writable: bool,
}

impl WriteMode {
    /// Takes the value of the flag. There is no other source: neither the environment nor a file can allow writing.
    #[must_use]
    pub fn from_flag(write: bool) -> Self {
        Self { writable: write }
    }

    /// Whether requests that change something are allowed.
    #[must_use]
    pub fn is_writable(self) -> bool {
        self.writable
    }

    /// The permit for a call that changes something; `None` if s3warden is read-only.
    #[must_use]
    pub fn permit(self) -> Option<WritePermit> {
        self.writable.then_some(WritePermit { _private: () })
    }
}

/// Lets one call pass the guard. Only [`WriteMode::permit`] makes it.
#[derive(Debug, Clone)]
pub struct WritePermit {
    _private: (),
}

impl Storable for WritePermit {
    type Storer = StoreReplace<Self>;
}

impl Intercept for WritePermit {
    fn name(&self) -> &'static str {
        "WritePermit"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_, Input, Output, Error>,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        cfg.interceptor_state().store_put(self.clone());
        Ok(())
    }
}

/// The interceptor of every client.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Guard;

impl Intercept for Guard {
    fn name(&self) -> &'static str {
        "WriteGuard"
    }

    fn read_before_serialization(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_, Input, Output, Error>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // A call without a name cannot be judged, so it is refused.
        let operation = cfg.load::<Metadata>().map_or("", Metadata::name);
        if only_reads(operation) || cfg.load::<WritePermit>().is_some() {
            Ok(())
        } else {
            Err(Box::new(Refused {
                operation: operation.to_owned(),
            }))
        }
    }
}

/// Operations that only read, although their names do not show it: `Scan` reads the items of a DynamoDB table. No other
/// service in use has an operation of this name.
const READS: [&str; 1] = ["Scan"];

/// Whether an operation's name shows that it only reads. `GetX` does, `Getaway` does not: a capital letter must follow.
pub(super) fn only_reads(operation: &str) -> bool {
    if READS.contains(&operation) {
        return true;
    }
    ["Get", "List", "Head", "Describe"].iter().any(|verb| {
        operation
            .strip_prefix(verb)
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
    })
}

/// The error of a refused call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// The operation's name.
    pub operation: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} changes something and the program was started read-only",
            self.operation
        )
    }
}

impl std::error::Error for Refused {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_four_reading_verbs_and_a_scan_pass() {
        for reads in [
            "GetObject",
            "ListObjectsV2",
            "HeadBucket",
            "DescribeAlarms",
            "GetCallerIdentity",
            "Scan",
        ] {
            assert!(only_reads(reads), "{reads}");
        }
        for changes in [
            "",
            "Get",
            "Getaway",
            "PutObject",
            "SelectObjectContent",
            "ScanAndDelete",
            "Query",
            "PutItem",
            "get_object",
            "WriteGetObjectResponse",
        ] {
            assert!(!only_reads(changes), "{changes}");
        }
    }

    #[test]
    fn only_the_write_flag_yields_a_permit() {
        assert!(WriteMode::from_flag(false).permit().is_none());
        assert!(WriteMode::from_flag(true).permit().is_some());
    }
}
