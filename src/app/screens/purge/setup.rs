//! Whose things are looked for, by which rules, and how far a purge may go.

use tui_input::Input;

use crate::domain::blueprint::Blueprint;
use crate::domain::{BucketName, ByteSize, InvalidName, OwnerId, S3Uri};
use crate::ops::change::Bounds;
use crate::ops::change::undoable::Undoable;
use crate::ops::change::unfinished::Unfinished;

/// A line of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Line {
    /// The user's id.
    #[default]
    User,
    /// A file of erasure requests, for many users at once.
    Requests,
    /// Whose objects are whose.
    Blueprint,
    /// The most that may be deleted.
    Bounds,
    /// Whether things are deleted, or hidden so that they can be brought back.
    How,
    /// Why to go on although the user exists.
    Reason,
    /// Whether plan and journal stay.
    Keep,
    /// Whether the receipt names the user.
    Named,
    /// Where a copy of the receipt goes.
    ReceiptTo,
    /// Who acts, for servers that do not say whose credentials these are.
    Operator,
    /// A purge that was begun and did not end.
    Unfinished(usize),
    /// A soft purge that can be undone.
    Undoable(usize),
}

/// The lines that there always are, from top to bottom.
pub(crate) const LINES: [Line; 10] = [
    Line::User,
    Line::Blueprint,
    Line::How,
    Line::Bounds,
    Line::Reason,
    Line::Keep,
    Line::Named,
    Line::ReceiptTo,
    Line::Requests,
    Line::Operator,
];

impl Line {
    /// What it is called.
    #[must_use]
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::User => "user's id",
            Self::Requests => "many users",
            Self::Operator => "operator",
            Self::Blueprint => "blueprint",
            Self::How => "how",
            Self::Bounds => "at most",
            Self::Reason => "still exists",
            Self::Keep => "keep the plan",
            Self::Named => "name the user",
            Self::ReceiptTo => "receipt also to",
            Self::Unfinished(_) => "go on with",
            Self::Undoable(_) => "undo",
        }
    }

    /// Whether it is typed into.
    #[must_use]
    pub(crate) fn is_typed(self) -> bool {
        matches!(
            self,
            Self::User | Self::Requests | Self::Reason | Self::ReceiptTo | Self::Operator
        )
    }
}

/// The most that may be deleted, as it can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Most {
    /// What the command line allows without another word.
    #[default]
    Usual,
    /// A hundred times that.
    Large,
    /// Any number, of any size.
    Any,
}

impl Most {
    const ALL: [Self; 3] = [Self::Usual, Self::Large, Self::Any];

    /// As the engine takes them.
    #[must_use]
    pub(crate) fn bounds(self) -> Bounds {
        let (objects, bytes) = match self {
            Self::Usual => (10_000, 100 << 30),
            Self::Large => (1_000_000, 10_000 << 30),
            Self::Any => return Bounds::default(),
        };
        Bounds {
            objects: Some(objects),
            bytes: Some(ByteSize(bytes)),
            heads: None,
        }
    }

    /// In words.
    #[must_use]
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Usual => "10,000 things and 100 GiB",
            Self::Large => "1,000,000 things and 10,000 GiB",
            Self::Any => "any number, of any size",
        }
    }
}

/// What was typed and chosen.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a line of the form but one"
)]
pub(crate) struct Setup {
    /// The line of the cursor.
    pub cursor: Line,
    /// Whether keys go into the line of the cursor.
    pub typing: bool,
    /// The user's id.
    pub user: Input,
    /// A file of erasure requests.
    pub requests: Input,
    /// Who acts.
    pub operator: Input,
    /// Whether somebody has named who acts.
    pub is_operator_stated: bool,
    /// Why to go on although the user exists.
    pub reason: Input,
    /// The blueprints that can be chosen from: those that somebody named.
    pub blueprints: Vec<Blueprint>,
    /// Which of them. Nothing is deleted by rules that nobody chose.
    pub blueprint: Option<usize>,
    /// Whether current objects are only hidden, each behind a delete marker.
    pub soft: bool,
    /// The most that may be deleted.
    pub most: Most,
    /// Whether plan and journal stay when everything is gone.
    pub keep: bool,
    /// Whether the receipt holds the user's id as it was given.
    pub named: bool,
    /// Where a copy of the receipt goes.
    pub receipt_to: Input,
    /// What was begun here and did not end.
    pub unfinished: Vec<Unfinished>,
    /// What was hidden here and can be shown again.
    pub undoable: Vec<Undoable>,
}

impl Setup {
    /// The lines that there are now.
    #[must_use]
    pub(crate) fn lines(&self) -> Vec<Line> {
        let unfinished = (0..self.unfinished.len()).map(Line::Unfinished);
        let undoable = (0..self.undoable.len()).map(Line::Undoable);
        LINES
            .into_iter()
            .chain(unfinished)
            .chain(undoable)
            .collect()
    }

    /// The blueprint that was chosen.
    #[must_use]
    pub(crate) fn chosen(&self) -> Option<&Blueprint> {
        self.blueprints.get(self.blueprint?)
    }

    /// The id that was typed.
    ///
    /// # Errors
    /// It is empty, and would mean everybody.
    pub(crate) fn owner(&self) -> Result<OwnerId, InvalidName> {
        OwnerId::new(self.user.value())
    }

