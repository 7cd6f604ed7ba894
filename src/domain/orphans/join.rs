//! The join: compares every current object with the lists of active users and keys, in one pass.

use std::ops::Range;

use chrono::{DateTime, Utc};

use super::derived_index::DerivedIndex;
use super::hidden::Hidden;
use super::record::{protect_shortened, settle};
use super::rows::{Bits, ROWS_A_LOOK, in_parts};
use super::{Ground, Kind, Kinds, Living, Reason, Verdict};
use crate::domain::blueprint::{BucketBlueprint, Location};
use crate::domain::columns::{EntityTag, Row};
use crate::domain::ownership::{Ownership, ReplicationPath};
use crate::domain::quarantine::place;
use crate::domain::{BucketName, ByteSize, ObjectKey, StorageClass};

/// How far back sources of sources are followed. No application derives in more generations.
pub(super) const MOST_GENERATIONS: usize = 4;

/// The input of a join.
#[derive(Clone, Copy)]
pub struct Join<'a> {
    /// The buckets, each listed completely.
    pub grounds: &'a [Ground],
    /// All buckets of the blueprint, to tell where the object of a record should be.
    pub buckets: &'a [BucketBlueprint],
    /// Where buckets are replicated, besides what the blueprint expects.
    pub replication: &'a [ReplicationPath],
    /// The lists of active users and keys.
    pub living: Living<'a>,
    /// The kinds of verdict to return. Kinds that take precedence are still judged, and then left out.
    pub kinds: Kinds,
    /// Objects written at this time or later are never orphans.
    pub before: DateTime<Utc>,
    /// The current time.
    pub now: DateTime<Utc>,
    /// The number of threads, at least 1.
    pub threads: usize,
}

/// The result of a join.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings {
    /// The verdicts, by bucket in the order of the grounds, then by key.
    pub verdicts: Vec<Verdict>,
    /// Totals of the buckets for which verdicts were wanted.
    pub judged: Vec<Judged>,
    /// Layouts for which a wanted verdict was impossible, and why.
    pub untold: Vec<Untold>,
    /// Records whose object belongs in a bucket that was not listed.
    pub records_elsewhere: u64,
    /// Records whose key matches no layout.
    pub records_unexplained: u64,
    /// Whether no key in the list matches any layout. Such a list cannot belong to these buckets.
    pub keys_are_strange: bool,
}

/// The totals of one bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The bucket.
    pub bucket: BucketName,
    /// Number of current objects.
    pub objects: u64,
    /// Total size of the current objects.
    pub bytes: ByteSize,
    /// Objects whose key matches a layout, at least its anchor, or is produced by a rule.
    pub explained: u64,
    /// Objects that are too young to judge, or whose age is unknown.
    pub young: u64,
    /// Keys without a current object that are too young, or of unknown age. 0 if versions were not listed.
    pub young_versions: u64,
    /// Incomplete uploads that are younger than their limit, or of unknown age. 0 if uploads were not listed.
    pub young_uploads: u64,
    /// Objects that are orphans according to a list or a rule ([`Kind::is_inferred`]), whether or not that kind was
    /// wanted.
    pub inferred: u64,
    /// Total size of those.
    pub inferred_bytes: ByteSize,
}

/// A layout for which a verdict was impossible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untold {
    /// The bucket.
    pub bucket: BucketName,
    /// The layout's id.
    pub layout: String,
    /// The kind of verdict.
    pub kind: Kind,
    /// The reason.
    pub why: String,
}

/// A verdict that may still be dropped.
pub(super) struct Pending {
    pub row: usize,
    pub verdict: Verdict,
    /// Ground and layout number. The verdict counts only if the list of keys has a key of this layout.
    pub needs: Option<(usize, usize)>,
}

/// What every object is compared with, besides the lists.
pub(super) struct Scene<'a> {
    pub derived_index: DerivedIndex,
    pub hidden: Hidden,
    pub ownership: Ownership<'a>,
}

/// The result of one pass over some rows of a ground.
struct Pass {
    pending: Vec<Pending>,
    /// Index entries that matched an object.
    met: Vec<usize>,
    /// Records that matched an object, by their position in the list.
    seen: Bits,
    /// By layout number: whether the list has a key of the layout.
    covered: Vec<bool>,
    judged: Judged,
    /// Layouts for which a verdict was impossible, each once.
    untold: Vec<Untold>,
}

