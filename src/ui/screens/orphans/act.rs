//! The plan for orphans, how far it is carried out, and what became of it.

use std::collections::BTreeMap;

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::app::Action;
use crate::app::State;
use crate::app::screens::orphans::act::{Acting, Running, why_stopped};
use crate::app::words;
use crate::domain::advice::{Action as Change, Advice};
use crate::domain::change::Act;
use crate::domain::orphans::KindTotal;
use crate::domain::quarantine::rule;
use crate::domain::receipt::Outcome;
use crate::domain::text;
use crate::domain::words::counted_are;
use crate::ops::change::{Ended, Stopped, Verified};
use crate::ops::quarantine::things;
use crate::tasks::{ActDone, ActPlan, OrphanAction, Way};
use crate::ui::Theme;
use crate::ui::screens::change_progress;
use crate::ui::screens::sheet::Sheet;

/// So many keys are shown; the others are counted.
const MOST_KEYS: usize = 200;

/// Columns before the keys: their reason.
const REASONS: usize = 14;

pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let mut sheet = Sheet::new(area, state, theme);
    match &state.orphans.acting {
        Acting::None => sheet.plain("Nothing is to be done."),
        Acting::Planning => sheet.plain("A plan is being made. Nothing is changed; C-x stops it."),
        Acting::Planned(plan) if plan.plan.items.is_empty() => nothing(&mut sheet, plan),
        Acting::Planned(plan) => planned(&mut sheet, plan),
        Acting::Running(running) => under_way(&mut sheet, running),
        Acting::Ended(done) => match &done.acted.ended {
            Ended::Verified(verified) => over(&mut sheet, done, verified),
            Ended::Stopped(stopped) => stopped_words(&mut sheet, done, stopped),
        },
        Acting::Failed(problem) => {
            sheet.title("It did not come to its end");
            sheet.problem(problem);
            sheet.plain("e explains it in full. If anything was begun, the form (f) offers to go on with it.");
        }
    }
    sheet.draw(frame, area, state.orphans.scroll);
}

/// What is to be done, and to how many.
fn title(plan: &ActPlan) -> String {
    let count = words::counted(things(&plan.plan), "object");
    let bytes = plan.plan.bytes();
    let bucket = &plan.made_of.bucket;
    match (plan.made_of.deed, &plan.made_of.owner) {
        (OrphanAction::Quarantine(_), _) => format!("Put aside {count} of {bucket}, {bytes}"),
        (OrphanAction::Delete, _) => {
            format!("Delete {count} of {bucket} with every version, {bytes}")
        }
        (OrphanAction::Restore, None) => format!("Bring back {count} of {bucket}, {bytes}"),
        (OrphanAction::Restore, Some(owner)) => {
            let owner = text::safe(owner.as_str());
            format!("Bring back {count} of {owner} in {bucket}, {bytes}")
        }
    }
}

fn nothing(sheet: &mut Sheet<'_>, plan: &ActPlan) {
    let bucket = &plan.made_of.bucket;
    let title = match (plan.made_of.deed, &plan.made_of.owner) {
        (OrphanAction::Restore, None) => format!("Nothing is in quarantine in {bucket}"),
        (OrphanAction::Restore, Some(owner)) => {
            let owner = text::safe(owner.as_str());
            format!("Nothing of {owner} is in quarantine in {bucket}")
        }
        _ => format!("Nothing of what was chosen in {bucket} can be acted on"),
    };
    sheet.title(&title);
    left_out(sheet, plan);
    sheet.plain("Esc goes back.");
}

fn planned(sheet: &mut Sheet<'_>, plan: &ActPlan) {
    let (state, theme) = (sheet.state, sheet.theme);
    sheet.title(&title(plan));
    how(sheet, plan);
    if let Some(rule) = &plan.rule {
        sheet.row("rule", &rule::words(rule));
        sheet.row(
            "",
            "it goes beside the rules that are there, and is read back; else nothing is done",
        );
    }
    let by_name = plan.made_of.verdicts.iter();
    let by_name = by_name.filter(|one| one.kind.is_deleted_by_name_alone());
    for total in KindTotal::of(by_name.map(AsRef::as_ref)) {
        if plan.made_of.deed == OrphanAction::Delete {
            let words = format!(
                "{} of them, {}: a user who is alive may still want them back",
                words::exact(total.tally.objects),
                total.tally.bytes
            );
            sheet.styled(total.kind.word(), &words, theme.warning);
        }
    }
    if plan.is_begun() {
        sheet.row(
            "goes on",
            "this plan was begun before: what is done is not repeated, and everything is judged again by the lists of the form",
        );
    }
    left_out(sheet, plan);
    sheet.section("To carry it out");
    if state.write {
        sheet.paragraph(
            &format!("Enter, then type {}", plan.confirmation()),
            theme.row,
        );
        sheet.plain("Esc goes back, and nothing is changed.");
    } else {
        sheet.plain(&format!(
            "This is a dry run: to change anything, {}. Esc goes back.",
            sheet.state.says(&Advice::from(Change::AllowChanges))
        ));
    }
    sheet.section("What it is about");
    let room = sheet.width.saturating_sub(REASONS);
    for item in plan.plan.items.iter().take(MOST_KEYS) {
        // One line a key: its end, the file's name, stays in view.
        let key = text::fit_middle(item.claim.key.as_str(), room);
        sheet.row(&item.claim.group(), key.trim_end());
    }
    let more = plan.plan.items.len().saturating_sub(MOST_KEYS);
    if more > 0 {
        let more = u64::try_from(more).unwrap_or(u64::MAX);
        sheet.plain(&format!("and {} more", words::exact(more)));
    }
}

