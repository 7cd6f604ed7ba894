//! The shape of a world's file. See `assets/worlds/` for what it looks like.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de};
use toml::Spanned;

use super::metrics::{AlarmFile, MetricFile};
use super::registry::RegistryFile;
use super::{Sse, Versioning};
use crate::domain::configuration::PublicAccess;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WorldFile {
    pub version: Spanned<i64>,
    pub name: String,
    /// What the made-up part depends on.
    pub seed: u64,
    #[serde(default)]
    pub owners: OwnersFile,
    #[serde(default)]
    pub account: AccountFile,
    /// What its application says is alive.
    #[serde(default)]
    pub registry: RegistryFile,
    pub bucket: Vec<BucketFile>,
    /// The alarms of the account.
    #[serde(default)]
    pub alarm: Vec<AlarmFile>,
}

/// What holds for all buckets.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountFile {
    /// The switches that are on, as S3 spells them; without it there is no block.
    pub public_access_block: Option<Vec<BlockSwitch>>,
    /// Policies of KMS keys, by the ARN of the key.
    #[serde(default)]
    pub key_policies: BTreeMap<String, String>,
}

/// A switch of a public access block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum BlockSwitch {
    BlockPublicAcls,
    IgnorePublicAcls,
    BlockPublicPolicy,
    RestrictPublicBuckets,
}

impl AccountFile {
    /// The account's block, if there is one.
    pub(super) fn block(&self) -> Option<PublicAccess> {
        let on = self.public_access_block.as_ref()?;
        Some(PublicAccess {
            block_public_acls: on.contains(&BlockSwitch::BlockPublicAcls),
            ignore_public_acls: on.contains(&BlockSwitch::IgnorePublicAcls),
            block_public_policy: on.contains(&BlockSwitch::BlockPublicPolicy),
            restrict_public_buckets: on.contains(&BlockSwitch::RestrictPublicBuckets),
        })
    }
}

/// The users of the world.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OwnersFile {
    /// Ids as they are.
    #[serde(default)]
    pub named: Vec<String>,
    /// So many made-up UUIDs.
    #[serde(default)]
    pub uuids: usize,
    /// So many made-up addresses.
    #[serde(default)]
    pub emails: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BucketFile {
    pub name: String,
    pub region: String,
    pub created_days_ago: f64,
    #[serde(default, deserialize_with = "versioning")]
    pub versioning: Versioning,
    /// With versioning suspended: since when. What is older has a version id, what is younger is the `null` version.
    pub suspended_days_ago: Option<f64>,
    #[serde(default)]
    pub configuration: BTreeMap<String, String>,
    /// Sub-resource, then id, to document.
    #[serde(default)]
    pub configuration_lists: BTreeMap<String, BTreeMap<String, String>>,
    /// Objects planted by hand.
    #[serde(default)]
    pub object: Vec<Spanned<ObjectFile>>,
    #[serde(default)]
    pub upload: Vec<UploadFile>,
    /// Objects that are made up.
    #[serde(default)]
    pub bulk: Vec<Spanned<BulkFile>>,
    /// Access logs that are made up.
    #[serde(default)]
    pub logs: Vec<Spanned<LogsFile>>,
    /// How its metrics went.
    #[serde(default)]
    pub metrics: Vec<Spanned<MetricFile>>,
    /// What the application made here from another bucket's objects.
    #[serde(default)]
    pub derived: Vec<Spanned<DerivedFile>>,
    /// The bucket above of which this one holds the replicas.
    pub replica: Option<Spanned<ReplicaFile>>,
}

/// One key and all its versions.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ObjectFile {
    pub key: String,
    /// Makes the key longer than anybody would like to read in a file.
    pub stretch: Option<StretchFile>,
    /// Oldest first; the last one is current.
    pub versions: Vec<VersionFile>,
    /// The blueprint's rule by which a derived object was made from it.
    pub derive: Option<String>,
}

/// `with` is repeated until `end` makes the key exactly so many `bytes` long.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StretchFile {
    pub with: String,
    pub end: String,
    pub bytes: usize,
}

/// One version; with neither size, text nor `real` its body is empty.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VersionFile {
    pub days_ago: f64,
    /// A delete marker: nothing but its age counts.
    #[serde(default)]
    pub marker: bool,
    /// A body that is made up while it is read.
    pub size: Option<u64>,
    /// The body as it is.
    pub text: Option<String>,
    /// A small body of the content type.
    #[serde(default)]
    pub real: bool,
    /// The content type; else the key's extension tells.
    #[serde(rename = "type")]
    pub content_type: Option<String>,
    #[serde(default)]
    pub class: String,
    pub cache_control: Option<String>,
    pub content_disposition: Option<String>,
    #[serde(default)]
    pub sse: SseFile,
    #[serde(default)]
    pub bucket_key: bool,
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// Annotations: texts by name.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
    /// Archived and restored for so many more days.
    pub restored_for_days: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UploadFile {
    pub key: String,
    pub days_ago: f64,
    /// The sizes of the parts that arrived.
    #[serde(default)]
    pub parts: Vec<u64>,
    #[serde(default)]
    pub class: String,
}

