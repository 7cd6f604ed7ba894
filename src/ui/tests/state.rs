//! The State screen as it is drawn, at three sizes.

use super::{drawn, lines};
use crate::app::screens::bucket_state::sample;
use crate::app::testing::{Console, problem};
use crate::aws::ProblemKind;
use crate::tasks::{Outcome, Slot, StateNews, Update};

fn snapshot(name: &str, console: &mut Console) {
    for size in [(80, 24), (120, 36), (160, 50)] {
        let shown = lines(&drawn(console, size));
        insta::assert_snapshot!(format!("state_{name}_{}x{}", size.0, size.1), shown);
    }
}

#[test]
fn everything_is_pending_before_it_is_answered() {
    snapshot("pending", &mut sample::opened());
}

#[test]
fn the_overview_tells_what_is_wrong_first_and_where_the_bytes_are() {
    snapshot("overview", &mut sample::answered());
}

#[test]
fn the_lifecycle_tells_what_each_rule_does_and_when() {
    let mut console = sample::answered();
    console.press("l");
    snapshot("lifecycle", &mut console);
    console.press("j");
    snapshot("lifecycle_idle", &mut console);
}

#[test]
fn the_metrics_draw_histories_with_their_gaps() {
    let mut console = sample::answered();
    console.press("ll");
    snapshot("metrics", &mut console);
}

#[test]
fn the_findings_are_sorted_and_one_is_told_in_full() {
    let mut console = sample::answered();
    console.press("lll");
    snapshot("findings", &mut console);
    let list = lines(&drawn(&mut console, (80, 24)));
    console.press("<Enter>");
    let shown = lines(&drawn(&mut console, (80, 24)));
    assert_ne!(list, shown);
    insta::assert_snapshot!("state_finding_in_full_80x24", shown);
}

#[test]
fn the_document_is_indented() {
    let mut console = sample::answered();
    console.press("/encryption<Enter>");
    console.press("<Enter>");
    snapshot("raw", &mut console);
}

#[test]
fn what_could_not_be_had_says_so() {
    let mut console = sample::opened();
    console.end(Slot::Audit, Outcome::Failed(problem(ProblemKind::Denied)));
    let mut storage = sample::storage();
    storage.storage = crate::ops::Fact::Unknown((*problem(ProblemKind::Denied)).clone());
    let news = StateNews::Storage(Box::new(storage));
    console.answer(Slot::Metrics, Update::State(news));
    console.end(Slot::Metrics, Outcome::Done);
    for (keys, name) in [("", "overview"), ("ll", "metrics"), ("l", "findings")] {
        console.press(keys);
        let shown = lines(&drawn(&mut console, (80, 24)));
        insta::assert_snapshot!(format!("state_failed_{name}_80x24"), shown);
    }
}

#[test]
fn nothing_is_drawn_beyond_a_narrow_screen_and_nothing_hostile_at_all() {
    for keys in ["", "l", "ll", "lll", "llll"] {
        let mut console = sample::answered();
        console.press(keys);
        for size in [(60, 12), (61, 13), (80, 24), (100, 30), (200, 60)] {
            let shown = lines(&drawn(&mut console, size));
            let hostile =
                |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c);
            assert!(!shown.contains(hostile), "{shown:?}");
        }
    }
}
