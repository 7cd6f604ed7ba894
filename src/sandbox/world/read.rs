//! From text to the shape of a world's file, with the line of whatever is wrong in it.

use std::ops::Range;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::WorldError;
use super::file::WorldFile;
use super::library;
use super::twin::TwinFile;

/// Where the sections of a world stand: in its file or, for what a twin left as it was, in the base's.
pub(super) struct Places<'t> {
    name: &'t str,
    text: &'t str,
    base: Option<(&'static str, &'static str)>,
}

impl Places<'_> {
    /// What is wrong at a place.
    pub(super) fn error(&self, at: Range<usize>, message: String) -> WorldError {
        let own = self.base.map_or(0, |(_, text)| text.len());
        let (source_name, text, start) = match (self.base, at.start.checked_sub(own)) {
            (Some((name, text)), None) => (name, text, at.start),
            (_, start) => (self.name, self.text, start.unwrap_or_default()),
        };
        WorldError::File {
            source_name: source_name.to_owned(),
            line: text.get(..start).unwrap_or(text).matches('\n').count() + 1,
            message,
        }
    }

    fn parse<T: DeserializeOwned>(&self, text: &str) -> Result<T, WorldError> {
        toml::from_str(text).map_err(|error| {
            let message = error.message().replace('\n', "; ");
            self.error(error.span().unwrap_or(0..0), message)
        })
    }
}

/// Whether a file says what it extends; all else is read later, and then nothing unknown is let through.
#[derive(Deserialize)]
struct Head {
    extends: Option<String>,
}

/// Reads a world, or a twin together with the built-in world that it extends.
///
/// # Errors
/// The line and what was expected there.
pub(super) fn file<'t>(
    name: &'t str,
    text: &'t str,
) -> Result<(WorldFile, Places<'t>), WorldError> {
    let mut places = Places {
        name,
        text,
        base: None,
    };
    let Head { extends } = places.parse(text)?;
    let Some(base) = extends else {
        let file: WorldFile = places.parse(text)?;
        check_version(&places, &file.version)?;
        return Ok((file, places));
    };
    let (base, base_text) = library::text_of(&base)?;
    let base_places = Places {
        name: base,
        text: base_text,
        base: None,
    };
    let mut file: WorldFile = base_places.parse(base_text)?;
    // A twin is read behind as many blanks as its base is long: a place in one of them is then never one in the other.
    places.base = Some((base, base_text));
    let twin: TwinFile = places.parse(&(" ".repeat(base_text.len()) + text))?;
    check_version(&places, &twin.version)?;
    twin.apply(&mut file)
        .map_err(|(at, message)| places.error(at, message))?;
    Ok((file, places))
}

fn check_version(places: &Places<'_>, version: &toml::Spanned<i64>) -> Result<(), WorldError> {
    if *version.get_ref() == 1 {
        return Ok(());
    }
    let message = format!("version = {}; expected version = 1", version.get_ref());
    Err(places.error(version.span(), message))
}
