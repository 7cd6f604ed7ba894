//! Finds layouts that can give the same key to different owners, by comparing their templates.

use super::layout::{Layout, OwnerSource};
use super::segment::{Item, Segment};

/// Two layouts of one bucket that can disagree about a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ambiguity {
    /// The id of the layout that comes first in the file.
    pub first: String,
    /// The id of the other.
    pub second: String,
    /// A key that matches both, if one is easily found.
    pub example: Option<String>,
}

/// All pairs of layouts that can disagree. If in doubt, a pair is included.
pub(super) fn ambiguities(layouts: &[Layout]) -> Vec<Ambiguity> {
    let mut found = Vec::new();
    for (n, first) in layouts.iter().enumerate() {
        for second in layouts.iter().skip(n + 1) {
            if can_disagree(first, second) {
                found.push(Ambiguity {
                    first: first.id().to_owned(),
                    second: second.id().to_owned(),
                    example: example(first, second),
                });
            }
        }
    }
    found
}

/// Pairs of layout ids in which the second never counts, because the first reads the same keys. Pairs that disagree are
/// [`ambiguities`] already.
pub(super) fn shadowed(layouts: &[Layout]) -> Vec<(&str, &str)> {
    let same = |a: &Layout, b: &Layout| {
        let (a, b) = (&a.template().segments, &b.template().segments);
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.reads_as(b))
    };
    let pairs = layouts.iter().enumerate().filter_map(|(n, layout)| {
        let first = layouts
            .iter()
            .take(n)
            .find(|first| same(first, layout) && agree(first, layout))?;
        Some((first.id(), layout.id()))
    });
    pairs.collect()
}

/// Whether two of the layouts can match the same key, whatever owner they read.
pub(super) fn can_share_keys(layouts: &[Layout]) -> bool {
    let mut all = layouts.iter().enumerate();
    all.any(|(n, first)| {
        let mut others = layouts.iter().skip(n + 1);
        others.any(|second| can_share(first, second))
    })
}

/// Whether the first layout in the file and the second can give a key to different owners.
/// Whether the layouts of two buckets can give the same key to different owners. If in doubt, they can.
pub(super) fn may_contradict(a: &[Layout], b: &[Layout]) -> bool {
    let pairs = a
        .iter()
        .flat_map(|one| b.iter().map(move |other| (one, other)));
    pairs
        .into_iter()
        .any(|(one, other)| can_share(one, other) && !agree(one, other))
}

fn can_disagree(a: &Layout, b: &Layout) -> bool {
    // If the first layout is more specific, the order of the file settles it. If the tail of the first may not match,
    // the second decides and contradicts it.
    let is_settled = a.is_narrower_than(b) && a.takes_any_tail();
    can_share(a, b) && !agree(a, b) && !is_settled
}

fn can_share(a: &Layout, b: &Layout) -> bool {
    let (least_a, least_b) = (least_segments(a), least_segments(b));
    let depths_meet = (is_open(a) || least_a >= least_b) && (is_open(b) || least_b >= least_a);
    depths_meet
        && deciding(a)
            .iter()
            .zip(deciding(b))
            .all(|(a, b)| can_meet(a, b))
}

/// The minimum number of segments in a matching key: after an anchor there is at least the object's own name.
fn least_segments(layout: &Layout) -> usize {
    deciding(layout).len() + usize::from(named(layout))
}

/// Whether it also matches keys with more segments.
fn is_open(layout: &Layout) -> bool {
    named(layout) || deciding(layout).last().is_some_and(ends_open)
}

/// The segments that decide whether the layout matches a key: the anchor, or the whole template.
fn deciding(layout: &Layout) -> &[Segment] {
    if named(layout) {
        layout.anchor()
    } else {
        &layout.template().segments
    }
}

fn named(layout: &Layout) -> bool {
    matches!(layout.owner(), OwnerSource::Part(_))
}

/// Whether both give a common key to the same owner, or look for the owner in the same place.
fn agree(a: &Layout, b: &Layout) -> bool {
    match (a.owner(), b.owner()) {
        (OwnerSource::Part(part_a), OwnerSource::Part(part_b)) => {
            let place = |layout: &Layout, part: &str| {
                layout
                    .anchor()
                    .last()
                    .and_then(|s| s.parts().position(|p| p.name == part))
            };
            let same_segment = match (a.anchor().last(), b.anchor().last()) {
                (Some(a), Some(b)) => a.reads_as(b),
                _ => false,
            };
            a.anchor().len() == b.anchor().len()
                && same_segment
                && place(a, part_a) == place(b, part_b)
        }
        (a, b) => a == b,
    }
}

fn ends_open(segment: &Segment) -> bool {
    segment.parts().any(|part| part.rest)
}

/// Whether one text can match both, as far as that is known.
fn can_meet(a: &Segment, b: &Segment) -> bool {
    if ends_open(a) || ends_open(b) {
        // An open part may continue past the slash, so only the prefixes can be compared.
        let (a, b) = (a.leading_literal(), b.leading_literal());
        return a.starts_with(b) || b.starts_with(a);
    }
    if let ([Item::Part(a)], [Item::Part(b)]) = (a.items.as_slice(), b.items.as_slice()) {
        return !a.shape.excludes(&b.shape);
    }
    if let Some(text) = only_text(a) {
        return b.matches(text);
    }
    if let Some(text) = only_text(b) {
        return a.matches(text);
    }
    let (start_a, start_b) = (a.leading_literal(), b.leading_literal());
    let (end_a, end_b) = (a.trailing_literal(), b.trailing_literal());
    let starts = start_a.starts_with(start_b) || start_b.starts_with(start_a);
    let ends = end_a.ends_with(end_b) || end_b.ends_with(end_a);
    starts && ends
}

fn only_text(segment: &Segment) -> Option<&str> {
    match segment.items.as_slice() {
        [] => Some(""),
        [Item::Literal(text)] => Some(text),
        _ => None,
    }
}

/// A key that matches both layouts, if a sample key of one also matches the other.
fn example(a: &Layout, b: &Layout) -> Option<String> {
    let (segments_a, segments_b) = (&a.template().segments, &b.template().segments);
    let longest = segments_a.len().max(segments_b.len());
    let folders: Option<Vec<String>> = (0..longest)
        .map(|n| match (segments_a.get(n), segments_b.get(n)) {
            (Some(a), Some(b)) => [a.example(), b.example()]
                .into_iter()
                .flatten()
                .find(|text| a.matches(text) && b.matches(text))
                .or_else(|| a.example()),
            (Some(only), None) | (None, Some(only)) => only.example(),
            (None, None) => None,
        })
        .collect();
    let key = folders?.join("/");
    (a.reading(&key).is_some() && b.reading(&key).is_some()).then_some(key)
}

#[cfg(test)]
mod tests;
