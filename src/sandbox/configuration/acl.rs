//! A bucket's access control list, and what a list grants to everyone.

use s3s::dto::{
    AccessControlPolicy, BucketCannedACL, GetBucketAclInput, GetBucketAclOutput, Grant, Grantee,
    Owner, Permission, PutBucketAclInput, PutBucketAclOutput, Type,
};
use s3s::{S3Request, S3Result, s3_error};

use super::{Answer, change, look};
use crate::sandbox::store::Backend;

const ALL_USERS: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
const AUTHENTICATED_USERS: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";

/// Whether a list grants `permission` to everyone, signed or not.
pub(crate) fn grants_to_everyone(acl: Option<&AccessControlPolicy>, permission: &str) -> bool {
    grants(acl)
        .filter(|grant| group(grant) == Some(ALL_USERS))
        .filter_map(|grant| grant.permission.as_ref())
        .any(|granted| {
            granted.as_str() == permission || granted.as_str() == Permission::FULL_CONTROL
        })
}

/// Whether S3 calls a list public: it grants anything to everyone, or to every AWS account.
pub(crate) fn is_public(acl: &AccessControlPolicy) -> bool {
    grants(Some(acl)).any(|grant| matches!(group(grant), Some(ALL_USERS | AUTHENTICATED_USERS)))
}

/// Whether a list grants anything to anybody but `owner`.
pub(super) fn reaches_beyond(acl: &AccessControlPolicy, owner: &str) -> bool {
    grants(Some(acl)).any(|grant| {
        let id = grant
            .grantee
            .as_ref()
            .and_then(|grantee| grantee.id.as_deref());
        id != Some(owner)
    })
}

fn grants(acl: Option<&AccessControlPolicy>) -> impl Iterator<Item = &Grant> {
    acl.and_then(|acl| acl.grants.as_ref())
        .into_iter()
        .flatten()
}

fn group(grant: &Grant) -> Option<&str> {
    grant
        .grantee
        .as_ref()
        .and_then(|grantee| grantee.uri.as_deref())
}

pub(crate) fn get_bucket_acl(
    backend: &Backend,
    req: S3Request<GetBucketAclInput>,
) -> Answer<GetBucketAclOutput> {
    let owner = backend.owner();
    look(backend, &req.input.bucket, |configuration| {
        // Where ACLs are off S3 tells the owner's full control, whatever was granted before.
        let kept = configuration
            .acl
            .clone()
            .filter(|_| !configuration.acls_are_off());
        let acl = kept.unwrap_or_else(|| private(&owner));
        Ok(GetBucketAclOutput {
            grants: acl.grants,
            owner: acl.owner.or(Some(owner)),
        })
    })
}

pub(crate) fn put_bucket_acl(
    backend: &Backend,
    req: S3Request<PutBucketAclInput>,
) -> Answer<PutBucketAclOutput> {
    let bucket = req.input.bucket.clone();
    let acl = asked(req.input, &backend.owner())?;
    change(backend, &bucket, |bucket| {
        if bucket.configuration.acls_are_off() {
            return Err(s3_error!(
                AccessControlListNotSupported,
                "The bucket does not allow ACLs"
            ));
        }
        if is_public(&acl) && bucket.configuration.blocks(|block| block.block_public_acls) {
            return Err(s3_error!(
                AccessDenied,
                "The list grants public access, which the BlockPublicAcls setting of the bucket's public access block \
                 prevents"
            ));
        }
        bucket.configuration.acl = Some(acl);
        Ok(())
    })
}

/// The list that a request describes in one of three ways: a canned name, grants in headers, or a document.
fn asked(input: PutBucketAclInput, owner: &Owner) -> S3Result<AccessControlPolicy> {
    let mut granted = Vec::new();
    for (header, permission) in [
        (input.grant_full_control, Permission::FULL_CONTROL),
        (input.grant_read, Permission::READ),
        (input.grant_read_acp, Permission::READ_ACP),
        (input.grant_write, Permission::WRITE),
        (input.grant_write_acp, Permission::WRITE_ACP),
    ] {
        for grantee in header.iter().flat_map(|header| header.split(',')) {
            granted.push(grant(read_grantee(grantee.trim())?, permission));
        }
    }
    match (input.acl, granted.is_empty(), input.access_control_policy) {
        (Some(canned), true, None) => of_canned(&canned, owner),
        (None, false, None) => Ok(AccessControlPolicy {
            grants: Some(granted),
            owner: Some(owner.clone()),
        }),
        (None, true, Some(acl)) => Ok(acl),
        (None, true, None) => Err(s3_error!(
            MissingSecurityHeader,
            "Your request was missing a required header: x-amz-acl"
        )),
        _ => Err(s3_error!(
            UnexpectedContent,
            "An ACL is given by its canned name, by grants in headers or by a document, and in one way only"
        )),
    }
}

