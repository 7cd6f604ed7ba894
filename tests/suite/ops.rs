//! The use cases through the wire: against the sandbox, and against a server that misbehaves on command.

mod errors;
mod guard;
mod stub;
