//! What is wrong with an alarm, in the form in which all findings are told.

use std::fmt;

use crate::domain::BucketName;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Should be looked at one day.
    Low,
    /// Should be put right.
    Medium,
    /// Should be put right soon.
    High,
    /// Now.
    Critical,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        })
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its name: `alarm-never-has-data`.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The bucket.
    pub bucket: BucketName,
    /// What is so, and why it matters.
    pub message: String,
    /// What shows it.
    pub evidence: String,
    /// What to do.
    pub fix: String,
}
