//! Whether a policy denies plain HTTP and old TLS versions: whether every request without TLS is denied for everybody.

use std::collections::BTreeMap;

use super::actions::{ACTIONS, FUTURE, alike};
use super::context::Context;
use super::document::{Policy, Principal, Statement};
use super::evaluate::{Caller, Request, account_of};
use super::search::{Place, Scenario, Search, Setting, Values};
use super::truth::Truth;

/// What a policy denies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tls {
    /// Whether every request without TLS is denied.
    pub refuses_plain_http: Truth,
    /// Whether every request with a TLS version below 1.2 is denied.
    pub refuses_old_versions: Truth,
}

impl Policy {
    /// Evaluates both for all callers and actions.
    #[must_use]
    pub fn tls(&self, setting: Setting<'_>) -> Tls {
        let denying: Vec<&Statement> = self.statements.iter().filter(|s| !s.allow).collect();
        let search = Search::new(self, setting, denying);
        let plain = [Context::open()
            .with("aws:SecureTransport", "false")
            .without("s3:TlsVersion")];
        let old = ["1.0", "1.1"].map(|version| {
            Context::open()
                .with("aws:SecureTransport", "true")
                .with("s3:TlsVersion", version)
        });
        Tls {
            refuses_plain_http: refuses(&search, &plain),
            refuses_old_versions: refuses(&search, &old),
        }
    }
}

/// Whether every request is denied.
fn refuses(search: &Search<'_>, kinds: &[Context]) -> Truth {
    let actions = alike(ACTIONS.iter().chain(&FUTURE).copied(), &search.statements);
    let mut passes = Truth::No;
    for scenario in everybody(search) {
        for action in &actions {
            for resource in search.resources(action.one.level) {
                for fixed in kinds {
                    let (found, _) = search.reach(&scenario, fixed.clone(), |context| {
                        !search
                            .policy
                            .evaluate(&Request {
                                caller: &scenario.caller,
                                action: action.one.name,
                                resource: &resource,
                                context,
                            })
                            .denied
                    });
                    passes = passes.or(found);
                    if passes.is_yes() {
                        return Truth::No;
                    }
                }
            }
        }
    }
    !passes
}

/// All callers whom the Deny statements could treat differently.
fn everybody(search: &Search<'_>) -> Vec<Scenario> {
    let own = search.setting.account.unwrap_or(&search.stranger);
    let of_account = |id: &str, arns: Vec<String>| Caller::Account {
        id: id.to_owned(),
        arns,
        canonical: Some(search.fresh.clone()),
    };
    let mut callers = vec![
        Caller::Anonymous,
        of_account(
            own,
            vec![format!("arn:aws:iam::{own}:role/{}", search.fresh)],
        ),
        of_account(
            &search.stranger,
            vec![format!(
                "arn:aws:iam::{}:role/{}",
                search.stranger, search.fresh
            )],
        ),
        Caller::Service(format!("{}.amazonaws.com", search.fresh)),
    ];
    let named = search.statements.iter().flat_map(|s| s.principals.named());
    callers.extend(named.filter_map(|principal| match principal {
        Principal::Anyone => None,
        Principal::Aws(name) => Some(of_account(
            account_of(name).unwrap_or(own),
            vec![name.clone()],
        )),
        Principal::Service(name) => Some(Caller::Service(name.clone())),
        Principal::Federated(name) => Some(Caller::Federated(name.clone())),
        Principal::Canonical(id) => Some(Caller::Canonical(id.clone())),
    }));
    callers.dedup();
    let mut found = Vec::new();
    for caller in callers {
        let places: &[Place] = match &caller {
            Caller::Service(_) => &[Place::Service],
            _ => &[Place::Internet, Place::Endpoint],
        };
        for &place in places {
            let mut given = BTreeMap::new();
            if matches!(caller, Caller::Anonymous) {
                let kind = vec![Some(vec!["Anonymous".to_owned()])];
                given.insert("aws:principaltype", kind);
            } else {
                let is_service = place == Place::Service;
                let value = vec![Some(vec![is_service.to_string()])];
                given.insert("aws:principalisawsservice", value);
            }
            found.push(Scenario {
                is_signed: !matches!(caller, Caller::Anonymous),
                caller: caller.clone(),
                place,
                values: Values::OfAnybody,
                given,
            });
        }
    }
    found
}
