//! The `s3warden` program.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Keys are allocated by the million. With this allocator a purge takes a quarter less CPU time than with glibc's.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    s3warden::run()
}
