//! Derived objects: rules that compute a thumbnail's key from the key of its source.
//!
//! A rule transforms the whole key exactly as the application does, including its bugs. A purge must find where the
//! thumbnail really is, not where it should be.
//!
//! The inverse of a rule cannot recover what the rule drops. Start with [`former`] (possible owners of the sources of a
//! key) and [`beginnings`] (prefixes of everything derived from an owner's sources). Inside, `pattern` is a key with
//! holes, `inverse` inverts one step, and `structure` analyses a regular expression. `preimage` and `source_places`
//! return keys.

mod beginnings;
mod former;
mod inverse;
mod pattern;
mod preimage;
mod reach;
mod source_places;
mod structure;

use std::fmt;

use regex::Regex;

pub(crate) use former::FormerSource;
use structure::Structure;

use super::KeyReading;
use super::shape::compile;
use crate::domain::{BucketName, ObjectKey};

/// A rule that derives one object from each source.
#[derive(Debug, Clone, PartialEq)]
pub struct DerivedRule {
    /// Its id, unique in the bucket.
    pub id: String,
    /// The ids of the layouts whose objects are sources.
    pub from: Vec<String>,
    /// The bucket of the derived objects.
    pub to_bucket: BucketName,
    /// The transformations of the source's key, in order.
    pub steps: Vec<Step>,
}

/// One transformation of a key.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Replaces the first match of a regular expression. A key without a match does not change.
    Regex(Replacement),
    /// Replaces every occurrence of a text.
    ReplaceAll {
        /// The text to replace; never empty.
        text: String,
        /// The replacement.
        with: String,
    },
    /// Removes the last occurrence of a text and everything after it. A key without the text does not change.
    CutFromLast(String),
    /// Adds a text at the end.
    Append(String),
}

/// The place of a derived object, according to a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DerivedObject {
    /// The id of the rule.
    pub rule: String,
    /// Its bucket.
    pub bucket: BucketName,
    /// Its key.
    pub key: String,
}

impl DerivedRule {
    /// Whether the rule applies to a key that the layouts read in this way.
    pub(in crate::domain) fn takes(&self, readings: &[KeyReading<'_>]) -> bool {
        let mut layouts = readings.iter().map(|one| one.layout);
        layouts.any(|layout| self.from.iter().any(|from| from == layout))
    }

    /// The key of the object derived from this key. `None` if it is empty or longer than the 1,024 bytes that S3
    /// allows. It can be the source's own key: the application then overwrites its source.
    #[must_use]
    pub fn apply(&self, key: &str) -> Option<String> {
        let key = self
            .steps
            .iter()
            .fold(key.to_owned(), |key, step| step.apply(key));
        ObjectKey::new(key.as_str()).is_ok().then_some(key)
    }
}

impl Step {
    fn apply(&self, mut key: String) -> String {
        match self {
            Self::Regex(replacement) => replacement.apply(key),
            Self::ReplaceAll { text, with } => key.replace(text, with),
            Self::CutFromLast(text) => {
                if let Some(at) = key.rfind(text) {
                    key.truncate(at);
                }
                key
            }
            Self::Append(text) => {
                key.push_str(text);
                key
            }
        }
    }
}

/// A regular expression, and the replacement for its first match.
#[derive(Clone)]
pub struct Replacement {
    regex: Regex,
    structure: Structure,
    with: Vec<Piece>,
    written: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Group(usize),
}

/// Print only what the author wrote, without derived fields: a plan has a hash of its blueprint, which is computed from
/// this output.
#[expect(
    clippy::missing_fields_in_debug,
    reason = "the structure follows from the expression"
)]
impl fmt::Debug for Replacement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replacement")
            .field("regex", &self.regex)
            .field("with", &self.with)
            .field("written", &self.written)
            .finish()
    }
}

impl PartialEq for Replacement {
    fn eq(&self, other: &Self) -> bool {
        self.regex.as_str() == other.regex.as_str() && self.written == other.written
    }
}

impl Replacement {
    /// Compiles both. In the replacement, `$1` or `${1}` is a group, `${name}` a named group and `$$` a dollar sign.
    ///
    /// # Errors
    /// If the expression does not compile, or the replacement names an unknown group.
    pub fn new(regex: &str, replace: &str) -> Result<Self, String> {
        let structure = Structure::of(regex)?;
        let regex = compile(regex)?;
        let with = pieces(replace, &regex)?;
        Ok(Self {
            regex,
            structure,
            with,
            written: replace.to_owned(),
        })
    }

    /// The literal texts in the replacement.
    fn texts(&self) -> Vec<&str> {
        let texts = self.with.iter().filter_map(|piece| match piece {
            Piece::Text(text) => Some(text.as_str()),
            Piece::Group(_) => None,
        });
        texts.collect()
    }

    /// Whether the replacement drops a variable part of the match, because no group that it uses contains it.
    fn drops_something(&self) -> bool {
        let written = |group: usize| self.with.contains(&Piece::Group(group));
        !written(0) && self.structure.drops_something(&written)
    }

    fn apply(&self, key: String) -> String {
        let Some(groups) = self.regex.captures(&key) else {
            return key;
        };
        let (start, end) = groups.get(0).map_or((0, 0), |all| (all.start(), all.end()));
        let mut made = key.get(..start).unwrap_or_default().to_owned();
        for piece in &self.with {
            made.push_str(match piece {
                Piece::Text(text) => text,
                Piece::Group(n) => groups.get(*n).map_or("", |group| group.as_str()),
            });
        }
        made.push_str(key.get(end..).unwrap_or_default());
        made
    }
}

/// Parses a replacement by the rules of JavaScript and Python. The regex crate differs: it reads `$1_small` as a group
/// called `1_small`.
fn pieces(replace: &str, regex: &Regex) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = replace;
    while let Some((text, after)) = rest.split_once('$') {
        push_text(&mut pieces, text);
        if let Some(after) = after.strip_prefix('$') {
            push_text(&mut pieces, "$");
            rest = after;
            continue;
        }
        let (name, after) = match after.strip_prefix('{') {
            Some(braced) => braced.split_once('}').ok_or_else(|| {
                format!("in the replacement {replace:?} a \"${{\" is never closed")
            })?,
            None => after.split_at(after.bytes().take_while(u8::is_ascii_digit).count()),
        };
        pieces.push(Piece::Group(group(name, replace, regex)?));
        rest = after;
    }
    push_text(&mut pieces, rest);
    Ok(pieces)
}

fn group(name: &str, replace: &str, regex: &Regex) -> Result<usize, String> {
    let groups = regex.captures_len() - 1;
    let found = match name.parse::<usize>() {
        Ok(n) => (n <= groups).then_some(n),
        Err(_) => regex.capture_names().position(|group| group == Some(name)),
    };
    found.ok_or_else(|| match name {
        "" => format!("in the replacement {replace:?} a '$' names no group; write \"$$\" for a dollar sign"),
        name => format!(
            "the replacement {replace:?} names the group {name:?}, but the regular expression has {groups}; \
             write \"${{1}}0\" for group 1 and a zero"
        ),
    })
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        _ if text.is_empty() => {}
        Some(Piece::Text(before)) => before.push_str(text),
        _ => pieces.push(Piece::Text(text.to_owned())),
    }
}

#[cfg(test)]
mod tests;
