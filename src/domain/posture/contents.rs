//! What a listing found in a bucket, as far as findings ask: which rules are about it, who is told of it, and where what is
//! derived from it lies. A [`Builder`] takes versions in the listing's order and keeps counts and a few examples.

use std::collections::BTreeMap;
use std::collections::hash_map::{Entry, HashMap};

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::blueprint::expect::WantedNotification;
use crate::domain::blueprint::{BucketBlueprint, Location};
use crate::domain::configuration::{Lifecycle, Notifications};
use crate::domain::lifecycle::matching::{Match, matches};
use crate::domain::lifecycle::{Amount, Coverage, Kept, Subject, VersionState};
use crate::domain::prices::{ClassBytes, Part};
use crate::domain::{ByteSize, ObjectVersion, OwnerId, StorageClass, Upload};

/// S3 needs a day or two for what is due; after this it is overdue.
pub(crate) const GRACE: TimeDelta = TimeDelta::days(3);

/// Access logs are best effort and hours late: after this a request should be in one.
pub(super) const LOGGED_AFTER: TimeDelta = TimeDelta::hours(24);

/// Keys that are kept until it is known whether they are derived.
const UNHEARD: usize = 10_000;

/// What is in a bucket.
#[derive(Debug, Clone, PartialEq)]
pub struct Contents {
    /// What the lifecycle rules do to it.
    pub coverage: Coverage,
    /// Whether everything was listed; `false` reads "at least".
    pub complete: bool,
    /// Current objects by the layout that explains them; those that none explains are under an empty name.
    pub layouts: BTreeMap<String, LayoutContents>,
    /// Everything that is stored, noncurrent versions too, by storage class.
    pub classes: BTreeMap<String, Amount>,
    /// Of these the noncurrent versions.
    pub noncurrent_classes: BTreeMap<String, Amount>,
    /// Incomplete uploads by the class that they would be stored in, with the bytes of their parts, as far as these were
    /// asked for.
    pub parts: BTreeMap<String, Amount>,
    /// Incomplete uploads whose parts nobody asked for.
    pub parts_unknown: u64,
    /// Current objects whose versions no rule would expire once they are noncurrent.
    pub without_noncurrent_end: Amount,
    /// Triggers that hear what they write themselves, by name, with the keys that start it.
    pub recursive: BTreeMap<String, Amount>,
    /// Derived keys that fall on another place, as sentences.
    pub collisions: Amount,
    /// The newest current object that is older than a day, so that an access log should know of it: when it was written, and its key.
    pub newest: Option<(DateTime<Utc>, String)>,
    unheard: BTreeMap<String, Amount>,
}

/// What is there of one layout.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LayoutContents {
    /// Current objects.
    pub objects: Amount,
    /// Those that no enabled rule is about.
    pub untouched: Amount,
    /// Those of them for which the blueprint wants a rule.
    pub uncovered: Amount,
}

impl Contents {
    /// What is paid for, by class: current objects, noncurrent versions and the parts of incomplete uploads, each apart.
    #[must_use]
    pub fn stored(&self) -> Vec<ClassBytes> {
        let bytes = |class: &str, part, bytes| ClassBytes {
            class: StorageClass::new(class),
            part,
            size: ByteSize(bytes),
        };
        let noncurrent = |class: &str| {
            let of_class = self.noncurrent_classes.get(class);
            of_class.map_or(0, |amount| amount.bytes)
        };
        let current = self.classes.iter().map(|(class, all)| {
            let current = all.bytes.saturating_sub(noncurrent(class));
            bytes(class, Part::Current, current)
        });
        let old = self.noncurrent_classes.iter();
        let old = old.map(|(class, amount)| bytes(class, Part::Noncurrent, amount.bytes));
        let parts = self.parts.iter();
        let parts =
            parts.map(|(class, amount)| bytes(class, Part::IncompleteUploads, amount.bytes));
        current
            .chain(old)
            .chain(parts)
            .filter(|bytes| bytes.size.bytes() > 0)
            .collect()
    }

    /// What wanted notifications do not hear, by their id.
    pub(super) fn unheard(&self) -> impl Iterator<Item = (&String, &Amount)> {
        self.unheard.iter().filter(|(_, amount)| amount.count > 0)
    }
}

