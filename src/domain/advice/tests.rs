use super::*;
use crate::domain::BucketName;
use crate::domain::configuration::VersioningState;

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
