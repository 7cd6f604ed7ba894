//! The form: one line a field, what is wrong beside it, what stands there when it is left empty.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use tui_input::Input;

use crate::app::State;
use crate::app::screens::presign::{Fault, Field, Form};
use crate::domain::blueprint::values::Span as TimeSpan;
use crate::domain::blueprint::{PresignRule, Shape};
use crate::domain::presign::{Action, Method, TypeRule};
use crate::domain::text;
use crate::ui::Theme;

/// The width of the labels, with the blank after them.
const LABELS: usize = 20;
/// Columns before the labels: the cursor's mark.
const MARGIN: usize = 3;

/// Draws the form; of a long one the lines around the cursor.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let form = &state.presign.form;
    let width = usize::from(area.width);
    let mut lines = Vec::new();
    if let Some(words) = rule_words(form) {
        for line in text::wrap(&words, width.saturating_sub(MARGIN + 1)) {
            lines.push(indented(line, theme.place));
        }
        lines.push(Line::default());
    }
    let mut cursor_at = 0;
    let fields = form.fields();
    let last_of_key = fields
        .iter()
        .rposition(|field| matches!(field, Field::Part(_) | Field::KeyFrom));
    for (at, field) in fields.iter().enumerate() {
        let is_current = *field == form.cursor;
        if is_current {
            cursor_at = lines.len();
        }
        lines.push(line_of(form, field, is_current, width, theme));
        if Some(at) == last_of_key && form.layout().is_some() {
            lines.extend(made_key(form, width, theme));
        }
    }
    doubts(state, width, theme, &mut lines);
    let height = usize::from(area.height);
    // The line after the cursor's is in view as well: it shows that there is more.
    let first = if lines.len() <= height {
        0
    } else {
        (cursor_at + 2).saturating_sub(height)
    };
    for (line, row) in lines.into_iter().skip(first).zip(area.rows()) {
        frame.render_widget(line, row);
    }
}

fn indented(words: String, style: ratatui::style::Style) -> Line<'static> {
    Line::from(vec![
        Span::raw(" ".repeat(MARGIN)),
        Span::styled(words, style),
    ])
}

/// The blueprint's rule for this kind of request: `pilotforce: PUT 5m, content type signed`.
fn rule_words(form: &Form) -> Option<String> {
    let rules = form.rules.as_ref()?;
    let method = form.method().word().to_uppercase();
    let Some(rule) = form.rule() else {
        let presign = &rules.bucket.presign;
        let has_rules = presign.get.is_some() || presign.put.is_some() || presign.post.is_some();
        return has_rules.then(|| format!("{}: no rule for {method}", rules.name));
    };
    let kind = if form.is_view_once() {
        "view once"
    } else {
        &method
    };
    Some(format!(
        "{}: {kind} {}",
        rules.name,
        what_a_rule_says(rule, form.method())
    ))
}

fn what_a_rule_says(rule: &PresignRule, method: Method) -> String {
    let mut parts = Vec::new();
    if let Some(expires) = rule.expires {
        parts.push(expires.to_string());
    }
    if !matches!(method, Method::Get | Method::Head) {
        match rule.content_types.as_deref() {
            Some([]) => parts.push("Content-Type signed".into()),
            Some(types) => parts.push(types.join(" or ")),
            None => {}
        }
        if let Some(most) = rule.max_size {
            parts.push(format!("at most {most}"));
        }
        if rule.sign_length == Some(true) {
            parts.push("length signed".into());
        }
        for (name, value) in rule.headers.iter().flatten() {
            parts.push(format!("{name}: {value}"));
        }
        if let Some(names) = rule.metadata.as_ref().filter(|names| !names.is_empty()) {
            parts.push(format!("metadata {}", names.join(", ")));
        }
    }
    if rule.cdn == Some(true) {
        parts.push("the CDN's URLs in production".into());
    }
    parts.join(", ")
}

