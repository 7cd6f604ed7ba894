//! The use cases, through the real SDK against the sandbox.
