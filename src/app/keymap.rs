//! Keys and what they do, read from `assets/keymap.toml`: help, hints and palette are made from the same list.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use serde::Deserialize;
use thiserror::Error;

use super::action::Action;

/// One key press: a key and what was held with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Chord {
    code: KeyCode,
    modifiers: KeyModifiers,
}

impl From<KeyEvent> for Chord {
    fn from(key: KeyEvent) -> Self {
        // Shift is in the character already, and terminals differ in whether they report it besides.
        let modifiers = match key.code {
            KeyCode::Char(_) | KeyCode::BackTab => key.modifiers - KeyModifiers::SHIFT,
            _ => key.modifiers,
        };
        Self {
            code: key.code,
            modifiers,
        }
    }
}

const NAMED: &[(&str, KeyCode)] = &[
    ("Enter", KeyCode::Enter),
    ("Esc", KeyCode::Esc),
    ("Tab", KeyCode::Tab),
    ("S-Tab", KeyCode::BackTab),
    ("Space", KeyCode::Char(' ')),
    ("Up", KeyCode::Up),
    ("Down", KeyCode::Down),
    ("Left", KeyCode::Left),
    ("Right", KeyCode::Right),
    ("PgUp", KeyCode::PageUp),
    ("PgDn", KeyCode::PageDown),
    ("Home", KeyCode::Home),
    ("End", KeyCode::End),
    ("Backspace", KeyCode::Backspace),
    ("Delete", KeyCode::Delete),
];

impl Chord {
    fn parse(text: &str) -> Option<Self> {
        let (modifiers, name) = if let Some(rest) = text.strip_prefix("C-") {
            (KeyModifiers::CONTROL, rest)
        } else if let Some(rest) = text.strip_prefix("M-") {
            (KeyModifiers::ALT, rest)
        } else {
            (KeyModifiers::NONE, text)
        };
        let mut chars = name.chars();
        let code = match (chars.next(), chars.next()) {
            (Some(only), None) => KeyCode::Char(only),
            (Some('F'), Some(_)) => KeyCode::F(
                name.get(1..)?
                    .parse()
                    .ok()
                    .filter(|n| (1..=12).contains(n))?,
            ),
            _ => NAMED.iter().find(|(known, _)| *known == name)?.1,
        };
        Some(Self { code, modifiers })
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.modifiers.contains(KeyModifiers::CONTROL) {
            f.write_str("C-")?;
        }
        if self.modifiers.contains(KeyModifiers::ALT) {
            f.write_str("M-")?;
        }
        match NAMED.iter().find(|(_, code)| *code == self.code) {
            Some((name, _)) => f.write_str(name),
            None => match self.code {
                KeyCode::Char(c) => write!(f, "{c}"),
                KeyCode::F(n) => write!(f, "F{n}"),
                _ => f.write_str("?"),
            },
        }
    }
}

/// Where a binding holds. The order is that of precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Place {
    /// The Buckets screen.
    Buckets,
    /// The Browse screen.
    Browse,
    /// The map of where the bytes are, on the Browse screen.
    Map,
    /// The State screen.
    State,
    /// The Orphans screen.
    Orphans,
    /// The Purge screen.
    Purge,
    /// The Presign screen.
    Presign,
    /// The Tasks screen.
    Tasks,
    AuditLog,
    /// Any list.
    Lists,
    Everywhere,
}

impl Place {
    /// The places whose keys hold on a screen, the nearest first. Where there is no list, its keys mean nothing.
    #[must_use]
    pub(crate) fn reaches(self) -> &'static [Self] {
        match self {
            Self::Buckets => &[Self::Buckets, Self::Lists, Self::Everywhere],
            Self::Browse => &[Self::Browse, Self::Lists, Self::Everywhere],
            Self::Map => &[Self::Map, Self::Everywhere],
            Self::State => &[Self::State, Self::Lists, Self::Everywhere],
            Self::Orphans => &[Self::Orphans, Self::Lists, Self::Everywhere],
            Self::Purge => &[Self::Purge, Self::Lists, Self::Everywhere],
            Self::Tasks => &[Self::Tasks, Self::Lists, Self::Everywhere],
            Self::AuditLog => &[Self::AuditLog, Self::Lists, Self::Everywhere],
            Self::Presign => &[Self::Presign, Self::Everywhere],
            Self::Lists => &[Self::Lists, Self::Everywhere],
            Self::Everywhere => &[Self::Everywhere],
        }
    }
}

