//! The Presign screen: what is typed and chosen, what is signed, and what arrives for it.

use std::time::Duration;

use super::*;
use crate::app::Message;
use crate::app::Screen;
use crate::app::overlay::Overlay;
use crate::app::screens::presign::{Fault, Field, Outcome as Made, Page};
use crate::app::testing::{Console, noon, page, problem, signed};
use crate::aws::ProblemKind;
use crate::domain::presign::{Action as Asked, Method};
use crate::ops::presign::check::{Checked, Verdict};
use crate::ops::smoke::{Check, CheckResult, Event, Verdict as Outcome};
use crate::tasks::{Outcome as End, SmokeNews, Update};

const BUCKET: &str = "pilotforce-user-uploads";

/// The Presign screen with a bucket and a key.
fn with(bucket: &str, key: &str) -> Console {
    let mut console = Console::with_buckets(&[bucket]);
    console.press("6");
    let form = &mut console.state.presign.form;
    form.set_text(Field::Bucket, bucket);
    form.set_text(Field::Key, key);
    console
}

fn asked_to_sign(console: &Console) -> bool {
    console.jobs.iter().any(|job| job.slot == Slot::Sign)
}

#[test]
fn nothing_is_signed_before_everything_needed_is_there_and_right() {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.press("6s");
    assert!(!asked_to_sign(&console));
    assert_eq!(console.state.presign.form.cursor, Field::Bucket);
    console.press("<Enter>plain-bucket<Tab>k<Tab>x<Esc>s");
    let faults = &console.state.presign.form.checked.faults;
    assert!(matches!(faults.get(&Field::Expires), Some(Fault::Wrong(why)) if why.contains("15m")));
    assert!(!asked_to_sign(&console));
    assert_eq!(console.state.presign.form.cursor, Field::Expires);
    console.press("<Del>s");
    let Work::Sign(work) = &console.last(Slot::Sign).work else {
        panic!("something else was asked for")
    };
    assert_eq!(work.request.key.as_str(), "k");
    assert_eq!(work.request.expires, Duration::from_mins(15));
}

#[test]
fn letters_go_into_the_line_while_it_is_typed_into_and_are_keys_otherwise() {
    let mut console = with("plain-bucket", "");
    console.press("j");
    console.press("j<Enter>q7:?<Esc>");
    assert_eq!(console.state.presign.form.text(&Field::Key), "q7:?");
    assert_eq!(console.state.screen, Screen::Presign);
    console.press("7");
    assert_eq!(console.state.screen, Screen::Tasks);
}

#[test]
fn what_is_wrong_stands_at_its_line_as_one_types() {
    let mut console = with("plain-bucket", "k");
    let form = &mut console.state.presign.form;
    form.set_text(Field::Expires, "8d");
    let why = |console: &Console, field| match console.state.presign.form.checked.faults.get(&field)
    {
        Some(Fault::Wrong(why)) => why.clone(),
        other => panic!("{field:?}: {other:?}"),
    };
    assert!(why(&console, Field::Expires).contains("7 days"));
    let form = &mut console.state.presign.form;
    form.set_text(Field::Expires, "1h");
    form.choose_method(Method::Put);
    form.set_text(Field::Length, "5 potatoes");
    form.set_text(Field::Metadata, "name");
    form.set_text(Field::Checksum, "sha256=x");
    for (field, part) in [
        (Field::Length, "5 MB"),
        (Field::Metadata, "no ="),
        (Field::Checksum, "32 bytes"),
    ] {
        assert!(why(&console, field.clone()).contains(part), "{field:?}");
    }
    let form = &mut console.state.presign.form;
    form.choose_method(Method::Post);
    form.set_text(Field::Metadata, "");
    form.set_text(Field::Checksum, "");
    form.set_text(Field::MinSize, "10");
    form.set_text(Field::MaxSize, "5");
    assert!(why(&console, Field::MaxSize).contains("at least 10"));
    assert!(console.state.presign.form.checked.request.is_none());
}

