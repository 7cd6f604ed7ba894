//! Event notifications.

use serde::Serialize;

use super::Concern;
use super::words::{keys, list};

/// The event notifications of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notifications {
    /// Notifications of functions, queues and topics.
    pub notifications: Vec<Notification>,
    /// Whether all events are sent to `EventBridge`.
    pub event_bridge: bool,
}

/// One notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notification {
    /// Its id.
    pub id: String,
    /// The type of its destination.
    pub kind: NotifiedKind,
    /// The ARN of its destination.
    pub to: String,
    /// The events, such as `s3:ObjectCreated:*`.
    pub events: Vec<String>,
    /// The key prefix; an empty one matches all keys.
    pub prefix: String,
    /// The key suffix; an empty one matches all keys.
    pub suffix: String,
}

/// The type of a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NotifiedKind {
    /// A Lambda function.
    Lambda,
    /// An SQS queue.
    Queue,
    /// An SNS topic.
    Topic,
}

impl Notification {
    /// Whether it is sent for this event on this key.
    #[must_use]
    pub fn hears(&self, event: &str, key: &str) -> bool {
        key.starts_with(&self.prefix)
            && key.ends_with(&self.suffix)
            && self.events.iter().any(|heard| covers(heard, event))
    }
}

/// Whether an event type includes another: `s3:ObjectCreated:*` includes `s3:ObjectCreated:Put`.
fn covers(heard: &str, event: &str) -> bool {
    heard == event
        || heard
            .strip_suffix('*')
            .is_some_and(|begin| event.starts_with(begin))
}

impl Concern for Notifications {
    const NAME: &'static str = "notifications";
    const TITLE: &'static str = "Event notifications";
    const NOT_SET: &'static str = "No notification is sent when objects change.";

    fn sentence(&self) -> String {
        let mut told: Vec<String> = self
            .notifications
            .iter()
            .map(|n| {
                let name = n.to.rsplit(':').next().unwrap_or(&n.to);
                format!(
                    "{name} of {} for {}",
                    list(&n.events),
                    keys(&n.prefix, &n.suffix)
                )
            })
            .collect();
        if self.event_bridge {
            told.push("EventBridge of every event".to_owned());
        }
        format!("S3 tells {}.", list(&told))
    }
}
