//! What is wrong with a blueprint's file, and where.

use std::fmt;
use std::ops::Range;

/// A file that is no blueprint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlueprintError {
    /// The file, as its reader calls it.
    pub source: String,
    /// Everything that was found, in the order of the file; never empty.
    pub faults: Vec<Fault>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line, counted from 1, where it stands.
    pub line: Option<usize>,
    /// What is wrong and what was expected.
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

/// The line, counted from 1, of a place in a text.
pub(super) fn line_of(text: &str, span: &Range<usize>) -> usize {
    text.get(..span.start).unwrap_or(text).matches('\n').count() + 1
}

/// What the TOML reader says, in one line.
pub(super) fn toml_fault(text: &str, error: &toml::de::Error) -> Fault {
    Fault {
        line: error.span().map(|span| line_of(text, &span)),
        message: error.message().trim().replace('\n', "; "),
    }
}
