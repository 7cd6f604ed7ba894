//! Tries all requests that could make a difference to a policy, to find one that is allowed.
//!
//! A policy can only distinguish requests by what it names. For each key in the policy, a few values are tried: a value
//! in the policy, a value that is not in it, and no value. Keys without a value yet are unknown to the evaluation,
//! which often reaches a result without them; that keeps the search short. If the result is still unknown with all keys
//! set, it depends on unknown facts.

use std::cell::Cell;
use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::actions::Level;
use super::context::Context;
use super::document::{Policy, Statement};
use super::evaluate::{Caller, account_of, neutral};
use super::keys::{self, Nature};
use super::network::Network;
use super::operator::{moment, number};
use super::pattern::{Pattern, variables};
use super::truth::Truth;

/// The maximum number of evaluations for one question about a policy. A policy of 20 KB that needs more was built to
/// exceed it, and gets "unknown".
const BUDGET: usize = 200_000;

/// What is known about the policy's bucket.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// The bucket.
    pub bucket: &'a str,
    /// The account that owns it, if known.
    pub account: Option<&'a str>,
    /// Its Region, if known.
    pub region: Option<&'a str>,
    /// The current time.
    pub now: DateTime<Utc>,
}

/// The values of a key; `None` if the request does not have it.
pub(super) type Given = Option<Vec<String>>;

/// The origin of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Internet,
    /// A VPC endpoint.
    Endpoint,
    /// A service that acts for somebody.
    Service,
}

/// The range of values that the keys of a request can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Values {
    /// Values of a caller whom the policy does not name.
    OfStranger,
    /// Values of any caller, named or not.
    OfAnybody,
}

/// A caller to try.
#[derive(Debug, Clone)]
pub(super) struct Scenario {
    pub(super) caller: Caller,
    pub(super) place: Place,
    pub(super) values: Values,
    /// Whether the request is signed with AWS credentials.
    pub(super) is_signed: bool,
    /// Keys with fixed values; the others depend on their nature.
    pub(super) given: BTreeMap<&'static str, Vec<Given>>,
}

/// A policy and the values to try on it.
pub(super) struct Search<'p> {
    pub(super) policy: &'p Policy,
    pub(super) setting: Setting<'p>,
    /// The statements whose conditions and resources count.
    pub(super) statements: Vec<&'p Statement>,
    /// A text that does not occur in the policy.
    pub(super) fresh: String,
    /// An account number that does not occur in the policy.
    pub(super) stranger: String,
    /// The values in the policy by key, in lower case.
    said: BTreeMap<String, Vec<String>>,
    /// The number of evaluations left.
    budget: Cell<usize>,
}

impl<'p> Search<'p> {
    /// Prepares a search over some statements of a policy.
    pub(super) fn new(
        policy: &'p Policy,
        setting: Setting<'p>,
        statements: Vec<&'p Statement>,
    ) -> Self {
        let mut said: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for statement in &statements {
            for condition in &statement.conditions {
                let values = said.entry(condition.key.to_ascii_lowercase()).or_default();
                values.extend(condition.values.iter().cloned());
            }
            let texts = statement
                .conditions
                .iter()
                .flat_map(|condition| &condition.values)
                .chain(statement.resources.patterns());
            for key in texts.flat_map(|text| variables(text)) {
                said.entry(key).or_default();
            }
        }
        let written = format!("{policy:?}");
        let fresh = |begin: &str, numbers: std::ops::Range<u64>| {
            let mut texts = numbers.map(|n| format!("{begin}{n}"));
            texts
                .find(|text| !written.contains(text.as_str()))
                .unwrap_or_default()
        };
        Self {
            policy,
            setting,
            statements,
            fresh: fresh("zq", 70_707..99_999),
            stranger: fresh("", 600_000_000_001..600_000_999_999),
            said,
            budget: Cell::new(BUDGET),
        }
    }

    /// Whether the policy contains a key.
    pub(super) fn names(&self, key: &str) -> bool {
        self.said.contains_key(key)
    }

    /// The values in the policy for a key.
    pub(super) fn said(&self, key: &str) -> &[String] {
        self.said.get(key).map_or(&[], Vec::as_slice)
    }

    /// Tries every relevant assignment of keys. The context keeps the assignment that reached the goal.
    pub(super) fn reach(
        &self,
        scenario: &Scenario,
        fixed: Context,
        goal: impl Fn(&Context) -> Truth,
    ) -> (Truth, Context) {
        let mut context = fixed;
        let keys: Vec<(&str, Vec<Given>)> = self
            .ordered_keys()
            .filter(|key| context.get(key) == super::Found::Unknown)
            .filter_map(|key| Some((key, self.candidates(key, scenario)?)))
            .collect();
        let found = self.descend(&keys, &mut context, &goal);
        (found, context)
    }

