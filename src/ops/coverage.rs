//! How much of what was asked a result covers: [`domain::coverage`](crate::domain::coverage), where what is missing may
//! have the failure of a request behind it.

use crate::aws::Problem;
use crate::domain::coverage;

/// How much a result covers.
pub type Coverage = coverage::Coverage<Problem>;

/// What a result leaves out, and why.
pub type Gap = coverage::Gap<Problem>;
