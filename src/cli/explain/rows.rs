//! The output of `explain`: one row per layer, and the answer at the end.

use serde::Serialize;

use crate::cli::formats::{Column, Record};
use crate::ops::explain::{Explanation, Question, Said};

/// A layer as a row.
#[derive(Debug, Serialize)]
pub(super) struct LayerRow<'a> {
    layer: &'static str,
    outcome: &'static str,
    why: &'a str,
    by: &'a [String],
    #[serde(skip)]
    title: &'static str,
}

impl<'a> LayerRow<'a> {
    pub(super) fn of(said: &'a Said) -> Self {
        Self {
            layer: said.layer.as_str(),
            outcome: said.outcome.as_str(),
            why: &said.words,
            by: &said.by,
            title: said.layer.title(),
        }
    }
}

impl Record for LayerRow<'_> {
    const FIELDS: &'static [&'static str] = &["layer", "outcome", "why", "by"];
    const COLUMNS: &'static [Column] = &[
        Column::words("LAYER", 21),
        Column::words("SAYS", 14),
        Column::words("WHY", 10),
    ];

    fn cells(&self) -> Vec<String> {
        let by = self.by.iter().map(String::as_str);
        let why: Vec<&str> = std::iter::once(self.why).chain(by).collect();
        vec![
            self.title.to_owned(),
            self.outcome.to_owned(),
            why.join(" · "),
        ]
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Totals<'a> {
    principal: String,
    action: &'static str,
    resource: String,
    answer: &'static str,
    decided_by: &'static str,
    conditions: &'a [String],
    unread: Vec<&'static str>,
    notes: &'a [String],
    requests: u64,
}

impl<'a> Totals<'a> {
    pub(super) fn of(question: &Question, explanation: &'a Explanation, requests: u64) -> Self {
        Self {
            principal: question.asker.name().to_owned(),
            action: question.action.name,
            resource: question.resource(),
            answer: explanation.answer.as_str(),
            decided_by: explanation.decided_by.as_str(),
            conditions: &explanation.conditions,
            unread: explanation
                .unread()
                .map(|said| said.layer.as_str())
                .collect(),
            notes: &explanation.notes,
            requests,
        }
    }
}
