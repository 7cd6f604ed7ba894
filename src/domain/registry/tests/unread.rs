//! Rows that cannot be read: whoever they name is never gone.

use proptest::prelude::*;
use serde_json::json;

use super::super::read::{Columns, text};
use super::super::*;
use crate::domain::blueprint::registry::ListFormat;

fn read(text_of_list: &str, format: ListFormat) -> Option<Registry> {
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

/// An id as an application makes them.
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
    ]
}

/// The same id in a row of JSON Lines that cannot be read, or is read as another id.
fn torn_json(id: &str, how: usize) -> String {
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
        // With a comma in the id such a row is as wide as it should be: nobody can tell.
        4 if !id.contains(',') => format!("{id};Ada"),
        5 if !id.contains(',') => format!("{id} Ada"),
        _ => format!("x,y,{id}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_living_id_whose_row_could_not_be_read_is_never_gone(
        whole in prop::collection::vec(any_id(), 1..6),
        torn in any_id(),
        how in 0_usize..12,
    ) {
        let mut lines: Vec<String> = whole.iter().map(|id| json!({ "id": id }).to_string()).collect();
        lines.insert(whole.len() / 2, torn_json(&torn, how));
        let registry = read(&format!("{}\n", lines.join("\n")), ListFormat::Ndjson).unwrap();
        prop_assert_ne!(registry.standing(&torn), Standing::Gone, "{:?}", lines);

        let how = how % 7;
        let mut lines: Vec<String> = whole
            .iter()
            .filter(|id| !id.contains(','))
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