/// Many objects of one kind.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BulkFile {
    /// Unique in the bucket: the luck of this section depends on it.
    pub id: String,
    /// `{user}`, `{uuid}`, `{hex}`, `{n}` and what `pick` names are filled in.
    pub key: String,
    /// How many for each user, at random from a range; without it `count` objects in all.
    pub per_owner: Option<[u64; 2]>,
    /// The users; all of the world's unless they are named.
    pub owners: Option<Vec<String>>,
    pub count: Option<u64>,
    #[serde(default)]
    pub pick: BTreeMap<String, Vec<String>>,
    pub days_ago: [f64; 2],
    pub size: [u64; 2],
    /// The share of objects that have a small body of their type.
    #[serde(default)]
    pub real: f64,
    /// The last one that applies counts.
    #[serde(default)]
    pub classes: Vec<ClassFile>,
    /// `none`, `AES256`, `aws:kms` or a key's ARN, to how often it is met.
    #[serde(default)]
    pub sse: BTreeMap<SseFile, u64>,
    #[serde(default)]
    pub bucket_key: bool,
    /// The share of keys with one to three older versions.
    #[serde(default)]
    pub earlier: f64,
    /// The share of keys hidden by a delete marker.
    #[serde(default)]
    pub deleted: f64,
    /// The share of keys with a marker and nothing else.
    #[serde(default)]
    pub only_marker: f64,
    /// The share of objects with these tags.
    #[serde(default)]
    pub tagged: f64,
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Filled in as the key is.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    pub cache_control: Option<String>,
    pub derive: Option<DeriveFile>,
}

/// A storage class that objects change to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClassFile {
    pub class: String,
    pub older_than_days: f64,
    #[serde(default)]
    pub prefix: String,
    #[serde(default = "all")]
    pub share: f64,
}

/// Derived objects by a rule of the blueprint that names the bucket.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeriveFile {
    pub rule: String,
    #[serde(default)]
    pub prefix: String,
    #[serde(default)]
    pub suffix: String,
    /// The share of sources from which one was made.
    #[serde(default = "all")]
    pub share: f64,
}

/// The access log of a bucket above this one in the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LogsFile {
    pub of: String,
    pub prefix: String,
    pub days_ago: [f64; 2],
    pub count: u64,
    pub lines: [u64; 2],
}

fn all() -> f64 {
    1.0
}

/// What the application made here from the objects of a bucket above this one in the file, by all rules of that
/// bucket's blueprint that write to this one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DerivedFile {
    pub of: String,
    /// What the sources' keys have to hold, as far as the trigger looks at them.
    #[serde(default)]
    pub containing: String,
    /// The age of the sources, in days: what was made from older ones has expired since.
    pub days_ago: [f64; 2],
    pub size: [u64; 2],
    /// The share of sources from which something was made.
    #[serde(default = "all")]
    pub share: f64,
    pub cache_control: Option<String>,
}

/// Replicas of all versions of a bucket above this one in the file. Where something is missing, the source says so in
/// its replication status.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplicaFile {
    pub of: String,
    /// Versions younger than this have not arrived: the source says `PENDING`.
    #[serde(default)]
    pub lag_days: f64,
    /// The share of versions that never arrived: the source says `FAILED`.
    #[serde(default)]
    pub failed: f64,
    /// Whether delete markers are replicated.
    #[serde(default)]
    pub markers: bool,
    #[serde(default)]
    pub class: String,
    pub sse: SseFile,
}

/// Encryption, as a word: `none`, `AES256`, `aws:kms` or the ARN of a KMS key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct SseFile(String);

impl Default for SseFile {
    fn default() -> Self {
        Self("AES256".to_owned())
    }
}

impl TryFrom<String> for SseFile {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        if matches!(word.as_str(), "none" | "AES256" | "aws:kms")
            || word.starts_with("arn:aws:kms:")
        {
            Ok(Self(word))
        } else {
            Err(format!(
                "{word:?} is no encryption; expected \"none\", \"AES256\", \"aws:kms\" or the ARN of a KMS key"
            ))
        }
    }
}

impl From<&SseFile> for Sse {
    fn from(SseFile(word): &SseFile) -> Self {
        match word.as_str() {
            "none" => Self::None,
            "AES256" => Self::Aes256,
            "aws:kms" => Self::Kms(String::new()),
            arn => Self::Kms(arn.to_owned()),
        }
    }
}

pub(super) fn versioning<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Versioning, D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "off" => Ok(Versioning::Off),
        "enabled" => Ok(Versioning::Enabled),
        "suspended" => Ok(Versioning::Suspended),
        other => Err(de::Error::custom(format!(
            "versioning = {other:?}; expected \"off\", \"enabled\" or \"suspended\""
        ))),
    }
}