#[test]
fn switching_the_method_keeps_what_still_applies_and_forgets_nothing() {
    let mut console = with("plain-bucket", "a/b.png");
    let form = &mut console.state.presign.form;
    form.set_text(Field::Expires, "2h");
    form.choose_method(Method::Put);
    form.set_text(Field::ContentType, "image/png");
    form.set_text(Field::Length, "17");
    form.choose_method(Method::Post);
    let request = form.checked.request.clone().unwrap();
    assert_eq!(request.expires, Duration::from_hours(2));
    let Asked::Post(post) = &request.action else {
        panic!("{request:?}")
    };
    assert!(post.content_type.is_some() && post.size.is_none());
    form.choose_method(Method::Get);
    assert!(matches!(
        form.checked.request.as_ref().unwrap().action,
        Asked::Get(_)
    ));
    form.choose_method(Method::Put);
    let Asked::Put(upload) = &form.checked.request.as_ref().unwrap().action else {
        panic!()
    };
    assert_eq!(
        (upload.content_type.as_deref(), upload.length),
        (Some("image/png"), Some(17))
    );
}

#[test]
fn each_method_has_its_own_lines() {
    let mut console = with("plain-bucket", "k");
    let form = &mut console.state.presign.form;
    let mut shows = |method, field: Field| {
        form.choose_method(method);
        form.fields().contains(&field)
    };
    assert!(shows(Method::Get, Field::AnswerType) && !shows(Method::Head, Field::AnswerType));
    assert!(shows(Method::Put, Field::Length) && !shows(Method::Post, Field::Length));
    assert!(shows(Method::Post, Field::MaxSize) && !shows(Method::Put, Field::MaxSize));
    assert!(shows(Method::Part, Field::UploadId) && !shows(Method::Put, Field::UploadId));
    assert!(shows(Method::Delete, Field::Version) && !shows(Method::Put, Field::Version));
    assert!(!shows(Method::Put, Field::KmsKey));
    form.choose(Field::Sse, 2);
    assert!(form.fields().contains(&Field::KmsKey));
}

#[test]
fn a_key_is_made_from_a_layout_and_its_parts() {
    let mut console = with(BUCKET, "");
    let form = &mut console.state.presign.form;
    form.choose_method(Method::Put);
    form.turn(&Field::KeyFrom, 1);
    assert!(!form.fields().contains(&Field::Key));
    assert!(form.checked.key.is_none());
    for (part, value) in [
        ("directory", "uploads"),
        ("user", "user-1"),
        ("filename", "a.jpg"),
    ] {
        form.set_text(Field::Part(part.into()), value);
    }
    let key = form.checked.key.clone().unwrap();
    assert!(
        key.as_str().starts_with("uploads/user-1/") && key.as_str().ends_with("-a.jpg"),
        "{key:?}"
    );
    assert_eq!(
        form.checked.request.as_ref().unwrap().expires,
        Duration::from_mins(5)
    );
    form.new_uuids();
    assert_ne!(form.checked.key.as_ref(), Some(&key));
    form.set_text(Field::Part("uuid".into()), "no uuid");
    assert!(matches!(
        form.checked.faults.get(&Field::Part("uuid".into())),
        Some(Fault::Wrong(_))
    ));
    form.set_text(Field::Part("uuid".into()), "");
    form.set_text(Field::Part("user".into()), "a/b");
    assert!(form.checked.request.is_none());
}

