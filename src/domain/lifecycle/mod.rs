//! What a bucket's lifecycle rules do to an object, and when: simulated, not quoted.
//!
//! A rule that is enabled need not do anything: its prefix may match no key, its objects may be too small, another rule may
//! come first. [`next`] says what happens next to a [`Subject`] or why nothing does, [`timeline`] all that will happen, and
//! [`Coverage`] what the rules do to everything that is in a bucket. The rules themselves are data of
//! [`configuration`](crate::domain::configuration::Lifecycle). From the bottom up: [`calendar`] (when something is due),
//! [`class`] (which class may follow which), [`matching`] (which objects a rule is about), [`steps`] (what happens),
//! [`short_stays`] (what leaves a class too early), [`faults()`] (what S3 would refuse), and [`Check`] (whether the service says the same).

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
