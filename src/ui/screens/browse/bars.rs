//! Where the bytes are: one bar a group, by owner, layout, class, age or folder, out of a scan.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::State;
use crate::app::screens::browse::texts::scan_words;
use crate::app::screens::browse::{Bars, Browse};
use crate::app::words;
use crate::domain::columns::group::{Age, Group};
use crate::domain::{Tally, text};
use crate::tasks::{Aspect, Share, Shares};
use crate::ui::Theme;

/// Widths of the numbers behind a bar, each with the blanks before it.
const SIZE: usize = 11;
const PERCENT: usize = 8;
const OBJECTS: usize = 10;

/// From this width on there is room for the share of the objects beside that of the bytes.
const ROOM_FOR_BOTH: usize = 70;

/// Draws the panel.
pub(super) fn draw(
    frame: &mut Frame,
    area: Rect,
    state: &State,
    browse: &Browse,
    bars: &Bars,
    theme: &Theme,
) {
    let inner = Rect {
        x: area.x + 1,
        width: area.width.saturating_sub(2),
        ..area
    };
    let mut lines = vec![Line::styled(
        format!("Where the bytes are, by {}", word(bars.aspect)),
        theme.place,
    )];
    match (state.scan_here(), &bars.shares, bars.share()) {
        (None, ..) => {
            lines.push(Line::default());
            for words in [
                "No scan of this place yet.",
                "S makes one: it lists everything below here and counts it.",
            ] {
                let wrapped = text::wrap(words, usize::from(inner.width));
                lines.extend(
                    wrapped
                        .into_iter()
                        .map(|line| Line::styled(line, theme.faint)),
                );
            }
        }
        (Some(scan), Some(shares), Some(share)) => {
            let total = shares.total;
            let counted = format!(
                "{} · {}",
                words::counted(total.objects, "object"),
                total.bytes
            );
            let at_least = if scan.is_complete() { "" } else { "at least " };
            let dated = scan_words(state, scan);
            let words = format!("{at_least}{counted} · {dated}");
            lines.push(Line::styled(
                text::clip(&words, usize::from(inner.width)),
                theme.faint,
            ));
            lines.push(Line::default());
            let room = usize::from(inner.height).saturating_sub(lines.len() + 2);
            let sheet = Sheet {
                width: usize::from(inner.width),
                prefix: browse.prefix(),
                shares,
                aspect: bars.aspect,
                theme,
            };
            lines.extend(sheet.lines(share, room));
        }
        (Some(_), ..) => {
            lines.push(Line::default());
            lines.push(Line::styled("Counting …", theme.faint));
        }
    }
    let has_layouts = browse.layouts.is_some();
    let next = next_of(bars.aspect, has_layouts);
    let keys = Line::from(vec![
        Span::styled("b", theme.key),
        Span::styled(format!(" by {}   ", word(next)), theme.hint),
        Span::styled("Esc", theme.key),
        Span::styled(" closes", theme.hint),
    ]);
    let blanks = usize::from(inner.height).saturating_sub(lines.len() + 1);
    lines.extend(std::iter::repeat_n(Line::default(), blanks));
    lines.push(keys);
    for (line, row) in lines.into_iter().zip(inner.rows()) {
        frame.render_widget(line, row);
    }
}

fn next_of(aspect: Aspect, has_layouts: bool) -> Aspect {
    let aspects = Bars::aspects(has_layouts);
    let at = aspects.iter().position(|other| *other == aspect);
    let next = aspects.get((at.unwrap_or(0) + 1) % aspects.len());
    next.copied().unwrap_or(aspect)
}

fn word(aspect: Aspect) -> &'static str {
    match aspect {
        Aspect::Owner => "owner",
        Aspect::Layout => "layout",
        Aspect::Class => "storage class",
        Aspect::Age => "age",
        Aspect::Folder => "folder",
    }
}

struct Sheet<'s> {
    width: usize,
    /// The place that is shown: folders are named below it.
    prefix: &'s str,
    shares: &'s Shares,
    aspect: Aspect,
    theme: &'s Theme,
}

