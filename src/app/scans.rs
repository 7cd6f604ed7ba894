//! The scans of this session, running and over: of which place each is, what it came to, and which one a place shows.

use chrono::{DateTime, Utc};
use std::sync::Arc;

use crate::domain::columns::Columns;
use crate::domain::{BucketName, Tally};
use crate::ops::Coverage;
use crate::ops::scan::{Scan, ScanProgress};
use crate::tasks::{ScanEnd, ScanNews, ScanWork, Shares, Ticket};

/// How many scans are remembered. One of ten million objects takes some hundreds of megabytes.
const MOST: usize = 4;

/// A scan, as far as it has come.
#[derive(Debug, Clone)]
pub(crate) struct PlaceScan {
    /// The job that makes it.
    pub ticket: Ticket,
    /// In which bucket.
    pub bucket: BucketName,
    /// Of everything below these.
    pub prefixes: Vec<String>,
    /// When it was begun.
    pub started: DateTime<Utc>,
    /// All objects so far.
    pub columns: Columns,
    /// What they come to.
    pub total: Tally,
    /// Where the bytes are.
    pub shares: Arc<Shares>,
    /// How it goes on; none before anything has arrived.
    pub progress: Option<ScanProgress>,
    /// How it ended; none while it runs.
    pub end: Option<ScanEnd>,
}

impl PlaceScan {
    /// One that has just been begun.
    #[must_use]
    pub(crate) fn begun(ticket: Ticket, work: &ScanWork, now: DateTime<Utc>) -> Self {
        Self {
            ticket,
            bucket: work.bucket.clone(),
            prefixes: work.prefixes.clone(),
            started: now,
            columns: Columns::default(),
            total: Tally::default(),
            shares: Arc::default(),
            progress: None,
            end: None,
        }
    }

    /// One of an earlier session. Where its bytes are is yet to be read out of it.
    #[must_use]
    pub(crate) fn kept(ticket: Ticket, scan: Scan) -> Self {
        Self {
            ticket,
            bucket: scan.origin.bucket,
            prefixes: scan.origin.prefixes,
            started: scan.started,
            total: scan.columns.total(),
            columns: scan.columns,
            shares: Arc::default(),
            progress: None,
            end: Some(ScanEnd {
                started: scan.started,
                finished: scan.finished,
                coverage: scan.coverage,
            }),
        }
    }

    /// Whether it still runs.
    #[must_use]
    pub(crate) fn is_running(&self) -> bool {
        self.end.is_none()
    }

    /// Whether every object that there was is in it.
    #[must_use]
    pub(crate) fn is_complete(&self) -> bool {
        self.end
            .as_ref()
            .is_some_and(|end| end.coverage.is_complete())
    }

    /// Whether it is of the whole bucket.
    #[must_use]
    pub(crate) fn is_of_bucket(&self) -> bool {
        self.prefixes.iter().any(String::is_empty)
    }

    /// Whether all that is below these prefixes in this bucket is in it, as far as it has come.
    #[must_use]
    pub(crate) fn covers(&self, bucket: &BucketName, prefixes: &[String]) -> bool {
        let is_below = |prefix: &String| {
            self.prefixes
                .iter()
                .any(|scanned| prefix.starts_with(scanned.as_str()))
        };
        self.bucket == *bucket && !prefixes.is_empty() && prefixes.iter().all(is_below)
    }

    /// Takes in what it has come to.
    fn take(&mut self, news: ScanNews) {
        self.columns = news.columns;
        self.total = news.total;
        self.shares = news.shares;
        self.progress = Some(news.progress);
        if news.over.is_some() {
            self.end = news.over;
        }
    }
}

/// The scans of this session, the newest last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scans {
    scans: Vec<PlaceScan>,
}

impl Scans {
    /// The one that a place shows: one that runs, or else the newest that is complete, or else the newest.
    #[must_use]
    pub(crate) fn of(&self, bucket: &BucketName, prefixes: &[String]) -> Option<&PlaceScan> {
        let of_place = || {
            self.scans
                .iter()
                .rev()
                .filter(|scan| scan.covers(bucket, prefixes))
        };
        of_place()
            .find(|scan| scan.is_running())
            .or_else(|| of_place().find(|scan| scan.is_complete()))
            .or_else(|| of_place().next())
    }

    /// The one that runs.
    #[must_use]
    pub(crate) fn running(&self) -> Option<&PlaceScan> {
        self.scans.iter().find(|scan| scan.is_running())
    }

    /// The one that this job makes.
    #[must_use]
    pub(crate) fn of_ticket(&self, ticket: Ticket) -> Option<&PlaceScan> {
        self.scans.iter().find(|scan| scan.ticket == ticket)
    }

    /// Remembers one that has been begun.
    pub(crate) fn begin(&mut self, scan: PlaceScan) {
        self.scans.push(scan);
    }

