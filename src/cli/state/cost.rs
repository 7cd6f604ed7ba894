//! The monthly storage cost of a bucket, from what was counted in it.

use super::rows::StateRow;
use crate::domain::BucketName;
use crate::domain::posture::Contents;
use crate::domain::prices::{Part, PriceTable, money};

/// The estimate, with separate amounts for noncurrent versions, incomplete uploads, and classes with a minimum storage
/// duration.
pub(super) fn row(bucket: &BucketName, contents: &Contents, prices: &PriceTable) -> StateRow {
    let estimate = prices.estimate_scan(&contents.stored());
    let amount = |amount| money(amount, &prices.currency);
    let mut parts = Vec::new();
    for (cost, of) in [
        (estimate.of(Part::Noncurrent), "for noncurrent versions"),
        (
            estimate.of(Part::IncompleteUploads),
            "for parts of incomplete uploads",
        ),
        (
            estimate.with_minimum_stay(),
            "in classes with a minimum stay",
        ),
    ] {
        if cost > 0.0 {
            parts.push(format!("{} {of}", amount(cost)));
        }
    }
    let parts = if parts.is_empty() {
        String::new()
    } else {
        format!(", of it {}", parts.join(", "))
    };
    let unasked = match contents.parts_unknown {
        0 => String::new(),
        n => format!("; the parts of {n} incomplete uploads are not counted"),
    };
    let not_priced: Vec<String> = estimate.not_priced().map(ToString::to_string).collect();
    let without_price = if not_priced.is_empty() {
        String::new()
    } else {
        format!("; {} have no price", not_priced.join(", "))
    };
    let is_all = contents.complete && contents.parts_unknown == 0 && not_priced.is_empty();
    let at_least = if is_all { "" } else { "at least " };
    StateRow {
        bucket: bucket.to_string(),
        concern: "monthly-cost".to_owned(),
        state: "set",
        sentence: format!(
            "Estimate: {at_least}{} a month for storage alone{parts}{unasked}{without_price} (by the {}).",
            amount(estimate.total()),
            prices.words()
        ),
        value: serde_json::json!({
            "estimate": true,
            "complete": is_all,
            "total": cents(estimate.total()),
            "current": cents(estimate.of(Part::Current)),
            "noncurrent": cents(estimate.of(Part::Noncurrent)),
            "incomplete_uploads": cents(estimate.of(Part::IncompleteUploads)),
            "minimum_stay": cents(estimate.with_minimum_stay()),
            "currency": prices.currency,
            "prices": prices.words(),
            "not_priced": not_priced,
        }),
        raw: None,
    }
}

/// Rounds an amount to cents, which is precise enough for an estimate.
fn cents(amount: f64) -> f64 {
    (amount * 100.0).round() / 100.0
}
