//! Whether anyone can read or write: public-read, public-write, public-policy-blocked, public-access-block-off.

use super::access::{effective_block, exposure};
use super::case::Case;
use super::finding::{Finding, Severity};

pub(super) fn judge(case: &Case<'_>, found: &mut Vec<Finding>) {
    let bucket = case.quoted();
    for (writing, id) in [(false, "public-read"), (true, "public-write")] {
        let Ok(exposure) = exposure(case, writing) else {
            continue;
        };
        if !exposure.open.is_empty() {
            let wanted = case.is_public_by_intent() && !writing;
            let severity = if wanted {
                Severity::Info
            } else {
                Severity::Critical
            };
            let does = if writing { "write" } else { "read" };
            found.push(
                case.finding(id, severity, format!("Anyone can {does} objects in this bucket."))
                    .evidence(exposure.open)
                    .why(if writing {
                        "Strangers can fill, change or empty the bucket at your cost."
                    } else {
                        "Whoever has or guesses a key sees the object, without an account."
                    })
                    .fix(format!(
                        "aws s3api put-public-access-block --bucket {bucket} --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true"
                    ))
                    .references(&["FSBP S3.2", "FSBP S3.3", "FSBP S3.8", "CIS 2.1.4"]),
            );
        }
        if !exposure.blocked.is_empty() {
            found.push(
                case.finding(
                    "public-policy-blocked",
                    Severity::Medium,
                    "Everybody is granted access, and a public access block makes the grant void.",
                )
                .evidence(exposure.blocked)
                .why("An application that relies on the grant gets 403; whoever lifts the block later opens the bucket.")
                .fix(format!(
                    "serve it through a CDN with its own grant and remove the public one: aws s3api delete-bucket-policy --bucket {bucket}, or put a policy without it"
                ))
                .references(&["FSBP S3.8"]),
            );
        }
    }
    block(case, found);
}

fn block(case: &Case<'_>, found: &mut Vec<Finding>) {
    let Ok(block) = effective_block(case.configuration) else {
        return;
    };
    let off = block.off();
    if off.is_empty() {
        return;
    }
    let severity = if case.is_public_by_intent() {
        Severity::Info
    } else {
        case.if_wanted(Severity::High)
    };
    found.push(
        case.finding(
            "public-access-block-off",
            severity,
            format!(
                "Public access is not blocked: {} of four switches off, at bucket and account together.",
                off.len()
            ),
        )
        .evidence(off.into_iter().map(|name| format!("{name} is off")))
        .why("One careless policy or ACL is then enough to show the bucket to everybody.")
        .fix(format!(
            "aws s3api put-public-access-block --bucket {} --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true",
            case.quoted()
        ))
        .references(&["FSBP S3.1", "FSBP S3.8", "CIS 2.1.4"]),
    );
}
