//! The Presign screen as it is drawn: each method once, what is doubtful, what has ended, URLs of others, the smoke test.

use std::time::Duration;

use super::*;
use crate::app::screens::presign::Field;
use crate::app::screens::presign::smoke::{Left, Row, RowState};
use crate::app::testing::signed_as;
use crate::domain::presign::Method;
use crate::ops::presign::check::{Checked, Verdict as UrlVerdict};
use crate::ops::smoke::{Check, CheckResult, Event, Failing, Verdict};
use crate::tasks::SmokeNews;

const UPLOADS: &str = "pilotforce-user-uploads";

fn form(bucket: &str, key: &str, method: Method) -> Console {
    let mut console = Console::with_buckets(&[bucket]);
    console.press("6");
    let form = &mut console.state.presign.form;
    form.set_text(Field::Bucket, bucket);
    form.set_text(Field::Key, key);
    form.choose_method(method);
    console
}

/// Signs what stands in the form, with a made-up signature.
fn sign(console: &mut Console, size: (u16, u16)) {
    console.say(Message::Resize(size.0, size.1));
    console.press("s");
    let request = console.state.presign.form.checked.request.clone();
    let made = signed_as(request.expect("the form is not complete"));
    console.answer(Slot::Sign, Update::Signed(Box::new(made)));
    console.end(Slot::Sign, Outcome::Done);
}

/// The form, and then what was signed, at both sizes.
fn both(name: &str, mut console: impl FnMut() -> Console) {
    for size in [(80, 24), (120, 36)] {
        let mut console = console();
        let shown = lines(&drawn(&mut console, size));
        insta::assert_snapshot!(format!("{name}_form_{}x{}", size.0, size.1), shown);
        sign(&mut console, size);
        let shown = lines(&drawn(&mut console, size));
        insta::assert_snapshot!(format!("{name}_signed_{}x{}", size.0, size.1), shown);
    }
}

#[test]
fn an_empty_form_says_what_is_needed() {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.press("6");
    snapshot("empty", &mut console);
}

#[test]
fn a_get_has_headers_of_the_answer() {
    both("get", || {
        form("plain-bucket", "2024/naïve \u{202e}gpj.exe", Method::Get)
    });
}

#[test]
fn a_put_follows_the_blueprints_rule_and_its_layout() {
    both("put", || {
        let mut console = form(UPLOADS, "", Method::Put);
        let form = &mut console.state.presign.form;
        form.turn(&Field::KeyFrom, 1);
        for (part, value) in [
            ("directory", "uploads"),
            ("user", "user-1"),
            ("filename", "a.jpg"),
        ] {
            form.set_text(Field::Part(part.into()), value);
        }
        console
    });
}

#[test]
fn a_form_has_fields_and_sizes() {
    both("post", || {
        form(
            "elimination-profile-pictures",
            "players/p-1/face.png",
            Method::Post,
        )
    });
}

#[test]
fn a_put_against_the_rule_is_doubted_before_it_is_signed() {
    both("doubts", || {
        let mut console = form("quikapp-media-prod", "no/such/layout", Method::Put);
        console.state.presign.form.set_text(Field::Expires, "6d");
        console
            .state
            .presign
            .form
            .set_text(Field::ContentType, "text/html");
        console
    });
}

#[test]
fn head_part_and_delete_have_few_lines() {
    both("head", || form("plain-bucket", "k", Method::Head));
    both("part", || {
        let mut console = form("plain-bucket", "film.mp4", Method::Part);
        let form = &mut console.state.presign.form;
        form.set_text(Field::UploadId, "VXBsb2FkIElE");
        form.set_text(Field::PartNumber, "7");
        console
    });
    both("delete", || {
        let mut console = form("plain-bucket", "k", Method::Delete);
        console.state.write = true;
        console
    });
}

#[test]
fn a_delete_in_read_only_mode_says_what_it_needs() {
    let mut console = form("plain-bucket", "k", Method::Delete);
    console.press("s");
    let shown = lines(&drawn(&mut console, (80, 24)));
    assert!(
        shown.contains("changes are") && !shown.contains("--write"),
        "{shown}"
    );
}

#[test]
fn faults_stand_beside_their_lines_while_one_types() {
    let mut console = form("plain-bucket", "k", Method::Put);
    console
        .state
        .presign
        .form
        .set_text(Field::Length, "5 potatoes");
    console.state.presign.form.cursor = Field::Expires;
    console.press("<Enter>15 minutes");
    snapshot("faults", &mut console);
}

#[test]
fn what_has_ended_says_so_and_what_to_do() {
    let mut console = form("plain-bucket", "k", Method::Get);
    sign(&mut console, (80, 24));
    console.say(Message::Clock(noon() + chrono::Duration::minutes(16)));
    let shown = lines(&drawn(&mut console, (80, 24)));
    insta::assert_snapshot!("ended_80x24", shown);
    assert!(shown.contains("ended at 12:15:00"), "{shown}");
}

