use super::*;
use crate::domain::BucketName;
use crate::domain::configuration::{Lifecycle, Ownership, PublicAccess, VersioningState};

fn bucket() -> BucketName {
    BucketName::new("media").unwrap()
}

fn enable() -> Action {
    Action::SetVersioning {
        bucket: bucket(),
        state: VersioningState::Enabled,
    }
}

#[test]
fn each_face_says_the_same_steps_in_its_own_words() {
    let reset = Action::ResetAcl { bucket: bucket() };
    let advice = Advice::from(vec![reset, enable()]).then(advice!("look at {} again", "it"));
    assert_eq!(
        advice.to_string(),
        "reset the bucket's ACL to private; then enable versioning of media; look at it again"
    );
    assert_eq!(
        advice.command_line(),
        "aws s3api put-bucket-acl --bucket media --acl private; then aws s3api put-bucket-versioning --bucket media \
         --versioning-configuration 'Status=Enabled'; look at it again"
    );
    assert_eq!(
        serde_json::to_value(Advice::from(enable())).unwrap(),
        serde_json::json!([{
            "action": "set-versioning",
            "parameters": { "bucket": "media", "state": "enabled" },
        }])
    );
}

#[test]
fn an_advice_without_a_step_is_empty() {
    assert!(Advice::default().is_empty());
    assert!(
        Advice::of(vec![Step::Words(String::new())])
            .steps()
            .is_empty()
    );
}

#[test]
fn a_template_with_an_option_a_command_or_a_key_is_found() {
    for (template, what) in [
        ("give --region", &b"--"[..]),
        ("run s3warden purge", b"s3warden "),
        ("press r", b"press "),
    ] {
        assert!(holds(template.as_bytes(), what), "{template}");
    }
    assert!(!holds(b"s3warden's own", b"s3warden "));
    assert!(!holds(b"-", b"--"));
}

