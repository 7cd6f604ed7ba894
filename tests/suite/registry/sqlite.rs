//! Lists in SQLite.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use s3warden::facade::aws::ProblemKind;
use s3warden::facade::domain::blueprint::ReferenceList;
use s3warden::facade::domain::blueprint::registry::Source;
use s3warden::facade::domain::registry::{Fault, Subject};
use s3warden::facade::ops::registry::Why;
use tempfile::TempDir;

use super::support::{aws, from, ids, owners};

/// A database, and the file with its URL.
struct Database {
    folder: TempDir,
}

impl Database {
    fn with(statements: &str) -> Self {
        let database = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let connection = rusqlite::Connection::open(database.path()).unwrap();
        connection.execute_batch(statements).unwrap();
        connection.close().unwrap();
        database
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("app.db")
    }

    fn asking(&self, query: &str) -> ReferenceList {
        let url = self.folder.path().join("url");
        std::fs::write(&url, format!("sqlite://{}\n", self.path().display())).unwrap();
        std::fs::set_permissions(&url, std::fs::Permissions::from_mode(0o600)).unwrap();
        list(&url, query)
    }
}

fn list(url: &Path, query: &str) -> ReferenceList {
    ReferenceList {
        source: Some(Source::Sql),
        url_file: Some(url.to_owned()),
        query: Some(query.to_owned()),
        ..ReferenceList::default()
    }
}

const USERS: &str = "CREATE TABLE users (id, name TEXT);
    INSERT INTO users VALUES ('user-1', 'a'), (' user-2 ', 'b'), (42, 'c'), (NULL, 'd'), (x'ff', 'e'), (1.5, 'f'), ('', 'g');";

#[tokio::test]
async fn texts_and_whole_numbers_are_ids_and_all_else_is_malformed() {
    let database = Database::with(USERS);
    let list = owners(&database.asking("SELECT id, name FROM users"))
        .await
        .unwrap();
    assert_eq!(ids(&list), ["user-1", " user-2 ", "42"]);
    assert_eq!((list.rows, list.malformed), (7, 4));
    assert!(list.stated.ends_with("app.db"), "{}", list.stated);
    let named = ReferenceList {
        column: Some("name".to_owned()),
        ..database.asking("SELECT id, name FROM users;")
    };
    assert_eq!(owners(&named).await.unwrap().len(), 7);
}

#[tokio::test]
async fn a_row_may_name_several_keys_and_their_owner() {
    let database = Database::with(
        "CREATE TABLE assets (s3Key TEXT, thumbnailKey TEXT, userId TEXT);
         INSERT INTO assets VALUES ('a.jpg', 'a-t.jpg', 'ada'), ('b.jpg', NULL, 'lin'), (NULL, NULL, NULL);",
    );
    let list = ReferenceList {
        columns: Some(vec!["s3Key".to_owned(), "thumbnailKey".to_owned()]),
        owner_column: Some("userId".to_owned()),
        ..database.asking("SELECT * FROM assets")
    };
    let aws = aws("http://127.0.0.1:9").await;
    let registry = from(&aws, &list, Subject::Keys).await.unwrap();
    assert_eq!(ids(&registry), ["a.jpg", "a-t.jpg", "b.jpg"]);
    assert_eq!(registry.owner_of("a-t.jpg"), Some("ada"));
    assert_eq!((registry.rows, registry.malformed), (3, 1));
}

#[tokio::test]
async fn nothing_but_one_select_reaches_the_database() {
    let database = Database::with(USERS);
    let before = std::fs::read(database.path()).unwrap();
    for query in [
        "DELETE FROM users",
        "SELECT 1; DELETE FROM users",
        "PRAGMA user_version = 7",
        "ATTACH 'other.db' AS other",
        "WITH gone AS (SELECT 1) DELETE FROM users",
    ] {
        let refused = owners(&database.asking(query)).await.unwrap_err();
        assert_eq!(refused.why, Why::Asked, "{query}: {refused:?}");
    }
    assert_eq!(std::fs::read(database.path()).unwrap(), before);
    assert_eq!(
        std::fs::read_dir(database.folder.path()).unwrap().count(),
        2
    );
}

#[tokio::test]
async fn what_is_wrong_is_told_apart() {
    let database = Database::with(USERS);
    let why = |query: &'static str| {
        let list = database.asking(query);
        async move { owners(&list).await.unwrap_err() }
    };
    let table = why("SELECT id FROM nowhere").await;
    assert_eq!(table.why, Why::Asked);
    assert!(table.problem.message.contains("nowhere"), "{table:?}");
    let empty = why("SELECT id FROM users WHERE 0").await;
    assert!(matches!(empty.why, Why::Unreliable(Fault::Empty { .. })));
    let named = ReferenceList {
        column: Some("user".to_owned()),
        ..database.asking("SELECT id, name FROM users")
    };
    let column = owners(&named).await.unwrap_err();
    assert_eq!(column.why, Why::Asked);
    assert!(column.problem.message.contains("it gives id, name"));
}

#[tokio::test]
async fn a_database_that_is_not_there_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let (url, path) = (folder.path().join("url"), folder.path().join("none.db"));
    std::fs::write(&url, format!("sqlite://{}", path.display())).unwrap();
    std::fs::set_permissions(&url, std::fs::Permissions::from_mode(0o600)).unwrap();
    let missing = owners(&list(&url, "SELECT 1")).await.unwrap_err();
    assert_eq!(missing.why, Why::Unreachable);
    assert_eq!(missing.problem.kind, ProblemKind::NotFound, "{missing:?}");
    assert!(!path.exists());

    std::fs::write(&path, "this is no database, however long it is").unwrap();
    let other = owners(&list(&url, "SELECT 1")).await.unwrap_err();
    assert_eq!(other.why, Why::Unreachable, "{other:?}");
}

#[tokio::test]
async fn the_url_is_told_to_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let url = folder.path().join("url");
    for secret in [
        "postgres://ada:hush-hush@127.0.0.1:9/app",
        "postgres://ada:hush-hush@127.0.0.1:notaport/app",
        "postgres://ada:hush-hush@127.0.0.1:9/app?sslmode=hush-hush",
        "mysql://ada:hush-hush@127.0.0.1/app",
        "hush-hush",
    ] {
        std::fs::write(&url, secret).unwrap();
        std::fs::set_permissions(&url, std::fs::Permissions::from_mode(0o600)).unwrap();
        let refused = owners(&list(&url, "SELECT 1")).await.unwrap_err();
        let told = format!("{refused:?} {}", refused.problem);
        assert!(!told.contains("hush"), "{told}");
    }
}
