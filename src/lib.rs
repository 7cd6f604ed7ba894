//! s3warden: a terminal admin console for the S3 buckets in which applications keep their users' media.
//!
//! Each layer may use only those below it:
//!
//! | module | what lives there |
//! |---|---|
//! | [`domain`] | what things are, without I/O: names, objects, blueprints, owners |
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::string_slice
    )
)]

pub mod domain;
