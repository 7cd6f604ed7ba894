//! The audit log: a hash chain of every change, written before and after it is made.
//!
//! Each line is a JSON object with its own hash and the hash of the previous line. A removed, changed or inserted line
//! is therefore detectable. Lines contain case ids, buckets and numbers, but no user ids and no keys.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::store::{Create, append_lines, open_log};
use crate::config::private;
use crate::domain::receipt::canonical;

/// The previous hash of the first line.
pub(super) const NOTHING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Its name in the state folder.
pub(super) const FILE: &str = "audit.jsonl";

/// Much longer than any line.
const LONGEST_LINE: u64 = 1 << 16;

/// The audit log.
#[derive(Debug, Clone)]
pub struct Audit {
    path: PathBuf,
}

/// A line of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: DateTime<Utc>,
    /// The case id of the change.
    pub case: String,
    /// The event: `purge-began`, `batch-sent`, `batch-answered`, `purge-stopped`, `purge-verified`.
    pub event: String,
    /// Numbers and buckets.
    pub detail: Map<String, Value>,
    /// The hash of the previous line.
    pub previous: String,
    /// SHA-256 of this line as canonical JSON with an empty `hash`.
    pub hash: String,
}

impl Entry {
    /// Sets the hash.
    pub(super) fn hashed(mut self) -> io::Result<Self> {
        self.hash = String::new();
        self.hash = canonical::digest(&canonical::text(&self)?);
        Ok(self)
    }
}

impl Audit {
    pub(super) fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Opens the log of a state folder, which is created if missing. For changes without a plan, such as those of a
    /// smoke test.
    ///
    /// # Errors
    /// I/O errors; also if the folder is a symbolic link.
    pub fn of(state: &Path) -> io::Result<Self> {
        private::create_folder(state)?;
        Ok(Self::at(state.join(FILE)))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Appends a line and syncs it to disk. Returns its hash, the new head of the chain.
    ///
    /// # Errors
    /// I/O errors.
    pub fn append(&self, case: &str, event: &str, detail: Value) -> io::Result<String> {
        self.append_all(case, [(event, detail)])
    }

    /// Appends a line for each event in one write and syncs them to disk. Returns the new head of the chain.
    ///
    /// # Errors
    /// I/O errors.
    pub fn append_all<'e>(
        &self,
        case: &str,
        events: impl IntoIterator<Item = (&'e str, Value)>,
    ) -> io::Result<String> {
        let mut file = open_log(&self.path, Create::Missing)?;
        file.lock()?;
        let mut head = head_of(last_line(&mut file)?.as_deref());
        let mut lines = Vec::new();
        for (event, detail) in events {
            let detail = match detail {
                Value::Object(detail) => detail,
                _ => Map::new(),
            };
            let entry = Entry {
                at: Utc::now(),
                case: case.to_owned(),
                event: event.to_owned(),
                detail,
                previous: head,
                hash: String::new(),
            }
            .hashed()?;
            lines.push(canonical::text(&entry)?);
            head = entry.hash;
        }
        append_lines(&mut file, &lines)?;
        Ok(head)
    }

    /// The hash of the last line.
    ///
    /// # Errors
    /// I/O errors.
    pub fn head(&self) -> io::Result<String> {
        let mut file = open_log(&self.path, Create::Missing)?;
        Ok(head_of(last_line(&mut file)?.as_deref()))
    }

    /// Reads the whole log and checks the chain.
    ///
    /// # Errors
    /// The number of the first invalid line, from 1, or an I/O error.
    pub fn check(&self) -> io::Result<Vec<Entry>> {
        let file = open_log(&self.path, Create::Missing)?;
        let mut entries: Vec<Entry> = Vec::new();
        let mut head = NOTHING.to_owned();
        for (line, number) in BufReader::new(file).lines().zip(1..) {
            let broken =
                || io::Error::other(format!("line {number} of the audit log does not hold"));
            let entry: Entry = serde_json::from_str(&line?).map_err(|_| broken())?;
            let again = entry.clone().hashed()?;
            if entry.previous != head || again.hash != entry.hash {
                return Err(broken());
            }
            head.clone_from(&entry.hash);
            entries.push(entry);
        }
        Ok(entries)
    }
}

fn head_of(line: Option<&str>) -> String {
    let entry = line.and_then(|line| serde_json::from_str::<Entry>(line).ok());
    match (line, entry) {
        (_, Some(entry)) => entry.hash,
        // A power failure truncated this line. The next line refers to the hash of the rest, and the check reports it.
        (Some(line), None) => canonical::digest(line),
        (None, None) => NOTHING.to_owned(),
    }
}

fn last_line(file: &mut File) -> io::Result<Option<String>> {
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LONGEST_LINE)))?;
    let mut end = Vec::new();
    file.read_to_end(&mut end)?;
    let text = String::from_utf8_lossy(&end);
    let last = text.trim_end_matches('\n').rsplit('\n').next();
    Ok(last.filter(|line| !line.is_empty()).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lines_that_are_written_together_are_a_chain_like_those_written_one_by_one() {
        let home = tempfile::tempdir().unwrap();
        let audit = Audit::at(home.path().join("audit.jsonl"));
        audit.append("case", "purge-began", json!({})).unwrap();
        let events = (0..3).map(|n| ("batch-sent", json!({ "batch": n })));
        let head = audit.append_all("case", events).unwrap();
        assert_eq!(audit.head().unwrap(), head);
        // The power failed while the last line was being written.
        let whole = std::fs::read_to_string(&audit.path).unwrap();
        let entries = audit.check().unwrap();
        let batches = entries.iter().filter_map(|entry| entry.detail.get("batch"));
        assert_eq!(
            batches.collect::<Vec<_>>(),
            [&json!(0), &json!(1), &json!(2)]
        );
        std::fs::write(&audit.path, &whole[..whole.len() - 9]).unwrap();
        audit.append("case", "purge-stopped", json!({})).unwrap();
        let error = audit.check().unwrap_err().to_string();
        assert!(error.contains("line 4 "), "{error}");
    }

    #[test]
    fn a_line_that_was_changed_taken_out_or_put_in_shows() {
        let home = tempfile::tempdir().unwrap();
        let audit = Audit::at(home.path().join("audit.jsonl"));
        assert_eq!(audit.head().unwrap(), NOTHING);
        let mut heads = Vec::new();
        for n in 0..4 {
            heads.push(
                audit
                    .append("case", "batch-sent", json!({ "items": n }))
                    .unwrap(),
            );
        }
        assert_eq!(audit.head().unwrap(), heads[3]);
        assert_eq!(audit.check().unwrap().len(), 4);
        let whole = std::fs::read_to_string(&audit.path).unwrap();
        let lines: Vec<&str> = whole.lines().collect();
        for (damaged, line) in [
            (whole.replace("\"items\":1", "\"items\":7"), 2),
            ([lines[0], lines[2], lines[3]].join("\n"), 2),
            ([lines[0], lines[0], lines[1]].join("\n"), 2),
            ([lines[0], "{\"at\":", lines[1]].join("\n"), 2),
        ] {
            std::fs::write(&audit.path, damaged).unwrap();
            let error = audit.check().unwrap_err().to_string();
            assert!(error.contains(&format!("line {line} ")), "{error}");
        }
    }
}
