//! `s3warden demo`: the console on the embedded sandbox.

use std::path::PathBuf;

use clap::Args;

use super::{ConsoleRequest, Failure, Settings, sandbox};
use crate::aws::{ConnectOptions, StaticCredentials};
use crate::sandbox::{Sandbox, SandboxOptions};

/// What the demo shows.
#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    /// A world to show, a built-in or a TOML file; NAME-fixed is NAME without its mistakes; may be given several times [default: the five with mistakes]
    #[arg(long = "world", value_name = "NAME|FILE", value_parser = sandbox::WorldName)]
    pub worlds: Vec<String>,
}

/// Starts the sandbox and points the console at it. The user's own profile, Region and credentials stay out of it.
pub(super) async fn request(
    args: &DemoArgs,
    settings: &Settings,
    log_file: Option<PathBuf>,
) -> Result<ConsoleRequest, Failure> {
    let options = SandboxOptions {
        worlds: sandbox::worlds(&args.worlds)?,
        application: Some(sandbox::APPLICATION),
        access_logs: Some(sandbox::ACCESS_LOGS),
        ..SandboxOptions::default()
    };
    let sandbox = Sandbox::start(options)
        .await
        .map_err(|why| Failure::failed(format!("could not start the demo: {why}")))?;
    let connect = ConnectOptions {
        region: Some(sandbox.region().to_owned()),
        endpoint_url: Some(sandbox.endpoint_url()),
        credentials: Some(StaticCredentials {
            access_key: sandbox.access_key().to_owned(),
            secret_key: sandbox.secret_key().to_owned(),
            session_token: None,
        }),
        ..ConnectOptions::default()
    };
    Ok(ConsoleRequest {
        connect,
        sandbox: Some(sandbox),
        ..ConsoleRequest::new(settings, None, log_file)?
    })
}
