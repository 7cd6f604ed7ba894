//! Actions for the command line: an s3warden command, or an AWS CLI command if s3warden has none.

use super::action::{Action, Limit, PlanOf, SignIn};
use super::aws_cli;
use crate::domain::command_line::CommandLine;

impl Action {
    /// What to type, with as little text as possible.
    #[expect(clippy::too_many_lines, reason = "an arm an action, and no more in it")]
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
            Self::AllowChanges => {
                "give --write to allow changes".to_owned()
            }
            Self::UseRegion { now } => format!("give its Region with --region (now {now})"),
            Self::SendFewerRequests => "lower --jobs".to_owned(),
            Self::ListInOrder => {
                "list with one request at a time (--jobs 1), which needs no order".to_owned()
            }
            Self::SignIn(sign_in) => sign_in.command(),
            Self::GetCredentials(sign_in) => format!(
                "give a profile with --profile, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or {}; to look around without an account run `{}`",
                sign_in.command(),
                CommandLine::new("demo")
            ),
            Self::AllowEvents => {
                "give --allow-events if events of test objects may be sent".to_owned()
            }
            Self::UseBlueprint => "name another blueprint with --blueprint".to_owned(),
            Self::CleanUpTest => {
                "run the test again with --clean-up once that is mended: the journal is kept"
                    .to_owned()
            }
            Self::MakePlanAgain(of) => match of {
                PlanOf::Purge => "make a new plan with `s3warden purge USER`",
                PlanOf::PurgeOfMany => "make a new plan with `s3warden purge --from FILE`",
                PlanOf::Undo => "make a new plan with `s3warden purge USER --undo RECEIPT`",
                PlanOf::Orphans => "make a new report with `s3warden orphans BUCKET`",
                PlanOf::Restore => "make a new one with `s3warden orphans BUCKET --act restore`",
            }
            .to_owned(),
            Self::BeginPlan => "give --plan instead of --resume to begin with it".to_owned(),
            Self::ResumePlan => "give --resume instead of --plan to go on with it".to_owned(),
            Self::ReadListAgain { list } => format!(
                "give the list again on the command line, with --registry {list}=FILE and the options that say how to read it"
            ),
            Self::PurgeExistingUser => {
                "delete the user in the application first; --owner-still-exists REASON overrules this, and the receipt says so".to_owned()
            }
            Self::DeleteForGood => {
                "leave --soft out to delete for good, or turn versioning on first".to_owned()
            }
            Self::StateOperator => {
                "give --operator NAME, or `operator` in the configuration file: it stands in plan and receipt as stated".to_owned()
            }
            Self::StateSameOperator => "give the same --operator as for the plan".to_owned(),
            Self::UseEndpointOfPlan => "give the plan's endpoint with --endpoint-url".to_owned(),
            Self::RaiseLimit(limit) => match limit {
                Limit::Objects => "look at the plan; give a larger --max-objects if it is right",
                Limit::Bytes => "look at the plan; give a larger --max-bytes if it is right",
                Limit::Heads => "give a larger --max-heads if so many requests are right",
            }
            .to_owned(),
            Self::FindUser => {
                "look for what is still there with `s3warden find USER`".to_owned()
            }
            Self::QuarantineByCopy => "put it aside with --by copy".to_owned(),
            Self::Overrule { options } => match options.as_slice() {
                [] => "no option overrules this".to_owned(),
                [one] => format!("if that is so, {one} overrules this"),
                several => format!("if that is so, {} overrule this", several.join(" and ")),
            },
            // Actions without a command have the same text everywhere.
            Self::SelectKmsObjects { .. }
            | Self::ChangeBlueprint { .. }
            | Self::KeepAsWanted { .. }
            | Self::ChangeSetup { .. }
            | Self::Grant { .. } => self.words(),
        }
    }
}

impl SignIn {
    fn command(&self) -> String {
        let login = CommandLine::of_aws("sso login");
        match self {
            Self::Other => "give other credentials".to_owned(),
            Self::Profile(Some(profile)) => {
                format!("run `{}`", login.option("--profile", profile))
            }
            Self::Profile(None) => format!("run `{login}`"),
            Self::ProfileOrEnvironment => {
                format!("run `{login}`, or renew those in the environment")
            }
        }
    }
}
