//! Scans, through the wire and on the command line.

mod command;
mod memory;
mod updates;
