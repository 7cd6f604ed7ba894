//! Finds who else has access: accounts, organizations, services and identity providers that a policy names.

use std::collections::BTreeMap;

use super::actions::{ACTIONS, alike};
use super::context::Context;
use super::document::{Condition, Policy, Principal, Statement};
use super::evaluate::{Caller, Request, account_of};
use super::operator::Operator;
use super::search::{Given, Place, Scenario, Search, Setting, Values};
use super::truth::Truth;

/// A principal outside the account that has access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outsider {
    /// An account, or a role or user of one, as the policy names it.
    Account(String),
    /// The accounts of an organization, or of a part of it.
    Organization(String),
    /// An AWS service that acts for anybody, or for another account.
    Service(String),
    /// An identity provider of an account.
    Provider(String),
    /// An account, by its canonical id.
    Canonical(String),
}

impl Outsider {
    /// The name in the policy.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Account(name)
            | Self::Organization(name)
            | Self::Service(name)
            | Self::Provider(name)
            | Self::Canonical(name) => name,
        }
    }

    /// Whether it is a service, which still has access if a public access block restricts public buckets.
    #[must_use]
    pub fn is_service(&self) -> bool {
        matches!(self, Self::Service(_))
    }
}

impl Policy {
    /// Everybody outside the bucket's account who has access, each with the statement that grants it. `canonical` is
    /// the account's canonical id, if known. If the account is unknown, accounts are left out, because the owner cannot
    /// be distinguished from a stranger.
    #[must_use]
    pub fn outsiders<'p>(
        &'p self,
        setting: Setting<'p>,
        canonical: Option<&str>,
    ) -> Vec<(Outsider, &'p Statement)> {
        let search = Search::new(self, setting, self.statements.iter().collect());
        let mut found: Vec<(Outsider, &Statement)> = Vec::new();
        for statement in self.statements.iter().filter(|s| s.allow) {
            for outsider in named_by(statement, setting.account, canonical) {
                let pair = (outsider, statement);
                if !found.contains(&pair) && gets_in(&search, statement, &pair.0) {
                    found.push(pair);
                }
            }
        }
        found
    }

    /// Whether it grants access to a canonical id, which may be the owner's or a stranger's.
    #[must_use]
    pub(crate) fn names_canonical_ids(&self) -> bool {
        let allowed = self.statements.iter().filter(|s| s.allow);
        let mut named = allowed.flat_map(|statement| statement.principals.named());
        named.any(|principal| matches!(principal, Principal::Canonical(_)))
    }
}

/// Used if a policy only requires that the caller is a service, without naming one.
const ANY_SERVICE: &str = "any AWS service";

fn named_by(statement: &Statement, own: Option<&str>, canonical: Option<&str>) -> Vec<Outsider> {
    let mut found = Vec::new();
    let account = |name: &String| {
        let theirs = account_of(name)?;
        (own? != theirs).then(|| Outsider::Account(name.clone()))
    };
    for principal in statement.principals.named() {
        match principal {
            Principal::Aws(name) => found.extend(account(name)),
            Principal::Service(name) => found.push(Outsider::Service(name.clone())),
            Principal::Federated(name) if name.starts_with("arn:") => {
                let is_own = account_of(name).is_some_and(|theirs| Some(theirs) == own);
                if !is_own {
                    found.push(Outsider::Provider(name.clone()));
                }
            }
            Principal::Canonical(id) if canonical.is_some_and(|own| own != id) => {
                found.push(Outsider::Canonical(id.clone()));
            }
            Principal::Canonical(_) | Principal::Federated(_) | Principal::Anyone => {}
        }
    }
    if !statement.principals.are_everyone() {
        return found;
    }
    for condition in statement.conditions.iter().filter(|c| c.requires()) {
        let values = condition.values.iter();
        match condition.key.to_ascii_lowercase().as_str() {
            "aws:principalaccount"
            | "aws:principalarn"
            | "aws:sourceaccount"
            | "aws:sourceowner"
            | "aws:sourcearn"
            | "aws:vpceaccount"
            | "s3:dataaccesspointaccount"
            | "s3:dataaccesspointarn" => {
                found.extend(values.filter_map(account));
            }
            "aws:principalorgid"
            | "aws:principalorgpaths"
            | "aws:sourceorgid"
            | "aws:sourceorgpaths" => {
                found.extend(values.map(|value| Outsider::Organization(value.clone())));
            }
            "aws:principalisawsservice" if condition.values.iter().any(|value| value == "true") => {
                found.push(Outsider::Service(ANY_SERVICE.to_owned()));
            }
            "aws:principalservicename" | "aws:principalservicenameslist" => {
                found.extend(values.map(|value| Outsider::Service(value.clone())));
            }
            _ => {}
        }
    }
    found
}