impl Join<'_> {
    /// Goes through all rows once, then through the records and index entries without a match. `None` if `stop`
    /// returned true.
    #[must_use]
    pub fn run(&self, stop: &(dyn Fn() -> bool + Sync)) -> Option<Findings> {
        let records = self.living.keys.map(std::ops::Deref::deref);
        let mut ownership = Ownership::new(self.buckets, records);
        for path in self.replication {
            ownership.learn_replication(path.clone());
        }
        let scene = Scene {
            derived_index: DerivedIndex::of(self.grounds, self.threads, stop)?,
            hidden: Hidden::of(self.grounds, &ownership),
            ownership,
        };
        let derived_index = &scene.derived_index;
        let mut untold = self.untold_owners();
        let mut met = Bits::new(derived_index.len());
        let mut seen = Bits::new(self.living.keys.map_or(0, |keys| keys.len()));
        let mut covered: Vec<Vec<bool>> = Vec::new();
        let mut pending: Vec<Vec<Pending>> = Vec::new();
        let mut judged = Vec::new();
        for (number, ground) in self.grounds.iter().enumerate() {
            let parts = in_parts(ground.objects.len(), self.threads, |rows| {
                self.pass(&scene, number, rows, stop)
            });
            let mut all = Pass::new(ground, 0);
            for part in parts {
                let part = part?;
                part.met.into_iter().for_each(|image| met.set(image));
                seen.merge(&part.seen);
                for (all, one) in all.covered.iter_mut().zip(part.covered) {
                    *all |= one;
                }
                all.judged.merge(&part.judged);
                for one in part.untold {
                    if !untold.contains(&one) {
                        untold.push(one);
                    }
                }
                all.pending.extend(part.pending);
            }
            covered.push(all.covered);
            pending.push(all.pending);
            judged.push(all.judged);
        }
        protect_shortened(&mut pending, &seen, self);
        let absent = self.dangling(&seen, &mut covered, &pending);
        let mut findings = Findings {
            records_elsewhere: absent.elsewhere,
            records_unexplained: absent.unexplained,
            untold,
            ..Findings::default()
        };
        settle(&mut pending, &covered, self, &mut findings);
        let missing = self.derived_missing(derived_index, &met, &pending);
        for (number, mut ground) in pending.into_iter().enumerate() {
            ground.extend(
                missing
                    .iter()
                    .filter(|(at, _)| *at == number)
                    .map(|(_, verdict)| Pending::new(0, verdict.clone())),
            );
            let records = absent.verdicts.iter().filter(|(at, _)| *at == number);
            ground.extend(records.map(|(_, verdict)| Pending::new(0, verdict.clone())));
            for one in &ground {
                if let Some(judged) = judged.get_mut(number)
                    && one.verdict.kind.is_inferred()
                {
                    judged.inferred += 1;
                    judged.inferred_bytes += one.verdict.size.unwrap_or_default();
                }
            }
            let mut verdicts: Vec<Verdict> = ground.into_iter().map(|one| one.verdict).collect();
            verdicts.retain(|verdict| self.kinds.has(verdict.kind));
            verdicts.sort_by(|a, b| (&a.key, a.kind).cmp(&(&b.key, b.kind)));
            findings.verdicts.append(&mut verdicts);
        }
        let wanted = self.grounds.iter().map(|ground| ground.wanted);
        findings.judged = judged
            .into_iter()
            .zip(wanted)
            .filter_map(|(judged, wanted)| wanted.then_some(judged))
            .collect();
        Some(findings)
    }

    fn pass(
        &self,
        scene: &Scene<'_>,
        number: usize,
        rows: Range<usize>,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Option<Pass> {
        let ground = self.grounds.get(number)?;
        let mut pass = Pass::new(ground, self.living.keys.map_or(0, |keys| keys.len()));
        let mut at = rows.start;
        let mut objects = ground.objects.rows_in(rows);
        while let Some(row) = objects.advance() {
            if at.is_multiple_of(ROWS_A_LOOK) && stop() {
                return None;
            }
            let object = Object {
                ground,
                number,
                at,
                row,
            };
            self.judge(scene, &object, &mut pass);
            at += 1;
        }
        Some(pass)
    }

    fn judge(&self, scene: &Scene<'_>, object: &Object<'_>, pass: &mut Pass) {
        let derived_index = &scene.derived_index;
        let key = object.row.key;
        pass.judged.objects += 1;
        pass.judged.bytes += object.row.size;
        let position = self.living.keys.and_then(|keys| keys.position(key));
        if let Some(position) = position {
            pass.seen.set(position);
        }
        let is_target = derived_index.lead_to(object.number);
        let sources = if is_target {
            derived_index.sources(self.grounds, object.number, key)
        } else {
            Vec::new()
        };
        pass.met.extend(sources.iter().map(|source| source.image));
        if !object.ground.wanted && position.is_none() {
            return;
        }
        let location = object.ground.rules.locate(key);
        let (layout, tail_parses) = match &location {
            Location::Owned {
                layout,
                tail_parses,
                ..
            } => (Some(*layout), *tail_parses),
            Location::Unnamed { layout } => (Some(*layout), true),
            Location::Unreadable => (None, true),
        };
        let is_explained = layout.is_some()
            || !sources.is_empty()
            || derived_index
                .maker(self.grounds, object.number, key)
                .is_some();
        if !is_explained {
            if object.ground.wanted {
                self.judge_unexplained(scene, object, pass);
            }
            return;
        }
        pass.judged.explained += 1;
        if position.is_some() {
            pass.note_covered(object, layout);
        }
        if !object.ground.wanted {
            return;
        }
        if !self.is_old(object.row.last_modified) {
            pass.judged.young += 1;
            return;
        }
        // For most keys, the only evidence is the key itself.
        let by_all = |with_doubts| {
            let place = (object.number, object.at);
            let how = (MOST_GENERATIONS, with_doubts);
            let whose = self.attribute(scene, place, key, &sources, how);
            whose.map_or((None, None), |whose| self.by_owner(key, &whose))
        };
        let is_disputed = object.ground.rules.is_disputed();
        let is_replica = scene.ownership.is_destination(&object.ground.rules.name);
        let by_more = is_target || is_disputed || is_replica || position.is_some();
        let (mut owner, mut ruled) = if by_more {
            by_all(false)
        } else {
            self.by_own(&self.claims(object.ground, object.at, &location, key))
        };
        let is_gone = matches!(&ruled, Some((Kind::OwnerGone, _)));
        if is_gone && self.living.keys.is_some() {
            // Only objects without an active owner are compared with every record that may refer to them.
            (owner, ruled) = by_all(true);
        }
        if let Some(ruled) = ruled {
            let ruled = self.unless_named_by_what_was_made(object, ruled, owner.as_deref());
            let (kind, reason) =
                self.among_several(scene, object, &sources, ruled, owner.as_deref());
            let verdict = object.verdict(kind, layout, owner, reason);
            pass.pending.extend(verdict);
            return;
        }
        if !tail_parses {
            return;
        }
        let ruled = if sources.is_empty() {
            match self.by_record_or_source(derived_index, object, position.is_some(), layout) {
                Ok(ruled) => ruled,
                Err(untold) => {
                    if self.kinds.has(untold.kind) && !pass.untold.contains(&untold) {
                        pass.untold.push(untold);
                    }
                    None
                }
            }
        } else if position.is_some() {
            None
        } else {
            self.by_record_of_source(derived_index, key, &sources)
        };
        if let Some((kind, reason, needs)) = ruled {
            let verdict = object.verdict(kind, layout, owner, reason);
            pass.pending
                .extend(verdict.map(|pending| Pending { needs, ..pending }));
        }
    }

    /// Judges a key that matches no layout and that no rule or existing object certainly produces. An inverted rule may
    /// still name its owner.
    fn judge_unexplained(&self, scene: &Scene<'_>, object: &Object<'_>, pass: &mut Pass) {
        let is_old = self.is_old(object.row.last_modified);
        pass.judged.young += u64::from(!is_old);
        let key = object.row.key;
        let is_target = is_old && scene.derived_index.lead_to(object.number);
        let at = (object.number, object.at);
        // Whose a quarantined copy is depends on the sources of its original.
        let copy = ObjectKey::new(key).ok().filter(|_| place::is_place(key));
        let original = copy.and_then(|copy| place::original(&copy, None));
        let original = original.as_ref().filter(|_| is_target);
        let sources = original.map_or_else(Vec::new, |original| {
            let index = &scene.derived_index;
            index.sources(self.grounds, object.number, original.as_str())
        });
        let whose = is_target
            .then(|| self.attribute(scene, at, key, &sources, (MOST_GENERATIONS, true)))
            .flatten();
        let made = whose.and_then(|whose| Some((whose.maker()?, whose)));
        let verdict = match made {
            None => object.verdict(Kind::Unreadable, None, None, Reason::NoLayout),
            Some(((rule, from), whose)) => {
                let (owner, ruled) = self.by_owner(key, &whose);
                // The copy does not tell when its original was made, which may have been of another's media.
                let is_shared = original.is_some_and(|original| {
                    let (bucket, key) = (&object.ground.rules.name, original.as_str());
                    scene.ownership.is_shared(bucket, key, owner.as_deref())
                });
                let ruled = ruled.filter(|(kind, _)| !is_shared || *kind == Kind::Suspect);
                pass.judged.explained += u64::from(ruled.is_some());
                let (kind, reason) =
                    ruled.unwrap_or((Kind::Unreadable, Reason::PerhapsMade { rule, from }));
                object.verdict(kind, None, owner, reason)
            }
        };
        pass.pending.extend(verdict);
    }

    /// Whether the object is old enough, and older than the lists.
    pub(super) fn is_old(&self, written: Option<DateTime<Utc>>) -> bool {
        written.is_some_and(|written| written < self.before)
    }
}

