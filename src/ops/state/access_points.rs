//! The access points of a bucket: one request for the list, and three for each of the first ones.

use futures::stream::{self, StreamExt};

use super::{PAGES, failed, unanswered};
use crate::aws::operations::{self, Operation};
use crate::aws::wire::access_points::{self as wire, Listed, Whose};
use crate::aws::{Aws, Problem, ProblemKind};
use crate::domain::configuration::{AccessPoint, AccessPoints, Reason, Stated, Unanswered};
use crate::domain::fact::Fact;
use crate::domain::{BucketName, Region};
use crate::ops::account::Account;
use crate::ops::{Gate, Meter};

/// The number of access points with detailed requests. Of the others, only the name is known.
const ASKED: usize = 50;

/// Requests the access points of a bucket in the account of the credentials. Other accounts may have more, which only
/// they can list.
pub(super) async fn of(
    aws: &Aws,
    bucket: &BucketName,
    account: &Account,
    region: Option<&Region>,
    gate: &Gate,
    meter: &Meter,
) -> Stated<AccessPoints> {
    let operation = operations::LIST_ACCESS_POINTS.name;
    let whose = match account.id.known() {
        Ok(Some(id)) => Whose {
            account: id,
            region: region.unwrap_or_else(|| aws.region()),
        },
        Ok(None) => return nobody("the account has no id", Reason::Other),
        Err(why) => {
            let reason = if account
                .block
                .setting
                .problem()
                .is_some_and(Unanswered::is_not_there)
            {
                Reason::NotThere
            } else {
                why.reason.clone()
            };
            return nobody(&format!("the account is not known: {}", why.why), reason);
        }
    };
    let (mut listed, mut raw, mut token) = (Vec::new(), Vec::new(), None);
    for _ in 0..PAGES {
        let asked = wire::list(aws, whose, bucket, token.as_deref(), meter);
        let page = match gate.pass(asked).await {
            Ok(page) => page,
            Err(problem) => return Stated::without_document(failed(operation, &problem)),
        };
        listed.extend(page.points);
        raw.push(page.raw);
        match page.next {
            Some(next) if token.as_ref() != Some(&next) => token = Some(next),
            _ => break,
        }
    }
    let points: Vec<AccessPoint> = stream::iter(listed.into_iter().enumerate())
        .map(|(at, listed)| async move {
            if at < ASKED {
                one(aws, whose, listed, gate, meter).await
            } else {
                not_asked(listed)
            }
        })
        .buffered(gate.width())
        .collect()
        .await;
    Stated {
        setting: if points.is_empty() {
            Fact::NotSet
        } else {
            Fact::Set(AccessPoints(points))
        },
        raw: Some(raw.join("\n")),
    }
}

fn nobody(why: &str, reason: Reason) -> Stated<AccessPoints> {
    Stated::without_document(Fact::Unknown(Unanswered {
        call: operations::LIST_ACCESS_POINTS.name.to_owned(),
        reason,
        why: why.to_owned(),
    }))
}

fn not_asked(listed: Listed) -> AccessPoint {
    let why = Unanswered {
        call: operations::GET_ACCESS_POINT.name.to_owned(),
        reason: Reason::Other,
        why: format!(
            "access point {} was not asked about: only the first {ASKED} are",
            listed.name
        ),
    };
    AccessPoint {
        unanswered: vec![why],
        ..named(listed)
    }
}

fn named(listed: Listed) -> AccessPoint {
    AccessPoint {
        name: listed.name,
        arn: listed.arn,
        alias: listed.alias,
        vpc: listed.vpc,
        block: None,
        has_policy: None,
        policy: None,
        is_public: None,
        unanswered: Vec::new(),
    }
}

async fn one(
    aws: &Aws,
    whose: Whose<'_>,
    listed: Listed,
    gate: &Gate,
    meter: &Meter,
) -> AccessPoint {
    let name = listed.name.clone();
    let (block, policy, is_public) = futures::join!(
        gate.pass(wire::block(aws, whose, &name, meter)),
        gate.pass(wire::policy(aws, whose, &name, meter)),
        gate.pass(wire::is_public(aws, whose, &name, meter)),
    );
    let mut point = named(listed);
    match block {
        Ok(block) => point.block = block,
        Err(problem) => point.miss(&operations::GET_ACCESS_POINT, &problem),
    }
    match policy {
        Ok(policy) => {
            point.has_policy = Some(true);
            point.policy = Some(policy);
        }
        Err(problem) if problem.kind == ProblemKind::NotConfigured => {
            point.has_policy = Some(false);
        }
        Err(problem) => point.miss(&operations::GET_ACCESS_POINT_POLICY, &problem),
    }
    match is_public {
        Ok(is_public) => point.is_public = is_public,
        Err(problem) if problem.kind == ProblemKind::NotConfigured => {
            point.is_public = Some(false);
        }
        Err(problem) => point.miss(&operations::GET_ACCESS_POINT_POLICY_STATUS, &problem),
    }
    point
}

impl AccessPoint {
    fn miss(&mut self, operation: &Operation, problem: &Problem) {
        let why = unanswered(operation.name, problem);
        self.unanswered.push(why);
    }
}
