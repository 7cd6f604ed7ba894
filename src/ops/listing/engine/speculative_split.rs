//! Takes work over from the longest segments by guessing where they could be cut, when no folder is left to cut at.

use std::time::Duration;

use super::prefix_split::PAGES_NEARBY;
use super::{Answer, Engine, PAGE, Stop};
use crate::aws::Problem;
use crate::ops::browse::{ListRequest, Start};
use crate::ops::listing::covered_intervals::EndBound;
use crate::ops::listing::kind::{Listed, Portion};
use crate::ops::listing::segment::Segment;
use crate::ops::listing::split_estimator::{KeyDensity, count, cuts_of_probes, digit_probes};

/// Guesses that may go wrong in any case; beside these, one for so many pages.
const FREE_MISSES: u64 = 8;
const PAGES_A_MISS: u64 = 16;

/// Segments with fewer pages left than this are left alone.
const LEAST_PAGES: f64 = 1.5;

/// What is guessed to be a page is as often more as it is less, and the rest of a piece's last page is thrown away: that
/// costs requests, and fewer pages one after the other save time.
const PAGES_A_PIECE: f64 = 1.25;

/// A spine that was asked for: what was found so far behind each key, in order.
#[derive(Debug)]
pub(super) struct DigitProbes {
    behind: Vec<(String, Found)>,
}

/// What is behind a key.
#[derive(Debug, Clone)]
enum Found {
    /// Not answered yet.
    Pending,
    /// This key, or none.
    Next(Option<String>),
    /// The answer was no use.
    Unknown,
}

/// What is to be done with a segment.
enum SplitPlan {
    Cuts(Vec<String>),
    Spine(Vec<String>),
}

impl<T: Listed> Engine<T> {
    /// Guesses a place to cut a segment at for the slots that are idle, or asks for what helps to guess; false when there
    /// is nothing to do.
    pub(super) async fn split_longest(&mut self, idle: usize) -> Result<bool, Stop> {
        // Where no guess went wrong yet, why should the next one.
        let most = match self.misses {
            0 => idle,
            _ => idle.min(self.misses_left()),
        };
        if most == 0 {
            return Ok(false);
        }
        match self.best_split(most) {
            None => Ok(false),
            Some((id, SplitPlan::Cuts(cuts))) => self.cut_at(id, &cuts).await,
            Some((id, SplitPlan::Spine(behind))) => Ok(self.probe_boundaries(id, behind)),
        }
    }

    /// How many more guesses may go wrong, if all those that were not answered yet do.
    pub(super) fn misses_left(&self) -> usize {
        let is_open = |segment: &&Segment<T>| segment.is_guess && segment.pages == 0;
        let open = self.segments.values().filter(is_open).count();
        let left = (FREE_MISSES + self.pages / PAGES_A_MISS).saturating_sub(self.misses);
        usize::try_from(left)
            .unwrap_or(usize::MAX)
            .saturating_sub(open)
    }

    /// The longest of the segments that have more than two pages left; where everything is wanted in key order, the one
    /// nearest to the first.
    fn best_split(&self, idle: usize) -> Option<(u64, SplitPlan)> {
        let page = self.request.page.map_or(PAGE, usize::from);
        let long = |segment: &Segment<T>| {
            let left = self.rows_left(segment)?;
            (left > count(page) * LEAST_PAGES).then_some((left, segment.id))
        };
        let theft_of = |id: u64| Some((id, self.split_plan(self.segments.get(&id)?, idle, page)?));
        if let Some(ahead) = &self.ahead {
            let nearest = ahead.nearest(self.concurrency.limit());
            return nearest
                .filter(|id| self.segments.get(id).and_then(long).is_some())
                .find_map(theft_of);
        }
        let mut longest: Vec<(f64, u64)> = self.segments.values().filter_map(long).collect();
        longest.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        longest.into_iter().find_map(|(_, id)| theft_of(id))
    }

    /// How many rows a segment has left, as far as its last page tells, and no more than folders like the one that it is in
    /// had elsewhere.
    fn rows_left(&self, segment: &Segment<T>) -> Option<f64> {
        let left = self.key_density(segment)?.rows_left();
        let most = self.scans.get(segment.scan)?.rows_left(segment);
        Some(most.map_or(left, |most| left.min(count(most))))
    }

    fn split_plan(&self, segment: &Segment<T>, idle: usize, page: usize) -> Option<SplitPlan> {
        let prefix = self.scans.get(segment.scan)?.rest_of(segment);
        if !segment.fathomed {
            let behind = digit_probes(segment.sample.as_ref()?, prefix, segment.end());
            if !behind.is_empty() {
                return Some(SplitPlan::Spine(behind));
            }
        }
        let density = segment.key_density(prefix)?;
        let (a_piece, widest) = match self.ahead {
            Some(_) => (PAGES_NEARBY, PAGES_NEARBY * count(page)),
            None => (PAGES_A_PIECE, f64::INFINITY),
        };
        let pieces = pages_of(density.rows_left() / a_piece, page);
        let cuts = density.cuts(pieces.min(idle), page, widest);
        (!cuts.is_empty()).then_some(SplitPlan::Cuts(cuts))
    }

