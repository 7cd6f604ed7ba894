//! Versioning and MFA delete.

use serde::Serialize;

use super::Concern;

/// Whether a bucket keeps versions. "Never enabled" is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Versioning {
    /// Whether versions are kept now, or were once and are no longer made.
    pub state: VersioningState,
    /// Whether deleting a version needs a second factor.
    pub mfa_delete: bool,
}

/// The two states of a bucket that ever had versioning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum VersioningState {
    /// Each write makes a version.
    Enabled,
    /// Old versions stay, new writes replace the `null` version.
    Suspended,
}

impl Concern for Versioning {
    const NAME: &'static str = "versioning";
    const TITLE: &'static str = "Versioning";
    const NOT_SET: &'static str =
        "Versions were never kept: what is overwritten or deleted is gone.";

    fn sentence(&self) -> String {
        let mfa = if self.mfa_delete {
            "needs a second factor (MFA delete)"
        } else {
            "needs no second factor"
        };
        match self.state {
            VersioningState::Enabled => {
                format!("Every write keeps the version before it; deleting a version {mfa}.")
            }
            VersioningState::Suspended => format!(
                "Versioning is suspended: old versions stay, new writes replace the null version; deleting a version {mfa}."
            ),
        }
    }
}