    /// Why to go on although the user exists, where a reason was typed.
    #[must_use]
    pub(crate) fn reason(&self) -> Option<String> {
        let reason = self.reason.value().trim();
        (!reason.is_empty()).then(|| reason.to_owned())
    }

    /// Who acts, where that was typed.
    #[must_use]
    pub(crate) fn operator(&self) -> Option<String> {
        let name = self.operator.value().trim();
        (!name.is_empty()).then(|| name.to_owned())
    }

    /// Where a copy of the receipt goes, where that was typed.
    ///
    /// # Errors
    /// What was typed is no `s3://` address.
    pub(crate) fn receipt_to(&self) -> Result<Option<S3Uri>, String> {
        let typed = self.receipt_to.value().trim();
        if typed.is_empty() {
            return Ok(None);
        }
        let parsed = typed.parse::<S3Uri>();
        parsed.map(Some).map_err(|why| why.to_string())
    }

    /// Takes note of the blueprints that can be chosen from. What was chosen stays so; a single one is chosen by itself.
    pub(crate) fn offer(&mut self, blueprints: Vec<Blueprint>) {
        let before = self.chosen().map(|blueprint| blueprint.name.clone());
        self.blueprint = match blueprints.as_slice() {
            [_] => Some(0),
            all => all
                .iter()
                .position(|one| Some(&one.name) == before.as_ref()),
        };
        self.blueprints = blueprints;
    }

    /// Chooses the blueprint that names a bucket, where one does.
    pub(crate) fn choose_for(&mut self, bucket: &BucketName) {
        let names_it = |blueprint: &Blueprint| blueprint.bucket(bucket).is_some();
        if let Some(at) = self.blueprints.iter().position(names_it) {
            self.blueprint = Some(at);
        }
    }

    /// Puts the cursor so many lines further.
    pub(crate) fn move_by(&mut self, by: isize) {
        let lines = self.lines();
        let at = lines.iter().position(|line| *line == self.cursor);
        let to = at.unwrap_or(0).saturating_add_signed(by);
        let to = lines.get(to).or(lines.last());
        self.cursor = to.copied().unwrap_or_default();
    }

    /// The next or the previous option of the line under the cursor; going on from the last one leads to the first.
    pub(crate) fn turn(&mut self, forwards: bool) {
        let next = |at: usize, all: usize| {
            let by = if forwards { 1 } else { all.saturating_sub(1) };
            if all == 0 { 0 } else { (at + by) % all }
        };
        match self.cursor {
            Line::Blueprint => {
                let all = self.blueprints.len();
                self.blueprint = match self.blueprint {
                    _ if all == 0 => None,
                    None => Some(if forwards { 0 } else { all - 1 }),
                    Some(at) => Some(next(at, all)),
                };
            }
            Line::Bounds => {
                let at = Most::ALL.iter().position(|one| *one == self.most);
                let at = next(at.unwrap_or(0), Most::ALL.len());
                self.most = Most::ALL.get(at).copied().unwrap_or_default();
            }
            Line::How => self.soft = !self.soft,
            Line::Keep => self.keep = !self.keep,
            Line::Named => self.named = !self.named,
            Line::User
            | Line::Requests
            | Line::Operator
            | Line::Reason
            | Line::ReceiptTo
            | Line::Unfinished(_)
            | Line::Undoable(_) => {}
        }
    }

    /// The text of the line under the cursor, where it has one.
    pub(crate) fn input(&mut self) -> Option<&mut Input> {
        match self.cursor {
            Line::User => Some(&mut self.user),
            Line::Requests => Some(&mut self.requests),
            Line::Operator => Some(&mut self.operator),
            Line::Reason => Some(&mut self.reason),
            Line::ReceiptTo => Some(&mut self.receipt_to),
            Line::Blueprint
            | Line::How
            | Line::Bounds
            | Line::Keep
            | Line::Named
            | Line::Unfinished(_)
            | Line::Undoable(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blueprint(name: &str) -> Blueprint {
        let text = format!("version = 1\nname = \"{name}\"\n[[bucket]]\nname = \"{name}-media\"\n");
        Blueprint::parse("test", &text).unwrap()
    }

    #[test]
    fn of_several_blueprints_none_is_chosen_by_itself() {
        let mut setup = Setup::default();
        setup.offer(vec![blueprint("one"), blueprint("two")]);
        assert!(setup.chosen().is_none());
        setup.choose_for(&BucketName::new("two-media").unwrap());
        assert_eq!(setup.chosen().unwrap().name, "two");
        setup.offer(vec![blueprint("zero"), blueprint("one"), blueprint("two")]);
        assert_eq!(setup.chosen().unwrap().name, "two");
        setup.offer(vec![blueprint("three")]);
        assert_eq!(setup.chosen().unwrap().name, "three");
    }

    #[test]
    fn options_turn_round_and_the_cursor_stays_on_the_page() {
        let mut setup = Setup::default();
        setup.offer(vec![blueprint("one"), blueprint("two")]);
        setup.move_by(1);
        setup.turn(false);
        assert_eq!(setup.chosen().unwrap().name, "two");
        setup.turn(true);
        assert_eq!(setup.chosen().unwrap().name, "one");
        setup.move_by(isize::MAX);
        assert_eq!(setup.cursor, Line::Operator);
        setup.move_by(-4);
        setup.turn(true);
        assert!(setup.keep);
        setup.move_by(isize::MIN);
        assert_eq!(setup.cursor, Line::User);
    }
}
