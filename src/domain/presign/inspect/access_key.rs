//! Reads an access key id. Its first four letters give its type (*IAM identifiers*, unique ids). Newer ids contain the
//! account number in base 32.

use std::fmt;

/// An access key id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// The id.
    pub id: String,
    /// Its type.
    pub kind: KeyKind,
    /// The account, 12 digits, if the id contains it.
    pub account: Option<String>,
}

/// The type of an access key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// `AKIA`: long-term, of a user.
    Lasting,
    /// `ASIA`: temporary, of a role or session.
    Temporary,
    /// A CloudFront key pair.
    CloudFront,
    /// Another service's, or from a server other than AWS.
    Other,
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lasting => "a user's lasting access key",
            Self::Temporary => "a temporary access key of a role or session",
            Self::CloudFront => "a key of CloudFront",
            Self::Other => "an access key that is not of AWS's form",
        })
    }
}

impl AccessKey {
    /// Parses an id.
    #[must_use]
    pub fn of(id: &str) -> Self {
        let kind = match id.get(..4) {
            Some("AKIA") => KeyKind::Lasting,
            Some("ASIA") => KeyKind::Temporary,
            Some("APKA") => KeyKind::CloudFront,
            _ => KeyKind::Other,
        };
        let account = matches!(kind, KeyKind::Lasting | KeyKind::Temporary)
            .then(|| account(id))
            .flatten();
        Self {
            id: id.to_owned(),
            kind,
            account,
        }
    }
}

/// The account in an id. Ids from before 2019 do not contain it: their fifth letter is `I` or `J`.
fn account(id: &str) -> Option<String> {
    let letters = id.get(4..).filter(|letters| letters.len() == 16)?;
    if letters.starts_with(['I', 'J']) {
        return None;
    }
    let digit = |letter: u8| match letter {
        b'A'..=b'Z' => Some(u128::from(letter - b'A')),
        b'2'..=b'7' => Some(u128::from(letter - b'2') + 26),
        _ => None,
    };
    let number = letters
        .bytes()
        .try_fold(0_u128, |number, letter| Some(number << 5 | digit(letter)?))?;
    // Of 80 bits, the first is skipped, and the next 40 are the account.
    let account = number >> 39 & ((1 << 40) - 1);
    (account < 1_000_000_000_000).then(|| format!("{account:012}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_its_kind_and_a_newer_one_its_account() {
        let key = AccessKey::of("ASIAQNZGKIQY56JQ7WML");
        assert_eq!(key.kind, KeyKind::Temporary);
        assert_eq!(key.account.as_deref(), Some("029608264753"));
        let old = AccessKey::of("AKIAIOSFODNN7EXAMPLE");
        assert_eq!((old.kind, old.account), (KeyKind::Lasting, None));
        for other in ["", "AKI", "minioadmin", "ééé", "AKIA0"] {
            let key = AccessKey::of(other);
            assert_eq!(key.account, None, "{other}");
        }
    }
}
