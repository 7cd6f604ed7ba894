//! Server access logging.

use serde::Serialize;

use super::Concern;

/// Where the access log goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Logging {
    /// The bucket that the log is written to.
    pub bucket: String,
    /// What the log objects' keys begin with.
    pub prefix: String,
}

impl Concern for Logging {
    const NAME: &'static str = "logging";
    const TITLE: &'static str = "Access logging";
    const NOT_SET: &'static str = "Access is not logged.";

    fn sentence(&self) -> String {
        format!("Access is logged to s3://{}/{}.", self.bucket, self.prefix)
    }
}
