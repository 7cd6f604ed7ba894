//! One function for each object-level operation of S3.
