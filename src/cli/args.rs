//! The command line for clap: the commands, and the global options.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::builder::{FalseyValueParser, NonEmptyStringValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::audit::AuditArgs;
use super::blueprint::BlueprintCommand;
use super::buckets::BucketsArgs;
#[cfg(feature = "sandbox")]
use super::demo::DemoArgs;
use super::explain::ExplainArgs;
use super::find::FindArgs;
use super::inspect::InspectArgs;
use super::ls::LsArgs;
use super::metrics::MetricsArgs;
use super::orphans::OrphansArgs;
use super::presign::PresignArgs;
use super::purge::PurgeArgs;
use super::receipt::ReceiptCommand;
#[cfg(feature = "sandbox")]
use super::sandbox::SandboxArgs;
use super::scan::ScanArgs;
use super::smoke::SmokeArgs;
use super::state::StateArgs;
use super::{ExitStatus, help};
use crate::domain::S3Uri;

/// A terminal admin console for the S3 buckets in which applications keep their users' media
#[derive(Debug, Clone, Parser)]
#[command(
    name = "s3warden",
    version,
    about,
    long_about = help::LONG_ABOUT,
    after_help = help::EXAMPLES,
    after_long_help = help::EXAMPLES_AND_EXIT_STATUS,
    disable_help_subcommand = true,
    subcommand_value_name = "COMMAND",
    max_term_width = 120
)]
pub struct Cli {
    /// What to do; without a command the console opens
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Where the console opens: a bucket, or a prefix in it
    #[arg(value_name = "s3://BUCKET[/PREFIX]", value_parser = start_uri)]
    pub start: Option<S3Uri>,

    /// The options of every command.
    #[command(flatten)]
    pub globals: Globals,
}

/// The commands.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Open the console on an S3 endpoint inside the program: needs no account and no network
    #[cfg(feature = "sandbox")]
    #[command(after_help = help::DEMO_EXAMPLES)]
    Demo(DemoArgs),
    /// Serve an S3 endpoint for other programs, with content to try things on
    #[cfg(feature = "sandbox")]
    #[command(long_about = help::SANDBOX_LONG, after_help = help::SANDBOX_EXAMPLES)]
    Sandbox(SandboxArgs),
    /// List the built-in blueprints, or check one of your own
    #[command(subcommand, after_help = help::BLUEPRINT_EXAMPLES)]
    Blueprint(BlueprintCommand),
    /// Show all buckets: Region, objects, size, encryption, versioning, public access
    #[command(long_about = help::BUCKETS_LONG, after_help = help::BUCKETS_EXAMPLES)]
    Buckets(BucketsArgs),
    /// List objects, their versions, or everything of one user
    #[command(long_about = help::LS_LONG, after_help = help::LS_EXAMPLES)]
    Ls(LsArgs),
    /// Find everything of one user in every bucket of a blueprint: versions, uploads, derived objects, replicas
    #[command(long_about = help::FIND_LONG, after_help = help::FIND_EXAMPLES)]
    Find(FindArgs),
    /// Plan to delete everything of one user; with --execute, delete it, list again, and write a receipt
    #[command(long_about = help::PURGE_LONG, after_help = help::PURGE_EXAMPLES)]
    Purge(Box<PurgeArgs>),
    /// Check the receipt of a purge
    #[command(subcommand, long_about = help::RECEIPT_LONG, after_help = help::RECEIPT_EXAMPLES)]
    Receipt(ReceiptCommand),
    /// Scan a bucket or a prefix: totals by owner, class, age, layout or folder
    #[command(long_about = help::SCAN_LONG, after_help = help::SCAN_EXAMPLES)]
    Scan(ScanArgs),
    /// Find media that outlived its user, record or original, and records that outlived their media
    #[command(long_about = help::ORPHANS_LONG, after_help = help::ORPHANS_EXAMPLES)]
    Orphans(Box<OrphansArgs>),
    /// Say in words how a bucket is configured, and what its lifecycle rules cover
    #[command(long_about = help::STATE_LONG, after_help = help::STATE_EXAMPLES)]
    State(StateArgs),
    /// Say what is wrong with buckets, why it matters, and what to do
    #[command(long_about = help::AUDIT_LONG, after_help = help::AUDIT_EXAMPLES)]
    Audit(AuditArgs),
    /// Explain why a request is allowed or refused: which policy, block, ACL or key decides
    #[command(long_about = help::EXPLAIN_LONG, after_help = help::EXPLAIN_EXAMPLES)]
    Explain(ExplainArgs),
    /// Show what CloudWatch tells of buckets: sizes by storage type and numbers of objects, with history and cost
    #[command(long_about = help::METRICS_LONG, after_help = help::METRICS_EXAMPLES)]
    Metrics(MetricsArgs),
    /// Sign a URL or a form that lets others download or upload
    #[command(long_about = help::PRESIGN_LONG, after_help = help::PRESIGN_EXAMPLES)]
    Presign(Box<PresignArgs>),
    /// Explain a pre-signed URL: who, what, until when, and what is wrong with it
    #[command(long_about = help::INSPECT_LONG, after_help = help::INSPECT_EXAMPLES)]
    Inspect(InspectArgs),
    /// Prove with test objects that a bucket takes what it should and refuses what it should not
    #[command(long_about = help::SMOKE_LONG, after_help = help::SMOKE_EXAMPLES)]
    Smoke(SmokeArgs),
    /// Print a completion script for a shell
    #[command(after_help = help::COMPLETIONS_EXAMPLES)]
    Completions {
        /// The shell
        #[arg(value_name = "SHELL")]
        shell: Shell,
    },
    /// Print the manual page
    #[command(after_help = help::MAN_EXAMPLES)]
    Man,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people: aligned columns, names made safe to show
    #[default]
    Table,
    /// One document, exact
    Json,
    /// One item a line, exact, and a last line that says whether it is complete
    Ndjson,
    /// For spreadsheets: formulas neutralised
    Csv,
}

