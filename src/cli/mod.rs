//! The command line: one file per subcommand, one file per output format.
//!
//! `main` calls [`parse`] and [`run`]. The result is an exit status, or an [`Invocation`] of the console, which `main`
//! opens. A subcommand's file contains its arguments and its `run`. [`formats`] prints results; [`Reporter`] prints
//! messages to standard error. Start with [`args`] for the options, then read [`ls`].

pub(crate) mod args;
pub(crate) mod audit;
pub(crate) mod blueprint;
pub(crate) mod buckets;
mod changes;
mod choice;
mod completions;
mod console;
#[cfg(feature = "sandbox")]
pub(crate) mod demo;
pub(crate) mod explain;
mod failure;
pub(crate) mod find;
pub(crate) mod formats;
mod help;
mod inspect;
mod interrupt;
mod lists;
mod logging;
pub(crate) mod ls;
mod man;
pub(crate) mod metrics;
mod next;
pub(crate) mod orphans;
mod presign;
mod purge;
mod receipt;
#[cfg(feature = "sandbox")]
pub(crate) mod registries;
mod reporter;
#[cfg(feature = "sandbox")]
pub(crate) mod sandbox;
pub(crate) mod scan;
mod session;
pub(crate) mod settings;
pub(crate) mod smoke;
pub(crate) mod state;
mod status;

pub use args::Cli;
pub(crate) use args::{Command, parse};
pub(crate) use console::ConsoleRequest;
pub(crate) use failure::Failure;
pub(crate) use reporter::Reporter;
pub(crate) use settings::Settings;
pub(crate) use status::ExitStatus;

use self::session::{Session, stdout};

/// What is left to do after the command line.
pub(crate) enum Invocation {
    /// Open the console.
    Console(Box<ConsoleRequest>),
    /// Exit with this status.
    Finished(ExitStatus),
}

/// Runs a command; for the console, only returns its start options. Errors are printed here.
pub(crate) async fn run(cli: Cli) -> Invocation {
    let settings = match Settings::of(cli.globals.clone()) {
        Ok(settings) => settings,
        Err(failure) => {
            Reporter::new(cli.globals.quiet).error(&failure);
            return Invocation::Finished(failure.status);
        }
    };
    let reporter = settings.reporter();
    // Boxed, because a future with every command in it is too large to move.
    match Box::pin(carry_out(cli, settings)).await {
        Ok(invocation) => invocation,
        Err(failure) => {
            reporter.error(&failure);
            Invocation::Finished(failure.status)
        }
    }
}

async fn carry_out(cli: Cli, settings: Settings) -> Result<Invocation, Failure> {
    let log_file = logging::start(&settings)?;
    let Some(command) = cli.command else {
        let request = ConsoleRequest::new(&settings, cli.start, log_file)?;
        return Ok(Invocation::Console(Box::new(request)));
    };
    let status = match command {
        #[cfg(feature = "sandbox")]
        Command::Demo(args) => {
            let request = demo::request(&args, &settings, log_file).await?;
            return Ok(Invocation::Console(Box::new(request)));
        }
        #[cfg(feature = "sandbox")]
        Command::Sandbox(args) => sandbox::run(&args, &Session::new(settings), stdout()).await,
        Command::Blueprint(command) => {
            let session = Session::new(settings);
            blueprint::run(&command, &session, stdout())
        }
        Command::Buckets(buckets::BucketsArgs {}) => {
            buckets::run(&Session::new(settings), stdout()).await
        }
        Command::Metrics(args) => metrics::run(&args, &Session::new(settings), stdout()).await,
        Command::Explain(args) => {
            Box::pin(explain::run(&args, &Session::new(settings), stdout())).await
        }
        Command::Find(args) => Box::pin(find::run(&args, &Session::new(settings), stdout())).await,
        Command::Purge(args) => {
            Box::pin(purge::run(&args, &Session::new(settings), stdout())).await
        }
        Command::Receipt(command) => receipt::run(&command, &Session::new(settings), stdout()),
        Command::Ls(args) => Box::pin(ls::run(&args, &Session::new(settings), stdout())).await,
        Command::Presign(args) => presign::run(&args, &Session::new(settings), stdout()).await,
        Command::Inspect(args) => inspect::run(&args, &Session::new(settings), stdout()).await,
        Command::Scan(args) => scan::run(&args, &Session::new(settings), stdout()).await,
        Command::Smoke(args) => smoke::run(&args, &Session::new(settings), stdout()).await,
        Command::State(args) => state::run(&args, &Session::new(settings), stdout()).await,
        Command::Audit(args) => audit::run(&args, &Session::new(settings), stdout()).await,
        Command::Orphans(args) => {
            Box::pin(orphans::run(&args, &Session::new(settings), stdout())).await
        }
        Command::Completions { shell } => completions::run(shell, &mut stdout()),
        Command::Man => man::run(&mut stdout()),
    }?;
    Ok(Invocation::Finished(status))
}
