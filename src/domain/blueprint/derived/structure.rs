//! Analyses the structure of a regular expression.

use regex::Regex;
use regex_syntax::hir::{Capture, Class, Hir, HirKind, Look, Repetition};

use crate::domain::blueprint::shape::compile;

/// A parsed expression.
#[derive(Debug, Clone)]
pub(super) struct Structure {
    pub hir: Hir,
    /// The expression with lower-case letters wherever it ignores case, which is how keys are usually written. `None`
    /// if that makes no difference.
    pub lower: Option<Hir>,
    /// Whether a match starts at the start of the text.
    pub starts_at_start: bool,
    /// Whether a match ends at the end of the text.
    pub ends_at_end: bool,
    groups: Vec<Group>,
}

/// What a group can match.
#[derive(Debug, Clone, Default)]
struct Group {
    /// Matches a complete value; `None` if that depends on the surrounding text.
    admits: Option<Regex>,
    /// Whether the expression can match without the group.
    is_optional: bool,
    may_hold_slash: bool,
}

impl Structure {
    /// Parses an expression.
    ///
    /// # Errors
    /// If it does not compile.
    pub(super) fn of(regex: &str) -> Result<Self, String> {
        let hir = regex_syntax::parse(regex)
            .map_err(|error| format!("the regular expression does not compile: {error}"))?;
        let properties = hir.properties();
        let count = properties.explicit_captures_len() + 1;
        let mut groups = vec![Group::default(); count];
        if let Some(all) = groups.first_mut() {
            all.may_hold_slash = may_hold_slash(&hir);
        }
        enter_groups(&hir, false, &mut groups);
        let lower = Some(lower_case(&hir)).filter(|lower| *lower != hir);
        Ok(Self {
            lower,
            starts_at_start: properties.look_set_prefix().contains(Look::Start),
            ends_at_end: properties.look_set_suffix().contains(Look::End),
            groups,
            hir,
        })
    }

    /// Whether some variable part is outside these groups.
    pub(super) fn drops_something(&self, is_kept: &impl Fn(usize) -> bool) -> bool {
        varies_outside(&self.hir, is_kept)
    }

    /// Whether a group can match this text.
    pub(super) fn group_admits(&self, group: usize, value: &super::pattern::Pattern) -> bool {
        let Some(group) = self.groups.get(group) else {
            return true;
        };
        match (value.text(), &group.admits) {
            (Some(text), _) if text.is_empty() && group.is_optional => true,
            (Some(text), Some(regex)) => regex.is_match(&text),
            (Some(_), None) => true,
            (None, _) => group.may_hold_slash || !value.holds_slash(),
        }
    }
}

/// Replaces every class that only has the cases of one letter by the lower-case letter: `(?i)` produces such classes.
fn lower_case(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Class(class) => match either_case(class) {
            Some(c) => Hir::literal(c.encode_utf8(&mut [0; 4]).as_bytes().to_vec()),
            None => hir.clone(),
        },
        HirKind::Repetition(repetition) => Hir::repetition(Repetition {
            sub: Box::new(lower_case(&repetition.sub)),
            ..repetition.clone()
        }),
        HirKind::Capture(capture) => Hir::capture(Capture {
            sub: Box::new(lower_case(&capture.sub)),
            ..capture.clone()
        }),
        HirKind::Concat(all) => Hir::concat(all.iter().map(lower_case).collect()),
        HirKind::Alternation(all) => Hir::alternation(all.iter().map(lower_case).collect()),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Look(_) => hir.clone(),
    }
}

/// The lower-case letter of a class that only has its cases. Unicode has three of some letters: k, K and the Kelvin
/// sign.
fn either_case(class: &Class) -> Option<char> {
    const MOST_CASES: usize = 4;
    let Class::Unicode(class) = class else {
        return None;
    };
    let all: Vec<char> = class
        .ranges()
        .iter()
        .flat_map(|range| (range.start()..=range.end()).take(MOST_CASES + 1))
        .take(MOST_CASES + 1)
        .collect();
    let lower = |c: char| c.to_lowercase().next();
    let mut letters = all.iter().copied();
    let letter = letters.clone().find(|c| c.is_lowercase())?;
    let upper = letter.to_uppercase().next();
    let is_case = |c: char| lower(c) == Some(letter) || c.to_uppercase().next() == upper;
    ((2..=MOST_CASES).contains(&all.len()) && letters.all(is_case)).then_some(letter)
}

fn varies_outside(hir: &Hir, is_kept: &impl Fn(usize) -> bool) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Literal(_) | HirKind::Look(_) => false,
        HirKind::Class(_) | HirKind::Alternation(_) => true,
        HirKind::Repetition(repetition) => {
            repetition.max != Some(repetition.min) || varies_outside(&repetition.sub, is_kept)
        }
        HirKind::Capture(capture) => {
            let index = usize::try_from(capture.index).unwrap_or(usize::MAX);
            !is_kept(index) && varies_outside(&capture.sub, is_kept)
        }
        HirKind::Concat(all) => all.iter().any(|one| varies_outside(one, is_kept)),
    }
}

fn enter_groups(hir: &Hir, is_optional: bool, groups: &mut [Group]) {
    match hir.kind() {
        HirKind::Capture(capture) => {
            let index = usize::try_from(capture.index).unwrap_or(usize::MAX);
            if let Some(group) = groups.get_mut(index) {
                let looks_around = !capture.sub.properties().look_set().is_empty();
                *group = Group {
                    admits: (!looks_around)
                        .then(|| compile(&format!(r"\A(?:{})\z", capture.sub)).ok())
                        .flatten(),
                    is_optional,
                    may_hold_slash: may_hold_slash(&capture.sub),
                };
            }
            enter_groups(&capture.sub, is_optional, groups);
        }
        HirKind::Repetition(repetition) => {
            enter_groups(&repetition.sub, is_optional || repetition.min == 0, groups);
        }
        HirKind::Alternation(all) => all.iter().for_each(|one| enter_groups(one, true, groups)),
        HirKind::Concat(all) => all
            .iter()
            .for_each(|one| enter_groups(one, is_optional, groups)),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => {}
    }
}

/// Whether a matching text may contain a `/`.
pub(super) fn may_hold_slash(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => false,
        HirKind::Literal(literal) => literal.0.contains(&b'/'),
        HirKind::Class(class) => class_holds(class, '/'),
        HirKind::Repetition(repetition) => may_hold_slash(&repetition.sub),
        HirKind::Capture(capture) => may_hold_slash(&capture.sub),
        HirKind::Concat(all) | HirKind::Alternation(all) => all.iter().any(may_hold_slash),
    }
}

/// Whether a class contains a character.
pub(super) fn class_holds(class: &Class, c: char) -> bool {
    match class {
        Class::Unicode(class) => {
            let mut ranges = class.ranges().iter();
            ranges.any(|range| (range.start()..=range.end()).contains(&c))
        }
        Class::Bytes(class) => {
            let mut ranges = class.ranges().iter();
            ranges.any(|range| {
                u8::try_from(c).is_ok_and(|c| (range.start()..=range.end()).contains(&c))
            })
        }
    }
}
