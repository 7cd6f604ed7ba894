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
    /// How the keys go on after the prefix.
    pub key_format: LogKeyFormat,
}

/// `TargetObjectKeyFormat`: how the key of a log object goes on after the prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogKeyFormat {
    /// `SimplePrefix`: `YYYY-MM-DD-hh-mm-ss-ID`, the time of delivery.
    #[default]
    Simple,
    /// `PartitionedPrefix` by event: `ACCOUNT/REGION/BUCKET/YYYY/MM/DD/YYYY-MM-DD-00-00-00-ID`, the day of the requests.
    ByEventTime,
    /// `PartitionedPrefix` by delivery: the same with the time of delivery.
    ByDeliveryTime,
}

impl Concern for Logging {
    const NAME: &'static str = "logging";
    const TITLE: &'static str = "Access logging";
    const NOT_SET: &'static str = "Access is not logged.";

    fn sentence(&self) -> String {
        let partitions = match self.key_format {
            LogKeyFormat::Simple => "",
            LogKeyFormat::ByEventTime => ", in a folder for the day of the requests",
            LogKeyFormat::ByDeliveryTime => ", in a folder for the day of delivery",
        };
        format!(
            "Access is logged to s3://{}/{}{partitions}.",
            self.bucket, self.prefix
        )
    }
}
