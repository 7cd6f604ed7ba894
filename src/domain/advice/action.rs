//! Actions: advice that the command line and the console express differently, with its parameters.
//!
//! The parameters are the complete new configuration, not only the difference: a command that replaces a configuration
//! must contain all of it, so that existing settings are kept.

use serde::Serialize;

use crate::domain::BucketName;
use crate::domain::configuration::{
    CorsRule, Encryption, Lifecycle, Ownership, PublicAccess, VersioningState,
};

/// An action for the user. In JSON: `{"action": "block-public-access", "parameters": {…}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "action", content = "parameters", rename_all = "kebab-case")]
pub enum Action {
    /// Set the default encryption of a bucket.
    SetEncryption {
        /// The bucket.
        bucket: BucketName,
        /// The algorithm and the key.
        with: EncryptWith,
        /// Whether an S3 Bucket Key is used.
        bucket_key: bool,
        /// The encryption types that uploads must not use; `None` if unknown, then nothing is set.
        blocked: Option<Vec<String>>,
    },
    /// Encrypt existing objects again, each by a copy onto itself.
    EncryptObjects {
        /// The bucket.
        bucket: BucketName,
        /// The algorithm and the key.
        with: EncryptWith,
        /// Whether the objects' own keys must be sent to read them (SSE-C).
        has_customer_keys: bool,
    },
    /// Change the KMS key of existing objects without copying them.
    ///
    /// `UpdateObjectEncryption` keeps storage class, date and ETag. It accepts the ARN of a key in the bucket's own
    /// account, and objects with SSE-S3 or SSE-KMS (API reference, *`UpdateObjectEncryption`*). Other objects must be
    /// copied.
    UpdateObjectKeys {
        /// The bucket.
        bucket: BucketName,
        /// The ARN of the key.
        key: String,
        /// Whether some objects have an encryption that the operation does not accept.
        some_have_to_be_copied: bool,
    },
    /// Set the public access block of a bucket.
    BlockPublicAccess {
        /// The bucket.
        bucket: BucketName,
        /// The new value of all four settings.
        block: PublicAccess,
    },
    /// Remove statements from the bucket policy.
    RemoveStatements {
        /// The bucket.
        bucket: BucketName,
        /// The indices of the statements in the policy, from 0.
        statements: Vec<usize>,
        /// Their names: ids, or positions from 1.
        names: Vec<String>,
        /// Whether no other statement remains, so that the policy can be deleted.
        all: bool,
    },
    /// Add statements to the bucket policy.
    AddStatements {
        /// The bucket of the policy.
        bucket: BucketName,
        /// The statements, as JSON.
        statements: Vec<String>,
        /// A description of their purpose.
        purpose: String,
        /// Whether the bucket has no policy yet.
        is_new: bool,
    },
    /// Exclude a service from a denial in the bucket policy.
    ExceptService {
        /// The bucket of the policy.
        bucket: String,
        /// The service.
        service: String,
    },
    /// Set the Object Ownership of a bucket.
    SetOwnership {
        /// The bucket.
        bucket: BucketName,
        /// The setting.
        ownership: Ownership,
    },
    /// Remove all grants to others from the bucket's ACL.
    ResetAcl {
        /// The bucket.
        bucket: BucketName,
    },
    /// Remove the grants to others from objects' ACLs.
    ResetObjectAcls {
        /// The bucket.
        bucket: BucketName,
        /// Objects known to have such grants.
        keys: Vec<String>,
    },
    /// Enable the access log.
    SetLogging {
        /// The bucket.
        bucket: BucketName,
        /// The destination bucket; `None` if unknown.
        target: Option<BucketName>,
        /// The prefix of the log objects.
        prefix: String,
    },
    /// Enable or suspend versioning.
    SetVersioning {
        /// The bucket.
        bucket: BucketName,
        /// The state.
        state: VersioningState,
    },
    /// Set the lifecycle configuration of a bucket.
    SetLifecycle {
        /// The bucket.
        bucket: BucketName,
        /// All rules after the change.
        lifecycle: Lifecycle,
        /// Describes what this adds or changes.
        changes: Vec<String>,
    },
    /// Decide how long to keep the objects, and express it as lifecycle rules.
    ChooseLifecycle {
        /// The bucket.
        bucket: BucketName,
    },
    /// Delete the lifecycle configuration of a bucket.
    DeleteLifecycle {
        /// The bucket.
        bucket: BucketName,
        /// The existing rules.
        rules: Vec<String>,
    },
    /// Set the CORS configuration of a bucket.
    SetCors {
        /// The bucket.
        bucket: BucketName,
        /// All rules after the change.
        rules: Vec<CorsRule>,
        /// Describes what this adds or changes.
        changes: Vec<String>,
    },
    /// Include objects with KMS encryption in replication rules.
    SelectKmsObjects {
        /// The bucket.
        bucket: BucketName,
        /// The rules.
        rules: Vec<String>,
    },
    /// Set tags of a bucket, in addition to its existing tags.
    SetTags {
        /// The bucket.
        bucket: BucketName,
        /// All tags after the change.
        tags: Vec<(String, String)>,
        /// The tags that change.
        changes: Vec<(String, String)>,
    },
    /// Change what a blueprint expects.
    ChangeBlueprint {
        /// The bucket whose section to change.
        bucket: BucketName,
        /// The setting of that section.
        setting: BlueprintSetting,
    },
    /// Change nothing: the blueprint expects it this way.
    KeepAsWanted {
        /// The setting in the blueprint.
        setting: BlueprintSetting,
    },
    /// Grant permissions to the user of s3warden.
    Grant {
        /// The permissions.
        permissions: Vec<String>,
        /// The ARN of the resource; `None` for permissions that apply to all resources only.
        resource: Option<String>,
    },
    /// Look at the metrics of a bucket.
    ReadMetrics {
        /// The bucket.
        bucket: BucketName,
    },
    /// Create an alarm.
    CreateAlarm {
        /// Its name.
        name: String,
    },
    /// Allow changes: s3warden is read-only, or this is a dry run.
    AllowChanges,
    /// Use the Region of the bucket.
    UseRegion {
        /// The Region in use now.
        now: String,
    },
    /// Send fewer requests at a time.
    SendFewerRequests,
    /// List with one request at a time, which does not depend on the order.
    ListInOrder,
    /// Renew the credentials.
    SignIn(SignIn),
    /// Provide credentials, because there are none.
    GetCredentials(SignIn),
    /// Allow a smoke test to create objects although they cause events.
    AllowEvents,
    /// Use another blueprint.
    UseBlueprint,
    /// Remove the leftovers of a smoke test.
    CleanUpTest,
    /// Make a new plan.
    MakePlanAgain(PlanOf),
    /// Start a plan that was never started.
    BeginPlan,
    /// Resume a plan that was started.
    ResumePlan,
    /// Read a list again on which a plan is based.
    ReadListAgain {
        /// The list: `owners` or `keys`.
        list: &'static str,
    },
    /// Purge an existing user, for a stated reason.
    PurgeExistingUser,
    /// Delete permanently instead of hiding.
    DeleteForGood,
    /// State the operator.
    StateOperator,
    /// State the same operator as for the plan.
    StateSameOperator,
    /// Use the endpoint of the plan.
    UseEndpointOfPlan,
    /// Raise a limit, if exceeding it is intended.
    RaiseLimit(Limit),
    /// Search for what still exists of a user.
    FindUser,
    /// Change a field of the form with which the plan was made.
    ChangeSetup {
        /// The label of the field.
        field: &'static str,
    },
    /// Quarantine an object by a copy, because a tag is not possible.
    QuarantineByCopy,
    /// Override requirements for a list, or a gate, if the numbers are correct.
    Overrule {
        /// The command line options for it; empty if there are none.
        options: Vec<&'static str>,
    },
    /// Show the policy of a bucket.
    ShowPolicy {
        /// The bucket.
        bucket: BucketName,
    },
    /// Show the notifications of a bucket.
    ShowNotifications {
        /// The bucket.
        bucket: BucketName,
    },
}

