//! What the lifecycle rules do to the contents of a bucket: what each rule affects, and what no rule affects.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::class::large_enough;
use super::matching::{Match, applies_to, matches};
use super::minimum_stay::short;
use super::steps::{Effect, Outcome, Step, abort_of, next, timeline};
use super::subject::{Kept, Subject, VersionState};
use crate::domain::configuration::{Expiration, Lifecycle, Rule};

/// Number of example keys per total.
const EXAMPLES: usize = 3;

/// Number, total size and a few keys.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Amount {
    /// Number of items.
    pub count: u64,
    /// Total size in bytes.
    pub bytes: u64,
    /// The first few keys.
    pub examples: Vec<String>,
}

impl Amount {
    /// Adds one item.
    pub fn add(&mut self, key: &str, size: u64) {
        self.count += 1;
        self.bytes = self.bytes.saturating_add(size);
        if self.examples.len() < EXAMPLES {
            self.examples.push(key.to_owned());
        }
    }
}

/// An example of the items that a rule affects, with the fields of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// Its key.
    pub key: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its storage class as S3 spells it.
    pub class: String,
    /// When it was written.
    pub written: DateTime<Utc>,
    /// Current, noncurrent or delete marker.
    pub version: VersionState,
}

impl Example {
    /// Prefers the largest example: it contributes most to the bill.
    fn prefer(example: &mut Option<Self>, subject: &Subject<'_>) {
        if example
            .as_ref()
            .is_none_or(|known| known.size < subject.size)
        {
            *example = Some(Self {
                key: subject.key.to_owned(),
                size: subject.size,
                class: subject.class.to_owned(),
                written: subject.written,
                version: subject.version,
            });
        }
    }

    /// The input of a lifecycle rule. A listing returns neither tags nor locks.
    #[must_use]
    pub fn subject(&self) -> Subject<'_> {
        Subject {
            tags: None,
            version: self.version,
            ..Subject::current(&self.key, self.size, &self.class, self.written)
        }
    }
}

/// The effect of one rule.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct RuleCoverage {
    /// Current objects that the rule applies to.
    pub objects: Amount,
    /// Noncurrent versions that the rule applies to.
    pub noncurrent: Amount,
    /// Delete markers that the rule applies to.
    pub markers: Amount,
    /// Incomplete uploads that the rule aborts. A listing does not return the sizes of their parts.
    pub uploads: Amount,
    /// Objects and versions that the rule may apply to: it filters by tags, which a listing does not return.
    pub undecided: Amount,
    /// Objects and versions that the rule would move but that are smaller than 128 KB.
    pub too_small: Amount,
    /// Objects and versions that the rule applies to, but on which other rules always act first.
    pub shadowed: Amount,
    /// The rules that act first, by position, with counts.
    pub shadowed_by: BTreeMap<usize, u64>,
    /// Objects, versions and delete markers on which the rule will act at some time.
    pub acts_on: u64,
    /// Whether any key has the rule's prefix, even if the rule does nothing to it.
    #[serde(skip)]
    pub has_keys: bool,
    /// The largest item that the rule acts on, or else the largest it applies to.
    #[serde(skip)]
    pub example: Option<Example>,
}

/// Actions that are overdue.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Overdue {
    /// Overdue transitions.
    pub transitions: Amount,
    /// Overdue expirations, deletions and removals of delete markers.
    pub expirations: Amount,
    /// Overdue aborts of incomplete uploads.
    pub uploads: Amount,
    /// Due date of the oldest overdue action, and the position of its rule.
    pub oldest: Option<(DateTime<Utc>, usize)>,
}

