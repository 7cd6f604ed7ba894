//! The decision rules: which layer allows or denies a request, given yes or no for each ground.
//!
//! If a ground is unknown, the rules are evaluated for both values. If the result is the same, it is certain. Otherwise
//! it depends on the grounds that make a difference, and those are reported.

use super::question::{Asker, Question};
use crate::domain::policy::Truth;

/// A layer of authorization, in the order in which AWS evaluates them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Layer {
    /// Service and resource control policies of an organization.
    Organization,
    /// The session policy.
    Session,
    /// The policy of the VPC endpoint.
    Endpoint,
    /// The relation between the accounts of caller and bucket.
    Account,
    /// The identity-based policies of the user or role.
    Identity,
    /// The permissions boundary of the user or role.
    Boundary,
    BucketPolicy,
    /// The public access block of the bucket and of its account.
    PublicAccessBlock,
    /// The owner of the object, and whether ACLs are enabled.
    ObjectOwnership,
    /// The ACL of the bucket or of the object.
    Acl,
    /// The object's encryption, and whether the caller's own policies allow the use of the key.
    Encryption,
    /// The policy of the KMS key.
    KeyPolicy,
    /// The grants of the KMS key.
    KeyGrants,
    /// Retention and holds of the object version.
    ObjectLock,
}

impl Layer {
    /// Its id in JSON.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Organization => "organization-policy",
            Self::Session => "session-policy",
            Self::Endpoint => "endpoint-policy",
            Self::Account => "account",
            Self::Identity => "identity-policy",
            Self::Boundary => "permissions-boundary",
            Self::BucketPolicy => "bucket-policy",
            Self::PublicAccessBlock => "public-access-block",
            Self::ObjectOwnership => "object-ownership",
            Self::Acl => "acl",
            Self::Encryption => "encryption",
            Self::KeyPolicy => "kms-key-policy",
            Self::KeyGrants => "kms-grants",
            Self::ObjectLock => "object-lock",
        }
    }

    /// Its heading.
    #[must_use]
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Organization => "Organization policies",
            Self::Session => "Session policy",
            Self::Endpoint => "VPC endpoint policy",
            Self::Account => "Account",
            Self::Identity => "Identity policies",
            Self::Boundary => "Permissions boundary",
            Self::BucketPolicy => "Bucket policy",
            Self::PublicAccessBlock => "Public access block",
            Self::ObjectOwnership => "Object ownership",
            Self::Acl => "ACL",
            Self::Encryption => "Encryption",
            Self::KeyPolicy => "KMS key policy",
            Self::KeyGrants => "KMS grants",
            Self::ObjectLock => "Object Lock",
        }
    }

    /// Whether s3warden never reads it.
    #[must_use]
    pub(crate) fn is_never_read(self) -> bool {
        matches!(
            self,
            Self::Organization | Self::Session | Self::Endpoint | Self::KeyGrants
        )
    }
}

/// A fact on which the rules depend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ground {
    /// Caller and bucket belong to the same account.
    SameAccount,
    /// A policy of the caller denies it.
    IdentityDenies,
    /// A policy of the caller allows it.
    IdentityAllows,
    /// The permissions boundary denies it.
    BoundaryDenies,
    /// The permissions boundary allows it, or there is none.
    BoundaryAllows,
    /// The bucket policy denies it.
    PolicyDenies,
    /// The bucket policy allows it to the caller, or to everybody.
    PolicyAllows,
    /// The bucket policy allows it to the ARN of the role session.
    PolicyAllowsSession,
    /// The bucket policy allows it to the caller's account.
    PolicyAllowsAccount,
    /// The policy is public, and public buckets are restricted.
    Restricted,
    /// The object belongs to a different account than the bucket.
    Foreign,
    /// ACLs are disabled.
    AclsOff,
    /// Public ACLs are ignored.
    AclsIgnored,
    /// An ACL grants it to everybody, or to every signed request.
    AclToAll,
    /// An ACL grants it to the caller's account.
    AclToAccount,
    /// Encryption is no obstacle: the caller's own policies do not prevent the use of the key.
    Key,
    /// The KMS key policy is no obstacle.
    KeyPolicy,
    /// Neither retention nor a hold prevents it.
    Unlocked,
}

