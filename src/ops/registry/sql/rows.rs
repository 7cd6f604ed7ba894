//! Processes the rows of a query.

use std::borrow::Cow;

use super::super::RowCount;
use crate::domain::registry::read::Columns;
use crate::domain::registry::{Fault, Intake, Row, Torn};

/// The number of rows between two progress reports.
const ROWS_A_WORD: u64 = 4_096;

/// The value of a column in a row.
pub(super) enum Cell<'r> {
    /// A text, or a whole number as written.
    Text(Cow<'r, str>),
    /// NULL.
    Absent,
    /// A value that is not an id, with its possible readings: a number with a fraction, the digits of bytes.
    Other(Vec<String>),
}

/// A row of a database driver.
pub(super) trait Cells {
    /// The columns of the query, in order.
    fn names(&self) -> Vec<&str>;

    /// The value of a column.
    ///
    /// # Errors
    /// Why no row of this query can be read.
    fn cell(&self, at: usize) -> Result<Cell<'_>, Fault>;
}

/// Adds one row after the other.
pub(super) struct Rows<'t> {
    columns: &'t Columns,
    intake: &'t mut Intake,
    count: &'t RowCount,
    places: Option<Places>,
}

impl<'t> Rows<'t> {
    pub(super) fn new(columns: &'t Columns, intake: &'t mut Intake, count: &'t RowCount) -> Self {
        Self {
            columns,
            intake,
            count,
            places: None,
        }
    }

    /// Adds a row.
    ///
    /// # Errors
    /// [`Fault`] if no row of this query can be read, or the list is full.
    pub(super) fn take(&mut self, row: &impl Cells) -> Result<(), Fault> {
        let places = match &self.places {
            Some(places) => places,
            None => self.places.insert(Places::find(row, self.columns)?),
        };
        let (mut malformed, mut names) = (false, true);
        let mut ids = Vec::with_capacity(places.ids.len());
        let mut held: Vec<String> = Vec::new();
        for &at in &places.ids {
            match row.cell(at)? {
                Cell::Text(id) => ids.push(id),
                Cell::Absent => {}
                Cell::Other(what) => {
                    malformed = true;
                    names &= !what.is_empty();
                    held.extend(what);
                }
            }
        }
        let owner = match places.owner.map(|at| row.cell(at)).transpose()? {
            Some(Cell::Text(owner)) => Some(owner),
            Some(Cell::Other(what)) => {
                malformed = true;
                held.extend(what);
                None
            }
            Some(Cell::Absent) | None => None,
        };
        let ids: Vec<&str> = ids.iter().map(AsRef::as_ref).collect();
        let taken = Row {
            ids: &ids,
            owner: owner.as_deref(),
            malformed: false,
        };
        if malformed {
            let held = held.iter().map(String::as_str);
            let fields: Vec<&str> = ids.iter().copied().chain(held).collect();
            self.intake.torn(
                &taken,
                &Torn {
                    fields: &fields,
                    separator: None,
                    names: names && !fields.is_empty(),
                },
            )?;
        } else {
            self.intake.row(&taken)?;
        }
        if self.intake.rows().is_multiple_of(ROWS_A_WORD) {
            self.count.set(self.intake.rows());
        }
        Ok(())
    }
}

/// The positions of the columns in a row.
struct Places {
    ids: Vec<usize>,
    owner: Option<usize>,
}

impl Places {
    fn find(row: &impl Cells, columns: &Columns) -> Result<Self, Fault> {
        let names = row.names();
        let place = |name: &String| {
            let mut found = names.iter().enumerate().filter(|(_, own)| *own == name);
            match (found.next(), found.next()) {
                (Some((at, _)), None) => Ok(at),
                (None, _) => Err(Fault::NoColumn(format!(
                    "the query gives no column {name:?}; it gives {}",
                    names.join(", ")
                ))),
                _ => Err(Fault::NoColumn(format!(
                    "the query gives two columns {name:?}"
                ))),
            }
        };
        let ids = if columns.ids.is_empty() {
            vec![0]
        } else {
            columns.ids.iter().map(place).collect::<Result<_, _>>()?
        };
        Ok(Self {
            ids,
            owner: columns.owner.as_ref().map(place).transpose()?,
        })
    }
}

/// The fault for a text in the database that is not UTF-8.
pub(super) fn not_utf8(column: &str) -> Fault {
    Fault::Io(format!(
        "the column {column:?} holds text that is not UTF-8"
    ))
}
