//! Derived objects: how the application makes a thumbnail's key from its source's.
//!
//! A rule transforms the whole key as the application's own code does, mistakes included: what a purge must find
//! is where the thumbnail really went, not where it should have gone.
//!
//! Turned round, a rule loses what it drops. Start with [`former`] (whose the sources of a key may have been) and
//! [`beginnings`] (where what is made of an owner's sources lies). Inside, `pattern` is a key with holes, `inverse` turns one
//! step round, `structure` is what is known of a regular expression. `preimage` and `source_places` answer with keys.

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

/// Makes one derived object from each source.
#[derive(Debug, Clone, PartialEq)]
pub struct DerivedRule {
    /// Its id, unique in the bucket.
    pub id: String,
    /// The ids of the layouts whose objects are sources.
    pub from: Vec<String>,
    /// The bucket that the derived objects are in.
    pub to_bucket: BucketName,
    /// What is done to the source's key, one step after the other.
    pub steps: Vec<Step>,
}

/// One transformation of a key.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Replaces the first match of a regular expression; a key without a match stays as it is.
    Regex(Replacement),
    /// Replaces every occurrence of a text.
    ReplaceAll {
        /// What is replaced; never empty.
        text: String,
        /// What stands there afterwards.
        with: String,
    },
    /// Drops the last occurrence of a text and what follows it; a key without it stays as it is.
    CutFromLast(String),
    /// Adds a text at the end.
    Append(String),
}

/// A derived object: where it is when the rule was followed.
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
    /// Whether it makes something of a key that layouts read like this.
    pub(in crate::domain) fn takes(&self, readings: &[KeyReading<'_>]) -> bool {
        let mut layouts = readings.iter().map(|one| one.layout);
        layouts.any(|layout| self.from.iter().any(|from| from == layout))
    }

    /// The key that the application gives to what it makes from this one. `None` when S3 could not hold it (more
    /// than 1,024 bytes, or none). It can be the source's own key: then the application overwrites its source.
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

/// A regular expression and what its first match is replaced by.
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

/// What was written, and nothing that follows from it: plans hold a hash of their blueprint, which is made of this.
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
    /// Checks both. In the replacement `$1` or `${1}` is a group, `${name}` a named one and `$$` a dollar sign.
    ///
    /// # Errors
    /// When the expression does not compile, or the replacement names a group that it does not have.
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

    /// What it writes.
    fn texts(&self) -> Vec<&str> {
        let texts = self.with.iter().filter_map(|piece| match piece {
            Piece::Text(text) => Some(text.as_str()),
            Piece::Group(_) => None,
        });
        texts.collect()
    }

    /// Whether a part of what it matches, which may be one thing or another, stands in no group that it writes.
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

/// Reads a replacement by the rules of JavaScript and Python rather than the regex crate's, for which `$1_small`
/// is a group called `1_small`.
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
