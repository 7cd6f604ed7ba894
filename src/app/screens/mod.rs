//! The screens: a folder each, with what it shows, how that changes, and what it says of itself.

pub(crate) mod audit_log;
pub(crate) mod browse;
pub(crate) mod bucket_state;
pub(crate) mod buckets;
pub(crate) mod orphans;
pub(crate) mod presign;
pub(crate) mod purge;
