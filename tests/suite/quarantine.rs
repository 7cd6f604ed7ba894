//! `s3warden orphans --act`: what is put aside can be brought back, what is deleted is gone, and nothing else changes.
//!
//! What was there before and what is there after are compared as sets, down to versions, times, tags and metadata.

pub mod command;
mod console;
mod derived;
mod engine;
mod owners;
mod rules;
pub mod snapshot;
mod worlds;
