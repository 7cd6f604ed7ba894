//! Canonical JSON: members sorted by name, no white space, integers as the only numbers.

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::domain::hex::hex;

/// Serializes a value. `serde_json`'s map sorts its members by the bytes of their names.
///
/// # Errors
/// A serde error if JSON cannot represent the value.
pub(crate) fn text<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    serde_json::to_string(&serde_json::to_value(value)?)
}

/// The SHA-256 of a text in hexadecimal digits.
#[must_use]
pub(crate) fn digest(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_sorted_and_nothing_stands_between_them() {
        let value: serde_json::Value =
            serde_json::from_str(r#"{ "b": [1, {"z": null, "a": "é"}], "a": true }"#).unwrap();
        assert_eq!(
            text(&value).unwrap(),
            r#"{"a":true,"b":[1,{"a":"é","z":null}]}"#
        );
    }
}
