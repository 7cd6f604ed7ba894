//! The smoke test: proves on a real endpoint that a bucket, its policy, its CORS rules and the application's signing
//! rules work together, and that what must be refused is refused.
//!
//! [`plan()`] looks at the bucket and its blueprint and says which checks apply, which not and why, and what stands
//! against writing there at all ([`Refusal`]). [`run()`] carries the plan out, one check after the other, and tells of
//! each as an [`Event`]; whatever happens it then removes what it created and lists again. [`leftovers`] finds what an
//! earlier run that was killed left behind.
//!
//! Inside: [`check`] names the checks and their verdicts, `keys` makes keys of the blueprint's layouts that carry the
//! run's name, `journal` writes each key down before it is created, `audited` each check and removal in the audit log, `context` is what a check works with, `checks` holds
//! one file a check, `in_flight` knows which requests were not answered yet, `removal` takes
//! everything away again.

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