/// An action, the keys for it, and its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binding {
    /// Where it holds.
    pub place: Place,
    /// Key sequences, any of which asks for it.
    pub keys: Vec<Vec<Chord>>,
    /// What is asked for.
    pub action: Action,
    /// What it does, for the help and the palette.
    pub does: String,
    /// One or two words for the last line, where it deserves a place there.
    pub hint: Option<String>,
}

impl Binding {
    /// The key to show where there is room for one.
    #[must_use]
    pub(crate) fn key(&self) -> String {
        self.keys.first().map(|keys| join(keys)).unwrap_or_default()
    }

    /// All its keys, for the help.
    #[must_use]
    pub(crate) fn all_keys(&self) -> String {
        let keys: Vec<String> = self.keys.iter().map(|keys| join(keys)).collect();
        keys.join("  ")
    }
}

fn join(chords: &[Chord]) -> String {
    let chords: Vec<String> = chords.iter().map(ToString::to_string).collect();
    chords.join(" ")
}

/// What a key sequence means so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// It asks for this.
    Action(Action),
    /// It is the beginning of a longer one.
    Beginning,
    Nothing,
}

/// Why a key map cannot be used.
#[derive(Debug, Error)]
pub(crate) enum KeymapError {
    /// It is not TOML of the right shape.
    #[error("the key map is not of the right shape: {0}")]
    Shape(#[from] toml::de::Error),
    /// A key has no such name.
    #[error("the key map names {0:?}, which is not a key")]
    Key(String),
    /// Two bindings of one place want the same keys.
    #[error("the key map gives {0:?} two meanings in one place")]
    Twice(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    binding: Vec<FileBinding>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileBinding {
    #[serde(rename = "in")]
    place: Place,
    keys: Vec<String>,
    action: Action,
    does: String,
    hint: Option<String>,
}

/// The keys of the console.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Keymap {
    bindings: Vec<Binding>,
}

impl Keymap {
    /// Reads a key map.
    ///
    /// # Errors
    /// When the text is not TOML of the right shape, a key has no such name, or keys have two meanings in one place.
    pub(crate) fn parse(text: &str) -> Result<Self, KeymapError> {
        let file: File = toml::from_str(text)?;
        let mut bindings: Vec<Binding> = Vec::new();
        for binding in file.binding {
            let mut keys = Vec::new();
            for sequence in &binding.keys {
                let chords = sequence
                    .split_whitespace()
                    .map(|name| Chord::parse(name).ok_or_else(|| KeymapError::Key(name.to_owned())))
                    .collect::<Result<Vec<Chord>, KeymapError>>()?;
                let taken =
                    |other: &Binding| other.place == binding.place && other.keys.contains(&chords);
                if bindings.iter().any(taken) {
                    return Err(KeymapError::Twice(sequence.clone()));
                }
                keys.push(chords);
            }
            bindings.push(Binding {
                place: binding.place,
                keys,
                action: binding.action,
                does: binding.does,
                hint: binding.hint,
            });
        }
        Ok(Self { bindings })
    }

    /// The key map that the program brings along.
    ///
    /// # Errors
    /// None in practice: a test reads the same text.
    pub(crate) fn builtin() -> Result<Self, KeymapError> {
        Self::parse(include_str!("../../assets/keymap.toml"))
    }

    /// What a sequence of keys means on a screen: the screen's own binding first, then a list's, then any.
    #[must_use]
    pub(crate) fn meaning(&self, screen: Place, typed: &[Chord]) -> Meaning {
        for place in screen.reaches() {
            let mut here = self
                .bindings
                .iter()
                .filter(|binding| binding.place == *place);
            if let Some(binding) = here.find(|b| b.keys.iter().any(|keys| keys == typed)) {
                return Meaning::Action(binding.action);
            }
        }
        let begins = |binding: &Binding| {
            screen.reaches().contains(&binding.place)
                && binding.keys.iter().any(|keys| keys.starts_with(typed))
        };
        if self.bindings.iter().any(begins) {
            Meaning::Beginning
        } else {
            Meaning::Nothing
        }
    }

    /// The bindings that hold on a screen, its own first; an action that a nearer place binds is left out.
    pub(crate) fn of_screen(&self, screen: Place) -> impl Iterator<Item = &Binding> {
        let mut seen = std::collections::HashSet::new();
        screen
            .reaches()
            .iter()
            .flat_map(|place| self.bindings.iter().filter(move |b| b.place == *place))
            .filter(move |binding| seen.insert((binding.action, binding.place == screen)))
    }

    /// The key by which an action is asked for on a screen; `None` where it has none there.
    #[must_use]
    pub(crate) fn key_of(&self, screen: Place, action: Action) -> Option<String> {
        let mut bindings = self.of_screen(screen);
        bindings
            .find(|binding| binding.action == action)
            .map(Binding::key)
    }

    /// The bindings with a hint, for the last line: the screen's own first.
    pub(crate) fn hints(&self, screen: Place) -> impl Iterator<Item = &Binding> {
        self.of_screen(screen)
            .filter(|binding| binding.hint.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<Chord> {
        text.split_whitespace()
            .map(|name| Chord::parse(name).unwrap())
            .collect()
    }

    #[test]
    fn the_builtin_key_map_is_right() {
        let keymap = Keymap::builtin().unwrap();
        assert_eq!(
            keymap.meaning(Place::Buckets, &keys("q")),
            Meaning::Action(Action::Quit)
        );
        assert_eq!(
            keymap.meaning(Place::Browse, &keys("g")),
            Meaning::Beginning
        );
        assert_eq!(
            keymap.meaning(Place::Browse, &keys("g g")),
            Meaning::Action(Action::Top)
        );
        assert_eq!(
            keymap.meaning(Place::Browse, &keys("g x")),
            Meaning::Nothing
        );
    }

    #[test]
    fn a_screens_own_key_goes_before_a_lists() {
        let keymap = Keymap::builtin().unwrap();
        assert_eq!(
            keymap.meaning(Place::Tasks, &keys("Enter")),
            Meaning::Action(Action::Explain)
        );
        assert_eq!(
            keymap.meaning(Place::Browse, &keys("o")),
            Meaning::Action(Action::OwnersHere)
        );
        assert_eq!(
            keymap.meaning(Place::Buckets, &keys("o")),
            Meaning::Action(Action::SortNext)
        );
    }

    #[test]
    fn every_screen_has_no_more_hints_than_a_line_takes() {
        let keymap = Keymap::builtin().unwrap();
        for screen in [
            Place::Buckets,
            Place::Browse,
            Place::State,
            Place::Orphans,
            Place::Purge,
            Place::Presign,
            Place::Tasks,
            Place::AuditLog,
        ] {
            assert!(keymap.hints(screen).count() <= 9, "{screen:?}");
        }
    }

    #[test]
    fn a_key_with_two_meanings_in_one_place_is_refused() {
        let twice = r#"
            [[binding]]
            in = "lists"
            keys = ["x", "x"]
            action = "up"
            does = "up"
            [[binding]]
            in = "lists"
            keys = ["x"]
            action = "down"
            does = "down"
        "#;
        assert!(matches!(Keymap::parse(twice), Err(KeymapError::Twice(key)) if key == "x"));
    }

    #[test]
    fn an_unknown_key_or_field_is_refused() {
        let unknown =
            "[[binding]]\nin = \"lists\"\nkeys = [\"Hyper\"]\naction = \"up\"\ndoes = \"up\"\n";
        assert!(matches!(Keymap::parse(unknown), Err(KeymapError::Key(key)) if key == "Hyper"));
        assert!(Keymap::parse("[[binding]]\nwhat = 1\n").is_err());
    }

    #[test]
    fn shift_is_part_of_a_character() {
        let typed = KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT);
        assert_eq!(vec![Chord::from(typed)], keys("G"));
    }

    #[test]
    fn chords_are_written_as_they_are_read() {
        for name in ["C-x", "M-a", "Enter", "S-Tab", "F12", "g", "Space"] {
            assert_eq!(Chord::parse(name).unwrap().to_string(), name);
        }
    }
}
