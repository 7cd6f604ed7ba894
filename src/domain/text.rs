//! Safe display of foreign text. Keys, ids, metadata and server messages are hostile until they pass through this
//! module.
//!
//! [`safe`] converts any text to one line. Two different texts never look the same because of an invisible character:
//!
//! | in the text | shown as |
//! |---|---|
//! | newline, carriage return, tab | `\n`, `\r`, `\t` |
//! | other ASCII control characters | `\x1b` |
//! | a backslash | `\\`, always, so that what looks like an escape is one |
//! | a space at the start or at the end | `\x20` |
//! | bidirectional, zero-width, invisible and format characters, other spaces, private use, unassigned | `\u{202e}` |
//! | a combining mark without a base character, or the fifth on one letter | `\u{301}` |
//!
//! This includes the characters that join emoji (U+200D, U+FE0F): terminals disagree about their width, and `❤` and
//! `❤️` are two keys.
//!
//! Right-to-left letters are not escaped, because an unreadable name helps nobody. Some terminals reorder a line with
//! such letters, and would move the numbers of the next column into the name. [`fit`], [`fit_right`] and [`fit_middle`]
//! therefore end such a text with a blank that is strongly left-to-right ([`GUARD`]). An isolate would not work: it is
//! invisible and would get lost.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Ends right-to-left text: BRAILLE PATTERN BLANK is one column wide, blank, and strongly left-to-right, so a terminal
/// stops reordering there. [`safe`] never outputs it as part of a text.
pub const GUARD: char = '\u{2800}';

/// Marks truncated text.
const ELLIPSIS: &str = "…";

/// No writing system uses more combining marks than this on one letter. More would overlap the lines above.
const MOST_MARKS: usize = 4;

/// Converts a text to one line that is safe to display. The [module](self) lists the escapes.
#[must_use]
pub fn safe(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for piece in pieces(text) {
        shown.push_str(&piece.shown);
    }
    Cow::Owned(shown)
}

/// The text in quotation marks. The caller passes the whole sentence to [safe](safe()). `{:?}` would escape it twice.
#[must_use]
pub fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

/// Whether the text contains something that is not visible: control, format, invisible or unassigned characters,
/// unusual spaces, or misplaced combining marks. A space at the start or end does not count.
#[must_use]
pub fn has_hidden(text: &str) -> bool {
    !text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        && pieces(text)
            .iter()
            .any(|piece| piece.escaped && !matches!(&*piece.shown, "\\\\" | "\\x20"))
}

/// Whether the character is invisible, or changes the display of others.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    // The standard library escapes the general categories "other" and "separator", except the space. It does not escape
    // combining marks after a letter, so the test puts a letter in front.
    let unprintable = |c: char| {
        let mut bytes = [0; 4];
        let mut after_a_letter = String::from("a");
        after_a_letter.push_str(c.encode_utf8(&mut bytes));
        after_a_letter.escape_debug().nth(1) == Some('\\')
    };
    match c {
        ' '..='~' => false,
        // Letters and marks by category that draw nothing: fillers, grapheme joiners, variation selectors, blanks.
        '\u{34f}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{2800}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{ffa0}'
        | '\u{1d159}'
        | '\u{e0000}'..='\u{e0fff}' => true,
        c => unprintable(c),
    }
}

/// The width in columns of a line from [`safe`], by grapheme clusters.
#[must_use]
pub fn width(shown: &str) -> usize {
    shown.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// The safe text in exactly `columns` columns: truncated with `…` if too long, otherwise padded on the right.
#[must_use]
pub fn fit(text: &str, columns: usize) -> String {
    let (mut line, taken) = clipped(text, columns);
    push_blanks(&mut line, columns.saturating_sub(taken));
    line
}

/// Like [`fit`], but padded on the left, for numbers.
#[must_use]
pub fn fit_right(text: &str, columns: usize) -> String {
    let (clipped, taken) = clipped(text, columns);
    let mut line = String::with_capacity(clipped.len() + columns);
    push_blanks(&mut line, columns.saturating_sub(taken));
    line.push_str(&clipped);
    line
}

/// Like [`fit`], but a long text is shortened in the middle, so that the file name at the end of a key remains visible.
#[must_use]
pub fn fit_middle(text: &str, columns: usize) -> String {
    let (mut line, taken) = {
        let pieces = pieces(text);
        let room = room_beside_guard(&pieces, columns);
        let whole: usize = pieces.iter().map(|piece| piece.width).sum();
        if whole <= room || room < 3 {
            clipped(text, columns)
        } else {
            without_middle(&pieces, room, columns)
        }
    };
    push_blanks(&mut line, columns.saturating_sub(taken));
    line
}

/// The safe text in at most `columns` columns: truncated with `…` if too long, never padded.
#[must_use]
pub fn clip(text: &str, columns: usize) -> String {
    clipped(text, columns).0
}

/// The text, made safe, in lines of at most `columns` columns, broken after blanks. A word is broken only where it is longer
/// than a line: after a `,` or a `/` in the second half of the line, else where the line is full. An empty text is one empty
/// line.
#[must_use]
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let shown = safe(text);
    let columns = columns.max(2);
    let mut lines = vec![String::new()];
    for word in shown.split_inclusive(' ') {
        let taken = lines.last().map_or(0, |line| width(line));
        if taken + width(word) <= columns {
            push_to_last(&mut lines, word);
        } else if width(word) <= columns {
            lines.push(word.to_owned());
        } else {
            wrap_long_word(&mut lines, word, columns);
        }
    }
    lines
}

