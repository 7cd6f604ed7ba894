//! Estimates the monthly storage cost: sizes by storage type, times a dated table of prices.
//!
//! The estimate covers only storage: no requests, retrievals, transfers, taxes or discounts. [`PriceTable`] is built in
//! for one Region and can be replaced by a file. `Estimate` is the result. Start with [`PriceTable::estimate`].

mod estimate;
mod money;
mod table;

pub(crate) use estimate::{ClassBytes, Part};
pub(crate) use money::money;
pub(crate) use table::PriceTable;
