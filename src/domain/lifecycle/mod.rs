//! Simulates what a bucket's lifecycle rules do to an object, and when.
//!
//! An enabled rule may still do nothing: its prefix may match no key, its objects may be too small, or another rule may
//! act first. The rules are data of [`configuration`](crate::domain::configuration::Lifecycle).
//!
//! Start with [`next`]: it returns the next action on a [`Subject`], or why there is none. [`timeline`] returns all
//! future actions. [`Coverage`] summarises the effect on the whole bucket.
//!
//! From the bottom up: [`calendar`] (when an action is due), [`class`] (allowed transitions), [`matching`] (which
//! objects a rule applies to), [`steps`] (the simulation), [`short_stays`] (objects that leave a class too early),
//! [`faults()`] (what S3 would reject), and [`Check`] (whether S3 reports the same expiration).

pub(crate) mod calendar;
pub(crate) mod class;
mod coverage;
mod expiration_header;
mod faults;
pub(crate) mod matching;
mod minimum_stay;
mod prediction;
mod steps;
mod subject;

pub(crate) use coverage::{Amount, Coverage, Example, RuleCoverage};
pub(crate) use expiration_header::Check;
pub(crate) use faults::{Fault, faults};
pub(crate) use minimum_stay::{Stay, is_dated, short_stays};
pub(crate) use prediction::Prediction;
#[cfg(test)]
pub(crate) use steps::abort_of;
pub(crate) use steps::{Effect, Outcome, Reason, Step, next, timeline};
pub(crate) use subject::{Kept, Lock, Subject, VersionState};

#[cfg(test)]
pub(crate) mod tests;
