//! Object Ownership, which decides whether ACLs are enabled.

use serde::Serialize;

use super::Concern;

/// Who owns objects that others write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Ownership {
    /// The bucket owner always; ACLs are disabled.
    BucketOwnerEnforced,
    /// The bucket owner, if the writer uses the `bucket-owner-full-control` ACL.
    BucketOwnerPreferred,
    /// The writer.
    ObjectWriter,
    /// An unknown setting.
    Other(String),
}

impl Ownership {
    /// The setting as S3 spells it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::BucketOwnerEnforced => "BucketOwnerEnforced",
            Self::BucketOwnerPreferred => "BucketOwnerPreferred",
            Self::ObjectWriter => "ObjectWriter",
            Self::Other(name) => name,
        }
    }
}

impl Concern for Ownership {
    const NAME: &'static str = "ownership";
    const TITLE: &'static str = "Object ownership";
    const NOT_SET: &'static str =
        "No object ownership is set: each writer owns what it wrote, and ACLs count.";

    fn sentence(&self) -> String {
        match self {
            Self::BucketOwnerEnforced => {
                "The bucket's owner owns every object; ACLs have no effect.".to_owned()
            }
            Self::BucketOwnerPreferred => {
                "The bucket's owner owns what is written with bucket-owner-full-control; ACLs count.".to_owned()
            }
            Self::ObjectWriter => "Each writer owns what it wrote; ACLs count.".to_owned(),
            Self::Other(name) => format!("Object ownership is {name}."),
        }
    }
}
