//! Access control lists of objects: kept as they are put, private where none was.

use s3s::dto::{
    AccessControlPolicy, GetObjectAclInput, GetObjectAclOutput, Grant, Grantee, Owner, Permission,
    PutObjectAclInput, PutObjectAclOutput, Type,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::find;
use crate::sandbox::store::{Backend, Bucket};

/// Everybody, signed in or not.
const ALL_USERS: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
/// Everybody who has an AWS account.
const AUTHENTICATED_USERS: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";

/// What headers grant: a list with a name, or grantees one by one.
#[derive(Debug, Default)]
pub(super) struct Granted {
    pub(super) canned: Option<String>,
    pub(super) full_control: Option<String>,
    pub(super) read: Option<String>,
    pub(super) read_acp: Option<String>,
    pub(super) write_acp: Option<String>,
}

impl Granted {
    fn by_grantee(&self) -> [(&'static str, Option<&String>); 4] {
        [
            (Permission::FULL_CONTROL, self.full_control.as_ref()),
            (Permission::READ, self.read.as_ref()),
            (Permission::READ_ACP, self.read_acp.as_ref()),
            (Permission::WRITE_ACP, self.write_acp.as_ref()),
        ]
    }

    /// The list that these headers make; `None` when they say nothing.
    ///
    /// # Errors
    /// `AccessControlListNotSupported` where the bucket has no ACLs, `InvalidArgument`, `InvalidRequest`.
    pub(super) fn decide(
        &self,
        backend: &Backend,
        bucket: &Bucket,
    ) -> S3Result<Option<Box<AccessControlPolicy>>> {
        let single = self
            .by_grantee()
            .into_iter()
            .filter_map(|(p, who)| Some((p, who?)));
        let single: Vec<_> = single.collect();
        if self.canned.is_none() && single.is_empty() {
            return Ok(None);
        }
        if self.canned.is_some() && !single.is_empty() {
            return Err(s3_error!(
                InvalidRequest,
                "Specifying both Canned ACLs and Header Grants is not allowed"
            ));
        }
        let harmless = matches!(
            self.canned.as_deref(),
            Some("bucket-owner-full-control" | "private")
        );
        if bucket.configuration.acls_are_off() {
            return if harmless {
                Ok(None)
            } else {
                Err(unsupported())
            };
        }
        let grants = match &self.canned {
            Some(name) => canned(name, &backend.owner())?,
            None => single
                .into_iter()
                .map(|(permission, who)| grants_to(permission, who))
                .collect::<S3Result<Vec<_>>>()?
                .concat(),
        };
        Ok(Some(Box::new(AccessControlPolicy {
            grants: Some(grants),
            owner: Some(backend.owner()),
        })))
    }
}

fn unsupported() -> s3s::S3Error {
    s3_error!(
        AccessControlListNotSupported,
        "The bucket does not allow ACLs"
    )
}

fn grant(permission: &'static str, grantee: Grantee) -> Grant {
    Grant {
        grantee: Some(grantee),
        permission: Some(Permission::from_static(permission)),
    }
}

fn user(id: Option<String>) -> Grantee {
    Grantee {
        display_name: None,
        email_address: None,
        id,
        type_: Type::from_static(Type::CANONICAL_USER),
        uri: None,
    }
}

fn group(uri: &str) -> Grantee {
    Grantee {
        display_name: None,
        email_address: None,
        id: None,
        type_: Type::from_static(Type::GROUP),
        uri: Some(uri.to_owned()),
    }
}

/// The grants of a list that has a name.
fn canned(name: &str, owner: &Owner) -> S3Result<Vec<Grant>> {
    let mut grants = vec![grant(Permission::FULL_CONTROL, user(owner.id.clone()))];
    match name {
        "private" | "bucket-owner-read" | "bucket-owner-full-control" => {}
        "public-read" => grants.push(grant(Permission::READ, group(ALL_USERS))),
        "public-read-write" => {
            grants.push(grant(Permission::READ, group(ALL_USERS)));
            grants.push(grant(Permission::WRITE, group(ALL_USERS)));
        }
        "authenticated-read" => grants.push(grant(Permission::READ, group(AUTHENTICATED_USERS))),
        _ => {
            return Err(s3_error!(
                InvalidArgument,
                "There is no canned ACL {name:?}"
            ));
        }
    }
    Ok(grants)
}

/// Reads `id="...", uri="..."`.
fn grants_to(permission: &'static str, who: &str) -> S3Result<Vec<Grant>> {
    who.split(',')
        .map(|one| {
            let bad = || s3_error!(InvalidArgument, "Argument format not recognized: {one:?}");
            let (kind, value) = one.trim().split_once('=').ok_or_else(bad)?;
            let value = value.trim().trim_matches('"');
            match kind.trim() {
                "id" => Ok(grant(permission, user(Some(value.to_owned())))),
                "uri" => Ok(grant(permission, group(value))),
                _ => Err(bad()),
            }
        })
        .collect()
}

/// Tells who may do what with an object.
///
/// # Errors
/// `NoSuchBucket`, `NoSuchKey`, `NoSuchVersion`, `MethodNotAllowed`.
pub(crate) async fn get_object_acl(
    backend: &Backend,
    req: S3Request<GetObjectAclInput>,
) -> S3Result<S3Response<GetObjectAclOutput>> {
    let input = req.input;
    backend.expect_owner(input.expected_bucket_owner.as_ref())?;
    let found = backend.store.read(&input.bucket, |bucket| {
        find::object(bucket, &input.key, input.version_id.as_deref())
    })?;
    let owner = backend.owner();
    let output = match found.object.acl.as_deref() {
        Some(acl) => GetObjectAclOutput {
            grants: acl.grants.clone(),
            owner: acl.owner.clone().or(Some(owner)),
            request_charged: None,
        },
        None => GetObjectAclOutput {
            grants: Some(canned("private", &owner)?),
            owner: Some(owner),
            request_charged: None,
        },
    };
    Ok(S3Response::new(output))
}

/// Replaces the access control list of an object.
///
/// # Errors
/// `AccessControlListNotSupported` where the bucket has no ACLs, `MalformedACLError` when none is given, and as
/// [`get_object_acl`].
pub(crate) async fn put_object_acl(
    backend: &Backend,
    req: S3Request<PutObjectAclInput>,
) -> S3Result<S3Response<PutObjectAclOutput>> {
    let input = req.input;
    backend.expect_owner(input.expected_bucket_owner.as_ref())?;
    let granted = Granted {
        canned: input.acl.map(|acl| acl.as_str().to_owned()),
        full_control: input.grant_full_control,
        read: input.grant_read,
        read_acp: input.grant_read_acp,
        write_acp: input.grant_write_acp,
    };
    backend.store.write(&input.bucket, |bucket| {
        let found = find::object(bucket, &input.key, input.version_id.as_deref())?;
        let given =
            granted.canned.is_some() || granted.by_grantee().iter().any(|(_, who)| who.is_some());
        let acl = match input.access_control_policy {
            _ if given => granted.decide(backend, bucket)?,
            Some(_) if bucket.configuration.acls_are_off() => return Err(unsupported()),
            Some(policy) => Some(Box::new(policy)),
            None => return Err(s3_error!(MalformedACLError, "The request names no ACL")),
        };
        bucket
            .keys
            .change(&input.key, &found.id, |object| object.acl = acl);
        Ok(())
    })?;
    Ok(S3Response::new(PutObjectAclOutput::default()))
}
