//! `s3warden orphans`, as a child process: every kind, every gate, every exit status.

mod gates;
mod kinds;
mod owners;
pub mod previews;
mod rules;
pub mod support;
