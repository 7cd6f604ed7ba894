//! A finding: what is so, why it matters, what to do.

use serde::Serialize;

use crate::domain::BucketName;
use crate::domain::advice::Advice;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing has to be done.
    Info,
    /// Untidy, or a small cost.
    Low,
    /// Something does not work as intended, or costs grow.
    Medium,
    /// Something is open, lost or broken.
    High,
    /// Anyone can read or write.
    Critical,
}

impl Severity {
    /// All, the least first.
    pub const ALL: [Self; 5] = [
        Self::Info,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::Critical,
    ];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// One step less, for what nobody asked for.
    #[must_use]
    pub fn lower(self) -> Self {
        match self {
            Self::Info | Self::Low => Self::Info,
            Self::Medium => Self::Low,
            Self::High => Self::Medium,
            Self::Critical => Self::High,
        }
    }
}

/// Something that is to be said of a bucket. The texts hold names that others chose: made safe by whoever shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its id, the same for every bucket: `public-read`.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The bucket.
    pub bucket: BucketName,
    /// What is so, in a sentence.
    pub message: String,
    /// What shows it: fragments of the configuration, counts, keys.
    pub evidence: Vec<String>,
    /// Why it matters.
    pub why: &'static str,
    /// What to do.
    pub advice: Advice,
    /// Controls of published frameworks that it relates to ([`controls`](super::controls)).
    pub references: &'static [&'static str],
}

impl Finding {
    /// A finding without evidence.
    pub(super) fn new(
        id: &'static str,
        severity: Severity,
        bucket: &BucketName,
        message: impl Into<String>,
    ) -> Self {
        debug_assert!(super::ids::id(id).is_some(), "{id} is not among the ids");
        Self {
            id,
            severity,
            bucket: bucket.clone(),
            message: message.into(),
            evidence: Vec::new(),
            why: "",
            advice: Advice::default(),
            references: super::controls::references(id),
        }
    }

    pub(super) fn evidence(mut self, evidence: impl IntoIterator<Item = String>) -> Self {
        self.evidence.extend(evidence);
        self
    }

    pub(super) fn why(mut self, why: &'static str) -> Self {
        self.why = why;
        self
    }

    pub(super) fn advise(mut self, advice: impl Into<Advice>) -> Self {
        self.advice = advice.into();
        self
    }
}