/// Takes what a listing finds.
#[derive(Debug)]
pub(crate) struct Builder<'a> {
    contents: Contents,
    blueprint: Option<&'a BucketBlueprint>,
    notifications: Option<&'a Notifications>,
    logged_before: DateTime<Utc>,
    last: Option<Last>,
    derived: HashMap<(String, String), String>,
    wanted: Vec<Wanted<'a>>,
}

/// The versions of a key so far.
#[derive(Debug)]
struct Last {
    key: String,
    written: DateTime<Utc>,
    /// Noncurrent versions so far.
    noncurrent: u32,
    /// A latest marker of which it is not yet known whether a version stands behind it.
    marker: bool,
    /// Markers so far; the newest came first.
    markers: u32,
    /// When the newest marker was written.
    newest_marker: DateTime<Utc>,
    /// Whether a version was among them.
    has_version: bool,
}

/// A wanted notification, and what nobody is told of.
#[derive(Debug)]
struct Wanted<'a> {
    rule: &'a WantedNotification,
    unheard: Vec<String>,
}

impl<'a> Builder<'a> {
    /// Nothing yet.
    #[must_use]
    pub(crate) fn new(
        lifecycle: Option<&Lifecycle>,
        kept: Kept,
        blueprint: Option<&'a BucketBlueprint>,
        notifications: Option<&'a Notifications>,
        now: DateTime<Utc>,
    ) -> Self {
        let lifecycle = lifecycle.cloned().unwrap_or_default();
        let wanted = blueprint
            .and_then(|blueprint| blueprint.expect.notification.as_deref())
            .into_iter()
            .flatten();
        Self {
            contents: Contents {
                coverage: Coverage::new(lifecycle, kept, now, GRACE),
                complete: false,
                layouts: BTreeMap::new(),
                classes: BTreeMap::new(),
                noncurrent_classes: BTreeMap::new(),
                parts: BTreeMap::new(),
                parts_unknown: 0,
                without_noncurrent_end: Amount::default(),
                recursive: BTreeMap::new(),
                collisions: Amount::default(),
                newest: None,
                unheard: BTreeMap::new(),
            },
            blueprint,
            notifications,
            logged_before: now - LOGGED_AFTER,
            last: None,
            derived: HashMap::new(),
            wanted: wanted
                .map(|rule| Wanted {
                    rule,
                    unheard: Vec::new(),
                })
                .collect(),
        }
    }

    /// Adds the next version of a listing: by key, and within a key the newest first.
    pub(crate) fn add(&mut self, version: &ObjectVersion) {
        let key = version.object.key.as_str();
        let written = version.object.last_modified.unwrap_or_default();
        let same_key = self.last.as_ref().is_some_and(|last| last.key == key);
        if !same_key {
            self.end_key();
        }
        let subject = Subject {
            tags: None,
            ..Subject::current(
                key,
                version.object.size.bytes(),
                version.object.storage_class.as_str(),
                written,
            )
        };
        let before = self.last.take().filter(|_| same_key);
        if !version.is_delete_marker {
            let of_class = self.contents.classes.entry(subject.class.to_owned());
            of_class.or_default().add(key, subject.size);
            if !version.is_latest {
                let old = &mut self.contents.noncurrent_classes;
                let of_class = old.entry(subject.class.to_owned());
                of_class.or_default().add(key, subject.size);
            }
        }
        if version.is_latest {
            if !version.is_delete_marker {
                self.add_current(Subject {
                    version: VersionState::Current {
                        is_null: version.version_id.as_str() == "null",
                    },
                    ..subject
                });
            }
            self.last = Some(Last {
                key: key.to_owned(),
                written,
                noncurrent: 0,
                marker: version.is_delete_marker,
                markers: u32::from(version.is_delete_marker),
                newest_marker: written,
                has_version: !version.is_delete_marker,
            });
            return;
        }
        if let Some(marker) = before.as_ref().filter(|last| last.marker) {
            self.add_marker(key, marker.written, false);
        }
        let newer = before.as_ref().map_or(0, |last| last.noncurrent);
        if version.is_delete_marker {
            // A noncurrent marker holds nothing; it is counted and never overdue.
            self.add_marker(key, written, false);
        } else {
            self.contents.coverage.add(&Subject {
                version: VersionState::Noncurrent {
                    since: before.as_ref().map_or(written, |last| last.written),
                    newer,
                },
                ..subject
            });
        }
        let (markers, newest_marker, has_version) = before.map_or((0, written, false), |last| {
            (last.markers, last.newest_marker, last.has_version)
        });
        self.last = Some(Last {
            key: key.to_owned(),
            written,
            noncurrent: newer + 1,
            marker: false,
            markers: markers + u32::from(version.is_delete_marker),
            newest_marker,
            has_version: has_version || !version.is_delete_marker,
        });
    }

