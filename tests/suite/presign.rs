//! Pre-signed requests: signed by the library, sent as they are, and taken or refused by the sandbox; the commands, and
//! the snippets they print, run as a reader would run them.

mod commands;
mod inspect;
mod snippets;
mod wire;
