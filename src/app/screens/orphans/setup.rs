//! What to look for: in which buckets, by which lists, and where the gates stand.

use std::path::PathBuf;

use super::limits::Limit;
use crate::app::screens::buckets::BucketRow;
use crate::domain::BucketName;
use crate::domain::blueprint::registry::Source;
use crate::domain::blueprint::{Blueprint, ReferenceList};
use crate::domain::orphans::{Kinds, Limits};
use crate::ops::change::unfinished::Unfinished;
use crate::ops::orphans::{judgeable, lists_of};
use crate::tasks::OrphansWork;

/// A line of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Line {
    /// Which buckets.
    #[default]
    Buckets,
    /// The list of living owners.
    Owners,
    /// The list of living keys.
    Keys,
    /// Where a gate stands.
    Limit(Limit),
    /// An act that was begun and did not end.
    Unfinished(usize),
}

impl Line {
    /// Those that there always are, from top to bottom.
    pub(crate) const ALL: [Self; 13] = [
        Self::Buckets,
        Self::Owners,
        Self::Keys,
        Self::Limit(Limit::MinAge),
        Self::Limit(Limit::RegistryAge),
        Self::Limit(Limit::Undated),
        Self::Limit(Limit::Malformed),
        Self::Limit(Limit::RegistryLoss),
        Self::Limit(Limit::Unexplained),
        Self::Limit(Limit::Explained),
        Self::Limit(Limit::Share),
        Self::Limit(Limit::Count),
        Self::Limit(Limit::Heads),
    ];

    /// What it is called.
    #[must_use]
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Buckets => "buckets",
            Self::Owners => "living owners",
            Self::Keys => "living keys",
            Self::Limit(limit) => limit.label(),
            Self::Unfinished(_) => "go on with",
        }
    }
}

/// Buckets that can be searched together: they are of one blueprint.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Target {
    pub blueprint: Blueprint,
    /// The buckets of it that there are and that have layouts.
    pub buckets: Vec<BucketName>,
}

/// Where a list of what is alive is had from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum ListChoice {
    /// As the blueprint says, where it says so.
    #[default]
    Blueprint,
    /// This file.
    File(String),
    /// There is none, whatever the blueprint says.
    Nowhere,
}

/// What was chosen.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Setup {
    /// The line of the cursor.
    pub cursor: Line,
    /// What can be searched.
    pub targets: Vec<Target>,
    /// Which of them.
    pub target: usize,
    /// The list of owners.
    pub owners: ListChoice,
    /// The list of keys.
    pub keys: ListChoice,
    /// Where the gates stand.
    pub limits: Limits,
    /// What was begun here and did not end.
    pub unfinished: Vec<Unfinished>,
}

impl Setup {
    /// The lines that there are now.
    #[must_use]
    pub(crate) fn lines(&self) -> Vec<Line> {
        let unfinished = (0..self.unfinished.len()).map(Line::Unfinished);
        Line::ALL.into_iter().chain(unfinished).collect()
    }

    /// Puts the cursor so many lines further.
    pub(crate) fn move_by(&mut self, by: isize) {
        let lines = self.lines();
        let at = lines.iter().position(|line| *line == self.cursor);
        let to = at.unwrap_or(0).saturating_add_signed(by);
        let to = lines.get(to).or(lines.last());
        self.cursor = to.copied().unwrap_or_default();
    }

    /// By which rules and lists the buckets that were chosen are judged.
    #[must_use]
    pub(crate) fn work(&self) -> Option<OrphansWork> {
        let target = self.chosen()?;
        let (owners, keys) = self.lists();
        Some(OrphansWork {
            blueprint: target.blueprint.clone(),
            buckets: target.buckets.clone(),
            owners,
            keys,
            limits: self.limits,
        })
    }

    /// What was chosen to be searched.
    #[must_use]
    pub(crate) fn chosen(&self) -> Option<&Target> {
        self.targets.get(self.target)
    }