    /// Adds an incomplete upload.
    pub(crate) fn add_upload(&mut self, upload: &Upload) {
        let coverage = &mut self.contents.coverage;
        coverage.add_upload(upload.key.as_str(), upload.initiated);
    }

    /// Adds what the parts of an incomplete upload hold; `None` when nobody asked.
    pub(crate) fn add_parts(&mut self, upload: &Upload, bytes: Option<u64>) {
        match bytes {
            Some(bytes) => {
                let class = upload.storage_class.as_str().to_owned();
                let of_class = self.contents.parts.entry(class).or_default();
                of_class.add(upload.key.as_str(), bytes);
            }
            None => self.contents.parts_unknown += 1,
        }
    }

    /// What there is, and whether that is everything.
    #[must_use]
    pub(crate) fn finish(mut self, complete: bool) -> Contents {
        if !complete && let Some(last) = &mut self.last {
            // A listing that stopped early may have stopped before the versions of its last key.
            last.has_version = true;
        }
        self.end_key();
        self.contents.complete = complete;
        let bucket = self.blueprint.map(|blueprint| blueprint.name.as_str());
        for wanted in self.wanted {
            let mut unheard = Amount::default();
            for key in wanted.unheard {
                let here = (bucket.unwrap_or_default().to_owned(), key);
                // What was derived need not be heard: nothing is derived from it.
                if !self.derived.contains_key(&here) {
                    unheard.add(&here.1, 0);
                }
            }
            self.contents
                .unheard
                .insert(wanted.rule.id.clone(), unheard);
        }
        self.contents
    }

    /// A marker that no version followed stands alone.
    fn end_key(&mut self) {
        let Some(last) = self.last.take() else {
            return;
        };
        if last.marker {
            self.add_marker(&last.key, last.written, !last.has_version);
        }
        if last.markers > 0 && !last.has_version {
            let coverage = &mut self.contents.coverage;
            coverage.add_useless_markers(&last.key, last.markers, last.newest_marker);
        }
    }

    fn add_marker(&mut self, key: &str, written: DateTime<Utc>, is_alone: bool) {
        self.contents.coverage.add(&Subject {
            version: VersionState::Marker { is_alone },
            ..Subject::current(key, 0, "STANDARD", written)
        });
    }

    fn add_current(&mut self, subject: Subject<'_>) {
        let touched = self.contents.coverage.add(&subject);
        let (key, size) = (subject.key, subject.size);
        if subject.written < self.logged_before
            && self
                .contents
                .newest
                .as_ref()
                .is_none_or(|(newest, _)| subject.written > *newest)
        {
            self.contents.newest = Some((subject.written, key.to_owned()));
        }
        let ends = self.contents.coverage.lifecycle().rules.iter().any(|rule| {
            rule.enabled
                && rule.noncurrent_expiration.is_some()
                && matches(rule, &subject) == Match::Yes
        });
        if !ends {
            self.contents.without_noncurrent_end.add(key, size);
        }
        let Some(blueprint) = self.blueprint else {
            return;
        };
        let (layout, owner) = match blueprint.locate(key) {
            Location::Owned { layout, owner, .. } => (layout, Some(owner)),
            Location::Unnamed { layout } => (layout, None),
            Location::Unreadable => ("", None),
        };
        let required = is_rule_required(blueprint, layout, key);
        let of_layout = self.contents.layouts.entry(layout.to_owned()).or_default();
        of_layout.objects.add(key, size);
        if !touched {
            of_layout.untouched.add(key, size);
            if required {
                of_layout.uncovered.add(key, size);
            }
        }
        self.listen(layout, key);
        // Nothing is made of a folder marker.
        if size > 0 || !key.ends_with('/') {
            self.derive(blueprint, key, owner.as_ref());
        }
    }

