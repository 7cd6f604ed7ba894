//! Carries out a plan on orphans: first adds the lifecycle rule that ends the quarantine, if wanted, then runs the
//! engine, then cleans up.

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

/// A plan to carry out.
pub struct ActRequest<'a> {
    /// The bucket.
    pub bucket: &'a BucketName,
    /// The plan, which is not trusted.
    pub plan: &'a Plan,
    /// The checksum in its last line.
    pub plan_sha256: &'a str,
    /// Its file, which is removed after a complete change.
    pub plan_file: PathBuf,
    /// Today's blueprint.
    pub blueprint: &'a Blueprint,
    /// Why its items may be changed.
    pub grounds: &'a dyn Authorization,
    /// The lifecycle rule that will end the quarantine.
    pub rule: Option<&'a Rule>,
    /// Whether the whole quarantine is restored: then the lifecycle rules that end it are removed, too.
    pub is_everything: bool,
    /// Whether it is started or resumed.
    pub begin: Begin,
    /// The maximum number of concurrent requests, at least 1.
    pub in_flight: usize,
    /// For tests, see the engine.
    pub at_point: Option<PointHook>,
}

/// The result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acted {
    /// The result of the engine.
    pub ended: Ended,
    /// What happened to the lifecycle rule.
    pub rule: Option<Installed>,
    /// Ids of removed rules, for which nothing is left in quarantine.
    pub rules_gone: Vec<String>,
    /// Why a superfluous rule was not removed.
    pub rule_stays: Option<String>,
}

/// Carries out a plan.
///
/// # Errors
/// [`Failure`] if nothing was changed: a rule that was already added is removed again.
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

/// Removes s3warden's rules that have nothing left to expire.
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

/// Records a rule change in the audit log, before and after it is made.
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
