//! What was signed, and what there is to say of it.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::form::Rules;
use crate::aws::Problem;
use crate::domain::blueprint::PresignRule;
use crate::domain::presign::{Remark, Signed, Snippet, Warning, remarks, warnings};

/// How far signing is.
#[derive(Debug, Default)]
pub(crate) enum Outcome {
    /// Nothing was signed yet.
    #[default]
    None,
    /// It is on its way: credentials may have to be asked for.
    Signing,
    /// It is here.
    Made(Box<Made>),
    Failed(Arc<Problem>),
}

/// A signed request with all that is to be said of it.
pub(crate) struct Made {
    /// What was signed.
    pub signed: Signed,
    /// What is doubtful, the gravest first.
    pub warnings: Vec<Warning>,
    /// What it can and cannot do.
    pub remarks: Vec<Remark>,
    /// Ways to send it, those that fit.
    pub snippets: Vec<(Snippet, String)>,
    /// Whether the form has changed since.
    pub is_stale: bool,
}

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The snippets hold the signature.
        f.debug_struct("Made")
            .field("signed", &self.signed)
            .finish_non_exhaustive()
    }
}

impl Made {
    /// Puts together what is to be said of a signed request.
    pub(crate) fn new(
        signed: Signed,
        rules: Option<&Rules>,
        rule: Option<&PresignRule>,
        is_view_once: bool,
    ) -> Self {
        let key = signed.request.key.as_str();
        let file = match key.rsplit('/').next() {
            Some(name) if !name.is_empty() => name,
            _ => "file",
        };
        let snippets = Snippet::ALL
            .into_iter()
            .filter_map(|snippet| Some((snippet, snippet.of(&signed, file)?)))
            .collect();
        Self {
            warnings: warnings(&signed, rules.map(|rules| &*rules.bucket), rule),
            remarks: remarks(&signed, is_view_once),
            snippets,
            is_stale: false,
            signed,
        }
    }

    /// Whether it has ended.
    #[must_use]
    pub(crate) fn has_ended(&self, now: DateTime<Utc>) -> bool {
        self.signed.expires_at <= now
    }

    /// What a tab holds, to be copied: the URL, or a snippet.
    #[must_use]
    pub(crate) fn text_of(&self, tab: usize) -> &str {
        match tab.checked_sub(1).and_then(|at| self.snippets.get(at)) {
            Some((_, text)) => text,
            None => &self.signed.url,
        }
    }
}
