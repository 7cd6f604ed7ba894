//! The use cases through the wire: against the sandbox, and against a server that misbehaves on command.

mod browse;
mod credentials;
mod errors;
mod fleet;
mod guard;
mod in_flight;
mod owners;
pub mod stub;
pub mod world;
