//! Reading registries: who and what is alive, from wherever the blueprint says.
//!
//! [`read`] takes a [`ReferenceList`] and gives a [`Registry`], or says why there is none that can be relied on.
//! Inside: `file` (and standard input), `sql` (SQLite and PostgreSQL), `dynamodb`; the last two are cargo features. What
//! they have in common is that the rows go into an [`Intake`] one by one, so that memory holds the list once, and that
//! the time is taken before the first of them is asked for.
//!
//! What is read is not yet to be relied on: [`trusted`] has it judged, with what `sizes` keeps of the last reading.
//!
//! Reading changes nothing: a database is opened read-only and asked one SELECT, a table is scanned. Secrets come from
//! the environment or from a file that nobody else can read, and are part of no message.

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

/// How many rows were read so far; clones count together.
#[derive(Debug, Clone, Default)]
pub struct RowCount(Arc<AtomicU64>);

impl RowCount {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many so far; exact at the end, every few thousand until then.
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
    /// What sort of failure it is.
    pub why: Why,
    /// In words.
    pub problem: Problem,
}

/// What sort of failure there is no registry for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// What was asked for cannot be: the blueprint's part, the query, the column.
    Asked,
    /// The list could be reached, and cannot be relied on: empty, unreadable, cut short. Nothing overrules that.
    Unreliable(Fault),
    /// The list was read, and the judge has something against it.
    Untrusted {
        /// What was read.
        facts: Box<Facts>,
        /// Every reason against it.
        objections: Vec<Objection>,
    },
    /// The list could not be had: no such file, no connection, no permission.
    Unreachable,
    /// Whoever asked for it wants it no more.
    Stopped,
}

impl Why {
    /// Whether it is a refusal: there is a list to go by, and it cannot be relied on or had. What was asked for wrongly, or
    /// stopped, is none.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Unreliable(_) | Self::Untrusted { .. } | Self::Unreachable => true,
            Self::Asked | Self::Stopped => false,
        }
    }
}

/// Reads a list. `aws` is whose table it is when it is one. Nothing is to be called gone by it before it was
/// [judged](trusted).
///
/// # Errors
/// [`NoRegistry`], whose [`Why`] tells what can be corrected from what cannot be relied on.
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

/// One reading of one list.
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
    /// A list without rows; it is read from now on.
    fn intake(&self, stated: &str) -> Intake {
        let mut intake = Intake::new(self.subject, stated, Utc::now());
        intake.normalize(self.list.normalize.as_deref().unwrap_or_default());
        intake
    }

    /// The same of what is asked now and says how things stand now: a database, a table.
    #[cfg(any(feature = "sql", feature = "dynamodb"))]
    fn live_intake(&self, stated: &str) -> Intake {
        let now = Utc::now();
        let mut intake = Intake::new(self.subject, stated, now);
        intake.made_at(now);
        intake.normalize(self.list.normalize.as_deref().unwrap_or_default());
        intake
    }

    /// The list, when what was taken in is one.
    fn finish(&self, intake: Intake, stated: &str) -> Result<Registry, NoRegistry> {
        self.rows.set(intake.rows());
        intake.finish().map_err(|fault| self.fault(stated, fault))
    }

    /// A fault of the list, in words.
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

/// A path in words: with the folder that it is relative to, when it is.
fn shown(path: &Path) -> String {
    std::path::absolute(path)
        .unwrap_or_else(|_| path.to_owned())
        .display()
        .to_string()
}
