//! How much of what was asked a result covers: [`domain::coverage`](crate::domain::coverage), where what is missing may
//! have the failure of a request behind it.

use crate::aws::Problem;
use crate::domain::{BucketName, coverage};

/// How much a result covers.
pub type Coverage = coverage::Coverage<Problem>;

/// What a result leaves out, and why.
pub type Gap = coverage::Gap<Problem>;

/// What is missing where a bucket listed keys in a form that can be read in several ways. It names no key, for receipts
/// repeat it.
#[must_use]
pub(crate) fn undecided_keys(bucket: &BucketName) -> Gap {
    Gap::new(
        format!("the exact keys of some entries in {bucket}"),
        "the server does not say whether it encoded them, and does not know them in either form: they are kept as listed, \
         and may belong to anybody",
    )
}
