//! Versioning and MFA delete.

use serde::Serialize;

use super::Concern;

/// The versioning configuration of a bucket. If versioning was never enabled, there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Versioning {
    /// Enabled or suspended.
    pub state: VersioningState,
    /// Whether MFA delete is enabled.
    pub mfa_delete: bool,
}

/// The versioning state of a bucket that ever had versioning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum VersioningState {
    /// Each write creates a new version.
    Enabled,
    /// Old versions stay; new writes replace the `null` version.
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
