//! What should exist and does not: objects that records name, and objects that should have been derived from sources.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::TimeDelta;

use super::derived_index::DerivedIndex;
use super::join::{Join, Pending};
use super::rows::Bits;
use super::{Kind, Reason, Verdict};
use crate::domain::blueprint::expect::Target;
use crate::domain::blueprint::{BucketBlueprint, DerivedObject, DerivedRule, Location};
use crate::domain::{BucketName, ObjectKey};

/// Records without an object.
#[derive(Default)]
pub(super) struct Absent {
    /// Ground number and verdict.
    pub verdicts: Vec<(usize, Verdict)>,
    pub elsewhere: u64,
    pub unexplained: u64,
}

impl Join<'_> {
    /// The records that matched no object. `covered` notes that the list covers a layout if the list has a key of it.
    pub(super) fn dangling(
        &self,
        seen: &Bits,
        covered: &mut [Vec<bool>],
        pending: &[Vec<Pending>],
    ) -> Absent {
        let mut absent = Absent::default();
        let Some(keys) = self.living.keys else {
            return absent;
        };
        let alike = nearly(pending);
        for (at, (key, owner)) in keys.records().enumerate() {
            if seen.get(at) {
                continue;
            }
            let Some((home, layout)) = home(self.buckets, key) else {
                absent.unexplained += 1;
                continue;
            };
            let ground = self.grounds.iter().position(|g| g.rules.name == *home);
            let Some(ground) = ground else {
                absent.elsewhere += 1;
                continue;
            };
            let rules = self.grounds.get(ground).map(|ground| &ground.rules);
            let number = rules.and_then(|r| r.layouts.iter().position(|l| l.id() == layout));
            let place = number.and_then(|number| covered.get_mut(ground)?.get_mut(number));
            let is_undisputed = rules.is_some_and(|rules| rules.is_undisputed(key));
            if let Some(covered) = place.filter(|_| is_undisputed) {
                *covered = true;
            }
            let wanted = self.grounds.get(ground).is_some_and(|g| g.wanted);
            if !wanted || !self.kinds.has(Kind::Dangling) {
                continue;
            }
            let Ok(exact) = ObjectKey::new(key) else {
                continue;
            };
            let verdict = Verdict {
                kind: Kind::Dangling,
                bucket: home.clone(),
                key: exact,
                size: None,
                last_modified: None,
                storage_class: None,
                etag: None,
                upload_id: None,
                layout: Some(layout.to_owned()),
                owner: owner.map(str::to_owned),
                reason: Reason::NoObject {
                    alike: alike.get(key).map(|&near| near.to_owned()),
                },
            };
            absent.verdicts.push((ground, verdict));
        }
        absent
    }

    /// The sources without their derived objects. It leaves out orphans, derived objects, objects that do not match the
    /// application's trigger, and sources whose derived objects have expired.
    pub(super) fn derived_missing(
        &self,
        derived_index: &DerivedIndex,
        met: &Bits,
        pending: &[Vec<Pending>],
    ) -> Vec<(usize, Verdict)> {
        if !self.kinds.has(Kind::DerivedMissing) {
            return Vec::new();
        }
        let judged: Vec<HashSet<usize>> = pending
            .iter()
            .map(|ground| ground.iter().map(|one| one.row).collect())
            .collect();
        let mut missing: BTreeMap<(usize, usize), Vec<&DerivedRule>> = BTreeMap::new();
        for (ground, row, rule) in derived_index.missing(|number| met.get(number)) {
            let wanted = self.grounds.get(ground).is_some_and(|g| g.wanted);
            if wanted && !judged.get(ground).is_some_and(|rows| rows.contains(&row)) {
                missing.entry((ground, row)).or_default().push(rule);
            }
        }
        missing
            .into_iter()
            .filter_map(|((ground, row), rules)| {
                let verdict = self.without_derived(derived_index, ground, row, &rules)?;
                Some((ground, verdict))
            })
            .collect()
    }

    fn without_derived(
        &self,
        derived_index: &DerivedIndex,
        number: usize,
        row: usize,
        rules: &[&DerivedRule],
    ) -> Option<Verdict> {
        let ground = self.grounds.get(number)?;
        let object = ground.objects.get(row)?;
        let written = object.last_modified?;
        let key = object.key.as_str();
        let (layout, owner) = match ground.rules.locate(key) {
            Location::Owned { layout, owner, .. } => (layout, Some(owner.as_str().to_owned())),
            Location::Unnamed { layout } => {
                let claims = self.claims(ground, row, &ground.rules.locate(key), key);
                (layout, claims.into_iter().next().map(|(owner, _)| owner))
            }
            Location::Unreadable => return None,
        };
        let is_derived = || {
            !derived_index.sources(self.grounds, number, key).is_empty()
                || derived_index.maker(self.grounds, number, key).is_some()
        };
        if written >= self.before || !is_triggered(&ground.rules, layout, key) || is_derived() {
            return None;
        }
        let mut missing: Vec<DerivedObject> = rules
            .iter()
            .filter_map(|rule| {
                let made = rule.apply(key)?;
                let kept = self.kept(&rule.to_bucket, &made);
                let expired = kept.is_some_and(|kept| self.now - written >= kept);
                (!expired).then(|| DerivedObject {
                    rule: rule.id.clone(),
                    bucket: rule.to_bucket.clone(),
                    key: made,
                })
            })
            .collect();
        missing.sort_by(|a, b| (&a.rule, &a.key).cmp(&(&b.rule, &b.key)));
        (!missing.is_empty()).then(|| Verdict {
            kind: Kind::DerivedMissing,
            bucket: ground.rules.name.clone(),
            size: Some(object.size),
            last_modified: object.last_modified,
            storage_class: Some(object.storage_class.clone()),
            etag: object.etag.clone(),
            upload_id: None,
            layout: Some(layout.to_owned()),
            owner,
            reason: Reason::NotDerived { missing },
            key: object.key.clone(),
        })
    }

    /// How long the blueprint keeps objects of this key; `None` if they do not expire.
    fn kept(&self, bucket: &BucketName, key: &str) -> Option<TimeDelta> {
        let rules = self.buckets.iter().find(|rules| rules.name == *bucket)?;
        let layout = match rules.locate(key) {
            Location::Owned { layout, .. } | Location::Unnamed { layout } => Some(layout),
            Location::Unreadable => None,
        };
        let wanted = rules.expect.lifecycle.iter().flatten();
        wanted
            .filter(|rule| match rule.layouts.as_slice() {
                [] => key.starts_with(&rule.prefix),
                layouts => layouts.iter().any(|id| Some(id.as_str()) == layout),
            })
            .filter_map(|rule| rule.expire_days)
            .min()
            .map(|days| TimeDelta::days(days.into()))
    }
}

