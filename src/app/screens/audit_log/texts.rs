//! What the view of the audit log says of itself.

use super::AuditLogScreen;
use crate::app::screens::Texts;
use crate::app::state::State;
use crate::app::words::{self, load_words, shown};
use crate::domain::text;

impl Texts for AuditLogScreen {
    fn title(&self) -> (u8, &'static str) {
        (7, "Audit log")
    }

    fn place(&self, _: &State) -> String {
        "Tasks › audit log".into()
    }

    fn summary(&self, state: &State) -> Vec<String> {
        let log = &state.audit_log;
        let mut parts = Vec::new();
        if let Some(checked) = &log.checked {
            let count = u64::try_from(checked.lines).unwrap_or(u64::MAX);
            if !checked.broken.is_empty() {
                parts.push("CHAIN BROKEN".into());
            }
            parts.push(words::counted(count, "line"));
        }
        parts.extend(shown(&log.lines));
        parts.extend(load_words(&log.load));
        parts
    }

    fn about(&self, state: &State) -> String {
        let row = state.audit_log.lines.current();
        match row.as_ref().map(|row| &row.0) {
            Some(line) => match line.fault {
                Some(fault) => format!("line {}: {}", line.number, fault.words()),
                None => format!("case {}", text::safe(&line.case)),
            },
            None => String::new(),
        }
    }
}