#[test]
fn a_snippet_is_shown_with_its_indents_and_without_anything_hidden() {
    let mut console = form("plain-bucket", "a\u{1}\u{202e}b", Method::Get);
    sign(&mut console, (120, 36));
    for tab in ["curl", "javascript", "python"] {
        console.press("]");
        let shown = lines(&drawn(&mut console, (120, 36)));
        insta::assert_snapshot!(format!("{tab}_120x36"), shown);
        assert!(!shown.contains(['\u{1}', '\u{202e}']));
        assert!(!shown.contains("\\x20"), "{shown}");
    }
}

#[test]
fn expired_credentials_are_told_with_what_to_do() {
    for size in [(80, 24), (120, 36)] {
        let mut console = form("plain-bucket", "k", Method::Get);
        console.say(Message::Resize(size.0, size.1));
        console.press("s");
        let expired = problem(ProblemKind::ExpiredCredentials);
        console.end(Slot::Sign, Outcome::Failed(expired));
        let shown = lines(&drawn(&mut console, size));
        assert!(shown.contains("what to do"), "{shown}");
        insta::assert_snapshot!(format!("not_signed_{}x{}", size.0, size.1), shown);
    }
}

const URL: &str = "https://plain-bucket.s3.us-east-1.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260301%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20260301T115900Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";

#[test]
fn a_url_of_others_is_explained_without_its_signature() {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.press("6i");
    snapshot("inspect_empty", &mut console);
    console.say(Message::Paste(URL.into()));
    console.press("c");
    let checked = Checked {
        sent: Some("GET"),
        status: Some(206),
        code: None,
        verdict: UrlVerdict::Works,
        words: "GET was answered with 206: it works".into(),
    };
    console.answer(Slot::CheckUrl, Update::UrlChecked(Box::new(checked)));
    snapshot("inspect", &mut console);
    let shown = lines(&drawn(&mut console, (160, 50)));
    assert!(!shown.contains("aeeed9bbccd4"), "{shown}");
    console.say(Message::Paste("not a url".into()));
    let shown = lines(&drawn(&mut console, (80, 24)));
    assert!(shown.contains("no URL"), "{shown}");
}

fn smoking(write: bool) -> Console {
    let mut console = form("leadshop-assets", "", Method::Get);
    console.state.write = write;
    console.press("t");
    let smoke = &mut console.state.presign.smoke;
    smoke.look = crate::app::state::Load::Complete;
    smoke.left = Left::Nothing;
    smoke.remarks =
        vec!["test objects follow {kind}/{user}/{name}, with the owner s3warden-smoke-7f3a".into()];
    smoke.rows = Check::ALL
        .into_iter()
        .map(|check| Row {
            check,
            state: match check {
                Check::PlainHttp => {
                    RowState::NotPlanned("the blueprint does not require TLS".into())
                }
                _ => RowState::Waiting,
            },
        })
        .collect();
    console
}

fn ended(check: Check, verdict: Verdict) -> Update {
    let took = Duration::from_millis(1234);
    Update::Smoke(SmokeNews::Check(Event::Ended(CheckResult {
        check,
        verdict,
        took,
    })))
}

#[test]
fn the_smoke_test_shows_its_plan_what_runs_and_how_it_ended() {
    snapshot("smoke_read_only", &mut smoking(false));
    let mut console = smoking(true);
    console.state.presign.smoke.left =
        Left::Something("test objects of earlier runs are left: 1a2b (3)".into());
    snapshot("smoke_planned", &mut console);
    console.state.presign.smoke.run = crate::app::state::Load::Loading;
    console.state.presign.smoke.left = Left::Nothing;
    console.answer(
        Slot::SmokeLook,
        ended(
            Check::SignInTime,
            Verdict::Pass("0.4 ms for the slowest of 3".into()),
        ),
    );
    let began = Update::Smoke(SmokeNews::Check(Event::Began(Check::SmallUpload)));
    console.answer(Slot::SmokeLook, began);
    console.say(Message::Clock(noon() + chrono::Duration::seconds(3)));
    snapshot("smoke_running", &mut console);
    let failing = Failing {
        message: "what came back is not what was sent".into(),
        request: "GET https://leadshop-assets.s3.us-east-1.amazonaws.com/k".into(),
        answer: "200, 17 bytes".into(),
        cause: "something between changes the body".into(),
    };
    for check in Check::ALL.into_iter().skip(2) {
        if check != Check::PlainHttp {
            console.answer(
                Slot::SmokeLook,
                ended(check, Verdict::Pass("as it should be".into())),
            );
        }
    }
    console.answer(
        Slot::SmokeLook,
        ended(Check::SmallUpload, Verdict::Fail(Box::new(failing))),
    );
    console.state.presign.smoke.run = crate::app::state::Load::Complete;
    snapshot("smoke_done", &mut console);
    console.press("<Down><Enter>");
    snapshot("smoke_failure", &mut console);
}
