//! Actions as somebody does them on the command line: a command of s3warden, or of the AWS CLI where s3warden has none.

use super::action::Action;
use super::aws_cli;
use crate::domain::command_line::CommandLine;

impl Action {
    /// What to type, with as few words beside it as it needs.
    #[must_use]
    pub fn command(&self) -> String {
        match self {
            Self::SetEncryption {
                bucket,
                with,
                bucket_key,
                blocked,
            } => aws_cli::put_encryption(bucket, with, *bucket_key, blocked.as_deref()),
            Self::EncryptObjects {
                bucket,
                with,
                has_customer_keys,
            } => aws_cli::copy_onto_itself(bucket, with, *has_customer_keys),
            Self::UpdateObjectKeys {
                bucket,
                key,
                some_have_to_be_copied,
            } => {
                let rest = if *some_have_to_be_copied {
                    "for objects under aws:kms:dsse or SSE-C, which this does not take, and where the operation is missing, go on"
                } else {
                    "where the operation is missing or denied, go on"
                };
                format!(
                    "for the objects that are there: {} (needs s3:UpdateObjectEncryption); {rest}",
                    aws_cli::update_object_encryption(bucket, key)
                )
            }
            Self::BlockPublicAccess { bucket, block } => {
                aws_cli::put_public_access_block(bucket, *block)
            }
            Self::RemoveStatements {
                bucket, names, all, ..
            } => {
                if *all {
                    aws_cli::s3api("delete-bucket-policy", bucket).to_string()
                } else {
                    format!(
                        "take {} out of the policy: {}, then put-bucket-policy",
                        names.join(", "),
                        aws_cli::s3api("get-bucket-policy", bucket)
                    )
                }
            }
            Self::AddStatements {
                bucket,
                statements,
                is_new,
                ..
            } => {
                if *is_new {
                    aws_cli::put_policy(bucket, statements)
                } else {
                    format!("add to the policy of {bucket}: {}", statements.join(","))
                }
            }
            Self::ExceptService { bucket, service } => format!(
                "except the service from the denial in the policy of {bucket}: add \"StringNotEqualsIfExists\": {{\"aws:PrincipalServiceName\": \"{service}\"}} to its conditions"
            ),
            Self::SetOwnership { bucket, ownership } => {
                aws_cli::s3api("put-bucket-ownership-controls", bucket)
                    .option(
                        "--ownership-controls",
                        &format!("Rules=[{{ObjectOwnership={}}}]", ownership.as_str()),
                    )
                    .to_string()
            }
            Self::ResetAcl { bucket } => aws_cli::s3api("put-bucket-acl", bucket)
                .option("--acl", "private")
                .to_string(),
            Self::ResetObjectAcls { bucket, keys } => {
                let each = keys.iter().map(|key| {
                    let line = aws_cli::s3api("put-object-acl", bucket).option("--key", key);
                    line.option("--acl", "private").to_string()
                });
                each.collect::<Vec<_>>().join("; ")
            }
            Self::SetLogging {
                bucket,
                target,
                prefix,
            } => {
                let target = target.as_ref().map_or("LOGS", |target| target.as_str());
                aws_cli::put_logging(bucket, target, prefix)
            }
            Self::SetVersioning { bucket, state } => aws_cli::put_versioning(bucket, *state),
            Self::SetLifecycle {
                bucket, lifecycle, ..
            } => aws_cli::put_lifecycle(bucket, lifecycle),
            Self::ChooseLifecycle { bucket } => format!(
                "decide when objects may move to a cheaper class or expire: {}",
                aws_cli::s3api("put-bucket-lifecycle-configuration", bucket)
                    .option("--lifecycle-configuration", "file://lifecycle.json")
            ),
            Self::DeleteLifecycle { bucket, .. } => {
                aws_cli::s3api("delete-bucket-lifecycle", bucket).to_string()
            }
            Self::SetCors { bucket, rules, .. } => aws_cli::put_cors(bucket, rules),
            Self::SetTags { bucket, tags, .. } => aws_cli::put_tagging(bucket, tags),
            Self::ReadMetrics { bucket } => format!(
                "see what the bucket's storage costs: {}",
                CommandLine::new("metrics").word(bucket.as_str())
            ),
            Self::CreateAlarm { name } => CommandLine::of_aws("cloudwatch put-metric-alarm")
                .option("--alarm-name", name)
                .to_string(),
            Self::ShowPolicy { bucket } => aws_cli::s3api("get-bucket-policy", bucket).to_string(),
            Self::ShowNotifications { bucket } => {
                aws_cli::s3api("get-bucket-notification-configuration", bucket).to_string()
            }
            // What no command does is said in the same words on every face.
            Self::SelectKmsObjects { .. }
            | Self::ChangeBlueprint { .. }
            | Self::KeepAsWanted { .. }
            | Self::Grant { .. } => self.words(),
        }
    }
}
