//! Carries a plan out: the rule that ends a quarantine first, where one is wanted, then the engine, then what is left to
//! tidy up.

use std::path::PathBuf;

use serde_json::json;

use super::rules::{self, Installed, Reach};
use crate::aws::wire::configuration::Rules;
use crate::domain::BucketName;
use crate::domain::blueprint::Blueprint;
use crate::domain::change::{Act, Plan};
use crate::domain::configuration::Rule;
use crate::domain::quarantine::rule::is_ours;
use crate::domain::receipt::Outcome;
use crate::ops::change::authorization::Authorization;
use crate::ops::change::{
    Begin, Bounds, ChangeRequest, Ended, Failure, PointHook, Tools, Verified, perform,
};

/// A plan that is to be carried out.
pub struct ActRequest<'a> {
    /// The bucket.
    pub bucket: &'a BucketName,
    /// The plan. Nothing in it is believed.
    pub plan: &'a Plan,
    /// The checksum in its last line.
    pub plan_sha256: &'a str,
    /// Where it was written to; it goes when everything is done.
    pub plan_file: PathBuf,
    /// Today's rules of the application.
    pub blueprint: &'a Blueprint,
    /// Why its items may be acted on.
    pub grounds: &'a dyn Authorization,
    /// The lifecycle rule that is to end the quarantine.
    pub rule: Option<&'a Rule>,
    /// Whether everything in quarantine comes back: then the rules that would end it go, too.
    pub is_everything: bool,
    /// Whether it goes on.
    pub begin: Begin,
    /// The most requests in flight, at least 1.
    pub in_flight: usize,
    /// For tests, as the engine's.
    pub at_point: Option<PointHook>,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acted {
    /// What the engine says.
    pub ended: Ended,
    /// What became of the rule that was wanted.
    pub rule: Option<Installed>,
    /// Ids of rules that were taken out, for nothing is left that they would end.
    pub rules_gone: Vec<String>,
    /// Why a rule that could go is still there.
    pub rule_stays: Option<String>,
}

/// Carries a plan out.
///
/// # Errors
/// [`Failure`] when nothing was changed: a rule that was added on the way is taken out again.
pub async fn act(tools: Tools<'_>, request: &ActRequest<'_>) -> Result<Acted, Failure> {
    let case = request.plan.header.case.as_str();
    let reach = Reach {
        aws: tools.aws,
        bucket: request.bucket,
        permit: tools.permit,
        meter: tools.meter,
    };
    let rule = match request.rule {
        None => None,
        Some(rule) => {
            note(tools, case, "rule-to-add", request.bucket, &rule.id)?;
            let installed = rules::install(reach, rule).await;
            let event = match &installed {
                Ok(_) => "rule-added",
                Err(_) => "rule-refused",
            };
            note(tools, case, event, request.bucket, &rule.id)?;
            Some(installed?)
        }
    };
    let change = ChangeRequest {
        plan: request.plan,
        plan_sha256: request.plan_sha256,
        plan_file: request.plan_file.clone(),
        blueprint: request.blueprint,
        grounds: request.grounds,
        bounds: Bounds::default(),
        begin: request.begin,
        keep_plan: false,
        in_flight: request.in_flight,
        at_point: request.at_point.clone(),
    };
    let ended = match Box::pin(perform(tools, &change)).await {
        Ok(ended) => ended,
        Err(failure) => {
            if let (Some(Installed::Added), Some(rule)) = (rule, request.rule) {
                note(tools, case, "rule-to-take-out", request.bucket, &rule.id)?;
                rules::take_out(reach, &rule.id).await?;
                note(tools, case, "rule-taken-out", request.bucket, &rule.id)?;
            }
            return Err(failure);
        }
    };
    let mut acted = Acted {
        ended,
        rule,
        rules_gone: Vec::new(),
        rule_stays: None,
    };
    if let Ended::Verified(verified) = &acted.ended
        && request.is_everything
        && nothing_is_left(verified)
    {
        let tidied = tidy_up(tools, reach, case, &request.plan.header.act).await;
        match tidied {
            Ok(gone) => acted.rules_gone = gone,
            Err(why) => acted.rule_stays = Some(why),
        }
    }
    Ok(acted)
}

fn nothing_is_left(verified: &Verified) -> bool {
    let mut items = verified.receipt.items.iter();
    items.all(|item| matches!(item.outcome, Outcome::Done | Outcome::GoneBefore))
}

/// Takes out the rules of ours that end nothing any more.
async fn tidy_up(
    tools: Tools<'_>,
    reach: Reach<'_>,
    case: &str,
    act: &Act,
) -> Result<Vec<String>, String> {
    let rules = Rules::read(reach.aws, reach.bucket, reach.meter).await;
    let rules = rules.map_err(|problem| problem.to_string())?;
    let ours = rules.ids();
    let mut gone = Vec::new();
    for id in ours.into_iter().filter(|id| is_ours(id, act)) {
        let words = |failure| match failure {
            Failure::Refused { why, .. } | Failure::File(why) => why,
            Failure::Problem(problem) => problem.to_string(),
        };
        note(tools, case, "rule-to-take-out", reach.bucket, &id).map_err(words)?;
        rules::take_out(reach, &id).await.map_err(words)?;
        note(tools, case, "rule-taken-out", reach.bucket, &id).map_err(words)?;
        gone.push(id);
    }
    Ok(gone)
}

/// Each change stands in the audit log before and after it is made.
fn note(
    tools: Tools<'_>,
    case: &str,
    event: &str,
    bucket: &BucketName,
    rule: &str,
) -> Result<(), Failure> {
    let detail = json!({ "bucket": bucket.as_str(), "rule": rule });
    let noted = tools.store.audit().append(case, event, detail);
    noted
        .map(drop)
        .map_err(|error| Failure::File(format!("could not write down what is done: {error}")))
}
