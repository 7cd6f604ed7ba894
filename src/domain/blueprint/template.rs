//! Key templates: `{directory}/{user}/{uuid}-{filename...}`.
//!
//! A template parses a key into its parts and builds a key from parts; the two are inverse to each other. `{{` and `}}`
//! stand for a brace in the key.

use std::collections::BTreeMap;

use thiserror::Error;

use super::segment::{Item, Part, Segment};
use super::shape::Shape;

/// The values of a template's parts, by name.
pub(crate) type Parts = BTreeMap<String, String>;

/// A validated key template.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    text: String,
    pub(super) segments: Vec<Segment>,
}

/// An error in a template: the position, and what was expected there.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the key template {template:?} is wrong at character {}: {message}", offset + 1)]
pub struct TemplateError {
    /// The template as written.
    pub template: String,
    /// The position, in characters.
    pub offset: usize,
    /// What is wrong, and what was expected.
    pub message: String,
}

/// Why parts cannot form a key.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FormatError {
    /// A part of the template has no value.
    #[error("the part {{{0}}} has no value")]
    Missing(String),
    /// A value does not belong to any part of the template.
    #[error("the template has no part {{{0}}}")]
    Unknown(String),
    /// Parsing the key would give other parts: a value does not have its shape, or contains the text that ends it.
    #[error("the key {key:?} would not be read back as these parts")]
    NotReadBack {
        /// The rejected key.
        key: String,
    },
}

impl Template {
    /// Parses a template. `shapes` gives the shape of each part; other parts accept any value.
    ///
    /// # Errors
    /// The first error, with its position.
    pub fn parse(text: &str, shapes: &BTreeMap<String, Shape>) -> Result<Self, TemplateError> {
        Parser {
            text,
            shapes,
            template: Self {
                text: text.to_owned(),
                segments: vec![Segment::default()],
            },
            literal: String::new(),
        }
        .run()
    }

    /// A template of known folders, `free` parts of one folder each, the owner's folder and the rest.
    ///
    /// For layouts that a user selects on the screen: the folders may contain braces or be empty (`a//`).
    pub(super) fn of_folders(folders: &[&str], free: usize, owner: &str) -> Self {
        let part = |name: &str, rest: bool| {
            Item::Part(Part {
                name: name.to_owned(),
                shape: Shape::Any,
                rest,
            })
        };
        let literal = |text: &&str| match *text {
            "" => Vec::new(),
            text => vec![Item::Literal(text.to_owned())],
        };
        let mut segments: Vec<Vec<Item>> = folders.iter().map(literal).collect();
        segments.extend((1..=free).map(|n| vec![part(&format!("p{n}"), false)]));
        segments.push(vec![part(owner, false)]);
        segments.push(vec![part("rest", true)]);
        let segments: Vec<Segment> = segments
            .into_iter()
            .map(|items| Segment { items })
            .collect();
        Self {
            text: written(&segments),
            segments,
        }
    }

    /// The template as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its parts, in order.
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        self.segments.iter().flat_map(Segment::parts)
    }

    /// Parses a key; `None` if the template does not match the whole key.
    #[must_use]
    pub fn read(&self, key: &str) -> Option<Parts> {
        let mut parts = Parts::new();
        read_all(&self.segments, key, &mut |part, value| {
            parts.insert(part.name.clone(), value.to_owned());
        })
        .then_some(parts)
    }

    /// Builds a key. Parsing the key gives exactly these parts, or the key is rejected.
    ///
    /// # Errors
    /// [`FormatError`]: a part is missing, unknown, or would be parsed as another value.
    pub fn write(&self, parts: &Parts) -> Result<String, FormatError> {
        if let Some(unknown) = parts
            .keys()
            .find(|name| !self.parts().any(|p| p.name == **name))
        {
            return Err(FormatError::Unknown(unknown.clone()));
        }
        let mut key = String::new();
        for (n, segment) in self.segments.iter().enumerate() {
            if n > 0 {
                key.push('/');
            }
            for item in &segment.items {
                key.push_str(match item {
                    Item::Literal(text) => text,
                    Item::Part(part) => parts
                        .get(&part.name)
                        .ok_or_else(|| FormatError::Missing(part.name.clone()))?,
                });
            }
        }
        if self.read(&key).as_ref() == Some(parts) {
            Ok(key)
        } else {
            Err(FormatError::NotReadBack { key })
        }
    }
}

/// Parses whole folders from the start of a key, and returns the rest after the last `/`.
pub(super) fn read_folders<'t, 'k>(
    segments: &'t [Segment],
    key: &'k str,
    found: &mut dyn FnMut(&'t Part, &'k str),
) -> Option<&'k str> {
    segments.iter().try_fold(key, |key, segment| {
        let (folder, rest) = key.split_once('/')?;
        segment.read(folder, found).then_some(rest)
    })
}

