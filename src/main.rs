//! The `s3warden` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    s3warden::program::main()
}