    /// Takes note of the buckets that there are: each that a blueprint has layouts for can be searched, and all of a
    /// blueprint together. What was chosen stays chosen as long as it is there.
    pub(crate) fn take<'r>(
        &mut self,
        rows: impl Iterator<Item = &'r BucketRow>,
        blueprint_of: impl Fn(&BucketName) -> Option<Blueprint>,
    ) {
        let mut known: Vec<Target> = Vec::new();
        let mut names: Vec<&BucketName> = rows.map(|row| &row.name).collect();
        names.sort();
        for name in names {
            let Some(blueprint) = blueprint_of(name) else {
                continue;
            };
            let has_layouts =
                |one: &crate::domain::blueprint::BucketBlueprint| !one.layouts.is_empty();
            if !blueprint.bucket(name).is_some_and(has_layouts) {
                continue;
            }
            match known
                .iter_mut()
                .find(|target| target.blueprint.name == blueprint.name)
            {
                Some(target) => target.buckets.push(name.clone()),
                None => known.push(Target {
                    blueprint,
                    buckets: vec![name.clone()],
                }),
            }
        }
        let before = self.chosen().map(|target| target.buckets.clone());
        self.targets = known
            .into_iter()
            .flat_map(|all| {
                let each: Vec<Target> = all
                    .buckets
                    .iter()
                    .map(|bucket| Target {
                        blueprint: all.blueprint.clone(),
                        buckets: vec![bucket.clone()],
                    })
                    .collect();
                let together = (each.len() > 1).then_some(all);
                each.into_iter().chain(together)
            })
            .collect();
        let same = |target: &Target| Some(&target.buckets) == before.as_ref();
        self.target = self.targets.iter().position(same).unwrap_or(0);
    }

    /// Chooses a bucket by its name, where it can be searched.
    pub(crate) fn choose(&mut self, bucket: &BucketName) {
        let is_it = |target: &Target| target.buckets.as_slice() == std::slice::from_ref(bucket);
        if let Some(at) = self.targets.iter().position(is_it) {
            self.target = at;
        }
    }

    /// The next or the previous option of the line under the cursor; going on from the last one leads to the first.
    pub(crate) fn turn(&mut self, forwards: bool) {
        let next = |at: usize, all: usize| {
            let by = if forwards { 1 } else { all.saturating_sub(1) };
            if all == 0 { 0 } else { (at + by) % all }
        };
        match self.cursor {
            Line::Buckets => self.target = next(self.target, self.targets.len()),
            Line::Owners | Line::Keys => {
                let options = self.options(self.cursor);
                let now = self.choice(self.cursor);
                let at = options.iter().position(|one| one == now).unwrap_or(0);
                if let Some(choice) = options.into_iter().nth(next(at, 3)) {
                    self.set(self.cursor, choice);
                }
            }
            Line::Limit(limit) => limit.turn(&mut self.limits, forwards),
            Line::Unfinished(_) => {}
        }
    }

    /// What a line of a list may be: the blueprint's word, a file, none.
    fn options(&self, line: Line) -> Vec<ListChoice> {
        let file = match self.choice(line) {
            ListChoice::File(path) => path.clone(),
            ListChoice::Blueprint | ListChoice::Nowhere => String::new(),
        };
        vec![
            ListChoice::Blueprint,
            ListChoice::File(file),
            ListChoice::Nowhere,
        ]
    }

    /// What was chosen for a list.
    #[must_use]
    pub(crate) fn choice(&self, line: Line) -> &ListChoice {
        if line == Line::Keys {
            &self.keys
        } else {
            &self.owners
        }
    }

    /// Chooses where a list is had from.
    pub(crate) fn set(&mut self, line: Line, choice: ListChoice) {
        match line {
            Line::Owners => self.owners = choice,
            Line::Keys => self.keys = choice,
            Line::Buckets | Line::Limit(_) | Line::Unfinished(_) => {}
        }
    }

    /// The lists as they would be read: of owners, of keys.
    #[must_use]
    pub(crate) fn lists(&self) -> (Option<ReferenceList>, Option<ReferenceList>) {
        let Some(blueprint) = self.chosen().map(|target| &target.blueprint) else {
            return (None, None);
        };
        let (owners, keys) = lists_of(blueprint);
        let of = |choice: &ListChoice, stated: &Option<ReferenceList>, whole| match choice {
            ListChoice::Blueprint => whole,
            ListChoice::File(path) if !path.is_empty() => {
                let file = ReferenceList {
                    source: Some(Source::File),
                    path: Some(PathBuf::from(path)),
                    ..ReferenceList::default()
                };
                Some(file.in_place_of(stated.as_ref()))
            }
            ListChoice::File(_) | ListChoice::Nowhere => None,
        };
        (
            of(&self.owners, &blueprint.registry.owners, owners),
            of(&self.keys, &blueprint.registry.keys, keys),
        )
    }

    /// The kinds that can be told with these lists.
    #[must_use]
    pub(crate) fn kinds(&self) -> Kinds {
        let (owners, keys) = self.lists();
        judgeable(owners.is_some(), keys.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::orphans::Kind;

    fn rows(names: &[&str]) -> Vec<BucketRow> {
        names
            .iter()
            .map(|name| BucketRow::new(BucketName::new(*name).unwrap()))
            .collect()
    }

    fn setup(names: &[&str]) -> Setup {
        let mut setup = Setup::default();
        setup.take(rows(names).iter(), Blueprint::for_bucket);
        setup
    }

    fn shown(setup: &Setup) -> Vec<String> {
        setup
            .targets
            .iter()
            .map(|target| super::super::in_words(&target.buckets))
            .collect()
    }

    #[test]
    fn buckets_of_a_blueprint_can_be_searched_alone_and_together_and_others_not_at_all() {
        let setup = setup(&[
            "quikapp-thumbnails-prod",
            "nobody-knows-this",
            "quikapp-media-prod",
            "pilotforce-user-uploads",
        ]);
        assert_eq!(
            shown(&setup),
            [
                "pilotforce-user-uploads",
                "quikapp-media-prod",
                "quikapp-thumbnails-prod",
                "quikapp-media-prod and 1 more",
            ]
        );
    }

    #[test]
    fn what_was_chosen_stays_chosen_when_buckets_come_and_go() {
        let mut setup = setup(&["pilotforce-user-uploads", "quikapp-media-prod"]);
        setup.choose(&BucketName::new("quikapp-media-prod").unwrap());
        let more = rows(&[
            "pilotforce-assets",
            "pilotforce-user-uploads",
            "quikapp-media-prod",
        ]);
        setup.take(more.iter(), Blueprint::for_bucket);
        assert_eq!(
            super::super::in_words(&setup.chosen().unwrap().buckets),
            "quikapp-media-prod"
        );
    }

    #[test]
    fn a_file_takes_the_place_of_the_blueprints_list_and_none_of_either() {
        let mut setup = setup(&["pilotforce-user-uploads"]);
        assert_eq!(setup.lists(), (None, None), "a built-in has no lists");
        assert!(!setup.kinds().has(Kind::OwnerGone));
        setup.set(Line::Owners, ListChoice::File("owners.txt".into()));
        let (owners, keys) = setup.lists();
        assert_eq!(owners.unwrap().path, Some(PathBuf::from("owners.txt")));
        assert_eq!(keys, None);
        assert!(setup.kinds().has(Kind::OwnerGone));
        setup.set(Line::Owners, ListChoice::Nowhere);
        assert_eq!(setup.lists().0, None);
    }

    #[test]
    fn options_go_round_in_both_directions() {
        let mut setup = setup(&["pilotforce-user-uploads"]);
        setup.cursor = Line::Keys;
        setup.turn(false);
        assert_eq!(setup.keys, ListChoice::Nowhere);
        setup.turn(true);
        assert_eq!(setup.keys, ListChoice::Blueprint);
        setup.cursor = Line::Limit(Limit::MinAge);
        setup.turn(false);
        assert_eq!(Limit::MinAge.shown(&setup.limits), "24h");
        setup.turn(false);
        assert_eq!(Limit::MinAge.shown(&setup.limits), "90d");
    }
}
