//! The screens: a folder each, with what the screen holds (`mod.rs`), the rows of its list (`row`), how that changes (`update`)
//! and what the screen says of itself (`texts`). The file or folder of the same name in `ui::screens` draws it.
//!
//! A key goes to the screen that is shown first ([`Component::act`]). What it makes nothing of means the same everywhere:
//! `update/actions.rs`. [`Screen::component`] is where a screen is registered.

pub(crate) mod audit_log;
pub(crate) mod browse;
pub(crate) mod bucket_state;
pub(crate) mod buckets;
pub(crate) mod orphans;
pub(crate) mod presign;
pub(crate) mod purge;
pub(crate) mod tasks;

use chrono::{DateTime, Utc};
use crossterm::event::KeyEvent;

use super::action::Action;
use super::keymap::Place;
use super::overlay::{Hints, PromptKind};
use super::state::State;
use super::table::{Change, List};
use super::update::Command;
use crate::domain::{BucketName, ObjectKey};
use crate::tasks::Slot;

/// The screens that there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Screen {
    /// The fleet: one row a bucket.
    Buckets,
    /// One bucket, by owner or by prefix.
    Browse,
    /// One bucket: configuration, lifecycle, metrics, findings.
    State,
    /// Media that nobody alive has a claim on, and records without media.
    Orphans,
    /// Deleting everything of one user.
    Purge,
    /// The workbench for pre-signed URLs.
    Presign,
    /// What runs and what ran.
    Tasks,
    /// What was changed.
    AuditLog,
}

impl Screen {
    /// All of them, in the order of their numbers.
    pub(crate) const ALL: [Self; 8] = [
        Self::Buckets,
        Self::Browse,
        Self::State,
        Self::Orphans,
        Self::Purge,
        Self::Presign,
        Self::Tasks,
        Self::AuditLog,
    ];

    /// How it behaves, and what it says.
    #[must_use]
    pub(crate) fn component(self) -> &'static dyn Component {
        match self {
            Self::Buckets => &buckets::BucketsScreen,
            Self::Browse => &browse::BrowseScreen,
            Self::State => &bucket_state::StateScreen,
            Self::Orphans => &orphans::OrphansScreen,
            Self::Purge => &purge::PurgeScreen,
            Self::Presign => &presign::PresignScreen,
            Self::Tasks => &tasks::TasksScreen,
            Self::AuditLog => &audit_log::AuditLogScreen,
        }
    }
}

/// What a screen says of itself, whatever it looks like.
pub(crate) trait Texts {
    /// Its number key and its name.
    fn title(&self) -> (u8, &'static str);

    /// Where one is, for the rule.
    fn place(&self, _: &State) -> String {
        self.title().1.to_owned()
    }

    /// How much is here and how far it is, for the right of the rule; a part of the whole says so.
    fn summary(&self, state: &State) -> Vec<String>;

    /// What is to be said of the row or the line under the cursor.
    fn about(&self, state: &State) -> String;

    /// The keys that matter here, where they are not those of the key map.
    fn hints(&self, _: &State) -> Option<Hints> {
        None
    }
}

/// How a screen behaves. What it holds is in the [`State`], for one screen looks at another.
pub(crate) trait Component: Texts {
    /// Whose keys hold here.
    fn keys(&self, state: &State) -> Place;

    /// The screen that it is behind, when it has no number of its own.
    fn behind(&self) -> Option<Screen> {
        None
    }

    /// Whether there is anything to be seen for who goes from screen to screen.
    fn has_something(&self, _: &State) -> bool {
        true
    }

    /// It is shown from now on, after another one.
    fn shown(&self, _: &mut State, _before: Screen, _: &mut Vec<Command>) {}

    /// Does what was asked for, where that means something of its own here; `false` where it means the same as everywhere.
    fn act(&self, state: &mut State, action: Action, commands: &mut Vec<Command>) -> bool;

    /// Goes back one step, once no filter is left.
    fn back(&self, state: &mut State, _: &mut Vec<Command>) {
        let to = match state.browse {
            Some(_) => Screen::Browse,
            None => Screen::Buckets,
        };
        state.screen = self.behind().unwrap_or(to);
    }

    /// The list that takes the keys of any list, and the slot in which the task layer puts it in order.
    fn list<'s>(&self, _: &'s mut State) -> Option<(Slot, &'s mut dyn List)> {
        None
    }

    /// The filter of that list.
    fn filter<'s>(&self, _: &'s State) -> &'s str {
        ""
    }

    /// Tells its lists how many lines they have, of those that any list has.
    fn fit(&self, state: &mut State, height: usize) {
        if let Some((_, list)) = self.list(state) {
            let _ = list.change(Change::Fit(height));
        }
    }

    /// A key while a line of the screen is typed into; `false` when none is.
    fn typed(&self, _: &mut State, _: KeyEvent, _: &mut Vec<Command>) -> bool {
        false
    }

    /// A text was pasted.
    fn pasted(&self, _: &mut State, _text: &str, _: &mut Vec<Command>) {}

    /// A prompt that it opened was answered.
    fn answered(&self, _: &mut State, _: PromptKind, _text: &str, _: &mut Vec<Command>) {}

    /// What there is to copy under the cursor: a name, or its address.
    fn under_cursor(&self, state: &State, as_uri: bool) -> Option<String> {
        let (bucket, key) = self.object(state)?;
        Some(path_or_uri(&bucket, key.as_str(), as_uri))
    }

    /// The object under the cursor.
    fn object(&self, _: &State) -> Option<(BucketName, ObjectKey)> {
        None
    }

    /// The bucket that one is at.
    fn bucket(&self, _: &State) -> Option<BucketName> {
        None
    }

    /// Asks for what follows from any change of the state, whether it is shown or not.
    fn follow(&self, _: &mut State, _: &mut Vec<Command>) {}

    /// Whether it counted down to an end at this time: then the next second shows another number.
    fn counts_down(&self, _: &State, _then: DateTime<Utc>) -> bool {
        false
    }

    /// Why the profile has to stay, while something is under way with it.
    fn holds_profile(&self, _: &State) -> Option<&'static str> {
        None
    }

    /// Forgets what was learnt under a profile, and stops what is asked.
    fn forget(&self, _: &mut State, _: &mut Vec<Command>) {}
}

/// A path in a bucket, or its address.
fn path_or_uri(bucket: &BucketName, path: &str, as_uri: bool) -> String {
    if as_uri {
        format!("s3://{bucket}/{path}")
    } else {
        path.to_owned()
    }
}