impl Ground {
    pub(super) const ALL: [Self; 18] = [
        Self::SameAccount,
        Self::IdentityDenies,
        Self::IdentityAllows,
        Self::BoundaryDenies,
        Self::BoundaryAllows,
        Self::PolicyDenies,
        Self::PolicyAllows,
        Self::PolicyAllowsSession,
        Self::PolicyAllowsAccount,
        Self::Restricted,
        Self::Foreign,
        Self::AclsOff,
        Self::AclsIgnored,
        Self::AclToAll,
        Self::AclToAccount,
        Self::Key,
        Self::KeyPolicy,
        Self::Unlocked,
    ];

    /// The layer to which it belongs.
    pub(super) fn layer(self) -> Layer {
        match self {
            Self::SameAccount => Layer::Account,
            Self::IdentityDenies | Self::IdentityAllows => Layer::Identity,
            Self::BoundaryDenies | Self::BoundaryAllows => Layer::Boundary,
            Self::PolicyDenies
            | Self::PolicyAllows
            | Self::PolicyAllowsSession
            | Self::PolicyAllowsAccount => Layer::BucketPolicy,
            Self::Restricted | Self::AclsIgnored => Layer::PublicAccessBlock,
            Self::Foreign | Self::AclsOff => Layer::ObjectOwnership,
            Self::AclToAll | Self::AclToAccount => Layer::Acl,
            Self::Key => Layer::Encryption,
            Self::KeyPolicy => Layer::KeyPolicy,
            Self::Unlocked => Layer::ObjectLock,
        }
    }

    /// Whether a yes prevents the request.
    fn is_obstacle(self) -> bool {
        matches!(
            self,
            Self::IdentityDenies
                | Self::BoundaryDenies
                | Self::PolicyDenies
                | Self::Restricted
                | Self::Foreign
                | Self::AclsOff
                | Self::AclsIgnored
        )
    }
}

/// The value of each ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grounds([Truth; Ground::ALL.len()]);

impl Default for Grounds {
    fn default() -> Self {
        Self([Truth::No; Ground::ALL.len()])
    }
}

impl Grounds {
    pub(super) fn get(&self, ground: Ground) -> Truth {
        self.0
            .get(ground as usize)
            .copied()
            .unwrap_or(Truth::Unknown)
    }

    pub(super) fn set(&mut self, ground: Ground, truth: Truth) {
        if let Some(place) = self.0.get_mut(ground as usize) {
            *place = truth;
        }
    }

    fn unknown(&self) -> Vec<Ground> {
        let all = Ground::ALL.into_iter();
        all.filter(|ground| self.get(*ground) == Truth::Unknown)
            .collect()
    }

    /// Replaces unknown values by yes or no, by the bits of a number.
    fn with(&self, unknown: &[Ground], bits: usize) -> Self {
        let mut settled = *self;
        for (place, ground) in unknown.iter().enumerate() {
            settled.set(*ground, (bits >> place & 1 == 1).into());
        }
        settled
    }
}

/// The decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decided {
    /// Whether the request is allowed.
    pub allowed: Truth,
    /// The deciding layer. If the result is unknown, the first layer that makes a difference.
    pub by: Layer,
    /// Unknown grounds that make a difference.
    pub open: Vec<Ground>,
}

/// Decides for every combination of the unknown grounds.
pub(super) fn decide(question: &Question, grounds: &Grounds) -> Decided {
    let unknown = grounds.unknown();
    let ways = 1_usize << unknown.len();
    let answers: Vec<bool> = (0..ways)
        .map(|bits| rule(question, &grounds.with(&unknown, bits)).0)
        .collect();
    let is_allowed = |bits: usize| answers.get(bits).copied().unwrap_or(false);
    let open: Vec<Ground> = unknown
        .iter()
        .enumerate()
        .filter(|(place, _)| {
            (0..ways).any(|bits| is_allowed(bits) != is_allowed(bits ^ 1 << place))
        })
        .map(|(_, ground)| *ground)
        .collect();
    // The combination in which all unknown grounds help, and the one in which none does.
    let bits = |helps: bool| {
        let bit =
            |(place, ground): (usize, &Ground)| usize::from(ground.is_obstacle() != helps) << place;
        unknown.iter().enumerate().map(bit).sum()
    };
    let deciding = |helps: bool| rule(question, &grounds.with(&unknown, bits(helps))).1;
    let (allowed, by) = match open.first() {
        Some(first) => {
            let layers = open.iter().map(|ground| ground.layer());
            (Truth::Unknown, layers.min().unwrap_or(first.layer()))
        }
        None if is_allowed(0) => (Truth::Yes, deciding(false)),
        None => (Truth::No, deciding(true)),
    };
    Decided { allowed, by, open }
}

