//! The start options of the console from the command line; `main` opens the console.

use std::path::PathBuf;

use super::session::connect_options;
use super::{Failure, Settings, choice};
use crate::aws::{ConnectOptions, WriteMode};
use crate::domain::S3Uri;
use crate::domain::blueprint::Blueprint;
use crate::domain::prices::PriceTable;
use crate::ops::audit::Acceptance;

/// The start options of the console.
pub(crate) struct ConsoleRequest {
    pub connect: ConnectOptions,
    pub write: WriteMode,
    /// The start position; `None` for the list of buckets.
    pub start: Option<S3Uri>,
    /// The blueprint that the user specified.
    pub blueprint: Option<Blueprint>,
    /// The price table for estimates.
    pub prices: PriceTable,
    /// Accepted findings.
    pub accepted: Vec<Acceptance>,
    /// The maximum number of concurrent requests, 1 to 256.
    pub jobs: usize,
    pub color: bool,
    /// The path of the log, if any. The file is created when there is something to write.
    pub log_file: Option<PathBuf>,
    /// The demo's endpoint, which runs until it is dropped.
    #[cfg(feature = "sandbox")]
    pub demo: Option<super::demo::Demo>,
    /// The lists of the demo's application, in files that exist until it is dropped.
    #[cfg(feature = "sandbox")]
    pub lists: Option<super::registries::Folder>,
}

#[cfg_attr(
    not(feature = "sandbox"),
    expect(clippy::unused_self, reason = "there is no demo to ask for")
)]
impl ConsoleRequest {
    /// Whether the console shows the demo's endpoint.
    #[must_use]
    pub(crate) fn is_demo(&self) -> bool {
        #[cfg(feature = "sandbox")]
        return self.demo.is_some();
        #[cfg(not(feature = "sandbox"))]
        return false;
    }

    /// The folder of the demo's blueprints, one per subfolder.
    #[must_use]
    pub(crate) fn blueprints(&self) -> Option<PathBuf> {
        #[cfg(feature = "sandbox")]
        return self.lists.as_ref().map(|lists| lists.path().to_owned());
        #[cfg(not(feature = "sandbox"))]
        return None;
    }

    /// # Errors
    /// If a blueprint or price table does not exist (exit status 2).
    pub(super) fn new(
        settings: &Settings,
        start: Option<S3Uri>,
        log_file: Option<PathBuf>,
    ) -> Result<Self, Failure> {
        Ok(Self {
            connect: connect_options(settings),
            write: WriteMode::from_flag(settings.write),
            start,
            blueprint: choice::named(settings)?,
            prices: choice::prices(settings.prices.as_deref())?,
            accepted: settings.accept.clone(),
            jobs: settings.jobs,
            color: settings.color,
            log_file,
            #[cfg(feature = "sandbox")]
            demo: None,
            #[cfg(feature = "sandbox")]
            lists: None,
        })
    }
}
