//! The dialog that explains why a request is allowed or refused, layer by layer: first the choice of a request, then the
//! answer.
//!
//! The answer is made into lines here and not where it is drawn, so that scrolling knows where it ends.

use std::sync::Arc;

use crate::aws::{Identity, Problem, ProblemKind};
use crate::domain::{BucketName, S3Uri, text};
use crate::ops::explain::{Action, Answer, Asker, Explanation, Inquiry, Outcome, Question};

/// The requests that can be chosen for an object, and whether they are made without a signature.
const REQUESTS: [(&str, bool); 5] = [
    ("s3:GetObject", false),
    ("s3:PutObject", false),
    ("s3:DeleteObject", false),
    ("s3:ListBucket", false),
    ("s3:GetObject", true),
];

/// Those for a folder.
const LISTINGS: [(&str, bool); 2] = [("s3:ListBucket", false), ("s3:ListBucket", true)];

/// The widest that the dialog gets, its border included: longer lines are hard to read.
const WIDEST: u16 = 110;

/// Columns that border and padding take.
const FRAME: u16 = 4;

/// What the dialog is about, and how far it is.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    /// The bucket or the object, as an address.
    pub target: String,
    /// The requests that can be chosen.
    pub choices: Vec<Choice>,
    /// The chosen one.
    pub cursor: usize,
    /// What is shown.
    pub stage: Stage,
    /// The first line of the answer that is shown.
    pub scroll: usize,
    /// Whether the service refused the request that is explained.
    pub was_refused: bool,
}

/// A line of the choice.
#[derive(Debug, Clone)]
pub(crate) enum Choice {
    /// Explain this request.
    Request {
        question: Box<Question>,
        /// Whether the service refused it a moment ago.
        is_refused: bool,
    },
    /// It cannot be asked, for it is not known who is signed in.
    Nobody(&'static str),
    /// Show the last error in full.
    LastError(Arc<Problem>),
}

impl Choice {
    /// The line in words.
    #[must_use]
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Request {
                question,
                is_refused,
            } => {
                let who = match question.asker {
                    Asker::Anonymous => " by an anonymous caller",
                    _ => "",
                };
                let refused = if *is_refused { " (just refused)" } else { "" };
                format!("{}{who}{refused}", question.action.name)
            }
            Self::Nobody(action) => format!("{action} (who is signed in is not known)"),
            Self::LastError(problem) => {
                format!(
                    "The last error: could not {} {}",
                    problem.attempted, problem.target
                )
            }
        }
    }
}

/// How far the dialog is.
#[derive(Debug, Clone)]
pub(crate) enum Stage {
    /// A request is being chosen.
    Choosing,
    /// The layers are being read.
    Reading(Box<Question>),
    /// The answer.
    Explained(Box<Question>, Box<Explanation>),
    /// The question could not be answered at all.
    Failed(Arc<Problem>),
}

/// What a line of the answer is, for its style.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineKind {
    /// The answer in a sentence.
    Answer(Answer),
    /// A heading: a layer, and what it says.
    Layer(Outcome),
    Words,
    /// Nothing.
    Blank,
}

/// A line of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// What it is.
    pub kind: LineKind,
    /// Its words, safe to draw and short enough.
    pub words: String,
}

/// Whoever the credentials belong to, as `explain` asks about them. A caller whose ARN is of no such kind, such as a
/// federated user, is asked about by account.
#[must_use]
pub(crate) fn asker(identity: &Identity) -> Option<Asker> {
    Asker::parse(&identity.arn)
        .or_else(|_| Asker::parse(&identity.account))
        .ok()
        .filter(|asker| *asker != Asker::Anonymous)
}

impl Access {
    /// The choice of requests for an object. The request that was refused comes first and is chosen.
    #[must_use]
    pub(crate) fn of_object(
        place: (&BucketName, &str),
        asker: Option<&Asker>,
        last: Option<&Arc<Problem>>,
    ) -> Self {
        Self::of(place, &REQUESTS, asker, last)
    }

