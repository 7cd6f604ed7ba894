//! `s3warden blueprint`: lists the built-in blueprints, or checks a file.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde::Serialize;

use super::formats::{Column, Document, Record};
use super::session::Session;
use super::{ExitStatus, Failure};
use crate::domain::blueprint::{Blueprint, Problem, Severity};
use crate::domain::words;

/// What to do with blueprints.
#[derive(Debug, Clone, Subcommand)]
pub enum BlueprintCommand {
    /// List the built-in blueprints and the buckets they name
    List,
    /// Check a blueprint: every error with its line, every doubt with both names
    ///
    /// Exits with status 2 when the file is no blueprint, and with 3 when it is one and something about it is doubtful.
    Check {
        /// The blueprint, a TOML file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

const SCHEMA: &str = "s3warden/blueprint/1";

pub(super) fn run<W: Write>(
    command: &BlueprintCommand,
    session: &Session,
    output: W,
) -> Result<ExitStatus, Failure> {
    match command {
        BlueprintCommand::List => print_list(session, output),
        BlueprintCommand::Check { file } => print_report(&check(file), session, output),
    }
}

fn print_list<W: Write>(session: &Session, output: W) -> Result<ExitStatus, Failure> {
    #[derive(Serialize)]
    struct Totals {
        blueprints: usize,
    }
    let rows = list();
    let mut document = Document::begin::<BlueprintRow>(session.look(), SCHEMA, output)?;
    for row in &rows {
        document.item(row)?;
    }
    let blueprints = rows.len();
    document.end(&Totals { blueprints }, &[])?;
    Ok(ExitStatus::Done)
}

fn print_report<W: Write>(
    report: &CheckReport,
    session: &Session,
    output: W,
) -> Result<ExitStatus, Failure> {
    #[derive(Serialize)]
    struct Totals {
        usable: bool,
        problems: usize,
    }
    let mut document = Document::begin::<ProblemRow<'_>>(session.look(), SCHEMA, output)?;
    for problem in &report.problems {
        document.item(&ProblemRow {
            file: &report.source,
            severity: problem.severity.to_string(),
            line: problem.line,
            message: &problem.message,
            in_words: report.line(problem),
        })?;
    }
    let totals = Totals {
        usable: !report.is_unusable(),
        problems: report.problems.len(),
    };
    document.end(&totals, &[])?;
    if let Some(blueprint) = &report.blueprint {
        session.reporter().note(&format!(
            "{}: blueprint {}, {}, {}",
            report.source,
            blueprint.name,
            words::counted(blueprint.buckets.len(), "bucket"),
            words::counted(report.problems.len(), "problem")
        ));
    }
    Ok(match (report.is_unusable(), report.problems.is_empty()) {
        (true, _) => ExitStatus::Usage,
        (false, false) => ExitStatus::Found,
        (false, true) => ExitStatus::Done,
    })
}

/// One row of `s3warden blueprint list`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct BlueprintRow {
    pub name: String,
    pub description: String,
    pub buckets: Vec<String>,
    /// The number of layouts in all buckets.
    pub layouts: usize,
}

impl Record for BlueprintRow {
    const FIELDS: &'static [&'static str] = &["name", "description", "buckets", "layouts"];
    const COLUMNS: &'static [Column] = &[
        Column::words("NAME", 12),
        Column::numbers("LAYOUTS", 7),
        Column::words("BUCKETS", 0),
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.name.clone(),
            self.layouts.to_string(),
            self.buckets.join(", "),
        ]
    }
}

/// One row of `s3warden blueprint check`.
#[derive(Serialize)]
struct ProblemRow<'a> {
    file: &'a str,
    severity: String,
    line: Option<usize>,
    message: &'a str,
    #[serde(skip)]
    in_words: String,
}

impl Record for ProblemRow<'_> {
    const FIELDS: &'static [&'static str] = &["file", "severity", "line", "message"];
    const COLUMNS: &'static [Column] = &[Column::words("PROBLEM", 0)];

    fn cells(&self) -> Vec<String> {
        vec![self.in_words.clone()]
    }
}

