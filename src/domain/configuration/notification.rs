//! Event notifications.

use serde::Serialize;

use super::Concern;
use super::words::{keys, list};

/// Who is told of what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notifications {
    /// Functions, queues and topics.
    pub notifications: Vec<Notification>,
    /// Whether all events go to `EventBridge`.
    pub event_bridge: bool,
}

/// One notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notification {
    /// Its id.
    pub id: String,
    /// What sort of thing is told.
    pub kind: NotifiedKind,
    /// Its ARN.
    pub to: String,
    /// The events: `s3:ObjectCreated:*`.
    pub events: Vec<String>,
    /// What keys begin with; empty is all.
    pub prefix: String,
    /// What keys end with; empty is all.
    pub suffix: String,
}

/// What is told.
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
    /// Whether it is told of this event on this key.
    #[must_use]
    pub fn hears(&self, event: &str, key: &str) -> bool {
        key.starts_with(&self.prefix)
            && key.ends_with(&self.suffix)
            && self.events.iter().any(|heard| covers(heard, event))
    }
}

/// Whether an event type covers another: `s3:ObjectCreated:*` covers `s3:ObjectCreated:Put`.
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
