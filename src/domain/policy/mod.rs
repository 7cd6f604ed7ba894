//! Policies: what IAM's language says, and what follows for a bucket. The only place that evaluates one.
//!
//! Start with [`document`] for what a policy is made of and [`Policy::evaluate`] for what it makes of one request, whose
//! condition keys are a [`Context`]. Answers have three values ([`Truth`]): an operator or key that is not known, or a
//! property of the request that is not, gives "unknown" and never a guess.
//!
//! On that rest the questions about a whole policy: [`Policy::is_public`] by AWS's definition, and by trying the requests
//! that could make a difference (`search`) [`Reach`]: whether anyone gets in, who else does, whether plain HTTP is refused.

mod actions;
mod anyone;
mod condition;
mod context;
mod document;
mod evaluate;
mod keys;
mod network;
mod operator;
mod outsiders;
mod pattern;
mod public;
mod search;
mod tls;
mod truth;

pub use actions::{Power, action_named};
pub use anyone::{Reach, Way};
pub use context::{Context, Found};
pub use document::{Condition, Matching, Policy, Principal, Principals, Statement};
pub use evaluate::{Caller, Decision, Request, Verdict, account_of, root_of};
pub use outsiders::Outsider;
pub use pattern::Pattern;
pub use search::Setting;
pub use tls::Tls;
pub use truth::Truth;

#[cfg(test)]
mod tests;
