//! Lists the profiles in the AWS configuration files.

use crate::aws::{Problem, profile_names};

/// The profile names, sorted.
///
/// # Errors
/// If a configuration file cannot be read.
pub(crate) async fn names() -> Result<Vec<String>, Problem> {
    profile_names().await
}
