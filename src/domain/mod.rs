//! What things are, without I/O: names, objects, sizes, blueprints and the owners they give.
//!
//! Nothing here talks to a network, a clock or a terminal, so that every rule can be tested by itself.
//! [`configuration`] is how a bucket is set up, [`policy`] whom it lets in, [`explain`] why a request is allowed or refused, [`lifecycle`] what becomes of its objects, [`posture`]
//! what is wrong with it, [`advice`] what to do about that, [`metrics`] what CloudWatch tells of it, [`prices`] what it costs, [`presign`] a request that is signed,
//! [`registry`] what the application says is alive, [`ownership`] whose an object is, [`orphans`] what outlived it,
//! [`search`] what belongs to one user, [`quarantine`] how that is put aside, [`change`] what is to be done to objects,
//! [`receipt`] what was.
//! Start with [`names`] for the vocabulary of S3 and [`object`] for what a listing yields;
//! [`columns`] keeps millions of objects in memory or in a file; [`text`] is how anything that others wrote gets on a
//! screen, [`fuzzy`] and [`treemap`] how one finds one's way in it.

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
