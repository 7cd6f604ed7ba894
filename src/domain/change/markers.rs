//! The delete markers that a change made, in a file of their own: what an undo takes away again, and nothing else.
//!
//! JSON Lines: the [`Header`], then a marker a line. The file holds keys, which no receipt does; so the receipt names it by
//! its SHA-256, and the receipt is sealed. A file that is not the one that was sealed is none.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Item, What};
use crate::domain::hex::hex;
use crate::domain::{ByteSize, StorageClass, VersionId};

/// The form of the file.
const FORMAT: &str = "s3warden/markers/1";

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: String,
    case: String,
    markers: usize,
}

/// A delete marker that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "a field of the receipt")]
pub struct Marker {
    /// Its version id.
    pub marker: VersionId,
    /// Whether it was found above the object after a request that nobody answered, rather than named in an answer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub assumed: bool,
    /// The version that it hides.
    pub hides: Item,
}

impl Marker {
    /// The marker itself, as a thing to be taken away.
    #[must_use]
    pub fn item(&self) -> Item {
        Item {
            claim: self.hides.claim.clone(),
            what: What::Marker {
                id: self.marker.clone(),
                is_latest: true,
            },
            size: ByteSize(0),
            etag: None,
            class: StorageClass::default(),
            written: None,
        }
    }
}

/// Writes the file of a case. Gives its SHA-256.
///
/// # Errors
/// The output's.
pub(crate) fn write<W: Write>(case: &str, markers: &[Marker], mut output: W) -> io::Result<String> {
    let header = Header {
        format: FORMAT.to_owned(),
        case: case.to_owned(),
        markers: markers.len(),
    };
    let mut digest = Sha256::new();
    let mut line = |text: String| -> io::Result<()> {
        let text = text + "\n";
        digest.update(text.as_bytes());
        output.write_all(text.as_bytes())
    };
    line(serde_json::to_string(&header)?)?;
    for marker in markers {
        line(serde_json::to_string(marker)?)?;
    }
    Ok(hex(&digest.finalize()))
}

/// Reads the file of a case that was sealed with this SHA-256.
///
/// # Errors
/// Why it is not that file, in words.
pub(crate) fn read(case: &str, sha256: &str, text: &str) -> Result<Vec<Marker>, String> {
    if hex(&Sha256::digest(text.as_bytes())) != sha256 {
        return Err("it is not the file that the receipt names: it was changed since".to_owned());
    }
    let mut lines = text.lines().zip(1..);
    let wrong = |line: usize, why: &dyn std::fmt::Display| format!("line {line}: {why}");
    let first = lines.next().map(|(line, _)| line).unwrap_or_default();
    let header: Header = serde_json::from_str(first).map_err(|why| wrong(1, &why))?;
    if header.format != FORMAT || header.case != case {
        return Err("it is of another case, or of another form".to_owned());
    }
    let markers = lines
        .map(|(line, number)| serde_json::from_str(line).map_err(|why| wrong(number, &why)))
        .collect::<Result<Vec<Marker>, _>>()?;
    if markers.len() == header.markers {
        Ok(markers)
    } else {
        Err("it does not hold as many markers as it says".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::change::{Claim, Why};
    use crate::domain::{BucketName, ObjectKey};

    fn marker(key: &str, assumed: bool) -> Marker {
        Marker {
            marker: VersionId("m1".to_owned()),
            assumed,
            hides: Item {
                claim: Arc::new(Claim {
                    bucket: BucketName::new("media").unwrap(),
                    key: ObjectKey::new(key).unwrap(),
                    why: Why::Record {
                        layout: "l".to_owned(),
                    },
                }),
                what: What::Version {
                    id: VersionId("v1".to_owned()),
                    is_latest: true,
                },
                size: ByteSize(7),
                etag: Some("abc".to_owned()),
                class: StorageClass::default(),
                written: None,
            },
        }
    }

    #[test]
    fn what_was_sealed_is_read_and_nothing_else() {
        let markers = [marker("a\u{1}\n", false), marker("b", true)];
        let mut text = Vec::new();
        let sha256 = write("c", &markers, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert_eq!(read("c", &sha256, &text).unwrap(), markers);
        assert!(read("d", &sha256, &text).is_err());
        let edited = text.replace("m1", "m2");
        assert!(read("c", &sha256, &edited).unwrap_err().contains("changed"));
        let short: String = text.split_inclusive('\n').take(2).collect();
        let of_short = hex(&Sha256::digest(short.as_bytes()));
        assert!(
            read("c", &of_short, &short)
                .unwrap_err()
                .contains("as many")
        );
    }
}
