//! `s3warden sandbox`: serves worlds to any S3 client.

use std::ffi::OsStr;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Args, Command};

use super::session::Session;
use super::{ExitStatus, Failure, registries};
use crate::domain::text::shell_quote;
use crate::sandbox::faults::{FaultError, FaultRule};
use crate::sandbox::latency::Latency;
use crate::sandbox::world::World;
use crate::sandbox::{Sandbox, SandboxOptions};

/// How long the worlds' applications take to make a thumbnail.
pub(super) const APPLICATION: Duration = Duration::from_millis(800);

/// How long access logs take to arrive; on AWS it takes hours.
pub(super) const ACCESS_LOGS: Duration = Duration::from_secs(2);

/// What is served, where, and how badly.
#[derive(Debug, Clone, Args)]
pub struct SandboxArgs {
    /// The address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,

    /// A world to serve, a built-in or a TOML file; NAME-fixed is NAME without its mistakes; may be given several times [default: the five with mistakes, unless --synthetic is given]
    #[arg(long = "world", value_name = "NAME|FILE", value_parser = WorldName)]
    pub worlds: Vec<String>,

    /// A bucket of N made-up keys without bodies: flat, users, chat, dates or skew; may be given several times
    #[arg(long, value_name = "SHAPE:N")]
    pub synthetic: Vec<String>,

    /// Write the lists of who and what is alive in each world below this folder, with a blueprint that names them
    #[arg(long, value_name = "DIR")]
    pub registries: Option<PathBuf>,

    /// How long every answer takes at least, in milliseconds, or by operation: 20,List*=120
    #[arg(long, value_name = "MS")]
    pub latency: Option<Latency>,

    /// Which requests fail and how, rules separated by `;`: slow-down operation=List* every=10
    #[arg(long, value_name = "SPEC", value_parser = faults)]
    pub faults: Option<Faults>,
}

/// The name of a built-in world, offered to shells and in the help, or a file.
#[derive(Debug, Clone)]
pub(crate) struct WorldName;

impl TypedValueParser for WorldName {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let names = World::builtin_names().iter().chain(World::fixed_names());
        Some(Box::new(names.map(PossibleValue::new)))
    }
}

/// The rules of one `--faults`.
#[derive(Debug, Clone)]
pub struct Faults(Vec<FaultRule>);

fn faults(spec: &str) -> Result<Faults, FaultError> {
    FaultRule::parse_all(spec).map(Faults)
}

/// Serves until the user cancels.
pub(super) async fn run<W: Write>(
    args: &SandboxArgs,
    session: &Session,
    mut output: W,
) -> Result<ExitStatus, Failure> {
    let mut served = Vec::new();
    if !args.worlds.is_empty() || args.synthetic.is_empty() {
        served = worlds(&args.worlds)?;
    }
    if let Some(folder) = &args.registries {
        for blueprint in registries::write(&served, folder)? {
            session.reporter().note(&format!(
                "lists of who and what is alive: --blueprint {}",
                shell_quote(&blueprint.display().to_string())
            ));
        }
    }
    for spec in &args.synthetic {
        served.push(World::synthetic(spec).map_err(Failure::usage)?);
    }
    let options = SandboxOptions {
        listen: args.listen,
        worlds: served,
        latency: args.latency.clone().unwrap_or_default(),
        faults: args
            .faults
            .clone()
            .map(|Faults(rules)| rules)
            .unwrap_or_default(),
        application: Some(APPLICATION),
        access_logs: Some(ACCESS_LOGS),
        ..SandboxOptions::default()
    };
    let sandbox = Sandbox::start(options).await.map_err(|why| {
        Failure::failed(format!(
            "could not start the sandbox on {}: {why}",
            args.listen
        ))
    })?;
    for (name, value) in [
        ("AWS_ENDPOINT_URL", url(sandbox.address()).as_str()),
        ("AWS_ACCESS_KEY_ID", sandbox.access_key()),
        ("AWS_SECRET_ACCESS_KEY", sandbox.secret_key()),
        ("AWS_REGION", sandbox.region()),
    ] {
        writeln!(output, "{name}={}", shell_quote(value))?;
    }
    writeln!(output, "ready")?;
    output.flush()?;
    session.stop.cancelled().await;
    sandbox.shutdown().await;
    Ok(ExitStatus::Interrupted)
}

/// The URL for a client on this computer: nobody can connect to "all addresses".
fn url(listening: SocketAddr) -> String {
    let ip = match listening.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, listening.port()))
}

/// The worlds with these names or files; without any, those with mistakes.
///
/// # Errors
/// If a world does not exist, or a file is invalid (exit status 2).
pub(super) fn worlds(names: &[String]) -> Result<Vec<World>, Failure> {
    if names.is_empty() {
        return all_worlds();
    }
    names.iter().map(|name| world(name)).collect()
}

/// All built-in worlds except the fixed ones, parsed in parallel because the user waits for them.
fn all_worlds() -> Result<Vec<World>, Failure> {
    std::thread::scope(|scope| {
        let reading: Vec<_> = World::builtin_names()
            .iter()
            .map(|name| scope.spawn(|| World::builtin(name)))
            .collect();
        reading
            .into_iter()
            .map(|world| match world.join() {
                Ok(world) => world.map_err(Failure::usage),
                Err(_) => Err(Failure::failed("could not read a built-in world")),
            })
            .collect()
    })
}

/// As for blueprints, a name never refers to a file in the working folder.
fn world(name: &str) -> Result<World, Failure> {
    let is_path =
        name.contains('/') || Path::new(name).extension().is_some_and(|end| end == "toml");
    if !is_path {
        return World::builtin(name).map_err(Failure::usage);
    }
    let text = std::fs::read_to_string(name)
        .map_err(|why| Failure::usage(format!("could not read the world {name}: {why}")))?;
    World::parse(name, &text).map_err(Failure::usage)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_address_is_one_that_can_be_connected_to() {
        for (listening, printed) in [
            ("0.0.0.0:9000", "http://127.0.0.1:9000"),
            ("[::]:9000", "http://[::1]:9000"),
            ("10.0.0.1:9000", "http://10.0.0.1:9000"),
        ] {
            assert_eq!(url(listening.parse().unwrap()), printed);
        }
    }
}