    /// Whether a look is under way into a folder that a segment is in: folders are sure places, and what it finds is
    /// waited for.
    fn is_looked_at(&self, segment: &Segment<T>) -> bool {
        let front = segment.front.as_deref().unwrap_or_default();
        let mut looking = self.looking.iter();
        looking.any(|(scan, folder)| *scan == segment.scan && front.starts_with(folder.as_str()))
    }

    /// What lies ahead of a segment that can be cut; `None` while nothing can be told or its spine is being asked for.
    fn key_density<'a>(&self, segment: &'a Segment<T>) -> Option<&'a KeyDensity> {
        let scan = self.scans.get(segment.scan)?;
        let can_be_cut = scan.can_be_cut && segment.can_be_cut() && !self.is_looked_at(segment);
        (can_be_cut && !self.spines.contains_key(&segment.id)).then_some(())?;
        segment.key_density(scan.rest_of(segment))
    }

    /// Cuts a segment at these keys, in order, those that it has not passed yet.
    async fn cut_at(&mut self, id: u64, cuts: &[String]) -> Result<bool, Stop> {
        let Some(segment) = self.segments.get_mut(&id) else {
            return Ok(false);
        };
        let Some(scan) = self
            .scans
            .get_mut(segment.scan)
            .filter(|scan| scan.can_be_cut)
        else {
            return Ok(false);
        };
        let mut made = Vec::with_capacity(cuts.len());
        for cut in cuts.iter().rev() {
            let Some(mut piece) = segment.cut(self.opened + 1, cut) else {
                continue;
            };
            self.opened += 1;
            piece.is_guess = true;
            made.push(piece);
        }
        scan.was_cut |= !made.is_empty();
        let any = !made.is_empty();
        for piece in made.into_iter().rev() {
            self.open(piece).await?;
        }
        Ok(any)
    }

    /// Has one key behind each of these asked for, as soon as there are requests to spare.
    fn probe_boundaries(&mut self, id: u64, behind: Vec<String>) -> bool {
        let Some(segment) = self.segments.get_mut(&id) else {
            return false;
        };
        segment.fathomed = true;
        self.probes
            .extend(behind.iter().map(|key| (id, key.clone())));
        let behind = behind
            .into_iter()
            .map(|key| (key, Found::Pending))
            .collect();
        self.spines.insert(id, DigitProbes { behind });
        true
    }

    /// Sends those of the spines' requests that the pace allows.
    pub(super) fn send_probes(&mut self) -> Result<(), Stop> {
        while self.running.len() < self.concurrency.limit()
            && let Some((id, behind)) = self.probes.pop_front()
        {
            // A segment that came to its end meanwhile is cut no more.
            let Some(segment) = self.segments.get(&id) else {
                continue;
            };
            let prefix = self.scans.get(segment.scan).map(|scan| scan.prefix.clone());
            let mut request =
                ListRequest::flat(self.request.bucket.clone(), prefix.unwrap_or_default());
            request.max_keys = Some(1);
            request.start = Start::After(behind.clone());
            let window = self.concurrency.window();
            self.send(request, Duration::ZERO, move |page| Answer::Probe {
                segment: id,
                behind,
                page,
                window,
            })?;
        }
        Ok(())
    }

    /// One key of a spine was answered; the last answer cuts the segment.
    pub(super) async fn probed(
        &mut self,
        id: u64,
        behind: String,
        page: Result<Portion<T>, Problem>,
    ) -> Result<(), Stop> {
        let until = self
            .segments
            .get(&id)
            .map(|segment| segment.part.until.clone());
        let found = match page {
            Ok(page) => {
                let next = page.items.first().map(|item| item.key().to_owned());
                // A server that begins anywhere else than it was told to gives no answer to the question.
                match next {
                    Some(next) if next <= behind => Found::Unknown,
                    next => Found::Next(
                        next.filter(|next| until.as_ref().is_some_and(|until| until.admits(next))),
                    ),
                }
            }
            Err(_) => Found::Unknown,
        };
        let Some(spine) = self.spines.get_mut(&id) else {
            return Ok(());
        };
        if let Some((_, place)) = spine.behind.iter_mut().find(|(key, _)| *key == behind) {
            *place = found;
        }
        if spine
            .behind
            .iter()
            .any(|(_, found)| matches!(found, Found::Pending))
        {
            return Ok(());
        }
        let Some(spine) = self.spines.remove(&id) else {
            return Ok(());
        };
        let known: Vec<(String, Option<String>)> = spine
            .behind
            .into_iter()
            .filter_map(|(behind, found)| match found {
                Found::Next(next) => Some((behind, next)),
                Found::Pending | Found::Unknown => None,
            })
            .collect();
        self.cut_at(id, &cuts_of_probes(&known)).await?;
        Ok(())
    }

    /// A guessed segment was empty: the guesses before it were too far apart, and the next one begins with a spine.
    pub(super) fn empty_split(&mut self, empty: &Segment<T>) {
        self.misses += 1;
        let before = self.segments.values_mut().find(|segment| {
            segment.scan == empty.scan
                && matches!((&segment.part.until, &empty.part.after), (EndBound::Key(until), Some(after)) if until == after)
        });
        if let Some(before) = before {
            before.fathomed = false;
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a positive number of rows, cut off where there are more than could be"
)]
fn pages_of(rows: f64, page: usize) -> usize {
    rows.max(0.0) as usize / page.max(1)
}