    /// Remembers one of an earlier session: it is older than all others.
    pub(crate) fn add_kept(&mut self, scan: PlaceScan) {
        self.scans.insert(0, scan);
        self.forget_surplus();
    }

    /// What a scan has come to. When it is over it takes the place of older ones that were of no more than it is.
    pub(crate) fn take(&mut self, ticket: Ticket, news: ScanNews) {
        let Some(at) = self.scans.iter().position(|scan| scan.ticket == ticket) else {
            return;
        };
        if let Some(scan) = self.scans.get_mut(at) {
            scan.take(news);
        }
        self.forget_surplus();
    }

    /// A scan has ended without saying how it came out: what there is of it is a part.
    pub(crate) fn ended(&mut self, ticket: Ticket, now: DateTime<Utc>, coverage: &Coverage) {
        for scan in &mut self.scans {
            if scan.ticket == ticket && scan.is_running() {
                scan.end = Some(ScanEnd {
                    started: scan.started,
                    finished: now,
                    coverage: coverage.clone(),
                });
            }
        }
        self.forget_surplus();
    }

    /// Forgets all of them.
    pub(crate) fn clear(&mut self) {
        self.scans.clear();
    }

    fn forget_surplus(&mut self) {
        let newer_ones: Vec<PlaceScan> = std::mem::take(&mut self.scans);
        for scan in newer_ones.into_iter().rev() {
            let replaced = self.scans.iter().any(|newer| {
                let as_good = newer.is_complete() || !scan.is_complete();
                !newer.is_running() && as_good && newer.covers(&scan.bucket, &scan.prefixes)
            });
            let has_nothing = !scan.is_running() && scan.columns.is_empty() && !scan.is_complete();
            let has_room = self.scans.len() < MOST || scan.is_running();
            if has_room && !replaced && !has_nothing {
                self.scans.push(scan);
            }
        }
        self.scans.reverse();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::testing::noon;
    use crate::ops::Gap;

    fn scan(ticket: u64, prefix: &str) -> PlaceScan {
        let work = ScanWork {
            bucket: BucketName::new("media").unwrap(),
            prefixes: vec![prefix.to_owned()],
            layouts: None,
        };
        let mut scan = PlaceScan::begun(Ticket(ticket), &work, noon());
        scan.columns = some_columns();
        scan
    }

    fn some_columns() -> Columns {
        let mut columns =
            crate::domain::columns::ColumnsBuilder::new(crate::domain::columns::Etags::Leave);
        columns
            .push(&crate::app::testing::object("a/b", 1))
            .unwrap();
        columns.finish()
    }

    fn shown(scans: &Scans, prefix: &str) -> Option<u64> {
        let bucket = BucketName::new("media").unwrap();
        scans
            .of(&bucket, &[prefix.to_owned()])
            .map(|scan| scan.ticket.0)
    }

    fn part() -> Coverage {
        Coverage::AtLeast(vec![Gap::cancelled("the rest of the objects")])
    }

    #[test]
    fn a_place_shows_the_scan_that_runs_and_a_complete_one_rather_than_a_newer_part() {
        let mut scans = Scans::default();
        scans.begin(scan(1, ""));
        assert_eq!(shown(&scans, "a/"), Some(1));
        scans.ended(Ticket(1), noon(), &Coverage::Complete);
        scans.begin(scan(2, "a/"));
        assert_eq!(shown(&scans, "a/"), Some(2));
        assert_eq!(shown(&scans, ""), Some(1), "a part shows the whole");
        scans.ended(Ticket(2), noon(), &part());
        assert_eq!(shown(&scans, "a/"), Some(1));
    }

    #[test]
    fn a_complete_scan_takes_the_place_of_those_within_it() {
        let mut scans = Scans::default();
        scans.begin(scan(1, "a/"));
        scans.ended(Ticket(1), noon(), &Coverage::Complete);
        scans.begin(scan(2, ""));
        assert_eq!(scans.scans.len(), 2);
        scans.ended(Ticket(2), noon(), &Coverage::Complete);
        assert_eq!(scans.scans.len(), 1);
        assert_eq!(shown(&scans, "a/"), Some(2));
    }

    #[test]
    fn no_more_than_a_few_scans_are_remembered_and_the_newest_of_them() {
        let mut scans = Scans::default();
        for number in 0..9 {
            scans.begin(scan(number, &format!("{number}/")));
            scans.ended(Ticket(number), noon(), &Coverage::Complete);
        }
        assert_eq!(scans.scans.len(), MOST);
        assert_eq!(shown(&scans, "8/"), Some(8));
        assert_eq!(shown(&scans, "0/"), None);
    }

    #[test]
    fn a_scan_of_user_1_does_not_cover_user_10() {
        let mut scans = Scans::default();
        scans.begin(scan(1, "uploads/user-1/"));
        assert_eq!(shown(&scans, "uploads/user-1/photos/"), Some(1));
        assert_eq!(shown(&scans, "uploads/user-10/"), None);
        assert_eq!(shown(&scans, "uploads/"), None);
    }
}
