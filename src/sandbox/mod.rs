//! An S3 endpoint inside the process, for the demo and the tests.
//!
//! [`Sandbox::start`] serves [`world`]s over HTTP on loopback, to this program's own SDK or to any other client. From
//! outside to inside: `server` takes connections, `http_front` is what a request passes through (counts, latency, faults,
//! CORS, Regions, forms; `cloudwatch` branches off), s3s parses it and verifies its signature, `access` judges it,
//! `service` hands it to [`objects`] or [`configuration`], which work on the [`store`]; `side_effects` is what happens after
//! an answer. Start reading in `http_front`.
//!
//! Nothing here is secret and nothing is kept: keys are fixed, memory is all there is.

mod access;
pub(crate) mod access_log;
mod answer;
mod cloudwatch;
pub(crate) mod configuration;
mod control;
mod cors;
pub(crate) mod defect;
mod element;
pub(crate) mod faults;
mod forms;
mod host;
mod http_front;
mod iam;
pub(crate) mod identity;
mod kms;
pub(crate) mod latency;
pub(crate) mod objects;
mod operation;
pub(crate) mod pattern;
mod permissions;
pub(crate) mod policy;
mod recent_operations;
mod region;
mod request_context;
mod request_counts;
mod server;
mod service;
mod side_effects;
mod signing;
pub(crate) mod store;
mod sts;
mod sub_resources;
pub(crate) mod world;

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, AtomicUsize};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use s3s::service::S3ServiceBuilder;
use thiserror::Error;
use tokio::net::TcpListener;

pub use defect::Defect;
pub use faults::{Fault, FaultRule};
pub use latency::Latency;
pub(crate) use request_counts::RequestCounts;

use crate::domain::configuration::PublicAccess;
use access::Access;
use cloudwatch::CloudWatch;
use control::{BesideS3, Control};
use defect::Defects;
use http_front::HttpFront;
use iam::Iam;
pub use identity::Role;
use identity::{Denial, DenialError, Identities, Identity, Keyring, RoleError};
use kms::Kms;
use recent_operations::Newer;
use server::Server;
use service::Service;
use side_effects::SideEffects;
use store::{Backend, LoadError, Store};
use sts::Sts;
use world::World;
use world::metrics::WorldMetrics;

/// The Region to sign for where no bucket says otherwise.
pub(crate) const REGION: &str = "us-east-1";

/// What a sandbox is started with.
#[derive(Debug, Clone)]
pub struct SandboxOptions {
    /// Where it listens; port 0 takes any that is free.
    pub listen: SocketAddr,
    /// What it holds; worlds have to differ in all bucket names.
    pub worlds: Vec<World>,
    /// How long each operation waits.
    pub latency: Latency,
    /// Which requests meet a fault.
    pub faults: Vec<FaultRule>,
    /// Permissions that the owner's user lacks, as [`Denial`] reads them: `s3:GetBucketVersioning@media`.
    pub denied: Vec<String>,
    /// Permissions that a second user lacks; `None`: there is no second user.
    pub limited: Option<Vec<String>>,
    /// Roles of the account, each with a session that can sign.
    pub roles: Vec<Role>,
    /// Policies of KMS keys, by the ARN of the key; a key of the account that is not named has the default policy.
    pub key_policies: BTreeMap<String, String>,
    /// What policies see as `aws:SecureTransport`. True, although the endpoint speaks plain HTTP: it stands in for one
    /// that speaks TLS, and a world's policy that denies all else would lock everyone out.
    pub secure_transport: bool,
    /// What is not as S3 would have it.
    pub defects: Vec<Defect>,
    /// How long after a write the application has made what it makes of new objects, where a notification to a function
    /// matches and a built-in blueprint says what is made; `None`: there is no application.
    pub application: Option<Duration>,
    /// How long after a request its access log arrives, where the bucket has logging and the target lets it in; `None`:
    /// never.
    pub access_logs: Option<Duration>,
}

