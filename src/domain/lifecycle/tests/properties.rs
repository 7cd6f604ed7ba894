//! Property tests of the algebra of rules.

use proptest::prelude::*;

use super::*;

fn any_class() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "STANDARD",
        "STANDARD_IA",
        "INTELLIGENT_TIERING",
        "ONEZONE_IA",
        "GLACIER_IR",
        "GLACIER",
        "DEEP_ARCHIVE",
    ])
}

prop_compose! {
    fn any_rule()(
        prefix in prop::sample::select(vec!["", "a", "b"]),
        moves in prop::collection::vec((0..60_u32, any_class()), 0..3),
        expire in prop::option::of(0..60_u32),
        noncurrent in prop::option::of((1..40_u32, 0..3_u32)),
        enabled in prop::bool::weighted(0.9),
    ) -> Rule {
        Rule {
            enabled,
            transitions: moves
                .into_iter()
                .map(|(days, class)| Transition {
                    when: When::Days(days),
                    class: StorageClass::new(class),
                })
                .collect(),
            expiration: expire.map(|days| Expiration::At(When::Days(days))),
            noncurrent_expiration: noncurrent.map(|(days, newer_versions)| NoncurrentExpiration {
                days,
                newer_versions,
            }),
            ..rule(prefix)
        }
    }
}

fn any_kept() -> impl Strategy<Value = Kept> {
    prop::sample::select(vec![Kept::Nothing, Kept::Versions, Kept::OldVersions])
}

/// The first day on which a GET returns 404, and the day when the data is deleted.
fn ends(lifecycle: &Lifecycle, kept: Kept, subject: &Subject<'_>) -> [Option<DateTime<Utc>>; 2] {
    let steps = timeline(lifecycle, kept, subject);
    let first =
        |wanted: fn(&Effect) -> bool| steps.iter().find(|s| wanted(&s.effect)).map(|s| s.at);
    [
        first(|effect| !matches!(effect, Effect::Transition(_))),
        first(|effect| matches!(effect, Effect::Delete | Effect::NullMarker)),
    ]
}

proptest! {
    #[test]
    fn nothing_moves_on_the_day_when_it_is_deleted_for_good(
        found in prop::collection::vec(any_rule(), 0..5), class in any_class(), size in 0..300_000_u64,
    ) {
        let subject = Subject { size, class, ..object("a") };
        let steps = timeline(&rules(found), Kept::Nothing, &subject);
        if let Some(end) = steps.iter().find(|s| s.effect == Effect::Delete) {
            prop_assert!(steps.iter().all(|s| s.effect == Effect::Delete || s.at < end.at));
        }
    }

    #[test]
    fn no_transition_leads_upwards(
        found in prop::collection::vec(any_rule(), 0..5), class in any_class(), kept in any_kept(),
    ) {
        let subject = Subject { class, ..object("a") };
        let mut from = class.to_owned();
        for step in timeline(&rules(found), kept, &subject) {
            if let Effect::Transition(to) = step.effect {
                prop_assert!(class::coldness(to.as_str()) > class::coldness(&from));
                from = to.to_string();
            }
        }
    }

    #[test]
    fn another_rule_never_delays_an_end(
        found in prop::collection::vec(any_rule(), 0..4), another in any_rule(), kept in any_kept(),
        class in any_class(), is_null: bool,
    ) {
        let subject = Subject { class, version: VersionState::Current { is_null }, ..object("a") };
        let before = ends(&rules(found.clone()), kept, &subject);
        let after = ends(&rules(found.into_iter().chain([another])), kept, &subject);
        for (before, after) in before.into_iter().zip(after) {
            if let Some(before) = before {
                prop_assert!(after.is_some_and(|after| after <= before));
            }
        }
    }

    #[test]
    fn days_follow_each_other(
        found in prop::collection::vec(any_rule(), 0..5), kept in any_kept(),
    ) {
        let steps = timeline(&rules(found), kept, &object("a"));
        prop_assert!(steps.windows(2).all(|pair| pair[0].at <= pair[1].at));
    }
}
