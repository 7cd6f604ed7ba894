//! Storage classes: allowed transitions, and the minimum size for them.
//!
//! Source: *Transitioning objects using Amazon S3 Lifecycle* in the user guide.

use crate::domain::configuration::{MinimumSize, Rule};

/// 128 KB in bytes. Smaller objects keep their class unless a rule has its own size filter.
pub(crate) const SMALL: u64 = 128 * 1024;

/// Classes that accept objects of any size if the bucket's default minimum varies by class.
const DEEP: [&str; 2] = ["GLACIER", "DEEP_ARCHIVE"];

/// How cold a class is. Unknown classes count as coldest: no transition leaves them.
#[must_use]
pub(crate) fn coldness(class: &str) -> u8 {
    match class {
        "STANDARD" | "REDUCED_REDUNDANCY" => 0,
        "STANDARD_IA" => 1,
        "INTELLIGENT_TIERING" => 2,
        "ONEZONE_IA" => 3,
        "GLACIER_IR" => 4,
        "GLACIER" => 5,
        "DEEP_ARCHIVE" => 6,
        _ => 7,
    }
}

/// If two transitions are due on one day, S3 carries out the one with the greater number. That is the cheaper class;
/// `INTELLIGENT_TIERING` precedes every class except the two archives. Source: *How Amazon S3 handles conflicts in
/// lifecycle configurations* in the user guide.
#[must_use]
pub(crate) fn preference(class: &str) -> u8 {
    match class {
        "STANDARD" | "REDUCED_REDUNDANCY" => 0,
        "STANDARD_IA" => 1,
        "ONEZONE_IA" => 2,
        "GLACIER_IR" => 3,
        "INTELLIGENT_TIERING" => 4,
        "GLACIER" => 5,
        "DEEP_ARCHIVE" => 6,
        _ => 7,
    }
}

/// Whether the lifecycle can move an object from one class to another: only to colder classes, with two exceptions.
#[must_use]
pub(crate) fn may_follow(from: &str, to: &str) -> bool {
    if matches!(to, "STANDARD" | "REDUCED_REDUNDANCY") || coldness(to) == 7 {
        return false;
    }
    match from {
        "STANDARD" | "REDUCED_REDUNDANCY" => true,
        "STANDARD_IA" | "INTELLIGENT_TIERING" => coldness(to) > coldness(from),
        // One Zone-IA and Glacier Instant Retrieval lead only to the two archives.
        "ONEZONE_IA" | "GLACIER_IR" => DEEP.contains(&to),
        "GLACIER" => to == "DEEP_ARCHIVE",
        _ => false,
    }
}

/// Whether an object is large enough for a rule to move it to a class. A size in the rule's own filter overrides the
/// default of the bucket.
#[must_use]
pub(crate) fn large_enough(size: u64, rule: &Rule, minimum: MinimumSize, to: &str) -> bool {
    let filter = &rule.filter;
    size >= SMALL
        || filter.larger_than.is_some()
        || filter.smaller_than.is_some()
        || (minimum == MinimumSize::VariesByStorageClass && DEEP.contains(&to))
}

/// The minimum storage duration of a class in days; 0 if it has none.
#[must_use]
pub(crate) fn minimum_stay(class: &str) -> u32 {
    match class {
        "STANDARD_IA" | "ONEZONE_IA" => 30,
        "GLACIER_IR" | "GLACIER" => 90,
        "DEEP_ARCHIVE" => 180,
        _ => 0,
    }
}
