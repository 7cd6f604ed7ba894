//! Actions in words that fit on every face: no option, no key.

use super::action::{Action, EncryptWith, KmsKey};
use crate::domain::configuration::VersioningState;

impl Action {
    /// What to do, in plain words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::SetEncryption {
                with,
                bucket_key,
                blocked,
                ..
            } => {
                let mut words = format!("set the default encryption to {}", with.words());
                if with.is_kms() {
                    words.push_str(if *bucket_key {
                        ", with a bucket key"
                    } else {
                        ", without a bucket key"
                    });
                }
                match blocked.as_deref() {
                    None => {}
                    Some([]) => words.push_str(", and allow SSE-C"),
                    Some(kinds) => {
                        words.push_str(&format!(", and refuse {}", kinds.join(", ")));
                    }
                }
                words
            }
            Self::EncryptObjects {
                with,
                has_customer_keys,
                ..
            } => {
                let keys = if *has_customer_keys {
                    "; reading one under SSE-C takes the key that it was written with"
                } else {
                    ""
                };
                format!(
                    "copy each of these objects onto itself with {}, in the storage class that it has{keys}",
                    with.words()
                )
            }
            Self::UpdateObjectKeys { key, .. } => format!(
                "change the objects' key to {key} with UpdateObjectEncryption, which needs s3:UpdateObjectEncryption and copies nothing"
            ),
            Self::BlockPublicAccess { block, .. } => {
                let off = block.off();
                match off.len() {
                    0 => {
                        "switch all four switches of the bucket's public access block on".to_owned()
                    }
                    4 => "switch the bucket's public access block off".to_owned(),
                    _ => format!(
                        "switch the bucket's public access block on, all but {}",
                        off.join(", ")
                    ),
                }
            }
            Self::RemoveStatements { names, all, .. } => {
                if *all {
                    "delete the bucket policy".to_owned()
                } else {
                    format!("take {} out of the bucket policy", names.join(", "))
                }
            }
            Self::AddStatements {
                bucket,
                purpose,
                statements,
                ..
            } => format!(
                "{} to the policy of {bucket} that {purpose}",
                if statements.len() == 1 {
                    "add a statement"
                } else {
                    "add statements"
                }
            ),
            Self::ExceptService { bucket, service } => format!(
                "except {service} from the denial in the policy of {bucket}, with StringNotEqualsIfExists on aws:PrincipalServiceName"
            ),
            Self::SetOwnership { ownership, .. } => {
                format!("set the object ownership to {}", ownership.as_str())
            }
            Self::ResetAcl { .. } => "reset the bucket's ACL to private".to_owned(),
            Self::ResetObjectAcls { keys, .. } => format!(
                "reset the ACLs of the objects to private, among them {}",
                keys.join(", ")
            ),
            Self::SetLogging { target, prefix, .. } => match target {
                Some(target) => format!("log access to s3://{target}/{prefix}"),
                None => format!("log access to a bucket for logs, under {prefix}"),
            },
            Self::SetVersioning { bucket, state } => match state {
                VersioningState::Enabled => format!("enable versioning of {bucket}"),
                VersioningState::Suspended => format!("suspend versioning of {bucket}"),
            },
            Self::SetLifecycle { changes, .. } => {
                format!("change the lifecycle rules: {}", changes.join("; "))
            }
            Self::ChooseLifecycle { bucket } => format!(
                "decide when objects of {bucket} may move to a cheaper class or expire, and add a lifecycle rule that does it"
            ),
            Self::DeleteLifecycle { rules, .. } => {
                format!(
                    "delete the lifecycle configuration, rule {}",
                    rules.join(", ")
                )
            }
            Self::SetCors { changes, .. } => {
                format!("change the CORS rules: {}", changes.join("; "))
            }
            Self::SelectKmsObjects { rules, .. } => format!(
                "in the replication rule {}, enable SseKmsEncryptedObjects in SourceSelectionCriteria, name the replicas' key in EncryptionConfiguration, and let the role use both keys",
                rules.join(", ")
            ),
            Self::SetTags { changes, .. } => format!("tag the bucket with {}", pairs(changes)),
            Self::ChangeBlueprint { bucket, setting } => format!(
                "change {} of {bucket} in the blueprint, which asks for the contrary",
                setting.as_str()
            ),
            Self::KeepAsWanted { setting } => format!(
                "leave it as it is, or change {} in the blueprint, which asks for it",
                setting.as_str()
            ),
            Self::Grant {
                permissions,
                resource,
            } => format!(
                "grant {} on {}",
                permissions.join(", "),
                resource.as_deref().unwrap_or("all resources")
            ),
            Self::ReadMetrics { bucket } => {
                format!("look at the cost of {bucket}'s storage in its metrics")
            }
            Self::CreateAlarm { name } => format!("create the alarm {name} in CloudWatch"),
            Self::ShowPolicy { bucket } => format!("look at the policy of {bucket}"),
            Self::ShowNotifications { bucket } => {
                format!("look at the event notifications of {bucket}")
            }
        }
    }
}

impl EncryptWith {
    /// `aws:kms with the key …`.
    #[must_use]
    pub fn words(&self) -> String {
        let key = match &self.key {
            KmsKey::Default if self.is_kms() => " with the account's aws/s3 key".to_owned(),
            KmsKey::Default => return "SSE-S3 (AES256)".to_owned(),
            KmsKey::Named(key) => format!(" with the key {key}"),
            KmsKey::ToChoose => " with a KMS key of your own".to_owned(),
        };
        format!("{}{key}", self.algorithm)
    }
}

pub(super) fn pairs(tags: &[(String, String)]) -> String {
    let pairs: Vec<String> = tags.iter().map(|(k, v)| format!("{k}={v}")).collect();
    pairs.join(", ")
}
