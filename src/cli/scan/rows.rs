//! The output of `scan`: one row per group.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::rfc3339;
use crate::cli::formats::{Column, Record};
use crate::domain::columns::group::Group;
use crate::domain::{ByteSize, Tally};

/// A group.
#[derive(Debug, Serialize)]
pub(super) struct GroupRow {
    /// What it is a group of: `owner`, `layout`, `class`, `age`, `prefix`; `contested`, `unnamed` and
    /// `unreadable` for keys that tell no owner.
    kind: &'static str,
    /// Its name, exact; none for keys that tell no owner.
    group: Option<String>,
    pub objects: u64,
    pub size: u64,
    oldest: Option<String>,
    newest: Option<String>,
    /// Its description for people.
    #[serde(skip)]
    title: String,
    /// The share of all bytes, from 0 to 1; `None` if there are none.
    #[serde(skip)]
    share: Option<f64>,
    #[serde(skip)]
    written: Option<DateTime<Utc>>,
}

impl Record for GroupRow {
    const FIELDS: &'static [&'static str] =
        &["kind", "group", "objects", "size", "oldest", "newest"];
    const COLUMNS: &'static [Column] = &[
        Column::numbers("OBJECTS", 10),
        Column::numbers("SIZE", 10),
        Column::numbers("SHARE", 6),
        Column::words("", BAR),
        Column::words("NEWEST", 10),
        Column::words("GROUP", 0),
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.objects.to_string(),
            ByteSize(self.size).to_string(),
            self.share.map_or_else(|| "–".to_owned(), percent),
            bar(self.share.unwrap_or_default()),
            self.written.map_or_else(
                || "?".to_owned(),
                |time| time.format("%Y-%m-%d").to_string(),
            ),
            self.title.clone(),
        ]
    }
}

/// The rows to print.
pub(super) struct Shown {
    pub rows: Vec<GroupRow>,
    /// The sum of the left-out groups as a row.
    pub others: Option<GroupRow>,
    /// The number of groups.
    pub of: usize,
}

/// The largest groups first, but ages in their own order; each grouping separately.
pub(super) fn shown(groupings: Vec<Vec<(Group, Tally)>>, top: Option<u32>, total: Tally) -> Shown {
    let of = groupings.iter().map(Vec::len).sum();
    let most = top.map_or(usize::MAX, |top| usize::try_from(top).unwrap_or(usize::MAX));
    let mut rows = Vec::new();
    let mut rest = (0, Tally::default());
    for mut groups in groupings {
        if !groups
            .iter()
            .any(|(group, _)| matches!(group, Group::Age(_)))
        {
            // A stable sort: of equal groups, the smaller name comes first.
            groups.sort_by_key(|(_, tally)| std::cmp::Reverse((tally.bytes, tally.objects)));
        }
        for (at, (group, tally)) in groups.into_iter().enumerate() {
            if at < most {
                rows.push(row(&group, tally, total.bytes));
            } else {
                rest.0 += 1;
                rest.1.merge(tally);
            }
        }
    }
    let others = (rest.0 > 0).then(|| GroupRow {
        title: format!("({} others)", rest.0),
        ..row(&Group::Elsewhere, rest.1, total.bytes)
    });
    Shown { rows, others, of }
}

fn row(group: &Group, tally: Tally, of: ByteSize) -> GroupRow {
    let (kind, name) = match group {
        Group::Owner(owner) => ("owner", Some(owner.as_str())),
        Group::Layout(layout) => ("layout", Some(layout.as_str())),
        Group::Class(class) => ("class", Some(class.as_str())),
        Group::Age(age) => ("age", Some(age.name())),
        Group::Prefix(prefix) => ("prefix", Some(prefix.as_str())),
        Group::Contested => ("contested", None),
        Group::Unnamed => ("unnamed", None),
        Group::Unreadable => ("unreadable", None),
        Group::Elsewhere => ("elsewhere", None),
    };
    let title = match group {
        Group::Contested => "(contested: layouts or rules give their keys to different users)",
        Group::Unnamed => "(unnamed: their keys do not tell whose they are)",
        Group::Unreadable => "(unreadable: no layout explains their keys)",
        Group::Elsewhere => "(elsewhere)",
        Group::Prefix(prefix) if prefix.is_empty() => "(in no folder)",
        _ => name.unwrap_or_default(),
    };
    GroupRow {
        kind,
        group: name.map(str::to_owned),
        objects: tally.objects,
        size: tally.bytes.bytes(),
        oldest: tally.oldest.map(rfc3339),
        newest: tally.newest.map(rfc3339),
        title: title.to_owned(),
        share: share(tally.bytes, of),
        written: tally.newest,
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a share is shown to a tenth of a percent"
)]
fn share(bytes: ByteSize, of: ByteSize) -> Option<f64> {
    (of.bytes() > 0).then(|| bytes.bytes() as f64 / of.bytes() as f64)
}

/// Never rounds a share to nothing or to all.
fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent > 0.0 && percent < 0.1 {
        return "<0.1%".to_owned();
    }
    if percent < 100.0 && percent > 99.9 {
        return ">99.9%".to_owned();
    }
    format!("{percent:.1}%")
}

/// The width of a bar in columns.
const BAR: usize = 20;

/// A bar for the share, to an eighth of a column.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a share of 160 eighths"
)]
fn bar(share: f64) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (share.clamp(0.0, 1.0) * (BAR * 8) as f64).round() as usize;
    let part = EIGHTHS.get(eighths % 8).copied().unwrap_or_default();
    format!("{}{part}", "█".repeat(eighths / 8))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::StorageClass;

    fn tally(objects: u64, bytes: u64) -> Tally {
        Tally {
            objects,
            bytes: ByteSize(bytes),
            ..Tally::default()
        }
    }

    fn class(name: &str) -> Group {
        Group::Class(StorageClass::new(name))
    }

    #[test]
    fn the_largest_come_first_and_the_rest_is_told_together() {
        let groups = vec![
            (class("A"), tally(9, 1)),
            (class("B"), tally(1, 50)),
            (class("C"), tally(2, 49)),
        ];
        let shown = shown(vec![groups], Some(2), tally(12, 100));
        let names: Vec<_> = shown.rows.iter().filter_map(|r| r.group.clone()).collect();
        assert_eq!(names, ["B", "C"]);
        let others = shown.others.unwrap();
        assert_eq!((shown.of, others.objects, others.size), (3, 9, 1));
        assert_eq!(others.title, "(1 others)");
    }

    #[test]
    fn a_share_is_neither_nothing_nor_all_unless_it_is() {
        let shown: Vec<String> = [0.0, 0.000_01, 0.5, 0.999_99, 1.0].map(percent).into();
        assert_eq!(shown, ["0.0%", "<0.1%", "50.0%", ">99.9%", "100.0%"]);
        assert_eq!(bar(0.0), "");
        assert_eq!(bar(1.0).chars().count(), BAR);
        assert_eq!(bar(0.525), "██████████▌");
    }

    #[test]
    fn without_a_byte_there_are_no_shares() {
        let shown = shown(vec![vec![(class("A"), tally(3, 0))]], None, tally(3, 0));
        assert_eq!(shown.rows[0].cells()[2], "–");
    }
}
