//! The condition keys of IAM and S3, and who controls the value of each.
//!
//! Source: *AWS global condition context keys* (IAM user guide) and *Actions, resources, and condition keys for Amazon
//! S3* (service authorization reference). All names here are in lower case.

/// Who controls the value of a key in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nature {
    /// The caller can choose any value: a header, a parameter, a tag, or an object with the value.
    Chosen,
    /// The caller can have a value of their own, but nobody else's: a VPC, a network endpoint, a resource.
    Owned,
    /// It depends on the caller.
    Identity,
    /// It depends on the service that acts for somebody.
    Service,
    /// The IP address of the caller.
    Address,
    /// `true` over TLS.
    Tls,
    /// The TLS version; absent without TLS.
    TlsVersion,
    Time,
    /// It depends on the bucket.
    Bucket,
    /// Absent in a direct request.
    Never,
    /// `false` in a direct request.
    False,
    /// Only signed requests have it, and the signer chooses the value: in their own account, a user can have any name
    /// or tag.
    Signed,
}

const KEYS: &[(&str, Nature)] = &[
    ("aws:assumedroot", Nature::Never),
    ("aws:calledvia", Nature::Never),
    ("aws:calledviaawsmcp", Nature::Never),
    ("aws:calledviafirst", Nature::Never),
    ("aws:calledvialast", Nature::Never),
    ("aws:chatbotsourcearn", Nature::Never),
    ("aws:currenttime", Nature::Time),
    ("aws:ec2instancesourceprivateipv4", Nature::Signed),
    ("aws:ec2instancesourcevpc", Nature::Owned),
    ("aws:epochtime", Nature::Time),
    ("aws:federatedprovider", Nature::Signed),
    ("aws:multifactorauthage", Nature::Signed),
    ("aws:multifactorauthpresent", Nature::Signed),
    ("aws:principalaccount", Nature::Identity),
    ("aws:principalarn", Nature::Identity),
    ("aws:principalisawsservice", Nature::Identity),
    ("aws:principalorgid", Nature::Identity),
    ("aws:principalorgpaths", Nature::Identity),
    ("aws:principalservicename", Nature::Identity),
    ("aws:principalservicenameslist", Nature::Identity),
    ("aws:principaltype", Nature::Identity),
    ("aws:referer", Nature::Chosen),
    ("aws:requestedregion", Nature::Bucket),
    ("aws:resourceaccount", Nature::Bucket),
    ("aws:resourceorgid", Nature::Bucket),
    ("aws:resourceorgpaths", Nature::Bucket),
    ("aws:securetransport", Nature::Tls),
    ("aws:signinsessionarn", Nature::Never),
    ("aws:sourceaccount", Nature::Service),
    ("aws:sourcearn", Nature::Service),
    ("aws:sourceidentity", Nature::Signed),
    ("aws:sourceip", Nature::Address),
    ("aws:sourceorgid", Nature::Service),
    ("aws:sourceorgpaths", Nature::Service),
    ("aws:sourceowner", Nature::Service),
    ("aws:sourcevpc", Nature::Owned),
    ("aws:sourcevpcarn", Nature::Owned),
    ("aws:sourcevpce", Nature::Owned),
    ("aws:tagkeys", Nature::Chosen),
    ("aws:tokenissuetime", Nature::Signed),
    ("aws:useragent", Nature::Chosen),
    ("aws:userid", Nature::Identity),
    ("aws:username", Nature::Signed),
    ("aws:viaawsservice", Nature::False),
    ("aws:vpceaccount", Nature::Owned),
    ("aws:vpceorgid", Nature::Owned),
    ("aws:vpceorgpaths", Nature::Owned),
    ("aws:vpcsourceip", Nature::Owned),
    ("s3:accessgrantsinstancearn", Nature::Owned),
    ("s3:accesspointnetworkorigin", Nature::Chosen),
    ("s3:authtype", Nature::Signed),
    ("s3:dataaccesspointaccount", Nature::Owned),
    ("s3:dataaccesspointarn", Nature::Owned),
    ("s3:delimiter", Nature::Chosen),
    ("s3:existingjoboperation", Nature::Chosen),
    ("s3:existingjobpriority", Nature::Chosen),
    ("s3:if-match", Nature::Chosen),
    ("s3:if-none-match", Nature::Chosen),
    ("s3:inventoryaccessibleoptionalfields", Nature::Chosen),
    ("s3:isreplicationpauserequest", Nature::Chosen),
    ("s3:jobsuspendedcause", Nature::Chosen),
    ("s3:locationconstraint", Nature::Chosen),
    ("s3:max-keys", Nature::Chosen),
    ("s3:object-lock-event-hold", Nature::Chosen),
    ("s3:object-lock-event-hold-duration-days", Nature::Chosen),
    ("s3:object-lock-legal-hold", Nature::Chosen),
    ("s3:object-lock-mode", Nature::Chosen),
    ("s3:object-lock-remaining-retention-days", Nature::Chosen),
    ("s3:object-lock-retain-until-date", Nature::Chosen),
    ("s3:objectcreationoperation", Nature::Chosen),
    ("s3:prefix", Nature::Chosen),
    ("s3:requestjoboperation", Nature::Chosen),
    ("s3:requestjobpriority", Nature::Chosen),
    ("s3:requestobjecttagkeys", Nature::Chosen),
    ("s3:resourceaccount", Nature::Bucket),
    ("s3:signatureage", Nature::Signed),
    ("s3:signatureversion", Nature::Signed),
    ("s3:tlsversion", Nature::TlsVersion),
    ("s3:versionid", Nature::Chosen),
    // AWS treats a fixed KMS key as a fixed value: only callers who may use the key can name it.
    (
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
        Nature::Owned,
    ),
];

