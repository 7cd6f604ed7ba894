//! The command line, as a child process against the sandbox.
