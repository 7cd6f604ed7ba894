//! Determines whether a record names an object or its source.

use super::derived_index::{DerivedIndex, Source};
use super::join::{Findings, Join, MOST_GENERATIONS, Object, Pending, Untold};
use super::registry_lookup::Standing;
use super::rows::Bits;
use super::{Kind, Reason};
use crate::domain::blueprint::Location;

/// The verdict from the records. The list of keys must cover the layout given by ground and number, or the verdict is
/// dropped.
pub(super) type Ruled = (Kind, Reason, Option<(usize, usize)>);

impl Join<'_> {
    /// Judges an object that no existing source produces: it has a record, or it is a derived object whose source is
    /// gone.
    ///
    /// # Errors
    /// If the object may be an original or a derived object, which cannot be decided. An original has no source that
    /// could be gone.
    pub(super) fn by_record_or_source(
        &self,
        derived_index: &DerivedIndex,
        object: &Object<'_>,
        named: bool,
        layout: Option<&str>,
    ) -> Result<Option<Ruled>, Untold> {
        let key = object.row.key;
        // This check is cheaper than looking for a rule, and enough for most keys. A derived object may have a record,
        // too.
        let maker = derived_index
            .lead_to(object.number)
            .then(|| derived_index.maker(self.grounds, object.number, key))
            .flatten();
        let standing = if named {
            Standing::Alive
        } else {
            self.living.key(key)
        };
        if let Standing::Alike(alike) = standing {
            return Ok(Some((Kind::Suspect, Reason::KeyAlike(alike), None)));
        }
        let mut untold = None;
        if let Some(maker) = maker {
            let rules = &object.ground.rules;
            let mut makes_more = rules.derived.iter().flat_map(|rule| &rule.from);
            let original = layout.filter(|layout| makes_more.any(|from| from == layout));
            if let Some(layout) = original.filter(|_| !maker.is_marked) {
                untold = Some(Untold {
                    bucket: rules.name.clone(),
                    layout: layout.to_owned(),
                    kind: Kind::SourceGone,
                    why: format!(
                        "the rule {} makes keys that an original may have, too: whether one was made cannot be told",
                        maker.rule
                    ),
                });
            } else if let Some(from) = self.grounds.get(maker.from) {
                let reason = Reason::NoSource {
                    rule: maker.rule.to_owned(),
                    from: from.rules.name.clone(),
                    named,
                };
                // An original may have a name like a derived object's. A record that names the key is evidence for
                // that.
                let kind = if named {
                    Kind::Suspect
                } else {
                    Kind::SourceGone
                };
                return Ok(Some((kind, reason, None)));
            }
        }
        let layout = layout.map(|layout| (object.number, object.layout_number(layout)));
        match (standing, layout, untold) {
            (Standing::Gone, Some(layout), _) => {
                Ok(Some((Kind::RecordGone, Reason::NoRecord, Some(layout))))
            }
            (_, _, Some(untold)) => Err(untold),
            _ => Ok(None),
        }
    }

    /// Judges a derived object without a record of its own: the record of its source counts.
    pub(super) fn by_record_of_source(
        &self,
        derived_index: &DerivedIndex,
        key: &str,
        sources: &[Source],
    ) -> Option<Ruled> {
        let mut alike = match self.living.key(key) {
            Standing::Untold | Standing::Alive => return None,
            Standing::Alike(alike) => Some(alike),
            Standing::Gone => None,
        };
        let mut all = sources.to_vec();
        let mut generation = sources.to_vec();
        for _ in 1..MOST_GENERATIONS {
            generation = generation
                .iter()
                .flat_map(|source| derived_index.sources(self.grounds, source.ground, &source.key))
                .filter(|source| !all.iter().any(|known| known.image == source.image))
                .collect();
            all.extend(generation.iter().cloned());
        }
        for source in &all {
            let ground = self.grounds.get(source.ground)?;
            if !self.is_old(ground.objects.last_modified(source.row)) {
                return None;
            }
            match self.living.key(&source.key) {
                Standing::Untold | Standing::Alive => return None,
                Standing::Alike(other) => alike = alike.or(Some(other)),
                Standing::Gone => {}
            }
        }
        if let Some(alike) = alike {
            return Some((Kind::Suspect, Reason::KeyAlike(alike), None));
        }
        let root = all.last()?;
        let ground = self.grounds.get(root.ground)?;
        let layout = match ground.rules.locate(&root.key) {
            Location::Owned {
                tail_parses: false, ..
            }
            | Location::Unreadable => return None,
            Location::Owned { layout, .. } | Location::Unnamed { layout } => layout,
        };
        let layout = ground.rules.layouts.iter().position(|l| l.id() == layout)?;
        let reason = Reason::NoRecordOfSource {
            bucket: ground.rules.name.clone(),
            key: root.key.clone(),
        };
        Some((Kind::RecordGone, reason, Some((root.ground, layout))))
    }
}

/// Makes an object suspect if an unmatched record may be a truncated form of its key.
pub(super) fn protect_shortened(pending: &mut [Vec<Pending>], seen: &Bits, join: &Join<'_>) {
    let Some(keys) = join.living.keys else {
        return;
    };
    let without_object = |key: &str| {
        let mut found = keys.beginnings_of(key).into_iter();
        found.find(|record| {
            let position = keys.position(&record.living);
            position.is_some_and(|position| !seen.get(position))
        })
    };
    for one in pending.iter_mut().flatten() {
        let of_source = match &one.verdict.reason {
            Reason::NoRecord => None,
            Reason::NoRecordOfSource { key, .. } => Some(key.as_str()),
            _ => continue,
        };
        let alike = without_object(one.verdict.key.as_str());
        if let Some(alike) = alike.or_else(|| of_source.and_then(without_object)) {
            one.verdict.kind = Kind::Suspect;
            one.verdict.reason = Reason::KeyAlike(alike);
            one.needs = None;
        }
    }
}

/// Drops verdicts whose layout the list of keys does not cover.
pub(super) fn settle(
    pending: &mut [Vec<Pending>],
    covered: &[Vec<bool>],
    join: &Join<'_>,
    findings: &mut Findings,
) {
    let is_covered = |(ground, layout): (usize, usize)| {
        let layouts = covered.get(ground);
        layouts.and_then(|layouts| layouts.get(layout)).copied() == Some(true)
    };
    let mut untold: Vec<(usize, usize)> = Vec::new();
    let mut rested_on_keys = false;
    for ground in pending {
        ground.retain(|one| match one.needs {
            None => true,
            Some(needs) => {
                rested_on_keys = true;
                let covered = is_covered(needs);
                if !covered && !untold.contains(&needs) {
                    untold.push(needs);
                }
                covered
            }
        });
    }
    let nothing_covered = !covered.iter().flatten().any(|covered| *covered);
    findings.keys_are_strange = rested_on_keys && nothing_covered;
    if !join.kinds.has(Kind::RecordGone) {
        return;
    }
    untold.sort_unstable();
    let layouts = untold.into_iter().filter_map(|(ground, layout)| {
        let rules = &join.grounds.get(ground)?.rules;
        Some(Untold {
            bucket: rules.name.clone(),
            layout: rules.layouts.get(layout)?.id().to_owned(),
            kind: Kind::RecordGone,
            why: "the list of keys names no key of this layout: it seems not to speak of it"
                .to_owned(),
        })
    });
    findings.untold.extend(layouts);
}