fn how(sheet: &mut Sheet<'_>, plan: &ActPlan) {
    match plan.made_of.deed {
        OrphanAction::Quarantine(way) => {
            let how = match way {
                Way::Tag if plan.is_begun() => "by tag; they stay where they are",
                Way::Tag => "by tag; they stay where they are, and nothing expires them",
                Way::TagAndRule => "by tag; a lifecycle rule expires them",
                Way::Copy => {
                    "by copy under s3warden-quarantine/; what comes back from there is a new version with a new time"
                }
            };
            sheet.row("how", how);
            if !plan.is_begun() {
                sheet.row(
                    "other ways",
                    "← and → : by tag, by tag with a rule, by copy",
                );
            }
            sheet.row("to undo", "u brings them back");
        }
        OrphanAction::Delete => {
            let how = "for good: nothing of it can be brought back";
            sheet.styled("how", how, sheet.theme.bad);
        }
        OrphanAction::Restore => {
            let how = if plan.plan.header.act == Act::CopyBack {
                "copied back from s3warden-quarantine/ to their own keys, as new versions with new times"
            } else {
                "the tag is taken away, and a delete marker that hides what was tagged"
            };
            sheet.row("how", how);
        }
    }
}

/// What was chosen and is not in the plan, and what else to know.
fn left_out(sheet: &mut Sheet<'_>, plan: &ActPlan) {
    let warning = sheet.theme.warning;
    if plan.not_taken > 0 {
        let count = u64::try_from(plan.not_taken).unwrap_or(u64::MAX);
        let orphans = words::counted(count, "orphan");
        let what = format!("{orphans} without a current object: D deletes what is left of such");
        sheet.styled("left out", &what, warning);
    }
    for left in plan.left_out.iter().take(MOST_KEYS) {
        let why = format!("{}: {}", text::safe(left.key.as_str()), left.why);
        sheet.styled("left out", &why, warning);
    }
    for remark in plan.remarks.iter().take(MOST_KEYS) {
        sheet.styled("note", remark, warning);
    }
}

fn under_way(sheet: &mut Sheet<'_>, running: &Running) {
    let now = sheet.state.now;
    sheet.title(&title(&running.plan));
    if running.stopping {
        let words = "what is under way is waited for; nothing more is sent";
        sheet.styled("stopping", words, sheet.theme.warning);
    }
    let stage = if running.progress.progress().is_none() {
        "everything is judged again"
    } else if running.progress.is_tried() {
        "everything is looked at again: only then it is called done"
    } else {
        "it is carried out"
    };
    sheet.row("now", stage);
    change_progress::progress_rows(sheet, &running.progress, "done", now);
    let elapsed = (now - running.since).num_milliseconds();
    sheet.row("for", &words::duration(elapsed));
    sheet.section("What follows");
    sheet.plain(
        "Each batch is written down before it is sent and when it is answered, so that what stops can go on. C-x stops after \
         what is under way.",
    );
}

fn over(sheet: &mut Sheet<'_>, done: &ActDone, verified: &Verified) {
    let theme = sheet.theme;
    sheet.title(&title(&done.plan));
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
            Outcome::Done => (verified.receipt.act.done(), theme.good),
        };
        sheet.styled(word, &words::counted(count, "thing"), style);
    }
    for (reason, count) in reasons {
        sheet.row("because", &format!("{}: {reason}", words::exact(count)));
    }
    if let Some(rule) = &done.plan.rule {
        sheet.row("rule", &rule::words(rule));
    }
    for id in &done.acted.rules_gone {
        let words = format!("{id}: nothing is left that it would end");
        sheet.row("rule gone", &words);
    }
    if let Some(why) = &done.acted.rule_stays {
        let words = format!("nothing is left that the lifecycle rule would end: {why}");
        sheet.styled("rule stays", &words, theme.warning);
    }
    sheet.section("Receipt");
    sheet.row("file", &verified.receipt_file.display().to_string());
    sheet.row("page", &verified.page_file.display().to_string());
    if !verified.plan_removed {
        let words = "the plan is kept in the state folder, and holds keys";
        sheet.styled("kept", words, theme.warning);
    }
    sheet.lines.push(ratatui::text::Line::default());
    let back = match done.plan.made_of.deed {
        OrphanAction::Quarantine(_) => " u brings them back.",
        OrphanAction::Delete | OrphanAction::Restore => "",
    };
    sheet.plain(&format!(
        "Everything was looked at again, and it is so.{back} What was found before is out of date: s searches again."
    ));
}

fn stopped_words(sheet: &mut Sheet<'_>, done: &ActDone, stopped: &Stopped) {
    let theme = sheet.theme;
    sheet.title(&format!("Stopped before its end: {}", title(&done.plan)));
    sheet.styled("why", &why_stopped(&stopped.why), theme.bad);
    let far = format!(
        "the service took {}, {} failed, {} in doubt, and nothing was looked at again",
        words::counted(stopped.progress.deleted, "change"),
        words::exact(stopped.progress.failed),
        counted_are(stopped.in_doubt, "thing")
    );
    sheet.styled("so far", &far, theme.warning);
    sheet.section("To go on");
    let key = sheet.state.key_for(Action::PlanAgain).unwrap_or_default();
    sheet.plain(&format!(
        "{key} reads the plan again; before it goes on its number is asked for. What is done is not repeated. Later, the form of \
         this screen offers it."
    ));
}