    /// `aws:SecureTransport` first, because the TLS version depends on it.
    fn ordered_keys(&self) -> impl Iterator<Item = &str> {
        const FIRST: &str = "aws:securetransport";
        let needs_tls = self.names(FIRST) || self.names("s3:tlsversion");
        let first = needs_tls.then_some(FIRST);
        let others = self.said.keys().map(String::as_str);
        first.into_iter().chain(others.filter(|key| *key != FIRST))
    }

    fn descend(
        &self,
        keys: &[(&str, Vec<Given>)],
        context: &mut Context,
        goal: &impl Fn(&Context) -> Truth,
    ) -> Truth {
        let Some(left) = self.budget.get().checked_sub(1) else {
            return Truth::Unknown;
        };
        self.budget.set(left);
        let answer = goal(context);
        let Some(((key, candidates), rest)) = keys.split_first() else {
            return answer;
        };
        if answer != Truth::Unknown {
            return answer;
        }
        let is_plain =
            context.get("aws:securetransport") == super::Found::Values(&["false".into()]);
        let mut found = Truth::No;
        for candidate in candidates {
            // A TLS version exists exactly if TLS is used.
            if *key == "s3:tlsversion" && candidate.is_none() != is_plain {
                continue;
            }
            context.set(key, candidate.clone());
            found = found.or(self.descend(rest, context, goal));
            if found.is_yes() {
                return found;
            }
            context.forget(key);
        }
        found
    }

    /// The values to try for a key; `None` if they are unknown.
    fn candidates(&self, key: &str, scenario: &Scenario) -> Option<Vec<Given>> {
        if let Some(given) = scenario.given.get(key) {
            return Some(given.clone());
        }
        let one = |value: &str| Some(vec![vec![value.to_owned()].into()]);
        let absent = || Some(vec![None]);
        match keys::nature(key)? {
            Nature::Chosen => Some(self.any(key)),
            Nature::Signed if scenario.is_signed => Some(self.any(key)),
            Nature::False => one("false"),
            Nature::Tls => Some(vec![
                Some(vec!["true".to_owned()]),
                Some(vec!["false".to_owned()]),
            ]),
            Nature::TlsVersion => {
                let versions = ["1.2", "1.3", "1.1", "1.0"];
                let versions = versions.map(|version| Some(vec![version.to_owned()]));
                Some(versions.into_iter().chain([None]).collect())
            }
            Nature::Time if key == "aws:epochtime" => {
                one(&self.setting.now.timestamp().to_string())
            }
            Nature::Time => one(&self.setting.now.to_rfc3339_opts(SecondsFormat::Secs, true)),
            Nature::Bucket => match key {
                "aws:resourceaccount" | "s3:resourceaccount" => one(self.setting.account?),
                "aws:requestedregion" => one(self.setting.region?),
                _ => None,
            },
            Nature::Owned if key.contains("vpc") && scenario.place != Place::Endpoint => absent(),
            Nature::Service if scenario.place != Place::Service => absent(),
            // Addresses need a count, which is done elsewhere.
            Nature::Address if scenario.place == Place::Internet => match scenario.values {
                Values::OfStranger => None,
                Values::OfAnybody => Some(self.any(key)),
            },
            Nature::Never | Nature::Signed | Nature::Address => absent(),
            Nature::Identity if matches!(scenario.caller, Caller::Anonymous) => absent(),
            Nature::Owned | Nature::Service | Nature::Identity => match scenario.values {
                Values::OfStranger => Some(self.owned(key)),
                Values::OfAnybody => Some(self.any(key)),
            },
        }
    }

    /// Any value: those in the policy, another one, and none.
    fn any(&self, key: &str) -> Vec<Given> {
        let mut found: Vec<String> = Vec::new();
        for said in self.said(key) {
            found.push(self.example(said));
            found.extend(beside(said));
        }
        found.push(self.fresh.clone());
        found.push("true".to_owned());
        found.push("false".to_owned());
        found.dedup();
        std::iter::once(None)
            .chain(found.into_iter().map(|value| Some(vec![value])))
            .collect()
    }

    /// Values that a stranger can own: one that is not in the policy, one that its wildcards match, and none.
    pub(super) fn owned(&self, key: &str) -> Vec<Given> {
        let said = self.said(key).iter();
        let passing = said
            .filter(|said| can_be_own(key, said))
            .map(|said| self.example(said));
        let of_address = (key == "aws:vpcsourceip").then(|| "10.77.0.7".to_owned());
        let own = of_address.unwrap_or_else(|| self.fresh.clone());
        std::iter::once(None)
            .chain(passing.chain([own]).map(|value| Some(vec![value])))
            .collect()
    }

