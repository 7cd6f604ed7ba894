//! Whether a policy grants access to anyone: without signing, with any AWS account, or with an account at a trusted web
//! identity provider. Denials and the current time count.

use std::collections::BTreeMap;

use super::actions::{self, Alike, Power};
use super::context::Context;
use super::document::{Condition, Policy, Principal, Statement};
use super::evaluate::{Caller, Request};
use super::keys;
use super::network::Network;
use super::operator::Operator;
use super::search::{Given, Place, Scenario, Search, Setting, Values};
use super::truth::Truth;

/// From this number of IPv4 addresses on (and the same share of IPv6), a network counts as the whole internet: a
/// sixteenth of all addresses.
const MANY_OF_V4: u128 = 1 << 28;
const MANY_OF_V6: u128 = 1 << 124;

/// The access of callers whom the policy does not name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach<'p> {
    /// Nobody.
    Nobody,
    /// Anyone from these networks, which are too small to count as the whole internet.
    From {
        /// Describes the networks.
        networks: Vec<String>,
        /// How they get access.
        way: Way<'p>,
    },
    /// Unknown: it depends on conditions with an unknown operator or key.
    Depends {
        /// Describes what is not understood. Empty if there are too many possible requests to try.
        on: Vec<String>,
        /// How they get access.
        way: Way<'p>,
    },
    /// Anyone.
    Anyone(Way<'p>),
}

/// How a caller gets access.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Way<'p> {
    /// The statements that allow it.
    pub statements: Vec<&'p Statement>,
    /// The requested actions that they allow.
    pub actions: Vec<&'static str>,
    /// What the caller needs: "without signing", "with an AWS account of their own".
    pub with: String,
}

impl Policy {
    /// Whether anyone has a power over the bucket through its policy.
    #[must_use]
    pub fn reach_of_anyone<'p>(&'p self, setting: Setting<'p>, power: Power) -> Reach<'p> {
        let asked = actions::ACTIONS.iter().filter(|a| a.power == Some(power));
        self.reach_by(setting, asked.copied())
    }

    fn reach_by<'p>(
        &'p self,
        setting: Setting<'p>,
        asked: impl Iterator<Item = actions::Action>,
    ) -> Reach<'p> {
        let statements: Vec<&Statement> = self.statements.iter().collect();
        let search = Search::new(self, setting, statements);
        let alike = actions::alike(asked, &search.statements);
        let mut found = Reach::Nobody;
        let strangers = strangers(&search);
        for actions in &alike {
            for (scenario, with) in &strangers {
                let one = by(&search, scenario, actions, with);
                let is_anyone = matches!(one, Reach::Anyone(_));
                found = found.with(one);
                // Callers who need more need not be tried.
                if is_anyone {
                    break;
                }
            }
        }
        found
    }

    /// Describes the parts of the policy that are not understood, or that depend on unknown facts about the bucket.
    #[must_use]
    pub fn doubts(&self) -> Vec<String> {
        let is_doubtful = |condition: &&Condition| {
            let nature = keys::nature(&condition.key.to_ascii_lowercase());
            Operator::parse(&condition.operator).is_none()
                || matches!(nature, None | Some(keys::Nature::Bucket))
        };
        let conditions = self.statements.iter().flat_map(|s| &s.conditions);
        let conditions = conditions.filter(is_doubtful).map(Condition::words);
        let named = self.statements.iter().flat_map(|s| s.principals.named());
        let principals = named.filter_map(|principal| match principal {
            Principal::Aws(name) if name.contains(['*', '?']) => {
                Some(format!("a wildcard in the principal {name}"))
            }
            _ => None,
        });
        let mut found: Vec<String> = conditions.chain(principals).collect();
        found.dedup();
        found
    }
}

