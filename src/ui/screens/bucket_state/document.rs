//! A document of the service's in lines that can be read. What is copied is the document as it came.

/// Blanks that each level stands further to the right.
const INDENT: usize = 2;

/// The lines of XML or JSON, each level further to the right; anything else in its own lines.
pub(super) fn lines(raw: &str) -> Vec<String> {
    // Lists are several documents, one a line.
    let trimmed = raw.trim_start_matches('\u{feff}').trim();
    if trimmed.starts_with('<') {
        return xml(trimmed);
    }
    match serde_json::from_str::<serde_json::Value>(trimmed) {
        Ok(value) => serde_json::to_string_pretty(&value)
            .unwrap_or_else(|_| trimmed.to_owned())
            .lines()
            .map(indented)
            .collect(),
        Err(_) => raw.lines().map(indented).collect(),
    }
}

/// A line whose leading blanks survive being made safe: there they would be written out.
fn indented(line: &str) -> String {
    let blanks = line.len() - line.trim_start_matches(' ').len();
    pad(blanks, line.trim_start_matches(' '))
}

fn pad(blanks: usize, text: &str) -> String {
    format!("{}{text}", "│ ".repeat(blanks / INDENT))
}

/// A tag or the text between two.
enum Piece<'x> {
    Open(&'x str),
    Close(&'x str),
    Other(&'x str),
    Text(&'x str),
}

fn xml(text: &str) -> Vec<String> {
    let pieces = pieces(text);
    let mut lines: Vec<String> = Vec::new();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(piece) = pieces.get(at) {
        at += 1;
        match piece {
            Piece::Open(tag) => {
                // An element that holds nothing but text stays on one line.
                let rest = (pieces.get(at), pieces.get(at + 1));
                let (line, taken) = match rest {
                    (Some(Piece::Text(inner)), Some(Piece::Close(close))) => {
                        (format!("{tag}{inner}{close}"), 2)
                    }
                    (Some(Piece::Close(close)), _) => (format!("{tag}{close}"), 1),
                    _ => ((*tag).to_owned(), 0),
                };
                lines.push(pad(depth * INDENT, &line));
                at += taken;
                depth += usize::from(taken == 0);
            }
            Piece::Close(tag) => {
                depth = depth.saturating_sub(1);
                lines.push(pad(depth * INDENT, tag));
            }
            Piece::Other(tag) => lines.push(pad(depth * INDENT, tag)),
            Piece::Text(inner) => lines.push(pad(depth * INDENT, inner)),
        }
    }
    lines
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, after) = if rest.starts_with('<') {
            let end = rest.find('>').map_or(rest.len(), |at| at + 1);
            let (tag, after) = rest.split_at(end);
            let piece = if tag.starts_with("</") {
                Piece::Close(tag)
            } else if tag.starts_with("<?") || tag.starts_with("<!") || tag.ends_with("/>") {
                Piece::Other(tag)
            } else {
                Piece::Open(tag)
            };
            (piece, after)
        } else {
            let end = rest.find('<').unwrap_or(rest.len());
            let (inner, after) = rest.split_at(end);
            (Piece::Text(inner), after)
        };
        rest = after;
        // Blanks between two tags mean nothing.
        if !matches!(piece, Piece::Text(inner) if inner.trim().is_empty()) {
            pieces.push(piece);
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_that_holds_text_stays_on_one_line_and_others_are_indented() {
        let shown = lines("<?xml version=\"1.0\"?><A><B>1 2</B><C/><D></D><E><F>x</F></E></A>");
        assert_eq!(
            shown,
            [
                "<?xml version=\"1.0\"?>",
                "<A>",
                "│ <B>1 2</B>",
                "│ <C/>",
                "│ <D></D>",
                "│ <E>",
                "│ │ <F>x</F>",
                "│ </E>",
                "</A>",
            ]
        );
    }

    #[test]
    fn json_is_indented_and_what_is_neither_stays_as_it_is() {
        assert_eq!(
            lines("{\"a\":[1]}"),
            ["{", "│ \"a\": [", "│ │ 1", "│ ]", "}"]
        );
        assert_eq!(lines("neither {\nnor <"), ["neither {", "nor <"]);
        assert_eq!(lines("<broken"), ["<broken"]);
    }
}
