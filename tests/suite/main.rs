//! The integration tests, in one binary so that the SDK links once.
//!
//! Through the wire: the real SDK against the sandbox over HTTP. Through a terminal: the program in a
//! pseudo-terminal, its screen read back by a terminal emulator.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    unreachable_pub
)]

mod accepted;
mod access_points;
mod account;
mod alarms;
mod annotations;
mod answers;
mod audit;
mod by_scan;
mod cli;
mod console;
mod disputed;
mod edge;
mod exactness;
mod explain;
mod listing;
mod lists;
mod metrics;
mod ops;
mod orphans;
mod orphans_screen;
mod presign;
mod presign_screen;
mod purge;
mod purge_screen;
mod quarantine;
mod registry;
mod sandbox;
mod scan;
mod smoke;
mod state;
mod state_screen;
mod systems;
mod terminal;
mod worlds;
