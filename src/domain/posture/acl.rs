//! acl-enabled.

use super::case::Case;
use super::finding::{Finding, Severity};
use crate::domain::configuration::Ownership;

pub(super) fn judge(case: &Case<'_>, found: &mut Vec<Finding>) {
    let Ok(ownership) = case.configuration.ownership.known() else {
        return;
    };
    if ownership == Some(&Ownership::BucketOwnerEnforced) {
        return;
    }
    found.push(
        case.finding("acl-enabled", Severity::Low, "ACLs count in this bucket.")
            .evidence([match ownership {
                None => "no object ownership is set".to_owned(),
                Some(other) => format!("object ownership is {}", other.as_str()),
            }])
            .why("Who may read an object is then written on each object, where no policy shows it.")
            .fix(format!(
                "aws s3api put-bucket-ownership-controls --bucket {} --ownership-controls 'Rules=[{{ObjectOwnership=BucketOwnerEnforced}}]'",
                case.quoted()
            )),
    );
}