fn line_of(
    form: &Form,
    field: &Field,
    is_current: bool,
    width: usize,
    theme: &Theme,
) -> Line<'static> {
    let mark = if is_current {
        Span::styled(" ▌ ", theme.marker)
    } else {
        Span::raw(" ".repeat(MARGIN))
    };
    let mut spans = vec![
        mark,
        Span::styled(
            format!("{} ", text::fit(&field.label(), LABELS - 1)),
            theme.label,
        ),
    ];
    let room = width.saturating_sub(MARGIN + LABELS + 1);
    let fault = form.checked.faults.get(field);
    let value_room = match fault {
        Some(Fault::Wrong(words)) => {
            // What is wrong has to be read; of what was typed the end suffices.
            room.saturating_sub(text::width(&text::safe(words)) + 4)
                .max(room / 3)
        }
        _ => room,
    };
    let typing = is_current && form.typing;
    let value = form.text(field);
    let mut taken = 0;
    if typing {
        let input = form.input(field);
        taken = push_typed(&mut spans, &input, value_room, theme);
    } else if field.is_choice() {
        let shown = form
            .options(field)
            .get(form.choice(field))
            .cloned()
            .unwrap_or_default();
        let shown = if is_current {
            format!("‹ {shown} ›")
        } else {
            shown
        };
        let shown = text::clip(&shown, value_room);
        taken = text::width(&shown);
        let style = if is_current { theme.current } else { theme.row };
        spans.push(Span::styled(shown, style));
    } else if !value.is_empty() {
        let shown = text::fit_middle(value, value_room).trim_end().to_owned();
        taken = text::width(&shown);
        let style = if is_current { theme.current } else { theme.row };
        spans.push(Span::styled(shown, style));
    }
    let left = room.saturating_sub(taken + 2);
    let gap = || Span::raw(if taken > 0 { "  " } else { "" });
    match fault {
        Some(Fault::Wrong(words)) => {
            spans.push(gap());
            spans.push(Span::styled(
                text::clip(&format!("! {words}"), left),
                theme.bad,
            ));
        }
        Some(Fault::Missing(words)) if value.is_empty() => {
            spans.push(gap());
            spans.push(Span::styled(
                text::clip(&format!("needed: {words}"), left),
                theme.warning,
            ));
        }
        _ if value.is_empty() && !field.is_choice() => {
            if let Some(words) = left_empty(form, field, is_current) {
                spans.push(gap());
                spans.push(Span::styled(text::clip(&words, left), theme.faint));
            }
        }
        _ => {}
    }
    Line::from(spans)
}

/// A text that is being typed with its cursor, the end of what stands before it in view; gives the columns it takes.
pub(super) fn push_typed(
    spans: &mut Vec<Span<'static>>,
    input: &Input,
    room: usize,
    theme: &Theme,
) -> usize {
    let cursor = input.cursor();
    // No more than this can be in view, however much was pasted.
    let skipped = cursor.saturating_sub(room);
    let before: String = input.value().chars().take(cursor).skip(skipped).collect();
    let mut before = inside(&before);
    while text::width(&before) + 1 > room && !before.is_empty() {
        before.remove(0);
    }
    let mut after = input.value().chars().skip(cursor);
    let under = after
        .next()
        .map_or_else(|| " ".to_owned(), |c| inside(&c.to_string()));
    let left = room.saturating_sub(text::width(&before) + text::width(&under));
    let rest = text::clip(&after.take(room).collect::<String>(), left);
    let taken = text::width(&before) + text::width(&under) + text::width(&rest);
    spans.push(Span::styled(before, theme.current));
    spans.push(Span::styled(under, theme.selected));
    spans.push(Span::styled(rest, theme.current));
    taken
}

/// A piece of a text made safe. Blanks at its ends are not the text's own ends, where they would be escaped.
fn inside(piece: &str) -> String {
    let guarded = format!("|{piece}|");
    let shown = text::safe(&guarded);
    let shown = shown.strip_prefix('|').unwrap_or(&shown);
    shown.strip_suffix('|').unwrap_or(shown).to_owned()
}

