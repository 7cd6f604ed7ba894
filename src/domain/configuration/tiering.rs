//! Archive tiers of Intelligent-Tiering.

use serde::Serialize;

use super::Concern;
use super::words::{count, list};

/// All configurations of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Tierings(pub Vec<TieringConfiguration>);

/// One configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TieringConfiguration {
    /// Its id.
    pub id: String,
    /// Whether it is enabled.
    pub enabled: bool,
    /// The key prefix; an empty one matches all keys.
    pub prefix: String,
    /// The tiers as S3 spells them, with the days without access until an object moves.
    pub tiers: Vec<(String, u32)>,
}

impl Concern for Tierings {
    const NAME: &'static str = "intelligent-tiering";
    const TITLE: &'static str = "Intelligent-Tiering";
    const NOT_SET: &'static str = "Intelligent-Tiering archives nothing by itself.";

    fn sentence(&self) -> String {
        let tiers: Vec<String> = self
            .0
            .iter()
            .filter(|c| c.enabled)
            .flat_map(|c| &c.tiers)
            .map(|(tier, days)| format!("{tier} after {days} days"))
            .collect();
        if tiers.is_empty() {
            return format!("{} and none enabled.", count(self.0.len(), "configuration"));
        }
        format!("Objects that nobody reads go to {}.", list(&tiers))
    }
}