/// The options that every command takes, before or after the command's name.
///
/// What is not given is taken from the environment (`S3WARDEN_*`, by clap), then from the configuration file. `--write`
/// has neither form: what changes a bucket is asked for each time.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// The AWS profile [default: the SDK's, from `AWS_PROFILE`]
    #[arg(long, global = true, value_name = "NAME", env = "S3WARDEN_PROFILE", hide_env_values = true, value_parser = NonEmptyStringValueParser::new())]
    pub profile: Option<String>,

    /// The AWS Region [default: the SDK's, from `AWS_REGION` or the profile]
    #[arg(long, global = true, value_name = "REGION", env = "S3WARDEN_REGION", hide_env_values = true, value_parser = region)]
    pub region: Option<String>,

    /// An S3 endpoint that is not AWS's; buckets are then addressed by path
    #[arg(long, global = true, value_name = "URL", env = "S3WARDEN_ENDPOINT_URL", hide_env_values = true, value_parser = EndpointUrl)]
    pub endpoint_url: Option<String>,

    /// Which blueprint says whose the objects are
    #[arg(long, global = true, value_name = "NAME|FILE", env = "S3WARDEN_BLUEPRINT", hide_env_values = true, value_parser = NonEmptyStringValueParser::new(), long_help = help::BLUEPRINT_OPTION)]
    pub blueprint: Option<String>,

    /// Who acts, for servers that do not say whose credentials these are; plans and receipts hold it as stated
    #[arg(long, global = true, value_name = "NAME", env = "S3WARDEN_OPERATOR", hide_env_values = true, value_parser = operator)]
    pub operator: Option<String>,

    /// The configuration file [default: s3warden/config.toml in the XDG configuration folder]
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "S3WARDEN_CONFIG",
        hide_env_values = true
    )]
    pub config: Option<PathBuf>,

    /// How results are printed [default: table]
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "FORMAT",
        env = "S3WARDEN_FORMAT",
        hide_env_values = true
    )]
    pub format: Option<Format>,

    /// Allow changes; without it nothing leaves the program but requests that read
    #[arg(long, global = true)]
    pub write: bool,

    /// No colour, as when `NO_COLOR` is set
    #[arg(long, global = true, env = "S3WARDEN_NO_COLOR", hide_env_values = true, value_parser = FalseyValueParser::new())]
    pub no_color: bool,

    /// The log file [default: s3warden/s3warden.log in the XDG state folder]
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "S3WARDEN_LOG_FILE",
        hide_env_values = true
    )]
    pub log_file: Option<PathBuf>,

    /// How many requests may run at the same time, 1 to 256 [default: 16]
    #[arg(long, global = true, value_name = "N", env = "S3WARDEN_JOBS", hide_env_values = true, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,

    /// Print nothing but errors and what is missing
    #[arg(short, long, global = true, env = "S3WARDEN_QUIET", hide_env_values = true, value_parser = FalseyValueParser::new())]
    pub quiet: bool,

    /// Log more; twice also logs users' ids, keys and what the AWS SDK does
    #[arg(short, long, global = true, action = clap::ArgAction::Count, env = "S3WARDEN_VERBOSE", hide_env_values = true)]
    pub verbose: u8,
}

