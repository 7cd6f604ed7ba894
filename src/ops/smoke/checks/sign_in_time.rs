//! Signing is offline, so it is much faster than any service level, unless credentials are fetched each time.

use std::time::{Duration, Instant};

use crate::ops::smoke::check::{Broken, Outcome};
use crate::ops::smoke::context::CheckContext;

pub(super) fn run(context: &CheckContext<'_>) -> Outcome {
    let level = context.plan.levels.presign.as_ref();
    let within = level.map_or(Duration::from_secs(1), |level| level.within.0);
    // Never sent, so nothing is recorded in the journal.
    let key = context.plan.keys.key("sign", "jpg").map_err(Broken::Skip)?;
    let mut slowest = ("", Duration::ZERO);
    let mut timed = |what, begun: Instant| {
        let took = begun.elapsed();
        if took > slowest.1 {
            slowest = (what, took);
        }
    };
    let begun = Instant::now();
    context.sign_get(&key, Duration::from_mins(5))?;
    timed("GET", begun);
    let begun = Instant::now();
    context.sign_put(&key, 1000)?;
    timed("PUT", begun);
    let begun = Instant::now();
    context.sign_form(&key)?;
    timed("form", begun);
    let (what, took) = slowest;
    let words = format!("the slowest, a {what}, took {took:.1?} of {within:.0?}");
    if took <= within {
        Ok(words)
    } else {
        Err(Broken::because(words, "this computer is busy"))
    }
}
