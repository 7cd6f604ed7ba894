//! Many users at once: the plan over a file of requests, the question, the run and what came of it.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};

use crate::app::State;
use crate::app::screens::purge::batch::{Many, Over, Running, count, obstacle, totals};
use crate::app::screens::purge::{Typed, ended};
use crate::app::words;
use crate::domain::search::OtherBuckets;
use crate::domain::text;
use crate::ops::change::WhyStopped;
use crate::ops::change::batch::{BatchUser, Outcome, UserEnd};
use crate::tasks::BatchPlan;
use crate::ui::Theme;
use crate::ui::screens::sheet::Sheet;
use crate::ui::widgets::columns;
use crate::ui::widgets::status::typed_line;

/// Draws the page.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let mut sheet = Sheet::new(area, state, theme);
    match &state.purge.many {
        Many::None => {
            let words = ["No file of requests was planned for in this session.".to_owned()];
            columns::draw_empty(frame, area, &words, theme);
            return;
        }
        Many::Planning { file, users, .. } => {
            sheet.title(&format!("Planning for the users in {}", text::safe(file)));
            let done = words::counted(count(users.len()), "user");
            sheet.row("so far", &format!("{done} planned for; nothing is changed"));
        }
        Many::Failed(problem) => {
            sheet.title("There is no plan");
            sheet.problem(problem);
        }
        Many::Ready(plan) => planned(&mut sheet, plan),
        Many::Running(running) => under_way(&mut sheet, running),
        Many::Ended(over) => ended_words(&mut sheet, over),
    }
    sheet.draw(frame, area, state.purge.scroll);
}

pub(super) fn draw_question(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let Some(plan) = state.purge.many.plan() else {
        return;
    };
    let mut sheet = Sheet::new(area, state, theme);
    let users = words::counted(count(plan.batch.count()), "user");
    sheet.paragraph(&format!("Purge {users}"), theme.bad);
    headline(&mut sheet, plan);
    not_purged(&mut sheet, plan);
    sheet.paragraph(
        "After this, nothing of these users' items can be brought back.",
        theme.warning,
    );
    let lines = u16::try_from(sheet.lines.len()).unwrap_or(u16::MAX);
    let [above, below] = Layout::vertical([
        Constraint::Length(lines.min(area.height.saturating_sub(QUESTION))),
        Constraint::Length(QUESTION),
    ])
    .areas(area);
    sheet.draw(frame, above, state.purge.scroll);
    let mut sheet = Sheet::new(below, state, theme);
    sheet.plain("");
    let width = usize::from(area.width.saturating_sub(6));
    let label = format!("Type {} to purge:  ", plan.batch.confirmation());
    let typed = typed_line(&label, &state.purge.confirm, width, theme);
    sheet.lines.push(typed);
    sheet.plain("");
    let words = match state.purge.typed() {
        Typed::Whole => "Enter purges; Esc cancels",
        Typed::Beginning => "Esc cancels; Enter purges once it stands there whole",
        Typed::Different => "this is something else; Esc cancels",
    };
    sheet.plain(words);
    sheet.draw(frame, below, 0);
}

/// Lines of the question itself.
const QUESTION: u16 = 4;

/// So many users are named with the question; the plan names all.
const MOST_NAMED: usize = 5;

/// Who is left out, and what was not searched: the last question says it once more.
fn not_purged(sheet: &mut Sheet<'_>, plan: &BatchPlan) {
    let theme = sheet.theme;
    let of = |user: &BatchUser| named(&user.user, user.reference.as_deref());
    let left: Vec<String> = plan
        .batch
        .users
        .iter()
        .filter(|user| user.left.is_some())
        .map(of)
        .collect();
    let mut gaps: Vec<String> = Vec::new();
    for user in &plan.batch.users {
        let each = user.not_searched.iter();
        gaps.extend(each.map(|gap| format!("{}: {}: {}", of(user), gap.what, gap.why)));
    }
    let more = |all: usize| match all.saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    if !left.is_empty() {
        let first: Vec<&str> = left.iter().take(MOST_NAMED).map(String::as_str).collect();
        let words = format!("{}{}", first.join(", "), more(left.len()));
        sheet.styled("left out", &words, theme.bad);
    }
    for words in gaps.iter().take(MOST_NAMED) {
        sheet.styled("incomplete", words, theme.warning);
    }
    if gaps.len() > MOST_NAMED {
        sheet.styled("", &more(gaps.len()), theme.warning);
    }
    others(sheet, plan);
}

/// The buckets of the account that nobody searched, and requests that name a user again.
fn others(sheet: &mut Sheet<'_>, plan: &BatchPlan) {
    let words = plan
        .batch
        .other_buckets
        .as_ref()
        .and_then(OtherBuckets::words);
    if let Some(words) = words {
        sheet.row("other buckets", &words);
    }
    for words in &plan.unexplained {
        sheet.row("not explained", words);
    }
    if plan.batch.doubled() > 0 {
        let words = format!(
            "{} for {}: whoever is named again is purged once",
            words::counted(plan.batch.requests, "request"),
            words::counted(count(plan.batch.users.len()), "user")
        );
        sheet.row("requests", &words);
    }
}

