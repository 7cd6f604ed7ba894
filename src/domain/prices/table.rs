//! The price table and its file format.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

use crate::domain::ByteSize;
use crate::domain::metrics::StorageType;

const BUILT_IN: &str = include_str!("../../../assets/prices/us-east-1.toml");

/// The unit of prices: S3's "GB" is 2^30 bytes.
const GIB: f64 = 1_073_741_824.0;

/// The prices of storage types in one Region on one day.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PriceTable {
    pub region: String,
    /// The currency, such as `USD`.
    pub currency: String,
    /// The date of the prices, `YYYY-MM-DD`.
    pub date: String,
    rates: BTreeMap<String, Vec<Tier>>,
}

/// A price tier.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tier {
    /// The end of the tier in GiB; the last tier has none.
    up_to_gib: Option<f64>,
    per_gib: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: i64,
    region: String,
    currency: String,
    date: String,
    rate: Vec<Rate>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rate {
    types: Vec<String>,
    tiers: Vec<Tier>,
}

/// The error for an invalid price table.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("could not use the prices in {}: {why}", file.display())]
pub(crate) struct PriceError {
    pub file: PathBuf,
    /// What is wrong, with the line if known.
    pub why: String,
}

impl PriceTable {
    /// The built-in table.
    ///
    /// # Errors
    /// None in practice: tests parse the built-in table.
    pub(crate) fn built_in() -> Result<Self, PriceError> {
        Self::parse(Path::new("assets/prices/us-east-1.toml"), BUILT_IN)
    }

    /// Reads a table from a file.
    ///
    /// # Errors
    /// [`PriceError`] if the file cannot be read or is not a price table.
    pub(crate) fn read(file: &Path) -> Result<Self, PriceError> {
        let text = std::fs::read_to_string(file).map_err(|why| PriceError {
            file: file.to_owned(),
            why: why.to_string(),
        })?;
        Self::parse(file, &text)
    }

    /// Parses a table; `file` is its name in errors.
    ///
    /// # Errors
    /// [`PriceError`] if the text is not a price table.
    pub(crate) fn parse(file: &Path, text: &str) -> Result<Self, PriceError> {
        let wrong = |why: String| PriceError {
            file: file.to_owned(),
            why,
        };
        let read: File = toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.map_or(1, |before| before.matches('\n').count() + 1);
            wrong(format!("line {line}: {}", error.message()))
        })?;
        if read.version != 1 {
            return Err(wrong(format!(
                "version = {}; expected version = 1",
                read.version
            )));
        }
        let mut rates = BTreeMap::new();
        for rate in read.rate {
            check(&rate.tiers).map_err(|why| wrong(format!("{}: {why}", rate.types.join(", "))))?;
            for name in rate.types {
                if rates.insert(name.clone(), rate.tiers.clone()).is_some() {
                    return Err(wrong(format!("{name} has two prices; expected one")));
                }
            }
        }
        Ok(Self {
            region: read.region,
            currency: read.currency,
            date: read.date,
            rates,
        })
    }

    /// The monthly cost of a size; `None` if the type has no price.
    #[must_use]
    pub(crate) fn cost(&self, storage_type: &StorageType, size: ByteSize) -> Option<f64> {
        Some(through(self.rates.get(storage_type.as_str())?, gib(size)))
    }

    /// A short description, such as `us-east-1 prices of 2026-01-15`.
    #[must_use]
    pub(crate) fn words(&self) -> String {
        format!("{} prices of {}", self.region, self.date)
    }
}

/// Checks that tiers are ascending and only the last one has no end.
fn check(tiers: &[Tier]) -> Result<(), &'static str> {
    let (Some(last), true) = (
        tiers.last(),
        tiers
            .iter()
            .all(|tier| tier.per_gib.is_finite() && tier.per_gib >= 0.0),
    ) else {
        return Err("expected at least one tier with per_gib, 0 or more");
    };
    if last.up_to_gib.is_some() {
        return Err("the last tier has an end; expected none");
    }
    let mut before = 0.0;
    for tier in tiers.iter().take(tiers.len() - 1) {
        match tier.up_to_gib {
            Some(end) if end > before => before = end,
            _ => return Err("expected tiers with an up_to_gib that rises, but for the last"),
        }
    }
    Ok(())
}