/// The result of `s3warden blueprint check FILE`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CheckReport {
    /// The path as typed.
    pub source: String,
    /// The blueprint, if valid, with its base merged in.
    pub blueprint: Option<Blueprint>,
    /// Errors (the file is invalid) or warnings (it is valid, but may not do what was intended).
    pub problems: Vec<Problem>,
}

impl CheckReport {
    /// Whether the file is not a valid blueprint: exit status 2.
    #[must_use]
    pub(crate) fn is_unusable(&self) -> bool {
        self.blueprint.is_none()
    }

    /// `FILE, line N: error: …`, or without a line if no single one is the cause.
    #[must_use]
    pub(crate) fn line(&self, problem: &Problem) -> String {
        let Problem {
            severity,
            line,
            message,
        } = problem;
        match line {
            Some(line) => format!("{}, line {line}: {severity}: {message}", self.source),
            None => format!("{}: {severity}: {message}", self.source),
        }
    }
}

#[must_use]
pub(crate) fn list() -> Vec<BlueprintRow> {
    Blueprint::builtin_names()
        .iter()
        .filter_map(|name| Blueprint::builtin(name))
        .map(|blueprint| BlueprintRow {
            layouts: blueprint
                .buckets
                .iter()
                .map(|bucket| bucket.layouts.len())
                .sum(),
            buckets: blueprint
                .buckets
                .iter()
                .map(|bucket| bucket.name.to_string())
                .collect(),
            description: blueprint.description.unwrap_or_default(),
            name: blueprint.name,
        })
        .collect()
}

/// Reads and checks a file.
#[must_use]
pub(crate) fn check(path: &Path) -> CheckReport {
    let source = path.display().to_string();
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            let message =
                format!("it cannot be read: {error}; expected a TOML file of a blueprint");
            let problem = Problem {
                severity: Severity::Error,
                line: None,
                message,
            };
            return CheckReport {
                source,
                blueprint: None,
                problems: vec![problem],
            };
        }
    };
    match Blueprint::parse(&source, &text) {
        Ok(blueprint) => CheckReport {
            source,
            problems: blueprint.warnings(),
            blueprint: Some(blueprint),
        },
        Err(error) => {
            let fault = |fault: crate::domain::blueprint::Fault| Problem {
                severity: Severity::Error,
                line: fault.line,
                message: fault.message,
            };
            let problems = error.faults.into_iter().map(fault).collect();
            CheckReport {
                source,
                blueprint: None,
                problems,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn all_five_systems_are_listed() {
        let names: Vec<String> = list().into_iter().map(|row| row.name).collect();
        assert_eq!(
            names,
            ["game", "infinite", "leadfactory", "pilotforce", "quikapp"]
        );
        assert!(
            list()
                .iter()
                .all(|row| row.layouts > 0 && row.buckets.len() > 1 && !row.description.is_empty())
        );
    }

    #[test]
    fn a_file_that_is_not_there_is_a_problem_and_no_panic() {
        let report = check(Path::new("/nowhere/at/all.toml"));
        assert!(report.is_unusable());
        assert!(
            report
                .line(&report.problems[0])
                .starts_with("/nowhere/at/all.toml: error: it cannot be read")
        );
    }

    #[test]
    fn a_file_is_checked_and_its_problems_name_their_lines() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"version = 1\nname = \"x\"\nextend = \"game\"\n")
            .unwrap();
        let report = check(file.path());
        assert!(report.is_unusable());
        assert!(
            report
                .line(&report.problems[0])
                .contains(", line 3: error: unknown field `extend`")
        );

        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"version = 1\nname = \"x\"\nextends = \"game\"\n")
            .unwrap();
        let report = check(file.path());
        assert!(
            !report.is_unusable() && report.problems.is_empty(),
            "{report:?}"
        );
    }

    #[test]
    fn a_file_that_is_not_text_is_a_problem_and_no_panic() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&[0xff, 0xfe, 0x00]).unwrap();
        assert!(check(file.path()).is_unusable());
    }
}
