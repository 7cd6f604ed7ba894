//! acl-enabled.

use super::advice;
use super::case::Case;
use super::finding::{Finding, Severity};
use crate::domain::advice::Action;
use crate::domain::advice::action::BlueprintSetting;
use crate::domain::blueprint::expect::WantedOwnership;
use crate::domain::configuration::Ownership;

pub(super) fn judge(case: &Case<'_>, found: &mut Vec<Finding>) {
    let Ok(ownership) = case.configuration.ownership.known() else {
        return;
    };
    if ownership == Some(&Ownership::BucketOwnerEnforced) {
        return;
    }
    let wanted = case.expect().and_then(|expect| expect.ownership);
    let is_wanted = wanted.is_some_and(|wanted| wanted != WantedOwnership::BucketOwnerEnforced);
    let (severity, advice) = if is_wanted {
        let setting = BlueprintSetting::Ownership;
        (Severity::Info, Action::KeepAsWanted { setting }.into())
    } else {
        (Severity::Low, advice::disable_acls(case))
    };
    found.push(
        case.finding("acl-enabled", severity, "ACLs count in this bucket.")
            .evidence([match ownership {
                None => "no object ownership is set".to_owned(),
                Some(other) => format!("object ownership is {}", other.as_str()),
            }])
            .why("Who may read an object is then written on each object, where no policy shows it.")
            .advise(advice),
    );
}
