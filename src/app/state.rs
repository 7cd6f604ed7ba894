//! Everything the console shows, as plain data.

use std::sync::Arc;

use chrono::{DateTime, FixedOffset, Utc};

use super::keymap::{Chord, Keymap, Place};
use super::overlay::Overlay;
use super::scans::Scans;
use super::screens::audit_log::AuditLog;
use super::screens::browse::Browse;
use super::screens::bucket_state::BucketState;
use super::screens::buckets::{AllBuckets, BucketColumn, BucketRow};
use super::screens::orphans::Orphans;
use super::screens::presign::Presign;
use super::screens::purge::Purge;
use super::screens::tasks::{TaskColumn, TaskRow};
use super::screens::{Component, Screen};
use super::slots::Slots;
use super::table::Table;
use crate::aws::{Identity, Problem};
use crate::domain::S3Uri;
use crate::domain::blueprint::Blueprint;
use crate::domain::prices::PriceTable;
use crate::tasks::Connection;

/// A list that is fetched from the service, and how far that is.
#[derive(Debug, Clone, Default)]
pub(crate) enum Load {
    /// Nothing was asked yet.
    #[default]
    Idle,
    /// It is on its way.
    Loading,
    /// All of it is here.
    Complete,
    /// A part of it is here and nothing went wrong: more can be asked for.
    Partial,
    /// It was stopped by a person.
    Stopped,
    /// It failed; what came before the failure is here.
    Failed(Arc<Problem>),
}

impl Load {
    /// Whether more is on its way.
    #[must_use]
    pub(crate) fn is_loading(&self) -> bool {
        matches!(self, Self::Loading)
    }
}

/// A few words at the bottom that go away by themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Toast {
    pub words: String,
    /// Whether something went wrong.
    pub is_error: bool,
    /// When it goes away.
    pub until: DateTime<Utc>,
}

/// Who we are, as far as it is known.
#[derive(Debug, Clone, Default)]
pub(crate) enum Who {
    /// Not answered yet.
    #[default]
    Pending,
    /// STS said so.
    Known(Identity),
    /// It could not be learnt.
    Unknown,
}

/// What the console starts with.
#[derive(Debug, Clone)]
pub(crate) struct Start {
    /// The terminal's size in columns and rows.
    pub size: (u16, u16),
    /// The time.
    pub now: DateTime<Utc>,
    /// The offset of local time, in which times are shown.
    pub offset: FixedOffset,
    /// Whether changes are allowed at all.
    pub write: bool,
    /// The profile to connect with.
    pub profile: Option<String>,
    /// The blueprint that was asked for by name.
    pub blueprint: Option<Blueprint>,
    /// Where to begin.
    pub at: Option<S3Uri>,
    /// Whether this is the demo, on the sandbox.
    pub demo: bool,
    /// Where the log is, for those who have to explain a failure.
    pub log: Option<String>,
    /// The prices that estimates of cost are made by.
    pub prices: Option<Arc<PriceTable>>,
    /// Where chance begins, for the UUIDs of keys that are made up.
    pub seed: u64,
}

/// Everything the console shows.
#[derive(Debug)]
pub(crate) struct State {
    /// The terminal's size in columns and rows.
    pub size: (u16, u16),
    /// The time of the last message.
    pub now: DateTime<Utc>,
    /// The offset of local time.
    pub offset: FixedOffset,
    /// Whether changes are allowed at all.
    pub write: bool,
    /// Whether this is the demo.
    pub demo: bool,
    /// Where the log is.
    pub log: Option<String>,
    /// What the console is connected to, once it is.
    pub connection: Option<Connection>,
    /// The profile that was asked for last.
    pub profile: Option<String>,
    /// Who we are.
    pub who: Who,
    /// The screen that is shown.
    pub screen: Screen,
    pub buckets: Table<BucketRow>,
    /// How far the list of buckets is.
    pub buckets_load: Load,
    /// The buckets together.
    pub fleet: AllBuckets,
    /// The bucket that is browsed.
    pub browse: Option<Browse>,
    /// The bucket of the State screen.
    pub bucket: Option<Box<BucketState>>,
    /// Blueprints that the demo brings along: they say who and what is alive there.
    pub blueprints: Vec<Blueprint>,
    /// The search for orphans.
    pub orphans: Orphans,
    /// The purge of a user.
    pub purge: Purge,
    pub audit_log: AuditLog,
    /// The prices that estimates of cost are made by.
    pub prices: Option<Arc<PriceTable>>,
    /// The scans of this session.
    pub scans: Scans,
    /// The blueprint that was asked for by name.
    pub blueprint: Option<Blueprint>,
    /// The workbench for pre-signed URLs.
    pub presign: Presign,
    /// What runs and what ran.
    pub tasks: Table<TaskRow>,
    /// What lies over the screen.
    pub overlay: Option<Overlay>,
    /// The last few words at the bottom.
    pub toast: Option<Toast>,
    /// The last problem, for who wants it explained.
    pub last_problem: Option<Arc<Problem>>,
    /// The keys.
    pub keymap: Arc<Keymap>,
    /// The beginning of a key sequence.
    pub typed: Vec<Chord>,
    /// Tickets.
    pub slots: Slots,
    /// Where to go once there is a connection.
    pub(super) at: Option<S3Uri>,
}

impl State {
    /// The screen that is shown.
    #[must_use]
    pub(crate) fn component(&self) -> &'static dyn Component {
        self.screen.component()
    }

    /// Whose keys hold now.
    #[must_use]
    pub(crate) fn keys(&self) -> Place {
        self.component().keys(self)
    }

    /// A console that has asked for nothing yet.
    #[must_use]
    pub(crate) fn new(start: Start, keymap: Arc<Keymap>) -> Self {
        Self {
            size: start.size,
            now: start.now,
            offset: start.offset,
            write: start.write,
            demo: start.demo,
            log: start.log,
            connection: None,
            profile: start.profile,
            who: Who::Pending,
            screen: Screen::Buckets,
            buckets: Table::sorted_by(BucketColumn::Name, false),
            buckets_load: Load::Idle,
            fleet: AllBuckets::default(),
            browse: None,
            bucket: None,
            blueprints: Vec::new(),
            orphans: Orphans::default(),
            purge: Purge::default(),
            audit_log: AuditLog::default(),
            prices: start.prices,
            scans: Scans::default(),
            presign: Presign::new(start.blueprint.clone(), start.seed),
            blueprint: start.blueprint,
            tasks: Table::sorted_by(TaskColumn::Since, true),
            overlay: None,
            toast: None,
            last_problem: None,
            keymap,
            typed: Vec::new(),
            slots: Slots::default(),
            at: start.at,
        }
    }

    /// How many jobs run.
    #[must_use]
    pub(crate) fn running(&self) -> usize {
        self.tasks
            .source()
            .iter()
            .filter(|task| task.is_running())
            .count()
    }

    /// Whether something on the screen counted down to its end at this time: then the next second shows another number.
    #[must_use]
    pub(crate) fn counts_down(&self, then: DateTime<Utc>) -> bool {
        self.component().counts_down(self, then)
    }

    /// A time as it stands on the clock here.
    #[must_use]
    pub(crate) fn local(&self, time: DateTime<Utc>) -> DateTime<FixedOffset> {
        time.with_timezone(&self.offset)
    }
}
