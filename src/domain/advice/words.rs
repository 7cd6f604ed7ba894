//! The text of actions for every interface: without options and keys.

use super::action::{Action, EncryptWith, KmsKey, Limit, PlanOf, SignIn};
use crate::domain::configuration::VersioningState;

impl Action {
    /// What to do, as plain text.
    #[expect(clippy::too_many_lines, reason = "an arm an action, and no more in it")]
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
                        words = format!("{words}, and refuse {}", kinds.join(", "));
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
            Self::AllowChanges => {
                "quit, and start again with changes allowed".to_owned()
            }
            Self::UseRegion { now } => format!("use the Region of the bucket (now {now})"),
            Self::SendFewerRequests => "send fewer requests at a time".to_owned(),
            Self::ListInOrder => {
                "list with one request at a time, which needs no order".to_owned()
            }
            Self::SignIn(sign_in) => sign_in.words(),
            Self::GetCredentials(sign_in) => format!(
                "choose a profile, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or {}",
                sign_in.words()
            ),
            Self::AllowEvents => {
                "allow it, if events of test objects may be sent".to_owned()
            }
            Self::UseBlueprint => "use another blueprint".to_owned(),
            Self::CleanUpTest => {
                "remove what the test left once that is mended: the journal is kept".to_owned()
            }
            Self::MakePlanAgain(of) => match of {
                PlanOf::Purge => "make a new plan for the user",
                PlanOf::PurgeOfMany => "make a new plan for the users",
                PlanOf::Undo => "make a new plan to undo the purge",
                PlanOf::Orphans => "look for orphans again",
                PlanOf::Restore => "make a new plan to restore from quarantine",
            }
            .to_owned(),
            Self::BeginPlan => "carry the plan out from its beginning".to_owned(),
            Self::ResumePlan => "go on with the plan".to_owned(),
            Self::ReadListAgain { list } => format!(
                "name the list of {list} in the blueprint, so that it is read again"
            ),
            Self::PurgeExistingUser => {
                "delete the user in the application first; or state a reason, and the receipt says so"
                    .to_owned()
            }
            Self::DeleteForGood => {
                "delete for good, or turn versioning on first".to_owned()
            }
            Self::StateOperator => {
                "set `operator` in the configuration file: it stands in plan and receipt as stated"
                    .to_owned()
            }
            Self::StateSameOperator => "state the same operator as for the plan".to_owned(),
            Self::UseEndpointOfPlan => "use the endpoint of the plan".to_owned(),
            Self::RaiseLimit(limit) => match limit {
                Limit::Objects => "look at the plan; raise the limit on objects if it is right",
                Limit::Bytes => "look at the plan; raise the limit on bytes if it is right",
                Limit::Heads => {
                    "raise the limit on HEAD requests if so many requests are right"
                }
            }
            .to_owned(),
            Self::FindUser => "look for what is still there of the user".to_owned(),
            Self::ChangeSetup { field } => format!("change \"{field}\" on the form"),
            Self::QuarantineByCopy => "quarantine it by a copy".to_owned(),
            Self::Overrule { options } => if options.is_empty() {
                "nothing overrules this"
            } else {
                "if that is so, the limit on the form overrules this"
            }
            .to_owned(),
            Self::ShowPolicy { bucket } => format!("look at the policy of {bucket}"),
            Self::ShowNotifications { bucket } => {
                format!("look at the event notifications of {bucket}")
            }
        }
    }
}

impl SignIn {
    fn words(&self) -> String {
        match self {
            Self::Other => "give other credentials".to_owned(),
            Self::Profile(Some(profile)) => {
                format!("sign in to AWS again for the profile {profile} (aws sso login)")
            }
            Self::Profile(None) => "sign in to AWS again (aws sso login)".to_owned(),
            Self::ProfileOrEnvironment => {
                "sign in to AWS again (aws sso login), or renew the credentials in the environment"
                    .to_owned()
            }
        }
    }
}

impl EncryptWith {
    /// Formats as `aws:kms with the key …`.
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
