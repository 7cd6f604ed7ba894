//! `s3warden demo`: opens the console with the embedded sandbox.

use std::path::PathBuf;

use clap::Args;
use tokio::task::JoinHandle;

use super::{ConsoleRequest, Failure, Settings, choice, registries, sandbox};
use crate::aws::{ConnectOptions, StaticCredentials};
use crate::sandbox::identity::Identity;
use crate::sandbox::{REGION, Sandbox, SandboxOptions};

/// What the demo shows.
#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    /// A world to show, a built-in or a TOML file; NAME-fixed is NAME without its mistakes; may be given several times [default: the five with mistakes]
    #[arg(long = "world", value_name = "NAME|FILE", value_parser = sandbox::WorldName)]
    pub worlds: Vec<String>,
}

/// The sandbox of the demo, which runs until it is dropped. Parsing the built-in worlds takes a while; only the
/// console's first requests wait for it.
#[expect(dead_code, reason = "what is kept serves; nobody reads it")]
pub(crate) enum Demo {
    /// It is running.
    Serving(Sandbox),
    /// It accepts connections, and answers when the worlds are parsed.
    Starting(JoinHandle<Result<Sandbox, Failure>>),
}

/// Connects the console to a sandbox. The user's own profile, Region and credentials are not used.
pub(super) async fn request(
    args: &DemoArgs,
    settings: &Settings,
    log_file: Option<PathBuf>,
) -> Result<ConsoleRequest, Failure> {
    let options = SandboxOptions {
        application: Some(sandbox::APPLICATION),
        access_logs: Some(sandbox::ACCESS_LOGS),
        ..SandboxOptions::default()
    };
    let failed = |why| Failure::failed(format!("could not start the demo: {why}"));
    let listener = Sandbox::listen(options.listen).await.map_err(failed)?;
    let address = listener
        .local_addr()
        .map_err(|why| Failure::failed(format!("could not start the demo: {why}")))?;
    let serve = move |worlds| {
        let options = SandboxOptions { worlds, ..options };
        Sandbox::serve(listener, options).map_err(failed)
    };
    let lists = registries::Folder::new()?;
    let mut blueprints = Vec::new();
    let demo = if args.worlds.is_empty() {
        let folder = lists.path().to_owned();
        // The lists exist before the first response.
        let starting = move || {
            let worlds = sandbox::worlds(&[])?;
            registries::write(&worlds, &folder)?;
            serve(worlds)
        };
        Demo::Starting(tokio::task::spawn_blocking(starting))
    } else {
        // Parse files first, so that an error is printed on the command line.
        let worlds = sandbox::worlds(&args.worlds)?;
        blueprints = registries::write(&worlds, lists.path())?;
        Demo::Serving(serve(worlds)?)
    };
    let owner = Identity::owner(Vec::new());
    let connect = ConnectOptions {
        region: Some(REGION.to_owned()),
        endpoint_url: Some(format!("http://{address}")),
        credentials: Some(StaticCredentials {
            access_key: owner.access_key.to_string(),
            secret_key: owner.secret_key.to_string(),
            session_token: None,
        }),
        ..ConnectOptions::default()
    };
    let mut request = ConsoleRequest {
        connect,
        demo: Some(demo),
        lists: Some(lists),
        ..ConsoleRequest::new(settings, None, log_file)?
    };
    // A single world has one application. With several, each bucket selects its own blueprint.
    if let ([blueprint], None) = (blueprints.as_slice(), &request.blueprint) {
        request.blueprint = Some(choice::read(blueprint)?);
    }
    Ok(request)
}