    /// Who is told of this key, and who should be. `EventBridge` hears of everything, and S3 does not tell whom it tells.
    fn listen(&mut self, layout: &str, key: &str) {
        let event_bridge = self.notifications.is_some_and(|n| n.event_bridge);
        for wanted in &mut self.wanted {
            let rule = wanted.rule;
            let creation = rule
                .events
                .iter()
                .any(|e| e.starts_with("s3:ObjectCreated:"));
            let meant = is_meant(&rule.layouts, &rule.prefix, layout, key);
            if !creation || !meant || !key.ends_with(&rule.suffix) {
                continue;
            }
            let heard = self
                .notifications
                .into_iter()
                .flat_map(|n| &n.notifications)
                .any(|n| n.kind == rule.to.kind() && n.hears("s3:ObjectCreated:Put", key));
            if !heard && !event_bridge && wanted.unheard.len() < UNHEARD {
                wanted.unheard.push(key.to_owned());
            }
        }
    }

    /// Where what is derived from this key lies.
    fn derive(&mut self, blueprint: &BucketBlueprint, key: &str, owner: Option<&OwnerId>) {
        for made in blueprint.derived_of(key) {
            let here = made.bucket == blueprint.name;
            if here {
                self.hear_again(key, &made.key);
            }
            let others_place = || match blueprint.locate(&made.key) {
                Location::Owned { owner: whose, .. } => owner.is_some_and(|owner| whose != *owner),
                Location::Unnamed { .. } | Location::Unreadable => owner.is_some(),
            };
            let place = (made.bucket.to_string(), made.key.clone());
            let collision = if here && made.key == key {
                Some(format!("{key} is overwritten by its own {}", made.rule))
            } else if here && others_place() {
                Some(format!(
                    "the {} of {key} goes to {}, which is not its owner's",
                    made.rule, made.key
                ))
            } else {
                match self.derived.entry(place) {
                    Entry::Occupied(first) if first.get() == key => Some(format!(
                        "the {} of {key} overwrites another thing that is derived from it: {}",
                        made.rule, made.key
                    )),
                    Entry::Occupied(first) => Some(format!(
                        "{} and {key} have one {}: {}",
                        first.get(),
                        made.rule,
                        made.key
                    )),
                    Entry::Vacant(free) => {
                        free.insert(key.to_owned());
                        None
                    }
                }
            };
            if let Some(collision) = collision {
                self.contents.collisions.add(&collision, 0);
            }
        }
    }

    fn hear_again(&mut self, key: &str, made: &str) {
        for n in self
            .notifications
            .into_iter()
            .flat_map(|n| &n.notifications)
        {
            let hears = |key| n.hears("s3:ObjectCreated:Put", key);
            if hears(key) && hears(made) {
                let name = if n.id.is_empty() { &n.to } else { &n.id };
                self.contents
                    .recursive
                    .entry(name.clone())
                    .or_default()
                    .add(&format!("{key} makes {made}"), 0);
            }
        }
    }
}

/// Whether the blueprint wants a rule that moves or deletes objects for this key.
fn is_rule_required(blueprint: &BucketBlueprint, layout: &str, key: &str) -> bool {
    blueprint
        .expect
        .lifecycle
        .iter()
        .flatten()
        .filter(|rule| {
            let moves_or_deletes = !rule.transitions.is_empty() || rule.expire_days.is_some();
            let cleans_up =
                rule.expire_noncurrent_days.is_some() || rule.abort_uploads_days.is_some();
            // One that says neither stands for any rule at all.
            moves_or_deletes || !cleans_up
        })
        .any(|rule| is_meant(&rule.layouts, &rule.prefix, layout, key))
}

/// Whether what is wanted for these layouts is wanted for this key. Where layouts are named, the prefix is only how somebody
/// meant to reach them; where none is, the prefix says what is wanted, and keys beside it are not asked for.
fn is_meant(layouts: &[String], prefix: &str, layout: &str, key: &str) -> bool {
    if layouts.is_empty() {
        key.starts_with(prefix)
    } else {
        layouts.iter().any(|meant| meant == layout)
    }
}
