//! The concepts of s3warden as pure data and rules, without I/O.
//!
//! Nothing here uses a network, a clock or a terminal, so every rule can be tested on its own. Start with [`names`] for
//! the vocabulary of S3, and [`object`] for the content of a listing.
//!
//! - Buckets: [`configuration`] (settings), [`policy`] (access by policies), [`explain`] (why a request is allowed or
//!   denied), [`lifecycle`] (what rules do to objects), [`posture`] (findings), [`advice`] (what to do about them),
//!   [`metrics`] (CloudWatch), [`prices`] (cost), [`presign`] (pre-signed requests)
//! - Owners: [`registry`] (the application's lists), [`ownership`] (the owner of an object), [`orphans`] (objects
//!   without an active owner), [`search`] (everything of one user)
//! - Changes: [`quarantine`] (reversible removal), [`change`] (plans), [`receipt`] (results)
//! - Tools: [`columns`] (millions of objects in memory or in a file), [`text`] (safe display of foreign text),
//!   [`fuzzy`] and [`treemap`] (finding and browsing objects)

pub(crate) mod advice;
pub(crate) mod blueprint;
pub(crate) mod change;
pub(crate) mod columns;
pub(crate) mod command_line;
pub(crate) mod configuration;
pub(crate) mod coverage;
pub(crate) mod explain;
pub(crate) mod fact;
pub(crate) mod fuzzy;
pub(crate) mod hex;
pub(crate) mod lifecycle;
pub(crate) mod metrics;
pub(crate) mod names;
pub(crate) mod needle;
pub(crate) mod object;
pub(crate) mod order;
pub(crate) mod orphans;
pub(crate) mod ownership;
pub(crate) mod policy;
pub(crate) mod posture;
pub(crate) mod presign;
pub(crate) mod prices;
pub(crate) mod quarantine;
pub(crate) mod receipt;
pub(crate) mod registry;
pub(crate) mod search;
pub(crate) mod size;
pub(crate) mod tally;
pub mod text;
pub(crate) mod treemap;
pub(crate) mod uri;
pub(crate) mod words;

pub(crate) use names::InvalidName;
pub use names::{BucketName, ObjectKey, OwnerId, Region, VersionId};
pub use needle::Needle;
pub use object::{ObjectSummary, ObjectVersion, StorageClass, Upload};
pub(crate) use order::ListingOrder;
pub use size::ByteSize;
pub use tally::Tally;
pub(crate) use uri::S3Uri;
