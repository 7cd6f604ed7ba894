//! The smoke test: proves at a real endpoint that a bucket, its policy, its CORS rules and the application's signing
//! rules work together, and that invalid requests are rejected.
//!
//! [`plan()`] inspects the bucket and its blueprint. It returns the checks, with the reasons for those to skip, or a
//! [`Refusal`] if nothing may be written. [`run()`] runs the checks one after the other and reports each as an
//! [`Event`]. In any case it then removes what it created, and lists again. [`leftovers`] finds what a killed run left
//! behind.
//!
//! Inside: [`check`] (names and results), `keys` (keys with the run's name), `journal` (records keys before they are
//! created), `audited` (audit log), `context` (the tools of a check), `checks` (one file per check), `in_flight`
//! (requests without a response), `removal` (cleanup).

mod audited;
pub mod check;
mod checks;
mod context;
mod exchange;
mod in_flight;
mod journal;
mod keys;
pub mod leftovers;
mod plan;
mod removal;
mod run;

pub use check::{Check, CheckResult, Failing, Verdict};
pub use plan::{Options, Plan, Planned, Refusal, plan};
pub use removal::Removed;
pub use run::{Event, Report, run};