    /// A text that matches a value in the policy.
    pub(super) fn example(&self, said: &str) -> String {
        Pattern::new(&without_variables(said)).example(&self.fresh, 'q')
    }

    /// The resources to try. For objects: those in the statements, intersections of them, and another one.
    pub(super) fn resources(&self, level: Level) -> Vec<String> {
        let bucket = format!("arn:aws:s3:::{}", self.setting.bucket);
        if level == Level::Bucket {
            return vec![bucket];
        }
        let objects = format!("{bucket}/");
        let patterns: Vec<Pattern> = self
            .statements
            .iter()
            .flat_map(|statement| statement.resources.patterns())
            .map(|written| {
                let named = variables(written);
                let value = match named.as_slice() {
                    [key] if key == "aws:userid" => "anonymous",
                    _ => &self.fresh,
                };
                Pattern::new(&with_variables(&neutral(written), value))
            })
            .collect();
        let mut found = vec![format!("{objects}{}", self.fresh)];
        found.extend(
            patterns
                .iter()
                .map(|pattern| pattern.example(&self.fresh, 'q')),
        );
        let every = Pattern::new(&format!("{objects}{}*", ""));
        for (n, first) in patterns.iter().enumerate() {
            let others = patterns.iter().skip(n + 1).chain([&every]);
            found.extend(others.filter_map(|other| first.common(other, 'q')));
        }
        found.retain(|arn| arn.len() > objects.len() && arn.starts_with(&objects));
        found.sort();
        found.dedup();
        found
    }

    /// The IPv4 and IPv6 addresses, split at the boundaries of all networks in the policy.
    pub(super) fn networks(&self) -> Vec<Network> {
        let named: Vec<Network> = self
            .said("aws:sourceip")
            .iter()
            .filter_map(|said| Network::parse(said))
            .chain(Network::private())
            .collect();
        let mut found = Vec::new();
        for is_v6 in [false, true] {
            let whole = Network::everything(is_v6);
            let of_family = named.iter().filter(|network| network.is_v6 == is_v6);
            let mut starts: Vec<u128> = of_family
                .flat_map(|network| [Some(network.first), network.last.checked_add(1)])
                .flatten()
                .filter(|start| *start <= whole.last)
                .chain([whole.first])
                .collect();
            starts.sort_unstable();
            starts.dedup();
            let ends = starts.iter().skip(1).map(|next| next - 1);
            let ends = ends.chain([whole.last]);
            found.extend(starts.iter().zip(ends).map(|(&first, last)| Network {
                is_v6,
                first,
                last,
            }));
        }
        found
    }
}

/// Numbers and dates just below and above a value in the policy, and the value without wildcards.
fn beside(said: &str) -> Vec<String> {
    if let Some(number) = number(said) {
        return vec![(number - 1.0).to_string(), (number + 1.0).to_string()];
    }
    let date = moment(said).and_then(DateTime::from_timestamp_millis);
    let near = |days: i64| {
        let date = date?.checked_add_signed(TimeDelta::days(days))?;
        Some(date.to_rfc3339_opts(SecondsFormat::Secs, true))
    };
    let addresses = Network::parse(said)
        .map(|network| Network::address(network.is_v6, network.first).to_string());
    [near(-1), near(1), addresses]
        .into_iter()
        .flatten()
        .collect()
}

/// Whether a stranger can own something that this value matches: it has a wildcard, and the part that identifies the
/// account or organization is not fixed.
fn can_be_own(key: &str, said: &str) -> bool {
    let said = without_variables(said);
    let is_open = |text: &str| text.contains(['*', '?']);
    let fixed_owner = match key {
        "aws:principalorgpaths" | "aws:sourceorgpaths" | "aws:vpceorgpaths" => {
            !is_open(said.split('/').next().unwrap_or_default())
        }
        // The id before the colon belongs to a role.
        "aws:userid" => said.split_once(':').is_some_and(|(role, _)| !is_open(role)),
        _ => said.contains(':') && account_of(&said).is_some(),
    };
    is_open(&said) && !fixed_owner
}

/// Replaces each variable by a wildcard.
fn without_variables(text: &str) -> String {
    with_variables(text, "*")
}

fn with_variables(text: &str, value: &str) -> String {
    let (mut found, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, behind)) = after.split_once('}') else {
            break;
        };
        found.push_str(before);
        found.push_str(if matches!(name, "*" | "?" | "$") {
            "q"
        } else {
            value
        });
        rest = behind;
    }
    found.push_str(rest);
    found
}
