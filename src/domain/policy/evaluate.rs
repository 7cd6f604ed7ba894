//! Evaluates a policy for a request. Source: *Policy evaluation logic* (IAM user guide).

use super::context::Context;
use super::document::{Condition, Matching, Policy, Principal, Principals, Statement};
use super::pattern::{Pattern, Unresolved};
use super::truth::Truth;

/// The caller of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// The request is not signed.
    Anonymous,
    /// A user or a role of an account.
    Account {
        /// The account number, 12 digits.
        id: String,
        /// The ARNs that a policy may name: a user's ARN, or the ARNs of a session and its role.
        arns: Vec<String>,
        /// The account's canonical id; `None` if unknown.
        canonical: Option<String>,
    },
    /// An AWS service, such as `logging.s3.amazonaws.com`.
    Service(String),
    /// A user of an identity provider.
    Federated(String),
    /// The owner of a canonical id, about whom nothing else is known.
    Canonical(String),
}

/// A request to evaluate.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// The action, such as `s3:GetObject`.
    pub action: &'a str,
    /// The resource's ARN.
    pub resource: &'a str,
    /// The condition keys.
    pub context: &'a Context,
}

/// The result of a policy for a request. A denial takes precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Whether a statement denies it.
    pub denied: Truth,
    /// Whether a statement allows it.
    pub allowed: Truth,
}

/// The decision on a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// A statement allows it and none denies it.
    Allow,
    /// A statement denies it; nothing else counts.
    Deny,
    /// No statement applies.
    Silent,
    /// It depends on unknown facts.
    Unknown,
}

impl Verdict {
    /// Whether this policy alone lets the request through: it allows it and does not deny it.
    #[must_use]
    pub fn lets_through(self) -> Truth {
        self.allowed.and(!self.denied)
    }

    /// The decision.
    #[must_use]
    pub fn decision(self) -> Decision {
        match (self.denied, self.allowed) {
            (Truth::Yes, _) => Decision::Deny,
            (Truth::No, Truth::Yes) => Decision::Allow,
            (Truth::No, Truth::No) => Decision::Silent,
            (Truth::Unknown, _) | (Truth::No, Truth::Unknown) => Decision::Unknown,
        }
    }
}

impl Policy {
    /// Evaluates the policy for a request.
    #[must_use]
    pub fn evaluate(&self, request: &Request<'_>) -> Verdict {
        let by = |allow: bool| {
            let statements = self.statements.iter().filter(|s| s.allow == allow);
            Truth::any(statements.map(|statement| self.applies(statement, request)))
        };
        Verdict {
            denied: by(false),
            allowed: by(true),
        }
    }

    /// Whether a statement allows the request to the caller itself or to everybody, as opposed to the caller's account.
    #[must_use]
    pub fn allows_itself(&self, request: &Request<'_>) -> Truth {
        let allowing = self.statements.iter().filter(|s| s.allow);
        Truth::any(allowing.map(|statement| {
            let itself = match &statement.principals {
                Principals::Only(named) => {
                    Truth::any(named.iter().map(|one| one.means(request.caller)))
                }
                Principals::Except(_) => Truth::Yes,
            };
            self.applies(statement, request).and(itself)
        }))
    }

    /// Whether a statement applies to a request, regardless of its effect.
    #[must_use]
    pub fn applies(&self, statement: &Statement, request: &Request<'_>) -> Truth {
        let elements = statement
            .principals
            .include(request.caller)
            .and(statement.actions.include_action(request.action));
        if elements.is_no() {
            return Truth::No;
        }
        let on = self.is_about(&statement.resources, request);
        let elements = elements.and(on);
        if elements.is_no() {
            return Truth::No;
        }
        let conditions = statement.conditions.iter();
        elements.and(Truth::all(conditions.map(|condition| {
            condition.is_met(request.context, self.has_variables)
        })))
    }

    /// The condition keys in the policy.
    pub fn condition_keys(&self) -> impl Iterator<Item = &str> {
        let conditions = self.statements.iter().flat_map(|s| &s.conditions);
        conditions.map(|condition| condition.key.as_str())
    }

    /// Why it is unknown whether a statement applies to a request: the conditions or the principal that cannot be
    /// evaluated.
    #[must_use]
    pub fn undecided(&self, statement: &Statement, request: &Request<'_>) -> Vec<String> {
        let conditions = statement.conditions.iter().filter(|condition| {
            condition.is_met(request.context, self.has_variables) == Truth::Unknown
        });
        let mut found: Vec<String> = conditions.map(Condition::words).collect();
        if statement.principals.include(request.caller) == Truth::Unknown {
            found.push("whether its Principal names the caller".to_owned());
        }
        if self.is_about(&statement.resources, request) == Truth::Unknown {
            found.push("a policy variable in its Resource".to_owned());
        }
        found
    }

