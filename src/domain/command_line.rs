//! Commands that s3warden suggests as a next step, quoted for a shell.
//!
//! A suggested command repeats every option that it depends on. The options come from the types that contain them
//! ([`Requirements`], and the arguments of each command), so that none is forgotten.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use super::change::Operator;
use super::change::plan::OperatorSource;
use super::orphans::gates::Limits;
use super::registry::Requirements;
use super::text::{self, shell_quote};

/// An option with its dashes, and its value if it takes one.
pub(crate) type Given = (&'static str, Option<String>);

/// A command line. It contains only visible characters and must be displayed without further escaping, so that the user
/// can copy it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommandLine(String);

impl CommandLine {
    /// A command line that starts with `s3warden` and a subcommand.
    #[must_use]
    pub(crate) fn new(command: &str) -> Self {
        Self(format!("s3warden {command}"))
    }

    /// A command line that starts with `aws` and a service, for actions that s3warden does not support.
    #[must_use]
    pub(crate) fn of_aws(command: &str) -> Self {
        Self(format!("aws {command}"))
    }

    /// Adds a positional argument.
    #[must_use]
    pub(crate) fn word(mut self, word: &str) -> Self {
        self.0.push(' ');
        self.0.push_str(&typed(word));
        self
    }

    /// Adds an option and its value. A value that starts with a dash is joined with `=`, so that it is not taken for an
    /// option.
    #[must_use]
    pub(crate) fn option(self, name: &str, value: &str) -> Self {
        if value.starts_with('-') {
            self.joined(name, value)
        } else {
            self.word(name).word(value)
        }
    }

    /// Adds an option and its value as `--option=value`, for values that may be anything.
    #[must_use]
    pub(crate) fn joined(mut self, name: &str, value: &str) -> Self {
        let word = format!(" {name}={}", typed(value));
        self.0.push_str(&word);
        self
    }

    /// Adds options that were given before.
    #[must_use]
    pub(crate) fn given(self, options: impl IntoIterator<Item = Given>) -> Self {
        options
            .into_iter()
            .fold(self, |line, (name, value)| match value {
                Some(value) => line.option(name, &value),
                None => line.word(name),
            })
    }
}

/// Quotes a word for bash or zsh, with visible characters only. A word that needs no escape contains no backslash, so a
/// sentence with the command may be escaped for the screen.
fn typed(word: &str) -> Cow<'_, str> {
    let needs_escapes = word.contains('\\') || text::has_hidden(word);
    let means_something = |c: char| matches!(c, '"' | '$' | '`' | '!' | '\\');
    if !needs_escapes && !word.contains('\'') {
        return shell_quote(word);
    }
    if !needs_escapes && !word.contains(means_something) {
        return Cow::Owned(format!("\"{word}\""));
    }
    let mut typed = String::from("$'");
    for c in word.chars().filter(|c| *c != '\0') {
        match c {
            '\'' | '\\' => typed.extend(['\\', c]),
            '\n' => typed.push_str("\\n"),
            '\r' => typed.push_str("\\r"),
            '\t' => typed.push_str("\\t"),
            c if c.is_ascii_control() => {
                let _ = write!(typed, "\\x{:02x}", u32::from(c));
            }
            c if text::is_hidden(c) => {
                let _ = write!(typed, "\\U{:08x}", u32::from(c));
            }
            c => typed.push(c),
        }
    }
    typed.push('\'');
    Cow::Owned(typed)
}

impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Requirements {
    /// The options that differ from the defaults.
    #[must_use]
    pub fn options(&self) -> Vec<Given> {
        let Self {
            max_age,
            undated,
            max_malformed,
            max_loss,
        } = self;
        let mut options: Vec<Given> = Vec::new();
        if let Some(age) = max_age {
            options.push(("--max-registry-age", Some(format!("{}s", age.as_secs()))));
        }
        if *undated {
            options.push(("--allow-undated-registry", None));
        }
        if (*max_loss - Self::default().max_loss).abs() > f64::EPSILON {
            options.push(("--max-registry-loss", Some(max_loss.to_string())));
        }
        if let Some(rows) = max_malformed {
            options.push(("--max-malformed", Some(rows.to_string())));
        }
        options
    }
}

impl Limits {
    /// The options for thresholds that differ from the defaults.
    #[must_use]
    pub fn options(&self) -> Vec<Given> {
        let Self {
            min_age,
            lists,
            share,
            count,
            unexplained,
            explained,
            heads,
        } = self;
        let usual = Self::default();
        let mut options = lists.options();
        if *min_age != usual.min_age {
            options.push(("--min-age", Some(format!("{}s", min_age.as_secs()))));
        }
        for (name, percent, usual) in [
            ("--max-share", share, usual.share),
            ("--max-unexplained-records", unexplained, usual.unexplained),
            ("--min-explained", explained, usual.explained),
        ] {
            if (percent - usual).abs() > f64::EPSILON {
                options.push((name, Some(percent.to_string())));
            }
        }
        for (name, number, usual) in [
            ("--max-count", count, usual.count),
            ("--max-heads", heads, usual.heads),
        ] {
            if *number != usual {
                options.push((name, Some(number.to_string())));
            }
        }
        options
    }
}

/// The options that lead back to a plan's endpoint, and that name the operator if the server does not.
#[must_use]
pub(crate) fn where_it_was_made(endpoint: Option<&str>, operator: &Operator) -> Vec<Given> {
    let endpoint = endpoint.map(|url| ("--endpoint-url", Some(url.to_owned())));
    let stated = operator.source == Some(OperatorSource::Stated);
    let operator = stated.then(|| ("--operator", Some(operator.arn.clone())));
    endpoint.into_iter().chain(operator).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_to_a_shell_is_quoted_and_a_dash_begins_no_option() {
        let line = CommandLine::new("purge")
            .option("--plan", "my plan")
            .option("--owner", "-rf")
            .joined("--confirm", "O'Hara")
            .given([("--write", None), ("--jobs", Some("3".to_owned()))]);
        assert_eq!(
            line.to_string(),
            "s3warden purge --plan 'my plan' --owner=-rf --confirm=\"O'Hara\" --write --jobs 3"
        );
    }

    /// The expected words were checked with `bash -c 'printf %s WORD'`.
    #[test]
    fn a_word_is_typed_in_visible_characters_alone() {
        for (word, expected) in [
            ("user-1", "user-1"),
            ("", "''"),
            ("two words", "'two words'"),
            ("$HOME `x` \"y\"!", "'$HOME `x` \"y\"!'"),
            ("o'neil", "\"o'neil\""),
            ("o'neil $1", r"$'o\'neil $1'"),
            (r"back\slash", r"$'back\\slash'"),
            ("a\nb\tc\rd", r"$'a\nb\tc\rd'"),
            ("\u{1b}[31m", r"$'\x1b[31m'"),
            ("\u{202e}abc", r"$'\U0000202eabc'"),
            ("zero\u{200b}width", r"$'zero\U0000200bwidth'"),
            ("größe", "'größe'"),
            ("nul\0", "$'nul'"),
        ] {
            let line = CommandLine::new("purge").word(word).to_string();
            assert_eq!(line, format!("s3warden purge {expected}"), "{word:?}");
        }
    }

    #[test]
    fn requirements_that_nobody_changed_need_no_option() {
        assert_eq!(Requirements::default().options(), []);
        assert_eq!(Limits::default().options(), []);
    }
}
