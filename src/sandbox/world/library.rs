//! The worlds that come with the program.

use chrono::{DateTime, Utc};

use super::{World, WorldError, build, synthetic};

/// A name and its file.
type Named = (&'static str, &'static str);

macro_rules! world {
    ($name:literal) => {
        (
            $name,
            include_str!(concat!("../../../assets/worlds/", $name, ".toml")),
        )
    };
}

/// Adding a world is adding its file and its line here.
const WORLDS: [Named; 5] = [
    world!("game"),
    world!("infinite"),
    world!("leadfactory"),
    world!("pilotforce"),
    world!("quikapp"),
];

/// The same systems as their documents want them: an audit finds nothing in them but information.
const FIXED: [Named; WORLDS.len()] = [
    world!("game-fixed"),
    world!("infinite-fixed"),
    world!("leadfactory-fixed"),
    world!("pilotforce-fixed"),
    world!("quikapp-fixed"),
];

const NAMES: [&str; WORLDS.len()] = names(&WORLDS);
const FIXED_NAMES: [&str; FIXED.len()] = names(&FIXED);

const fn names<const N: usize>(worlds: &[Named; N]) -> [&'static str; N] {
    let mut names = [""; N];
    let mut left: &[Named] = worlds;
    let mut rest: &mut [&str] = &mut names;
    while let ([world, others @ ..], [name, empty @ ..]) = (left, rest) {
        *name = world.0;
        left = others;
        rest = empty;
    }
    names
}

/// The file of a built-in world.
///
/// # Errors
/// [`WorldError::Unknown`] with the names that there are.
pub(super) fn text_of(name: &str) -> Result<Named, WorldError> {
    let mut worlds = WORLDS.iter().chain(&FIXED);
    worlds
        .find(|(known, _)| *known == name)
        .copied()
        .ok_or_else(|| WorldError::Unknown {
            name: name.to_owned(),
            known: [NAMES, FIXED_NAMES].concat().join(", "),
        })
}

impl World {
    /// A world that comes with the program; its dates count back from now.
    ///
    /// # Errors
    /// [`WorldError::Unknown`] with the names that there are.
    pub fn builtin(name: &str) -> Result<Self, WorldError> {
        let (name, text) = text_of(name)?;
        Self::parse(name, text)
    }

    /// The names of the worlds that come with the program, each with the mistakes of its system's document.
    #[must_use]
    pub fn builtin_names() -> &'static [&'static str] {
        &NAMES
    }

    /// The names of the same worlds without the mistakes, in the same order.
    #[must_use]
    pub fn fixed_names() -> &'static [&'static str] {
        &FIXED_NAMES
    }

    /// Reads a world; `source` is the name by which errors call it. Its dates count back from now.
    ///
    /// # Errors
    /// [`WorldError::File`] with the line and what was expected there.
    pub fn parse(source: &str, text: &str) -> Result<Self, WorldError> {
        Self::parse_at(source, text, Utc::now())
    }

    /// Reads a world whose dates count back from `now`: the same file and time give the same world.
    ///
    /// # Errors
    /// [`WorldError::File`] with the line and what was expected there.
    pub fn parse_at(source: &str, text: &str, now: DateTime<Utc>) -> Result<Self, WorldError> {
        build::world(source, text, now)
    }

    /// One bucket `synthetic-SHAPE` of N made-up objects, without bodies, from `SHAPE:N`.
    ///
    /// # Errors
    /// [`WorldError::Synthetic`] with the shapes that there are.
    pub fn synthetic(spec: &str) -> Result<Self, WorldError> {
        synthetic::world(spec, Utc::now())
    }
}