impl<'p> Reach<'p> {
    /// How a caller gets access, if one does.
    #[must_use]
    pub fn way(&self) -> Option<&Way<'p>> {
        match self {
            Self::Nobody => None,
            Self::From { way, .. } | Self::Depends { way, .. } | Self::Anyone(way) => Some(way),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Nobody => 0,
            Self::From { .. } => 1,
            Self::Depends { .. } => 2,
            Self::Anyone(_) => 3,
        }
    }

    /// Combines two results: the worse one wins, and equal ones are merged.
    fn with(mut self, mut other: Self) -> Self {
        if other.rank() != self.rank() {
            return if other.rank() > self.rank() {
                other
            } else {
                self
            };
        }
        if let (Self::From { networks, .. }, Self::From { networks: more, .. }) =
            (&mut self, &mut other)
        {
            more.retain(|network| !networks.contains(network));
            networks.append(more);
        }
        if let (
            Self::From { way, .. } | Self::Depends { way, .. } | Self::Anyone(way),
            Self::From { way: more, .. } | Self::Depends { way: more, .. } | Self::Anyone(more),
        ) = (&mut self, other)
        {
            for statement in more.statements {
                if !way.statements.contains(&statement) {
                    way.statements.push(statement);
                }
            }
            for action in more.actions {
                if !way.actions.contains(&action) {
                    way.actions.push(action);
                }
            }
        }
        self
    }
}

/// The callers to try, starting with those that need least.
fn strangers(search: &Search<'_>) -> Vec<(Scenario, String)> {
    let one = |value: &str| -> Given { Some(vec![value.to_owned()]) };
    let anonymous = |place| Scenario {
        caller: Caller::Anonymous,
        place,
        values: Values::OfStranger,
        is_signed: false,
        given: BTreeMap::from([
            ("aws:principaltype", vec![one("Anonymous")]),
            ("aws:userid", vec![one("anonymous")]),
        ]),
    };
    let account = Caller::Account {
        id: search.stranger.clone(),
        arns: vec![format!(
            "arn:aws:iam::{}:role/{}",
            search.stranger, search.fresh
        )],
        canonical: Some(search.fresh.clone()),
    };
    let signed = |caller: &Caller, place| Scenario {
        caller: caller.clone(),
        place,
        values: Values::OfStranger,
        is_signed: true,
        given: identity(search),
    };
    let own_account = "with an AWS account of their own";
    let mut found = vec![
        (anonymous(Place::Internet), "without signing".to_owned()),
        (signed(&account, Place::Internet), own_account.to_owned()),
    ];
    if [
        "aws:sourceip",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:sourcevpcarn",
        "aws:vpcsourceip",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "aws:vpceorgpaths",
    ]
    .iter()
    .any(|key| search.names(key))
    {
        let endpoint = "through a VPC endpoint of their own";
        found.push((anonymous(Place::Endpoint), endpoint.to_owned()));
        found.push((signed(&account, Place::Endpoint), endpoint.to_owned()));
    }
    for provider in providers(search.policy) {
        let caller = Caller::Federated(provider.to_owned());
        found.push((
            signed(&caller, Place::Internet),
            format!("with an account at {provider}"),
        ));
    }
    if asks_for_source(search.policy) {
        let service = Caller::Service(format!("{}.amazonaws.com", search.fresh));
        let mut scenario = signed(&service, Place::Service);
        scenario
            .given
            .insert("aws:principalisawsservice", vec![one("true")]);
        found.push((
            scenario,
            "through an AWS service that acts for them".to_owned(),
        ));
    }
    found
}

/// The identity of a stranger, as far as it is restricted.
fn identity(search: &Search<'_>) -> BTreeMap<&'static str, Vec<Given>> {
    let one = |value: String| -> Given { Some(vec![value]) };
    // A key that is always present.
    let present = |key: &'static str, own: String| {
        let passing = search.owned(key).into_iter().flatten();
        let passing = passing.filter(|values| *values != [search.fresh.clone()]);
        let values = std::iter::once(vec![own]).chain(passing).map(Some);
        (key, values.collect::<Vec<Given>>())
    };
    BTreeMap::from([
        present("aws:principalaccount", search.stranger.clone()),
        present(
            "aws:principalarn",
            format!("arn:aws:iam::{}:role/{}", search.stranger, search.fresh),
        ),
        present("aws:userid", format!("AROA{}:{0}", search.fresh)),
        (
            "aws:principaltype",
            ["AssumedRole", "User", "Account", "FederatedUser"]
                .map(|kind| one(kind.to_owned()))
                .to_vec(),
        ),
        ("aws:principalisawsservice", vec![one("false".to_owned())]),
        ("aws:principalservicename", vec![None]),
        ("aws:principalservicenameslist", vec![None]),
    ])
}