/// The effect of all rules on the contents of a bucket.
#[derive(Debug, Clone, PartialEq)]
pub struct Coverage {
    lifecycle: Lifecycle,
    kept: Kept,
    overdue_before: DateTime<Utc>,
    /// The effect of each rule, in order.
    pub rules: Vec<RuleCoverage>,
    /// All current objects.
    pub objects: Amount,
    /// All noncurrent versions.
    pub noncurrent: Amount,
    /// All delete markers.
    pub markers: Amount,
    /// All incomplete uploads.
    pub uploads: Amount,
    /// Current objects that no enabled rule applies to.
    pub untouched: Amount,
    /// Their size in bytes, by storage class.
    pub untouched_classes: BTreeMap<String, u64>,
    /// The largest of them.
    pub untouched_example: Option<Example>,
    /// Overdue actions.
    pub overdue: Overdue,
    /// Incomplete uploads that no enabled rule aborts.
    pub unaborted: Amount,
    /// Start and key of the oldest of them.
    pub oldest_unaborted: Option<(DateTime<Utc>, String)>,
    /// Delete markers without any version behind them: they hide nothing.
    pub useless_markers: Amount,
    /// Those that no enabled rule removes.
    pub lasting_markers: Amount,
    /// Objects that were uploaded to a class and leave it before the minimum storage duration ends. By class and
    /// position of the rule, with the days that an object stays in the class.
    pub short_uploads: BTreeMap<(String, usize), (Amount, i64)>,
}

impl Coverage {
    /// An empty result. S3 takes a day or two to act, so only actions due before `now` minus `grace` are overdue.
    #[must_use]
    pub fn new(lifecycle: Lifecycle, kept: Kept, now: DateTime<Utc>, grace: TimeDelta) -> Self {
        Self {
            rules: vec![RuleCoverage::default(); lifecycle.rules.len()],
            lifecycle,
            kept,
            overdue_before: now - grace,
            objects: Amount::default(),
            noncurrent: Amount::default(),
            markers: Amount::default(),
            uploads: Amount::default(),
            untouched: Amount::default(),
            untouched_classes: BTreeMap::new(),
            untouched_example: None,
            overdue: Overdue::default(),
            unaborted: Amount::default(),
            oldest_unaborted: None,
            useless_markers: Amount::default(),
            lasting_markers: Amount::default(),
            short_uploads: BTreeMap::new(),
        }
    }

    /// The rules.
    #[must_use]
    pub fn lifecycle(&self) -> &Lifecycle {
        &self.lifecycle
    }

    /// Whether the bucket keeps versions.
    #[must_use]
    pub fn kept(&self) -> Kept {
        self.kept
    }

    /// Adds an object, version or delete marker. Returns whether any enabled rule applies to it, or may apply.
    pub fn add(&mut self, subject: &Subject<'_>) -> bool {
        match subject.version {
            VersionState::Current { .. } => self.objects.add(subject.key, subject.size),
            VersionState::Noncurrent { .. } => self.noncurrent.add(subject.key, subject.size),
            VersionState::Marker { .. } => self.markers.add(subject.key, 0),
        }
        let steps = timeline(&self.lifecycle, self.kept, subject);
        let mut touched = false;
        let mut aside = Vec::new();
        for (index, (rule, found)) in self.lifecycle.rules.iter().zip(&mut self.rules).enumerate() {
            found.has_keys |= subject.key.starts_with(&rule.filter.prefix);
            if !rule.enabled || !applies_to(rule, subject.version, self.kept) {
                continue;
            }
            match matches(rule, subject) {
                Match::Yes => touched = true,
                Match::TagsUnknown => {
                    touched = true;
                    found.undecided.add(subject.key, subject.size);
                    continue;
                }
                Match::OtherPrefix | Match::OtherTags | Match::OtherSize => continue,
            }
            found.touch(subject);
            if found.acts_on == 0 {
                Example::prefer(&mut found.example, subject);
            }
            if is_too_small(&self.lifecycle, rule, subject) {
                found.too_small.add(subject.key, subject.size);
            } else if steps.iter().any(|step| step.rule == index) {
                if found.acts_on == 0 {
                    found.example = None;
                }
                Example::prefer(&mut found.example, subject);
                found.acts_on += 1;
            } else {
                aside.push(index);
            }
        }
        if let Some(first) = steps.first() {
            self.shadow(&aside, first.rule, subject);
        }
        if !touched && matches!(subject.version, VersionState::Current { .. }) {
            self.leave(subject);
        }
        self.note_overdue(subject);
        self.note_short_stay(subject, &steps);
        touched
    }

