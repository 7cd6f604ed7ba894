//! Styles by what they mean, read from `assets/themes/`.

use std::str::FromStr;

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;
use thiserror::Error;

/// Why a theme cannot be used.
#[derive(Debug, Error)]
pub(crate) enum ThemeError {
    /// It is not TOML of the right shape.
    #[error("the theme is not of the right shape: {0}")]
    Shape(#[from] toml::de::Error),
}

/// One style a meaning; no screen names a colour.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Theme {
    #[serde(deserialize_with = "style")]
    pub brand: Style,
    #[serde(deserialize_with = "style")]
    pub identity: Style,
    #[serde(deserialize_with = "style")]
    pub read_only: Style,
    #[serde(deserialize_with = "style")]
    pub write: Style,
    #[serde(deserialize_with = "style")]
    pub tab: Style,
    #[serde(deserialize_with = "style")]
    pub tab_current: Style,
    #[serde(deserialize_with = "style")]
    pub rule: Style,
    #[serde(deserialize_with = "style")]
    pub summary: Style,
    #[serde(deserialize_with = "style")]
    pub place: Style,
    #[serde(deserialize_with = "style")]
    pub head: Style,
    #[serde(deserialize_with = "style")]
    pub row: Style,
    #[serde(deserialize_with = "style")]
    pub current: Style,
    #[serde(deserialize_with = "style")]
    pub marker: Style,
    #[serde(deserialize_with = "style")]
    pub folder: Style,
    #[serde(deserialize_with = "style")]
    pub faint: Style,
    #[serde(deserialize_with = "style")]
    pub good: Style,
    #[serde(deserialize_with = "style")]
    pub warning: Style,
    #[serde(deserialize_with = "style")]
    pub bad: Style,
    #[serde(deserialize_with = "style")]
    pub key: Style,
    #[serde(deserialize_with = "style")]
    pub hint: Style,
    #[serde(deserialize_with = "style")]
    pub label: Style,
    #[serde(deserialize_with = "style")]
    pub dialog: Style,
    #[serde(deserialize_with = "style")]
    pub dialog_rule: Style,
    #[serde(deserialize_with = "style")]
    pub selected: Style,
}

impl Theme {
    /// Reads a theme.
    ///
    /// # Errors
    /// When the text is not TOML of the right shape or names an unknown colour.
    pub(crate) fn parse(text: &str) -> Result<Self, ThemeError> {
        Ok(toml::from_str(text)?)
    }

    /// The theme for terminals with colour.
    ///
    /// # Errors
    /// None in practice: a test reads the same text.
    pub(crate) fn colour() -> Result<Self, ThemeError> {
        Self::parse(include_str!("../../assets/themes/colour.toml"))
    }

    /// The theme without colour, for `NO_COLOR` and `--no-color`.
    ///
    /// # Errors
    /// None in practice: a test reads the same text.
    pub(crate) fn mono() -> Result<Self, ThemeError> {
        Self::parse(include_str!("../../assets/themes/mono.toml"))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    fg: Option<String>,
    bg: Option<String>,
    #[serde(default)]
    is: Vec<Attribute>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum Attribute {
    Bold,
    Dim,
    Italic,
    Underlined,
    Reversed,
}

fn style<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Style, D::Error> {
    let written = Written::deserialize(deserializer)?;
    let mut style = Style::new();
    let colour = |name: String| {
        Color::from_str(&name)
            .map_err(|_| serde::de::Error::custom(format!("{name:?} is not the name of a colour")))
    };
    if let Some(fg) = written.fg {
        style = style.fg(colour(fg)?);
    }
    if let Some(bg) = written.bg {
        style = style.bg(colour(bg)?);
    }
    for attribute in written.is {
        style = style.add_modifier(match attribute {
            Attribute::Bold => Modifier::BOLD,
            Attribute::Dim => Modifier::DIM,
            Attribute::Italic => Modifier::ITALIC,
            Attribute::Underlined => Modifier::UNDERLINED,
            Attribute::Reversed => Modifier::REVERSED,
        });
    }
    Ok(style)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_themes_are_right_and_the_mono_one_has_no_colour() {
        Theme::colour().unwrap();
        let mono = Theme::mono().unwrap();
        for style in [
            mono.write,
            mono.bad,
            mono.selected,
            mono.marker,
            mono.folder,
        ] {
            assert_eq!((style.fg, style.bg), (None, None));
            assert!(
                !style.add_modifier.is_empty(),
                "{style:?} cannot be told from a plain row"
            );
        }
    }

    #[test]
    fn an_unknown_colour_is_named() {
        let broken = include_str!("../../assets/themes/mono.toml").replace(
            "brand       = { is = [\"bold\"] }",
            "brand       = { fg = \"octarine\" }",
        );
        let error = Theme::parse(&broken).unwrap_err().to_string();
        assert!(error.contains("octarine"), "{error}");
    }
}
