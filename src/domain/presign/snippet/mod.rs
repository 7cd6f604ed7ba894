//! Ready-to-paste snippets for a signed request: curl, an HTML form, JavaScript's fetch, Python's standard library.
//!
//! Keys, types and metadata are hostile. Each passes through a function of [`quote`] (or the shell's in
//! `domain::text`), and a property test checks that none can break out. The snippets contain the signature, so printing
//! one grants its access.

mod curl;
mod html;
mod javascript;
mod python;
pub(crate) mod quote;

use std::fmt;

use super::form::TypeRule;
use super::request::{Action, Method};
use super::signed::Signed;

/// A kind of snippet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Snippet {
    /// A command for a POSIX shell.
    Curl,
    /// An HTML form, only for POST.
    Html,
    /// JavaScript for a browser.
    JavaScript,
    /// Python 3 with its standard library only.
    Python,
}

impl Snippet {
    /// All kinds, in the order in which they are offered.
    pub(crate) const ALL: [Self; 4] = [Self::Curl, Self::Html, Self::JavaScript, Self::Python];

    /// Whether such a request can be sent this way: S3 supports only POST from an HTML form.
    #[must_use]
    pub(crate) fn fits(self, method: Method) -> bool {
        self != Self::Html || method == Method::Post
    }

    /// The snippet, which ends with a line break. `file` is the name of the file to send or to write. `None` if such a
    /// request cannot be sent this way.
    #[must_use]
    pub(crate) fn of(self, signed: &Signed, file: &str) -> Option<String> {
        if !self.fits(signed.method()) {
            return None;
        }
        Some(match self {
            Self::Curl => curl::snippet(signed, file),
            Self::Html => html::snippet(signed),
            Self::JavaScript => javascript::snippet(signed),
            Self::Python => python::snippet(signed, file),
        })
    }
}

impl fmt::Display for Snippet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Curl => "curl",
            Self::Html => "HTML form",
            Self::JavaScript => "JavaScript",
            Self::Python => "Python",
        })
    }
}

/// The headers that a client must be given. It computes the length itself, and a browser does not allow setting it.
fn told_headers(signed: &Signed) -> impl Iterator<Item = (&str, &str)> {
    signed
        .headers
        .iter()
        .filter(|(name, _)| name != "content-length")
        .map(|(name, value)| (name.as_str(), value.as_str()))
}

/// The signed length.
fn exact_length(signed: &Signed) -> Option<&str> {
    signed
        .headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .map(|(_, value)| value.as_str())
}

/// The required prefix of a form's content type, if the sender chooses the rest.
fn open_type(signed: &Signed) -> Option<&str> {
    match &signed.request.action {
        Action::Post(form) => match &form.content_type {
            Some(TypeRule::Prefix(prefix)) => Some(prefix),
            _ => None,
        },
        _ => None,
    }
}

/// A comment about the content type, for languages with `#` comments. The prefix is a single-line literal, because it
/// is hostile, too.
fn type_comment(signed: &Signed) -> String {
    open_type(signed).map_or_else(String::new, |prefix| {
        let prefix = quote::python(prefix);
        format!("# Content-Type may be any that begins with {prefix}: put the file's own there\n")
    })
}

#[cfg(test)]
mod tests;
