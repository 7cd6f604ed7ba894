//! How the State screen changes: which bucket it shows, what is asked about it, what has arrived, and its keys.

use std::sync::Arc;

use super::{BucketState, DAYS, SeriesKind, StateScreen, Tab, layout};
use crate::app::action::Action;
use crate::app::keymap::Place;
use crate::app::overlay::Overlay;
use crate::app::screens::browse::update::scanning;
use crate::app::screens::{Component, Screen};
use crate::app::state::{Load, State};
use crate::app::table::List;
use crate::app::update::{Command, abandon, actions, scroll, scroll_text, start, toast};
use crate::domain::BucketName;
use crate::domain::configuration::State as Standing;
use crate::domain::lifecycle::Kept;
use crate::ops::audit::{Severity, Target};
use crate::tasks::{CoverWork, Slot, StateNews, Work};

/// The slots of what the screen asks for.
const SLOTS: [Slot; 4] = [
    Slot::Audit,
    Slot::Metrics,
    Slot::Coverage,
    Slot::KeptOfBucket,
];

impl Component for StateScreen {
    fn keys(&self, _: &State) -> Place {
        Place::State
    }

    fn has_something(&self, state: &State) -> bool {
        state.bucket.is_some()
    }

    fn act(&self, state: &mut State, action: Action, commands: &mut Vec<Command>) -> bool {
        let Some(shown) = &mut state.bucket else {
            return false;
        };
        let reads = shown.tab == Tab::Raw || (shown.tab == Tab::Findings && shown.in_full);
        match action {
            Action::NextTab => turn(shown, 1),
            Action::PreviousTab => turn(shown, Tab::ALL.len() - 1),
            _ if reads && scroll_text(&mut shown.scroll, action) => {}
            Action::DetailUp => scroll(&mut shown.scroll, -1),
            Action::DetailDown => scroll(&mut shown.scroll, 1),
            Action::Up
            | Action::Down
            | Action::PageUp
            | Action::PageDown
            | Action::Top
            | Action::Bottom => {
                // Another row, another text: it begins at its first line.
                shown.scroll = 0;
                return false;
            }
            Action::NextChoice => next_concern(shown, 1),
            Action::PreviousChoice => next_concern(shown, -1),
            Action::NextWindow => {
                let at = DAYS.iter().position(|days| *days == shown.days);
                let next = DAYS.get((at.unwrap_or(0) + 1) % DAYS.len());
                shown.days = next.copied().unwrap_or(shown.days);
            }
            Action::NextSeverity => {
                next_severity(shown);
                shown.arrange_rows(state.prices.as_deref());
            }
            Action::Open => open_row(state),
            Action::Refresh => ask(state, commands),
            Action::Scan => {
                let (bucket, blueprint) = (shown.bucket.clone(), shown.blueprint.clone());
                scanning::scan_bucket(state, bucket, blueprint, commands);
            }
            Action::Cancel => {
                for slot in SLOTS {
                    commands.push(Command::Cancel(slot));
                }
            }
            Action::Copy => copy(state, false, commands),
            Action::CopyUri => copy(state, true, commands),
            Action::Explain => return explain(state),
            _ => return false,
        }
        true
    }

    /// The text in full, the tab that it was opened from, the screen before.
    fn back(&self, state: &mut State, _: &mut Vec<Command>) {
        let Some(shown) = &mut state.bucket else {
            return;
        };
        shown.scroll = 0;
        if std::mem::take(&mut shown.in_full) {
            return;
        }
        if let Some(tab) = shown.back.take() {
            shown.tab = tab;
            return;
        }
        state.screen = match shown.from {
            Screen::Browse if state.browse.is_none() => Screen::Buckets,
            from => from,
        };
    }

