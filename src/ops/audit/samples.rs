//! Chooses objects of every layout and storage class, and reads their headers.

use std::collections::BTreeMap;

use futures::stream::{self, StreamExt};

use super::AnnotationSample;
use crate::aws::wire::{annotations, object};
use crate::aws::{Aws, Problem, ProblemKind, operations};
use crate::domain::blueprint::{BucketBlueprint, Location};
use crate::domain::configuration::{Setting, Unanswered};
use crate::domain::fact::Fact;
use crate::domain::posture::{ObjectAcl, Sample};
use crate::domain::{BucketName, ObjectKey, ObjectSummary};
use crate::ops::coverage::Gap;
use crate::ops::gate::Gate;
use crate::ops::{Meter, state};

/// Storage classes and layouts that a bucket can be made to have without end: beyond these groups nothing is chosen.
const GROUPS: usize = 64;

/// Objects of each layout and storage class, spread evenly over all that were seen.
pub(super) struct Choice<'a> {
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
    pub(super) fn new(per_group: usize, blueprint: Option<&'a BucketBlueprint>) -> Self {
        Self {
            per_group,
            blueprint,
            groups: BTreeMap::new(),
            // The same objects each time, so that two audits of an unchanged bucket agree.
            dice: fastrand::Rng::with_seed(3),
        }
    }

    /// Takes notice of an object: each of a group has the same chance (reservoir sampling).
    pub(super) fn see(&mut self, object: &ObjectSummary) {
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

    pub(super) fn chosen(self) -> Vec<ObjectSummary> {
        self.groups
            .into_values()
            .flat_map(|group| group.chosen)
            .collect()
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

/// What is asked of each object that was chosen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    /// Its access control list as well as its headers.
    pub acls: bool,
}

/// Reads the headers, and the ACLs where they are asked for; what could not be read is told, each reason once.
pub(super) async fn read(
    aws: &Aws,
    bucket: &BucketName,
    chosen: Vec<ObjectSummary>,
    asked: Asked,
    gate: &Gate,
    meter: &Meter,
) -> (Vec<Sample>, Vec<ObjectAcl>, Vec<(Gap, Unanswered)>) {
    let mut answers = stream::iter(chosen)
        .map(|chosen| async move {
            let head = gate.pass(object::head(aws, bucket, &chosen.key, None, meter));
            let acl = async {
                if asked.acls {
                    let acl = object::acl(aws, bucket, &chosen.key, meter);
                    Some(gate.pass(acl).await)
                } else {
                    None
                }
            };
            let (head, acl) = futures::join!(head, acl);
            (head, acl, chosen)
        })
        .buffered(gate.width());
    let (mut samples, mut object_acls) = (Vec::new(), Vec::new());
    let (mut heads, mut acls) = (Unread::default(), Unread::default());
    while let Some((head, acl, chosen)) = answers.next().await {
        let key = || chosen.key.as_str().to_owned();
        match acl {
            Some(Ok(acl)) => object_acls.push(ObjectAcl { key: key(), acl }),
            Some(Err(problem)) => acls.count(problem),
            None => {}
        }
        match head {
            Ok(head) => samples.push(Sample {
                key: key(),
                class: chosen.storage_class.to_string(),
                algorithm: head.encryption.as_ref().map(|e| e.algorithm.clone()),
                key_id: head.encryption.and_then(|e| e.key_id),
                replication: head.replication,
                replicas: Vec::new(),
                cache_control: head.cache_control,
                written: head.last_modified.or(chosen.last_modified),
            }),
            Err(problem) => heads.count(problem),
        }
    }
    let heads = heads.told(operations::HEAD_OBJECT.name, "headers", bucket);
    let acls = acls.told(operations::GET_OBJECT_ACL.name, "ACLs", bucket);
    let unread = heads.into_iter().chain(acls).collect();
    (samples, object_acls, unread)
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
        let s = if self.objects == 1 { "" } else { "s" };
        let what = format!("the {what} of {} object{s} of {bucket}", self.objects);
        Some((Gap::failed(what, problem), why))
    }
}
