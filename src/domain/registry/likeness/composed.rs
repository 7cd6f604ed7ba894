//! Ids that are more than one id, or one in another encoding: `alice,bob`, `["alice","bob"]`, an e-mail address, Base64.
//!
//! An application may write such a text into an object's metadata or into a record, and list the single ids as active.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::within::is_sign;
use crate::domain::hex::{hex, unhex};

/// Shorter texts are too often Base64 or hexadecimal by accident.
const LEAST_ENCODED: usize = 4;
const UUID_BYTES: usize = 16;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
const ALPHABETS: [GeneralPurpose; 2] = [
    GeneralPurpose::new(&alphabet::STANDARD, LENIENT),
    GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT),
];

/// Whether a text has separators between which ids may be.
pub(crate) fn is_composed(text: &str) -> bool {
    text.contains(is_sign)
}

/// The ids between the separators of a text.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let pieces = text.split(is_sign).filter(|piece| !piece.is_empty());
    pieces.filter(move |piece| *piece != text)
}

/// The ids that a text may contain besides itself: between separators, before the `@`, or decoded.
pub(crate) fn ids(text: &str) -> Vec<String> {
    let mut ids: Vec<String> = pieces(text).map(str::to_owned).collect();
    for decoded in std::iter::once(text).chain(pieces(text)).flat_map(decoded) {
        ids.extend(pieces(&decoded).map(str::to_owned));
        ids.push(decoded);
    }
    let local = |id: &str| {
        let (local, _) = id.split_once('@')?;
        // `alice+photos@example.com` is an address of alice.
        let name = local.split('+').next().unwrap_or(local);
        (!name.is_empty()).then(|| [local.to_owned(), name.to_owned()])
    };
    let locals: Vec<String> = ids
        .iter()
        .map(String::as_str)
        .chain([text])
        .filter_map(local)
        .flatten()
        .collect();
    ids.extend(locals);
    ids
}

/// What a text says if it is Base64 or hexadecimal: another text, or the bytes of a UUID.
fn decoded(text: &str) -> Vec<String> {
    if text.len() < LEAST_ENCODED || !text.is_ascii() {
        return Vec::new();
    }
    let text = text.trim();
    let of_base64 = ALPHABETS.iter().filter_map(|one| one.decode(text).ok());
    let bytes = of_base64.chain(unhex(text));
    let mut found: Vec<String> = bytes.filter_map(said).collect();
    found.dedup();
    found
}

fn said(bytes: Vec<u8>) -> Option<String> {
    match String::from_utf8(bytes) {
        Ok(text) => (!text.is_empty() && !text.contains(char::is_control)).then_some(text),
        Err(error) => {
            let bytes = error.as_bytes();
            (bytes.len() == UUID_BYTES).then(|| hex(bytes))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ids_in_a_text_are_found_and_no_others() {
        for (text, wanted) in [
            ("alice,bob", &["alice", "bob"][..]),
            (r#"["alice","bob"]"#, &["alice", "bob"]),
            ("{alice}", &["alice"]),
            ("alice bob-1", &["alice", "bob-1"]),
            ("user:alice", &["user", "alice"]),
            ("alice@example.com", &["alice"]),
            ("alice+photos@example.com", &["alice+photos", "alice"]),
            ("alice@example.com;bob@example.com", &["alice", "bob"]),
            ("YWxpY2U=", &["alice"]),
            ("YWxpY2U", &["alice"]),
            ("YWxpY2UsYm9i", &["alice", "bob", "alice,bob"]),
            ("616c696365", &["alice"]),
            (
                "b5kbn4uGQBG0LQDAT8lk/w==",
                &["6f991b9f8b864011b42d00c04fc964ff"],
            ),
        ] {
            let found = ids(text);
            for id in wanted {
                assert!(found.iter().any(|one| one == id), "{text}: {found:?}");
            }
        }
        for plain in [
            "alice",
            "alice-1.b_c",
            "1001",
            "6f991b9f-8b86-4011-b42d-00c04fc964ff",
            "",
        ] {
            assert_eq!(ids(plain), Vec::<String>::new(), "{plain}");
        }
    }
}