fn push_to_last(lines: &mut Vec<String>, text: &str) {
    match lines.last_mut() {
        Some(line) => line.push_str(text),
        None => lines.push(text.to_owned()),
    }
}

/// Breaks a word that no line has room for. It begins in a line that is not half full yet, or where it can be broken well
/// within it.
fn wrap_long_word(lines: &mut Vec<String>, word: &str, columns: usize) {
    let mut rest = word;
    while !rest.is_empty() {
        let taken = lines.last().map_or(0, |line| width(line));
        if taken + width(rest) <= columns {
            push_to_last(lines, rest);
            return;
        }
        let (fits, after) = split_at_width(rest, columns - taken);
        let least = (columns / 2).saturating_sub(taken);
        let after_mark = [',', '/'].iter().find_map(|mark| {
            let (kept, _) = fits.split_at_checked(fits.rfind(*mark)? + 1)?;
            (width(kept) >= least).then_some(kept.len())
        });
        let kept = match after_mark.and_then(|at| rest.split_at_checked(at)) {
            Some((kept, after)) => {
                rest = after;
                kept
            }
            None if taken >= columns / 2 => "",
            None => {
                rest = after;
                fits
            }
        };
        push_to_last(lines, kept);
        lines.push(String::new());
    }
}

/// As many graphemes as fit, and the rest.
fn split_at_width(text: &str, columns: usize) -> (&str, &str) {
    let mut taken = 0;
    let mut at = 0;
    for grapheme in text.graphemes(true) {
        taken += grapheme.width();
        if taken > columns {
            break;
        }
        at += grapheme.len();
    }
    text.split_at_checked(at).unwrap_or((text, ""))
}

/// The text as a CSV cell that no spreadsheet takes for a formula: with `'` before it when it begins with `=`, `+`, `-`, `@`,
/// their full-width forms, a tab, a carriage return or a line feed. One that begins with `'` gets one as well, so that
/// taking away one leading `'` always gives the text back. Quoting of commas and quotes is the CSV writer's.
#[must_use]
pub fn csv_cell(text: &str) -> Cow<'_, str> {
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '\t' | '\r' | '\n' | '\'') => {
            Cow::Owned(format!("'{text}"))
        }
        _ => Cow::Borrowed(text),
    }
}

/// The text as one word of a POSIX shell: unchanged if it contains nothing special, otherwise in single quotes.
///
/// A NUL, which no argument can contain, is removed.
#[must_use]
pub fn shell_quote(text: &str) -> Cow<'_, str> {
    let means_nothing =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/' | b':');
    if !text.is_empty() && text.bytes().all(means_nothing) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!(
        "'{}'",
        text.replace('\0', "").replace('\'', r"'\''")
    ))
}

/// A unit that is never split: an escape, or a grapheme cluster (or its rest after escaping).
struct Piece<'t> {
    shown: Cow<'t, str>,
    width: usize,
    escaped: bool,
}

impl<'t> Piece<'t> {
    fn cluster(cluster: &'t str) -> Self {
        Self {
            shown: Cow::Borrowed(cluster),
            width: width(cluster),
            escaped: false,
        }
    }

    fn escape(c: char) -> Self {
        let shown = match c {
            '\\' => "\\\\".to_owned(),
            '\n' => "\\n".to_owned(),
            '\r' => "\\r".to_owned(),
            '\t' => "\\t".to_owned(),
            // Above ASCII, `\x9b` could be read as a byte, but it is a character.
            c if c.is_ascii() => format!("\\x{:02x}", u32::from(c)),
            c => format!("\\u{{{:x}}}", u32::from(c)),
        };
        Self {
            width: shown.len(),
            shown: Cow::Owned(shown),
            escaped: true,
        }
    }
}

/// Whether the text is displayed unchanged, one column per byte. This is the common case.
fn is_plain(text: &str) -> bool {
    text.bytes()
        .all(|byte| matches!(byte, b' '..=b'~') && byte != b'\\')
        && !text.starts_with(' ')
        && !text.ends_with(' ')
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let first = text.len() - text.trim_start_matches(' ').len();
    let last = text.trim_end_matches(' ').len();
    let mut pieces: Vec<Piece<'_>> = Vec::with_capacity(text.len());
    for (at, cluster) in text.grapheme_indices(true) {
        match cluster {
            " " if at < first || at >= last => pieces.push(Piece::escape(' ')),
            " " => pieces.push(Piece::cluster(" ")),
            cluster if stands_alone(cluster) => pieces.push(Piece::cluster(cluster)),
            cluster => take_apart(cluster, &mut pieces),
        }
    }
    pieces
}