impl Sheet<'_> {
    /// Heads, as many groups as there is room for, and the others together.
    fn lines(&self, share: &Share, room: usize) -> Vec<Line<'static>> {
        let groups = if share.aspect == Aspect::Age {
            every_age(&share.largest)
        } else {
            share.largest.clone()
        };
        let fits = groups.len() + usize::from(share.others > 0) < room;
        let shown = if fits {
            groups.len()
        } else {
            room.saturating_sub(2)
        };
        // Bars are measured against the longest one. What is left over is no group and has no bar: it would make all
        // others too short to be told from one another.
        let longest = groups.iter().map(|(_, tally)| tally.bytes.bytes()).max();
        let mut lines = vec![self.heads()];
        lines.extend(groups.iter().take(shown).map(|(group, tally)| {
            let bar = (tally.bytes.bytes(), longest.unwrap_or_default());
            self.line(&self.name(group), *tally, Some(bar))
        }));
        let mut others = share.others;
        let mut rest = share.rest;
        for (_, tally) in groups.iter().skip(shown) {
            others += 1;
            rest.merge(*tally);
        }
        if others > 0 {
            let others = u64::try_from(others).unwrap_or(u64::MAX);
            lines.push(self.line(&others_of(share.aspect, others), rest, None));
        }
        lines
    }

    /// Widths of the name, and of the bar with the blanks before it. Names whose length is known leave the rest to the bar.
    fn widths(&self) -> (usize, usize) {
        let objects = if self.has_both() {
            OBJECTS + PERCENT
        } else {
            OBJECTS
        };
        let left = self.width.saturating_sub(SIZE + PERCENT + objects);
        let name = match self.aspect {
            Aspect::Age => 12,
            Aspect::Class => 19,
            Aspect::Owner | Aspect::Layout | Aspect::Folder => usize::MAX,
        };
        let name = name.min(left * 3 / 5);
        (name, left.saturating_sub(name))
    }

    fn has_both(&self) -> bool {
        self.width >= ROOM_FOR_BOTH
    }

    fn heads(&self) -> Line<'static> {
        let (name, bar) = self.widths();
        let mut heads = text::fit(&word(self.aspect).to_uppercase(), name + bar);
        heads.push_str(&text::fit_right("SIZE", SIZE));
        heads.push_str(&text::fit_right("", PERCENT));
        heads.push_str(&text::fit_right("OBJECTS", OBJECTS));
        Line::styled(heads, self.theme.head)
    }

    fn line(&self, name: &str, tally: Tally, bar: Option<(u64, u64)>) -> Line<'static> {
        let (name_width, bar_width) = self.widths();
        let total = self.shares.total;
        let theme = self.theme;
        let named = match bar {
            Some((part, longest)) => {
                let length = bar_width.saturating_sub(2);
                let drawn = words::bar(part, longest, length);
                [
                    Span::styled(text::fit(name, name_width), theme.row),
                    Span::styled(format!("  {}", text::fit(&drawn, length)), theme.marker),
                ]
            }
            None => [
                Span::styled(text::fit(name, name_width + bar_width), theme.faint),
                Span::raw(""),
            ],
        };
        let of_bytes = words::percent(tally.bytes.bytes(), total.bytes.bytes());
        let mut spans = Vec::from(named);
        spans.extend([
            Span::styled(text::fit_right(&tally.bytes.to_string(), SIZE), theme.row),
            Span::styled(text::fit_right(&of_bytes, PERCENT), theme.faint),
            Span::styled(
                text::fit_right(&words::count(tally.objects), OBJECTS),
                theme.row,
            ),
        ]);
        if self.has_both() {
            let of_objects = words::percent(tally.objects, total.objects);
            spans.push(Span::styled(
                text::fit_right(&of_objects, PERCENT),
                theme.faint,
            ));
        }
        Line::from(spans)
    }

    fn name(&self, group: &Group) -> String {
        match group {
            Group::Owner(owner) => owner.as_str().to_owned(),
            Group::Layout(layout) => layout.clone(),
            Group::Contested => "(different users')".into(),
            Group::Unnamed => "(the key names no user)".into(),
            Group::Unreadable => "(no layout explains it)".into(),
            Group::Class(class) => class.to_string(),
            Group::Age(age) => age_words(*age).into(),
            Group::Prefix(prefix) => match prefix.strip_prefix(self.prefix) {
                Some("") => "(in no folder)".into(),
                Some(below) => below.to_owned(),
                None => prefix.clone(),
            },
            Group::Elsewhere => "(elsewhere)".into(),
        }
    }
}

/// A histogram has all its ages, empty ones among them; only "unknown" is left out where nothing is.
fn every_age(known: &[(Group, Tally)]) -> Vec<(Group, Tally)> {
    let tally_of = |age| {
        let found = known.iter().find(|(group, _)| *group == Group::Age(age));
        found.map(|(_, tally)| *tally)
    };
    let ages = [
        Age::Day,
        Age::Week,
        Age::Month,
        Age::Quarter,
        Age::Year,
        Age::ThreeYears,
        Age::Older,
    ];
    let mut all: Vec<(Group, Tally)> = ages
        .map(|age| (Group::Age(age), tally_of(age).unwrap_or_default()))
        .into();
    all.extend(tally_of(Age::Unknown).map(|tally| (Group::Age(Age::Unknown), tally)));
    all
}

fn age_words(age: Age) -> &'static str {
    match age {
        Age::Day => "under a day",
        Age::Week => "1–7 days",
        Age::Month => "7–30 days",
        Age::Quarter => "1–3 months",
        Age::Year => "3–12 months",
        Age::ThreeYears => "1–3 years",
        Age::Older => "over 3 years",
        Age::Unknown => "unknown",
    }
}

fn others_of(aspect: Aspect, number: u64) -> String {
    let noun = match aspect {
        Aspect::Owner => "owner",
        Aspect::Layout => "layout",
        Aspect::Class => "class",
        Aspect::Age => "age",
        Aspect::Folder => "folder",
    };
    match (number, aspect) {
        (1, _) => format!("1 other {noun}"),
        (_, Aspect::Class) => format!("{} other classes", words::exact(number)),
        _ => format!("the other {}", words::counted(number, noun)),
    }
}
