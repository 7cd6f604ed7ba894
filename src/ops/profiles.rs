//! The profiles that the AWS configuration files name.

use crate::aws::{Problem, profile_names};

/// Their names, sorted.
///
/// # Errors
/// When a configuration file cannot be read.
pub(crate) async fn names() -> Result<Vec<String>, Problem> {
    profile_names().await
}
