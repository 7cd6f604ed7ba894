//! The structure of a blueprint file, before validation.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::expect::{Expect, Presign};
use super::registry::{Alarm, Registry, ServiceLevels};
use super::shape::Shape;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub version: Spanned<i64>,
    pub name: Spanned<String>,
    pub description: Option<String>,
    pub extends: Option<Spanned<String>>,
    #[serde(default)]
    pub bucket: Vec<BucketFile>,
    #[serde(default)]
    pub registry: Registry,
    #[serde(default)]
    pub service_levels: ServiceLevels,
    #[serde(default)]
    pub alarm: Vec<Spanned<Alarm>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BucketFile {
    pub name: Spanned<String>,
    pub purpose: Option<String>,
    #[serde(default)]
    pub layout: Vec<LayoutFile>,
    #[serde(default)]
    pub derived: Vec<DerivedFile>,
    #[serde(default)]
    pub expect: Expect,
    #[serde(default)]
    pub presign: Presign,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LayoutFile {
    pub id: Spanned<String>,
    pub key: Spanned<String>,
    pub owner: Option<Spanned<String>>,
    pub owner_from: Option<Spanned<String>>,
    #[serde(default)]
    pub shape: BTreeMap<String, Spanned<ShapeFile>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DerivedFile {
    pub id: Option<Spanned<String>>,
    pub from: Spanned<Names>,
    pub to_bucket: Option<Spanned<String>>,
    pub regex: Option<Spanned<String>>,
    pub replace: Option<Spanned<String>>,
    pub steps: Option<Vec<Spanned<StepFile>>>,
}

/// One step of a derived rule; its fields determine the kind of step.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepFile {
    pub regex: Option<String>,
    pub replace: Option<String>,
    pub replace_all: Option<String>,
    pub with: Option<String>,
    pub cut_from_last: Option<String>,
    pub append: Option<String>,
}

/// A name, or a list of names.
#[derive(Debug)]
pub(super) struct Names(pub Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NamesVisitor;
        impl<'de> Visitor<'de> for NamesVisitor {
            type Value = Names;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name or a list of names")
            }

            fn visit_str<E>(self, name: &str) -> Result<Names, E> {
                Ok(Names(vec![name.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Names, A::Error> {
                let mut names = Vec::new();
                while let Some(name) = list.next_element()? {
                    names.push(name);
                }
                Ok(Names(names))
            }
        }
        deserializer.deserialize_any(NamesVisitor)
    }
}

/// The shape of a part: a word, a list of values, or `{ not = [..] }`.
#[derive(Debug)]
pub(super) struct ShapeFile(pub Shape);

impl<'de> Deserialize<'de> for ShapeFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ShapeVisitor;
        impl<'de> Visitor<'de> for ShapeVisitor {
            type Value = ShapeFile;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "\"uuid\", \"hex\", \"digits\", \"/regex/\", a list of allowed values, or { not = [\"value\"] }",
                )
            }

            fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<ShapeFile, E> {
                Shape::from_word(word).map(ShapeFile).map_err(E::custom)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<ShapeFile, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = list.next_element::<String>()? {
                    values.push(value);
                }
                checked(values).map(|values| ShapeFile(Shape::OneOf(values)))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ShapeFile, A::Error> {
                match map.next_entry::<String, Vec<String>>()? {
                    Some((key, values)) if key == "not" && map.next_key::<String>()?.is_none() => {
                        checked(values).map(|values| ShapeFile(Shape::NoneOf(values)))
                    }
                    _ => Err(serde::de::Error::custom(
                        "expected { not = [\"value\"] } and nothing else",
                    )),
                }
            }
        }
        deserializer.deserialize_any(ShapeVisitor)
    }
}

fn checked<E: serde::de::Error>(values: Vec<String>) -> Result<Vec<String>, E> {
    if values.is_empty() {
        return Err(E::custom(
            "the list of values is empty; expected at least one",
        ));
    }
    match values
        .iter()
        .find(|value| value.is_empty() || value.contains('/'))
    {
        Some(bad) => Err(E::custom(format!(
            "no part can be {bad:?}: expected at least one byte and no '/'"
        ))),
        None => Ok(values),
    }
}
