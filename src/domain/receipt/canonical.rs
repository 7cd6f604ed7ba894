//! One way to write a JSON document: members sorted by name, no blanks, integers alone for numbers.

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::domain::hex::hex;

/// The text. `serde_json`'s own map sorts its members by their names' bytes.
///
/// # Errors
/// Serde's, for a value that JSON cannot hold.
pub(crate) fn text<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    serde_json::to_string(&serde_json::to_value(value)?)
}

/// SHA-256 of a text, as hexadecimal digits.
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