/// One action of every kind. The match makes the compiler ask for new kinds here.
#[expect(clippy::too_many_lines, reason = "a line an action")]
pub(crate) fn every() -> Vec<Action> {
    let b = bucket;
    let s3 = || EncryptWith::s3();
    let all = vec![
        Action::SetEncryption {
            bucket: b(),
            with: s3(),
            bucket_key: false,
            blocked: None,
        },
        Action::EncryptObjects {
            bucket: b(),
            with: s3(),
            has_customer_keys: true,
        },
        Action::UpdateObjectKeys {
            bucket: b(),
            key: "arn".into(),
            some_have_to_be_copied: true,
        },
        Action::BlockPublicAccess {
            bucket: b(),
            block: PublicAccess::default(),
        },
        Action::RemoveStatements {
            bucket: b(),
            statements: vec![0],
            names: vec!["a".into()],
            all: false,
        },
        Action::AddStatements {
            bucket: b(),
            statements: vec!["{}".into()],
            purpose: "does".into(),
            is_new: true,
        },
        Action::ExceptService {
            bucket: "logs".into(),
            service: "logging".into(),
        },
        Action::SetOwnership {
            bucket: b(),
            ownership: Ownership::BucketOwnerEnforced,
        },
        Action::ResetAcl { bucket: b() },
        Action::ResetObjectAcls {
            bucket: b(),
            keys: vec!["k".into()],
        },
        Action::SetLogging {
            bucket: b(),
            target: None,
            prefix: "p/".into(),
        },
        enable(),
        Action::SetLifecycle {
            bucket: b(),
            lifecycle: Lifecycle::default(),
            changes: vec!["c".into()],
        },
        Action::ChooseLifecycle { bucket: b() },
        Action::DeleteLifecycle {
            bucket: b(),
            rules: vec!["r".into()],
        },
        Action::SetCors {
            bucket: b(),
            rules: Vec::new(),
            changes: vec!["c".into()],
        },
        Action::SelectKmsObjects {
            bucket: b(),
            rules: vec!["r".into()],
        },
        Action::SetTags {
            bucket: b(),
            tags: Vec::new(),
            changes: vec![("k".into(), "v".into())],
        },
        Action::ChangeBlueprint {
            bucket: b(),
            setting: action::BlueprintSetting::Cors,
        },
        Action::KeepAsWanted {
            setting: action::BlueprintSetting::Public,
        },
        Action::Grant {
            permissions: vec!["s3:GetObject".into()],
            resource: None,
        },
        Action::ReadMetrics { bucket: b() },
        Action::CreateAlarm {
            name: "size".into(),
        },
        Action::AllowChanges,
        Action::UseRegion {
            now: "us-east-1".into(),
        },
        Action::SendFewerRequests,
        Action::ListInOrder,
        Action::SignIn(SignIn::Profile(Some("prod".into()))),
        Action::SignIn(SignIn::ProfileOrEnvironment),
        Action::GetCredentials(SignIn::Profile(None)),
        Action::AllowEvents,
        Action::UseBlueprint,
        Action::CleanUpTest,
        Action::MakePlanAgain(PlanOf::Purge),
        Action::MakePlanAgain(PlanOf::PurgeOfMany),
        Action::MakePlanAgain(PlanOf::Undo),
        Action::MakePlanAgain(PlanOf::Orphans),
        Action::MakePlanAgain(PlanOf::Restore),
        Action::BeginPlan,
        Action::ResumePlan,
        Action::ReadListAgain { list: "owners" },
        Action::PurgeExistingUser,
        Action::DeleteForGood,
        Action::StateOperator,
        Action::StateSameOperator,
        Action::UseEndpointOfPlan,
        Action::RaiseLimit(Limit::Objects),
        Action::RaiseLimit(Limit::Bytes),
        Action::RaiseLimit(Limit::Heads),
        Action::FindUser,
        Action::ChangeSetup { field: "at most" },
        Action::QuarantineByCopy,
        Action::Overrule {
            options: vec!["--max-share"],
        },
        Action::ShowPolicy { bucket: b() },
        Action::ShowNotifications { bucket: b() },
    ];
    for action in &all {
        match action {
            Action::SetEncryption { .. }
            | Action::EncryptObjects { .. }
            | Action::UpdateObjectKeys { .. }
            | Action::BlockPublicAccess { .. }
            | Action::RemoveStatements { .. }
            | Action::AddStatements { .. }
            | Action::ExceptService { .. }
            | Action::SetOwnership { .. }
            | Action::ResetAcl { .. }
            | Action::ResetObjectAcls { .. }
            | Action::SetLogging { .. }
            | Action::SetVersioning { .. }
            | Action::SetLifecycle { .. }
            | Action::ChooseLifecycle { .. }
            | Action::DeleteLifecycle { .. }
            | Action::SetCors { .. }
            | Action::SelectKmsObjects { .. }
            | Action::SetTags { .. }
            | Action::ChangeBlueprint { .. }
            | Action::KeepAsWanted { .. }
            | Action::Grant { .. }
            | Action::ReadMetrics { .. }
            | Action::CreateAlarm { .. }
            | Action::AllowChanges
            | Action::UseRegion { .. }
            | Action::SendFewerRequests
            | Action::ListInOrder
            | Action::SignIn(_)
            | Action::GetCredentials(_)
            | Action::AllowEvents
            | Action::UseBlueprint
            | Action::CleanUpTest
            | Action::MakePlanAgain(_)
            | Action::BeginPlan
            | Action::ResumePlan
            | Action::ReadListAgain { .. }
            | Action::PurgeExistingUser
            | Action::DeleteForGood
            | Action::StateOperator
            | Action::StateSameOperator
            | Action::UseEndpointOfPlan
            | Action::RaiseLimit(_)
            | Action::FindUser
            | Action::ChangeSetup { .. }
            | Action::QuarantineByCopy
            | Action::Overrule { .. }
            | Action::ShowPolicy { .. }
            | Action::ShowNotifications { .. } => {}
        }
    }
    all
}

#[test]
fn words_hold_no_option_and_commands_hold_no_key() {
    for action in every() {
        let words = action.words();
        assert!(
            !words.contains("--") && !words.contains("s3warden "),
            "{words}"
        );
        let command = action.command();
        assert!(
            !command.is_empty() && !command.contains("press "),
            "{command}"
        );
    }
}

#[test]
fn words_that_lead_on_are_one_sentence_with_the_step_after_them() {
    let advice = advice!("if that is so,").then(Action::FindUser);
    assert_eq!(
        advice.to_string(),
        "if that is so, look for what is still there of the user"
    );
}
