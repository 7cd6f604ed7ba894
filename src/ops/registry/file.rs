//! Reads a list from a file, or from standard input.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use chrono::{DateTime, Utc};

use super::{NoRegistry, Reading, shown};
use crate::aws::ProblemKind;
use crate::domain::advice::advice;
use crate::domain::blueprint::registry::ListFormat;
use crate::domain::registry::read::{Columns, text};
use crate::domain::registry::{Fault, Intake, Registry};

/// Reads the file of a list; `-` means standard input.
pub(super) async fn read(reading: &Reading<'_>) -> Result<Registry, NoRegistry> {
    let list = reading.list;
    let path = list.path.clone().unwrap_or_default();
    let from_input = path.as_os_str() == "-";
    let stated = if from_input {
        "standard input".to_owned()
    } else {
        shown(&path)
    };
    let format = list.format.unwrap_or_else(|| match list.delimiter {
        Some(_) => ListFormat::Csv,
        None => format_of(&path),
    });
    let mut columns = Columns::of(list);
    if columns.delimiter.is_none() && is_tabbed(&path) {
        columns.delimiter = Some(b'\t');
    }
    let mut intake = reading.intake(&stated);
    let (rows, cancel) = (reading.rows.clone(), reading.cancel.clone());
    // Reading blocks, on a pipe possibly for a long time. If this is cancelled, the thread is not awaited.
    let read = tokio::task::spawn_blocking(move || {
        let mut progress = |so_far| {
            rows.set(so_far);
            !cancel.is_cancelled()
        };
        let read = if from_input {
            let input = BufReader::with_capacity(1 << 16, std::io::stdin());
            text(input, format, &columns, &mut intake, &mut progress)
        } else {
            whole(&path, |source, intake| {
                text(source, format, &columns, intake, &mut progress)
            })(&mut intake)
        };
        read.map(|()| intake)
    })
    .await;
    match read {
        Ok(Ok(intake)) => reading.finish(intake, &stated),
        Ok(Err(fault)) => Err(reading.fault(&stated, fault)),
        Err(_) => Err(reading.unreachable(
            &stated,
            ProblemKind::Other,
            "the reading broke down",
            advice!("run it again, and report it when it happens again"),
        )),
    }
}

/// Reads a file to its end, and detects whether it was modified meanwhile: the result would be half of one list and
/// half of another.
fn whole<'f>(
    path: &'f PathBuf,
    read: impl FnOnce(Box<dyn BufRead>, &mut Intake) -> Result<(), Fault> + 'f,
) -> impl FnOnce(&mut Intake) -> Result<(), Fault> + 'f {
    move |intake| {
        let io = |error: std::io::Error| Fault::Io(error.to_string());
        let file = File::open(path).map_err(io)?;
        let before = written(&file);
        if let Some((at, _)) = before {
            intake.made_at(DateTime::<Utc>::from(at));
        }
        let source = BufReader::with_capacity(1 << 18, file.try_clone().map_err(io)?);
        read(Box::new(source), intake)?;
        if written(&file) != before {
            return Err(Fault::CutShort("it changed while it was read".to_owned()));
        }
        Ok(())
    }
}

/// Modification time and size of a file; `None` for other types, such as a pipe.
fn written(file: &File) -> Option<(SystemTime, u64)> {
    let metadata = file.metadata().ok().filter(std::fs::Metadata::is_file)?;
    Some((metadata.modified().ok()?, metadata.len()))
}

/// The default format, by the file name extension.
fn format_of(path: &Path) -> ListFormat {
    let end = path.extension().and_then(|end| end.to_str());
    match end.map(str::to_ascii_lowercase).as_deref() {
        Some("csv" | "tsv") => ListFormat::Csv,
        Some("json") => ListFormat::Json,
        Some("ndjson" | "jsonl") => ListFormat::Ndjson,
        _ => ListFormat::Lines,
    }
}

/// Whether a file with this name has tabs between fields.
fn is_tabbed(path: &Path) -> bool {
    let end = path.extension().and_then(|end| end.to_str());
    end.is_some_and(|end| end.eq_ignore_ascii_case("tsv"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_grows_while_it_is_read_is_no_list() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("users");
        std::fs::write(&path, "a\n").unwrap();
        let mut intake = Intake::new(
            crate::domain::registry::Subject::Owners,
            "a test",
            Utc::now(),
        );
        let grown = whole(&path, |_, _| {
            std::fs::write(&path, "a\nb\n").unwrap();
            Ok(())
        })(&mut intake);
        assert!(matches!(grown, Err(Fault::CutShort(_))), "{grown:?}");
        assert_eq!(whole(&path, |_, _| Ok(()))(&mut intake), Ok(()));
    }

    #[test]
    fn the_end_of_a_name_says_how_a_list_is_written() {
        for (name, format) in [
            ("users.CSV", ListFormat::Csv),
            ("users.jsonl", ListFormat::Ndjson),
            ("users.json", ListFormat::Json),
            ("users.txt", ListFormat::Lines),
            ("-", ListFormat::Lines),
        ] {
            assert_eq!(format_of(Path::new(name)), format, "{name}");
        }
    }
}
