//! Warnings about a valid blueprint. They appear before it is used, not after a purge went wrong.

use std::fmt;
use std::time::Duration;

use super::overlap::{Ambiguity, ambiguities, shadowed};
use super::{Blueprint, BucketBlueprint, DerivedRule, Location, OwnerSource};

/// The maximum lifetime of a pre-signed URL: seven days (Signature Version 4).
const LONGEST_SIGNATURE: Duration = Duration::from_hours(7 * 24);

/// The severity of a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The blueprint works, but may not do what its author intended.
    Warning,
    /// The file is not a valid blueprint.
    Error,
}

/// A problem for a person to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Error or warning.
    pub severity: Severity,
    /// The line in the file, from 1, if one line is the cause.
    pub line: Option<usize>,
    /// What is wrong, why it matters, and what to do.
    pub message: String,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

impl Blueprint {
    /// The warnings: ambiguous layouts, owners that cannot be distinguished, derived keys that collide.
    #[must_use]
    pub fn warnings(&self) -> Vec<Problem> {
        let mut messages = Vec::new();
        if self.buckets.is_empty() {
            messages.push("it names no bucket, so that it applies to none".to_owned());
        }
        for bucket in &self.buckets {
            messages.extend(
                ambiguities(&bucket.layouts)
                    .iter()
                    .map(|a| ambiguous(bucket, a)),
            );
            messages.extend(shadowed(&bucket.layouts).iter().map(|(first, second)| {
                format!(
                    "{}: the layout {second:?} never has a say, because {first:?} comes first and reads the same keys; \
                     remove one of them, or give a part a shape",
                    bucket.name
                )
            }));
            messages.extend(shifting_owners(bucket));
            messages.extend(
                bucket
                    .derived
                    .iter()
                    .filter_map(|rule| colliding(bucket, rule)),
            );
            messages.extend(
                bucket
                    .derived
                    .iter()
                    .filter_map(|rule| losing_the_owner(bucket, rule)),
            );
            messages.extend(unknown_targets(self, bucket));
            messages.extend(unknown_layouts(bucket));
            messages.extend(too_long_lived(bucket));
        }
        let lists = [
            ("owners", &self.registry.owners),
            ("keys", &self.registry.keys),
        ];
        for (name, list) in lists {
            let gaps = list.iter().flat_map(super::ReferenceList::gaps);
            messages.extend(
                gaps.map(|gap| format!("registry.{name} cannot be read as it stands: {gap}")),
            );
        }
        messages
            .into_iter()
            .map(|message| Problem {
                severity: Severity::Warning,
                line: None,
                message,
            })
            .collect()
    }
}

fn ambiguous(bucket: &BucketBlueprint, ambiguity: &Ambiguity) -> String {
    let Ambiguity {
        first,
        second,
        example,
    } = ambiguity;
    let such_as = example
        .as_ref()
        .map(|key| format!(", such as {key:?},"))
        .unwrap_or_default();
    format!(
        "{}: the layouts {first:?} and {second:?} can both explain a key{such_as} and give it to different owners; \
         such keys are contested: no purge takes them, and orphans calls them suspect where one of the owners is alive. Give a part a shape that rules the other layout out, \
         or put the layout that names more folders first, with an end such as {{name...}} that takes any name",
        bucket.name
    )
}

/// Finds an owner followed by a literal that an id may contain: `{user}-{n}` reads `a-b-1` as the owner `a`.
fn shifting_owners(bucket: &BucketBlueprint) -> Vec<String> {
    use super::segment::Item;
    use super::shape::Shape;
    let mut found = Vec::new();
    for layout in &bucket.layouts {
        let OwnerSource::Part(owner) = layout.owner() else {
            continue;
        };
        let Some(segment) = layout.anchor().last() else {
            continue;
        };
        let free: Vec<&str> = segment
            .parts()
            .filter(|part| matches!(part.shape, Shape::Any | Shape::NoneOf(_)))
            .map(|part| part.name.as_str())
            .collect();
        if free.len() < 2 || !free.contains(&owner.as_str()) {
            continue;
        }
        let literal = segment.items.windows(2).find_map(|pair| match pair {
            [Item::Part(_), Item::Literal(text)] => Some(text.as_str()),
            _ => None,
        });
        found.push(format!(
            "{}: in the layout {:?} nothing but {:?} tells the owner {{{owner}}} from the other parts of its \
             folder, so that an id which holds it is cut short. Give the other parts a shape",
            bucket.name,
            layout.id(),
            literal.unwrap_or_default(),
        ));
    }
    found
}