impl Default for SandboxOptions {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            worlds: Vec::new(),
            latency: Latency::default(),
            faults: Vec::new(),
            denied: Vec::new(),
            limited: None,
            roles: Vec::new(),
            key_policies: BTreeMap::new(),
            secure_transport: true,
            defects: Vec::new(),
            application: None,
            access_logs: None,
        }
    }
}

/// Why a sandbox cannot be started.
#[derive(Debug, Error)]
pub enum SandboxError {
    /// Nobody can listen there.
    #[error(
        "the sandbox cannot listen on {address}: {source}; choose another address, or port 0 for any free port"
    )]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// A world cannot be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A permission to be denied is none.
    #[error(transparent)]
    Denial(#[from] DenialError),
    /// A role has a policy that is none.
    #[error(transparent)]
    Role(#[from] RoleError),
}

/// A running endpoint; stops when dropped.
pub struct Sandbox {
    address: SocketAddr,
    backend: Backend,
    front: Arc<HttpFront>,
    identities: Arc<Identities>,
    server: Mutex<Server>,
}

impl Sandbox {
    /// Loads the worlds and serves them on tasks of the current tokio runtime.
    ///
    /// # Errors
    /// [`SandboxError`] when a world cannot be loaded or the address not be taken.
    pub async fn start(options: SandboxOptions) -> Result<Self, SandboxError> {
        let listener = Self::listen(options.listen).await?;
        Self::serve(listener, options)
    }

    /// Takes an address. Whoever connects to it waits until [`Self::serve`] answers.
    ///
    /// # Errors
    /// [`SandboxError::Listen`] when the address cannot be taken.
    pub async fn listen(address: SocketAddr) -> Result<TcpListener, SandboxError> {
        let unusable = |source| SandboxError::Listen { address, source };
        TcpListener::bind(address).await.map_err(unusable)
    }

    /// Loads the worlds and serves them, on tasks of the current tokio runtime, to those who come to this listener; the
    /// address of the options plays no part. It takes as long as the worlds are large, and waits for nothing.
    ///
    /// # Errors
    /// [`SandboxError`] when a world cannot be loaded, or the listener has no address any more.
    pub fn serve(listener: TcpListener, options: SandboxOptions) -> Result<Self, SandboxError> {
        let store = Arc::new(Store::default());
        store.block_public_access(account_block(&options.worlds));
        for world in &options.worlds {
            store.add_world(world)?;
        }
        let limited = options
            .limited
            .as_deref()
            .map(Denial::parse_all)
            .transpose()?;
        let roles = options.roles.iter().cloned().map(Identity::of_role);
        let identities = Arc::new(Identities {
            owner: Identity::owner(Denial::parse_all(&options.denied)?),
            limited: limited.map(Identity::limited),
            roles: roles.collect::<Result<_, _>>()?,
        });
        let address = listener
            .local_addr()
            .map_err(|source| SandboxError::Listen {
                address: options.listen,
                source,
            })?;
        let backend = Backend {
            defects: Defects::new(options.defects.clone()),
            ..Backend::new(store)
        };
        let front = Arc::new(front(&backend, &identities, &options));
        front.faults.set(options.faults);
        let server = Server::run(listener, Arc::clone(&front));
        Ok(Self {
            address,
            backend,
            front,
            identities,
            server: Mutex::new(server),
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The endpoint's URL, for path-style requests.
    #[must_use]
    pub fn endpoint_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The access key id of the owner's user.
    #[must_use]
    pub fn access_key(&self) -> &str {
        &self.identities.owner.access_key
    }

    /// The secret access key of the owner's user.
    #[must_use]
    pub fn secret_key(&self) -> &str {
        &self.identities.owner.secret_key
    }

    /// The Region to sign for where no bucket says otherwise.
    #[must_use]
    pub fn region(&self) -> &'static str {
        REGION
    }

    /// The owner's user, to take permissions from while the sandbox runs.
    #[must_use]
    pub fn owner(&self) -> &Identity {
        &self.identities.owner
    }

    /// The second user, when the options asked for one.
    #[must_use]
    pub fn limited(&self) -> Option<&Identity> {
        self.identities.limited.as_ref()
    }

    /// The session of a role that the options asked for.
    #[must_use]
    pub fn session_of(&self, role: &str) -> Option<&Identity> {
        self.identities.roles.iter().find(|one| one.user == role)
    }

    /// What is kept, for tests that look behind the protocol.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.backend.store
    }

    /// The requests that arrived; the counts go on while they are looked at.
    #[must_use]
    pub fn requests(&self) -> RequestCounts {
        self.front.counts.clone()
    }

    /// Puts other fault rules in force, counting from the next request.
    pub fn set_faults(&self, rules: Vec<FaultRule>) {
        self.front.faults.set(rules);
    }

    /// Lets the next requests wait otherwise.
    pub fn set_latency(&self, latency: Latency) {
        *self
            .front
            .latency
            .write()
            .unwrap_or_else(PoisonError::into_inner) = latency;
    }

    /// Closes the port and every connection once its answer under way is finished, as a lost network would between two
    /// requests. What is kept stays, for [`Self::reconnect`].
    pub async fn disconnect(&self) {
        let stopping = self.server().stop();
        stopping.await;
    }

    /// Listens again where it listened before.
    ///
    /// # Errors
    /// [`SandboxError::Listen`] when somebody else has taken the port.
    pub async fn reconnect(&self) -> Result<(), SandboxError> {
        let listener = Self::listen(self.address).await?;
        *self.server() = Server::run(listener, Arc::clone(&self.front));
        Ok(())
    }

    /// Stops and waits until answers under way are finished, for 5 seconds at most.
    pub async fn shutdown(self) {
        self.disconnect().await;
    }

    fn server(&self) -> MutexGuard<'_, Server> {
        // A server is replaced in one piece: after a panic elsewhere it is whole.
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the account blocks. There is one account, however many worlds: a switch is on when one of them turns it on.
fn account_block(worlds: &[World]) -> Option<PublicAccess> {
    let blocks = worlds.iter().filter_map(|world| world.public_access_block);
    blocks.reduce(PublicAccess::or)
}

fn front(backend: &Backend, identities: &Arc<Identities>, options: &SandboxOptions) -> HttpFront {
    let access = Access {
        backend: backend.clone(),
        identities: Arc::clone(identities),
        secure_transport: options.secure_transport,
    };
    let mut s3 = S3ServiceBuilder::new(Service {
        backend: backend.clone(),
        access: access.clone(),
    });
    s3.set_auth(Keyring(Arc::clone(identities)));
    let newer = access.clone();
    s3.set_access(access);
    s3.set_route(BesideS3 {
        sts: Sts(Arc::clone(identities)),
        control: Control {
            identities: Arc::clone(identities),
            store: Arc::clone(&backend.store),
            block: account_block(&options.worlds),
        },
        newer: Newer { access: newer },
    });
    s3.set_host(host::Localhost);
    let mut metrics = WorldMetrics::default();
    for world in &options.worlds {
        metrics
            .histories
            .extend_from_slice(&world.metrics.histories);
        metrics.alarms.extend_from_slice(&world.metrics.alarms);
    }
    let mut policies = options.key_policies.clone();
    for world in &options.worlds {
        policies.extend(world.key_policies.clone());
    }
    HttpFront {
        s3: s3.build(),
        cloudwatch: CloudWatch {
            store: Arc::clone(&backend.store),
            identities: Arc::clone(identities),
            metrics,
        },
        backend: backend.clone(),
        identities: Arc::clone(identities),
        iam: Iam(Arc::clone(identities)),
        kms: Kms {
            identities: Arc::clone(identities),
            policies,
        },
        aftermath: SideEffects::new(backend, identities, options),
        uploads: AtomicUsize::new(0),
        counts: RequestCounts::default(),
        faults: Arc::default(),
        latency: RwLock::new(options.latency.clone()),
        requests: AtomicU64::new(0),
    }
}
