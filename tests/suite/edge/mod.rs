//! The outside of the sandbox, over HTTP: signatures, access, configuration, CORS, Regions, faults and counts.

mod access;
mod addressing;
mod configuration;
mod configuration_by_id;
mod cors;
mod faults;
mod signatures;
mod support;
