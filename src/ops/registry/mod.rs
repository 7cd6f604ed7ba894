//! Reads registries: the lists of active users and keys, from the source in the blueprint.
//!
//! [`read`] takes a [`ReferenceList`] and returns a [`Registry`], or the reason why there is no usable one. Inside:
//! `file` (and standard input), `sql` (SQLite and PostgreSQL), `dynamodb`; the last two are cargo features. All of them
//! pass rows to an [`Intake`] one by one, so that memory contains the list only once. All record the time before they
//! request the first row.
//!
//! A list that was read is not yet reliable: [`trusted`] judges it, with the previous sizes from `sizes`.
//!
//! Reading changes nothing: a database is opened read-only with a single SELECT, and a table is scanned. Secrets come
//! from the environment or from a file that nobody else can read, and never appear in a message.

#[cfg(feature = "dynamodb")]
mod dynamodb;
mod file;
mod sizes;
#[cfg(feature = "sql")]
mod sql;
mod trust;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::Utc;
use tokio_util::sync::CancellationToken;

use crate::aws::{Aws, Meter, Problem, ProblemKind};
use crate::domain::advice::{Advice, advice};
use crate::domain::blueprint::ReferenceList;
use crate::domain::blueprint::registry::Source;
use crate::domain::registry::judge::Objection;
use crate::domain::registry::{Facts, Fault, Intake, Registry, Subject};

pub use trust::{Consulted, trusted};
pub(crate) use trust::{Trusted, note};

/// The number of rows read so far; clones share it.
#[derive(Debug, Clone, Default)]
pub struct RowCount(Arc<AtomicU64>);

impl RowCount {
    /// A counter at zero.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of rows; updated every few thousand, and exact at the end.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self, rows: u64) {
        self.0.store(rows, Ordering::Relaxed);
    }
}

/// Why there is no registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoRegistry {
    /// The kind of error.
    pub why: Why,
    /// The error for people.
    pub problem: Problem,
}

/// The kind of error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// The request is invalid: the blueprint's section, the query, the column.
    Asked,
    /// The list is unusable: empty, unreadable, truncated. Nothing overrides this.
    Unreliable(Fault),
    /// The list was read, but judged unreliable.
    Untrusted {
        /// The numbers of the list.
        facts: Box<Facts>,
        /// All reasons.
        objections: Vec<Objection>,
    },
    /// The list is unavailable: no such file, no connection, no permission.
    Unreachable,
    /// The caller cancelled it.
    Stopped,
}

impl Why {
    /// Whether it counts as a refusal: the list is unavailable or unreliable. An invalid or cancelled request does not
    /// count.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Unreliable(_) | Self::Untrusted { .. } | Self::Unreachable => true,
            Self::Asked | Self::Stopped => false,
        }
    }
}

/// Reads a list. `aws` is the connection for a DynamoDB table. The list must be [judged](trusted) before anything is
/// reported as gone.
///
/// # Errors
/// [`NoRegistry`], whose [`Why`] tells correctable errors from unreliable lists.
pub async fn read(
    list: &ReferenceList,
    subject: Subject,
    aws: &Aws,
    rows: &RowCount,
    meter: &Meter,
    cancel: &CancellationToken,
) -> Result<Registry, NoRegistry> {
    let reading = Reading {
        list,
        subject,
        aws,
        rows,
        meter,
        cancel,
    };
    let gaps = list.gaps();
    if !gaps.is_empty() {
        return Err(reading.asked("the blueprint", &gaps.join("; "), advice!("complete it")));
    }
    let read = async {
        match list.source {
            Some(Source::File) | None => file::read(&reading).await,
            Some(Source::Sql) => database(&reading).await,
            Some(Source::DynamoDb) => table(&reading).await,
        }
    };
    match cancel.run_until_cancelled(read).await {
        Some(read) => read,
        None => Err(reading.stopped()),
    }
}

#[cfg(feature = "sql")]
async fn database(reading: &Reading<'_>) -> Result<Registry, NoRegistry> {
    sql::read(reading).await
}

#[cfg(not(feature = "sql"))]
#[expect(clippy::unused_async, reason = "the other one waits")]
async fn database(reading: &Reading<'_>) -> Result<Registry, NoRegistry> {
    Err(reading.not_built("SQLite and PostgreSQL", "sql"))
}

