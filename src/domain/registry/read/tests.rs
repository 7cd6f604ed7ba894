use std::io::Read as _;

use chrono::DateTime;
use proptest::prelude::*;

use super::*;
use crate::domain::registry::{Registry, Subject};

fn columns(ids: &[&str], owner: Option<&str>) -> Columns {
    Columns {
        ids: ids.iter().map(|&id| id.to_owned()).collect(),
        owner: owner.map(str::to_owned),
        ..Columns::default()
    }
}

fn read(bytes: &[u8], format: ListFormat, columns: &Columns) -> Result<Registry, Fault> {
    let mut intake = Intake::new(Subject::Keys, "a test", DateTime::UNIX_EPOCH);
    text(bytes, format, columns, &mut intake, &mut |_| true)?;
    intake.finish()
}

fn lines(bytes: &[u8]) -> Result<Registry, Fault> {
    read(bytes, ListFormat::Lines, &Columns::default())
}

fn csv(text: &str, ids: &[&str]) -> Result<Registry, Fault> {
    read(text.as_bytes(), ListFormat::Csv, &columns(ids, None))
}

fn json(text: &str, ids: &[&str]) -> Result<Registry, Fault> {
    read(text.as_bytes(), ListFormat::Json, &columns(ids, None))
}

fn ndjson(text: &str, ids: &[&str]) -> Result<Registry, Fault> {
    read(text.as_bytes(), ListFormat::Ndjson, &columns(ids, None))
}

fn ids(registry: &Registry) -> Vec<&str> {
    registry.records().map(|(id, _)| id).collect()
}

#[test]
fn nothing_is_trimmed_but_the_mark_and_the_line_ends() {
    let list = lines("\u{feff}user-1\r\n user-2 \n# user-3\n\tu\n".as_bytes()).unwrap();
    assert_eq!(ids(&list), ["user-1", " user-2 ", "# user-3", "\tu"]);
    assert_eq!(
        (list.rows, list.malformed, list.is_unended()),
        (4, 0, false)
    );
    // A byte order mark further on is part of an id.
    assert_eq!(
        ids(&lines("a\n\u{feff}b\n".as_bytes()).unwrap()),
        ["a", "\u{feff}b"]
    );
}

#[test]
fn an_empty_line_is_a_malformed_row() {
    let list = lines(b"a\n\n\r\nb\n").unwrap();
    assert_eq!(ids(&list), ["a", "b"]);
    assert_eq!((list.rows, list.malformed), (4, 2));
}

#[test]
fn what_is_not_utf_8_is_unreadable_and_its_line_is_named() {
    let names_line = |fault: Fault, line: u64| {
        assert!(
            matches!(fault, Fault::Unreadable { line: at, .. } if at == line),
            "{fault:?}"
        );
    };
    names_line(lines(b"a\nb\n\xff\xfec\n").unwrap_err(), 3);
    names_line(lines(b"\xff\xfea\0").unwrap_err(), 1);
    names_line(lines(b"\x1f\x8b\x08").unwrap_err(), 1);
    let id = columns(&["id"], None);
    names_line(
        read(b"id,n\na,1\nb,\xff\n", ListFormat::Csv, &id).unwrap_err(),
        3,
    );
    names_line(
        read(
            b"[{\"id\":\"a\"},\n{\"id\":\"\xff\"}]",
            ListFormat::Json,
            &id,
        )
        .unwrap_err(),
        2,
    );
    names_line(
        read(
            b"{\"id\":\"a\"}\n{\"id\":\"\xff\"}\n",
            ListFormat::Ndjson,
            &id,
        )
        .unwrap_err(),
        2,
    );
}

#[test]
fn a_last_line_without_an_end_is_taken_and_remembered() {
    for list in [
        lines(b"user-1\nuser-2").unwrap(),
        csv("id\nuser-1\nuser-2", &["id"]).unwrap(),
    ] {
        assert_eq!(ids(&list), ["user-1", "user-2"]);
        assert!(list.is_unended());
        assert!(list.likeness("user-25").is_some());
    }
    assert!(!csv("id\nuser-1\n", &["id"]).unwrap().is_unended());
}

