//! Processes many rows on several threads, with a bit for each matched item.

use std::ops::Range;

/// Rows between two checks for cancellation: a few milliseconds of work.
pub(super) const ROWS_A_LOOK: usize = 4096;

/// A bit set.
pub(super) struct Bits(Vec<u64>);

impl Bits {
    pub(super) fn new(length: usize) -> Self {
        Self(vec![0; length.div_ceil(64)])
    }

    pub(super) fn set(&mut self, at: usize) {
        if let Some(word) = self.0.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }

    pub(super) fn get(&self, at: usize) -> bool {
        self.0
            .get(at / 64)
            .is_some_and(|word| word & (1 << (at % 64)) != 0)
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word |= other;
        }
    }
}

/// Splits rows into one part per thread and processes them. Results are in the order of the rows. A panic in a thread
/// is passed on.
pub(super) fn in_parts<T: Send>(
    rows: usize,
    threads: usize,
    work: impl Fn(Range<usize>) -> T + Sync,
) -> Vec<T> {
    let threads = threads.clamp(1, rows.div_ceil(ROWS_A_LOOK).max(1));
    if threads == 1 {
        return vec![work(0..rows)];
    }
    let length = rows.div_ceil(threads);
    std::thread::scope(|scope| {
        let work = &work;
        let running: Vec<_> = (0..threads)
            .map(|part| {
                let rows = part * length..((part + 1) * length).min(rows);
                scope.spawn(move || work(rows))
            })
            .collect();
        running
            .into_iter()
            .map(|thread| match thread.join() {
                Ok(done) => done,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    })
}
