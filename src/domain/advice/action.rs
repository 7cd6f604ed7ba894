//! What can be advised that the faces say differently, with its parameters.
//!
//! The parameters are what has to be set, not what differs: a command that replaces a configuration holds all of it, and what
//! was there before is kept.

use serde::Serialize;

use crate::domain::BucketName;
use crate::domain::configuration::{
    CorsRule, Encryption, Lifecycle, Ownership, PublicAccess, VersioningState,
};

/// Something to do. In JSON `{"action": "block-public-access", "parameters": {…}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "action", content = "parameters", rename_all = "kebab-case")]
pub enum Action {
    /// Set the default encryption of a bucket.
    SetEncryption {
        /// The bucket.
        bucket: BucketName,
        /// The algorithm and the key.
        with: EncryptWith,
        /// Whether S3 uses a bucket key.
        bucket_key: bool,
        /// The encryption types that uploads must not use; `None` where the service does not say, and nothing is set.
        blocked: Option<Vec<String>>,
    },
    /// Encrypt objects that are there again, each by a copy onto itself.
    EncryptObjects {
        /// The bucket.
        bucket: BucketName,
        /// The algorithm and the key.
        with: EncryptWith,
        /// Whether the objects' own keys have to be sent to read them (SSE-C).
        has_customer_keys: bool,
    },
    /// Change the KMS key of objects that are there without copying them.
    ///
    /// `UpdateObjectEncryption` keeps storage class, date and entity tag. It takes the ARN of a key of the bucket's own account
    /// and objects under SSE-S3 or SSE-KMS (API reference, *`UpdateObjectEncryption`*); the others have to be copied.
    UpdateObjectKeys {
        /// The bucket.
        bucket: BucketName,
        /// The ARN of the key.
        key: String,
        /// Whether some objects are known to be encrypted in a way that the operation does not take.
        some_have_to_be_copied: bool,
    },
    /// Set the public access block of a bucket.
    BlockPublicAccess {
        /// The bucket.
        bucket: BucketName,
        /// All four switches as they should be.
        block: PublicAccess,
    },
    /// Take statements out of the bucket policy.
    RemoveStatements {
        /// The bucket.
        bucket: BucketName,
        /// The statements' places in the policy, from 0.
        statements: Vec<usize>,
        /// Their names: ids, or the place counted from 1.
        names: Vec<String>,
        /// Whether no other statement is left, so that the policy can be deleted.
        all: bool,
    },
    /// Add statements to the bucket policy.
    AddStatements {
        /// The bucket whose policy it is.
        bucket: BucketName,
        /// The statements, as JSON.
        statements: Vec<String>,
        /// What they are for, in words.
        purpose: String,
        /// Whether there is no policy yet.
        is_new: bool,
    },
    /// Except a service from a denial of the bucket policy.
    ExceptService {
        /// The bucket whose policy it is.
        bucket: String,
        /// The service.
        service: String,
    },
    /// Set the object ownership of a bucket.
    SetOwnership {
        /// The bucket.
        bucket: BucketName,
        /// The setting.
        ownership: Ownership,
    },
    /// Take all grants to others out of the bucket's ACL.
    ResetAcl {
        /// The bucket.
        bucket: BucketName,
    },
    /// Take the grants to others out of objects' ACLs.
    ResetObjectAcls {
        /// The bucket.
        bucket: BucketName,
        /// Objects that are known to have such grants.
        keys: Vec<String>,
    },
    /// Switch the access log on.
    SetLogging {
        /// The bucket.
        bucket: BucketName,
        /// The bucket that the log is to be written to; `None` where nobody said which.
        target: Option<BucketName>,
        /// What the log objects' keys begin with.
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
        /// All rules as they should be.
        lifecycle: Lifecycle,
        /// What that adds or changes, in words.
        changes: Vec<String>,
    },
    /// Decide what is to become of the objects, and write it as lifecycle rules.
    ChooseLifecycle {
        /// The bucket.
        bucket: BucketName,
    },
    /// Delete the lifecycle configuration of a bucket.
    DeleteLifecycle {
        /// The bucket.
        bucket: BucketName,
        /// The rules that it has.
        rules: Vec<String>,
    },
    /// Set the CORS configuration of a bucket.
    SetCors {
        /// The bucket.
        bucket: BucketName,
        /// All rules as they should be.
        rules: Vec<CorsRule>,
        /// What that adds or changes, in words.
        changes: Vec<String>,
    },
    /// Let replication rules select objects that are encrypted with KMS keys.
    SelectKmsObjects {
        /// The bucket.
        bucket: BucketName,
        /// The rules.
        rules: Vec<String>,
    },
    /// Set tags of a bucket, beside those that it has.
    SetTags {
        /// The bucket.
        bucket: BucketName,
        /// All tags as they should be.
        tags: Vec<(String, String)>,
        /// Those that differ.
        changes: Vec<(String, String)>,
    },
    /// Change what a blueprint wants.
    ChangeBlueprint {
        /// The bucket whose section it is.
        bucket: BucketName,
        /// Which setting of the section.
        setting: BlueprintSetting,
    },
    /// Leave it as it is: the blueprint wants it so.
    KeepAsWanted {
        /// What the blueprint wants.
        setting: BlueprintSetting,
    },
    /// Grant permissions to whoever runs s3warden.
    Grant {
        /// The permissions.
        permissions: Vec<String>,
        /// The ARN of the resource; `None` for those that can only be granted on all.
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
    /// Allow changes: the program is read-only, or this is a dry run.
    AllowChanges,
    /// Use the Region of the bucket.
    UseRegion {
        /// The Region that is used now.
        now: String,
    },
    /// Send fewer requests at a time.
    SendFewerRequests,
    /// List with one request at a time, which needs no order.
    ListInOrder,
    /// Get fresh credentials.
    SignIn(SignIn),
    /// Get credentials where there are none.
    GetCredentials(SignIn),
    /// Let a smoke test create objects although events of them are sent.
    AllowEvents,
    /// Use another blueprint.
    UseBlueprint,
    /// Remove what a smoke test left.
    CleanUpTest,
    /// Make a plan again.
    MakePlanAgain(PlanOf),
    /// Begin with a plan that was never begun.
    BeginPlan,
    /// Go on with a plan that was begun.
    ResumePlan,
    /// Read a list again that a plan was made by.
    ReadListAgain {
        /// What it lists: `owners` or `keys`.
        list: &'static str,
    },
    /// Purge a user who still exists, for a stated reason.
    PurgeExistingUser,
    /// Delete instead of hiding.
    DeleteForGood,
    /// Say who acts.
    StateOperator,
    /// Say the same as for the plan.
    StateSameOperator,
    /// Use the endpoint of the plan.
    UseEndpointOfPlan,
    /// Raise a limit, where what goes beyond it is right.
    RaiseLimit(Limit),
    /// Look for what is still there of a user.
    FindUser,
    /// Change a line of the form that the plan was made with.
    ChangeSetup {
        /// The label of the line.
        field: &'static str,
    },
    /// Put an object into quarantine by a copy: a tag does not fit.
    QuarantineByCopy,
    /// Overrule requirements on a list, or a gate, where the numbers are right.
    Overrule {
        /// The options of the command line that do it; none where nothing does.
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

/// How to get fresh credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignIn {
    /// They were given, and others have to be.
    Other,
    /// With AWS IAM Identity Center, for this profile; `None` is the default profile.
    Profile(Option<String>),
    /// The same for the default profile, or those in the environment.
    ProfileOrEnvironment,
}

/// What a plan is about.
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
    /// Bringing back what is in quarantine.
    Restore,
}

/// A limit on what one plan may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// Objects, versions, markers and uploads.
    Objects,
    /// Bytes.
    Bytes,
    /// Objects that are asked one by one for an owner.
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
    /// What anyone may do.
    Public,
    /// Object ownership.
    Ownership,
    /// CORS rules.
    Cors,
    /// Lifecycle rules.
    Lifecycle,
    /// Who may do what.
    Grant,
}

impl BlueprintSetting {
    /// As the blueprint spells it.
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

/// How to encrypt.
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
    /// None is named: S3's own with `AES256`, the account's `aws/s3` with KMS.
    Default,
    /// This one.
    Named(String),
    /// A key of the customer's that nobody named yet.
    ToChoose,
}

impl KmsKey {
    /// The key as a command names it; `None` where it names none.
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
    /// S3's own keys.
    #[must_use]
    pub fn s3() -> Self {
        Self {
            algorithm: "AES256".to_owned(),
            key: KmsKey::Default,
        }
    }

    /// As a bucket encrypts by default.
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

    /// Whether it takes a KMS key.
    #[must_use]
    pub fn is_kms(&self) -> bool {
        self.algorithm.starts_with("aws:kms")
    }
}
