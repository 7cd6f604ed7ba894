//! `e` on objects and on refusals.

use std::sync::Arc;

use super::Command;
use crate::app::access::{Choice, Stage};
use crate::app::overlay::Overlay;
use crate::app::testing::{Console, page, problem};
use crate::aws::{Identity, Problem, ProblemKind};
use crate::domain::explain::{Layer, Said};
use crate::ops::explain::{Answer, Asker, Explanation, Outcome as Says, Question};
use crate::tasks::{Outcome, Slot, Update, Work};

const ROLE: &str = "arn:aws:sts::123456789012:assumed-role/app/i-1";

/// A console that browses a bucket with two objects, signed in as a role session.
fn browsing() -> Console {
    let mut console = Console::with_buckets(&["media"]);
    let identity = Identity {
        account: "123456789012".to_owned(),
        arn: ROLE.to_owned(),
        user_id: "AROA:i-1".to_owned(),
    };
    console.answer(Slot::Identity, Update::Identity(identity));
    console.press("<Enter>");
    let rows = page(&[], &["docs/a.txt", "docs/b.txt"]);
    console.answer(Slot::Listing, Update::Page(rows));
    console.end(Slot::Listing, Outcome::Done);
    console
}

fn refusal(target: &str, permission: &'static str) -> Arc<Problem> {
    let mut problem = (*problem(ProblemKind::Denied)).clone();
    problem.target = target.to_owned();
    problem.permission = Some(permission);
    Arc::new(problem)
}

/// What the dialog offers.
fn offered(console: &Console) -> Vec<String> {
    match &console.state.overlay {
        Some(Overlay::Access(dialog)) => dialog.choices.iter().map(Choice::words).collect(),
        other => panic!("{other:?}"),
    }
}

fn stage(console: &Console) -> &Stage {
    match &console.state.overlay {
        Some(Overlay::Access(dialog)) => &dialog.stage,
        other => panic!("{other:?}"),
    }
}

/// What the last job asks.
fn asked(console: &Console) -> &Question {
    match &console.last(Slot::Explain).work {
        Work::Explain(inquiry) => &inquiry.question,
        other => panic!("{other:?}"),
    }
}

fn explanation() -> Explanation {
    let said = |number: usize| Said {
        layer: Layer::Identity,
        outcome: Says::Allows,
        words: format!("Layer {number} allows it."),
        by: Vec::new(),
    };
    Explanation {
        answer: Answer::Allowed,
        decided_by: Layer::Identity,
        conditions: Vec::new(),
        layers: (0..20).map(said).collect(),
        notes: Vec::new(),
    }
}

#[test]
fn an_object_offers_four_requests_of_whoever_is_signed_in_and_one_of_anybody() {
    let mut console = browsing();
    console.press("e");
    assert_eq!(
        offered(&console),
        [
            "s3:GetObject",
            "s3:PutObject",
            "s3:DeleteObject",
            "s3:ListBucket",
            "s3:GetObject by an anonymous caller",
        ]
    );
    console.press("<Down><Enter>");
    let question = asked(&console);
    assert_eq!(question.action.name, "s3:PutObject");
    assert_eq!(question.key.as_deref(), Some("docs/a.txt"));
    assert_eq!(question.asker, Asker::parse(ROLE).unwrap());
    assert!(matches!(stage(&console), Stage::Reading(_)));
    // The list of tasks has it, so that it can be cancelled there as well.
    let tasks = console.state.tasks.source();
    let task = tasks.iter().find(|task| task.what == "explain access");
    assert_eq!(task.unwrap().target, "s3:PutObject s3://media/docs/a.txt");
}

#[test]
fn a_listing_is_asked_of_the_bucket_and_an_anonymous_read_of_nobody() {
    let mut console = browsing();
    console.press("e<End><Enter>");
    assert_eq!(asked(&console).asker, Asker::Anonymous);
    console.press("<Esc><Up><Enter>");
    assert_eq!(asked(&console).action.name, "s3:ListBucket");
    assert_eq!(asked(&console).key, None);
}

#[test]
fn a_folder_offers_listings_below_its_prefix() {
    let mut console = browsing();
    console.press("r");
    console.answer(Slot::Listing, Update::Page(page(&["docs/"], &[])));
    console.end(Slot::Listing, Outcome::Done);
    console.press("e");
    assert_eq!(
        offered(&console),
        ["s3:ListBucket", "s3:ListBucket by an anonymous caller"]
    );
    console.press("<Enter>");
    assert_eq!(asked(&console).key.as_deref(), Some("docs/"));
}

#[test]
fn the_answer_is_shown_and_escape_goes_back_to_the_choice_and_out() {
    let mut console = browsing();
    console.press("e<Enter>");
    console.answer(Slot::Explain, Update::Explained(Box::new(explanation())));
    console.end(Slot::Explain, Outcome::Done);
    assert!(matches!(stage(&console), Stage::Explained(..)));
    console.press("<Esc>");
    assert!(matches!(stage(&console), Stage::Choosing));
    console.press("<Esc>");
    assert!(console.state.overlay.is_none());
}

#[test]
fn scrolling_ends_at_the_last_line_so_that_the_next_key_up_moves_at_once() {
    let mut console = browsing();
    console.press("e<Enter>");
    console.answer(Slot::Explain, Update::Explained(Box::new(explanation())));
    let scroll = |console: &Console| match &console.state.overlay {
        Some(Overlay::Access(dialog)) => dialog.scroll,
        other => panic!("{other:?}"),
    };
    console.press("<End>");
    let end = scroll(&console);
    assert!(end > 0, "everything fits, so that nothing was tried");
    console.press("jjj");
    assert_eq!(scroll(&console), end);
    console.press("k");
    assert_eq!(scroll(&console), end - 1);
}

