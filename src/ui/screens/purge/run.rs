//! The purge while it runs, and what came of it.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::app::Action;
use crate::app::State;
use crate::app::screens::purge::ended::{self, Counts};
use crate::app::screens::purge::run::{Ended as EndedRun, Run, Running};
use crate::app::screens::purge::texts;
use crate::app::words;
use crate::domain::ByteSize;
use crate::domain::change::Act;
use crate::domain::receipt::{Amount, Receipt};
use crate::domain::search::OtherBuckets;
use crate::domain::text;
use crate::domain::words::counted_were;
use crate::ops::change::{Ended, Stopped, Verified, WhyStopped};
use crate::tasks::PurgeEnd;
use crate::ui::Theme;
use crate::ui::screens::change_progress;
use crate::ui::screens::sheet::Sheet;
use crate::ui::widgets::columns;

/// Draws the page.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let mut sheet = Sheet::new(area, state, theme);
    match &state.purge.run {
        Run::None => {
            let words = ["Nothing was purged in this session.".to_owned()];
            columns::draw_empty(frame, area, &words, theme);
            return;
        }
        Run::Running(running) => under_way(&mut sheet, running),
        Run::Ended(run) => over(&mut sheet, run),
    }
    sheet.draw(frame, area, state.purge.scroll);
}

fn under_way(sheet: &mut Sheet<'_>, running: &Running) {
    let (theme, now) = (sheet.theme, sheet.state.now);
    let user = text::safe(running.plan.user()).into_owned();
    let act = &running.plan.plan.header.act;
    let what = match act {
        Act::Mark => "Hiding everything of",
        Act::Unmark { .. } => "Undoing the soft purge of",
        _ => "Purging",
    };
    if running.stopping {
        sheet.title(&format!("Stopping: {what} {user}"));
        sheet.styled(
            "stopping",
            "batches under way are waited for; nothing more is sent",
            theme.warning,
        );
    } else {
        sheet.title(&format!("{what} {user}"));
    }
    if running.progress.is_tried() {
        sheet.row(
            "now",
            &format!(
                "everything is listed again: only then it is called {}",
                act.done()
            ),
        );
    } else {
        sheet.row("now", texts::stage_words(running.stage, act));
    }
    let done = running.plan.plan.header.act.done();
    change_progress::progress_rows(sheet, &running.progress, done, now);
    let elapsed = (now - running.since).num_milliseconds();
    sheet.row("for", &words::duration(elapsed));
    sheet.section("What follows");
    sheet.plain(
        "Each batch is written down before it is sent and when it is answered, so that a purge that stops can go on. At the end \
         everything is listed again, and the receipt says what is gone and what is not.",
    );
}

fn over(sheet: &mut Sheet<'_>, run: &EndedRun) {
    let theme = sheet.theme;
    let user = text::safe(run.plan.user()).into_owned();
    match &run.end {
        Err(problem) => {
            sheet.title(&format!("The purge of {user} broke off"));
            sheet.problem(problem);
            sheet.plain("If anything was begun, the form (f) offers to go on with it.");
        }
        Ok(end) => match &end.ended {
            Ok(Ended::Verified(verified)) => verified_words(sheet, run, (end, verified)),
            Ok(Ended::Stopped(stopped)) => stopped_words(sheet, run, stopped),
            Err(failure) => {
                let (why, advice) = ended::refusal(failure);
                sheet.title(&format!("Nothing of {user} was touched"));
                sheet.styled("refused", &why, theme.bad);
                sheet.row("what to do", &sheet.state.says(&advice));
            }
        },
    }
}

