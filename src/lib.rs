//! s3warden: a terminal admin console for the S3 buckets in which applications keep their users' media.
//!
//! Each layer may use only those below it:
//!
//! | module | what lives there |
//! |---|---|
//! | [`facade`] | all that is public: what the program, the tests and the benches use |
//! | [`program`] | the runtime, the command line or the console in it, the exit status |
//! | [`cli`] | the command line: one file a subcommand, one file an output format |
//! | [`console`] | the loop that ties the console together: terminal, state, tasks, frames |
//! | [`ui`] | draws the console's state with ratatui: no I/O, no decisions |
//! | [`app`] | the console's state and how it changes: pure and synchronous |
//! | [`tasks`] | the asynchronous task layer: runs commands, answers with updates that carry a ticket |
//! | [`ops`] | the use cases: what both the command line and the console can do |
//! | [`aws`] | the only code that touches the AWS SDKs |
//! | [`domain`] | what things are, without I/O: names, objects, blueprints, owners, columns, signed requests, lifecycle, policies and what they allow, findings, advice, metrics, registries, orphans, quarantine, plans, receipts |
//! | `sandbox` | an S3, S3 Control, IAM, KMS and CloudWatch endpoint inside the process, for the demo and the tests (a default feature) |
//! | [`config`] | files and folders of the user |
// Code of a single feature looks dead without it. Only the build with all features finds dead code.
#![cfg_attr(
    not(all(feature = "sandbox", feature = "sql", feature = "dynamodb")),
    allow(dead_code, unused_imports)
)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::string_slice
    )
)]

mod app;
mod aws;
mod cli;
mod config;
mod console;
mod domain;
pub mod facade;
mod ops;
mod program;
#[cfg(feature = "sandbox")]
mod sandbox;
mod tasks;
mod ui;

pub use program::main as run;
