//! One segment of a key template: literals and parts between two slashes.

use std::collections::HashSet;

use super::shape::Shape;

/// A named placeholder in a template.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Its name in the braces.
    pub name: String,
    /// The values it accepts.
    pub shape: Shape,
    /// Whether it was written `{name...}`: only the last part of a template, and the only one that matches `/`.
    pub rest: bool,
}

impl Part {
    /// Whether the part accepts this value.
    #[must_use]
    pub fn admits(&self, value: &str) -> bool {
        (self.rest || !value.contains('/')) && self.shape.admits(value)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Item {
    /// Text, never empty and without `/`.
    Literal(String),
    Part(Part),
}

/// A sequence of literals and parts. Two parts are never adjacent, and a [`Part::rest`] comes last.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Segment {
    pub items: Vec<Item>,
}

impl Segment {
    pub(super) fn parts(&self) -> impl Iterator<Item = &Part> {
        self.items.iter().filter_map(|item| match item {
            Item::Part(part) => Some(part),
            Item::Literal(_) => None,
        })
    }

    pub(super) fn has_part(&self, name: &str) -> bool {
        self.parts().any(|part| part.name == name)
    }

    /// Matches `text`. On success, calls `found` for each part with its value, the last part first.
    ///
    /// A text may match in several ways (`a-b-c` by `{x}-{y}`). Among the matches in which every part has its shape,
    /// the one with the shortest first part wins, then the shortest second part, and so on. The result is
    /// deterministic. It takes at most items × bytes steps, because no position is tried twice.
    pub(super) fn read<'t, 'k>(
        &'t self,
        text: &'k str,
        found: &mut dyn FnMut(&'t Part, &'k str),
    ) -> bool {
        read_items(&self.items, text, &mut HashSet::new(), found)
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        self.read(text, &mut |_, _| {})
    }

    /// The value of one part, if the text matches.
    pub(super) fn value_of<'k>(&self, part: &str, text: &'k str) -> Option<&'k str> {
        let mut value = None;
        self.read(text, &mut |found, text| {
            if found.name == part {
                value = Some(text);
            }
        })
        .then_some(value)
        .flatten()
    }

    /// This segment with another shape for one part.
    pub(super) fn with_shape(&self, part: &str, shape: &Shape) -> Self {
        let mut segment = self.clone();
        for item in &mut segment.items {
            if let Item::Part(one) = item
                && one.name == part
            {
                one.shape = shape.clone();
            }
        }
        segment
    }

    /// Whether both match every text in the same way, regardless of the names of their parts.
    pub(super) fn reads_as(&self, other: &Self) -> bool {
        self.items.len() == other.items.len()
            && self.items.iter().zip(&other.items).all(|pair| match pair {
                (Item::Literal(a), Item::Literal(b)) => a == b,
                (Item::Part(a), Item::Part(b)) => a.shape == b.shape && a.rest == b.rest,
                _ => false,
            })
    }

    /// Whether the set of matching texts is fixed: literals, or parts with lists of values.
    pub(super) fn is_fixed(&self) -> bool {
        let mut parts = self.parts();
        parts.all(|part| matches!(part.shape, Shape::OneOf(_)) && !part.rest)
    }

    /// The literal at the start of every matching text.
    pub(super) fn leading_literal(&self) -> &str {
        match self.items.first() {
            Some(Item::Literal(text)) => text,
            _ => "",
        }
    }

    /// The literal at the end of every matching text.
    pub(super) fn trailing_literal(&self) -> &str {
        match self.items.last() {
            Some(Item::Literal(text)) => text,
            _ => "",
        }
    }

    /// A matching text, if one is easily made up.
    pub(super) fn example(&self) -> Option<String> {
        let mut text = String::new();
        for item in &self.items {
            match item {
                Item::Literal(literal) => text.push_str(literal),
                Item::Part(part) => text.push_str(&part.shape.example()?),
            }
        }
        self.matches(&text).then_some(text)
    }
}

fn read_items<'t, 'k>(
    items: &'t [Item],
    text: &'k str,
    failed: &mut HashSet<(usize, usize)>,
    found: &mut dyn FnMut(&'t Part, &'k str),
) -> bool {
    let Some((item, after)) = items.split_first() else {
        return text.is_empty();
    };
    let part = match item {
        Item::Literal(literal) => {
            return text
                .strip_prefix(literal.as_str())
                .is_some_and(|text| read_items(after, text, failed, found));
        }
        Item::Part(part) => part,
    };
    let Some(next) = after.first() else {
        let admitted = part.admits(text);
        if admitted {
            found(part, text);
        }
        return admitted;
    };
    // A part is followed by a literal. Each occurrence of that literal may be the end of the part.
    let (Item::Literal(next), Some(first)) = (next, text.chars().next()) else {
        return false;
    };
    let place = (items.len(), text.len());
    if failed.contains(&place) {
        return false;
    }
    let stride = next.chars().next().map_or(1, char::len_utf8);
    let mut from = first.len_utf8();
    while let Some(at) = text.get(from..).and_then(|text| text.find(next.as_str())) {
        let (value, rest) = text.split_at(from + at);
        if part.admits(value) && read_items(after, rest, failed, found) {
            found(part, value);
            return true;
        }
        from += at + stride;
    }
    failed.insert(place);
    false
}
