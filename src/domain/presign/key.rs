//! Builds a key from a layout and its parts, so that triggers, policies and rules apply as to a real key.

use thiserror::Error;

use crate::domain::blueprint::{BucketBlueprint, FormatError, Layout, Parts, Shape};
use crate::domain::{InvalidName, ObjectKey};

/// A key, with the values that were generated for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MadeKey {
    pub key: ObjectKey,
    /// The id of its layout.
    pub layout: String,
    /// The parts that were not given, with their generated values.
    pub made_up: Vec<(String, String)>,
}

/// Why no key was built.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum KeyError {
    /// Parts that cannot be generated have no value.
    #[error("the layout {layout} ({template}) needs {}", needs(parts))]
    Missing {
        /// The layout's id.
        layout: String,
        template: String,
        /// The missing parts, with their shapes.
        parts: Vec<(String, String)>,
    },
    /// A value does not have the shape of its part.
    #[error("{value:?} cannot be the {part} of a key of the layout {layout}: it takes {shape}")]
    Shape {
        /// The layout's id.
        layout: String,
        part: String,
        value: String,
        /// The expected shape.
        shape: String,
    },
    /// The parts do not form a key.
    #[error("the layout {layout} makes no key of these parts: {why}")]
    Format {
        /// The layout's id.
        layout: String,
        why: FormatError,
    },
    /// No layout has this id.
    #[error("there is no layout {asked}: {}", known(layouts))]
    NoLayout {
        /// The requested id.
        asked: String,
        /// The existing ids.
        layouts: Vec<String>,
    },
    /// Several layouts have these parts.
    #[error("several layouts have these parts; choose one of {}", layouts.join(", "))]
    Ambiguous {
        /// Their ids.
        layouts: Vec<String>,
    },
    /// The key is too long.
    #[error(transparent)]
    Name(#[from] InvalidName),
}

/// The layout with this id; without an id, the only layout that has all given parts.
///
/// # Errors
/// If there is none, or more than one.
pub(crate) fn layout_for<'b>(
    bucket: &'b BucketBlueprint,
    id: Option<&str>,
    given: &Parts,
) -> Result<&'b Layout, KeyError> {
    let ids = |layouts: &[&Layout]| layouts.iter().map(|l| l.id().to_owned()).collect();
    let all: Vec<&Layout> = bucket.layouts.iter().collect();
    if let Some(id) = id {
        return bucket.layout(id).ok_or_else(|| KeyError::NoLayout {
            asked: id.to_owned(),
            layouts: ids(&all),
        });
    }
    let has_all = |layout: &&&Layout| {
        given
            .keys()
            .all(|name| layout.template().parts().any(|part| part.name == *name))
    };
    let fitting: Vec<&Layout> = all.iter().filter(has_all).copied().collect();
    match fitting.as_slice() {
        [layout] => Ok(layout),
        [] => Err(KeyError::NoLayout {
            asked: format!(
                "with the parts {}",
                given.keys().cloned().collect::<Vec<_>>().join(", ")
            ),
            layouts: ids(&all),
        }),
        several => Err(KeyError::Ambiguous {
            layouts: ids(several),
        }),
    }
}

/// Builds a key. A missing part is generated if its shape allows: a UUID (from `uuid`), or the only value of a list.
///
/// # Errors
/// [`KeyError`] with the missing parts, or the invalid value.
pub(crate) fn make(
    layout: &Layout,
    given: &Parts,
    mut uuid: impl FnMut() -> String,
) -> Result<MadeKey, KeyError> {
    let mut parts = given.clone();
    let (mut made_up, mut missing) = (Vec::new(), Vec::new());
    for part in layout.template().parts() {
        match (given.get(&part.name), &part.shape) {
            (Some(value), shape) if !shape.admits(value) => {
                return Err(KeyError::Shape {
                    layout: layout.id().to_owned(),
                    part: part.name.clone(),
                    value: value.clone(),
                    shape: shape.to_string(),
                });
            }
            (Some(_), _) => {}
            (None, Shape::Uuid) => made_up.push((part.name.clone(), uuid())),
            (None, Shape::OneOf(values)) if values.len() == 1 => {
                made_up.extend(values.first().map(|v| (part.name.clone(), v.clone())));
            }
            (None, shape) => missing.push((part.name.clone(), shape.to_string())),
        }
    }
    if !missing.is_empty() {
        return Err(KeyError::Missing {
            layout: layout.id().to_owned(),
            template: layout.template().as_str().to_owned(),
            parts: missing,
        });
    }
    parts.extend(made_up.iter().cloned());
    let key = layout.format(&parts).map_err(|why| KeyError::Format {
        layout: layout.id().to_owned(),
        why,
    })?;
    Ok(MadeKey {
        key: ObjectKey::new(key)?,
        layout: layout.id().to_owned(),
        made_up,
    })
}

