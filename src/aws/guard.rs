//! The write guard: nothing that changes anything leaves this process without a permit.
//!
//! Every client carries [`Guard`], an SDK interceptor that looks at the operation's name before the request is even
//! built and lets `Get…`, `List…`, `Head…`, `Describe…` and [`Scan`](READS) through. Everything else, whatever it does
//! and however new it is, is refused unless the call itself carries a [`WritePermit`]: an allowlist, for a denylist
//! forgets. So `SelectObjectContent`, which reads, is refused as well.
//!
//! A permit goes along with one call at a time:
//!
//! ```ignore
//! client.delete_object().bucket(b).key(k).customize().interceptor(permit.clone()).send().await
//! ```
//!
//! It is an interceptor, too: at the first hook of an execution it puts itself into the call's own configuration,
//! where the guard looks one hook later. Only [`WriteMode::permit`] makes one, and only the `--write` flag makes a
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

/// Whether the program was started with `--write`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriteMode {
    writable: bool,
}

impl WriteMode {
    /// Reads the flag. There is no other source: neither the environment nor a file can allow writing.
    #[must_use]
    pub fn from_flag(write: bool) -> Self {
        Self { writable: write }
    }

    /// Whether calls that change something are allowed.
    #[must_use]
    pub fn is_writable(self) -> bool {
        self.writable
    }

    /// The permit to attach to a call that changes something; `None` when the program is read-only.
    #[must_use]
    pub fn permit(self) -> Option<WritePermit> {
        self.writable.then_some(WritePermit { _private: () })
    }
}

/// Lets one call through the guard. Made by [`WriteMode::permit`] alone.
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

/// The interceptor that every client has.
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
        // A call without a name cannot be judged, and so does not leave.
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

/// Operations that only read and whose names do not say so: `Scan` reads the items of a table of DynamoDB. No service
/// that is spoken to here has another operation of this name.
const READS: [&str; 1] = ["Scan"];

/// Whether an operation's name says that it only reads. `GetX` does and `Getaway` does not: a capital has to follow.
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

/// Why a call did not leave.
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