    /// The choice of requests for a folder, by its prefix.
    #[must_use]
    pub(crate) fn of_folder(
        place: (&BucketName, &str),
        asker: Option<&Asker>,
        last: Option<&Arc<Problem>>,
    ) -> Self {
        Self::of(place, &LISTINGS, asker, last)
    }

    fn of(
        (bucket, key): (&BucketName, &str),
        requests: &[(&'static str, bool)],
        asker: Option<&Asker>,
        last: Option<&Arc<Problem>>,
    ) -> Self {
        let is_folder = requests == LISTINGS;
        let question = |name: &str, asker: &Asker| {
            let action = Action::parse(name).ok()?;
            Some(Question {
                asker: asker.clone(),
                action,
                bucket: bucket.clone(),
                key: (action.is_of_object || is_folder).then(|| key.to_owned()),
            })
        };
        let choice = |question: Question, is_refused: bool| Choice::Request {
            question: Box::new(question),
            is_refused,
        };
        let target = format!("s3://{bucket}/{key}");
        // What was refused of another object says nothing here.
        let refused = last
            .filter(|problem| problem.target == target)
            .and_then(|problem| refused(problem, asker?));
        let mut choices: Vec<Choice> = Vec::new();
        for &(name, is_anonymous) in requests {
            let who = if is_anonymous {
                Some(&Asker::Anonymous)
            } else {
                asker
            };
            match who {
                None => choices.push(Choice::Nobody(name)),
                Some(who) => choices.extend(question(name, who).map(|question| {
                    let is_refused = refused.as_ref() == Some(&question);
                    choice(question, is_refused)
                })),
            }
        }
        let is_refused = |one: &Choice| {
            matches!(
                one,
                Choice::Request {
                    is_refused: true,
                    ..
                }
            )
        };
        match (choices.iter().position(is_refused), refused) {
            (Some(at), _) => {
                let one = choices.remove(at);
                choices.insert(0, one);
            }
            (None, Some(question)) => choices.insert(0, choice(question, true)),
            (None, None) => {}
        }
        choices.extend(last.cloned().map(Choice::LastError));
        let is_nobody = |one: &&Choice| matches!(one, Choice::Nobody(_));
        Self {
            target,
            cursor: choices.iter().take_while(is_nobody).count(),
            choices,
            stage: Stage::Choosing,
            scroll: 0,
            was_refused: false,
        }
    }

    /// One request, whose layers are being read.
    #[must_use]
    pub(crate) fn of_question(question: Question) -> Self {
        let key = question.key.as_deref().unwrap_or_default();
        Self {
            target: format!("s3://{}/{key}", question.bucket),
            choices: Vec::new(),
            cursor: 0,
            stage: Stage::Reading(Box::new(question)),
            scroll: 0,
            was_refused: true,
        }
    }

    /// The answer, or as much as there is of it, in lines for a terminal of this width.
    #[must_use]
    pub(crate) fn lines(&self, columns: u16) -> Vec<Line> {
        let mut sheet = Sheet {
            width: usize::from(Self::width(columns).saturating_sub(FRAME)).max(20),
            lines: Vec::new(),
        };
        match &self.stage {
            Stage::Choosing => {}
            Stage::Reading(question) => {
                let words = format!("Asking who may {} …", what(question));
                sheet.say(LineKind::Words, "", &words);
            }
            Stage::Failed(problem) => sheet.say(LineKind::Words, "", &problem.to_string()),
            Stage::Explained(question, explanation) => {
                sheet.explain(question, explanation, self.was_refused);
            }
        }
        sheet.lines
    }

    /// The width of the dialog in a terminal of this width, its border included.
    #[must_use]
    pub(crate) fn width(columns: u16) -> u16 {
        WIDEST.min(columns.saturating_sub(4))
    }

    /// How many lines of an answer fit a terminal of this height.
    #[must_use]
    pub(crate) fn height(rows: u16) -> usize {
        usize::from(rows.saturating_sub(4)).max(1)
    }

    /// Scrolls, no further than to the end.
    pub(crate) fn scroll_by(&mut self, lines: isize, size: (u16, u16)) {
        let most = self
            .lines(size.0)
            .len()
            .saturating_sub(Self::height(size.1));
        self.scroll = self.scroll.min(most).saturating_add_signed(lines).min(most);
    }
}

/// What the service refused, as a question: none where the error does not name a permission that can be asked about.
#[must_use]
pub(crate) fn refused(problem: &Problem, asker: &Asker) -> Option<Question> {
    if problem.kind != ProblemKind::Denied {
        return None;
    }
    let action = Action::parse(problem.permission?).ok()?;
    let at: S3Uri = problem.target.parse().ok()?;
    // A key that was made visible is no longer the key.
    if problem.target.contains('\\') {
        return None;
    }
    let key = Some(at.prefix).filter(|key| !key.is_empty());
    let key = match key {
        None if action.is_of_object => return None,
        Some(_) if !action.is_of_object && !action.lists() => None,
        key => key,
    };
    Some(Question {
        asker: asker.clone(),
        action,
        bucket: at.bucket,
        key,
    })
}

/// What is asked of IAM and S3 to answer a question.
#[must_use]
pub(crate) fn inquiry(question: Question) -> Inquiry {
    Inquiry {
        question,
        policies: None,
        boundary: None,
        given: Vec::new(),
        account: None,
        version: None,
    }
}

fn what(question: &Question) -> String {
    format!("{} on {}", question.action.name, question.resource())
}

struct Sheet {
    width: usize,
    lines: Vec<Line>,
}

impl Sheet {
    /// Words that begin with a mark; lines that go on are indented as far.
    fn say(&mut self, kind: LineKind, mark: &str, words: &str) {
        let indent = text::width(mark);
        let mut before = mark.to_owned();
        for line in text::wrap(words, self.width.saturating_sub(indent)) {
            self.lines.push(Line {
                kind,
                words: format!("{before}{}", line.trim_end()),
            });
            before = " ".repeat(indent);
        }
    }

    fn blank(&mut self) {
        self.lines.push(Line {
            kind: LineKind::Blank,
            words: String::new(),
        });
    }

    fn explain(&mut self, question: &Question, explanation: &Explanation, was_refused: bool) {
        let answer = LineKind::Answer(explanation.answer);
        self.say(answer, "", &explanation.sentence(question));
        for condition in &explanation.conditions {
            self.say(LineKind::Words, "  - ", condition);
        }
        if let Some(decision) = explanation.decision() {
            let words = format!("Decided by: {}. {}", decision.layer.title(), decision.words);
            self.say(LineKind::Words, "", &words);
            for by in &decision.by {
                self.say(LineKind::Words, "  - ", by);
            }
        }
        if let Some(words) = explanation.unread_words() {
            self.say(LineKind::Words, "", &words);
        }
        // What was read and what the service did disagree only where something that was not read decides.
        if was_refused && matches!(explanation.answer, Answer::Allowed | Answer::AllowedIf) {
            let words = "The service refused this request: a condition above does not hold, a layer that was not read refuses it, or a policy was changed since.";
            self.say(LineKind::Words, "", words);
        }
        for note in &explanation.notes {
            self.say(LineKind::Words, "", note);
        }
        for said in &explanation.layers {
            self.blank();
            let heading = format!("{}: {}", said.layer.title(), said.outcome.words());
            self.say(LineKind::Layer(said.outcome), "", &heading);
            self.say(LineKind::Words, "  ", &said.words);
            for by in &said.by {
                self.say(LineKind::Words, "  - ", by);
            }
        }
    }
}
