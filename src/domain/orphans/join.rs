//! The join: every current object held against the lists of what is alive, in one pass.

use std::ops::Range;

use chrono::{DateTime, Utc};

use super::images::{Images, Source};
use super::standing::Standing;
use super::{Ground, Kind, Kinds, Living, Reason, Through, Verdict};
use crate::domain::blueprint::{BucketBlueprint, Location, OwnerSource};
use crate::domain::columns::Row;
use crate::domain::{BucketName, ByteSize, ObjectKey, StorageClass};

/// Rows between two looks at whether to stop: some milliseconds.
pub(super) const ROWS_A_LOOK: usize = 4096;

/// A source of a source of a source: further back nobody derives.
const MOST_GENERATIONS: usize = 4;

/// What is held against what.
#[derive(Clone, Copy)]
pub struct Join<'a> {
    /// The buckets that were listed, each of them whole.
    pub grounds: &'a [Ground],
    /// All buckets of the blueprint, to tell where a record's object should be.
    pub buckets: &'a [BucketBlueprint],
    /// The lists.
    pub living: Living<'a>,
    /// Which verdicts are wanted. What outranks them is judged all the same, and left out.
    pub kinds: Kinds,
    /// What was written at this time or later is nobody's orphan.
    pub before: DateTime<Utc>,
    /// When it is.
    pub now: DateTime<Utc>,
    /// How many threads may work on it, at least 1.
    pub threads: usize,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings {
    /// The verdicts, by bucket in the order of the grounds, then by key.
    pub verdicts: Vec<Verdict>,
    /// What the buckets came to that verdicts were wanted on.
    pub judged: Vec<Judged>,
    /// Layouts on which a verdict that was wanted could not be had: bucket, layout, why.
    pub untold: Vec<Untold>,
    /// Records whose object would be in a bucket that was not listed.
    pub records_elsewhere: u64,
    /// Records whose key no layout explains.
    pub records_unexplained: u64,
    /// Whether the list of keys names no key of any layout: it cannot be the list of these buckets.
    pub keys_are_strange: bool,
}

/// What a bucket came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Which.
    pub bucket: BucketName,
    /// Its current objects.
    pub objects: u64,
    /// Their bytes.
    pub bytes: ByteSize,
    /// Objects whose key a layout explains, its anchor at least.
    pub explained: u64,
    /// Objects too young to be judged, or of which it is not known when they were written.
    pub young: u64,
    /// Objects called orphans on the word of a list or a rule ([`Kind::is_inferred`]), whether or not they were asked for.
    pub inferred: u64,
    /// Their bytes.
    pub inferred_bytes: ByteSize,
}

/// A layout of which something could not be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untold {
    /// The bucket.
    pub bucket: BucketName,
    /// The layout's id.
    pub layout: String,
    /// Which verdict.
    pub kind: Kind,
    /// Why, in words.
    pub why: String,
}

/// A verdict in the making.
pub(super) struct Pending {
    pub row: usize,
    pub verdict: Verdict,
    /// Holds only if the list of keys names any key of this layout: ground and number of the layout.
    needs: Option<(usize, usize)>,
}

/// What one pass over some rows of a ground gives.
struct Pass {
    pending: Vec<Pending>,
    /// Images that were met.
    met: Vec<usize>,
    /// Records that were met, by their place in the list.
    seen: Bits,
    /// Layouts of which the list names a key, by their number.
    covered: Vec<bool>,
    judged: Judged,
}