fn verified_words(sheet: &mut Sheet<'_>, run: &EndedRun, (end, verified): (&PurgeEnd, &Verified)) {
    let theme = sheet.theme;
    let receipt = &verified.receipt;
    let counts = Counts::of(receipt);
    let user = text::safe(run.plan.user()).into_owned();
    let done = receipt.act.done();
    let title = if run.plan.is_soft() && counts.left() == 0 {
        format!("{user} is hidden: nothing was deleted, and it can be undone")
    } else if run.plan.is_undo() && counts.left() == 0 {
        format!("What was hidden of {user} is there again")
    } else if run.plan.is_undo() {
        format!(
            "The soft purge of {user} is undone in part: {} left",
            words::counted(counts.left(), "delete marker")
        )
    } else if receipt.is_whole() {
        format!("{user} is purged: everything that was found is gone")
    } else if counts.left() == 0 {
        format!(
            "{user} is purged in part: {}",
            receipt.not_whole().join(", ")
        )
    } else {
        format!(
            "{user} is purged in part: {} left",
            words::counted(counts.left(), "thing")
        )
    };
    sheet.title(&title);
    let what = words::counted(counts.deleted, "thing");
    let before = words::exact(counts.gone_before);
    let (label, words) = if run.plan.is_soft() {
        let words =
            format!("{what} hidden, listed again: still stored, each behind a delete marker");
        ("hidden", words)
    } else if run.plan.is_undo() {
        let what = words::counted(counts.deleted, "delete marker");
        let words = format!("{what} taken away, listed again and gone; {before} gone before");
        ("taken away", words)
    } else {
        (
            "gone",
            format!("{what} deleted, listed again and gone; {before} gone before"),
        )
    };
    sheet.styled(label, &words, theme.good);
    for (why, count) in receipt.left() {
        let words = format!("{}: {}", words::counted(count, "thing"), text::safe(why));
        sheet.styled("still there", &words, theme.bad);
    }
    if receipt.appeared > 0 {
        let words = format!(
            "{} found that the plan does not hold, and left alone: n makes a new plan",
            counted_were(receipt.appeared, "thing")
        );
        sheet.styled("appeared", &words, theme.warning);
    }
    for gap in &receipt.not_searched {
        let words = format!("{}: {}", gap.what, gap.why);
        sheet.styled(gap.label(), &words, theme.warning);
    }
    if let Some(words) = receipt.other_buckets.as_ref().and_then(OtherBuckets::words) {
        sheet.row("other buckets", &words);
    }
    if let Some(words) = receipt.unexplained_in_words() {
        sheet.styled("not explained", &words, theme.warning);
    }
    buckets(sheet, receipt, done);
    sheet.section("Receipt");
    sheet.row("file", &verified.receipt_file.display().to_string());
    sheet.row("page", &verified.page_file.display().to_string());
    sheet.row("case", &receipt.case);
    if let Some(copy) = &end.copy {
        let (words, is_there) = ended::copy_words(copy);
        let style = if is_there { theme.row } else { theme.bad };
        sheet.styled("copy", &words, style);
    }
    if receipt.markers.is_some() {
        let key = sheet.state.key_for(Action::UndoPurge).unwrap_or_default();
        sheet.row("to undo", &format!("{key}, here or later on the form"));
    }
    if !verified.lists_removed.is_empty() {
        let words =
            "the lists of earlier soft purges: what they name is gone, and no undo brings it back";
        sheet.row("removed", words);
    }
    for plan in &verified.other_plans.left {
        let words = format!(
            "another plan of this user, which holds their keys: {}",
            plan.display()
        );
        sheet.styled("kept", &words, theme.warning);
    }
    if !verified.plan_removed {
        let words = "plan and journal are kept in the state folder, and hold the user's keys";
        sheet.styled("kept", words, theme.warning);
    }
    sheet.row("took", &words::duration(run.took));
}

fn buckets(sheet: &mut Sheet<'_>, receipt: &Receipt, done: &str) {
    sheet.section("By bucket");
    for (bucket, counts) in &receipt.buckets {
        if counts.planned.items == 0 {
            continue;
        }
        let of_done = Amount {
            items: counts.deleted.items + counts.done.items,
            bytes: counts.deleted.bytes.saturating_add(counts.done.bytes),
        };
        let mut parts = vec![amount(of_done, done)];
        for (of, word) in [
            (counts.gone_before, "gone before"),
            (counts.retained, "retained"),
            (counts.still_there, "still there"),
        ] {
            if of.items > 0 {
                parts.push(amount(of, word));
            }
        }
        sheet.plain(&format!("{bucket}: {}", parts.join(", ")));
    }
}

fn amount(amount: Amount, word: &str) -> String {
    format!(
        "{} {word} ({})",
        words::exact(amount.items),
        ByteSize(amount.bytes)
    )
}

fn stopped_words(sheet: &mut Sheet<'_>, run: &EndedRun, stopped: &Stopped) {
    let theme = sheet.theme;
    let user = text::safe(run.plan.user()).into_owned();
    sheet.title(&format!("The purge of {user} stopped before its end"));
    match &stopped.why {
        WhyStopped::Interrupted => sheet.styled("why", "you stopped it", theme.warning),
        WhyStopped::Problem(problem) => {
            sheet.styled("why", &problem.without_advice(), theme.bad);
            sheet.row("what to do", &sheet.state.says(&problem.advice));
        }
        WhyStopped::File(why) => sheet.styled("why", why, theme.bad),
    }
    let far = ended::so_far(stopped.progress, stopped.in_doubt);
    sheet.styled("so far", &far, theme.warning);
    sheet.section("To go on");
    let key = sheet.state.key_for(Action::PlanAgain).unwrap_or_default();
    sheet.plain(&format!(
        "{key} reads the plan again; before it goes on the id is asked for. What is done is not repeated. Later, the form of this \
         screen offers it."
    ));
}
