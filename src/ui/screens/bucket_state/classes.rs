//! Where the bytes are, by storage class, and what they cost: a table with bars, or two bars where there is little room.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{metrics, source_words};
use crate::app::State;
use crate::app::screens::bucket_state::{BucketState, ClassShare, ClassSource, Classes, costs};
use crate::app::words;
use crate::domain::prices::money;
use crate::domain::{ByteSize, text};
use crate::ui::Theme;

/// From so many lines on there is room for a line a class.
const ROOM_FOR_TABLE: u16 = 9;

/// The lines that a history of the size takes, at least and at most.
const ROOM_FOR_GROWTH: u16 = 7;
const MOST_OF_GROWTH: u16 = 14;

/// Columns before everything, as lists have them.
const MARGIN: &str = "   ";

/// What the parts of a bar are filled with, so that they can be told without colour.
const FILLS: [&str; 6] = ["█", "▓", "▒", "░", "▚", "·"];

/// Widths of a class's name, its size, a share, a count.
const NAME: usize = 27;
const SIZE: usize = 11;
const SHARE: usize = 8;
const COUNT: usize = 10;

/// Draws it below the concerns.
pub(super) fn draw(
    frame: &mut Frame,
    area: Rect,
    state: &State,
    shown: &BucketState,
    theme: &Theme,
) {
    let width = usize::from(area.width);
    let mut lines = vec![Line::default()];
    match shown.classes() {
        None => {
            lines.push(Line::styled(
                format!("{MARGIN}Where the bytes are"),
                theme.place,
            ));
            let is_asked = shown.audited.load.is_loading() || shown.storage.load.is_loading();
            let words = if is_asked {
                "Asking …"
            } else {
                "Not known: neither the bucket nor CloudWatch could be asked. e explains, r asks again."
            };
            for line in text::wrap(words, width.saturating_sub(6)) {
                lines.push(Line::styled(format!("{MARGIN}{line}"), theme.faint));
            }
        }
        Some(classes) => {
            lines.push(title(state, &classes, theme));
            // A blank and two lines stay for the cost where there is room.
            if area.height >= ROOM_FOR_TABLE {
                let room = usize::from(area.height).saturating_sub(lines.len() + 3);
                lines.extend(table(&classes, width, room, theme));
            } else {
                lines.extend(bars(&classes, width, theme));
            }
        }
    }
    let room = usize::from(area.height).saturating_sub(lines.len());
    let mut cost = cost_lines(state, shown, width, room);
    cost.extend(annotation_words(shown));
    let blank = room > cost.len();
    lines.extend(blank.then(Line::default));
    lines.extend(
        cost.into_iter()
            .take(room)
            .map(|line| Line::styled(format!("{MARGIN}{line}"), theme.row)),
    );
    let taken = u16::try_from(lines.len() + 1).unwrap_or(u16::MAX);
    if area.height >= taken.saturating_add(ROOM_FOR_GROWTH) {
        let growth = Rect {
            y: area.y + taken,
            height: (area.height - taken).min(MOST_OF_GROWTH),
            ..area
        };
        metrics::draw_growth(frame, growth, shown, theme);
    }
    for (line, row) in lines.into_iter().zip(area.rows()) {
        frame.render_widget(line, row);
    }
}

/// What is in no size above, where anything was found or could not be asked.
fn annotation_words(shown: &BucketState) -> Option<String> {
    let audited = shown.audited.value.as_ref()?;
    match audited.annotations.known() {
        Ok(None) => None,
        Ok(Some(sample)) if sample.annotations == 0 => None,
        Ok(Some(sample)) => Some(format!(
            "Annotations: {} of {} looked at have {}, {} not counted above",
            sample.annotated,
            words::counted(sample.objects, "object"),
            sample.annotations,
            ByteSize(sample.bytes)
        )),
        Err(why) => Some(format!(
            "Annotations: unknown, {}",
            text::safe(why.short().trim_end_matches('.'))
        )),
    }
}

