//! What was found, by kind, and what the gates said; while the search runs, how far it is.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;

use crate::app::State;
use crate::app::screens::orphans::limits::Limit;
use crate::app::screens::orphans::texts;
use crate::app::screens::orphans::{KindLine, Search};
use crate::app::words;
use crate::domain::advice::{Action, advice};
use crate::domain::orphans::{Kind, KindTotal, Tripped};
use crate::domain::prices::{PriceTable, money};
use crate::domain::registry::Date;
use crate::domain::text;
use crate::ops::orphans::{Ended, Progress, RegistryFacts};
use crate::tasks::OrphansFound;
use crate::ui::Theme;
use crate::ui::screens::sheet::Sheet;
use crate::ui::widgets::columns::{self, Align, Cell, Column};

fn columns() -> [Column<()>; 7] {
    [
        Column::fixed("KIND", 16, Align::Left, 0, None),
        Column::fixed("ITEMS", 8, Align::Right, 0, None),
        Column::fixed("SIZE", 10, Align::Right, 0, None),
        Column::fixed("A MONTH", 9, Align::Right, 0, None),
        Column::fixed("KEPT BACK", 9, Align::Right, 96, None),
        Column::fixed("OLDEST", 10, Align::Left, 110, None),
        Column::growing("WHAT IT MEANS", Align::Left, None),
    ]
}

/// Draws the page.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let orphans = &state.orphans;
    match &orphans.search {
        Search::None => {
            let words = [
                "Nothing was looked for yet.".to_owned(),
                "s searches.".to_owned(),
            ];
            columns::draw_empty(frame, area, &words, theme);
        }
        Search::Running(progress) => running(frame, area, state, progress.as_ref(), theme),
        Search::Failed(problem) => {
            let mut sheet = Sheet::new(area, state, theme);
            sheet.title("The search broke off");
            sheet.problem(problem);
            sheet.draw(frame, area, 0);
        }
        Search::Ended(found) => ended(frame, area, state, found, theme),
    }
}

fn running(
    frame: &mut Frame,
    area: Rect,
    state: &State,
    progress: Option<&Progress>,
    theme: &Theme,
) {
    let mut sheet = Sheet::new(area, state, theme);
    sheet.title(&format!("Looking for orphans in {}", state.orphans.of));
    match progress {
        None => sheet.plain("Beginning …"),
        Some(progress) => {
            sheet.row("now", &texts::stage_words(progress));
            let requests = words::exact(progress.requests);
            sheet.row("requests", &requests);
            if progress.retries > 0 {
                let retries = words::exact(progress.retries);
                sheet.styled("sent again", &retries, theme.warning);
            }
            let elapsed = i64::try_from(progress.elapsed.as_millis()).unwrap_or(i64::MAX);
            sheet.row("for", &words::duration(elapsed));
        }
    }
    sheet.section("What follows");
    sheet.plain(
        "The lists are read first, so that nothing that is written meanwhile counts as an orphan. Then the buckets are listed \
         whole, with a certificate that no key was left out; without it nothing is judged. Then objects and lists are brought \
         together, and the gates decide whether the result can be believed.",
    );
    sheet.draw(frame, area, 0);
}

fn ended(frame: &mut Frame, area: Rect, state: &State, found: &OrphansFound, theme: &Theme) {
    let lines = state.orphans.kinds();
    let table = u16::try_from(lines.len() + 1).unwrap_or(10);
    let [list, _, below] = Layout::vertical([
        Constraint::Length(table),
        Constraint::Length(1),
        Constraint::Min(0),
    ])
    .areas(area);
    let rows = lines.iter().enumerate().map(|(at, line)| {
        let cells = cells(line, state, theme);
        (at == state.orphans.kind, cells)
    });
    columns::draw(frame, list, &columns(), None, rows, theme);
    let mut sheet = Sheet::new(below, state, theme);
    sheet.width = sheet.width.saturating_sub(2);
    search_notes(&mut sheet, found);
    let inner = Rect {
        x: below.x + 2,
        width: below.width.saturating_sub(2),
        ..below
    };
    sheet.draw(frame, inner, state.orphans.scroll);
}

