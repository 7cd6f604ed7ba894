//! The worlds that come with the program.

use chrono::{DateTime, Utc};

use super::{World, WorldError, build, synthetic};

/// Adding a world is adding its file and its line here.
const WORLDS: [(&str, &str); 5] = [
    ("game", include_str!("../../../assets/worlds/game.toml")),
    (
        "infinite",
        include_str!("../../../assets/worlds/infinite.toml"),
    ),
    (
        "leadfactory",
        include_str!("../../../assets/worlds/leadfactory.toml"),
    ),
    (
        "pilotforce",
        include_str!("../../../assets/worlds/pilotforce.toml"),
    ),
    (
        "quikapp",
        include_str!("../../../assets/worlds/quikapp.toml"),
    ),
];

const NAMES: [&str; WORLDS.len()] = {
    let mut names = [""; WORLDS.len()];
    let mut left: &[(&str, &str)] = &WORLDS;
    let mut rest: &mut [&str] = &mut names;
    while let ([world, others @ ..], [name, empty @ ..]) = (left, rest) {
        *name = world.0;
        left = others;
        rest = empty;
    }
    names
};

impl World {
    /// A world that comes with the program; its dates count back from now.
    ///
    /// # Errors
    /// [`WorldError::Unknown`] with the names that there are.
    pub fn builtin(name: &str) -> Result<Self, WorldError> {
        match WORLDS.iter().find(|(known, _)| *known == name) {
            Some((name, text)) => Self::parse(name, text),
            None => Err(WorldError::Unknown {
                name: name.to_owned(),
                known: NAMES.join(", "),
            }),
        }
    }

    /// The names of the worlds that come with the program.
    #[must_use]
    pub fn builtin_names() -> &'static [&'static str] {
        &NAMES
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