/// The object being judged.
pub(super) struct Object<'a> {
    pub ground: &'a Ground,
    pub number: usize,
    at: usize,
    pub row: Row<'a>,
}

impl Object<'_> {
    pub(super) fn layout_number(&self, id: &str) -> usize {
        let mut layouts = self.ground.rules.layouts.iter();
        layouts
            .position(|layout| layout.id() == id)
            .unwrap_or(usize::MAX)
    }

    /// Returns `None` if the key is invalid, which no listing returns.
    fn verdict(
        &self,
        kind: Kind,
        layout: Option<&str>,
        owner: Option<String>,
        reason: Reason,
    ) -> Option<Pending> {
        let verdict = Verdict {
            kind,
            bucket: self.ground.rules.name.clone(),
            key: ObjectKey::new(self.row.key).ok()?,
            size: Some(self.row.size),
            last_modified: self.row.last_modified,
            storage_class: Some(StorageClass::new(self.row.storage_class)),
            etag: self.row.etag.map(EntityTag::to_text),
            upload_id: None,
            layout: layout.map(str::to_owned),
            owner,
            reason,
        };
        Some(Pending::new(self.at, verdict))
    }
}

impl Pending {
    fn new(row: usize, verdict: Verdict) -> Self {
        Self {
            row,
            verdict,
            needs: None,
        }
    }
}

