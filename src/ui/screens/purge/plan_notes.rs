//! What is said of a plan, on its page and with the last question: what stands against it first.

use std::collections::BTreeMap;

use crate::app::screens::purge::obstacle::obstacle;
use crate::app::words;
use crate::domain::change::{Claim, Existence};
use crate::domain::search::OtherBuckets;
use crate::domain::text;
use crate::ops::change::blockers::Blockers;
use crate::tasks::PurgePlan;
use crate::ui::screens::sheet::Sheet;

/// What stands against carrying it out, what was not searched, and what else to know.
pub(super) fn plan_notes(sheet: &mut Sheet<'_>, plan: &PurgePlan) {
    let (state, theme) = (sheet.state, sheet.theme);
    if let Some(obstacle) = obstacle(&state.purge, plan, state.write) {
        let label = if plan.plan.items.is_empty() {
            "nothing"
        } else {
            "not now"
        };
        let words = format!("{}; {}", obstacle.why, state.says(&obstacle.advice));
        sheet.styled(label, &words, theme.bad);
    }
    if let Some(soft) = &plan.undoes {
        let (receipt, at) = (&soft.receipt, sheet.time(Some(soft.receipt.verified_at)));
        let words = format!(
            "takes away the {} that the soft purge {} made, {at}: what they hide is there again",
            words::counted(plan.things(), "delete marker"),
            receipt.case
        );
        sheet.row("undo", &words);
        sheet.row(
            "",
            "a marker over which something newer was written is left, and so is everything else",
        );
    }
    if plan.is_soft() {
        sheet.styled(
            "soft",
            "current objects are hidden behind delete markers: nothing is deleted, older versions and uploads stay as they are",
            theme.warning,
        );
    }
    if let Some(blockers) = plan.blockers() {
        blocked(sheet, blockers);
    }
    for gap in &plan.plan.header.not_searched {
        let words = format!("{}: {}", gap.what, gap.why);
        sheet.styled(gap.label(), &words, theme.warning);
    }
    for words in &plan.contested {
        sheet.styled("", words, theme.warning);
    }
    if let Some(living) = &plan.likeness {
        let words = format!(
            "{} lives and looks like this id: make sure that this is whom you mean",
            text::quoted(living)
        );
        sheet.styled("looks like", &words, theme.warning);
    }
    // Nobody's life speaks against an undo.
    if !plan.is_undo() {
        let style = match plan.existence {
            Existence::Exists { .. } => theme.bad,
            Existence::Suspect { .. } | Existence::NotChecked => theme.warning,
            Existence::Gone { .. } => theme.row,
        };
        sheet.styled("still exists?", &plan.existence.words(), style);
    }
    for words in &plan.lists {
        sheet.styled("list", words, theme.warning);
    }
    // Below the warnings: where not all of this fits, its end is what is not seen at once.
    let other_buckets = plan.plan.header.other_buckets.as_ref();
    if let Some(words) = other_buckets.and_then(OtherBuckets::words) {
        sheet.row("other buckets", &words);
    }
    for words in &plan.unexplained {
        sheet.row("not explained", words);
    }
    if let Some(annotations) = &plan.plan.header.annotations {
        sheet.row("annotations", &text::safe(&annotations.words()));
    }
    if let Some(blockers) = plan.blockers() {
        to_know(sheet, blockers);
    }
    for words in &plan.about {
        sheet.styled("about the id", words, theme.faint);
    }
    if plan.is_begun() {
        sheet.styled(
            "goes on",
            "this plan was begun before: what is done is not repeated, and everything is checked against what is there today",
            theme.row,
        );
    }
}

fn blocked(sheet: &mut Sheet<'_>, blockers: &Blockers) {
    let bad = sheet.theme.bad;
    for bucket in &blockers.mfa {
        let words = format!("{bucket} wants a second factor for every deletion (MFA delete)");
        sheet.styled("blocked", &words, bad);
    }
    let mut by_reason: BTreeMap<&str, u64> = BTreeMap::new();
    for why in blockers.locked.values() {
        *by_reason.entry(why).or_default() += 1;
    }
    for (why, count) in by_reason {
        let stays = if count == 1 { "stays" } else { "stay" };
        let count = words::counted(count, "version");
        let words = format!(
            "{count} {stays}, and the receipt will say so: {}",
            text::safe(why)
        );
        sheet.styled("blocked", &words, bad);
    }
}

fn to_know(sheet: &mut Sheet<'_>, blockers: &Blockers) {
    let warning = sheet.theme.warning;
    if blockers.lagging > 0 {
        let count = words::counted(blockers.lagging, "object");
        let words =
            format!("{count} on the way to a replica: copies may appear later; look again then");
        sheet.styled("replicating", &words, warning);
    }
    for early in &blockers.early {
        let cost = early.estimate.map_or_else(String::new, |cost| {
            format!(", about ${cost:.2} for the rest")
        });
        let words = format!(
            "{} in {} ({}) younger than the {} days that are paid for{cost}",
            words::counted(early.items, "version"),
            early.class,
            early.bytes,
            early.minimum_days
        );
        sheet.row("paid anyway", &words);
    }
    for gap in &blockers.unknown {
        let words = format!("{}: {}", gap.what, gap.why);
        sheet.styled("unknown", &words, warning);
    }
}

/// `3 buckets   1,204 versions   11 delete markers   2 uploads   6 derived   1.3 GiB`. What is derived or a replica is among
/// the versions.
pub(super) fn headline(plan: &PurgePlan) -> String {
    let groups = &plan.groups;
    let sum = |of: fn(&crate::ops::find::Group) -> u64| groups.iter().map(of).sum::<u64>();
    let mut buckets: Vec<_> = groups.iter().map(|group| &group.bucket).collect();
    buckets.dedup();
    let buckets = u64::try_from(buckets.len()).unwrap_or(u64::MAX);
    let of_claims = |holds: fn(&Claim) -> bool| {
        let first = |members: &Vec<usize>| members.first().and_then(|at| plan.item(*at));
        let groups = groups.iter().zip(&plan.members);
        let held = groups.filter(|(_, members)| first(members).is_some_and(|i| holds(&i.claim)));
        held.map(|(group, _)| group.items()).sum::<u64>()
    };
    let replicas = of_claims(Claim::is_replica);
    let derived = of_claims(|claim| claim.is_derived() && !claim.is_replica());
    let mut parts = vec![words::counted(buckets, "bucket")];
    if !plan.is_undo() {
        parts.push(words::counted(sum(|group| group.versions), "version"));
    }
    for (count, noun) in [
        (sum(|group| group.markers), "delete marker"),
        (sum(|group| group.uploads), "upload"),
    ] {
        if count > 0 {
            parts.push(words::counted(count, noun));
        }
    }
    if derived > 0 {
        parts.push(format!("{} derived", words::exact(derived)));
    }
    if replicas > 0 {
        parts.push(words::counted(replicas, "replica"));
    }
    if !plan.is_undo() {
        parts.push(plan.bytes().to_string());
    }
    parts.join("   ")
}