    fn is_about(&self, resources: &Matching, request: &Request<'_>) -> Truth {
        resources.include(|written| {
            let written = neutral(written);
            let pattern = if self.has_variables {
                Pattern::resolve(&written, request.context, true)
            } else {
                Ok(Pattern::new(&written))
            };
            match pattern {
                Ok(pattern) => pattern.matches(request.resource).into(),
                Err(Unresolved::Absent) => Truth::No,
                Err(Unresolved::Unknown) => Truth::Unknown,
            }
        })
    }
}

/// Converts `arn:aws-cn:…` to `arn:aws:…`: the buckets of a partition have names in no other.
pub(super) fn neutral(arn: &str) -> String {
    match arn.strip_prefix("arn:aws-") {
        Some(rest) => format!(
            "arn:aws:{}",
            rest.split_once(':').map_or(rest, |(_, rest)| rest)
        ),
        None => arn.to_owned(),
    }
}

impl Matching {
    /// Whether an action matches, ignoring case.
    #[must_use]
    pub fn include_action(&self, action: &str) -> Truth {
        self.include(|pattern| Pattern::new(pattern).matches_ignoring_case(action).into())
    }

    fn include(&self, is_it: impl Fn(&str) -> Truth) -> Truth {
        let any = |patterns: &[String]| Truth::any(patterns.iter().map(|pattern| is_it(pattern)));
        match self {
            Self::Only(patterns) => any(patterns),
            Self::Except(patterns) => !any(patterns),
        }
    }
}

impl Principals {
    /// Whether a caller matches.
    #[must_use]
    pub fn include(&self, caller: &Caller) -> Truth {
        match self {
            Self::Only(named) => Truth::any(named.iter().map(|one| one.names(caller))),
            Self::Except(named) => !Truth::any(named.iter().map(|one| one.excepts(caller))),
        }
    }
}

impl Principal {
    /// Whether this means a caller itself, not the caller's account. Within one account, naming the account grants
    /// nothing: it leaves the decision to the policies of its users and roles.
    #[must_use]
    pub fn means(&self, caller: &Caller) -> Truth {
        match (self, caller) {
            (Self::Canonical(_), Caller::Account { .. }) => Truth::No,
            _ => self.excepts(caller),
        }
    }

    /// Whether this names a caller. An account names everybody in it.
    fn names(&self, caller: &Caller) -> Truth {
        if let (Self::Aws(name), Caller::Account { id, .. }) = (self, caller)
            && root_of(name) == Some(id.as_str())
        {
            return Truth::Yes;
        }
        self.excepts(caller)
    }

    /// Whether `NotPrincipal` excludes a caller by this. There, an account means only its root user (`NotPrincipal`,
    /// with its example of a user and their account).
    fn excepts(&self, caller: &Caller) -> Truth {
        match (self, caller) {
            (Self::Anyone, _) => Truth::Yes,
            // IAM does not support wildcards inside a principal's name. The behaviour of other servers is unknown.
            (Self::Aws(name), Caller::Account { .. }) if name.contains(['*', '?']) => {
                Truth::Unknown
            }
            (Self::Aws(name), Caller::Account { arns, .. }) => arns.contains(name).into(),
            (Self::Service(name), Caller::Service(service)) => (name == service).into(),
            (Self::Federated(name), Caller::Federated(provider)) => (name == provider).into(),
            (Self::Canonical(id), Caller::Account { canonical, .. }) => {
                canonical.as_ref().map(|canonical| canonical == id).into()
            }
            (Self::Canonical(id), Caller::Canonical(canonical)) => (id == canonical).into(),
            // A canonical id belongs to an unknown account.
            (Self::Aws(_), Caller::Canonical(_)) => Truth::Unknown,
            _ => Truth::No,
        }
    }
}

/// The account that a principal names as a whole: by its number, or by the ARN of its root user.
#[must_use]
pub(crate) fn root_of(name: &str) -> Option<&str> {
    if is_account(name) {
        return Some(name);
    }
    let mut parts = name.splitn(6, ':');
    let is_iam = parts.next() == Some("arn")
        && parts
            .next()
            .is_some_and(|partition| partition.starts_with("aws"))
        && parts.next() == Some("iam")
        && parts.next() == Some("");
    let account = parts.next().filter(|account| is_account(account))?;
    (is_iam && parts.next() == Some("root")).then_some(account)
}

/// The account in an ARN, or an account number.
#[must_use]
pub(crate) fn account_of(principal: &str) -> Option<&str> {
    match principal.split(':').nth(4) {
        Some(account) => Some(account).filter(|account| is_account(account)),
        None => Some(principal).filter(|account| is_account(account)),
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
