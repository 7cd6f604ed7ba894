//! Coverage for use cases: [`domain::coverage`](crate::domain::coverage) with the error of a failed request.

use crate::aws::Problem;
use crate::domain::{BucketName, coverage};

/// How complete a result is.
pub type Coverage = coverage::Coverage<Problem>;

/// Something that a result leaves out, and why.
pub type Gap = coverage::Gap<Problem>;

/// The gap if a bucket listed ambiguous keys. It names no key, because receipts include it.
#[must_use]
pub(crate) fn undecided_keys(bucket: &BucketName) -> Gap {
    Gap::new(
        format!("the exact keys of some entries in {bucket}"),
        "the server does not say whether it encoded them, and does not know them in either form: they are kept as listed, \
         and may belong to anybody",
    )
}
