//! `s3warden blueprint`: list the built-in blueprints, check a file.