fn cells(line: &KindLine, state: &State, theme: &Theme) -> Vec<Cell> {
    let style = style_of(line, theme);
    let (items, size, cost, oldest) = match &line.total {
        Some(total) => (
            format!(
                "{}{}",
                if line.untold.is_empty() { "" } else { "≥" },
                words::exact(total.tally.objects)
            ),
            size_of(total),
            cost_of(total, state.prices.as_deref()),
            total.tally.oldest.map_or_else(
                || words::NONE.to_owned(),
                |time| state.local(time).format("%Y-%m-%d").to_string(),
            ),
        ),
        None if !line.judged => (
            words::UNKNOWN.to_owned(),
            words::UNKNOWN.to_owned(),
            words::UNKNOWN.to_owned(),
            words::UNKNOWN.to_owned(),
        ),
        None => (
            words::NONE.to_owned(),
            words::NONE.to_owned(),
            words::NONE.to_owned(),
            words::NONE.to_owned(),
        ),
    };
    let kept_back = match line.withheld {
        0 => Cell::new(words::NONE, theme.faint),
        withheld => Cell::new(words::exact(withheld), theme.warning),
    };
    let means = match line.untold.first() {
        Some(why) if !line.judged => Cell::new(format!("not judged: {why}"), theme.warning),
        Some(why) => Cell::new(
            format!("{}; in part: {why}", line.kind.meaning()),
            theme.warning,
        ),
        None => Cell::new(line.kind.meaning(), theme.faint),
    };
    vec![
        Cell::new(line.kind.word(), style),
        Cell::new(items, style),
        Cell::new(size, style),
        Cell::new(cost, style),
        kept_back,
        Cell::new(oldest, theme.faint),
        means,
    ]
}

fn style_of(line: &KindLine, theme: &Theme) -> Style {
    match (&line.total, line.kind) {
        (None, _) => theme.faint,
        (Some(_), kind) if kind.is_finding() => theme.bad,
        (Some(_), _) => theme.warning,
    }
}

/// Records without an object have no bytes; what the parts of uploads hold no listing tells.
fn size_of(total: &KindTotal) -> String {
    match total.kind {
        Kind::Dangling => words::NONE.to_owned(),
        Kind::UploadAbandoned if total.tally.bytes.bytes() == 0 => words::UNKNOWN.to_owned(),
        _ => total.tally.bytes.to_string(),
    }
}

/// What a month of it costs, where deleting it would save that.
fn cost_of(total: &KindTotal, prices: Option<&PriceTable>) -> String {
    if !total.kind.is_orphan() || total.classes.is_empty() {
        return words::NONE.to_owned();
    }
    let Some(prices) = prices else {
        return words::UNKNOWN.to_owned();
    };
    let estimate = prices.estimate_scan(&total.classes);
    let at_least = if estimate.is_complete() { "" } else { "≥" };
    format!("{at_least}{}", money(estimate.total(), &prices.currency))
}