/// The cost of an amount across the tiers.
fn through(tiers: &[Tier], amount: f64) -> f64 {
    let mut cost = 0.0;
    let mut from = 0.0;
    for tier in tiers {
        let until = tier.up_to_gib.unwrap_or(f64::INFINITY);
        cost += (amount.min(until) - from).max(0.0) * tier.per_gib;
        from = until;
    }
    cost
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a price needs no more than the 52 bits of a float"
)]
fn gib(size: ByteSize) -> f64 {
    size.bytes() as f64 / GIB
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(name: &str, gib: u64) -> Option<f64> {
        let table = PriceTable::built_in().unwrap();
        table.cost(&StorageType::new(name), ByteSize(gib << 30))
    }

    #[test]
    fn standard_gets_cheaper_by_tiers_and_only_beyond_them() {
        let near = |found: Option<f64>, expected: f64| {
            assert!(
                (found.unwrap() - expected).abs() < 1e-6,
                "{found:?} {expected}"
            );
        };
        near(cost("StandardStorage", 100), 2.3);
        near(cost("StandardStorage", 51_200), 1177.6);
        near(cost("StandardStorage", 51_300), 1177.6 + 2.2);
        near(
            cost("StandardStorage", 512_100),
            1177.6 + 460_800.0 * 0.022 + 2.1,
        );
    }

    #[test]
    fn a_type_without_a_price_is_not_free() {
        assert_eq!(cost("QuantumStorage", 100), None);
        assert_eq!(cost("GlacierStorage", 0), Some(0.0));
    }

    #[test]
    fn every_type_that_has_bytes_and_is_known_has_a_price() {
        for name in [
            "StandardStorage",
            "ReducedRedundancyStorage",
            "StandardIAStorage",
            "StandardIASizeOverhead",
            "OneZoneIAStorage",
            "IntelligentTieringFAStorage",
            "IntelligentTieringIAStorage",
            "IntelligentTieringAAStorage",
            "IntelligentTieringAIAStorage",
            "IntelligentTieringDAAStorage",
            "GlacierInstantRetrievalStorage",
            "GlacierIRSizeOverhead",
            "GlacierStorage",
            "GlacierStagingStorage",
            "GlacierObjectOverhead",
            "GlacierS3ObjectOverhead",
            "DeepArchiveStorage",
            "DeepArchiveStagingStorage",
            "ExpressOneZoneStorage",
        ] {
            assert!(cost(name, 1).is_some(), "{name}");
        }
    }

    #[test]
    fn a_table_that_is_wrong_is_refused_with_what_was_expected() {
        let head = "version = 1\nregion = 'r'\ncurrency = 'USD'\ndate = '2026-01-01'\n";
        for (rest, word) in [
            ("[[rate]]\ntypes = ['A']\ntiers = []\n", "at least one tier"),
            (
                "[[rate]]\ntypes = ['A']\ntiers = [{ per_gib = -1.0 }]\n",
                "0 or more",
            ),
            (
                "[[rate]]\ntypes = ['A', 'A']\ntiers = [{ per_gib = 1.0 }]\n",
                "two prices",
            ),
            (
                "[[rate]]\ntypes = ['A']\ntiers = [{ up_to_gib = 5.0, per_gib = 1.0 }]\n",
                "has an end",
            ),
            (
                "[[rate]]\ntypes = ['A']\ntiers = [{ per_gib = 1.0 }, { per_gib = 1.0 }]\n",
                "rises",
            ),
            ("[[rate]]\ntype = 'A'\n", "line 6"),
        ] {
            let error =
                PriceTable::parse(Path::new("mine.toml"), &format!("{head}{rest}")).unwrap_err();
            let message = error.to_string();
            assert!(
                message.contains("mine.toml") && message.contains(word),
                "{message}"
            );
        }
    }
}
