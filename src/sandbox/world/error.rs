//! Why there is no such world.

use thiserror::Error;

/// A world that cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WorldError {
    /// No built-in world has this name.
    #[error("there is no world {name:?}; expected one of {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// The names that there are.
        known: String,
    },
    /// The file is wrong.
    #[error("{source_name}, line {line}: {message}")]
    File {
        /// The file, as its reader calls it.
        source_name: String,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong and what was expected.
        message: String,
    },
    /// The description of a synthetic world is wrong.
    #[error(
        "{spec:?} describes no synthetic world: {why}; expected SHAPE:N such as \"users:100000\" (shapes: flat, users, chat, dates, skew)"
    )]
    Synthetic {
        /// What was asked for.
        spec: String,
        /// What is wrong with it.
        why: String,
    },
}
