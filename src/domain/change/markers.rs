//! The file of delete markers that a change created. An undo removes exactly these.
//!
//! The format is JSON Lines: the [`Header`], then one marker per line. The file contains keys, and receipts contain
//! none. The receipt therefore has the SHA-256 of the file, and the receipt is sealed. Any other file is rejected.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Item, What};
use crate::domain::hex::hex;
use crate::domain::{ByteSize, StorageClass, VersionId};

/// The format id.
const FORMAT: &str = "s3warden/markers/1";

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: String,
    case: String,
    markers: usize,
}

/// A delete marker that was created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "a field of the receipt")]
pub struct Marker {
    /// Its version id.
    pub marker: VersionId,
    /// Whether the marker was found above the object after a request without a response, instead of being named in a
    /// response.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub assumed: bool,
    /// The version that it hides.
    pub hides: Item,
}

impl Marker {
    /// The marker as an item to delete.
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

/// Writes the file of a case and returns its SHA-256.
///
/// # Errors
/// If writing to `output` fails.
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

/// Reads the file of a case, which was sealed with this SHA-256.
///
/// # Errors
/// Why the file is not the sealed one.
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
