//! What storage costs in a month, as an estimate: sizes by storage type times a dated table of prices.
//!
//! It is storage alone: no requests, retrievals, transfer or taxes, and no discounts. [`PriceTable`] is the table, built
//! in for one Region and replaceable by a file of the user's; [`Estimate`] what sizes come to. Start with
//! [`PriceTable::estimate`].

mod estimate;
mod money;
mod table;

pub use estimate::{ClassBytes, Estimate, Line, Part};
pub use money::money;
pub use table::{PriceError, PriceTable};
