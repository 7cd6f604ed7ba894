//! Errors in a blueprint file, with their lines.

use std::fmt;
use std::ops::Range;

/// The error for an invalid blueprint file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlueprintError {
    /// The name of the file.
    pub source: String,
    /// All errors, in the order of the file; never empty.
    pub faults: Vec<Fault>,
}

/// One error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1.
    pub line: Option<usize>,
    /// What is wrong, and what was expected.
    pub message: String,
}

impl fmt::Display for BlueprintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, fault) in self.faults.iter().enumerate() {
            if n > 0 {
                f.write_str("\n")?;
            }
            match fault.line {
                Some(line) => write!(f, "{}, line {line}: {}", self.source, fault.message)?,
                None => write!(f, "{}: {}", self.source, fault.message)?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for BlueprintError {}

/// The line, from 1, of a span in a text.
pub(super) fn line_of(text: &str, span: &Range<usize>) -> usize {
    text.get(..span.start).unwrap_or(text).matches('\n').count() + 1
}

/// The message of the TOML parser in one line.
pub(super) fn toml_fault(text: &str, error: &toml::de::Error) -> Fault {
    Fault {
        line: error.span().map(|span| line_of(text, &span)),
        message: error.message().trim().replace('\n', "; "),
    }
}
