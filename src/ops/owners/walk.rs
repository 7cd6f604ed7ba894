//! Walks through folders level by level, many at a time.
//!
//! A step is one page of one listing with a delimiter. Deeper steps come first, so that owners are found early and few
//! steps wait.

use std::collections::VecDeque;

use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};
use tokio_util::sync::CancellationToken;

use super::OwnerLimits;
use super::pages::{Cursor, folder_page};
use crate::aws::{Aws, Meter, Problem};
use crate::domain::BucketName;
use crate::domain::blueprint::{BucketBlueprint, Level, Walk};
use crate::ops::coverage::Gap;

/// What to list. Only a listing of versions finds folders in which everything was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// Current objects.
    Objects,
    /// Versions and delete markers.
    Versions,
}

/// A folder at the end of a walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// The index of the walk.
    pub walk: usize,
    /// Its name, without the trailing `/`.
    pub name: String,
    /// The prefix of its contents, with the trailing `/`.
    pub prefix: String,
    /// Whether a listing contained it; otherwise only its place is known.
    pub seen: bool,
}

/// The result of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Folders at the end of a walk; may be empty.
    Folders(Vec<Folder>),
    /// Something could not be listed.
    Missed(Gap),
}

/// A step in the queue.
#[derive(Debug, Clone)]
struct Step {
    walk: usize,
    level: usize,
    prefix: String,
    cursor: Cursor,
}

type Taken = (Step, Result<(Vec<String>, Option<Cursor>), Problem>);

/// Carries out walks.
pub struct Walker<'a> {
    aws: &'a Aws,
    bucket: &'a BucketName,
    meter: &'a Meter,
    walks: Vec<Walk>,
    listing: Listing,
    limits: OwnerLimits,
    requests: u64,
    /// Folders that are known without a request.
    ready: Vec<Folder>,
    waiting: VecDeque<Step>,
    running: FuturesUnordered<BoxFuture<'a, Taken>>,
    stopped: bool,
}

impl<'a> Walker<'a> {
    /// Prepares the walks without sending anything.
    #[must_use]
    pub fn new(
        aws: &'a Aws,
        bucket: &'a BucketBlueprint,
        walks: Vec<Walk>,
        listing: Listing,
        limits: OwnerLimits,
        meter: &'a Meter,
    ) -> Self {
        let mut walker = Self {
            aws,
            bucket: &bucket.name,
            meter,
            walks,
            listing,
            limits,
            requests: 0,
            ready: Vec::new(),
            waiting: VecDeque::new(),
            running: FuturesUnordered::new(),
            stopped: false,
        };
        for walk in 0..walker.walks.len() {
            walker.descend(walk, 0, String::new());
        }
        walker
    }

    /// The walk with this index.
    #[must_use]
    pub fn walk(&self, index: usize) -> Option<&Walk> {
        self.walks.get(index)
    }

    /// Whether nothing is left to do.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.stopped
            || (self.ready.is_empty() && self.waiting.is_empty() && self.running.is_empty())
    }

    /// Continues until a step ends; `None` if all are done. Cancelling drops the requests in flight and is reported as
    /// missed.
    pub async fn next(&mut self, cancel: &CancellationToken) -> Option<Event> {
        if self.is_done() {
            return None;
        }
        if !self.ready.is_empty() {
            return Some(Event::Folders(std::mem::take(&mut self.ready)));
        }
        if cancel.is_cancelled() {
            return Some(self.stop(Gap::cancelled("the rest of the folders")));
        }
        while self.running.len() < self.limits.in_flight.max(1) {
            if self.requests >= self.limits.folder_requests {
                if self.running.is_empty() && !self.waiting.is_empty() {
                    return Some(self.stop(Gap::new(
                        format!("{} folders and what is in them", self.waiting.len()),
                        format!("the search stopped after {} folder listings", self.requests),
                    )));
                }
                break;
            }
            let Some(step) = self.waiting.pop_front() else {
                break;
            };
            self.requests += 1;
            self.take_step(step);
        }
        let taken = tokio::select! {
            biased;
            () = cancel.cancelled() => None,
            taken = self.running.next() => Some(taken?),
        };
        match taken {
            None => Some(self.stop(Gap::cancelled("the rest of the folders"))),
            Some((step, Err(problem))) => {
                let what = if step.prefix.is_empty() {
                    format!("the folders of {}", self.bucket)
                } else {
                    format!("the folders in {}", step.prefix.escape_debug())
                };
                Some(Event::Missed(Gap::failed(what, problem)))
            }
            Some((step, Ok((folders, next)))) => Some(self.enter(&step, folders, next)),
        }
    }

    fn stop(&mut self, gap: Gap) -> Event {
        self.stopped = true;
        self.waiting.clear();
        self.running.clear();
        Event::Missed(gap)
    }

    /// Requests the page of a step.
    fn take_step(&mut self, step: Step) {
        let starts_with = match self
            .walks
            .get(step.walk)
            .and_then(|w| w.levels.get(step.level))
        {
            Some(Level::Expand { starts_with, .. }) => starts_with.as_str(),
            _ => "",
        };
        let prefix = format!("{}{starts_with}", step.prefix);
        let (aws, bucket, meter, listing) = (self.aws, self.bucket, self.meter, self.listing);
        self.running.push(Box::pin(async move {
            let page = folder_page(aws, bucket, listing, &prefix, step.cursor.clone(), meter).await;
            (step, page)
        }));
    }

    /// Takes the folders of a page that match the level.
    fn enter(&mut self, step: &Step, folders: Vec<String>, next: Option<Cursor>) -> Event {
        if let Some(cursor) = next {
            self.waiting.push_back(Step {
                cursor,
                ..step.clone()
            });
        }
        let mut found = Vec::new();
        for prefix in folders {
            let Some(name) = prefix
                .strip_prefix(step.prefix.as_str())
                .and_then(|name| name.strip_suffix('/'))
            else {
                continue;
            };
            let Some(walk) = self.walks.get(step.walk) else {
                continue;
            };
            if !walk.levels.get(step.level).is_some_and(|l| l.admits(name)) {
                continue;
            }
            if step.level + 1 == walk.levels.len() {
                found.push(Folder {
                    walk: step.walk,
                    name: name.to_owned(),
                    prefix,
                    seen: true,
                });
            } else {
                self.descend(step.walk, step.level + 1, prefix);
            }
        }
        found.append(&mut self.ready);
        Event::Folders(found)
    }

    /// Goes down one level: known names need no request, unknown ones become a step.
    fn descend(&mut self, walk: usize, level: usize, prefix: String) {
        let Some(levels) = self.walks.get(walk).map(|walk| walk.levels.len()) else {
            return;
        };
        let names = match self.walks.get(walk).and_then(|w| w.levels.get(level)) {
            Some(Level::Known(names)) => names.clone(),
            Some(Level::Expand { .. }) => {
                self.waiting.push_front(Step {
                    walk,
                    level,
                    prefix,
                    cursor: Cursor::Beginning,
                });
                return;
            }
            None => return,
        };
        for name in names {
            let below = format!("{prefix}{name}");
            if level + 1 == levels {
                self.ready.push(Folder {
                    walk,
                    name: name.trim_end_matches('/').to_owned(),
                    prefix: below,
                    seen: false,
                });
            } else {
                self.descend(walk, level + 1, below);
            }
        }
    }
}