    fn list<'s>(&self, state: &'s mut State) -> Option<(Slot, &'s mut dyn List)> {
        let shown = state.bucket.as_mut()?;
        let list: &mut dyn List = match shown.tab {
            Tab::Overview => &mut shown.concerns,
            Tab::Lifecycle => &mut shown.rules,
            Tab::Metrics => &mut shown.series,
            Tab::Findings => &mut shown.findings,
            Tab::Raw => return None,
        };
        // They are so short that they are always put in order at once.
        Some((Slot::ArrangeBuckets, list))
    }

    fn filter<'s>(&self, state: &'s State) -> &'s str {
        let Some(shown) = &state.bucket else {
            return "";
        };
        match shown.tab {
            Tab::Overview => shown.concerns.filter(),
            Tab::Lifecycle => shown.rules.filter(),
            Tab::Metrics => shown.series.filter(),
            Tab::Findings => shown.findings.filter(),
            Tab::Raw => "",
        }
    }

    fn fit(&self, state: &mut State, _: usize) {
        if let Some(shown) = &mut state.bucket {
            shown.fit(state.size);
        }
    }

    fn bucket(&self, state: &State) -> Option<BucketName> {
        Some(state.bucket.as_ref()?.bucket.clone())
    }

    /// Tries the rules on a scan of the whole bucket as soon as there is a complete one and the rules are known.
    fn follow(&self, state: &mut State, commands: &mut Vec<Command>) {
        let Some(shown) = &mut state.bucket else {
            return;
        };
        let Some(scan) = state.scans.of(&shown.bucket, &[String::new()]) else {
            return;
        };
        let (Some(configuration), Some(end), true) =
            (&shown.configuration.value, &scan.end, scan.is_complete())
        else {
            return;
        };
        if shown.covering == Some(scan.ticket) {
            return;
        }
        let work = CoverWork {
            finished: end.finished,
            columns: scan.columns.clone(),
            lifecycle: configuration.lifecycle.value().cloned().unwrap_or_default(),
            kept: Kept::of_answer(configuration.versioning.known()),
            now: state.now,
        };
        shown.covering = Some(scan.ticket);
        start(state, Slot::Coverage, Work::Cover(Box::new(work)), commands);
    }

    /// Forgets the bucket, and stops what is asked about it.
    fn forget(&self, state: &mut State, commands: &mut Vec<Command>) {
        if state.bucket.take().is_some() {
            for slot in SLOTS {
                abandon(state, slot, commands);
            }
        }
    }
}

/// Shows the bucket under the cursor, the one that is browsed, or the one that was looked at last.
pub(crate) fn show(state: &mut State, commands: &mut Vec<Command>) {
    // Other screens are beside this one, not before it.
    let from = matches!(state.screen, Screen::Buckets | Screen::Browse).then_some(state.screen);
    let bucket = match from {
        Some(screen) => screen.component().bucket(state),
        None => [Screen::State, Screen::Browse, Screen::Buckets]
            .into_iter()
            .find_map(|screen| screen.component().bucket(state)),
    };
    match bucket {
        Some(bucket) => open(state, bucket, from, commands),
        None => toast(state, "there is no bucket to look at yet", false),
    }
}

/// Shows a bucket. What is known of it from before stays, with the time that it is of; `r` asks again.
fn open(state: &mut State, bucket: BucketName, from: Option<Screen>, commands: &mut Vec<Command>) {
    state.screen = Screen::State;
    if let Some(shown) = state.bucket.as_mut().filter(|shown| shown.bucket == bucket) {
        shown.from = from.unwrap_or(shown.from);
        return;
    }
    let from = from.unwrap_or(Screen::Browse);
    StateScreen.forget(state, commands);
    let target = Target::of(bucket, state.blueprint.as_ref());
    state.bucket = Some(Box::new(BucketState::new(target, from)));
    ask(state, commands);
    look_for_kept(state, commands);
}

/// Asks for everything anew; what is here stays until the answers are.
fn ask(state: &mut State, commands: &mut Vec<Command>) {
    let Some(shown) = &mut state.bucket else {
        return;
    };
    shown.configuration.load = Load::Loading;
    shown.audited.load = Load::Loading;
    shown.storage.load = Load::Loading;
    shown.alarms.load = Load::Loading;
    shown.requests.load = Load::Loading;
    let bucket = shown.bucket.clone();
    let target = shown.target();
    start(state, Slot::Audit, Work::Audit(Box::new(target)), commands);
    start(state, Slot::Metrics, Work::Metrics(bucket), commands);
}

/// Looks for a scan of the whole bucket that an earlier session made.
fn look_for_kept(state: &mut State, commands: &mut Vec<Command>) {
    let Some(shown) = &state.bucket else { return };
    let whole = vec![String::new()];
    if state.scans.of(&shown.bucket, &whole).is_some() {
        return;
    }
    let work = Work::OpenKept {
        bucket: shown.bucket.clone(),
        places: vec![whole],
    };
    start(state, Slot::KeptOfBucket, work, commands);
}

/// A part has arrived.
pub(crate) fn arrived(state: &mut State, news: StateNews) {
    let now = state.now;
    let Some(shown) = &mut state.bucket else {
        return;
    };
    match news {
        StateNews::Configuration(configuration) => {
            let before = shown.configuration.value.take();
            let changed = before.is_some_and(|before| before.lifecycle != configuration.lifecycle);
            shown.configuration.take(configuration, now);
            if changed {
                // Other rules are to be tried on the scan.
                shown.covering = None;
                shown.covered = None;
            }
        }
        StateNews::Audited(audited) => shown.audited.take(*audited, now),
        StateNews::Storage(storage) => shown.storage.take(*storage, now),
        StateNews::Alarms(alarms) => shown.alarms.take(*alarms, now),
        StateNews::Requests(requests) => shown.requests.take(requests, now),
        StateNews::Covered(covered) => shown.covered = Some(*covered),
    }
    shown.arrange_rows(state.prices.as_deref());
}