impl Join<'_> {
    /// Goes through all rows once, and then through the records and images that nothing was met for; `None` when `stop`
    /// said so.
    #[must_use]
    pub fn run(&self, stop: &(dyn Fn() -> bool + Sync)) -> Option<Findings> {
        let images = Images::of(self.grounds, self.threads, stop)?;
        let mut met = Bits::new(images.len());
        let mut seen = Bits::new(self.living.keys.map_or(0, super::Registry::len));
        let mut covered: Vec<Vec<bool>> = Vec::new();
        let mut pending: Vec<Vec<Pending>> = Vec::new();
        let mut judged = Vec::new();
        for (number, ground) in self.grounds.iter().enumerate() {
            let parts = in_parts(ground.objects.len(), self.threads, |rows| {
                self.pass(&images, number, rows, stop)
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
                all.pending.extend(part.pending);
            }
            covered.push(all.covered);
            pending.push(all.pending);
            judged.push(all.judged);
        }
        let absent = self.dangling(&seen, &mut covered, &pending);
        let mut findings = Findings {
            records_elsewhere: absent.elsewhere,
            records_unexplained: absent.unexplained,
            untold: self.untold_owners(),
            ..Findings::default()
        };
        settle(&mut pending, &covered, self, &mut findings);
        let missing = self.derived_missing(&images, &met, &pending);
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
        images: &Images,
        number: usize,
        rows: Range<usize>,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Option<Pass> {
        let ground = self.grounds.get(number)?;
        let mut pass = Pass::new(ground, self.living.keys.map_or(0, super::Registry::len));
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
            self.judge(images, &object, &mut pass);
            at += 1;
        }
        Some(pass)
    }

    fn judge(&self, images: &Images, object: &Object<'_>, pass: &mut Pass) {
        let key = object.row.key;
        pass.judged.objects += 1;
        pass.judged.bytes += object.row.size;
        let position = self.living.keys.and_then(|keys| keys.position(key));
        if let Some(position) = position {
            pass.seen.set(position);
        }
        let sources = if images.lead_to(object.number) {
            images.sources(self.grounds, object.number, key)
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
            } => (*layout, *tail_parses),
            Location::Unnamed { layout } => (*layout, true),
            Location::Unreadable => {
                if object.ground.wanted {
                    pass.judged.young += u64::from(!self.is_old(object.row.last_modified));
                    let verdict = object.verdict(Kind::Unreadable, None, None, Reason::NoLayout);
                    pass.pending.extend(verdict);
                }
                return;
            }
        };
        pass.judged.explained += 1;
        let layout_number = object.layout_number(layout);
        if position.is_some()
            && let Some(covered) = pass.covered.get_mut(layout_number)
        {
            *covered = true;
        }
        if !object.ground.wanted {
            return;
        }
        if !self.is_old(object.row.last_modified) {
            pass.judged.young += 1;
            return;
        }
        let own = self.claims(&location, key);
        let (owner, ruled) = self.by_owner(&own, images, &sources);
        if let Some((kind, reason)) = ruled {
            let verdict = object.verdict(kind, Some(layout), owner, reason);
            pass.pending.extend(verdict);
            return;
        }
        if !tail_parses {
            return;
        }
        let ruled = if sources.is_empty() {
            self.by_record_or_source(images, object, position.is_some(), layout_number)
        } else if position.is_some() {
            None
        } else {
            self.by_record_of_source(images, key, &sources)
        };
        if let Some((kind, reason, needs)) = ruled {
            let verdict = object.verdict(kind, Some(layout), owner, reason);
            pass.pending
                .extend(verdict.map(|pending| Pending { needs, ..pending }));
        }
    }

    /// Whether something was written long enough ago, and before the lists were made.
    fn is_old(&self, written: Option<DateTime<Utc>>) -> bool {
        written.is_some_and(|written| written < self.before)
    }

    /// Whose an object is by its own key, or by the records that name it.
    fn claims(&self, location: &Location<'_>, key: &str) -> Vec<(String, Through)> {
        match location {
            Location::Owned { owner, .. } => vec![(owner.as_str().to_owned(), Through::Key)],
            Location::Unnamed { .. } => {
                let owners = self.living.owners_of(key).into_iter();
                owners.map(|owner| (owner, Through::Record)).collect()
            }
            Location::Unreadable => Vec::new(),
        }
    }

    /// Whose an object is, and what follows from that.
    fn by_owner(
        &self,
        own: &[(String, Through)],
        images: &Images,
        sources: &[Source],
    ) -> (Option<String>, Option<(Kind, Reason)>) {
        let mut told = own.first().map(|(owner, _)| owner.clone());
        if self.living.owners.is_none() {
            return (told, None);
        }
        let mut inherited = Vec::new();
        let all_told = self.inherit(images, sources, MOST_GENERATIONS, &mut inherited);
        // What was derived is its source's owner's, wherever it lies.
        if let Some((owner, _)) = inherited.first() {
            told = Some(owner.clone());
        }
        let standing = |claims: &[(String, Through)]| -> Vec<Standing> {
            let owners = claims.iter().map(|(owner, _)| self.living.owner(owner));
            owners.collect()
        };
        let (of_own, of_inherited) = (standing(own), standing(&inherited));
        if of_inherited.contains(&Standing::Alive) {
            return (told, None);
        }
        let is_alive_here = of_own.iter().position(|one| *one == Standing::Alive);
        if let Some(living) = is_alive_here.and_then(|at| own.get(at)) {
            let gone = of_inherited.iter().all(|one| *one == Standing::Gone);
            let elsewhere = all_told && gone && inherited.iter().all(|(id, _)| *id != living.0);
            let reason = inherited.first().filter(|_| elsewhere).map(|(_, source)| {
                let reason = Reason::TwoOwners {
                    living: living.0.clone(),
                    source: source.clone(),
                };
                (Kind::Suspect, reason)
            });
            return (told, reason);
        }
        let claims = || inherited.iter().chain(own);
        for ((owner, _), standing) in claims().zip(of_inherited.iter().chain(&of_own)) {
            if let Standing::Alike(alike) = standing {
                let reason = Reason::OwnerAlike(alike.clone());
                return (Some(owner.clone()), Some((Kind::Suspect, reason)));
            }
        }
        let gone = claims().next().filter(|_| all_told);
        let ruled = gone.map(|(_, through)| {
            let through = through.clone();
            (Kind::OwnerGone, Reason::NoOwner { through })
        });
        (told, ruled)
    }

    /// Collects the owners of sources, and of what these were made from; false when one's owner is not told.
    fn inherit(
        &self,
        images: &Images,
        sources: &[Source],
        generations: usize,
        claims: &mut Vec<(String, Through)>,
    ) -> bool {
        let mut all_told = true;
        for source in sources {
            let Some(ground) = self.grounds.get(source.ground) else {
                return false;
            };
            let own = self.claims(&ground.rules.locate(&source.key), &source.key);
            let before = claims.len();
            if generations > 1 && images.lead_to(source.ground) {
                let further = images.sources(self.grounds, source.ground, &source.key);
                all_told &= self.inherit(images, &further, generations - 1, claims);
            }
            let through = || Through::Source {
                bucket: ground.rules.name.clone(),
                key: source.key.clone(),
            };
            claims.extend(own.into_iter().map(|(owner, _)| (owner, through())));
            all_told &= claims.len() > before;
        }
        all_told
    }

    /// For an object that no existing object was seen to yield: by its record, or it was derived and outlived its source.
    fn by_record_or_source(
        &self,
        images: &Images,
        object: &Object<'_>,
        named: bool,
        layout: usize,
    ) -> Option<(Kind, Reason, Option<(usize, usize)>)> {
        let key = object.row.key;
        // Cheaper than to ask for a maker, and true of most keys: but a derived object may be named, too.
        let maker = images
            .lead_to(object.number)
            .then(|| images.maker(self.grounds, object.number, key))
            .flatten();
        let standing = if named {
            Standing::Alive
        } else {
            self.living.key(key)
        };
        if let Standing::Alike(alike) = standing {
            return Some((Kind::Suspect, Reason::KeyAlike(alike), None));
        }
        if let Some(maker) = maker {
            let reason = Reason::NoSource {
                rule: maker.id().to_owned(),
                from: self.grounds.get(maker.from)?.rules.name.clone(),
                named,
            };
            // An original may have been called what a derived object is called: a record that names it speaks for that.
            let kind = if named {
                Kind::Suspect
            } else {
                Kind::SourceGone
            };
            return Some((kind, reason, None));
        }
        (standing == Standing::Gone).then_some((
            Kind::RecordGone,
            Reason::NoRecord,
            Some((object.number, layout)),
        ))
    }

    /// For a derived object that no record names: its source's record is its own.
    fn by_record_of_source(
        &self,
        images: &Images,
        key: &str,
        sources: &[Source],
    ) -> Option<(Kind, Reason, Option<(usize, usize)>)> {
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
                .flat_map(|source| images.sources(self.grounds, source.ground, &source.key))
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

    /// The layouts of which nobody tells the owner.
    fn untold_owners(&self) -> Vec<Untold> {
        if self.living.owners.is_none() || !self.kinds.has(Kind::OwnerGone) {
            return Vec::new();
        }
        let wanted = self.grounds.iter().filter(|ground| ground.wanted);
        wanted
            .flat_map(|ground| {
                let layouts = ground.rules.layouts.iter();
                layouts.filter_map(move |layout| {
                    let why = match layout.owner() {
                        OwnerSource::Part(_) => return None,
                        OwnerSource::Registry if self.living.keys.is_some() => return None,
                        OwnerSource::Registry => {
                            "the records name its owners, and there is no list of keys".to_owned()
                        }
                        OwnerSource::Metadata(name) => format!(
                            "its owners stand in each object's metadata (x-amz-meta-{name}), which a listing does not tell"
                        ),
                    };
                    Some(Untold {
                        bucket: ground.rules.name.clone(),
                        layout: layout.id().to_owned(),
                        kind: Kind::OwnerGone,
                        why,
                    })
                })
            })
            .collect()
    }
}

