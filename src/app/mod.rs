//! The console's state and how it changes: pure and synchronous.
