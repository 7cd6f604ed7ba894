//! What CloudWatch tells about buckets: sizes by storage type and numbers of objects, day by day, and alarms on them.
//!
//! [`StorageType`] says what a type counts, [`Series`] is one metric's days with its gaps kept as gaps, [`Storage`] all
//! series of a bucket, [`AllBuckets`] several buckets together, and [`alarms`] judges alarms. Start with [`Storage`].

pub(crate) mod alarms;
mod all_buckets;
mod series;
mod storage;
mod storage_type;

pub use all_buckets::AllBuckets;
pub use series::{Growth, Series, sparkline};
pub use storage::Storage;
pub(crate) use storage::{TypeSeries, whole};
pub use storage_type::{Counts, StorageType};