/// Drops what rests on a list of keys that says nothing of the layout.
fn settle(
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

/// An object that is being judged.
struct Object<'a> {
    ground: &'a Ground,
    number: usize,
    at: usize,
    row: Row<'a>,
}

impl Object<'_> {
    fn layout_number(&self, id: &str) -> usize {
        let mut layouts = self.ground.rules.layouts.iter();
        layouts
            .position(|layout| layout.id() == id)
            .unwrap_or(usize::MAX)
    }

    /// `None` when its key is none, which a listing never yields.
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
            storage_class: Some(StorageClass(self.row.storage_class.to_owned())),
            etag: self.row.etag.map(|tag| tag.to_text()),
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
    fn new(ground: &Ground, records: usize) -> Self {
        Self {
            pending: Vec::new(),
            met: Vec::new(),
            seen: Bits::new(records),
            covered: vec![false; ground.rules.layouts.len()],
            judged: Judged {
                bucket: ground.rules.name.clone(),
                objects: 0,
                bytes: ByteSize(0),
                explained: 0,
                young: 0,
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

/// A bit each for many things.
pub(super) struct Bits(Vec<u64>);

impl Bits {
    pub fn new(length: usize) -> Self {
        Self(vec![0; length.div_ceil(64)])
    }

    pub fn set(&mut self, at: usize) {
        if let Some(word) = self.0.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }

    pub fn get(&self, at: usize) -> bool {
        self.0
            .get(at / 64)
            .is_some_and(|word| word & (1 << (at % 64)) != 0)
    }

    fn merge(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word |= other;
        }
    }
}

/// Does work on rows in as many parts as there are threads; what they give is in the order of the rows. A panic of one
/// goes on here.
pub(super) fn in_parts<T: Send>(
    rows: usize,
    threads: usize,
    work: impl Fn(Range<usize>) -> T + Sync,
) -> Vec<T> {
    let threads = threads.clamp(1, rows.div_ceil(ROWS_A_LOOK).max(1));
    if threads == 1 {
        return vec![work(0..rows)];
    }
    let length = rows.div_ceil(threads);
    std::thread::scope(|scope| {
        let work = &work;
        let running: Vec<_> = (0..threads)
            .map(|part| {
                let rows = part * length..((part + 1) * length).min(rows);
                scope.spawn(move || work(rows))
            })
            .collect();
        running
            .into_iter()
            .map(|thread| match thread.join() {
                Ok(done) => done,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    })
}