fn of_canned(canned: &BucketCannedACL, owner: &Owner) -> S3Result<AccessControlPolicy> {
    let mut acl = private(owner);
    let public: &[(&str, &'static str)] = match canned.as_str() {
        BucketCannedACL::PRIVATE => &[],
        BucketCannedACL::PUBLIC_READ => &[(ALL_USERS, Permission::READ)],
        BucketCannedACL::PUBLIC_READ_WRITE => &[
            (ALL_USERS, Permission::READ),
            (ALL_USERS, Permission::WRITE),
        ],
        BucketCannedACL::AUTHENTICATED_READ => &[(AUTHENTICATED_USERS, Permission::READ)],
        // Who delivers server access logs; the name is S3's, of the ACL and of the group.
        "log-delivery-write" => &[
            (
                "http://acs.amazonaws.com/groups/s3/LogDelivery",
                Permission::WRITE,
            ),
            (
                "http://acs.amazonaws.com/groups/s3/LogDelivery",
                Permission::READ_ACP,
            ),
        ],
        _ => {
            return Err(s3_error!(
                InvalidArgument,
                "{} is not a canned ACL",
                canned.as_str()
            ));
        }
    };
    let grants = acl.grants.get_or_insert_default();
    grants.extend(
        public
            .iter()
            .map(|&(uri, permission)| grant(to_group(uri), permission)),
    );
    Ok(acl)
}

/// The list of a bucket that nobody shared: its owner, and nobody else.
fn private(owner: &Owner) -> AccessControlPolicy {
    let grantee = to_user(owner.id.clone().unwrap_or_default());
    AccessControlPolicy {
        grants: Some(vec![grant(grantee, Permission::FULL_CONTROL)]),
        owner: Some(owner.clone()),
    }
}

/// A grantee as grant headers write it: `id="…"`, `uri="…"` or `emailAddress="…"`.
fn read_grantee(text: &str) -> S3Result<Grantee> {
    let (kind, value) = text
        .split_once('=')
        .ok_or_else(|| s3_error!(InvalidArgument, "Argument format not recognized: {text}"))?;
    let value = value.trim_matches('"').to_owned();
    match kind {
        "id" => Ok(to_user(value)),
        "uri" => Ok(to_group(&value)),
        "emailAddress" => Ok(Grantee {
            display_name: None,
            email_address: Some(value),
            id: None,
            type_: Type::from_static(Type::AMAZON_CUSTOMER_BY_EMAIL),
            uri: None,
        }),
        _ => Err(s3_error!(
            InvalidArgument,
            "Argument format not recognized: {text}"
        )),
    }
}

fn grant(grantee: Grantee, permission: &'static str) -> Grant {
    Grant {
        grantee: Some(grantee),
        permission: Some(Permission::from_static(permission)),
    }
}

fn to_user(id: String) -> Grantee {
    Grantee {
        display_name: None,
        email_address: None,
        id: Some(id),
        type_: Type::from_static(Type::CANONICAL_USER),
        uri: None,
    }
}

fn to_group(uri: &str) -> Grantee {
    Grantee {
        display_name: None,
        email_address: None,
        id: None,
        type_: Type::from_static(Type::GROUP),
        uri: Some(uri.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner() -> Owner {
        Owner {
            display_name: None,
            id: Some("me".to_owned()),
        }
    }

    fn canned(name: &'static str) -> AccessControlPolicy {
        of_canned(&BucketCannedACL::from_static(name), &owner()).unwrap()
    }

    #[test]
    fn canned_lists_grant_to_everyone_what_their_names_say() {
        for (name, reads, writes, public) in [
            ("private", false, false, false),
            ("public-read", true, false, true),
            ("public-read-write", true, true, true),
            ("authenticated-read", false, false, true),
            ("log-delivery-write", false, false, false),
        ] {
            let acl = canned(name);
            assert_eq!(grants_to_everyone(Some(&acl), "READ"), reads, "{name}");
            assert_eq!(grants_to_everyone(Some(&acl), "WRITE"), writes, "{name}");
            assert_eq!(is_public(&acl), public, "{name}");
        }
        assert!(of_canned(&BucketCannedACL::from_static("open"), &owner()).is_err());
    }

    #[test]
    fn grants_in_headers_name_ids_groups_and_addresses() {
        assert_eq!(
            read_grantee("id=\"abc\"").unwrap().id.as_deref(),
            Some("abc")
        );
        assert_eq!(
            read_grantee("uri=\"http://g\"").unwrap().uri.as_deref(),
            Some("http://g")
        );
        assert!(
            read_grantee("emailAddress=a@b.c")
                .unwrap()
                .email_address
                .is_some()
        );
        assert!(read_grantee("nobody").is_err());
    }

    #[test]
    fn only_a_list_that_names_others_reaches_beyond_the_owner() {
        assert!(!reaches_beyond(&canned("private"), "me"));
        assert!(reaches_beyond(&canned("private"), "you"));
        assert!(reaches_beyond(&canned("public-read"), "me"));
    }
}
