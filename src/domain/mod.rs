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

pub mod advice;
pub mod blueprint;
pub mod change;
pub mod columns;
pub mod command_line;
pub mod configuration;
pub mod coverage;
pub mod explain;
pub mod fact;
pub mod fuzzy;
pub mod lifecycle;
pub mod metrics;
pub mod names;
pub mod needle;
pub mod object;
pub mod order;
pub mod orphans;
pub mod ownership;
pub mod policy;
pub mod posture;
pub mod presign;
pub mod prices;
pub mod quarantine;
pub mod receipt;
pub mod registry;
pub mod search;
pub mod size;
pub mod tally;
pub mod text;
pub mod treemap;
pub mod uri;
pub mod words;

pub use names::{BucketName, InvalidName, ObjectKey, OwnerId, Region, VersionId};
pub use needle::Needle;
pub use object::{ObjectSummary, ObjectVersion, StorageClass, Upload};
pub use order::ListingOrder;
pub use size::ByteSize;
pub use tally::Tally;
pub use uri::S3Uri;