#[cfg(feature = "dynamodb")]
async fn table(reading: &Reading<'_>) -> Result<Registry, NoRegistry> {
    dynamodb::read(reading).await
}

#[cfg(not(feature = "dynamodb"))]
#[expect(clippy::unused_async, reason = "the other one waits")]
async fn table(reading: &Reading<'_>) -> Result<Registry, NoRegistry> {
    Err(reading.not_built("DynamoDB", "dynamodb"))
}

/// The parameters of one reading.
struct Reading<'r> {
    list: &'r ReferenceList,
    subject: Subject,
    #[cfg_attr(
        not(feature = "dynamodb"),
        expect(dead_code, reason = "for tables alone")
    )]
    aws: &'r Aws,
    rows: &'r RowCount,
    #[cfg_attr(
        not(feature = "dynamodb"),
        expect(dead_code, reason = "for tables alone")
    )]
    meter: &'r Meter,
    cancel: &'r CancellationToken,
}

impl Reading<'_> {
    /// An empty list without a date, which the caller sets if it is known.
    fn intake(&self, stated: &str) -> Intake {
        let mut intake = Intake::new(self.subject, stated, Utc::now());
        intake.normalize(self.list.normalize.as_deref().unwrap_or_default());
        intake
    }

    /// An empty list, for a source that shows the current state: a database, a table.
    #[cfg(any(feature = "sql", feature = "dynamodb"))]
    fn live_intake(&self, stated: &str) -> Intake {
        let now = Utc::now();
        let mut intake = Intake::new(self.subject, stated, now);
        intake.made_at(now);
        intake.normalize(self.list.normalize.as_deref().unwrap_or_default());
        intake
    }

    /// Finishes the list, if it is valid.
    fn finish(&self, intake: Intake, stated: &str) -> Result<Registry, NoRegistry> {
        self.rows.set(intake.rows());
        intake.finish().map_err(|fault| self.fault(stated, fault))
    }

    /// Converts a fault to an error.
    fn fault(&self, stated: &str, fault: Fault) -> NoRegistry {
        match &fault {
            Fault::Stopped => self.stopped(),
            Fault::NoColumn(why) => self.asked(
                stated,
                why,
                advice!("name it as `column` (or `columns`, `owner_column`, `where`) in the blueprint, or on the command line"),
            ),
            Fault::Io(why) => self.unreachable(
                stated,
                ProblemKind::Other,
                why,
                advice!("check that it can be read by whoever runs this"),
            ),
            _ => NoRegistry {
                problem: self.problem(
                    stated,
                    ProblemKind::Malformed,
                    &fault.to_string(),
                    advice!("make the list again: what is missing from it would be taken for dead, and nothing overrules that"),
                ),
                why: Why::Unreliable(fault),
            },
        }
    }

    fn asked(&self, stated: &str, why: &str, advice: impl Into<Advice>) -> NoRegistry {
        NoRegistry {
            why: Why::Asked,
            problem: self.problem(stated, ProblemKind::Configuration, why, advice),
        }
    }

    fn unreachable(
        &self,
        stated: &str,
        kind: ProblemKind,
        why: &str,
        advice: impl Into<Advice>,
    ) -> NoRegistry {
        NoRegistry {
            why: Why::Unreachable,
            problem: self.problem(stated, kind, why, advice),
        }
    }

    fn stopped(&self) -> NoRegistry {
        NoRegistry {
            why: Why::Stopped,
            problem: Problem::cancelled(self.attempted(), ""),
        }
    }

    #[cfg(not(all(feature = "sql", feature = "dynamodb")))]
    fn not_built(&self, what: &str, feature: &str) -> NoRegistry {
        self.asked(
            "the blueprint",
            &format!("this program was built without {what}"),
            advice!("build it with the feature `{feature}`, or give the list as a file"),
        )
    }

    fn problem(
        &self,
        stated: &str,
        kind: ProblemKind,
        why: &str,
        advice: impl Into<Advice>,
    ) -> Problem {
        Problem::new(self.attempted(), stated, kind, why, advice)
    }

    fn attempted(&self) -> String {
        format!("read the list of living {} from", self.subject.plural())
    }
}

/// A path for people, with the folder to which it is relative.
fn shown(path: &Path) -> String {
    std::path::absolute(path)
        .unwrap_or_else(|_| path.to_owned())
        .display()
        .to_string()
}