fn headline(sheet: &mut Sheet<'_>, plan: &BatchPlan) {
    let things = words::counted(plan.batch.items(), "thing");
    let users = words::counted(count(plan.batch.count()), "user");
    let left = plan.batch.users.len() - plan.batch.count();
    let mut words = format!("{things} of {users}, {}", plan.batch.bytes());
    if left > 0 {
        words = format!("{words}; {left} left");
    }
    sheet.row("to purge", &words);
}

fn planned(sheet: &mut Sheet<'_>, plan: &BatchPlan) {
    let (state, theme) = (sheet.state, sheet.theme);
    sheet.title("Plan over all requests");
    if let Some(obstacle) = obstacle(&state.purge, plan, state.write) {
        let words = format!("{}; {}", obstacle.why, state.says(&obstacle.advice));
        sheet.styled("not now", &words, theme.bad);
    }
    headline(sheet, plan);
    let operator = text::safe(&plan.batch.operator.words()).into_owned();
    sheet.row("who acts", &operator);
    sheet.row("plan", &plan.file.display().to_string());
    others(sheet, plan);
    sheet.section("Users");
    for user in &plan.batch.users {
        planned_user(sheet, user);
    }
}

fn planned_user(sheet: &mut Sheet<'_>, user: &BatchUser) {
    let theme = sheet.theme;
    let who = named(&user.user, user.reference.as_deref());
    match (&user.left, &user.plan) {
        (Some(why), _) => sheet.styled("left", &format!("{who}: {why}"), theme.bad),
        (None, None) => sheet.row("nothing", &who),
        (None, Some(plan)) => {
            let things = words::counted(plan.items, "thing");
            let bytes = crate::domain::ByteSize(plan.bytes);
            sheet.row("purge", &format!("{who}: {things}, {bytes}"));
        }
    }
    for gap in &user.not_searched {
        let words = format!("{}: {}", gap.what, gap.why);
        sheet.styled(gap.label(), &words, theme.warning);
    }
}

fn named(user: &str, reference: Option<&str>) -> String {
    let user = text::safe(user);
    match reference {
        Some(reference) => format!("{user} ({})", text::safe(reference)),
        None => user.into_owned(),
    }
}

fn under_way(sheet: &mut Sheet<'_>, running: &Running) {
    let theme = sheet.theme;
    sheet.title(if running.stopping {
        "Stopping: what is under way is waited for"
    } else {
        "Purging user by user"
    });
    sheet.row("so far", &running.how_far());
    users(sheet, &running.done);
    sheet.styled("", "one receipt each; what stops can go on", theme.faint);
}

fn ended_words(sheet: &mut Sheet<'_>, over: &Over) {
    let theme = sheet.theme;
    match &over.end {
        Err(problem) => {
            sheet.title("The purge broke off");
            sheet.problem(problem);
        }
        Ok(ended) => match ended.as_ref() {
            Err(failure) => {
                let (why, advice) = ended::refusal(failure);
                sheet.title("Nothing was touched");
                sheet.styled("refused", &why, theme.bad);
                sheet.row("what to do", &sheet.state.says(&advice));
            }
            Ok(end) => {
                match &end.stopped {
                    None => sheet.title(&totals(&end.users)),
                    Some(stopped) => {
                        sheet.title("The purge stopped before its end; P goes on");
                        let why = match &stopped.why {
                            WhyStopped::Interrupted => "you stopped it".to_owned(),
                            WhyStopped::Problem(problem) => problem.to_string(),
                            WhyStopped::File(why) => why.clone(),
                        };
                        sheet.styled("why", &why, theme.bad);
                    }
                }
                if let Some(summary) = &end.summary {
                    sheet.row("summary", &summary.display().to_string());
                }
                if !end.plan_removed {
                    let file = over.plan.file.display().to_string();
                    sheet.styled(
                        "kept",
                        &format!("the plan, which names the users: {file}"),
                        theme.warning,
                    );
                }
            }
        },
    }
    for why in &over.no_copies {
        sheet.styled("no copy", why, theme.bad);
    }
    users(sheet, &over.done);
}

fn users(sheet: &mut Sheet<'_>, done: &[UserEnd]) {
    let theme = sheet.theme;
    sheet.section("Users");
    for user in done {
        let who = named(&user.user, user.reference.as_deref());
        let things = words::counted(user.deleted, "thing");
        let why = user.why.as_deref().map(|why| format!(": {why}"));
        let words = format!("{who}, {things} deleted{}", why.unwrap_or_default());
        let style = match user.outcome {
            Outcome::Purged => theme.good,
            Outcome::NothingFound => theme.row,
            Outcome::InPart => theme.warning,
            Outcome::StillThere | Outcome::Left => theme.bad,
        };
        sheet.styled(user.outcome.word(), &words, style);
        if let Some(receipt) = &user.receipt {
            sheet.row("", &receipt.display().to_string());
        }
    }
}
