//! Determines the operator: whose credentials make a plan, must match it later, and appear in a receipt.
//!
//! On AWS, STS identifies the operator. Ceph, `MinIO` and most other servers have no STS. There, the owner of the
//! listed buckets is the account. If the server does not name one, the operator states a name (`--operator`, or
//! `operator` in the configuration file), which is recorded as stated. An answer from STS takes precedence.

use super::Failure;
use crate::aws::wire::identity::BucketsOwner;
use crate::aws::{Aws, Meter, Problem, ProblemKind};
use crate::domain::advice::{Action, Advice, advice};
use crate::domain::change::{Operator, OperatorSource};

/// Determines the operator.
///
/// # Errors
/// [`Failure::Problem`] if the credentials are invalid or the server does not answer, and on AWS for any failure of
/// STS. [`Failure::Refused`] if the server names nobody and no name was stated.
pub async fn operator(aws: &Aws, meter: &Meter) -> Result<Operator, Failure> {
    let refused = match aws.identity(meter).await {
        Ok(identity) if !identity.account.is_empty() => {
            return Ok(Operator {
                account: identity.account,
                arn: identity.arn,
                source: Some(OperatorSource::Sts),
            });
        }
        Ok(_) => None,
        Err(problem) => Some(problem),
    };
    let stated = aws.stated_operator();
    if let Some(problem) = refused
        && stated.is_none()
        && (aws.is_of_aws() || problem.kind == ProblemKind::Cancelled)
    {
        return Err(problem.into());
    }
    without_sts(stated, aws.buckets_owner(meter).await)
}

/// Without STS: the stated name, and the account that the server names.
fn without_sts(
    stated: Option<String>,
    owner: Result<Option<BucketsOwner>, Problem>,
) -> Result<Operator, Failure> {
    match (stated, owner) {
        (Some(name), owner) => Ok(Operator {
            account: owner
                .ok()
                .flatten()
                .map_or_else(|| name.clone(), |owner| owner.id),
            arn: name,
            source: Some(OperatorSource::Stated),
        }),
        (None, Ok(Some(owner))) => Ok(Operator {
            account: owner.id,
            arn: owner.name,
            source: Some(OperatorSource::ListBuckets),
        }),
        (None, Err(problem)) if !says_nothing_of_who(&problem) => Err(problem.into()),
        (None, _) => Err(Failure::refused(
            "nothing says whose credentials these are: the server has no STS, and does not name the owner of its buckets",
            Action::StateOperator,
        )),
    }
}

/// Whether a failed ListBuckets leaves the operator unknown, as opposed to showing that no request will succeed.
fn says_nothing_of_who(problem: &Problem) -> bool {
    matches!(
        problem.kind,
        ProblemKind::Denied
            | ProblemKind::NotSupported
            | ProblemKind::NotFound
            | ProblemKind::Malformed
            | ProblemKind::Invalid
            | ProblemKind::Other
    )
}

/// Refuses a plan of another operator.
///
/// # Errors
/// [`Failure::Refused`] if the account differs.
pub(super) fn is_for(planned: &Operator, now: &Operator) -> Result<(), Failure> {
    if planned.account == now.account {
        return Ok(());
    }
    let of = |operator: &Operator| match operator.source {
        Some(OperatorSource::Stated) => format!("{:?}, as stated", operator.account),
        _ => format!("the account {}", operator.account),
    };
    Err(Failure::refused(
        format!(
            "the plan was made for {}, and these credentials are of {}",
            of(planned),
            of(now)
        ),
        if planned.source == Some(OperatorSource::Stated) {
            Advice::from(Action::StateSameOperator)
        } else {
            advice!("use credentials of that account")
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "as the answer to ListBuckets is")]
    fn owner(id: &str, name: &str) -> Result<Option<BucketsOwner>, Problem> {
        Ok(Some(BucketsOwner {
            id: id.to_owned(),
            name: name.to_owned(),
        }))
    }

    fn problem(kind: ProblemKind) -> Result<Option<BucketsOwner>, Problem> {
        Err(Problem::new(
            "list the buckets",
            "",
            kind,
            "no",
            advice!(""),
        ))
    }

    #[test]
    fn without_sts_the_server_names_the_account_or_the_operator_states_a_name() {
        use OperatorSource::{ListBuckets, Stated};
        let stated = || Some("ada".to_owned());
        for (name, says, account, arn, source) in [
            (
                None,
                owner("u1", "Media team"),
                "u1",
                "Media team",
                ListBuckets,
            ),
            (stated(), owner("u1", "Media team"), "u1", "ada", Stated),
            (stated(), Ok(None), "ada", "ada", Stated),
            (stated(), problem(ProblemKind::Denied), "ada", "ada", Stated),
        ] {
            let operator = without_sts(name, says).unwrap();
            let of = (
                operator.account.as_str(),
                operator.arn.as_str(),
                operator.source,
            );
            assert_eq!(of, (account, arn, Some(source)));
        }
    }

    #[test]
    fn where_nothing_says_who_asks_the_refusal_says_what_to_type() {
        for says in [
            Ok(None),
            problem(ProblemKind::Denied),
            problem(ProblemKind::NotSupported),
        ] {
            let Err(Failure::Refused { advice, .. }) = without_sts(None, says) else {
                panic!("it was not refused");
            };
            let advice = advice.command_line();
            assert!(advice.contains("--operator NAME"), "{advice}");
        }
        let wrong = without_sts(None, problem(ProblemKind::BadCredentials));
        assert!(matches!(wrong, Err(Failure::Problem(_))));
    }

    #[test]
    fn a_plan_for_one_identity_is_refused_for_another() {
        let of = |account: &str, source| Operator {
            account: account.to_owned(),
            arn: String::new(),
            source,
        };
        let sts = of("123456789012", Some(OperatorSource::Sts));
        assert!(is_for(&of("123456789012", None), &sts).is_ok());
        let stated = of("ada", Some(OperatorSource::Stated));
        assert!(is_for(&stated, &of("ben", Some(OperatorSource::Stated))).is_err());
        assert!(is_for(&sts, &stated).is_err());
    }

    #[test]
    fn an_old_operator_is_read_and_written_as_it_was() {
        let old = r#"{"account":"1","arn":"a"}"#;
        let operator: Operator = serde_json::from_str(old).unwrap();
        assert_eq!(serde_json::to_string(&operator).unwrap(), old);
        let new = Operator {
            source: Some(OperatorSource::ListBuckets),
            ..operator
        };
        let text = serde_json::to_string(&new).unwrap();
        assert!(text.ends_with(r#""source":"list-buckets"}"#), "{text}");
    }
}