/// Web identity providers that a statement trusts. A provider without an ARN belongs to no account, and anyone can sign
/// up.
fn providers(policy: &Policy) -> Vec<&str> {
    let allowing = policy.statements.iter().filter(|s| s.allow);
    let named = allowing.flat_map(|statement| statement.principals.named());
    let mut found: Vec<&str> = named
        .filter_map(|principal| match principal {
            Principal::Federated(name) if !name.starts_with("arn:") => Some(name.as_str()),
            _ => None,
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Whether a statement grants access to anyone on whose behalf a service acts.
fn asks_for_source(policy: &Policy) -> bool {
    policy.statements.iter().any(|statement| {
        statement.allow
            && statement.principals.are_everyone()
            && statement.conditions.iter().any(|condition| {
                let key = condition.key.to_ascii_lowercase();
                keys::nature(&key) == Some(keys::Nature::Service)
            })
    })
}

fn by<'p>(search: &Search<'p>, scenario: &Scenario, actions: &Alike, with: &str) -> Reach<'p> {
    let mut found = Reach::Nobody;
    for resource in search.resources(actions.one.level) {
        let tried = Tried {
            search,
            scenario,
            actions,
            resource: &resource,
            with,
        };
        found = found.with(tried.reach());
    }
    found
}

/// One resource, tried by one stranger.
struct Tried<'t, 'p> {
    search: &'t Search<'p>,
    scenario: &'t Scenario,
    actions: &'t Alike,
    resource: &'t str,
    with: &'t str,
}

impl<'p> Tried<'_, 'p> {
    fn reach(&self) -> Reach<'p> {
        // The address often makes no difference.
        let (anywhere, context) = self.ask(Context::open());
        match anywhere {
            Truth::No => return Reach::Nobody,
            Truth::Yes => return Reach::Anyone(self.way(&context)),
            Truth::Unknown => {}
        }
        if self.scenario.place != Place::Internet || !self.search.names("aws:sourceip") {
            return self.depends(&context);
        }
        self.by_address()
    }

    fn by_address(&self) -> Reach<'p> {
        let (mut allowed, mut doubt, mut last) = (Vec::new(), None, Context::open());
        let (mut of_v4, mut of_v6) = (0_u128, 0_u128);
        for network in self.search.networks() {
            if Network::private().any(|private| private.contains(&network)) {
                continue;
            }
            let address = Network::address(network.is_v6, network.first).to_string();
            let (answer, context) = self.ask(Context::open().with("aws:SourceIp", address));
            match answer {
                Truth::Yes => {
                    let (all, many) = if network.is_v6 {
                        (&mut of_v6, MANY_OF_V6)
                    } else {
                        (&mut of_v4, MANY_OF_V4)
                    };
                    *all = all.saturating_add(network.span().saturating_add(1));
                    if network.is_broad() || *all >= many {
                        return Reach::Anyone(self.way(&context));
                    }
                    allowed.push(network);
                    last = context;
                }
                Truth::Unknown => doubt = Some(context),
                Truth::No => {}
            }
        }
        match doubt {
            Some(context) => self.depends(&context),
            None if allowed.is_empty() => Reach::Nobody,
            None => Reach::From {
                networks: allowed.iter().map(Network::words).collect(),
                way: self.way(&last),
            },
        }
    }

    fn ask(&self, fixed: Context) -> (Truth, Context) {
        self.search.reach(self.scenario, fixed, |context| {
            self.search
                .policy
                .evaluate(&self.request(context))
                .lets_through()
        })
    }

    fn request<'c>(&'c self, context: &'c Context) -> Request<'c> {
        Request {
            caller: &self.scenario.caller,
            action: self.actions.one.name,
            resource: self.resource,
            context,
        }
    }

    fn way(&self, context: &Context) -> Way<'p> {
        let request = self.request(context);
        let policy = self.search.policy;
        let allowing = policy.statements.iter().filter(|s| s.allow);
        Way {
            statements: allowing
                .filter(|statement| !policy.applies(statement, &request).is_no())
                .collect(),
            actions: self.actions.names.clone(),
            with: self.with.to_owned(),
        }
    }

    fn depends(&self, context: &Context) -> Reach<'p> {
        Reach::Depends {
            on: self.search.policy.doubts(),
            way: self.way(context),
        }
    }
}
