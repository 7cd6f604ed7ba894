//! What the command line asks of the console; opening it is the business of `main`.

use std::path::PathBuf;

use super::session::connect_options;
use super::{Failure, Settings, choice};
use crate::aws::{ConnectOptions, WriteMode};
use crate::domain::S3Uri;
use crate::domain::blueprint::Blueprint;
use crate::domain::prices::PriceTable;
use crate::ops::audit::Acceptance;

/// What the console is to open with.
pub(crate) struct ConsoleRequest {
    /// What to connect to, and as whom.
    pub connect: ConnectOptions,
    /// Whether changes are allowed.
    pub write: WriteMode,
    /// Where to begin; with the list of buckets when it is `None`.
    pub start: Option<S3Uri>,
    /// The blueprint that was asked for.
    pub blueprint: Option<Blueprint>,
    /// The prices that estimates of cost are made by.
    pub prices: PriceTable,
    /// Findings that somebody accepts.
    pub accepted: Vec<Acceptance>,
    /// How many requests may run at the same time, 1 to 256.
    pub jobs: usize,
    /// Whether colour is allowed.
    pub color: bool,
    /// Where the log goes, if anywhere. The file is made when there is something to write.
    pub log_file: Option<PathBuf>,
    /// The endpoint of the demo, which serves as long as it is kept.
    #[cfg(feature = "sandbox")]
    pub demo: Option<super::demo::Demo>,
    /// Whom and what the demo's application says is alive, in files that last as long as it is kept.
    #[cfg(feature = "sandbox")]
    pub lists: Option<super::registries::Folder>,
}

#[cfg_attr(
    not(feature = "sandbox"),
    expect(clippy::unused_self, reason = "there is no demo to ask for")
)]
impl ConsoleRequest {
    /// Whether the console is to show the demo's endpoint.
    #[must_use]
    pub(crate) fn is_demo(&self) -> bool {
        #[cfg(feature = "sandbox")]
        return self.demo.is_some();
        #[cfg(not(feature = "sandbox"))]
        return false;
    }

    /// The folder of the demo's blueprints, a folder each.
    #[must_use]
    pub(crate) fn blueprints(&self) -> Option<PathBuf> {
        #[cfg(feature = "sandbox")]
        return self.lists.as_ref().map(|lists| lists.path().to_owned());
        #[cfg(not(feature = "sandbox"))]
        return None;
    }

    /// # Errors
    /// A blueprint or a table of prices that there is not (exit status 2).
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
