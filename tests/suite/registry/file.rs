//! Lists in files.

use std::path::Path;
use std::time::Duration;

use chrono::Utc;
use s3warden::facade::aws::Meter;
use s3warden::facade::domain::blueprint::ReferenceList;
use s3warden::facade::domain::blueprint::registry::{ListFormat, Source};
use s3warden::facade::domain::registry::{Fault, Subject};
use s3warden::facade::ops::registry::{RowCount, Why, read};
use tokio_util::sync::CancellationToken;

use super::support::{aws, ids, owners};

fn file(path: &Path) -> ReferenceList {
    ReferenceList {
        source: Some(Source::File),
        path: Some(path.to_owned()),
        ..ReferenceList::default()
    }
}

#[tokio::test]
async fn a_list_says_where_it_is_from_when_it_was_made_and_when_it_was_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users");
    std::fs::write(&path, "user-1\nuser-10\n").unwrap();
    let yesterday = std::time::SystemTime::now() - Duration::from_hours(24);
    let opened = std::fs::File::options().write(true).open(&path).unwrap();
    opened.set_modified(yesterday).unwrap();
    let before = Utc::now();
    let list = owners(&file(&path)).await.unwrap();
    assert_eq!(ids(&list), ["user-1", "user-10"]);
    assert_eq!((list.rows, list.malformed), (2, 0));
    assert_eq!(list.stated, path.display().to_string());
    assert!(list.read_at >= before && list.read_at <= Utc::now());
    assert_eq!(list.dates_from(), chrono::DateTime::<Utc>::from(yesterday));
}

#[tokio::test]
async fn a_list_that_cannot_be_relied_on_is_none_and_its_words_say_which() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users.csv");
    let reading = |text: &'static str, column: Option<&str>| {
        std::fs::write(&path, text).unwrap();
        let list = ReferenceList {
            column: column.map(str::to_owned),
            ..file(&path)
        };
        async move { owners(&list).await.unwrap_err() }
    };
    let id = Some("id");
    let empty = reading("id\n", id).await;
    assert!(matches!(empty.why, Why::Unreliable(Fault::Empty { .. })));
    assert!(empty.problem.to_string().contains("it names no owners"));
    assert!(empty.problem.advice.contains("nothing overrules"));
    let cut = reading("id\na\n\"b", id).await;
    assert!(matches!(cut.why, Why::Unreliable(Fault::CutShort(_))));
    let column = reading("id\na\n", None).await;
    assert_eq!(column.why, Why::Asked);
    assert!(column.problem.to_string().contains("it has id"));

    let missing = owners(&file(&folder.path().join("no such file")))
        .await
        .unwrap_err();
    assert_eq!(missing.why, Why::Unreachable);
    let gap = owners(&ReferenceList::default()).await.unwrap_err();
    assert_eq!(gap.why, Why::Asked);
    assert!(gap.problem.message.contains("source is missing"));
}

#[tokio::test]
async fn a_pipe_that_nobody_writes_to_does_not_keep_anyone_who_stops() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let list = ReferenceList {
        format: Some(ListFormat::Lines),
        ..file(&pipe)
    };
    let (rows, meter, cancel) = (RowCount::new(), Meter::new(), CancellationToken::new());
    let aws = aws("http://127.0.0.1:9").await;
    cancel.cancel();
    let stopped = read(&list, Subject::Owners, &aws, &rows, &meter, &cancel).await;
    assert_eq!(stopped.unwrap_err().why, Why::Stopped);
    // The thread that waits at the pipe is let go: the test's runtime waits for it.
    let _ = std::fs::File::options().read(true).write(true).open(&pipe);
}
