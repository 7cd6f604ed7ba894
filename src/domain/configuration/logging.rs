//! Server access logging.

use serde::Serialize;

use super::Concern;

/// The destination of the access log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Logging {
    /// The destination bucket.
    pub bucket: String,
    /// The prefix of the log objects.
    pub prefix: String,
    /// The format of the keys after the prefix.
    pub key_format: LogKeyFormat,
}

/// `TargetObjectKeyFormat`: the format of a log object's key after the prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogKeyFormat {
    /// `SimplePrefix`: `YYYY-MM-DD-hh-mm-ss-ID`, the time of delivery.
    #[default]
    Simple,
    /// `PartitionedPrefix` by event time: `ACCOUNT/REGION/BUCKET/YYYY/MM/DD/YYYY-MM-DD-00-00-00-ID`, the day of the
    /// requests.
    ByEventTime,
    /// `PartitionedPrefix` by delivery time: the same with the time of delivery.
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
