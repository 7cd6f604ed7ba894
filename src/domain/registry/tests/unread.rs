//! Rows that cannot be read: nobody whom they may name is reported as gone.

use proptest::prelude::*;
use serde_json::json;

use super::super::read::{Columns, text};
use super::super::*;
use crate::domain::blueprint::registry::ListFormat;

pub(in crate::domain) fn read(text_of_list: &str, format: ListFormat) -> Option<Registry> {
    let mut intake = Intake::new(Subject::Owners, "a test", DateTime::UNIX_EPOCH);
    let columns = Columns {
        ids: vec!["id".to_owned()],
        ..Columns::default()
    };
    text(
        text_of_list.as_bytes(),
        format,
        &columns,
        &mut intake,
        &mut |_| true,
    )
    .ok()?;
    intake.finish().ok()
}

fn read_lines(text_of_list: &str) -> Option<Registry> {
    let mut intake = Intake::new(Subject::Owners, "a test", DateTime::UNIX_EPOCH);
    let (source, columns) = (text_of_list.as_bytes(), Columns::default());
    text(
        source,
        ListFormat::Lines,
        &columns,
        &mut intake,
        &mut |_| true,
    )
    .ok()?;
    intake.finish().ok()
}

/// An id as applications create them.
fn any_id() -> impl Strategy<Value = String> {
    prop_oneof![
        (1_u64..3_000).prop_map(|number| number.to_string()),
        (1_u64..u64::MAX).prop_map(|number| number.to_string()),
        (0_u64..200).prop_map(|number| format!("{number:05}")),
        (0_u64..50).prop_map(|number| format!("user-{number}")),
        "[0-9a-f]{24}",
        "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}",
        "[a-zA-Z][a-zA-Z0-9._-]{0,8}",
        "[A-Z][a-z]{1,5}, [A-Z][a-z]{1,5}",
        "(auth0|google-oauth2)\\|[0-9a-f]{8}",
        "urn:user:[1-9][0-9]{0,4}",
        "[0-2][0-9]:[0-5][0-9]",
        "[A-Z]'[A-Z][a-z]{2,5}",
        "[A-Z][a-z]{1,5} [A-Z][a-z]{1,5}",
        "[a-zëöüßéñ]{2,6}[ëöüéñ][a-z]{0,3}",
        "[ぁ-ゖ]{2,5}[0-9]{1,3}",
        "[a-z]{2,5}#[0-9]{4}",
        "[a-z]{2,5}=[a-z]{2,5};[0-9]{1,3}",
        "(MARCH|SEPT|DEC)[1-9]",
        "[1-9]-[1-9]",
    ]
}

/// The same id in a row of JSON Lines that cannot be read, or is read as another id.
pub(in crate::domain) fn torn_json(id: &str, how: usize) -> String {
    let number = id.parse::<u64>().ok();
    let value = match how {
        0 => json!({ "id": { "$oid": id } }),
        1 => json!({ "_id": id }),
        2 => json!({ "id": null, "name": "Ada" }),
        3 => json!({ "id": [id] }),
        4 => json!({ "name": "Ada", "age": 42 }),
        5 => number.map_or(json!({ "id": true }), |number| {
            #[expect(
                clippy::cast_precision_loss,
                reason = "as programs without integers do"
            )]
            let lossy = number as f64;
            json!({ "id": lossy })
        }),
        6 => json!({ "id": format!("\"{id}\"") }),
        7 => json!({ "id": format!(" {}\t", id.to_uppercase()) }),
        8 => json!(7),
        9 => json!({ "id": format!("user:{id}") }),
        10 => json!({ "id": format!("ObjectId(\"{id}\")") }),
        _ => json!({ "id": "" }),
    };
    value.to_string()
}

/// The same in CSV with the columns `id,name`.
fn torn_csv(id: &str, how: usize) -> String {
    match how {
        0 => format!("{id},Ada,extra"),
        1 => format!("Ada,{id},extra,more"),
        2 => "Ada".to_owned(),
        3 => ",Ada".to_owned(),
        // With a comma in the id, such a row has the right number of fields, and nobody can notice.
        4 if !id.contains(',') => format!("{id};Ada"),
        5 if !id.contains(',') => format!("{id} Ada"),
        _ => format!("x,y,{id}"),
    }
}