impl Condition {
    /// Whether the condition requires its key to have one of its values.
    fn requires(&self) -> bool {
        Operator::parse(&self.operator)
            .is_some_and(|operator| !operator.is_negated && !operator.if_exists)
    }
}

/// Whether a statement grants access and no other denies it. If in doubt, the answer is yes, so that the stranger gets
/// reported.
fn gets_in(search: &Search<'_>, statement: &Statement, outsider: &Outsider) -> bool {
    let scenarios = scenarios(search, outsider);
    let actions = alike(ACTIONS.iter().copied(), &search.statements);
    scenarios.iter().any(|scenario| {
        actions.iter().any(|action| {
            search.resources(action.one.level).iter().any(|resource| {
                let (found, _) = search.reach(scenario, Context::open(), |context| {
                    let request = Request {
                        caller: &scenario.caller,
                        action: action.one.name,
                        resource,
                        context,
                    };
                    let allowed = search.policy.applies(statement, &request);
                    if allowed.is_no() {
                        return Truth::No;
                    }
                    allowed.and(!search.policy.evaluate(&request).denied)
                });
                !found.is_no()
            })
        })
    })
}

fn scenarios(search: &Search<'_>, outsider: &Outsider) -> Vec<Scenario> {
    let one = |value: &str| -> Vec<Given> { vec![Some(vec![value.to_owned()])] };
    let mut given = BTreeMap::from([("aws:principalisawsservice", one("false"))]);
    let name = outsider.name();
    let (caller, places): (Caller, &[Place]) = match outsider {
        Outsider::Account(name) => {
            let id = account_of(name).unwrap_or(&search.stranger);
            let is_arn = name.contains(":iam:") || name.contains(":sts:");
            let arn = if is_arn && !name.ends_with(":root") {
                search.example(name)
            } else {
                format!("arn:aws:iam::{id}:role/{}", search.fresh)
            };
            given.insert("aws:principalaccount", one(id));
            // Any other ARN of the named account works as well.
            let of_account = search.said("aws:principalarn").iter();
            let of_account = of_account.map(|said| search.example(said));
            let arns = std::iter::once(arn.clone())
                .chain(of_account.filter(|arn| account_of(arn) == Some(id) && !is_arn));
            given.insert(
                "aws:principalarn",
                arns.map(|arn| Some(vec![arn])).collect(),
            );
            for key in ["aws:sourceaccount", "aws:sourceowner", "aws:vpceaccount"] {
                given.insert(key, vec![Some(vec![id.to_owned()]), None]);
            }
            let caller = Caller::Account {
                id: id.to_owned(),
                arns: vec![arn],
                canonical: None,
            };
            (caller, &[Place::Internet, Place::Endpoint, Place::Service])
        }
        Outsider::Organization(_) => {
            given.insert("aws:principalaccount", one(&search.stranger));
            let caller = Caller::Account {
                id: search.stranger.clone(),
                arns: vec![format!(
                    "arn:aws:iam::{}:role/{}",
                    search.stranger, search.fresh
                )],
                canonical: Some(search.fresh.clone()),
            };
            (caller, &[Place::Internet, Place::Endpoint, Place::Service])
        }
        Outsider::Service(_) => {
            given.insert("aws:principalisawsservice", one("true"));
            given.insert("aws:principalservicename", one(name));
            given.insert("aws:principalservicenameslist", one(name));
            for key in ["aws:sourceaccount", "aws:sourceowner", "aws:sourcearn"] {
                given.insert(key, of_others(search, key));
            }
            (Caller::Service(name.to_owned()), &[Place::Service])
        }
        Outsider::Provider(_) => (Caller::Federated(name.to_owned()), &[Place::Internet]),
        Outsider::Canonical(_) => (Caller::Canonical(name.to_owned()), &[Place::Internet]),
    };
    places
        .iter()
        .map(|&place| Scenario {
            caller: caller.clone(),
            place,
            values: Values::OfAnybody,
            is_signed: true,
            given: given.clone(),
        })
        .collect()
}

/// What a service reports about the account it acts for, if that is not the bucket's own account.
fn of_others(search: &Search<'_>, key: &str) -> Vec<Given> {
    let own = search.setting.account;
    let said = search.said(key).iter().map(|said| search.example(said));
    let said = said.filter(|value| own.is_none() || account_of(value) != own);
    std::iter::once(None)
        .chain(said.chain([search.stranger.clone()]).map(|v| Some(vec![v])))
        .collect()
}
