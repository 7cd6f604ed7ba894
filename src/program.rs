//! The program: its runtime, the command line or the console, and the exit status.
//!
//! It is in the library to keep the binary small: the first code that awaits an asynchronous function gets its compiled
//! code, which is everything here.

use std::process::ExitCode;

use crate::cli::{self, ConsoleRequest, ExitStatus, Invocation};
use crate::config::Paths;
use crate::console::{self, Ended};
use crate::ops::scan::Kept;

/// Runs the command line, or opens the console.
#[must_use]
pub fn main() -> ExitCode {
    match cli::parse(std::env::args_os()) {
        Ok(cli) => start(cli).into(),
        Err(status) => status.into(),
    }
}

fn start(cli: cli::Cli) -> ExitStatus {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: could not start the asynchronous runtime: {error}");
            return ExitStatus::Failed;
        }
    };
    let status = runtime.block_on(async {
        match cli::run(cli).await {
            Invocation::Finished(status) => status,
            Invocation::Console(request) => open_console(*request).await,
        }
    });
    // A request that nobody awaits must not delay the end of the program.
    runtime.shutdown_background();
    status
}

async fn open_console(request: ConsoleRequest) -> ExitStatus {
    let demo = request.is_demo();
    let blueprints = request.blueprints();
    // The demo's endpoint differs each time.
    let paths = Paths::of_user();
    let lasting = paths.as_ref().filter(|_| !demo);
    let options = console::Options {
        connect: request.connect,
        write: request.write,
        at: request.start,
        blueprint: request.blueprint,
        color: request.color,
        jobs: request.jobs,
        demo,
        blueprints,
        kept: lasting.map(|paths| Kept::in_state(paths.state())),
        state: paths.as_ref().map(|paths| paths.state().to_owned()),
        prices: request.prices,
        accepted: request.accepted,
        log: request.log_file.map(|path| path.display().to_string()),
    };
    // Boxed, because the console's state is large and lives as long as the program.
    match Box::pin(console::run(options)).await {
        Ok(Ended::Quit) => ExitStatus::Done,
        Ok(Ended::Interrupted) => ExitStatus::Interrupted,
        Err(error) => {
            eprintln!("error: {error}");
            if error.is_usage() {
                ExitStatus::Usage
            } else {
                ExitStatus::Failed
            }
        }
    }
}