/// The letters of an id as written by programs that only support ASCII.
fn escaped(id: &str, how: impl Fn(char) -> String) -> String {
    let letters = id.chars();
    letters
        .map(|c| if c.is_ascii() { c.to_string() } else { how(c) })
        .collect()
}

/// The same in a list of one id per line: written by another program, or in another format.
fn torn_line(id: &str, how: usize) -> String {
    let tight = |id: &str| {
        let mut letters: Vec<char> = id.chars().collect();
        letters.insert(letters.len() / 2, '\u{200b}');
        letters.into_iter().collect::<String>()
    };
    match how {
        0 => format!("{id},Ann,x@example.org"),
        1 => format!("{id},"),
        2 => format!("7\t{id}\tAnn"),
        3 => format!("Ann;{id};2026-01-01"),
        4 => format!(" {id} | Ann"),
        5 => json!({ "name": "Ann", "id": id }).to_string(),
        6 => format!(
            "INSERT INTO users VALUES ('{}', 'Ann');",
            id.replace('\'', "''")
        ),
        7 => format!("<id>{id}</id>"),
        8 => format!("- {id}"),
        9 => format!("s3://media/users/{id}/"),
        10 => format!("                           PRE {id}/"),
        11 => format!("/{id}/"),
        12 => format!("\u{feff}{id}"),
        13 => tight(id),
        14 => id.replace('-', "\u{2011}").replace('\'', "\u{2019}"),
        15 => id.replace(' ', "\u{a0}").replace('-', "\u{2013}"),
        16 => escaped(id, |c| format!("\\u{:04x}", u32::from(c))),
        17 => escaped(id, |c| format!("&#{};", u32::from(c))),
        18 => escaped(id, |_| "?".to_owned()),
        19 => escaped(id, |_| "\u{fffd}".to_owned()),
        20 => id.bytes().map(char::from).collect(),
        21 => format!("mailto:{id}"),
        22 => format!("urn:uuid:{id}"),
        23 => format!("#{id}"),
        24 => format!("\u{200e}{}\u{200e}", id.to_uppercase()),
        25 => format!("id: {id}"),
        26 => format!("\"{}\",\"Ann\"", id.replace('"', "\"\"")),
        27 => {
            let digit = |c: char| {
                c.to_digit(10)
                    .and_then(|digit| char::from_u32(0x660 + digit))
            };
            id.chars().map(|c| digit(c).unwrap_or(c)).collect()
        }
        28 => id
            .parse::<u128>()
            .map_or(id.to_owned(), |number| format!("0x{number:x}")),
        29 => id
            .parse::<u128>()
            .map_or(id.to_owned(), |number| format!("{number}L")),
        30 => shown(id).unwrap_or_else(|| id.to_owned()),
        31 => format!("{id}\u{fffd}"),
        32 => format!("\u{1b}[32m{id}\u{1b}[0m"),
        33 => id
            .bytes()
            .fold("\\x".to_owned(), |hex, byte| format!("{hex}{byte:02x}")),
        34 => {
            let quoted = |c: char| -> String {
                let bytes = c.to_string().into_bytes();
                let quoted = bytes.iter();
                quoted.fold(String::new(), |text, byte| format!("{text}={byte:02X}"))
            };
            escaped(&id.replace('=', "=3D"), quoted)
        }
        35 => id.replace('\'', "''"),
        36 => {
            let mut letters = id.chars();
            letters.next_back();
            format!("{}…", letters.as_str())
        }
        37 => {
            let mut letters: Vec<char> = id.chars().collect();
            let middle = letters.len() / 2;
            letters[middle] = '\u{fffd}';
            letters.into_iter().collect()
        }
        _ => format!("('{id}'),"),
    }
}

