//! Writes down what is about to be sent and what was answered, in the journal and in the audit log.
//!
//! Bringing a line to the disk takes milliseconds, and there are four for each batch. So one thread writes for all
//! batches that are under way: what comes while it waits for the disk is written next, all of it together. Whoever hands
//! in a line goes on when that line is on the disk, in both files, and not before.

use std::io;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};

use serde_json::Value;
use tokio::sync::oneshot;

use super::super::audit::Audit;
use super::super::journal::{Journal, Line, Writer};

/// What is said of a batch, once for each file.
pub(super) struct Entry {
    pub(super) line: Line,
    pub(super) event: &'static str,
    pub(super) detail: Value,
}

/// The way to the thread that writes.
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
    /// Begins to write.
    pub(super) fn open(journal: &Journal, audit: Audit, case: &str) -> io::Result<Self> {
        let files = Files {
            journal: journal.writer()?,
            audit,
            case: case.to_owned(),
        };
        // There is at most one entry for each batch that is under way.
        let (queue, inbox) = mpsc::channel();
        let thread = thread::Builder::new().name("ledger".to_owned());
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread.spawn(move || keep(files, &inbox))?),
        })
    }

    /// Writes an entry, on the disk when it returns.
    pub(super) async fn write(&self, entry: Entry) -> io::Result<()> {
        let ended = || io::Error::other("nothing writes it down any more");
        let (written, told) = oneshot::channel();
        let waiting = Waiting { entry, written };
        let queue = self.queue.as_ref().ok_or_else(ended)?;
        queue.send(waiting).map_err(|_| ended())?;
        told.await.map_err(|_| ended())?
    }
}

/// Whoever begins with the same plan afterwards finds the journal closed: that takes as long as one write.
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
            // Whoever does not wait any more was stopped with the purge.
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