/// Maps keys of records to objects with similar keys.
fn nearly(pending: &[Vec<Pending>]) -> HashMap<&str, &str> {
    let suspects = pending.iter().flatten();
    suspects
        .filter_map(|one| match &one.verdict.reason {
            Reason::KeyAlike(alike) => Some((alike.living.as_str(), one.verdict.key.as_str())),
            _ => None,
        })
        .collect()
}

/// The bucket to which a record's object belongs: the first whose layouts match the whole key, or else the first whose
/// anchor matches.
fn home<'b>(buckets: &'b [BucketBlueprint], key: &'b str) -> Option<(&'b BucketName, &'b str)> {
    let mut by_anchor = None;
    for bucket in buckets {
        match bucket.locate(key) {
            Location::Unnamed { layout }
            | Location::Owned {
                layout,
                tail_parses: true,
                ..
            } => return Some((&bucket.name, layout)),
            Location::Owned { layout, .. } => {
                by_anchor = by_anchor.or(Some((&bucket.name, layout)));
            }
            Location::Unreadable => {}
        }
    }
    by_anchor
}

/// Whether an event for this key reaches the application, so that it derives objects. The triggers in the blueprint
/// decide. If there are none, every object that the rule matches is a source.
fn is_triggered(rules: &BucketBlueprint, layout: &str, key: &str) -> bool {
    let wanted = rules.expect.notification.iter().flatten();
    let mut triggers = wanted
        .filter(|trigger| trigger.to == Target::Lambda)
        .peekable();
    triggers.peek().is_none()
        || triggers.any(|trigger| {
            let is_meant = match trigger.layouts.as_slice() {
                [] => key.starts_with(&trigger.prefix),
                layouts => layouts.iter().any(|id| id == layout),
            };
            is_meant && key.ends_with(&trigger.suffix)
        })
}
