//! The lifecycle rule that ends a quarantine: beside the others, read back, and taken out again.

use std::path::PathBuf;

use s3warden::facade::sandbox::world::WorldBucket;
use s3warden::facade::sandbox::{Defect, Fault, FaultRule, SandboxOptions};

use super::command::{act, confirmed, without};
use super::snapshot;
use crate::cli::support::{Endpoint, Program, options};
use crate::orphans::support::{UPLOADS, program, uploads};

const RULES: &str = r"<LifecycleConfiguration>
  <Rule><ID>logs</ID><Filter><Prefix>logs/</Prefix></Filter><Status>Enabled</Status><Expiration><Days>7</Days></Expiration></Rule>
  <Rule><ID>old</ID><Prefix>old/</Prefix><Status>Disabled</Status><Expiration><Days>9</Days></Expiration></Rule>
  <Rule><ID>tags</ID><Filter><And><Prefix>a/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And></Filter><Status>Enabled</Status>
    <Transition><Days>30</Days><StorageClass>GLACIER</StorageClass></Transition></Rule>
</LifecycleConfiguration>";

fn with_rules() -> WorldBucket {
    let mut bucket = uploads();
    let rules = ("lifecycle".to_owned(), RULES.to_owned());
    bucket.configuration.insert(rules.0, rules.1);
    bucket
}

fn rules(endpoint: &Endpoint) -> String {
    let place = (UPLOADS.to_owned(), String::new(), "lifecycle".to_owned());
    snapshot::of(&endpoint.sandbox)[&place].content.clone()
}

#[test]
fn the_rule_stands_beside_those_that_were_there_and_goes_when_everything_came_back() {
    for (bucket, others) in [(with_rules(), 3), (uploads(), 0)] {
        let endpoint = Endpoint::serving(vec![bucket]);
        let program = program(&endpoint);
        let before = rules(&endpoint);
        confirmed(
            &program,
            1,
            &["--act", "quarantine", "--expire-after", "30"],
        )
        .json(0);
        let during = rules(&endpoint);
        assert_eq!(during.matches("id: \"").count(), others + 1, "{during}");
        assert!(during.contains("s3warden-orphan"), "{during}");
        assert!(during.contains("date: Timestamp"), "{during}");
        confirmed(&program, 1, &["--act", "restore"]).json(0);
        assert_eq!(rules(&endpoint), before);
    }
}

/// A plan does not tell whether it was made for one user: what is still held does.
#[test]
fn a_way_back_that_goes_on_leaves_the_rule_while_anything_is_held() {
    for (owner, count, held) in [(&["--owner", "user-1"][..], 1, 1), (&[], 2, 0)] {
        let endpoint = Endpoint::serving(vec![uploads()]);
        let program = program(&endpoint);
        let before = rules(&endpoint);
        without(&program, &[1, 10]);
        confirmed(
            &program,
            2,
            &["--act", "quarantine", "--expire-after", "30"],
        )
        .json(0);
        let during = rules(&endpoint);
        assert_ne!(during, before);
        let denied = ["PutObjectTagging", "DeleteObjectTagging"]
            .map(|it| FaultRule::new(Fault::AccessDenied).on(it));
        endpoint.sandbox.set_faults(denied.to_vec());
        let ran = confirmed(&program, count, &[&["--act", "restore"], owner].concat());
        assert_ne!(ran.status, 0, "{ran:#?}");
        assert_eq!(rules(&endpoint), during);
        endpoint.sandbox.set_faults(Vec::new());
        let plan = plan_to_go_on_with(&program);
        let again = ["--act", "restore", "--resume", plan.to_str().unwrap()];
        confirmed(&program, count, &again).json(0);
        let after = snapshot::of(&endpoint.sandbox);
        assert_eq!(snapshot::tagged(&after).len(), held);
        let expected = if held > 0 { during } else { before };
        assert_eq!(rules(&endpoint), expected, "{owner:?}");
    }
}

/// The one plan that was not finished.
fn plan_to_go_on_with(program: &Program) -> PathBuf {
    let files = std::fs::read_dir(program.state().join("purge")).unwrap();
    let plans = files.map(|file| file.unwrap().path());
    let plans: Vec<PathBuf> = plans
        .filter(|path| path.to_string_lossy().ends_with(".plan.jsonl"))
        .collect();
    let [plan] = &plans[..] else {
        panic!("{plans:?}");
    };
    plan.clone()
}

#[test]
fn a_server_that_drops_the_rules_condition_is_refused_and_has_the_rules_that_it_had() {
    for bucket in [uploads(), with_prefix_rule()] {
        let endpoint = Endpoint::with(SandboxOptions {
            defects: vec![Defect::WidensFilters],
            ..options(vec![bucket])
        });
        let program = program(&endpoint);
        let before = snapshot::of(&endpoint.sandbox);
        let more = ["--act", "quarantine", "--expire-after", "30"];
        let ran = confirmed(&program, 1, &more);
        assert_eq!(ran.status, 4, "{ran:#?}");
        assert!(ran.err.contains("condition on tags"), "{}", ran.err);
        assert!(ran.err.contains("taken out again"), "{}", ran.err);
        assert_eq!(snapshot::of(&endpoint.sandbox), before);
        // Without a rule it can be done there all the same.
        assert_eq!(confirmed(&program, 1, &["--act", "quarantine"]).status, 0);
    }
}

/// Rules that such a server keeps as they are.
fn with_prefix_rule() -> WorldBucket {
    let mut bucket = uploads();
    let rule = "<LifecycleConfiguration><Rule><ID>logs</ID><Filter><Prefix>logs/</Prefix></Filter><Status>Enabled</Status>\
                <Expiration><Days>7</Days></Expiration></Rule></LifecycleConfiguration>";
    bucket
        .configuration
        .insert("lifecycle".to_owned(), rule.to_owned());
    bucket
}

#[test]
fn a_dry_run_shows_the_rule_and_adds_none() {
    let endpoint = Endpoint::serving(vec![with_rules()]);
    let before = rules(&endpoint);
    let ran = act(
        &program(&endpoint),
        &["--act", "quarantine", "--expire-after", "30"],
    );
    let document = ran.json(0);
    let rule = document["summary"]["rule"].as_str().unwrap();
    assert!(rule.contains("tagged s3warden-orphan="), "{rule}");
    assert_eq!(rules(&endpoint), before);
}
