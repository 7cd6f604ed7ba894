//! Formats amounts of money.

use crate::domain::metrics::whole;
use crate::domain::size::grouped;

/// Formats an amount with the precision of an estimate: `$2,150`, `$1.50`, `< $0.01`.
#[must_use]
pub(crate) fn money(amount: f64, currency: &str) -> String {
    let sign = if currency == "USD" {
        "$".to_owned()
    } else {
        format!("{currency} ")
    };
    match amount {
        small if small > 0.0 && small < 0.01 => format!("< {sign}0.01"),
        large if large >= 100.0 => format!("{sign}{}", grouped(whole(large))),
        amount => format!("{sign}{amount:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_told_no_more_exactly_than_an_estimate_is() {
        for (amount, words) in [
            (0.0, "$0.00"),
            (0.004, "< $0.01"),
            (1.5, "$1.50"),
            (2150.4, "$2,150"),
        ] {
            assert_eq!(money(amount, "USD"), words);
        }
        assert_eq!(money(1.5, "EUR"), "EUR 1.50");
    }
}
