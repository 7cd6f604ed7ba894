//! The worlds: what they plant is really there.
