//! access-point-public, access-point-block-off.
//!
//! S3 applies the strictest of the blocks of access point, bucket and account (S3 User Guide, *Managing public access to access
//! points for general purpose buckets*). A request through an access point also needs the bucket's own policy to allow it, so
//! that a public access point is half of the way in. One in a VPC is never public.

use super::advice;
use super::case::Case;
use super::finding::{Finding, Severity};
use crate::domain::advice::advice;
use crate::domain::configuration::{AccessPoint, PublicAccess};

pub(super) fn judge(case: &Case<'_>, found: &mut Vec<Finding>) {
    let Some(points) = case.configuration.access_points.value() else {
        return;
    };
    let (mut public, mut open) = (Vec::new(), Vec::new());
    for point in points.0.iter().filter(|point| point.is_of_internet()) {
        let blocks = Blocks::of(case, point);
        if point.is_public == Some(true) && !blocks.on.restrict_public_buckets {
            public.push(format!(
                "{}: S3 calls its policy public{}",
                point.name,
                blocks.unless()
            ));
        } else if point.block.is_some_and(|own| !own.blocks_everything())
            && !blocks.on.blocks_everything()
            && blocks.unknown.is_empty()
        {
            open.push(format!(
                "{}: off are {}",
                point.name,
                blocks.on.off().join(", ")
            ));
        }
    }
    if !public.is_empty() {
        found.push(
            case.finding(
                "access-point-public",
                Severity::High,
                "The policy of an access point is public, and no public access block restricts it.",
            )
            .evidence(public)
            .why("Anyone on the Internet may use it as far as the bucket policy delegates to access points.")
            .advise(advice!("name principals, an organisation or a VPC in the access point's policy; the block of an access point cannot be changed, the bucket's can")),
        );
    }
    if !open.is_empty() {
        found.push(
            case.finding(
                "access-point-block-off",
                case.if_wanted(Severity::Medium),
                "An access point is in no VPC, and nothing blocks public access through it.",
            )
            .evidence(open)
            .why("One public policy on it is enough to open the bucket as far as the bucket policy allows.")
            .advise(
                advice!("create the access point again in a VPC or with all four switches on, or close the bucket itself")
                    .then(advice::close(case)),
            ),
        );
    }
}

/// What blocks public access through an access point.
struct Blocks {
    on: PublicAccess,
    /// Whose blocks are not known.
    unknown: Vec<&'static str>,
}

impl Blocks {
    fn of(case: &Case<'_>, point: &AccessPoint) -> Self {
        let mut blocks = Self {
            on: PublicAccess::default(),
            unknown: Vec::new(),
        };
        match point.block {
            Some(own) => blocks.on = own,
            None => blocks.unknown.push("the access point's"),
        }
        match case.configuration.public_access.known() {
            Ok(found) => blocks.on = blocks.on.or(found.copied().unwrap_or_default()),
            Err(why) if why.is_not_there() => {}
            Err(_) => blocks.unknown.push("the bucket's"),
        }
        match case.configuration.account_block.known() {
            Ok(found) => {
                let account = found.map(|account| account.0).unwrap_or_default();
                blocks.on = blocks.on.or(account);
            }
            Err(why) if why.is_not_there() => {}
            Err(_) => blocks.unknown.push("the account's"),
        }
        blocks
    }

    fn unless(&self) -> String {
        if self.unknown.is_empty() {
            return String::new();
        }
        format!(
            "; unless the block restricts it that is not known: {}",
            self.unknown.join(", ")
        )
    }
}
