//! `s3warden sandbox`: serve worlds to any S3 client.

use std::net::SocketAddr;

use clap::Args;

/// What is served, where, and how badly.
#[derive(Debug, Clone, Args)]
pub struct SandboxArgs {
    /// The address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,

    /// A world to serve, a built-in or a TOML file; may be given several times [default: all built-in worlds, unless --synthetic is given]
    #[arg(long = "world", value_name = "NAME|FILE")]
    pub worlds: Vec<String>,

    /// A bucket of N made-up keys: flat, users, chat, dates or skew
    #[arg(long, value_name = "SHAPE:N")]
    pub synthetic: Vec<String>,

    /// How long every answer takes at least, in milliseconds
    #[arg(long, value_name = "MS")]
    pub latency: Option<u64>,

    /// A fault to commit, by operation, bucket, key pattern and turn
    #[arg(long, value_name = "SPEC")]
    pub faults: Vec<String>,
}