/// What a spreadsheet displays for an id that it takes for a date or a time.
fn shown(id: &str) -> Option<String> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let month = |name: &str| MONTHS.iter().find(|month| name.eq_ignore_ascii_case(month));
    if let (Some((first, second)), 3) = (id.split_once('-'), id.len()) {
        let month = MONTHS.get(first.parse::<usize>().ok()?.checked_sub(1)?)?;
        return Some(format!("{second}-{month}"));
    }
    if let (Some((hour, minute)), 5) = (id.split_once(':'), id.len()) {
        return Some(format!("{}:{minute}:00", hour.parse::<u8>().ok()?));
    }
    let day = id.chars().next_back().filter(char::is_ascii_digit)?;
    Some(format!("{day}-{}", month(id.get(..3)?)?))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_living_id_whose_row_could_not_be_read_is_never_gone(
        whole in prop::collection::vec(any_id(), 1..6),
        torn in any_id(),
        how in 0_usize..12,
        line in 0_usize..39,
    ) {
        // A list of lines: correct ones, and one that is written in another way.
        let mut lines = whole.clone();
        lines.insert(whole.len() / 2, torn_line(&torn, line));
        let registry = read_lines(&format!("{}\n", lines.join("\n"))).unwrap();
        prop_assert_ne!(registry.standing(&torn), Standing::Gone, "{:?}", lines);

        let mut lines: Vec<String> = whole.iter().map(|id| json!({ "id": id }).to_string()).collect();
        lines.insert(whole.len() / 2, torn_json(&torn, how));
        let registry = read(&format!("{}\n", lines.join("\n")), ListFormat::Ndjson).unwrap();
        prop_assert_ne!(registry.standing(&torn), Standing::Gone, "{:?}", lines);

        let how = how % 7;
        let mut lines: Vec<String> = whole
            .iter()
            .filter(|id| !id.contains([',', '"']))
            .map(|id| format!("{id},n"))
            .collect();
        lines.push("a-living-one,n".to_owned());
        lines.insert(0, torn_csv(&torn, how));
        if let Some(registry) = read(&format!("id,name\n{}\n", lines.join("\n")), ListFormat::Csv) {
            prop_assert_ne!(registry.standing(&torn), Standing::Gone, "{:?}", lines);
        }
    }

    #[test]
    fn an_id_that_only_a_whole_list_could_hold_and_does_not_is_gone(
        living in prop::collection::btree_set(1_000_u64..2_000, 1..20),
        missing in 2_000_u64..3_000,
    ) {
        let lines = living.iter().fold(String::new(), |lines, id| lines + &format!("user-{id}\n"));
        let mut intake = Intake::new(Subject::Owners, "a test", DateTime::UNIX_EPOCH);
        let columns = Columns::default();
        text(lines.as_bytes(), ListFormat::Lines, &columns, &mut intake, &mut |_| true).unwrap();
        let registry = intake.finish().unwrap();
        prop_assert_eq!(registry.standing(&format!("user-{missing}")), Standing::Gone);
        prop_assert_eq!(registry.standing(&missing.to_string()), Standing::Gone);
    }

    /// Ids with signs, and rows that contain more than their id: an id that occurs in no row is gone.
    #[test]
    fn an_id_that_stands_in_no_row_is_gone(
        living in prop::collection::btree_set(1_000_u64..2_000, 1..20),
        missing in 2_000_u64..3_000,
        form in 0_usize..9,
    ) {
        let id = |number: u64| match form {
            0 => format!("auth0|5f7c{number}"),
            1 => format!("urn:user:{number}"),
            2 => format!("O'Hara{number}"),
            3 => format!("Zoë Müller {number}"),
            4 => format!("zoë{number}"),
            5 => format!("tenant/{number}"),
            6 => format!("{}:{:02}", number / 100, number % 60),
            7 => format!("日本{number}"),
            _ => format!("a=b;{number}"),
        };
        let whole = living.iter().fold(String::new(), |lines, &number| lines + &id(number) + "\n");
        let rows = living.iter().fold(String::new(), |lines, &number| {
            lines + &format!("{},Ann,ann@example.org\n", id(number))
        });
        for list in [whole, rows] {
            let registry = read_lines(&list).unwrap();
            prop_assert_eq!(registry.standing(&id(missing)), Standing::Gone, "{}", list);
        }
    }
}

#[test]
fn what_a_torn_row_holds_is_bounded_and_beyond_that_it_could_name_anybody() {
    let mut intake = Intake::new(Subject::Owners, "a test", DateTime::UNIX_EPOCH);
    let long = "x".repeat(1 << 20);
    let row = Row {
        ids: &["a"],
        owner: None,
        malformed: false,
    };
    for number in 0..33 {
        let field = format!("{number}{long}");
        let torn = Torn {
            fields: &[&field],
            separator: None,
            names: true,
        };
        intake.torn(&row, &torn).unwrap();
    }
    let registry = intake.finish().unwrap();
    assert!(registry.memory() < 128 << 20);
    assert_eq!(
        registry.likeness("whoever").unwrap().by,
        Difference::Anybody
    );
}