/// Parses the command line. Help, version and usage errors are printed here.
///
/// # Errors
/// The exit status if there is nothing left to do: success after help or version, usage after an error.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, ExitStatus> {
    let parsed = Cli::try_parse_from(arguments).and_then(|cli| match (&cli.start, &cli.command) {
        (Some(_), Some(_)) => Err(clap::Error::raw(
            clap::error::ErrorKind::ArgumentConflict,
            "s3://… before a command would open the console; give it after the command\n",
        )),
        _ => Ok(cli),
    });
    parsed.map_err(|error| {
        // If standard output or error is gone, nobody can be informed.
        let _ = error.print();
        if error.use_stderr() {
            ExitStatus::Usage
        } else {
            ExitStatus::Done
        }
    })
}

/// Parses a bucket name, with or without `s3://`.
pub(super) fn bucket_name(
    text: &str,
) -> Result<crate::domain::BucketName, crate::domain::InvalidName> {
    let name = text.strip_prefix("s3://").unwrap_or(text);
    crate::domain::BucketName::new(name.strip_suffix('/').unwrap_or(name))
}

/// Parses an `s3://` URI; the error shows the expected form.
pub(super) fn uri(text: &str) -> Result<S3Uri, String> {
    text.parse().map_err(|why| match why {
        crate::domain::uri::InvalidUri::Scheme => {
            format!("{why}; write s3://{}", text.trim_start_matches('/'))
        }
        why => why.to_string(),
    })
}

fn start_uri(text: &str) -> Result<S3Uri, String> {
    if text.contains("://") {
        uri(text)
    } else {
        Err("it is neither a command (see --help) nor s3://BUCKET[/PREFIX]".to_owned())
    }
}

/// Parses a Region code, whether or not AWS has such a Region.
pub(super) fn region(text: &str) -> Result<String, String> {
    let is_code = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !text.is_empty() && is_code(text) {
        Ok(text.to_owned())
    } else {
        Err("a Region looks like eu-west-1".to_owned())
    }
}

/// Parses the name of the operator: readable text on one line.
pub(super) fn operator(text: &str) -> Result<String, String> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > 200 || name.contains(char::is_control) {
        return Err("a name of 1 to 200 characters, without control characters".to_owned());
    }
    Ok(name.to_owned())
}

/// Parses an endpoint. It is not a function, because clap would repeat a rejected value, which may contain a password.
#[derive(Debug, Clone, Copy)]
struct EndpointUrl;

impl TypedValueParser for EndpointUrl {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        _argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        endpoint_url(&value.to_string_lossy()).map_err(|why| {
            clap::Error::raw(
                clap::error::ErrorKind::ValueValidation,
                format!("invalid value for '--endpoint-url <URL>': {why}\n"),
            )
            .with_cmd(command)
        })
    }
}

/// Parses an endpoint's URL; the error does not repeat it.
pub(super) fn endpoint_url(text: &str) -> Result<String, String> {
    if text.contains('@') {
        return Err("it may not hold a user or a password".to_owned());
    }
    let host = text
        .strip_prefix("http://")
        .or_else(|| text.strip_prefix("https://"));
    match host {
        None => Err("it has to begin with http:// or https://".to_owned()),
        Some(host) if host.is_empty() || host.starts_with(['/', ':', '?']) => {
            Err("it names no host".to_owned())
        }
        Some(host) if host.contains([' ', '?', '#']) || host.contains(char::is_control) => {
            Err("it may hold a host, a port and a path, nothing else".to_owned())
        }
        Some(_) => Ok(text.to_owned()),
    }
}