/// How to renew credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignIn {
    /// Provide others in place of the given ones.
    Other,
    /// Sign in with AWS IAM Identity Center, for this profile; `None` is the default profile.
    Profile(Option<String>),
    /// Sign in for the default profile, or renew the credentials in the environment.
    ProfileOrEnvironment,
}

/// The subject of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlanOf {
    /// Purging a user.
    Purge,
    /// Purging the users of a list.
    PurgeOfMany,
    /// Undoing a soft purge.
    Undo,
    /// Orphans of a bucket.
    Orphans,
    /// Restoring the quarantine.
    Restore,
}

/// A limit on a single plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// Objects, versions, markers and uploads.
    Objects,
    /// Bytes.
    Bytes,
    /// HEAD requests to read owners from metadata.
    Heads,
}

/// A setting of `[bucket.expect]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BlueprintSetting {
    /// Default encryption.
    Encryption,
    /// The bucket's public access block.
    PublicAccessBlock,
    /// The access that anyone is meant to have.
    Public,
    /// Object Ownership.
    Ownership,
    /// CORS rules.
    Cors,
    /// Lifecycle rules.
    Lifecycle,
    /// Access of others.
    Grant,
}

impl BlueprintSetting {
    /// Its name in the blueprint.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Encryption => "encryption",
            Self::PublicAccessBlock => "public_access_block",
            Self::Public => "public",
            Self::Ownership => "ownership",
            Self::Cors => "cors",
            Self::Lifecycle => "lifecycle",
            Self::Grant => "grant",
        }
    }
}

/// The encryption to use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EncryptWith {
    /// `AES256`, `aws:kms` or `aws:kms:dsse`.
    pub algorithm: String,
    /// The key.
    pub key: KmsKey,
}

/// The key to encrypt with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KmsKey {
    /// No key is named: S3's own with `AES256`, the account's `aws/s3` with KMS.
    Default,
    /// This one.
    Named(String),
    /// A customer managed key that the user must choose.
    ToChoose,
}

impl KmsKey {
    /// The key for a command; `None` if it names none.
    #[must_use]
    pub fn named(&self) -> Option<&str> {
        match self {
            Self::Default => None,
            Self::Named(key) => Some(key),
            Self::ToChoose => Some("KEY"),
        }
    }
}

impl EncryptWith {
    /// SSE-S3.
    #[must_use]
    pub fn s3() -> Self {
        Self {
            algorithm: "AES256".to_owned(),
            key: KmsKey::Default,
        }
    }

    /// The default encryption of a bucket.
    #[must_use]
    pub fn like(default: &Encryption) -> Self {
        Self {
            algorithm: default.algorithm.clone(),
            key: default
                .key_id
                .clone()
                .map_or(KmsKey::Default, KmsKey::Named),
        }
    }

    /// Whether it uses a KMS key.
    #[must_use]
    pub fn is_kms(&self) -> bool {
        self.algorithm.starts_with("aws:kms")
    }
}