#[test]
fn a_line_that_never_ends_is_not_read_into_memory() {
    let endless = std::io::BufReader::new(std::io::repeat(b'x'));
    let mut intake = Intake::new(Subject::Keys, "a test", DateTime::UNIX_EPOCH);
    let none = Columns::default();
    let fault = text(endless, ListFormat::Lines, &none, &mut intake, &mut |_| {
        true
    });
    assert!(matches!(fault, Err(Fault::Unreadable { line: 1, .. })));

    let quote = std::io::Cursor::new(b"id\na\n\"".as_slice()).chain(std::io::repeat(b'x'));
    let endless = std::io::BufReader::new(quote);
    let id = columns(&["id"], None);
    let fault = text(endless, ListFormat::Csv, &id, &mut intake, &mut |_| true).unwrap_err();
    assert!(matches!(fault, Fault::Unreadable { .. }), "{fault:?}");
}

#[test]
fn a_csv_needs_the_name_of_a_column_that_it_has_once() {
    assert_eq!(
        csv("id,name\na,b\n", &[]).unwrap_err().to_string(),
        "a CSV needs the name of the column that holds them; it has id, name"
    );
    assert_eq!(
        csv("id,name\na,b\n", &["user"]).unwrap_err().to_string(),
        "it has no column \"user\"; it has id, name"
    );
    let twice = csv("id,id\na,b\n", &["id"]).unwrap_err();
    assert!(twice.to_string().contains("two columns"));
    assert!(matches!(csv("", &["id"]), Err(Fault::CutShort(_))));
}

#[test]
fn a_csv_gives_fields_as_they_are() {
    let list = csv(
        "\u{feff}name,key\r\n1,\"a,b\"\r\n2,\"a \"\"b\"\"\"\r\n3,\"two\nlines\"\r\n4, x \r\n",
        &["key"],
    )
    .unwrap();
    assert_eq!(ids(&list), ["a,b", "a \"b\"", "two\nlines", " x "]);
    assert_eq!((list.rows, list.malformed), (4, 0));
}

#[test]
fn a_csv_row_of_another_width_is_malformed_and_its_key_is_alive() {
    let list = csv("key,n\na,1\nb\nc,1,2\n,4\nd,5\n", &["key"]).unwrap();
    assert_eq!(ids(&list), ["a", "b", "c", "d"]);
    assert_eq!((list.rows, list.malformed), (5, 3));
}

#[test]
fn a_csv_that_ends_within_a_row_is_cut_short() {
    for cut in ["id,n\na,1\n\"b", "id,n\na,1\nb", "id,n\na,\"x\"\"\n"] {
        assert!(
            matches!(csv(cut, &["id"]), Err(Fault::CutShort(_))),
            "{cut:?}"
        );
    }
}

#[test]
fn a_row_may_name_several_keys_and_their_owner() {
    let named = columns(&["s3Key", "thumbnailKey"], Some("userId"));
    let csv = "assetId,s3Key,thumbnailKey,userId\n1,a.jpg,a-t.jpg,ada\n2,b.jpg,,lin\n3,,,\n";
    let ndjson = concat!(
        r#"{"assetId":"1","s3Key":"a.jpg","thumbnailKey":"a-t.jpg","userId":"ada"}"#,
        "\n",
        r#"{"s3Key":"b.jpg","thumbnailKey":null,"userId":"lin"}"#,
        "\n",
        r#"{"assetId":"3"}"#,
        "\n",
    );
    for (text, format) in [(csv, ListFormat::Csv), (ndjson, ListFormat::Ndjson)] {
        let list = read(text.as_bytes(), format, &named).unwrap();
        assert_eq!(ids(&list), ["a.jpg", "a-t.jpg", "b.jpg"]);
        assert_eq!(list.owner_of("a-t.jpg"), Some("ada"));
        assert_eq!(list.owner_of("b.jpg"), Some("lin"));
        assert_eq!((list.rows, list.malformed), (3, 1));
    }
}