/// Parses a key, or the rest of one, to the end.
pub(super) fn read_all<'t, 'k>(
    segments: &'t [Segment],
    key: &'k str,
    found: &mut dyn FnMut(&'t Part, &'k str),
) -> bool {
    let Some((last, folders)) = segments.split_last() else {
        return key.is_empty();
    };
    read_folders(folders, key, found).is_some_and(|rest| {
        last.read(rest, found) && {
            // Only a final `{name...}` may match a slash. `Part::admits` checks the parts; this checks the literals.
            last.parts().any(|part| part.rest) || !rest.contains('/')
        }
    })
}

fn written(segments: &[Segment]) -> String {
    let escape = |text: &str| text.replace('{', "{{").replace('}', "}}");
    let segment = |segment: &Segment| {
        segment
            .items
            .iter()
            .map(|item| match item {
                Item::Literal(text) => escape(text),
                Item::Part(part) if part.rest => format!("{{{}...}}", part.name),
                Item::Part(part) => format!("{{{}}}", part.name),
            })
            .collect::<String>()
    };
    segments.iter().map(segment).collect::<Vec<_>>().join("/")
}

struct Parser<'a> {
    text: &'a str,
    shapes: &'a BTreeMap<String, Shape>,
    template: Template,
    literal: String,
}

impl Parser<'_> {
    fn run(mut self) -> Result<Template, TemplateError> {
        if self.text.is_empty() {
            return Err(self.error(
                0,
                "it is empty; expected something like \"{user}/{file...}\"",
            ));
        }
        let mut chars = self.text.chars().enumerate().peekable();
        while let Some((at, c)) = chars.next() {
            self.refuse_after_rest(at)?;
            match c {
                '{' if chars.next_if(|(_, c)| *c == '{').is_some() => self.literal.push('{'),
                '}' if chars.next_if(|(_, c)| *c == '}').is_some() => self.literal.push('}'),
                '}' => {
                    return Err(self.error(
                        at,
                        "this '}' closes nothing; write '}}' for a brace in the key",
                    ));
                }
                '{' => {
                    let mut name = String::new();
                    loop {
                        match chars.next() {
                            Some((_, '}')) => break,
                            Some((at, c @ ('{' | '/'))) => {
                                return Err(self.error(
                                    at,
                                    &format!("{c:?} inside a part's name; expected '}}'"),
                                ));
                            }
                            Some((_, c)) => name.push(c),
                            None => {
                                return Err(
                                    self.error(at, "this '{' is never closed; expected '}'")
                                );
                            }
                        }
                    }
                    self.part(at, &name)?;
                }
                '/' => {
                    self.end_literal();
                    self.template.segments.push(Segment::default());
                }
                c => self.literal.push(c),
            }
        }
        self.end_literal();
        let last = self.template.segments.last();
        if last.is_none_or(|segment| segment.items.is_empty()) {
            let end = self.text.chars().count();
            return Err(self.error(
                end,
                "it ends in '/'; expected the name of the object, such as {file...}",
            ));
        }
        Ok(self.template)
    }

    fn part(&mut self, at: usize, written: &str) -> Result<(), TemplateError> {
        let (name, rest) = match written.strip_suffix("...") {
            Some(name) => (name, true),
            None => (written, false),
        };
        let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if name.is_empty() || !name.chars().all(good) {
            let message =
                format!("{name:?} is no name for a part; expected letters, digits, '_' and '-'");
            return Err(self.error(at, &message));
        }
        if self.template.parts().any(|part| part.name == name) {
            return Err(self.error(
                at,
                &format!("the part {{{name}}} occurs twice; give each its own name"),
            ));
        }
        self.end_literal();
        let shape = self.shapes.get(name).cloned().unwrap_or(Shape::Any);
        let items = self
            .template
            .segments
            .last_mut()
            .map(|segment| &mut segment.items);
        if let Some(Item::Part(before)) = items.as_ref().and_then(|items| items.last()) {
            let message = format!(
                "{{{}}} and {{{name}}} touch, so that nothing tells where one ends; put a literal between them",
                before.name
            );
            return Err(self.error(at, &message));
        }
        if let Some(items) = items {
            items.push(Item::Part(Part {
                name: name.to_owned(),
                shape,
                rest,
            }));
        }
        Ok(())
    }

    fn refuse_after_rest(&self, at: usize) -> Result<(), TemplateError> {
        match self.template.parts().find(|part| part.rest) {
            Some(part) => Err(self.error(
                at,
                &format!(
                    "{{{}...}} takes the rest of the key, so nothing can follow it",
                    part.name
                ),
            )),
            None => Ok(()),
        }
    }

    fn end_literal(&mut self) {
        if !self.literal.is_empty() {
            let literal = std::mem::take(&mut self.literal);
            if let Some(segment) = self.template.segments.last_mut() {
                segment.items.push(Item::Literal(literal));
            }
        }
    }

    fn error(&self, offset: usize, message: &str) -> TemplateError {
        TemplateError {
            template: self.text.to_owned(),
            offset,
            message: message.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
