//! The tags of the bucket itself.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Concern;
use super::words::list;

/// Tags, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Tags(pub BTreeMap<String, String>);

impl Concern for Tags {
    const NAME: &'static str = "tags";
    const TITLE: &'static str = "Tags";
    const NOT_SET: &'static str = "The bucket has no tags.";

    fn sentence(&self) -> String {
        let tags: Vec<String> = self.0.iter().map(|(k, v)| format!("{k}={v}")).collect();
        format!("The bucket is tagged {}.", list(&tags))
    }
}
