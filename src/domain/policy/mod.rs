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

pub(crate) use actions::{Power, action_named};
pub(crate) use anyone::Reach;
pub(crate) use context::{Context, Found};
#[cfg(test)]
pub(crate) use document::Condition;
pub(crate) use document::{Matching, Policy, Principal, Principals, Statement};
#[cfg(test)]
pub(crate) use evaluate::Verdict;
pub(crate) use evaluate::{Caller, Decision, Request, account_of, root_of};
pub(crate) use outsiders::Outsider;
pub(crate) use pattern::Pattern;
pub(crate) use search::Setting;
pub(crate) use truth::Truth;

#[cfg(test)]
mod tests;
