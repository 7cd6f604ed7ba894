//! Blueprints: an application's buckets, key layouts and owners.
