//! Chooses objects of every layout and storage class, and reads their headers.

use std::collections::BTreeMap;

use futures::stream::{self, StreamExt};

use super::{AnnotationSample, AuditLimits, ObjectAcls};
use crate::aws::wire::{annotations, object};
use crate::aws::{Aws, Problem, ProblemKind, operations};
use crate::domain::blueprint::{BucketBlueprint, Location};
use crate::domain::configuration::{Setting, Unanswered};
use crate::domain::fact::Fact;
use crate::domain::posture::{ObjectAcl, Sample};
use crate::domain::words::counted;
use crate::domain::{BucketName, ObjectKey, ObjectSummary};
use crate::ops::coverage::Gap;
use crate::ops::gate::Gate;
use crate::ops::{Meter, state};

/// Storage classes and layouts that a bucket can be made to have without end: beyond these groups nothing is chosen.
const GROUPS: usize = 64;

/// Objects of each layout and storage class, spread evenly over all that were seen.
struct Choice<'a> {
    per_group: usize,
    blueprint: Option<&'a BucketBlueprint>,
    groups: BTreeMap<(String, String), Group>,
    dice: fastrand::Rng,
}

#[derive(Default)]
struct Group {
    seen: usize,
    chosen: Vec<ObjectSummary>,
}

impl<'a> Choice<'a> {
    fn new(per_group: usize, blueprint: Option<&'a BucketBlueprint>) -> Self {
        Self {
            per_group,
            blueprint,
            groups: BTreeMap::new(),
            // The same objects each time, so that two audits of an unchanged bucket agree.
            dice: fastrand::Rng::with_seed(3),
        }
    }

    /// Takes notice of an object: each of a group has the same chance (reservoir sampling).
    fn see(&mut self, object: &ObjectSummary) {
        let layout = layout_of(self.blueprint, object.key.as_str());
        let group = (layout.to_owned(), object.storage_class.to_string());
        if !self.groups.contains_key(&group) && self.groups.len() >= GROUPS {
            return;
        }
        let group = self.groups.entry(group).or_default();
        group.seen += 1;
        if group.chosen.len() < self.per_group {
            group.chosen.push(object.clone());
        } else if let Some(place) = group.chosen.get_mut(self.dice.usize(0..group.seen)) {
            *place = object.clone();
        }
    }

    fn chosen(self) -> Vec<ObjectSummary> {
        self.groups
            .into_values()
            .flat_map(|group| group.chosen)
            .collect()
    }
}

/// The objects that are looked at closely.
#[derive(Default)]
pub(super) struct Chosen {
    /// Those whose headers are read.
    pub objects: Vec<ObjectSummary>,
    /// Those whose ACLs are read.
    pub acls: Vec<ObjectKey>,
}

/// Chooses the objects that are looked at closely, as far as the limits go.
pub(super) struct Choices<'a> {
    objects: Choice<'a>,
    acls: OfAcls<'a>,
}

/// The objects whose ACLs are read.
enum OfAcls<'a> {
    Nobody,
    Sample(Choice<'a>),
    All(Vec<ObjectKey>),
}

impl<'a> Choices<'a> {
    /// Nothing yet. `acls_matter`: whether an ACL of an object could let anyone in.
    pub(super) fn new(
        limits: AuditLimits,
        acls_matter: bool,
        blueprint: Option<&'a BucketBlueprint>,
    ) -> Self {
        let acls = match limits.object_acls {
            _ if !acls_matter => OfAcls::Nobody,
            ObjectAcls::NotAsked | ObjectAcls::Sample { per_group: 0, .. } => OfAcls::Nobody,
            ObjectAcls::Sample { per_group, .. } => {
                OfAcls::Sample(Choice::new(per_group, blueprint))
            }
            ObjectAcls::All => OfAcls::All(Vec::new()),
        };
        let least = limits.annotations.min(1);
        Self {
            objects: Choice::new(limits.samples.max(least), blueprint),
            acls,
        }
    }

    pub(super) fn see(&mut self, object: &ObjectSummary) {
        self.objects.see(object);
        match &mut self.acls {
            OfAcls::Nobody => {}
            OfAcls::Sample(choice) => choice.see(object),
            OfAcls::All(keys) => keys.push(object.key.clone()),
        }
    }

    pub(super) fn chosen(self) -> Chosen {
        Chosen {
            objects: self.objects.chosen(),
            acls: match self.acls {
                OfAcls::Nobody => Vec::new(),
                OfAcls::All(keys) => keys,
                OfAcls::Sample(choice) => {
                    let chosen = choice.chosen().into_iter();
                    chosen.map(|object| object.key).collect()
                }
            },
        }
    }
}

/// The layout that explains a key; empty when none does, or none is known.
pub(super) fn layout_of<'k>(blueprint: Option<&'k BucketBlueprint>, key: &'k str) -> &'k str {
    match blueprint.map(|blueprint| blueprint.locate(key)) {
        Some(Location::Owned { layout, .. } | Location::Unnamed { layout }) => layout,
        Some(Location::Unreadable) | None => "",
    }
}