#[test]
fn escape_while_the_layers_are_read_cancels_the_job_and_its_answer_is_stale() {
    let mut console = browsing();
    console.press("e<Enter><Esc>");
    let cancels = |command: &Command| matches!(command, Command::Cancel(Slot::Explain));
    assert!(console.others.iter().any(cancels));
    console.answer(Slot::Explain, Update::Explained(Box::new(explanation())));
    assert!(matches!(stage(&console), Stage::Choosing));
}

#[test]
fn a_job_that_fails_or_is_cancelled_says_so_in_the_dialog() {
    for outcome in [
        Outcome::Failed(problem(ProblemKind::NotFound)),
        Outcome::Cancelled,
    ] {
        let mut console = browsing();
        console.press("e<Enter>");
        console.end(Slot::Explain, outcome);
        assert!(matches!(stage(&console), Stage::Failed(..)));
    }
}

#[test]
fn without_a_signed_in_caller_only_the_anonymous_request_can_be_asked() {
    let mut console = browsing();
    console.state.who = crate::app::state::Who::Unknown;
    console.press("e");
    let unknown = offered(&console);
    assert_eq!(
        unknown
            .iter()
            .filter(|one| one.contains("not known"))
            .count(),
        4,
        "{unknown:?}"
    );
    console.press("<Enter>");
    assert_eq!(asked(&console).asker, Asker::Anonymous);
}

#[test]
fn what_was_just_refused_of_the_object_comes_first() {
    for (target, permission, first) in [
        (
            "s3://media/docs/a.txt",
            "s3:GetObject",
            "s3:GetObject (just refused)",
        ),
        (
            "s3://media/docs/a.txt",
            "s3:GetObjectTagging",
            "s3:GetObjectTagging (just refused)",
        ),
        // Of another object.
        (
            "s3://media/docs/b.txt",
            "s3:GetObjectTagging",
            "s3:GetObject",
        ),
    ] {
        let mut console = browsing();
        console.state.last_problem = Some(refusal(target, permission));
        console.press("e");
        let offered = offered(&console);
        assert_eq!(offered.first().unwrap(), first);
        assert!(offered.last().unwrap().starts_with("The last error"));
        let again = offered
            .iter()
            .filter(|one| one.starts_with("s3:GetObject ("))
            .count();
        assert!(again <= 1, "{offered:?}");
    }
}

#[test]
fn the_last_error_is_one_of_the_choices() {
    let mut console = browsing();
    console.state.last_problem = Some(problem(ProblemKind::TimedOut));
    console.press("e<End><Enter>");
    assert!(matches!(&console.state.overlay, Some(Overlay::Explain(_))));
}

#[test]
fn e_on_a_refusal_asks_which_policy_refused_it() {
    for (target, permission, key) in [
        ("s3://media/docs/a.txt", "s3:GetObject", Some("docs/a.txt")),
        ("s3://media/docs/", "s3:ListBucket", Some("docs/")),
        ("s3://media", "s3:GetBucketPolicy", None),
        ("s3://media/docs/", "s3:GetBucketPolicy", None),
    ] {
        let mut console = browsing();
        console.press("r");
        let outcome = Outcome::Failed(refusal(target, permission));
        console.end(Slot::Listing, outcome);
        console.press("ee");
        assert_eq!(asked(&console).action.name, permission, "{target}");
        assert_eq!(asked(&console).key.as_deref(), key, "{target}");
        // There is no choice to go back to.
        console.press("<Esc>");
        assert!(console.state.overlay.is_none());
    }
}

#[test]
fn an_answer_that_allows_what_was_refused_says_what_may_be_the_reason() {
    let shown = |console: &Console| match &console.state.overlay {
        Some(Overlay::Access(dialog)) => dialog
            .lines(120)
            .into_iter()
            .any(|line| line.words.contains("The service refused this request")),
        other => panic!("{other:?}"),
    };
    for (last, expected) in [
        (None, false),
        (Some(refusal("s3://media/docs/a.txt", "s3:GetObject")), true),
    ] {
        let mut console = browsing();
        console.state.last_problem = last;
        console.press("e<Enter>");
        console.answer(Slot::Explain, Update::Explained(Box::new(explanation())));
        assert_eq!(shown(&console), expected);
        // Another request of the same object was not refused.
        console.press("<Esc><Down><Enter>");
        console.answer(Slot::Explain, Update::Explained(Box::new(explanation())));
        assert!(!shown(&console));
    }
    let mut console = browsing();
    console.press("r");
    let outcome = Outcome::Failed(refusal("s3://media/docs/", "s3:ListBucket"));
    console.end(Slot::Listing, outcome);
    console.press("ee");
    console.answer(Slot::Explain, Update::Explained(Box::new(explanation())));
    assert!(shown(&console));
}

#[test]
fn e_on_an_error_that_names_no_request_closes_nothing_and_asks_nothing() {
    for problem in [
        problem(ProblemKind::TimedOut),
        refusal("s3://media/", "s3:ListAllMyBuckets"),
        refusal("s3://media/", "s3:GetObject"),
        refusal("STS", "s3:GetObject"),
        refusal("s3://media/a\\u{202e}b", "s3:GetObject"),
    ] {
        let mut console = browsing();
        console.press("r");
        console.end(Slot::Listing, Outcome::Failed(problem));
        console.press("ee");
        assert!(matches!(&console.state.overlay, Some(Overlay::Explain(_))));
        assert!(!console.jobs.iter().any(|job| job.slot == Slot::Explain));
    }
}
