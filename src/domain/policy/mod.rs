//! Parses and evaluates IAM policies. No other code evaluates a policy.
//!
//! Start with [`document`] for the parts of a policy, and [`Policy::evaluate`] for one request, whose condition keys
//! are a [`Context`]. Results have three values ([`Truth`]): an unknown operator, key or property of the request gives
//! "unknown", never a guess.
//!
//! Questions about a whole policy build on that. [`Policy::is_public`] follows AWS's definition. [`Reach`] tries all
//! requests that could make a difference (`search`): whether anyone gets access, who else does, and whether plain HTTP
//! is denied.

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