/// What an empty line comes to: what the rule fills in, what is usual, or how to fill it in.
fn left_empty(form: &Form, field: &Field, is_current: bool) -> Option<String> {
    let named = |words: String| {
        let name = form.rules.as_ref().map(|rules| rules.name.as_str());
        format!("{words} ({})", name.unwrap_or("the rule"))
    };
    let rule = form.rule();
    let stands_there = match field {
        Field::Part(name) => match form.shape(name) {
            Some(Shape::Uuid) => form.made_up(name).map(str::to_owned),
            Some(Shape::OneOf(values)) => values.first().cloned(),
            _ => None,
        },
        Field::Expires => Some(match rule.and_then(|rule| rule.expires) {
            Some(span) => named(span.to_string()),
            None => format!(
                "{} (default)",
                TimeSpan(crate::domain::presign::draft::USUAL_EXPIRY)
            ),
        }),
        Field::ContentType => type_left_open(form).map(named),
        Field::MaxSize => rule
            .and_then(|rule| rule.max_size)
            .map(|most| named(most.to_string())),
        _ => None,
    };
    let example = || Some(field.example().to_owned()).filter(|words| !words.is_empty());
    stands_there.or_else(|| is_current.then(example).flatten())
}

/// The content type that the rule puts in where none is typed.
fn type_left_open(form: &Form) -> Option<String> {
    form.rule()?.content_types.as_ref()?;
    let found = form
        .checked
        .request
        .as_ref()
        .and_then(|request| match &request.action {
            Action::Put(upload) => upload.content_type.clone(),
            Action::Post(form) => match form.content_type.clone()? {
                TypeRule::Exact(exact) => Some(exact),
                TypeRule::Prefix(prefix) => Some(format!("{prefix}*")),
            },
            _ => None,
        });
    found.or_else(|| {
        let types = form.rule()?.content_types.as_ref()?;
        Some(
            types
                .first()
                .cloned()
                .unwrap_or_else(|| "one that fits the key".into()),
        )
    })
}

/// The key that the parts make.
fn made_key(form: &Form, width: usize, theme: &Theme) -> Vec<Line<'static>> {
    let (words, style) = match &form.checked.key {
        Some(key) => (key.as_str().to_owned(), theme.row),
        None => match form.layout() {
            Some(layout) => (layout.template().as_str().to_owned(), theme.faint),
            None => return Vec::new(),
        },
    };
    let room = width.saturating_sub(MARGIN + LABELS + 1);
    let mut label = text::fit("= key", LABELS);
    let mut lines = Vec::new();
    for line in text::wrap(&words, room).into_iter().take(3) {
        lines.push(Line::from(vec![
            Span::raw(" ".repeat(MARGIN)),
            Span::styled(
                std::mem::replace(&mut label, " ".repeat(LABELS)),
                theme.label,
            ),
            Span::styled(line, style),
        ]));
    }
    lines
}

/// What is wrong with the request as a whole, and what is doubtful about it; what was signed tells that itself.
fn doubts(state: &State, width: usize, theme: &Theme, lines: &mut Vec<Line<'static>>) {
    let presign = &state.presign;
    let checked = &presign.form.checked;
    let is_told = presign.made().is_some_and(|made| !made.is_stale);
    let needs_write = presign.form.method() == Method::Delete && !state.write;
    if checked.whole.is_none() && !needs_write && (is_told || checked.warnings.is_empty()) {
        return;
    }
    lines.push(Line::default());
    let mut say = |words: &str, style| {
        let room = width.saturating_sub(MARGIN + 3);
        for (at, line) in text::wrap(words, room).into_iter().enumerate() {
            let mark = if at == 0 { "! " } else { "  " };
            lines.push(Line::from(vec![
                Span::raw(" ".repeat(MARGIN)),
                Span::styled(mark, style),
                Span::styled(line, style),
            ]));
        }
    };
    if needs_write {
        let words = "READ-ONLY: a DELETE is signed only where changes are allowed";
        say(words, theme.bad);
    }
    if let Some(why) = &checked.whole {
        say(why, theme.bad);
    }
    if !is_told {
        for warning in &checked.warnings {
            say(&warning.to_string(), theme.warning);
        }
    }
}
