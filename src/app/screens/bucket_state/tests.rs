//! What the rows are made of, whatever arrives first.

use super::*;
use crate::domain::configuration::State as Standing;

fn shown(console: &crate::app::testing::Console) -> &BucketState {
    console.state.bucket.as_ref().expect("no bucket is shown")
}

#[test]
fn before_anything_is_answered_every_concern_is_there_and_pending() {
    let console = sample::opened();
    let rows: Vec<ConcernRow> = shown(&console)
        .concerns
        .rows()
        .map(std::borrow::Cow::into_owned)
        .collect();
    assert_eq!(rows.len(), 21);
    assert!(rows.iter().all(|row| row.state.is_none()));
}

#[test]
fn the_names_that_are_shown_beforehand_are_those_of_the_answers() {
    let rows = sample::configuration().rows();
    let named: Vec<(&str, &str)> = rows.iter().map(|row| (row.name, row.title)).collect();
    assert_eq!(named, Configuration::concerns());
}

#[test]
fn what_is_wrong_comes_first_and_what_is_unknown_after_it() {
    let console = sample::answered();
    let table = &shown(&console).concerns;
    let ranks: Vec<(Option<Severity>, bool)> = (0..table.shown())
        .filter_map(|line| table.line(line))
        .map(|row| {
            let unknown = matches!(row.state, Some(Standing::Unknown(_)));
            (row.worst.map(|(severity, _)| severity), unknown)
        })
        .collect();
    let mut sorted = ranks.clone();
    sorted.sort_by(|a, b| b.cmp(a));
    assert_eq!(ranks, sorted);
    assert_eq!(table.line(0).map(|row| row.name), Some("lifecycle"));
}

#[test]
fn every_finding_belongs_to_a_concern_but_those_that_are_about_none() {
    let known = Configuration::concerns();
    let mut about_none = Vec::new();
    for id in crate::domain::posture::ids::IDS {
        match concern_of(id) {
            Some(concern) => assert!(
                known.iter().any(|(name, _)| *name == concern),
                "{id}: {concern}"
            ),
            None => about_none.push(*id),
        }
    }
    assert_eq!(
        about_none,
        [
            "acceptance-expired",
            "blueprint-drift",
            "unknown-permission"
        ]
    );
}

#[test]
fn a_rule_that_matches_nothing_says_how_keys_begin() {
    let console = sample::answered();
    let rules: Vec<RuleRow> = shown(&console)
        .rules
        .rows()
        .map(std::borrow::Cow::into_owned)
        .collect();
    let states: Vec<RuleState> = rules.iter().map(|rule| rule.state).collect();
    assert_eq!(
        states,
        [
            RuleState::Doubtful,
            RuleState::Idle,
            RuleState::Disabled,
            RuleState::NoRule
        ]
    );
    assert_eq!(rules[1].touches.as_deref(), Some("0 objects"));
    assert_eq!(
        rules[1].notes,
        ["no key begins with temp/: keys begin with documents/, uploads/"]
    );
    assert_eq!(rules[3].touches.as_deref(), Some("1 object · 3.0 GiB"));
    assert!(
        rules[3]
            .does
            .starts_with("stay STANDARD forever, about $0.07"),
        "{}",
        rules[3].does
    );
}

#[test]
fn figures_say_what_they_rest_on() {
    let mut console = sample::answered();
    let state = console.state.bucket.as_mut().unwrap();
    let source = |state: &BucketState| state.classes().unwrap().source;
    assert!(matches!(source(state), ClassSource::Listing(_)));
    assert!(matches!(state.coverage(), Some((_, Basis::Listing(_)))));
    // A part of the bucket is worth less than what CloudWatch counted.
    state.audited.value = Some(sample::audited(false));
    assert!(matches!(source(state), ClassSource::CloudWatch(_)));
    assert!(matches!(state.coverage(), Some((_, Basis::Sample(4, _)))));
    state.storage.value = None;
    assert!(matches!(source(state), ClassSource::Sample(_)));
    state.audited.value = None;
    assert_eq!(state.classes(), None);
    assert!(state.coverage().is_none());
}

#[test]
fn a_cost_without_a_price_for_everything_is_at_least_so_much() {
    let console = sample::answered();
    let prices = PriceTable::built_in().unwrap();
    let cost = costs(shown(&console), &prices).unwrap();
    assert!(cost.at_least, "nobody knows what QuantumStorage costs");
    assert!(cost.total > 0.05 && cost.overhead > 0.0);
}

#[test]
fn alarms_come_with_what_is_wrong_with_them() {
    let console = sample::answered();
    let found: Vec<(String, usize, bool)> = shown(&console)
        .series
        .rows()
        .filter_map(|row| match &row.kind {
            SeriesKind::Alarm(alarm, findings, names_bucket) => {
                Some((alarm.name.clone(), findings.len(), *names_bucket))
            }
            _ => None,
        })
        .collect();
    assert_eq!(
        found,
        [
            ("media-size".to_owned(), 1, true),
            ("media-requests".to_owned(), 2, true),
            ("adrift".to_owned(), 0, false),
        ]
    );
}