fn title(state: &State, classes: &Classes, theme: &Theme) -> Line<'static> {
    let mut words = format!("{} · ", ByteSize(classes.bytes()));
    if let Some(count) = classes.count() {
        words = format!("{words}{} {} · ", words::count(count), noun(classes));
    }
    Line::from(vec![
        Span::styled(format!("{MARGIN}Where the bytes are   "), theme.place),
        Span::styled(
            format!("{words}{}", source_words(state, classes.source)),
            theme.faint,
        ),
    ])
}

/// What is counted: a scan lists current objects alone.
fn noun(classes: &Classes) -> &'static str {
    match classes.source {
        ClassSource::Scan(_) => "objects",
        ClassSource::Listing(_) | ClassSource::Sample(_) | ClassSource::CloudWatch(_) => "versions",
    }
}

/// One bar for bytes and one for objects, and what their parts are.
fn bars(classes: &Classes, width: usize, theme: &Theme) -> Vec<Line<'static>> {
    let length = width.saturating_sub(14);
    let styles = styles(theme);
    let bar = |label: &str, of: &dyn Fn(&ClassShare) -> u64| {
        let parts: Vec<u64> = classes.shares.iter().map(of).collect();
        let mut spans = vec![Span::styled(
            format!("{MARGIN}{}", text::fit(label, 9)),
            theme.label,
        )];
        for (at, cells) in shared_out(&parts, length).into_iter().enumerate() {
            let fill = FILLS.get(at.min(FILLS.len() - 1)).copied().unwrap_or("·");
            let style = styles.get(at.min(styles.len() - 1)).copied();
            spans.push(Span::styled(fill.repeat(cells), style.unwrap_or(theme.row)));
        }
        Line::from(spans)
    };
    let mut lines = vec![bar("bytes", &|share| share.bytes)];
    if classes.count().is_some() {
        lines.push(bar(noun(classes), &|share| share.count.unwrap_or_default()));
    }
    let all = classes.bytes();
    let mut spans = vec![Span::raw(" ".repeat(12))];
    let mut left = width.saturating_sub(14);
    for (at, share) in classes.shares.iter().enumerate() {
        let fill = FILLS.get(at.min(FILLS.len() - 1)).copied().unwrap_or("·");
        let words = format!(
            "{} {}  ",
            text::safe(&share.name),
            words::percent(share.bytes, all)
        );
        let taken = text::width(&words) + 2;
        if taken > left {
            break;
        }
        left -= taken;
        let style = styles.get(at.min(styles.len() - 1)).copied();
        spans.push(Span::styled(format!("{fill} "), style.unwrap_or(theme.row)));
        spans.push(Span::styled(words, theme.row));
    }
    lines.push(Line::from(spans));
    lines
}

fn styles(theme: &Theme) -> [Style; 6] {
    [
        theme.marker,
        theme.folder,
        theme.good,
        theme.row,
        theme.faint,
        theme.faint,
    ]
}

/// A bar's cells for its parts: as many in all as it is long, and one at least for what is there.
fn shared_out(parts: &[u64], length: usize) -> Vec<usize> {
    let all: u128 = parts.iter().map(|part| u128::from(*part)).sum();
    let cells = |part: u64| {
        let exact = u128::from(part) * length as u128 / all.max(1);
        usize::try_from(exact)
            .unwrap_or(length)
            .max(usize::from(part > 0))
    };
    let mut shares: Vec<usize> = parts.iter().map(|part| cells(*part)).collect();
    // The largest takes or gives what rounding left.
    let others: usize = shares.iter().skip(1).sum();
    if let Some(first) = shares.first_mut()
        && all > 0
    {
        *first = length.saturating_sub(others);
    }
    shares
}

