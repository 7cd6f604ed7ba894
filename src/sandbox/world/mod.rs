//! What a sandbox is filled with: worlds as data.
