//! Where the bytes are, as a map: a frame for each part, as large as what it holds, with its name, bytes and share.
//!
//! Frames and names carry everything; colour only tells folders from objects. What one stands on has a double frame.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::State;
use crate::app::screens::browse::Browse;
use crate::app::screens::browse::texts::{scan_words, tile_name};
use crate::app::screens::browse::treemap::{HEAD_LINES, Treemap};
use crate::app::words;
use crate::domain::text;
use crate::domain::treemap::squares::Square;
use crate::domain::treemap::{Map, Spot, Tile, What};
use crate::ui::Theme;

/// The corners and edges of a frame: left above, above, right above, side, left below, right below.
type Edges = [&'static str; 6];

const PLAIN: Edges = ["┌", "─", "┐", "│", "└", "┘"];
const CHOSEN: Edges = ["╔", "═", "╗", "║", "╚", "╝"];

/// Draws the map in place of the list.
pub(super) fn draw(
    frame: &mut Frame,
    area: Rect,
    state: &State,
    browse: &Browse,
    treemap: &Treemap,
    theme: &Theme,
) {
    let scan = state.scans.of(&browse.bucket, &treemap.prefixes);
    let spot = treemap.map.as_ref().map_or(&treemap.spot, |map| &map.spot);
    let mut head = vec![place_line(spot, theme)];
    let body = Rect {
        y: area.y + HEAD_LINES.min(area.height),
        height: area.height.saturating_sub(HEAD_LINES),
        ..area
    };
    match (scan, &treemap.map) {
        (None, _) => {
            let words = [
                "No scan of this place yet.".to_owned(),
                "S makes one: it lists everything below here and counts it.".to_owned(),
            ];
            crate::ui::widgets::columns::draw_empty(frame, body, &words, theme);
        }
        (Some(_), None) => {
            let words = ["Counting …".to_owned()];
            crate::ui::widgets::columns::draw_empty(frame, body, &words, theme);
        }
        (Some(scan), Some(map)) => {
            let total = map.total;
            let at_least = if scan.is_complete() { "" } else { "at least " };
            let counted = words::counted(total.objects, "object");
            let squares = treemap.squares(body.width, body.height);
            let hidden = squares.iter().filter(|one| one.is_empty()).count();
            let hidden = match hidden {
                0 => String::new(),
                some => format!(" · {some} too small to be drawn"),
            };
            let words = format!(
                "{at_least}{counted} · {}{hidden} · {}",
                total.bytes,
                scan_words(state, scan)
            );
            let room = usize::from(area.width.saturating_sub(4));
            head.push(Line::styled(
                format!("   {}", text::clip(&words, room)),
                theme.faint,
            ));
            if map.tiles.is_empty() {
                let words = ["There are no bytes here.".to_owned()];
                crate::ui::widgets::columns::draw_empty(frame, body, &words, theme);
            }
            let board = Board { map, theme };
            for (number, (tile, square)) in map.tiles.iter().zip(&squares).enumerate() {
                board.tile(frame, body, tile, *square, number == treemap.cursor);
            }
        }
    }
    for (line, row) in head.into_iter().zip(area.rows()) {
        frame.render_widget(line, row);
    }
}

fn place_line(spot: &Spot, theme: &Theme) -> Line<'static> {
    let mut way: Vec<String> = spot.within.iter().map(|what| tile_name(what, "")).collect();
    if !spot.prefix.is_empty() {
        way.push(text::safe(&spot.prefix).into_owned());
    }
    let mut spans = vec![
        Span::raw("   "),
        Span::styled(
            format!("Where the bytes are, by {}", spot.by.word()),
            theme.place,
        ),
    ];
    if !way.is_empty() {
        spans.push(Span::styled(format!("  › {}", way.join(" › ")), theme.row));
    }
    Line::from(spans)
}

struct Board<'b> {
    map: &'b Map,
    theme: &'b Theme,
}

impl Board<'_> {
    /// Draws a part: its frame, and within it as many of name, bytes, share and objects as there are lines for. What is
    /// too small for a frame is a shade.
    fn tile(&self, frame: &mut Frame, body: Rect, tile: &Tile, square: Square, is_chosen: bool) {
        if square.is_empty() {
            return;
        }
        let area = Rect {
            x: body.x + square.x,
            y: body.y + square.y,
            width: square.width,
            height: square.height,
        }
        .intersection(body);
        let theme = self.theme;
        let (edge, named) = match (is_chosen, &tile.what) {
            (true, _) => (theme.marker, theme.row.patch(theme.current)),
            (false, What::Object(_) | What::Rest(_)) => (theme.rule, theme.faint),
            (false, _) => (theme.folder, theme.row),
        };
        if area.width < 3 || area.height < 2 {
            self.shade(frame, area, tile, is_chosen, (edge, named));
            return;
        }
        let edges = if is_chosen { CHOSEN } else { PLAIN };
        let [
            left_above,
            above,
            right_above,
            side,
            left_below,
            right_below,
        ] = edges;
        let inner = usize::from(area.width.saturating_sub(2));
        let label = tile_name(&tile.what, &self.map.spot.prefix);
        let told = [label, self.size(tile), objects(tile)];
        // Two lines have no room between the edges: the name stands in the upper one.
        let on_edge = area.height == 2;
        let last = area.height.saturating_sub(1);
        for (number, row) in (0..).zip(area.rows()) {
            let line = if number == 0 {
                let heading = told.first().filter(|_| on_edge);
                let heading = heading.map_or_else(String::new, |words| text::clip(words, inner));
                let rest = above.repeat(inner.saturating_sub(text::width(&heading)));
                Line::from(vec![
                    Span::styled(left_above, edge),
                    Span::styled(heading, named),
                    Span::styled(format!("{rest}{right_above}"), edge),
                ])
            } else if number == last {
                Line::styled(
                    format!("{left_below}{}{right_below}", above.repeat(inner)),
                    edge,
                )
            } else {
                let words = told.get(usize::from(number) - 1);
                let style = if number == 1 { named } else { theme.faint };
                let words = words.map_or("", String::as_str);
                Line::from(vec![
                    Span::styled(side, edge),
                    Span::styled(text::fit(words, inner), style),
                    Span::styled(side, edge),
                ])
            };
            frame.render_widget(line, row);
        }
    }

    /// A part without room for a frame.
    fn shade(
        &self,
        frame: &mut Frame,
        area: Rect,
        tile: &Tile,
        is_chosen: bool,
        (edge, named): (Style, Style),
    ) {
        let shade = match (is_chosen, &tile.what) {
            (true, _) => "█",
            (false, What::Object(_) | What::Rest(_)) => "░",
            (false, _) => "▒",
        };
        let width = usize::from(area.width);
        let label = tile_name(&tile.what, &self.map.spot.prefix);
        let label = if width >= 5 && area.height == 1 {
            text::clip(&label, width - 2)
        } else {
            String::new()
        };
        for row in area.rows() {
            let rest = shade.repeat(width.saturating_sub(text::width(&label) + 1));
            let line = Line::from(vec![
                Span::styled(shade, edge),
                Span::styled(label.clone(), named),
                Span::styled(rest, edge),
            ]);
            frame.render_widget(line, row);
        }
    }

    fn size(&self, tile: &Tile) -> String {
        let share = words::percent(tile.tally.bytes.bytes(), self.map.total.bytes.bytes());
        format!("{} · {share}", tile.tally.bytes)
    }
}

fn objects(tile: &Tile) -> String {
    match tile.what {
        What::Object(_) => String::new(),
        _ => words::counted(tile.tally.objects, "object"),
    }
}
