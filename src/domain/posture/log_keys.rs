//! The keys of access logs: where a listing finds the newest, and which keys are logs at all.
//!
//! After *Logging requests with server access logging* in the user guide, "Log object key format".

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use crate::domain::configuration::{LogKeyFormat, Logging};

/// The keys of the logs of one bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogKeys {
    prefix: String,
    format: LogKeyFormat,
}

/// Digits and dashes of `YYYY-MM-DD-hh-mm-ss-`.
const TIME: &str = "%Y-%m-%d-%H-%M-%S";

impl LogKeys {
    /// The keys as the configuration has them. `source` is the logged bucket, its account and its Region, which are part of
    /// partitioned keys; `None` where one of those is needed and not known.
    #[must_use]
    pub(crate) fn new(
        logging: &Logging,
        source: (&str, Option<&str>, Option<&str>),
    ) -> Option<Self> {
        let prefix = match (logging.key_format, source) {
            (LogKeyFormat::Simple, _) => logging.prefix.clone(),
            (_, (bucket, Some(account), Some(region))) => {
                format!("{}{account}/{region}/{bucket}/", logging.prefix)
            }
            _ => return None,
        };
        Some(Self {
            prefix,
            format: logging.key_format,
        })
    }

    /// What all keys begin with.
    #[must_use]
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// A key before which no log of this time or later stands.
    #[must_use]
    pub(crate) fn from(&self, at: DateTime<Utc>) -> String {
        let form = match self.format {
            LogKeyFormat::Simple => "%Y-%m-%d-%H",
            LogKeyFormat::ByEventTime => "%Y/%m/%d/",
            LogKeyFormat::ByDeliveryTime => "%Y/%m/%d/%Y-%m-%d-%H",
        };
        format!("{}{}", self.prefix, at.format(form))
    }

    /// How far apart two times have to be for their keys to tell them apart.
    #[must_use]
    pub(crate) fn step(&self) -> TimeDelta {
        match self.format {
            LogKeyFormat::Simple | LogKeyFormat::ByDeliveryTime => TimeDelta::hours(1),
            LogKeyFormat::ByEventTime => TimeDelta::days(1),
        }
    }

    /// The time in a key; `None` for a key that is no log's.
    #[must_use]
    pub(crate) fn time(&self, key: &str) -> Option<DateTime<Utc>> {
        let rest = key.strip_prefix(&self.prefix)?;
        let name = match self.format {
            LogKeyFormat::Simple => rest,
            LogKeyFormat::ByEventTime | LogKeyFormat::ByDeliveryTime => rest.get(11..)?,
        };
        // "2013-11-01-21-32-16-" and an id without a slash.
        let (time, id) = (name.get(..19)?, name.get(19..)?.strip_prefix('-')?);
        if id.is_empty() || id.contains('/') {
            return None;
        }
        let at = NaiveDateTime::parse_from_str(time, TIME).ok()?.and_utc();
        let is_partitioned = rest.len() != name.len();
        let folder = at.format("%Y/%m/%d/").to_string();
        (!is_partitioned || rest.starts_with(&folder)).then_some(at)
    }

    /// Whether no log comes after this key in a listing: a year is digits.
    #[must_use]
    pub(crate) fn is_beyond(&self, key: &str) -> bool {
        let rest = key.strip_prefix(&self.prefix);
        rest.is_some_and(|rest| rest.bytes().next().is_some_and(|first| first > b'9'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(key_format: LogKeyFormat) -> LogKeys {
        let logging = Logging {
            bucket: "logs".to_owned(),
            prefix: "media/".to_owned(),
            key_format,
        };
        LogKeys::new(&logging, ("media", Some("123456789012"), Some("eu-west-1"))).unwrap()
    }

    #[test]
    fn each_format_is_read_and_starts_before_its_own_keys() {
        let simple = "media/2013-11-01-21-32-16-E568B2907131C0C0";
        let event =
            "media/123456789012/eu-west-1/media/2013/11/01/2013-11-01-00-00-00-E568B2907131C0C0";
        let delivery =
            "media/123456789012/eu-west-1/media/2013/11/01/2013-11-01-21-32-16-E568B2907131C0C0";
        for (format, key) in [
            (LogKeyFormat::Simple, simple),
            (LogKeyFormat::ByEventTime, event),
            (LogKeyFormat::ByDeliveryTime, delivery),
        ] {
            let keys = keys(format);
            let at = keys.time(key).unwrap();
            assert_eq!(at.format("%Y-%m-%d").to_string(), "2013-11-01");
            assert!(keys.from(at).as_str() < key && key.starts_with(keys.prefix()));
            assert!(keys.from(at + keys.step()).as_str() > key, "{key}");
        }
        assert_eq!(keys(LogKeyFormat::Simple).time(delivery), None);
        assert_eq!(keys(LogKeyFormat::ByDeliveryTime).time(simple), None);
    }

    #[test]
    fn other_keys_are_no_logs() {
        let keys = keys(LogKeyFormat::Simple);
        for other in [
            "media/",
            "media/2013-11-01-21-32-16",
            "media/2013-11-01-21-32-16-",
            "media/2013-11-01-21-32-16-x/y",
            "media/2013-13-01-21-32-16-x",
            "media/backup/2013-11-01-21-32-16-x",
            "other/2013-11-01-21-32-16-x",
        ] {
            assert_eq!(keys.time(other), None, "{other}");
        }
        assert!(keys.is_beyond("media/backup"));
        assert!(!keys.is_beyond("media/2013-11-01-21-32-16-x"));
    }

    #[test]
    fn a_partitioned_key_needs_the_account_and_the_region() {
        let logging = Logging {
            bucket: "logs".to_owned(),
            prefix: String::new(),
            key_format: LogKeyFormat::ByEventTime,
        };
        assert_eq!(
            LogKeys::new(&logging, ("media", None, Some("eu-west-1"))),
            None
        );
        assert_eq!(LogKeys::new(&logging, ("media", Some("1"), None)), None);
    }
}
