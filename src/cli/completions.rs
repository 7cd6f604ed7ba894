//! `s3warden completions`: prints a completion script for a shell.

use std::io::Write;

use clap::CommandFactory;
use clap_complete::Shell;

use super::{Cli, ExitStatus, Failure};

pub(super) fn run(shell: Shell, output: &mut impl Write) -> Result<ExitStatus, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "s3warden", &mut script);
    output.write_all(&script)?;
    output.flush()?;
    Ok(ExitStatus::Done)
}