/// A line a class with bars of their own.
fn table(classes: &Classes, width: usize, room: usize, theme: &Theme) -> Vec<Line<'static>> {
    let counts = classes.count();
    let has_counts = counts.is_some();
    let fixed = MARGIN.len() + NAME + SIZE + SHARE + if has_counts { COUNT + SHARE } else { 0 } + 8;
    let left = width.saturating_sub(fixed);
    let bar = if has_counts { left / 2 } else { left }.min(48);
    let mut head = format!("{MARGIN}{}", text::fit("CLASS", NAME));
    head.push_str(&text::fit_right("SIZE", SIZE));
    head.push_str(&text::fit_right("", SHARE + bar + 2));
    if has_counts {
        head.push_str(&text::fit_right(&noun(classes).to_uppercase(), COUNT));
    }
    let mut lines = vec![Line::styled(head, theme.head)];
    let all = classes.bytes();
    let largest = classes.shares.first().map_or(0, |share| share.bytes);
    let most = classes.shares.iter().filter_map(|share| share.count).max();
    let shown = if classes.shares.len() < room {
        classes.shares.len()
    } else {
        room.saturating_sub(2)
    };
    for share in classes.shares.iter().take(shown) {
        let mut spans = vec![
            Span::styled(
                format!("{MARGIN}{}", text::fit(&share.name, NAME)),
                theme.row,
            ),
            Span::styled(
                text::fit_right(&ByteSize(share.bytes).to_string(), SIZE),
                theme.row,
            ),
            Span::styled(
                text::fit_right(&words::percent(share.bytes, all), SHARE),
                theme.faint,
            ),
            Span::styled(
                format!(
                    "  {}",
                    text::fit(&words::bar(share.bytes, largest, bar), bar)
                ),
                theme.marker,
            ),
        ];
        if let (Some(count), Some(counts)) = (share.count, counts) {
            let drawn = words::bar(count, most.unwrap_or_default(), bar);
            spans.push(Span::styled(
                text::fit_right(&words::count(count), COUNT),
                theme.row,
            ));
            spans.push(Span::styled(
                text::fit_right(&words::percent(count, counts), SHARE),
                theme.faint,
            ));
            spans.push(Span::styled(format!("  {drawn}"), theme.marker));
        }
        lines.push(Line::from(spans));
    }
    let rest = classes.shares.iter().skip(shown);
    let bytes: u64 = rest.clone().map(|share| share.bytes).sum();
    let others = rest.count() as u64;
    if others > 0 {
        let name = format!("and {}", words::counted(others, "other"));
        let line = format!(
            "{MARGIN}{}{}",
            text::fit(&name, NAME),
            text::fit_right(&ByteSize(bytes).to_string(), SIZE)
        );
        lines.push(Line::styled(line, theme.faint));
    }
    lines
}

/// What a month costs, what that is made of, and that it is an estimate.
fn cost_lines(state: &State, shown: &BucketState, width: usize, room: usize) -> Vec<String> {
    let Some(prices) = &state.prices else {
        return Vec::new();
    };
    let Some(cost) = costs(shown, prices) else {
        return Vec::new();
    };
    let of = |amount: f64| money(amount, &prices.currency);
    let least = if cost.at_least { "at least " } else { "" };
    if room < 2 {
        let words = format!(
            "Estimate: {least}{} a month ({}, prices {})",
            of(cost.total),
            match cost.source {
                ClassSource::CloudWatch(day) => format!("sizes {day}"),
                other => source_words(state, other),
            },
            prices.date
        );
        return vec![text::clip(&words, width.saturating_sub(6))];
    }
    let mut words = format!(
        "Estimate: {least}{} a month for storage alone ({}; {})",
        of(cost.total),
        source_words(state, cost.source),
        prices.words()
    );
    let mut parts = Vec::new();
    for (amount, what) in [
        (cost.noncurrent, "for old versions"),
        (cost.uploads, "for incomplete uploads"),
        (cost.minimum_stay, "in classes with a minimum stay"),
    ] {
        if amount > 0.0 {
            parts.push(format!("{} {what}", of(amount)));
        }
    }
    if cost.overhead > 0.0 {
        parts.push(format!(
            "{} overhead that nobody uploaded",
            of(cost.overhead)
        ));
    }
    if !parts.is_empty() {
        words = format!("{words}; of it {}", parts.join(", "));
    }
    text::wrap(&words, width.saturating_sub(6))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_it_is_said_to_be_and_shows_what_is_small() {
        assert_eq!(shared_out(&[70, 30], 10), [7, 3]);
        assert_eq!(shared_out(&[1_000_000, 1, 1], 10), [8, 1, 1]);
        assert_eq!(shared_out(&[0, 0], 10), [0, 0]);
        assert_eq!(shared_out(&[], 10), Vec::<usize>::new());
    }
}