/// A random UUID (version 4) from 16 random bytes.
#[must_use]
pub(crate) fn uuid_of(random: u128) -> String {
    let random = random & !(0xf << 76) & !(0b11 << 62) | (0x4 << 76) | (0b10 << 62);
    let hex = format!("{random:032x}");
    let piece = |from, to| hex.get(from..to).unwrap_or_default();
    [
        piece(0, 8),
        piece(8, 12),
        piece(12, 16),
        piece(16, 20),
        piece(20, 32),
    ]
    .join("-")
}

fn needs(parts: &[(String, String)]) -> String {
    let each: Vec<String> = parts
        .iter()
        .map(|(name, shape)| format!("{name} ({shape})"))
        .collect();
    each.join(", ")
}

fn known(layouts: &[String]) -> String {
    if layouts.is_empty() {
        "nothing is known of this bucket's keys".to_owned()
    } else {
        format!("the bucket's are {}", layouts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::BucketName;
    use crate::domain::blueprint::Blueprint;

    fn pilotforce() -> BucketBlueprint {
        let name = BucketName::new("pilotforce-user-uploads").unwrap();
        let blueprint = Blueprint::builtin("pilotforce").unwrap();
        blueprint.bucket(&name).unwrap().clone()
    }

    fn parts(given: &[(&str, &str)]) -> Parts {
        given
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn a_uuid_is_made_up_and_the_rest_is_asked_for() {
        let bucket = pilotforce();
        let uuid = || uuid_of(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef);
        let given = parts(&[
            ("directory", "uploads"),
            ("user", "user-1"),
            ("filename", "a.jpg"),
        ]);
        let layout = layout_for(&bucket, None, &given).unwrap();
        let made = make(layout, &given, uuid).unwrap();
        assert_eq!(
            made.key.as_str(),
            "uploads/user-1/01234567-89ab-4def-8123-456789abcdef-a.jpg"
        );
        assert_eq!(made.made_up.len(), 1);
        let KeyError::Missing { parts: missing, .. } =
            make(layout, &parts(&[("user", "u")]), uuid).unwrap_err()
        else {
            panic!("not missing")
        };
        assert!(
            missing.iter().any(|(name, _)| name == "filename"),
            "{missing:?}"
        );
    }

    #[test]
    fn a_value_of_another_shape_is_refused_with_the_shape() {
        let bucket = pilotforce();
        let given = parts(&[
            ("directory", "uploads"),
            ("user", "u"),
            ("uuid", "7"),
            ("filename", "f"),
        ]);
        let layout = layout_for(&bucket, None, &given).unwrap();
        let error = make(layout, &given, String::new).unwrap_err().to_string();
        assert!(error.contains("a UUID"), "{error}");
    }

    #[test]
    fn an_owner_with_a_slash_makes_no_key() {
        let bucket = pilotforce();
        let given = parts(&[("directory", "uploads"), ("user", "a/b"), ("filename", "f")]);
        let layout = layout_for(&bucket, None, &given).unwrap();
        assert!(make(layout, &given, || uuid_of(7)).is_err());
    }

    #[test]
    fn an_unknown_layout_is_answered_with_those_there_are() {
        let error = layout_for(&pilotforce(), Some("uplaod"), &Parts::new()).unwrap_err();
        assert!(error.to_string().contains("upload"), "{error}");
    }

    #[test]
    fn a_made_up_uuid_has_the_version_and_variant_of_a_random_one() {
        for random in [0, u128::MAX] {
            let uuid = uuid_of(random);
            assert!(Shape::Uuid.admits(&uuid), "{uuid}");
            assert_eq!(&uuid[14..15], "4");
            assert!("89ab".contains(&uuid[19..20]), "{uuid}");
        }
    }
}