/// The rules without unknown grounds: whether the request is allowed, and the deciding layer.
fn rule(question: &Question, grounds: &Grounds) -> (bool, Layer) {
    let is = |ground: Ground| grounds.get(ground).is_yes();
    let (asker, action) = (&question.asker, question.action);
    let is_same = is(Ground::SameAccount);
    if action.is_of_owner_alone() && !is_same {
        return (false, Layer::Account);
    }
    if matches!(asker, Asker::Root { .. }) && action.is_about_policy() {
        return (true, Layer::Account);
    }
    for denial in [
        Ground::IdentityDenies,
        Ground::BoundaryDenies,
        Ground::PolicyDenies,
    ] {
        if is(denial) {
            return (false, denial.layer());
        }
    }
    let granted = match asker {
        Asker::Anonymous => from_outside(&is),
        _ if is_same => from_inside(asker, &is),
        _ => from_another_account(asker, &is),
    };
    match granted {
        (true, _) if !is(Ground::Key) => (false, Layer::Encryption),
        (true, _) if !is(Ground::KeyPolicy) => (false, Layer::KeyPolicy),
        (true, _) if !is(Ground::Unlocked) => (false, Layer::ObjectLock),
        granted => granted,
    }
}

type Is<'i> = &'i dyn Fn(Ground) -> bool;

/// Whether the bucket's side allows a caller of another account.
fn from_outside(is: Is<'_>) -> (bool, Layer) {
    let is_foreign = is(Ground::Foreign) && !is(Ground::AclsOff);
    let by_policy = is(Ground::PolicyAllows)
        || is(Ground::PolicyAllowsSession)
        || is(Ground::PolicyAllowsAccount);
    if by_policy && !is(Ground::Restricted) && !is_foreign {
        return (true, Layer::BucketPolicy);
    }
    if granted_by_acl(is) {
        return (true, Layer::Acl);
    }
    let by = if by_policy && is(Ground::Restricted) {
        Layer::PublicAccessBlock
    } else if by_policy || (is(Ground::AclToAll) || is(Ground::AclToAccount)) && is(Ground::AclsOff)
    {
        Layer::ObjectOwnership
    } else if is(Ground::AclToAll) {
        Layer::PublicAccessBlock
    } else if is_foreign {
        Layer::Acl
    } else {
        Layer::BucketPolicy
    };
    (false, by)
}

/// A caller of the bucket's own account: either side is enough.
fn from_inside(asker: &Asker, is: Is<'_>) -> (bool, Layer) {
    let is_foreign = is(Ground::Foreign) && !is(Ground::AclsOff);
    // Only the object's owner can grant access to an object of another account.
    let is_granted = !is_foreign || granted_by_acl(is);
    let within_boundary = is(Ground::BoundaryAllows);
    // A permissions boundary limits what a policy grants to a role, but not what it grants to a user or a session.
    let is_limited = matches!(asker, Asker::Role { .. });
    let by_policy = is(Ground::PolicyAllows);
    if !is_foreign {
        if matches!(asker, Asker::Root { .. }) {
            return (true, Layer::Account);
        }
        if is(Ground::PolicyAllowsSession) || by_policy && (within_boundary || !is_limited) {
            return (true, Layer::BucketPolicy);
        }
    } else if !is_granted {
        return (false, Layer::ObjectOwnership);
    } else if matches!(asker, Asker::Root { .. }) {
        return (true, Layer::Acl);
    }
    if is(Ground::IdentityAllows) && within_boundary {
        return (true, Layer::Identity);
    }
    if is(Ground::AclToAll) && !is(Ground::AclsOff) && !is(Ground::AclsIgnored) {
        return (true, Layer::Acl);
    }
    let is_stopped = is(Ground::IdentityAllows) || by_policy && is_limited;
    let by = if is_stopped && !within_boundary {
        Layer::Boundary
    } else {
        Layer::Identity
    };
    (false, by)
}

/// A caller of another account: both sides must allow it.
fn from_another_account(asker: &Asker, is: Is<'_>) -> (bool, Layer) {
    let (is_let_in, by) = from_outside(is);
    if !is_let_in || matches!(asker, Asker::Root { .. }) {
        return (is_let_in, by);
    }
    if !is(Ground::IdentityAllows) {
        return (false, Layer::Identity);
    }
    if !is(Ground::BoundaryAllows) {
        return (false, Layer::Boundary);
    }
    (true, by)
}

fn granted_by_acl(is: Is<'_>) -> bool {
    let to_all = is(Ground::AclToAll) && !is(Ground::AclsIgnored);
    !is(Ground::AclsOff) && (to_all || is(Ground::AclToAccount))
}
