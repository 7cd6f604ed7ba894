//! A receipt's page, Markdown laid out for a terminal.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::sheet::Sheet;
use crate::app::State;
use crate::domain::receipt::Receipt;
use crate::domain::receipt::page::page;
use crate::ui::Theme;

/// Draws the page from a line on; where there is no receipt, that there is none.
pub(super) fn draw(
    frame: &mut Frame,
    area: Rect,
    (state, theme): (&State, &Theme),
    receipt: Option<&Receipt>,
    scroll: u16,
) {
    let mut sheet = Sheet::new(area, state, theme);
    match receipt {
        Some(receipt) => laid_out(&mut sheet, &page(receipt)),
        None => sheet.plain("There is no receipt."),
    }
    sheet.draw(frame, area, scroll);
}

/// Heads stand out; a row of a table becomes its first cell and, below, the others with their heads.
fn laid_out(sheet: &mut Sheet<'_>, page: &str) {
    let theme = sheet.theme;
    let mut heads: Vec<String> = Vec::new();
    for line in page.lines() {
        if let Some(head) = line.trim_start_matches('#').strip_prefix(' ')
            && line.starts_with('#')
        {
            sheet.paragraph(head, theme.place);
        } else if let Some(row) = line.strip_prefix("| ") {
            let cells = row.trim_end_matches('|').split(" | ");
            let cells: Vec<String> = cells.map(|cell| plain(cell.trim())).collect();
            if cells.iter().all(|cell| cell.starts_with("---")) {
                continue;
            }
            if heads.is_empty() {
                heads = cells;
                continue;
            }
            let pairs = heads.iter().zip(&cells).skip(1);
            let pairs: Vec<String> = pairs
                .map(|(head, cell)| format!("{} {cell}", head.to_lowercase()))
                .collect();
            sheet.paragraph(cells.first().map_or("", String::as_str), theme.folder);
            sheet.row("", &pairs.join(" · "));
        } else {
            heads.clear();
            sheet.paragraph(&plain(line), theme.row);
        }
    }
}

/// Text without what Markdown needs to take it as it stands.
fn plain(markdown: &str) -> String {
    let mut plain = String::with_capacity(markdown.len());
    let mut chars = markdown.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => plain.extend(chars.next()),
            '`' => {}
            c => plain.push(c),
        }
    }
    plain
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_markdown_needs_is_taken_away_again() {
        assert_eq!(plain(r"a\_b \| `c` &lt;d&gt; &amp;lt;"), "a_b | c <d> &lt;");
    }
}