/// Keys that end with a chosen name, usually that of a tag.
const FAMILIES: &[(&str, Nature)] = &[
    ("aws:principaltag/", Nature::Signed),
    ("aws:requesttag/", Nature::Chosen),
    ("aws:resourcetag/", Nature::Bucket),
    ("s3:accesspointtag/", Nature::Chosen),
    ("s3:buckettag/", Nature::Bucket),
    ("s3:existingobjecttag/", Nature::Chosen),
    ("s3:requestobjecttag/", Nature::Chosen),
    ("s3:x-amz-", Nature::Chosen),
];

/// Keys of identity providers contain the provider's name, such as `graph.facebook.com:app_id`.
const PROVIDERS: &[&str] = &[
    "accounts.google.com:",
    "cognito-identity.amazonaws.com:",
    "graph.facebook.com:",
    "saml:",
    "www.amazon.com:",
];

/// Who controls a key, given in lower case; `None` if the key is unknown.
pub(super) fn nature(key: &str) -> Option<Nature> {
    if let Some((_, nature)) = KEYS.iter().find(|(known, _)| *known == key) {
        return Some(*nature);
    }
    if PROVIDERS.iter().any(|provider| key.starts_with(provider)) {
        return Some(Nature::Signed);
    }
    let begins = |family: &str| {
        key.strip_prefix(family)
            .is_some_and(|name| !name.is_empty())
    };
    let family = FAMILIES.iter().find(|(family, _)| begins(family));
    family.map(|(_, nature)| *nature)
}

/// The names of all keys without a variable part.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    KEYS.iter().map(|(key, _)| *key)
}

/// Whether IAM or S3 has this key, given in lower case.
pub(super) fn is_known(key: &str) -> bool {
    nature(key).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_and_in_lower_case() {
        assert!(KEYS.is_sorted_by(|a, b| a.0 < b.0));
        assert!(KEYS.iter().all(|(key, _)| *key == key.to_ascii_lowercase()));
    }

    #[test]
    fn a_tag_needs_a_name_and_a_misspelt_key_is_not_known() {
        assert!(is_known("aws:principaltag/team"));
        assert!(!is_known("aws:principaltag/"));
        assert!(!is_known("aws:sourceipaddress"));
        assert!(!is_known("aws:securetransports"));
    }
}