/// A job has ended: what has not arrived by now does not come.
pub(crate) fn finished(state: &mut State, slot: Slot, load: &Load) {
    let Some(shown) = &mut state.bucket else {
        return;
    };
    match slot {
        Slot::Audit => {
            shown.configuration.end(load);
            shown.audited.end(load);
        }
        Slot::Metrics => {
            shown.storage.end(load);
            shown.alarms.end(load);
            shown.requests.end(load);
        }
        _ => {}
    }
}

fn turn(shown: &mut BucketState, by: usize) {
    shown.tab = shown.tab.turned(by);
    shown.back = None;
    shown.in_full = false;
    shown.scroll = 0;
}

/// The document of the concern before or after.
fn next_concern(shown: &mut BucketState, by: isize) {
    if shown.tab == Tab::Raw {
        shown.concerns.move_by(by);
        shown.scroll = 0;
    }
}

/// From all findings up to the most severe alone, and back to all.
fn next_severity(shown: &mut BucketState) {
    let at = Severity::ALL.iter().position(|one| *one == shown.least);
    let next = Severity::ALL.get((at.unwrap_or(0) + 1) % Severity::ALL.len());
    shown.least = next.copied().unwrap_or(Severity::Info);
    shown.tab = Tab::Findings;
    shown.in_full = false;
}

fn open_row(state: &mut State) {
    let page = layout::page(state.size);
    let Some(shown) = &mut state.bucket else {
        return;
    };
    shown.scroll = 0;
    match shown.tab {
        Tab::Overview => {
            shown.back = Some(Tab::Overview);
            shown.tab = Tab::Raw;
        }
        Tab::Lifecycle => {
            let at = shown.concerns.move_to_beginning("lifecycle");
            if at {
                shown.back = Some(Tab::Lifecycle);
                shown.tab = Tab::Raw;
            }
        }
        Tab::Findings if layout::findings(page).list == page => {
            shown.in_full = !shown.findings.is_empty();
        }
        Tab::Metrics => {
            let row = shown.series.current().map(std::borrow::Cow::into_owned);
            if let Some(row) = row
                && let SeriesKind::Alarm(alarm, findings, _) = &row.kind
            {
                let mut lines = vec![format!(
                    "{} since it was last judged: {}",
                    alarm.state, alarm.reason
                )];
                lines.push(format!("It looks at {}.", alarm.words()));
                if !alarm.has_actions {
                    lines.push("It tells nobody.".into());
                }
                for finding in findings {
                    lines.push(String::new());
                    lines.push(format!(
                        "{}: {}",
                        finding.severity.as_str(),
                        finding.message
                    ));
                    lines.push(format!("What to do: {}", finding.advice));
                }
                state.overlay = Some(Overlay::Words {
                    title: format!("Alarm {}", alarm.name),
                    text: lines.join("\n"),
                });
            }
        }
        Tab::Findings | Tab::Raw => {}
    }
}

/// Copies what stands under the cursor: a sentence, a rule's name, what to do about a finding, a document; or more of it.
fn copy(state: &mut State, more: bool, commands: &mut Vec<Command>) {
    let Some(shown) = &state.bucket else { return };
    let concern = shown.concern();
    let text = match shown.tab {
        Tab::Overview if more => Some(format!("s3://{}", shown.bucket)),
        Tab::Overview => concern.map(|row| row.sentence),
        Tab::Lifecycle => shown.rules.current().map(|row| row.name.clone()),
        Tab::Metrics => shown.series.current().map(|row| row.name.clone()),
        Tab::Findings => shown.findings.current().map(|row| {
            if more {
                row.words()
            } else {
                row.finding.advice.command_line()
            }
        }),
        Tab::Raw => concern.and_then(|row| row.raw),
    };
    match text.filter(|text| !text.is_empty()) {
        None => {
            toast(state, "there is nothing under the cursor to copy", true);
        }
        Some(text) => actions::copy_lines(state, text, commands),
    }
}

/// Why what is under the cursor is not known.
fn explain(state: &mut State) -> bool {
    let Some(shown) = &state.bucket else {
        return false;
    };
    let unanswered = shown.concern().and_then(|row| match row.state {
        Some(Standing::Unknown(why)) => Some((row.title, why)),
        _ => None,
    });
    let problem = match shown.tab {
        Tab::Overview | Tab::Raw => {
            if let Some((title, why)) = unanswered {
                state.overlay = Some(Overlay::Words {
                    title: format!("{title} is not known"),
                    text: format!("{} was asked for it.\n{}", why.call, why.why),
                });
                return true;
            }
            shown.configuration.problem().cloned()
        }
        Tab::Lifecycle | Tab::Findings => shown.audited.problem().cloned(),
        Tab::Metrics => shown.storage.problem().cloned().or_else(|| {
            let storage = shown.storage.value.as_ref()?.storage.problem()?;
            Some(Arc::new(storage.clone()))
        }),
    };
    match problem {
        Some(problem) => {
            state.overlay = Some(Overlay::Explain(problem));
            true
        }
        None => false,
    }
}