#[test]
fn a_row_of_browse_fills_bucket_key_and_owner_in() {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.press("<Enter>");
    console.answer(Slot::Listing, Update::Page(page(&["a/"], &["b c"])));
    console.press("<Down>p");
    let form = &console.state.presign.form;
    assert_eq!(
        (form.text(&Field::Bucket), form.text(&Field::Key)),
        ("plain-bucket", "b c")
    );
    assert_eq!(console.state.screen, Screen::Presign);
    let mut console = Console::with_buckets(&[BUCKET]);
    console.press("<Enter>");
    let found = vec![crate::app::testing::folder_of("user-1")];
    console.answer(
        Slot::Listing,
        Update::Owners(crate::ops::owners::OwnersUpdate::Found(found)),
    );
    console.press("p");
    let form = &console.state.presign.form;
    assert_eq!(form.text(&Field::Part("user".into())), "user-1");
    assert!(form.layout().is_some());
}

#[test]
fn a_result_that_the_form_has_left_behind_says_so() {
    let mut console = with("plain-bucket", "k");
    console.press("s");
    console.answer(
        Slot::Sign,
        Update::Signed(Box::new(signed("plain-bucket", "k"))),
    );
    console.end(Slot::Sign, End::Done);
    assert!(!console.state.presign.made().unwrap().is_stale);
    console.state.presign.form.cursor = Field::Key;
    console.press("<Enter>2<Esc>");
    assert!(console.state.presign.made().unwrap().is_stale);
}

#[test]
fn an_answer_to_an_older_request_is_dropped() {
    let mut console = with("plain-bucket", "k");
    console.press("s");
    let old = console.last(Slot::Sign).ticket;
    console.press("s");
    console.say(Message::Task(crate::tasks::Envelope {
        slot: Slot::Sign,
        ticket: old,
        update: Update::Signed(Box::new(signed("plain-bucket", "k"))),
    }));
    assert!(matches!(console.state.presign.outcome, Made::Signing));
}

#[test]
fn a_delete_is_signed_with_write_alone() {
    let mut console = with("plain-bucket", "k");
    console.state.presign.form.choose_method(Method::Delete);
    console.press("s");
    assert!(!asked_to_sign(&console));
    assert!(
        console
            .state
            .toast
            .as_ref()
            .unwrap()
            .words
            .contains("changes are not allowed")
    );
    console.state.write = true;
    console.press("s");
    assert!(asked_to_sign(&console));
}

#[test]
fn the_countdown_ticks_while_it_is_shown_and_ends() {
    let mut console = with("plain-bucket", "k");
    assert!(!console.state.counts_down(noon()));
    console.press("s");
    console.answer(
        Slot::Sign,
        Update::Signed(Box::new(signed("plain-bucket", "k"))),
    );
    assert!(console.state.counts_down(noon()));
    console.press("7");
    assert!(!console.state.counts_down(noon()));
    console.press("6");
    assert!(
        !console
            .state
            .counts_down(noon() + chrono::Duration::minutes(15))
    );
}

#[test]
fn the_url_is_copied_and_a_snippet_that_hides_something_is_asked_about() {
    let mut console = with("plain-bucket", "k");
    console.press("y");
    assert!(console.others.is_empty());
    console.press("s");
    console.answer(
        Slot::Sign,
        Update::Signed(Box::new(signed("plain-bucket", "k"))),
    );
    console.press("y");
    assert!(
        matches!(console.others.last(), Some(Command::Copy(url)) if url.ends_with("Signature=5ec2e7"))
    );
    console.press("]Y");
    assert!(matches!(console.others.last(), Some(Command::Copy(curl)) if curl.starts_with("curl")));
    let hidden = "k\u{202e}";
    console.press("s");
    console.answer(
        Slot::Sign,
        Update::Signed(Box::new(signed("plain-bucket", hidden))),
    );
    let made = console.state.presign.made().unwrap();
    let asks = made
        .snippets
        .iter()
        .any(|(_, text)| text.lines().any(crate::domain::text::has_hidden));
    console.press("Y");
    assert_eq!(
        asks,
        matches!(console.state.overlay, Some(Overlay::ConfirmCopy(_)))
    );
}

