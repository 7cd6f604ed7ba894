//! `s3warden sandbox`: serve worlds to any S3 client.