    /// If no rule moved the object to its class, it was uploaded there: its days in the class count from the upload.
    fn note_short_stay(&mut self, subject: &Subject<'_>, steps: &[Step]) {
        let is_current = matches!(subject.version, VersionState::Current { .. });
        let was_moved = self.lifecycle.rules.iter().any(|rule| {
            let mut classes = rule.transitions.iter().map(|t| t.class.as_str());
            classes.any(|class| class == subject.class)
                && !matches!(
                    matches(rule, subject),
                    Match::OtherPrefix | Match::OtherSize
                )
        });
        if !is_current || was_moved {
            return;
        }
        let uploaded = Some((subject.class, subject.written));
        for stay in short(steps, uploaded) {
            if stay.entered_by.is_none() {
                let days = (stay.until - stay.from).num_days();
                let found = self.short_uploads.entry((stay.class, stay.left_by));
                let (amount, least) = found.or_insert((Amount::default(), days));
                amount.add(subject.key, subject.size);
                *least = days.min(*least);
            }
        }
    }

    /// Adds the delete markers of a key without versions: their number, and the time of the newest.
    pub fn add_useless_markers(&mut self, key: &str, markers: u32, newest: DateTime<Utc>) {
        for _ in 0..markers {
            self.useless_markers.add(key, 0);
        }
        // All markers below the newest count as noncurrent versions and expire like them. Only then is the newest
        // alone.
        let below = markers.saturating_sub(1);
        let keeps = self.lifecycle.rules.iter().filter(|rule| {
            rule.enabled && rule.filter.is_prefix_alone() && key.starts_with(&rule.filter.prefix)
        });
        let keeps = keeps.filter_map(|rule| Some(rule.noncurrent_expiration?.newer_versions));
        let staying = keeps.min().map_or(below, |kept| below.min(kept));
        let alone = Subject {
            version: VersionState::Marker { is_alone: true },
            ..Subject::current(key, 0, "STANDARD", newest)
        };
        let outcome = next(&self.lifecycle, self.kept, &alone);
        let newest_ends = staying == 0 && matches!(outcome, Outcome::Next(_));
        let lasting = staying + u32::from(!newest_ends);
        for _ in 0..lasting {
            self.lasting_markers.add(key, 0);
        }
    }

    /// Counts an object that no rule applies to.
    fn leave(&mut self, subject: &Subject<'_>) {
        self.untouched.add(subject.key, subject.size);
        match self.untouched_classes.get_mut(subject.class) {
            Some(bytes) => *bytes = bytes.saturating_add(subject.size),
            None => {
                self.untouched_classes
                    .insert(subject.class.to_owned(), subject.size);
            }
        }
        Example::prefer(&mut self.untouched_example, subject);
    }

    /// Counts rules that would act if the other rules did not exist.
    fn shadow(&mut self, aside: &[usize], first: usize, subject: &Subject<'_>) {
        for &index in aside {
            let Some(rule) = self.lifecycle.rules.get(index) else {
                continue;
            };
            let alone = Lifecycle {
                rules: vec![rule.clone()],
                minimum_size: self.lifecycle.minimum_size,
            };
            let would_act = matches!(next(&alone, self.kept, subject), Outcome::Next(_));
            if let Some(found) = self.rules.get_mut(index)
                && would_act
            {
                found.shadowed.add(subject.key, subject.size);
                *found.shadowed_by.entry(first).or_default() += 1;
            }
        }
    }

    fn note_overdue(&mut self, subject: &Subject<'_>) {
        let Outcome::Next(step) = next(&self.lifecycle, self.kept, subject) else {
            return;
        };
        if step.at > self.overdue_before {
            return;
        }
        match step.effect {
            Effect::Transition(_) => self.overdue.transitions.add(subject.key, subject.size),
            Effect::Delete | Effect::Marker | Effect::NullMarker => {
                self.overdue.expirations.add(subject.key, subject.size);
            }
        }
        self.note_oldest(step.at, step.rule);
    }

    fn note_oldest(&mut self, at: DateTime<Utc>, rule: usize) {
        let oldest = self.overdue.oldest.get_or_insert((at, rule));
        if at < oldest.0 {
            *oldest = (at, rule);
        }
    }