impl Pass {
    /// Notes that a record names a key of this layout. If several layouts explain the key, the record does not show
    /// which of them the list covers.
    fn note_covered(&mut self, object: &Object<'_>, layout: Option<&str>) {
        let rules = &object.ground.rules;
        let layout = layout.filter(|_| rules.is_undisputed(object.row.key));
        let number = layout.map(|layout| object.layout_number(layout));
        if let Some(covered) = number.and_then(|number| self.covered.get_mut(number)) {
            *covered = true;
        }
    }

    fn new(ground: &Ground, records: usize) -> Self {
        Self {
            pending: Vec::new(),
            met: Vec::new(),
            seen: Bits::new(records),
            covered: vec![false; ground.rules.layouts.len()],
            untold: Vec::new(),
            judged: Judged {
                bucket: ground.rules.name.clone(),
                objects: 0,
                bytes: ByteSize(0),
                explained: 0,
                young: 0,
                young_versions: 0,
                young_uploads: 0,
                inferred: 0,
                inferred_bytes: ByteSize(0),
            },
        }
    }
}

impl Judged {
    fn merge(&mut self, other: &Self) {
        self.objects += other.objects;
        self.bytes += other.bytes;
        self.explained += other.explained;
        self.young += other.young;
        self.inferred += other.inferred;
        self.inferred_bytes += other.inferred_bytes;
    }
}