/// Whether the cluster is only a letter or a symbol with its marks.
fn stands_alone(cluster: &str) -> bool {
    cluster.width() > 0
        && !cluster.chars().next().is_some_and(extends)
        && cluster.chars().filter(|&c| is_mark(c)).count() <= MOST_MARKS
        && !cluster.chars().any(is_escaped_in_clusters)
}

/// A space with a mark on it would look like a space at the end of the text.
fn is_escaped_in_clusters(c: char) -> bool {
    matches!(c, '\\' | ' ') || is_hidden(c)
}

fn is_mark(c: char) -> bool {
    c.width() == Some(0)
}

/// Whether the character joins the one before it.
fn extends(c: char) -> bool {
    is_mark(c) || String::from_iter(['a', c]).graphemes(true).count() == 1
}

/// Escapes characters within a cluster, and also marks that would then follow an escape or nothing.
fn take_apart<'t>(cluster: &'t str, pieces: &mut Vec<Piece<'t>>) {
    let mut marks = 0;
    let mut plain: Option<usize> = None;
    for (at, c) in cluster.char_indices() {
        marks = if is_mark(c) { marks + 1 } else { 0 };
        let misplaced = marks > MOST_MARKS || (plain.is_none() && extends(c));
        if is_escaped_in_clusters(c) || misplaced {
            let before = plain.take().and_then(|from| cluster.get(from..at));
            pieces.extend(before.map(Piece::cluster));
            pieces.push(Piece::escape(c));
        } else {
            plain = plain.or(Some(at));
        }
    }
    let rest = plain.and_then(|from| cluster.get(from..));
    pieces.extend(rest.map(Piece::cluster));
}

/// The safe text in at most `columns` columns, and its width.
fn clipped(text: &str, columns: usize) -> (String, usize) {
    if is_plain(text) {
        if text.len() <= columns {
            return (text.to_owned(), text.len());
        }
        if let Some(start) = columns.checked_sub(1).and_then(|end| text.get(..end)) {
            return (format!("{start}{ELLIPSIS}"), columns);
        }
    }
    let pieces = pieces(text);
    let room = room_beside_guard(&pieces, columns);
    let whole: usize = pieces.iter().map(|piece| piece.width).sum();
    let mut line = String::new();
    let mut taken = 0;
    if whole <= room {
        taken = push_start(&mut line, &pieces, room);
    } else if room > 0 {
        taken = push_start(&mut line, &pieces, room - 1);
        line.push_str(ELLIPSIS);
        taken += 1;
    }
    if room < columns {
        line.push(GUARD);
        taken += 1;
    }
    (line, taken)
}

fn without_middle(pieces: &[Piece<'_>], room: usize, columns: usize) -> (String, usize) {
    let beside_ellipsis = room - 1;
    let name = pieces
        .iter()
        .rev()
        .take_while(|piece| piece.shown != "/")
        .map(|piece| piece.width)
        .sum::<usize>()
        .saturating_add(1);
    // Keep the name with its slash, but leave a quarter of the width for the start of the key.
    let for_end = name
        .min(beside_ellipsis - beside_ellipsis / 4)
        .max(beside_ellipsis / 2);
    let mut end = 0;
    let kept = pieces
        .iter()
        .rev()
        .take_while(|piece| {
            end += piece.width;
            end <= for_end
        })
        .count();
    let (start, tail) = pieces.split_at(pieces.len() - kept);
    let tail_width: usize = tail.iter().map(|piece| piece.width).sum();

    let mut line = String::new();
    let mut taken = push_start(&mut line, start, beside_ellipsis - tail_width);
    line.push_str(ELLIPSIS);
    taken += 1 + push_start(&mut line, tail, tail_width);
    if room < columns {
        line.push(GUARD);
        taken += 1;
    }
    (line, taken)
}

/// Appends as many pieces as fit into `room` columns. Returns their width.
fn push_start(line: &mut String, pieces: &[Piece<'_>], room: usize) -> usize {
    let mut taken = 0;
    for piece in pieces {
        if taken + piece.width > room {
            break;
        }
        line.push_str(&piece.shown);
        taken += piece.width;
    }
    taken
}

/// The width that remains for the text if it needs a [`GUARD`].
fn room_beside_guard(pieces: &[Piece<'_>], columns: usize) -> usize {
    let needs_guard = pieces
        .iter()
        .any(|piece| piece.shown.chars().any(is_right_to_left));
    columns.saturating_sub(usize::from(needs_guard))
}

/// The blocks whose characters are right-to-left by default, assigned or not. Source: Unicode's `DerivedBidiClass.txt`,
/// "@missing". They include the Arabic digits, which also reorder their neighbours.
fn is_right_to_left(c: char) -> bool {
    matches!(
        c,
        '\u{590}'..='\u{8ff}'
            | '\u{fb1d}'..='\u{fdff}'
            | '\u{fe70}'..='\u{feff}'
            | '\u{10800}'..='\u{10fff}'
            | '\u{1e800}'..='\u{1efff}'
    )
}

fn push_blanks(line: &mut String, columns: usize) {
    // Writing to a String cannot fail.
    let _ = write!(line, "{:columns$}", "");
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