    /// Adds an incomplete upload. An upload without a date is never overdue.
    pub fn add_upload(&mut self, key: &str, initiated: Option<DateTime<Utc>>) {
        self.uploads.add(key, 0);
        let begun = initiated.unwrap_or_default();
        let Some((at, rule)) = abort_of(&self.lifecycle, key, begun) else {
            self.unaborted.add(key, 0);
            let oldest = self.oldest_unaborted.as_ref();
            if initiated.is_some() && oldest.is_none_or(|(oldest, _)| begun < *oldest) {
                self.oldest_unaborted = Some((begun, key.to_owned()));
            }
            return;
        };
        if let Some(found) = self.rules.get_mut(rule) {
            found.uploads.add(key, 0);
            found.acts_on += 1;
        }
        if initiated.is_some() && at <= self.overdue_before {
            self.overdue.uploads.add(key, 0);
            self.note_oldest(at, rule);
        }
    }

    /// Enabled rules, by position, that affect nothing although the bucket holds items of the kind they act on.
    #[must_use]
    pub fn idle_rules(&self) -> Vec<usize> {
        let rules = self.lifecycle.rules.iter().zip(&self.rules).enumerate();
        rules
            .filter(|(_, (rule, found))| {
                rule.enabled && found.touches_nothing() && self.has_anything_for(rule, found)
            })
            .map(|(index, _)| index)
            .collect()
    }

    /// Whether a rule can never act here: it covers only noncurrent versions or delete markers, and versioning was
    /// never enabled.
    #[must_use]
    pub fn is_void(&self, rule: &Rule) -> bool {
        let cleans = rule.expiration == Some(Expiration::ExpiredDeleteMarker);
        let of_versions = cleans
            || !rule.noncurrent_transitions.is_empty()
            || rule.noncurrent_expiration.is_some();
        let of_others = !rule.transitions.is_empty()
            || matches!(rule.expiration, Some(Expiration::At(_)))
            || rule.abort_uploads_days.is_some();
        self.kept == Kept::Nothing && of_versions && !of_others
    }

    /// Whether the bucket holds items of the kind that a rule acts on.
    fn has_anything_for(&self, rule: &Rule, found: &RuleCoverage) -> bool {
        if self.is_void(rule) {
            return self.objects.count + self.uploads.count > 0;
        }
        let current = VersionState::Current { is_null: false };
        let aborts = rule.abort_uploads_days.is_some();
        let is_prefix_alone = rule.filter.is_prefix_alone();
        (applies_to(rule, current, self.kept) && self.objects.count + self.noncurrent.count > 0)
            || (rule.expiration.is_some() && self.markers.count > 0)
            // If there are keys below its prefix, every upload was completed, and the rule is fine.
            || (aborts && self.uploads.count > 0 && !(found.has_keys && is_prefix_alone))
    }

    /// Enabled rules, by position, that apply to something but never act because other rules act first.
    #[must_use]
    pub fn shadowed_rules(&self) -> Vec<usize> {
        let rules = self.rules.iter().enumerate();
        rules
            .filter(|(_, found)| found.shadowed.count > 0 && found.acts_on == 0)
            .map(|(index, _)| index)
            .collect()
    }
}

impl RuleCoverage {
    fn touch(&mut self, subject: &Subject<'_>) {
        match subject.version {
            VersionState::Current { .. } => self.objects.add(subject.key, subject.size),
            VersionState::Noncurrent { .. } => self.noncurrent.add(subject.key, subject.size),
            VersionState::Marker { .. } => self.markers.add(subject.key, 0),
        }
    }

    /// Whether the rule affects nothing, as far as is known.
    #[must_use]
    pub fn touches_nothing(&self) -> bool {
        [
            &self.objects,
            &self.noncurrent,
            &self.markers,
            &self.uploads,
            &self.undecided,
        ]
        .iter()
        .all(|amount| amount.count == 0)
    }
}

/// Whether the filter matches an object that S3 does not move because it is too small.
fn is_too_small(lifecycle: &Lifecycle, rule: &Rule, subject: &Subject<'_>) -> bool {
    let mut classes: Vec<&str> = match subject.version {
        VersionState::Current { .. } => rule.transitions.iter().map(|t| t.class.as_str()).collect(),
        VersionState::Noncurrent { .. } => rule
            .noncurrent_transitions
            .iter()
            .map(|t| t.class.as_str())
            .collect(),
        VersionState::Marker { .. } => Vec::new(),
    };
    classes.retain(|to| super::class::may_follow(subject.class, to));
    !classes.is_empty()
        && classes
            .iter()
            .all(|to| !large_enough(subject.size, rule, lifecycle.minimum_size, to))
}