/// So many of what was chosen, spread over all of it.
pub(super) fn spread(chosen: &[ObjectSummary], most: usize) -> Vec<ObjectKey> {
    let step = chosen.len().div_ceil(most.max(1)).max(1);
    let spread = chosen.iter().step_by(step).take(most);
    spread.map(|object| object.key.clone()).collect()
}

/// Counts the annotations of a few objects. The first is asked about by itself, so that an endpoint which does not have them, or
/// denies them, is asked once.
pub(super) async fn annotations(
    aws: &Aws,
    bucket: &BucketName,
    keys: Vec<ObjectKey>,
    gate: &Gate,
    meter: &Meter,
) -> Setting<AnnotationSample> {
    let mut sample = AnnotationSample::default();
    let mut keys = keys.into_iter();
    let first: Vec<ObjectKey> = keys.by_ref().take(1).collect();
    if first.is_empty() {
        return Fact::NotSet;
    }
    for part in [first, keys.collect()] {
        let mut answers = stream::iter(part)
            .map(|key| async move {
                let asked = annotations::all(aws, bucket, &key, None, meter);
                gate.pass(asked).await
            })
            .buffered(gate.width());
        while let Some(answer) = answers.next().await {
            let all = match answer {
                Ok(all) => all,
                Err(problem) if problem.kind == ProblemKind::NotFound => continue,
                Err(problem) => {
                    let why = state::unanswered(operations::LIST_ANNOTATIONS.name, &problem);
                    return Fact::Unknown(why);
                }
            };
            sample.objects += 1;
            sample.annotated += u64::from(!all.is_empty());
            sample.annotations += u64::try_from(all.len()).unwrap_or(u64::MAX);
            sample.bytes += all.iter().map(|one| one.size.bytes()).sum::<u64>();
        }
    }
    Fact::Set(sample)
}

/// Reads the headers. Failures are returned as one gap, with each reason once.
pub(super) async fn heads(
    aws: &Aws,
    bucket: &BucketName,
    chosen: Vec<ObjectSummary>,
    gate: &Gate,
    meter: &Meter,
) -> (Vec<Sample>, Option<(Gap, Unanswered)>) {
    let mut answers = stream::iter(chosen)
        .map(|chosen| async move {
            let head = object::head(aws, bucket, &chosen.key, None, meter);
            (gate.pass(head).await, chosen)
        })
        .buffered(gate.width());
    let (mut samples, mut unread) = (Vec::new(), Unread::default());
    while let Some((head, chosen)) = answers.next().await {
        match head {
            Ok(head) => samples.push(Sample {
                key: chosen.key.as_str().to_owned(),
                class: chosen.storage_class.to_string(),
                algorithm: head.encryption.as_ref().map(|e| e.algorithm.clone()),
                key_id: head.encryption.and_then(|e| e.key_id),
                replication: head.replication,
                replicas: Vec::new(),
                cache_control: head.cache_control,
                written: head.last_modified.or(chosen.last_modified),
            }),
            Err(problem) => unread.count(problem),
        }
    }
    let unread = unread.told(operations::HEAD_OBJECT.name, "headers", bucket);
    (samples, unread)
}

/// What the ACLs of objects say.
pub(super) struct Acls {
    /// How many were read.
    pub read: u64,
    /// Those that grant somebody else something. The others, of which there may be millions, say nothing.
    pub with_grants: Vec<ObjectAcl>,
    /// Why some could not be read.
    pub unread: Option<(Gap, Unanswered)>,
}

/// Reads the ACLs. Failures are returned as one gap, with each reason once.
pub(super) async fn acls(
    aws: &Aws,
    bucket: &BucketName,
    chosen: Vec<ObjectKey>,
    gate: &Gate,
    meter: &Meter,
) -> Acls {
    let mut answers = stream::iter(chosen)
        .map(|key| async move {
            let asked = object::acl(aws, bucket, &key, meter);
            (gate.pass(asked).await, key)
        })
        .buffered(gate.width());
    let (mut read, mut with_grants, mut unread) = (0, Vec::new(), Unread::default());
    while let Some((answer, key)) = answers.next().await {
        match answer {
            Ok(acl) => {
                read += 1;
                if acl.to_others().next().is_some() {
                    let key = key.as_str().to_owned();
                    with_grants.push(ObjectAcl { key, acl });
                }
            }
            Err(problem) => unread.count(problem),
        }
    }
    Acls {
        read,
        with_grants,
        unread: unread.told(operations::GET_OBJECT_ACL.name, "ACLs", bucket),
    }
}

/// How many objects could not be asked, and the first reason.
#[derive(Default)]
struct Unread {
    objects: u64,
    first: Option<Problem>,
}

impl Unread {
    fn count(&mut self, problem: Problem) {
        self.objects += 1;
        self.first.get_or_insert(problem);
    }

    fn told(self, call: &str, what: &str, bucket: &BucketName) -> Option<(Gap, Unanswered)> {
        let problem = self.first?;
        let why = state::unanswered(call, &problem);
        let objects = counted(self.objects, "object");
        let what = format!("the {what} of {objects} of {bucket}");
        Some((Gap::failed(what, problem), why))
    }
}
