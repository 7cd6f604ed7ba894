//! The plan for orphans, how far it is carried out, and what became of it.

use std::collections::BTreeMap;

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::app::State;
use crate::app::orphans::act::Acting;
use crate::domain::quarantine::rule;
use crate::domain::receipt::Outcome;
use crate::domain::text;
use crate::ops::change::{Ended, WhyStopped};
use crate::ops::quarantine::things;
use crate::tasks::{ActDone, ActPlan, Deed, Way};
use crate::ui::screens::sheet::Sheet;
use crate::ui::{Theme, words};

/// So many keys are shown; the others are counted.
const MOST_KEYS: usize = 200;

/// Draws it.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let mut sheet = Sheet::new(area, state, theme);
    match &state.orphans.acting {
        Acting::None => sheet.plain("Nothing is to be done."),
        Acting::Planning => sheet.plain("A plan is being made. Nothing is changed."),
        Acting::Planned(plan) => planned(&mut sheet, plan, state, theme),
        Acting::Running(plan, now) => {
            sheet.title(&title(plan));
            let (done, of) = (words::exact(now.deleted), words::exact(now.planned));
            sheet.row("done", &format!("{done} of {of}"));
            if now.failed > 0 {
                sheet.styled("failed", &words::exact(now.failed), theme.bad);
            }
            sheet.plain("Everything is judged again first. C-x stops after what is under way.");
        }
        Acting::Ended(done) => ended(&mut sheet, done, theme),
    }
    sheet.draw(frame, area, state.orphans.scroll);
}

/// What is to be done, and to how many.
fn title(plan: &ActPlan) -> String {
    let count = words::counted(things(&plan.plan), "object");
    let bytes = plan.plan.bytes();
    let bucket = &plan.made_of.bucket;
    match plan.made_of.deed {
        Deed::Quarantine(_) => format!("Put aside {count} of {bucket}, {bytes}"),
        Deed::Delete => format!("Delete {count} of {bucket} with every version, {bytes}"),
        Deed::Restore => format!("Bring back {count} of {bucket}, {bytes}"),
    }
}

fn planned(sheet: &mut Sheet<'_>, plan: &ActPlan, state: &State, theme: &Theme) {
    sheet.title(&title(plan));
    match plan.made_of.deed {
        Deed::Quarantine(way) => {
            let how = match way {
                Way::Tag => "by tag; they stay where they are, and nothing expires them",
                Way::TagAndRule => "by tag; a lifecycle rule expires them",
                Way::Copy => {
                    "by copy under s3warden-quarantine/; what comes back from there is a new version with a new time"
                }
            };
            sheet.row("how", how);
            sheet.row("other ways", "← →");
        }
        Deed::Delete => {
            sheet.styled(
                "how",
                "for good: nothing of it can be brought back",
                theme.bad,
            );
        }
        Deed::Restore => sheet.row(
            "how",
            "tags and delete markers are taken away, copies copied back",
        ),
    }
    if let Some(rule) = &plan.rule {
        sheet.row("rule", &rule::words(rule));
        sheet.row(
            "",
            "it goes beside the rules that are there, and is read back; else nothing is done",
        );
    }
    if plan.not_taken > 0 {
        let count = u64::try_from(plan.not_taken).unwrap_or(u64::MAX);
        let what = format!(
            "{} without a current object",
            words::counted(count, "orphan")
        );
        sheet.styled("left out", &what, theme.warning);
    }
    for left in plan.left_out.iter().take(MOST_KEYS) {
        let why = format!("{}: {}", text::safe(left.key.as_str()), left.why);
        sheet.styled("left out", &why, theme.warning);
    }
    sheet.section("To carry it out");
    if state.write {
        sheet.plain(&format!(
            "Enter, then type {}. Esc cancels, and nothing is changed.",
            plan.confirmation()
        ));
    } else {
        sheet.plain("This is a dry run: nothing is changed unless s3warden is started with --write. Esc goes back.");
    }
    sheet.section("What it is about");
    for item in plan.plan.items.iter().take(MOST_KEYS) {
        sheet.row(&item.claim.group(), item.claim.key.as_str());
    }
    if let Some(more) = plan
        .plan
        .items
        .len()
        .checked_sub(MOST_KEYS)
        .filter(|more| *more > 0)
    {
        let more = u64::try_from(more).unwrap_or(u64::MAX);
        sheet.plain(&format!("and {} more", words::exact(more)));
    }
}

fn ended(sheet: &mut Sheet<'_>, done: &ActDone, theme: &Theme) {
    sheet.title(&title(&done.plan));
    match &done.acted.ended {
        Ended::Verified(verified) => {
            let mut outcomes: BTreeMap<Outcome, u64> = BTreeMap::new();
            let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
            for item in &verified.receipt.items {
                *outcomes.entry(item.outcome).or_default() += 1;
                if let Some(reason) = &item.reason {
                    *reasons.entry(reason).or_default() += 1;
                }
            }
            for (outcome, count) in outcomes {
                let (word, style) = match outcome {
                    Outcome::Deleted => ("deleted", theme.good),
                    Outcome::GoneBefore => ("gone before", theme.row),
                    Outcome::Retained => ("left alone", theme.warning),
                    Outcome::StillThere => ("not done", theme.bad),
                    Outcome::Done => ("done", theme.good),
                };
                sheet.styled(word, &words::exact(count), style);
            }
            for (reason, count) in reasons {
                sheet.row("because", &format!("{}: {reason}", words::exact(count)));
            }
            if let Some(rule) = &done.plan.rule {
                sheet.row("rule", &rule::words(rule));
            }
            for id in &done.acted.rules_gone {
                sheet.row("rule gone", id);
            }
            sheet.row("receipt", &verified.receipt_file.display().to_string());
            sheet.plain("Everything was looked at again, and it is so.");
        }
        Ended::Stopped(stopped) => {
            let why = match &stopped.why {
                WhyStopped::Interrupted => "it was stopped".to_owned(),
                WhyStopped::Problem(problem) => problem.to_string(),
                WhyStopped::File(why) => why.clone(),
            };
            sheet.styled("stopped", &why, theme.bad);
            sheet.row("done so far", &words::exact(stopped.progress.deleted));
            sheet.plain("The same again goes on: what is done is not done twice. Nothing was looked at again.");
        }
    }
}
