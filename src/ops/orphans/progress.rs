//! The progress of a search, for its observers.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::{Progress, Stage, What};
use crate::aws::Meter;
use crate::domain::BucketName;
use crate::domain::registry::Subject;
use crate::ops::registry::RowCount;

pub(super) struct SearchProgress {
    at: Mutex<Option<At>>,
    items: AtomicU64,
    meter: Meter,
    began: Instant,
}

#[derive(Clone)]
pub(super) enum At {
    Reading(Subject, RowCount),
    Listing(BucketName, What, (usize, usize)),
    Asking(u64),
    Joining(u64),
}

impl SearchProgress {
    pub(super) fn new(meter: Meter) -> Self {
        Self {
            at: Mutex::new(None),
            items: AtomicU64::new(0),
            meter,
            began: Instant::now(),
        }
    }

    pub(super) fn reading(&self, subject: Subject, rows: RowCount) {
        self.enter(At::Reading(subject, rows));
    }

    pub(super) fn enter(&self, at: At) {
        self.items.store(0, Ordering::Relaxed);
        *self.at.lock().unwrap_or_else(PoisonError::into_inner) = Some(at);
    }

    pub(super) fn count(&self, items: usize) {
        self.items.fetch_add(items as u64, Ordering::Relaxed);
    }

    pub(super) fn progress(&self) -> Option<Progress> {
        let at = self
            .at
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let stage = match at? {
            At::Reading(subject, rows) => Stage::Reading {
                subject,
                rows: rows.rows(),
            },
            At::Listing(bucket, what, (number, of)) => Stage::Listing {
                bucket,
                what,
                items: self.items.load(Ordering::Relaxed),
                number,
                of,
            },
            At::Asking(of) => Stage::Asking {
                objects: self.items.load(Ordering::Relaxed),
                of,
            },
            At::Joining(objects) => Stage::Joining { objects },
        };
        Some(Progress {
            stage,
            requests: self.meter.requests(),
            retries: self.meter.retries(),
            elapsed: self.began.elapsed(),
        })
    }
}
