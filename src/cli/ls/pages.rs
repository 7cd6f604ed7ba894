//! Lists one level of keys and prints each page as it arrives.

use std::io::Write;

use super::Totals;
use super::predict::Predictor;
use super::rows::{ObjectEntry, ObjectRow, PrefixRow, VersionEntry, VersionRow};
use crate::aws::{Aws, Problem, ProblemKind};
use crate::cli::Failure;
use crate::cli::formats::{Document, Note};
use crate::cli::session::{Interruption, Session};
use crate::domain::advice::advice;
use crate::domain::words::counted;
use crate::domain::{ListingOrder, ObjectSummary, ObjectVersion, S3Uri};
use crate::ops::Meter;
use crate::ops::browse::{self, ListRequest, Start, VersionsRequest};
use crate::ops::coverage::undecided_keys;

/// A listing in progress.
pub(super) struct Lister<'a, W: Write> {
    pub(super) session: &'a Session,
    pub(super) aws: &'a Aws,
    pub(super) uri: &'a S3Uri,
    pub(super) meter: Meter,
    /// Gaps of the listing without an error: the output is then incomplete.
    pub(super) gaps: Vec<Note>,
    versions: bool,
    document: Document<W>,
    predictor: Predictor,
    totals: Totals,
    undated: u64,
}

impl<'a, W: Write> Lister<'a, W> {
    pub(super) fn new(
        session: &'a Session,
        aws: &'a Aws,
        uri: &'a S3Uri,
        versions: bool,
        document: Document<W>,
        (meter, predictor): (Meter, Predictor),
    ) -> Self {
        let zero = |wanted: bool| wanted.then_some(0);
        Self {
            session,
            aws,
            uri,
            versions,
            meter,
            gaps: Vec::new(),
            document,
            predictor,
            totals: Totals {
                objects: zero(!versions),
                versions: zero(versions),
                delete_markers: zero(versions),
                ..Totals::default()
            },
            undated: 0,
        }
    }

    /// Lists one level below the prefix. Returns why it ended early, if it did.
    ///
    /// # Errors
    /// I/O errors of the output; errors of S3 are an [`Interruption`].
    pub(super) async fn one_level(&mut self) -> Result<Option<Interruption>, Failure> {
        if self.versions {
            self.version_pages().await
        } else {
            self.object_pages().await
        }
    }

    async fn object_pages(&mut self) -> Result<Option<Interruption>, Failure> {
        let mut request = ListRequest::folder(self.uri.bucket.clone(), &self.uri.prefix);
        let mut order = ListingOrder::of(&self.uri.bucket);
        loop {
            let asked = browse::page(self.aws, &request, &self.meter);
            let page = match self.session.ask(asked).await {
                Ok(page) => page,
                Err(cut) => return Ok(Some(cut)),
            };
            self.mind_undecided(page.undecided);
            if !order.goes_on(&page.prefixes, page.items.iter().map(object_key)) {
                return Ok(Some(self.out_of_order()));
            }
            for (prefix, object) in in_order(&page.prefixes, &page.items, object_key) {
                if let Some(prefix) = prefix {
                    self.print_prefix(prefix)?;
                }
                if let Some(object) = object {
                    self.print_object(object)?;
                }
            }
            self.flush()?;
            match page.next {
                Some(next) => request.start = Start::Next(next),
                None => return Ok(None),
            }
        }
    }

    async fn version_pages(&mut self) -> Result<Option<Interruption>, Failure> {
        let mut request = VersionsRequest::folder(self.uri.bucket.clone(), &self.uri.prefix);
        let mut order = ListingOrder::of(&self.uri.bucket);
        loop {
            let asked = browse::versions(self.aws, &request, &self.meter);
            let page = match self.session.ask(asked).await {
                Ok(page) => page,
                Err(cut) => return Ok(Some(cut)),
            };
            self.mind_undecided(page.undecided);
            if !order.goes_on_with_versions(&page.prefixes, &page.items) {
                return Ok(Some(self.out_of_order()));
            }
            for (prefix, version) in in_order(&page.prefixes, &page.items, version_key) {
                if let Some(prefix) = prefix {
                    self.print_prefix(prefix)?;
                }
                if let Some(version) = version {
                    self.print_version(version)?;
                }
            }
            self.flush()?;
            match page.next {
                Some(next) => request.start = Start::Next(next),
                None => return Ok(None),
            }
        }
    }