/// The gates first, for they decide; then by whose word, and what else is to be known.
fn search_notes(sheet: &mut Sheet<'_>, found: &OrphansFound) {
    let report = &found.report;
    match &report.ended {
        Ended::Failed(problem) | Ended::Wrong(problem) => sheet.problem(problem),
        Ended::Stopped => {
            sheet.plain("It was stopped: what was read by then is no basis for verdicts.");
        }
        Ended::Judged | Ended::Refused => {}
    }
    if report.tripped.is_empty() {
        if report.ended == Ended::Judged {
            let lists = lists_words(&report.registries);
            let words = format!(
                "✓ all passed: the listing is certified complete, {lists}the shares are plausible"
            );
            sheet.styled("gates", &words, sheet.theme.good);
        }
    } else {
        let words = "! REFUSED: these numbers are too unlikely, or rest on too little, to call anything an orphan";
        sheet.styled("gates", words, sheet.theme.bad);
        for one in &report.tripped {
            let place = one
                .bucket
                .as_ref()
                .map_or_else(String::new, |bucket| format!("{bucket}: "));
            sheet.styled(
                one.gate.word(),
                &format!("{place}{}; {}", one.why, advice(sheet.state, one)),
                sheet.theme.warning,
            );
        }
    }
    for list in &report.registries {
        registry(sheet, list);
    }
    for bucket in &report.buckets {
        let judged = &bucket.judged;
        let objects = words::counted(judged.objects, "object");
        let young = match judged.young {
            young if young > 0 && report.buckets.len() > 1 => {
                format!(", {} too young to be judged", words::exact(young))
            }
            _ => String::new(),
        };
        let explained = words::percent(judged.explained, judged.objects);
        let words = format!(
            "{}: {objects}, {}, {explained} explained by a layout{young}",
            bucket.bucket, judged.bytes
        );
        sheet.row("bucket", &words);
    }
    if let Some(young) = report.young_in_words() {
        sheet.row("", &young);
    }
    let elsewhere = report.records_elsewhere;
    if elsewhere > 0 {
        let records = words::counted(elsewhere, "record");
        sheet.row(
            "",
            &format!("{records} of objects in buckets that were not listed"),
        );
    }
    if report.records_unexplained > 0 {
        let records = words::counted(report.records_unexplained, "record");
        sheet.row("", &format!("{records} whose key no layout explains"));
    }
    for remark in &report.remarks {
        sheet.row("", remark);
    }
    if report.tripped.is_empty() {
        for gap in report.coverage.gaps() {
            let words = format!("{}: {}", gap.what, gap.why);
            sheet.styled("incomplete", &words, sheet.theme.warning);
        }
    }
}

/// What can be said of lists that passed: those with malformed rows or without a date are not called whole or fresh.
fn lists_words(lists: &[RegistryFacts]) -> &'static str {
    let is_whole = lists.iter().all(|list| list.malformed == 0);
    let is_dated = lists.iter().all(|list| list.date() == Date::Known);
    match (lists.is_empty(), is_whole, is_dated) {
        (true, ..) => "",
        (false, true, true) => "the lists are fresh and whole, ",
        (false, false, true) => "the lists have malformed rows that were allowed, ",
        (false, true, false) => "the lists are whole and their age is not known, ",
        (false, false, false) => {
            "the lists have malformed rows that were allowed and their age is not known, "
        }
    }
}

/// What can be done about a gate here.
fn advice(state: &State, tripped: &Tripped) -> String {
    match (Limit::of(tripped.gate), tripped.gate.overruled_by()) {
        (Some(limit), Some(_)) => {
            let change = Action::ChangeSetup {
                field: limit.label(),
            };
            state.says(&advice!("if that is so,").then(change))
        }
        _ => state.says(&tripped.advice()),
    }
}

fn registry(sheet: &mut Sheet<'_>, list: &RegistryFacts) {
    let state = sheet.state;
    let time = |time| state.local(time).format("%Y-%m-%d %H:%M").to_string();
    let made = list
        .made_at
        .map_or_else(String::new, |made| format!(", made {}", time(made)));
    let malformed = match list.malformed {
        0 => String::new(),
        rows => format!(", {} malformed", words::counted(rows, "row")),
    };
    let words = format!(
        "{} living {} in {}{made}{malformed}",
        words::exact(list.ids),
        list.subject.plural(),
        text::safe(&list.stated),
    );
    let style = if list.malformed > 0 {
        sheet.theme.warning
    } else {
        sheet.theme.row
    };
    sheet.styled(list.subject.plural(), &words, style);
}