/// Tests the rule on sample keys of the layouts: plain keys, and keys with dots in awkward places.
fn colliding(bucket: &BucketBlueprint, rule: &DerivedRule) -> Option<String> {
    if rule.to_bucket != bucket.name {
        return None;
    }
    let mut unchanged = None;
    for key in rule
        .from
        .iter()
        .filter_map(|id| bucket.layout(id))
        .flat_map(super::layout::Layout::examples)
    {
        let Some(made) = rule.apply(&key) else {
            continue;
        };
        if made == key {
            unchanged.get_or_insert(key);
            continue;
        }
        if let (Location::Owned { owner: a, .. }, Location::Owned { owner: b, .. }) =
            (bucket.locate(&key), bucket.locate(&made))
            && a != b
        {
            return Some(format!(
                "{}: the derived rule {:?} maps {key:?} of {:?} to {made:?}, a place of {:?}",
                bucket.name,
                rule.id,
                a.as_str(),
                b.as_str()
            ));
        }
    }
    let key = unchanged?;
    Some(format!(
        "{}: the derived rule {:?} leaves {key:?} as it is. If the application makes something of such keys, it overwrites \
         their objects; if it makes nothing of them, all is well",
        bucket.name, rule.id
    ))
}

/// Tests the rule on a sample key of each layout that names the owner. The derived key must name the owner, too,
/// because nothing else does once the source is gone.
fn losing_the_owner(bucket: &BucketBlueprint, rule: &DerivedRule) -> Option<String> {
    let layouts = rule.from.iter().filter_map(|id| bucket.layout(id));
    let named = layouts.filter(|layout| matches!(layout.owner(), OwnerSource::Part(_)));
    let mut examples = named.filter_map(|layout| layout.examples().into_iter().next());
    examples.find_map(|key| {
        let made = rule.apply(&key).filter(|made| *made != key)?;
        rule.former_sources(bucket, &made).is_owner_lost.then(|| {
            format!(
                "{}: the derived rule {:?} loses the owner: {made:?} does not tell whose {key:?} was. Once such a source is \
                 gone, neither find nor purge can tell whose the derived object is",
                bucket.name, rule.id
            )
        })
    })
}

fn unknown_targets(blueprint: &Blueprint, bucket: &BucketBlueprint) -> Vec<String> {
    bucket
        .derived
        .iter()
        .filter(|rule| blueprint.bucket(&rule.to_bucket).is_none())
        .map(|rule| {
            format!(
                "{}: the derived rule {:?} writes to {}, which the blueprint does not name; add a [[bucket]] for it",
                bucket.name, rule.id, rule.to_bucket
            )
        })
        .collect()
}

fn unknown_layouts(bucket: &BucketBlueprint) -> Vec<String> {
    let rules = bucket
        .expect
        .lifecycle
        .iter()
        .flatten()
        .map(|rule| (&rule.id, &rule.layouts));
    let events = bucket
        .expect
        .notification
        .iter()
        .flatten()
        .map(|event| (&event.id, &event.layouts));
    rules
        .chain(events)
        .flat_map(|(id, layouts)| layouts.iter().map(move |layout| (id, layout)))
        .filter(|(_, layout)| bucket.layout(layout).is_none())
        .map(|(id, layout)| {
            format!(
                "{}: the expectation {id:?} names the layout {layout:?}, which is not there",
                bucket.name
            )
        })
        .collect()
}

fn too_long_lived(bucket: &BucketBlueprint) -> Vec<String> {
    let presign = &bucket.presign;
    [
        ("get", &presign.get),
        ("put", &presign.put),
        ("post", &presign.post),
        ("view_once", &presign.view_once),
    ]
    .into_iter()
    .filter_map(|(name, rule)| Some((name, rule.as_ref()?.expires?)))
    .filter(|(_, expires)| expires.0.is_zero() || expires.0 > LONGEST_SIGNATURE)
    .map(|(name, expires)| {
        format!(
            "{}: presign.{name}.expires = \"{expires}\" cannot be signed; expected 1s to 7d",
            bucket.name
        )
    })
    .collect()
}

#[cfg(test)]
mod tests;