    /// Reports once that some keys may differ from the printed ones.
    fn mind_undecided(&mut self, keys: usize) {
        let gap = undecided_keys(&self.uri.bucket);
        if keys > 0 && self.gaps.iter().all(|note| note.what != gap.what) {
            self.gaps.push(Note {
                what: gap.what,
                why: gap.why,
            });
        }
    }

    /// The error of a page that does not follow the previous one.
    fn out_of_order(&self) -> Interruption {
        Interruption::Failed(Problem::new(
            "list what is in",
            self.uri.to_string(),
            ProblemKind::Malformed,
            "the server went back to keys that it had already listed or passed, so that the listing may never end",
            advice!("what was printed is incomplete; list a longer prefix instead"),
        ))
    }

    fn print_prefix(&mut self, prefix: &str) -> Result<(), Failure> {
        self.totals.prefixes += 1;
        let row = PrefixRow::new(&self.uri.bucket, prefix);
        if self.versions {
            self.document.item(&VersionEntry::Prefix(row))?;
        } else {
            self.document.item(&ObjectEntry::Prefix(row))?;
        }
        Ok(())
    }

    pub(super) fn print_object(&mut self, object: &ObjectSummary) -> Result<(), Failure> {
        self.count(object);
        increment(&mut self.totals.objects);
        let row = ObjectRow::new(&self.uri.bucket, object, self.predictor.object(object));
        Ok(self.document.item(&ObjectEntry::Object(row))?)
    }

    pub(super) fn print_version(&mut self, version: &ObjectVersion) -> Result<(), Failure> {
        self.count(&version.object);
        if version.is_delete_marker {
            increment(&mut self.totals.delete_markers);
        } else {
            increment(&mut self.totals.versions);
        }
        let predicted = self.predictor.version(version);
        let row = VersionRow::new(&self.uri.bucket, version, predicted);
        Ok(self.document.item(&VersionEntry::Version(row))?)
    }

    fn count(&mut self, object: &ObjectSummary) {
        self.totals.size = self.totals.size.saturating_add(object.size.bytes());
        self.undated += u64::from(object.last_modified.is_none());
    }

    pub(super) fn flush(&mut self) -> Result<(), Failure> {
        Ok(self.document.flush()?)
    }

    /// Ends the document and returns its totals.
    ///
    /// # Errors
    /// I/O errors of the output.
    pub(super) fn end(mut self, cut: Option<&Interruption>) -> Result<Totals, Failure> {
        let reporter = self.session.reporter();
        let mut notes = self.gaps;
        for gap in &notes {
            reporter.incomplete(&format!("{}: {}", gap.what, gap.why));
        }
        if self.undated > 0 {
            let note = Note {
                what: format!("last_modified of {}", counted(self.undated, "item")),
                why: "the server did not tell it".to_owned(),
            };
            reporter.note(&format!("{}: {}", note.what, note.why));
            notes.push(note);
        }
        // A failed listing reports its own error; the lifecycle rules mostly fail for the same reason.
        if let Some(note) = self.predictor.note().filter(|_| cut.is_none()) {
            reporter.note(&format!("{}: {}", note.what, note.why));
            notes.push(note);
        }
        if let Some(cut) = cut {
            notes.push(cut.note(self.uri.to_string()));
        }
        self.totals.requests = self.meter.requests();
        self.document.end(&self.totals, &notes)?;
        Ok(self.totals)
    }
}

fn object_key(object: &ObjectSummary) -> &str {
    object.key.as_str()
}

fn version_key(version: &ObjectVersion) -> &str {
    version.object.key.as_str()
}

fn increment(count: &mut Option<u64>) {
    *count = Some(count.unwrap_or(0) + 1);
}

/// Merges prefixes and items in byte order: S3 sorts each list separately.
fn in_order<'p, T>(
    prefixes: &'p [String],
    items: &'p [T],
    key: impl Fn(&T) -> &str,
) -> impl Iterator<Item = (Option<&'p str>, Option<&'p T>)> {
    let mut prefixes = prefixes.iter().map(String::as_str).peekable();
    let mut items = items.iter().peekable();
    std::iter::from_fn(move || match (prefixes.peek(), items.peek()) {
        (None, None) => None,
        (Some(prefix), Some(item)) if *prefix > key(item) => Some((None, items.next())),
        (Some(_), _) => Some((prefixes.next(), None)),
        (None, Some(_)) => Some((None, items.next())),
    })
}
