use serde_json::Value;

use super::*;

#[derive(Serialize)]
struct Row {
    key: &'static str,
    size: Option<u64>,
}

impl Record for Row {
    const FIELDS: &'static [&'static str] = &["key", "size"];
    const COLUMNS: &'static [Column] = &[Column::numbers("SIZE", 6), Column::words("KEY", 0)];

    fn cells(&self) -> Vec<String> {
        let size = self
            .size
            .map_or_else(|| "?".to_owned(), |size| size.to_string());
        vec![size, self.key.to_owned()]
    }
}

#[derive(Serialize)]
struct Totals {
    objects: u64,
}

const HOSTILE: &str = "=a\u{202e}\u{9b}\x1b\n\"é\u{e0041}";

fn print(format: Format, on_screen: bool, rows: &[Row], notes: &[Note]) -> String {
    let look = OutputStyle {
        format,
        on_screen,
        first_column: 0,
    };
    let mut output = Vec::new();
    let mut document = Document::begin::<Row>(look, "s3warden/test/1", &mut output).unwrap();
    for row in rows {
        document.item(row).unwrap();
    }
    let objects = rows.len() as u64;
    document.end(&Totals { objects }, notes).unwrap();
    String::from_utf8(output).unwrap()
}

fn rows() -> [Row; 2] {
    [
        Row {
            key: HOSTILE,
            size: Some(12),
        },
        Row {
            key: "b",
            size: None,
        },
    ]
}

fn note() -> Note {
    Note {
        what: "size of b".to_owned(),
        why: "denied".to_owned(),
    }
}

#[test]
fn a_table_lines_up_and_hides_nothing() {
    assert_eq!(
        print(Format::Table, true, &rows(), &[]),
        "  SIZE  KEY\n    12  =a\\u{202e}\\u{9b}\\x1b\\n\"é\\u{e0041}\n     ?  b\n"
    );
}

#[test]
fn an_empty_table_is_no_output() {
    assert_eq!(print(Format::Table, true, &[], &[]), "");
}

#[test]
fn json_is_exact_and_yet_safe_on_a_screen() {
    let printed = print(Format::Json, true, &rows(), &[]);
    assert!(
        !printed
            .chars()
            .any(|c| c != '\n' && crate::domain::text::is_hidden(c)),
        "{printed:?}"
    );
    let document: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(document["schema"], "s3warden/test/1");
    assert_eq!(document["complete"], true);
    assert_eq!(document["items"][0]["key"], HOSTILE);
    assert_eq!(document["items"][1]["size"], Value::Null);
    assert_eq!(document["summary"]["objects"], 2);
    assert_eq!(document["summary"]["incomplete"], Value::Array(vec![]));
}

#[test]
fn a_document_with_a_note_is_not_complete() {
    for format in [Format::Json, Format::Ndjson] {
        let printed = print(format, false, &[], &[note()]);
        let document: Value = serde_json::from_str(&printed).unwrap();
        assert_eq!(document["complete"], false, "{printed}");
        assert_eq!(document["summary"]["incomplete"][0]["what"], "size of b");
    }
}

#[test]
fn ndjson_is_one_item_a_line_and_ends_with_the_summary() {
    let printed = print(Format::Ndjson, false, &rows(), &[]);
    let lines: Vec<Value> = printed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0]["key"], HOSTILE);
    assert_eq!(lines[2]["schema"], "s3warden/test/1");
    assert_eq!(lines[2]["complete"], true);
}

#[test]
fn csv_is_exact_but_for_formulas() {
    let printed = print(Format::Csv, false, &rows(), &[]);
    let mut reader = ::csv::Reader::from_reader(printed.as_bytes());
    assert_eq!(reader.headers().unwrap(), vec!["key", "size"]);
    let rows: Vec<::csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows[0][0], format!("'{HOSTILE}"));
    assert_eq!(&rows[1][1], "");
}

#[test]
fn csv_on_a_screen_is_safe() {
    let printed = print(Format::Csv, true, &rows(), &[]);
    assert!(
        !printed
            .chars()
            .any(|c| c != '\n' && crate::domain::text::is_hidden(c)),
        "{printed:?}"
    );
}
