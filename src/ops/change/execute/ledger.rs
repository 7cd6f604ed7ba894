//! Writes requests and responses to the journal and to the audit log.
//!
//! Syncing a line to disk takes milliseconds, and each batch needs four lines. One thread therefore writes for all
//! batches: entries that arrive while it waits for the disk are written together next. A caller continues only when its
//! line is on disk in both files.

use std::io;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};

use serde_json::Value;
use tokio::sync::oneshot;

use super::super::audit::Audit;
use super::super::journal::{Journal, Line, Writer};

/// The lines for a batch, one for each file.
pub(super) struct Entry {
    pub(super) line: Line,
    pub(super) event: &'static str,
    pub(super) detail: Value,
}

/// The channel to the writer thread.
pub(super) struct Ledger {
    queue: Option<Sender<Waiting>>,
    thread: Option<JoinHandle<()>>,
}

struct Waiting {
    entry: Entry,
    written: oneshot::Sender<io::Result<()>>,
}

struct Files {
    journal: Writer,
    audit: Audit,
    case: String,
}

impl Ledger {
    /// Starts the writer thread.
    pub(super) fn open(journal: &Journal, audit: Audit, case: &str) -> io::Result<Self> {
        let files = Files {
            journal: journal.writer()?,
            audit,
            case: case.to_owned(),
        };
        // The queue has at most one entry per batch in progress.
        let (queue, inbox) = mpsc::channel();
        let thread = thread::Builder::new().name("ledger".to_owned());
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread.spawn(move || keep(files, &inbox))?),
        })
    }

    /// Writes an entry; returns when it is on disk.
    pub(super) async fn write(&self, entry: Entry) -> io::Result<()> {
        let ended = || io::Error::other("nothing writes it down any more");
        let (written, told) = oneshot::channel();
        let waiting = Waiting { entry, written };
        let queue = self.queue.as_ref().ok_or_else(ended)?;
        queue.send(waiting).map_err(|_| ended())?;
        told.await.map_err(|_| ended())?
    }
}

/// Waits for the writer thread, so that a later run of the same plan finds the journal closed. That takes at most one
/// write.
impl Drop for Ledger {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn keep(mut files: Files, inbox: &Receiver<Waiting>) {
    while let Ok(first) = inbox.recv() {
        let group: Vec<Waiting> = std::iter::once(first).chain(inbox.try_iter()).collect();
        let (entries, told): (Vec<Entry>, Vec<_>) = group
            .into_iter()
            .map(|waiting| (waiting.entry, waiting.written))
            .unzip();
        let outcome = files.write(entries);
        for written in told {
            let again = |error: &io::Error| io::Error::new(error.kind(), error.to_string());
            // A caller that no longer waits was stopped together with the purge.
            let _ = written.send(outcome.as_ref().copied().map_err(again));
        }
    }
}

impl Files {
    fn write(&mut self, entries: Vec<Entry>) -> io::Result<()> {
        self.journal
            .append(entries.iter().map(|entry| &entry.line))?;
        let events = entries.into_iter().map(|entry| (entry.event, entry.detail));
        self.audit.append_all(&self.case, events).map(drop)
    }
}