#[test]
fn json_is_an_array_of_texts_or_of_objects() {
    assert_eq!(
        ids(&json("\u{feff}[\"a\", \" b\\u00e9\"]", &[]).unwrap()),
        ["a", " bé"]
    );
    let objects =
        r#"[{"id": "a"}, {"id": 42}, {"id": -1}, {"id": 1.5}, {"id": true}, {"no": 1}, "x", 7]"#;
    let list = json(objects, &["id"]).unwrap();
    assert_eq!(ids(&list), ["a", "42", "-1"]);
    assert_eq!((list.rows, list.malformed), (8, 5));
    let unnamed = json(objects, &[]).unwrap_err();
    assert!(
        unnamed.to_string().ends_with("the first has id"),
        "{unnamed}"
    );
}

#[test]
fn json_that_ends_early_is_cut_short_and_other_json_is_no_list() {
    for cut in [
        "",
        "[",
        "[\"a\"",
        "[\"a\", ",
        "[\"a\", \"b",
        "[{\"id\": \"a\"",
    ] {
        assert!(matches!(json(cut, &[]), Err(Fault::CutShort(_))), "{cut:?}");
    }
    for other in ["{\"id\": \"a\"}", "\"a\"", "[\"a\"] []", "[\"a\" \"b\"]"] {
        assert!(
            matches!(json(other, &[]), Err(Fault::Unreadable { line: 1, .. })),
            "{other:?}"
        );
    }
}

#[test]
fn json_lines_are_whole_values_and_the_last_may_be_cut_short() {
    let list = ndjson("{\"id\":\"a\"}\n\n{\"id\":\"b\"}", &["id"]).unwrap();
    assert_eq!(ids(&list), ["a", "b"]);
    assert_eq!((list.rows, list.malformed), (3, 1));
    // The closing brace shows that the last value is complete.
    assert!(!list.is_unended());
    assert!(matches!(
        ndjson("{\"id\":\"a\"}\n{\"id\":\"b", &["id"]),
        Err(Fault::CutShort(_))
    ));
    assert!(matches!(
        ndjson("{\"id\":\"a\"}\nb\n{\"id\":\"c\"}\n", &["id"]),
        Err(Fault::Unreadable { line: 2, .. })
    ));
}

#[test]
fn lines_have_no_columns() {
    let fault = read(b"a\n", ListFormat::Lines, &columns(&["id"], None)).unwrap_err();
    assert!(matches!(fault, Fault::NoColumn(_)));
}

#[test]
fn reading_stops_when_it_is_no_longer_wanted() {
    let many = "id\n".repeat(20_000);
    let mut intake = Intake::new(Subject::Owners, "a test", DateTime::UNIX_EPOCH);
    let mut told = Vec::new();
    let stopped = text(
        many.as_bytes(),
        ListFormat::Lines,
        &Columns::default(),
        &mut intake,
        &mut |rows| {
            told.push(rows);
            told.len() < 2
        },
    );
    assert_eq!(stopped, Err(Fault::Stopped));
    assert_eq!(told, [ROWS_A_WORD, 2 * ROWS_A_WORD]);
}

proptest! {
    #[test]
    fn whatever_ids_are_written_the_same_are_read(written in prop::collection::vec("[^\\r\\n]{1,20}", 1..20)) {
        let mut distinct: Vec<&str> = Vec::new();
        for id in &written {
            if !distinct.contains(&id.as_str()) {
                distinct.push(id);
            }
        }
        // A byte order mark before the text is not part of it; one inside is.
        let text = format!("\u{feff}{}\r\n", written.join("\r\n"));
        let list = lines(text.as_bytes()).unwrap();
        prop_assert_eq!(ids(&list), distinct.clone());

        let mut to = ::csv::Writer::from_writer(Vec::new());
        to.write_record(["id", "n"]).unwrap();
        for id in &written {
            to.write_record([id.as_str(), "1"]).unwrap();
        }
        let text = String::from_utf8(to.into_inner().unwrap()).unwrap();
        let list = csv(&text, &["id"]).unwrap();
        prop_assert_eq!(ids(&list), distinct.clone());

        let text = serde_json::to_string(&written).unwrap();
        let list = json(&text, &[]).unwrap();
        prop_assert_eq!(ids(&list), distinct);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let named = columns(&["id"], None);
        let _ = lines(&bytes);
        for format in [ListFormat::Csv, ListFormat::Json, ListFormat::Ndjson] {
            let _ = read(&bytes, format, &named);
        }
    }
}
