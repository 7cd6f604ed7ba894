//! What storage costs in a month, as an estimate: sizes by storage type times a dated table of prices.
//!
//! It is storage alone: no requests, retrievals, transfer or taxes, and no discounts. [`PriceTable`] is the table, built
//! in for one Region and replaceable by a file of the user's; `Estimate` what sizes come to. Start with
//! [`PriceTable::estimate`].

mod estimate;
mod money;
mod table;

pub(crate) use estimate::{ClassBytes, Part};
pub(crate) use money::money;
pub(crate) use table::PriceTable;