#[test]
fn no_task_is_named_by_what_was_signed() {
    let mut console = with("plain-bucket", "k");
    console.press("s");
    console.answer(
        Slot::Sign,
        Update::Signed(Box::new(signed("plain-bucket", "k"))),
    );
    let tasks: Vec<String> = console
        .state
        .tasks
        .source()
        .iter()
        .map(|task| task.target.clone())
        .collect();
    assert!(
        tasks
            .iter()
            .any(|target| target == "GET s3://plain-bucket/k"),
        "{tasks:?}"
    );
    assert!(!format!("{:?}", console.state).contains("5ec2e7"));
}

const URL: &str = "https://plain-bucket.s3.us-east-1.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260301%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20260301T115900Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";

#[test]
fn a_pasted_url_is_explained_at_once_and_tried_when_asked() {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.press("6i");
    console.say(Message::Paste(format!("{URL}\n")));
    let found = console.state.presign.inspect.inspection().unwrap();
    assert_eq!(found.place.bucket.as_deref(), Some("plain-bucket"));
    assert!(!found.is_refused(), "{:?}", found.flaws);
    assert!(!console.jobs.iter().any(|job| job.slot == Slot::CheckUrl));
    console.press("c");
    let checked = Checked {
        sent: Some("GET"),
        status: Some(206),
        code: None,
        verdict: Verdict::Works,
        words: "it works".into(),
    };
    console.answer(Slot::CheckUrl, Update::UrlChecked(Box::new(checked)));
    assert!(console.state.presign.inspect.checked.is_some());
    console.say(Message::Paste("https://example.com/".into()));
    assert!(console.state.presign.inspect.checked.is_none());
}

#[test]
fn the_smoke_test_looks_first_asks_before_it_creates_and_says_how_to_allow_it() {
    let mut console = with("leadshop-assets", "");
    console.press("t");
    assert!(matches!(
        console.last(Slot::SmokeLook).work,
        Work::SmokeLook(_)
    ));
    console.press("s");
    assert!(
        console
            .state
            .toast
            .as_ref()
            .unwrap()
            .words
            .contains("changes are not allowed")
    );
    assert!(console.state.overlay.is_none());
    assert!(!console.jobs.iter().any(|job| job.slot == Slot::Smoke));
    console.press("<Esc>");
    assert_eq!(console.state.presign.page, Page::Form);
}

#[test]
fn checks_of_the_smoke_test_fill_the_table_in_as_they_end() {
    let mut console = with("leadshop-assets", "");
    console.press("t");
    let smoke = &mut console.state.presign.smoke;
    smoke.rows = [Check::SignInTime, Check::SmallUpload]
        .map(|check| crate::app::screens::presign::smoke::Row {
            check,
            state: crate::app::screens::presign::smoke::RowState::Waiting,
        })
        .into();
    let ended = CheckResult {
        check: Check::SignInTime,
        verdict: Outcome::Pass("1 ms".into()),
        took: Duration::from_millis(1),
    };
    for event in [
        Event::Began(Check::SignInTime),
        Event::Ended(ended),
        Event::Began(Check::SmallUpload),
    ] {
        console.answer(Slot::SmokeLook, Update::Smoke(SmokeNews::Check(event)));
    }
    let words: Vec<&str> = console
        .state
        .presign
        .smoke
        .rows
        .iter()
        .map(crate::app::screens::presign::smoke::Row::word)
        .collect();
    assert_eq!(words, ["pass", "running"]);
    console.press("<Enter>");
    assert!(
        matches!(&console.state.overlay, Some(Overlay::Words { text, .. }) if text.contains("1 ms"))
    );
}

#[test]
fn why_signing_failed_is_explained_on_the_screen() {
    let mut console = with("plain-bucket", "k");
    console.press("s");
    console.end(
        Slot::Sign,
        End::Failed(problem(ProblemKind::ExpiredCredentials)),
    );
    assert!(matches!(console.state.presign.outcome, Made::Failed(_)));
    console.press("e");
    assert!(matches!(console.state.overlay, Some(Overlay::Explain(_))));
}
