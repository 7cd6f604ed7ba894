//! Who may do what: every S3 request is judged here before its operation runs.
//!
//! Users of the account may do what they do not lack and no policy denies them. Anonymous requests are let in by the
//! bucket policy or by ACLs, as far as the public access block and object ownership let these count. [`Access`] is
//! asked by s3s; [`Access::may_delete`] by the service, for `DeleteObjects` is judged key by key.

use std::sync::Arc;

use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::Credentials;
use s3s::dto::PutObjectAclInput;
use s3s::{S3Request, S3Result, s3_error};

use super::configuration::{BucketConfiguration, grants_to_everyone, is_public};
use super::defect::Defect;
use super::identity::{Caller, Identities};
use super::permissions::{Permission, Scope, needed_for};
use super::request_context::{CopySource, RequestContext};
use super::store::{Backend, Bucket};
use crate::domain::policy::{Context, Decision, Request};

/// The judge.
#[derive(Debug, Clone)]
pub(super) struct Access {
    pub(super) backend: Backend,
    pub(super) identities: Arc<Identities>,
    /// Whether conditions see a request as sent over TLS.
    pub(super) secure_transport: bool,
}

/// One permission, asked of one resource by one caller.
#[derive(Debug, Clone, Copy)]
struct Ask<'a> {
    caller: Caller<'a>,
    action: &'a str,
    bucket: Option<&'a str>,
    key: Option<&'a str>,
    context: &'a [(String, String)],
    /// The canonical id of the account that owns all buckets.
    canonical: &'a str,
}

#[async_trait::async_trait]
impl S3Access for Access {
    async fn check(&self, cx: &mut S3AccessContext<'_>) -> S3Result<()> {
        let request_context = cx.extensions_mut().get::<Arc<RequestContext>>().cloned();
        let request_context = request_context
            .ok_or_else(|| s3_error!(InternalError, "A request without circumstances"))?;
        let operation = cx.s3_op().name();
        if operation != request_context.target.operation {
            return Err(s3_error!(
                NotImplemented,
                "This combination of sub-resources is not understood"
            ));
        }
        let Some(permission) = needed_for(operation) else {
            return Err(s3_error!(NotImplemented));
        };
        let caller = self.caller(cx.credentials(), &request_context);
        let path = cx.s3_path();
        let (bucket, key) = (path.get_bucket_name(), path.get_object_key());
        self.expects_owner(&request_context)?;
        if operation == "DeleteObjects" {
            // Judged when the keys are known: they stand in the body.
            return Ok(());
        }
        let context = request_context.context(caller, self.secure_transport);
        let canonical = self.backend.canonical_id();
        let ask = Ask {
            canonical: &canonical,
            caller,
            action: request_context.action(permission),
            bucket,
            key: key.filter(|_| permission.scope == Scope::Object),
            context: &context,
        };
        self.judge_object_or_absence(ask, operation)?;
        self.judge_extras(ask, &request_context, operation)?;
        self.check_acl_headers(ask, &request_context)
    }

    async fn put_object_acl(&self, request: &mut S3Request<PutObjectAclInput>) -> S3Result<()> {
        let input = &request.input;
        self.backend.store.read(&input.bucket, |bucket| {
            if bucket.configuration.acls_are_off() {
                return Err(acls_off());
            }
            let public = input.access_control_policy.as_ref().is_some_and(is_public);
            refuse_public_acl(&bucket.configuration, public)
        })
    }
}

impl Access {
    /// Whether a request that s3s hands to a route may be carried out.
    pub(super) fn may_go<T>(&self, request: &S3Request<T>) -> S3Result {
        let request_context = request.extensions.get::<Arc<RequestContext>>();
        let request_context = request_context
            .ok_or_else(|| s3_error!(InternalError, "A request without circumstances"))?;
        let target = &request_context.target;
        let permission = needed_for(target.operation).ok_or_else(|| s3_error!(NotImplemented))?;
        self.expects_owner(request_context)?;
        let caller = self.caller(request.credentials.as_ref(), request_context);
        let context = request_context.context(caller, self.secure_transport);
        let key = target.key.as_deref();
        self.judge(Ask {
            canonical: &self.backend.canonical_id(),
            caller,
            action: request_context.action(permission),
            bucket: target.bucket.as_deref(),
            key: key.filter(|_| permission.scope == Scope::Object),
            context: &context,
        })
    }

    /// Whether a caller may delete a key, or one version of it.
    pub(super) fn may_delete<T>(
        &self,
        request: &S3Request<T>,
        bucket: &str,
        key: &str,
        of_version: bool,
    ) -> S3Result {
        let action = if of_version {
            "s3:DeleteObjectVersion"
        } else {
            "s3:DeleteObject"
        };
        self.judge_key(
            &request.extensions,
            request.credentials.as_ref(),
            action,
            bucket,
            key,
        )
    }

    fn judge_key(
        &self,
        extensions: &hyper::http::Extensions,
        credentials: Option<&Credentials>,
        action: &str,
        bucket: &str,
        key: &str,
    ) -> S3Result {
        let request_context = extensions.get::<Arc<RequestContext>>();
        let request_context = request_context
            .ok_or_else(|| s3_error!(InternalError, "A request without circumstances"))?;
        let caller = self.caller(credentials, request_context);
        let context = request_context.context(caller, self.secure_transport);
        self.judge(Ask {
            canonical: &self.backend.canonical_id(),
            caller,
            action,
            bucket: Some(bucket),
            key: Some(key),
            context: &context,
        })
    }

    fn caller(
        &self,
        credentials: Option<&Credentials>,
        request_context: &RequestContext,
    ) -> Caller<'_> {
        let vouched = request_context.vouched.as_ref();
        credentials
            .map(|credentials| credentials.access_key.as_str())
            .or_else(|| vouched?.access_key.as_deref())
            .and_then(|access_key| self.identities.find(access_key))
            .map_or(Caller::Anonymous, Caller::User)
    }

    fn expects_owner(&self, request_context: &RequestContext) -> S3Result {
        let expected = request_context.header("x-amz-expected-bucket-owner");
        match expected {
            Some(account) if account != self.backend.account_id => Err(s3_error!(AccessDenied)),
            _ => Ok(()),
        }
    }

    /// Reading an object that is not there answers 404 only to who may list the bucket: others shall not learn by it
    /// which keys exist.
    fn judge_object_or_absence(&self, ask: Ask<'_>, operation: &str) -> S3Result {
        let (Some(bucket), Some(key)) = (ask.bucket, ask.key) else {
            return self.judge(ask);
        };
        let is_absent = matches!(operation, "GetObject" | "HeadObject")
            && self
                .backend
                .store
                .read(bucket, |bucket| Ok(is_absent(bucket, key)))
                .unwrap_or(false);
        if !is_absent {
            return self.judge(ask);
        }
        let may_list = self.judge(Ask {
            action: "s3:ListBucket",
            key: None,
            ..ask
        });
        may_list.and_then(|()| match ask.caller {
            Caller::User(_) => self.judge(ask),
            Caller::Anonymous => Ok(()),
        })
    }

    /// What a request needs besides, because of what it says in its headers.
    fn judge_extras(
        &self,
        ask: Ask<'_>,
        request_context: &RequestContext,
        operation: &str,
    ) -> S3Result {
        let writes = matches!(
            operation,
            "PutObject" | "CopyObject" | "CreateMultipartUpload"
        );
        if writes && request_context.header("x-amz-tagging").is_some() {
            self.judge(Ask {
                action: "s3:PutObjectTagging",
                ..ask
            })?;
        }
        if writes && request_context.sets_acl() {
            self.judge(Ask {
                action: "s3:PutObjectAcl",
                ..ask
            })?;
        }
        if request_context.header("x-amz-bypass-governance-retention") == Some("true") {
            self.judge(Ask {
                action: "s3:BypassGovernanceRetention",
                ..ask
            })?;
        }
        if operation == "GetObjectAttributes" {
            let action = if request_context.names_version() {
                "s3:GetObjectVersion"
            } else {
                "s3:GetObject"
            };
            self.judge(Ask { action, ..ask })?;
        }
        if let Some(source) = request_context.copy_source() {
            self.judge_annotations(ask, &source)?;
            self.judge(Ask {
                action: if source.of_version {
                    "s3:GetObjectVersion"
                } else {
                    "s3:GetObject"
                },
                bucket: Some(&source.bucket),
                key: Some(&source.key),
                ..ask
            })?;
        }
        Ok(())
    }

    /// Copying an object that has annotations needs the permission to read them there and to write them here.
    fn judge_annotations(&self, ask: Ask<'_>, source: &CopySource) -> S3Result {
        let has_some = self.backend.store.read(&source.bucket, |bucket| {
            let current = bucket.keys.current(&source.key);
            let object = current.as_ref().and_then(super::store::Version::object);
            Ok(object.is_some_and(|object| !object.annotations.is_empty()))
        });
        if !has_some.unwrap_or(false) {
            return Ok(());
        }
        self.judge(Ask {
            action: "s3:GetObjectAnnotation",
            bucket: Some(&source.bucket),
            key: Some(&source.key),
            ..ask
        })?;
        self.judge(Ask {
            action: "s3:PutObjectAnnotation",
            ..ask
        })
    }

    fn check_acl_headers(&self, ask: Ask<'_>, request_context: &RequestContext) -> S3Result {
        let (Some(bucket), Some(_), true) = (ask.bucket, ask.key, request_context.sets_acl())
        else {
            return Ok(());
        };
        self.backend.store.read(bucket, |bucket| {
            let owner_keeps_control =
                request_context.header("x-amz-acl") == Some("bucket-owner-full-control");
            if bucket.configuration.acls_are_off() && !owner_keeps_control {
                return Err(acls_off());
            }
            refuse_public_acl(&bucket.configuration, request_context.asks_for_public_acl())
        })
    }

    fn judge(&self, ask: Ask<'_>) -> S3Result {
        if let Caller::User(user) = ask.caller
            && user.lacks(ask.action, ask.bucket)
        {
            return Err(ask.denied("because no identity-based policy allows the", "action"));
        }
        let Some(bucket) = ask.bucket else {
            ask.users_only()?;
            return ask.by_own_policies(false);
        };
        if self.backend.defects.has(Defect::AnyoneMay) {
            return Ok(());
        }
        if ask.action == "s3:CreateBucket" {
            return ask.users_only();
        }
        let verdict = self
            .backend
            .store
            .read(bucket, |bucket| Ok(ask.judged_by(bucket)));
        // A bucket that is not there has nothing to hide: its operation says so.
        verdict.unwrap_or(Ok(()))
    }
}

impl Ask<'_> {
    fn users_only(&self) -> S3Result {
        match self.caller {
            Caller::User(_) => Ok(()),
            Caller::Anonymous => Err(s3_error!(AccessDenied)),
        }
    }

    fn judged_by(&self, bucket: &Bucket) -> S3Result {
        let configuration = &bucket.configuration;
        match self.decided_by_policy(bucket) {
            Decision::Deny => {
                return Err(self.denied(
                    "with an explicit deny in a resource-based policy for the",
                    "action",
                ));
            }
            Decision::Allow if matches!(self.caller, Caller::Anonymous) => {
                // Restricting public buckets takes back what a public policy grants outside the account.
                let is_taken_back = configuration.blocks(|block| block.restrict_public_buckets)
                    && configuration
                        .policy
                        .as_ref()
                        .is_some_and(super::policy::Policy::is_public);
                if !is_taken_back {
                    return Ok(());
                }
            }
            Decision::Allow | Decision::Silent | Decision::Unknown => {}
        }
        match self.caller {
            Caller::User(_) => {
                let by_policy = bucket.configuration.policy.as_ref();
                self.by_own_policies(by_policy.is_some_and(|policy| {
                    self.asks(bucket, |request| policy.allows_itself(request))
                }))
            }
            Caller::Anonymous if self.granted_by_acl(bucket) => Ok(()),
            Caller::Anonymous => Err(s3_error!(AccessDenied)),
        }
    }

    /// What the policies of a role session say, whose word is needed where the bucket policy does not grant it to the
    /// session itself.
    fn by_own_policies(&self, is_granted: bool) -> S3Result {
        let Caller::User(user) = self.caller else {
            return Ok(());
        };
        let context: Context = self.context.iter().cloned().collect();
        let decision = user.decided(&Request {
            caller: &self.caller.for_policies(self.canonical.to_owned()),
            action: self.action,
            resource: &self.resource(),
            context: &context,
        });
        match decision {
            Some(Decision::Deny) => Err(self.denied(
                "with an explicit deny in an identity-based policy for the",
                "action",
            )),
            Some(Decision::Silent | Decision::Unknown) if !is_granted => {
                Err(self.denied("because no identity-based policy allows the", "action"))
            }
            _ => Ok(()),
        }
    }

    fn decided_by_policy(&self, bucket: &Bucket) -> Decision {
        let Some(policy) = &bucket.configuration.policy else {
            return Decision::Silent;
        };
        self.asks(bucket, |request| policy.decide(request))
    }

    /// Asks something of the request as policies see it.
    fn asks<T>(&self, bucket: &Bucket, ask: impl Fn(&Request<'_>) -> T) -> T {
        let object = self.key.and_then(|key| bucket.keys.current(key));
        let object = object.as_ref().and_then(super::store::Version::object);
        let tags = object.into_iter().flat_map(|object| &object.tags);
        let tags = tags.map(|(key, value)| (format!("s3:ExistingObjectTag/{key}"), value.clone()));
        let context: Context = self.context.iter().cloned().chain(tags).collect();
        ask(&Request {
            caller: &self.caller.for_policies(self.canonical.to_owned()),
            action: self.action,
            resource: &self.resource(),
            context: &context,
        })
    }

    fn granted_by_acl(&self, bucket: &Bucket) -> bool {
        let configuration = &bucket.configuration;
        if configuration.acls_are_off() || configuration.blocks(|block| block.ignore_public_acls) {
            return false;
        }
        let bucket_grants = |permission| grants_to_everyone(configuration.acl.as_ref(), permission);
        let object_grants = |permission| {
            let current = self.key.and_then(|key| bucket.keys.current(key));
            let object = current.as_ref().and_then(super::store::Version::object);
            grants_to_everyone(object.and_then(|object| object.acl.as_deref()), permission)
        };
        match self.action {
            "s3:ListBucket" | "s3:ListBucketVersions" | "s3:ListBucketMultipartUploads" => {
                bucket_grants("READ")
            }
            "s3:PutObject" | "s3:DeleteObject" => bucket_grants("WRITE"),
            "s3:GetBucketAcl" => bucket_grants("READ_ACP"),
            "s3:PutBucketAcl" => bucket_grants("WRITE_ACP"),
            "s3:GetObject" | "s3:GetObjectVersion" => object_grants("READ"),
            "s3:GetObjectAcl" | "s3:GetObjectVersionAcl" => object_grants("READ_ACP"),
            "s3:PutObjectAcl" | "s3:PutObjectVersionAcl" => object_grants("WRITE_ACP"),
            _ => false,
        }
    }

    fn resource(&self) -> String {
        match (self.bucket, self.key) {
            (None, _) => "*".to_owned(),
            (Some(bucket), None) => format!("arn:aws:s3:::{bucket}"),
            (Some(bucket), Some(key)) => format!("arn:aws:s3:::{bucket}/{key}"),
        }
    }

    /// AWS's own words, which name user, action and resource; an anonymous caller learns nothing.
    fn denied(&self, why: &str, of_what: &str) -> s3s::S3Error {
        let Caller::User(user) = self.caller else {
            return s3_error!(AccessDenied);
        };
        s3_error!(
            AccessDenied,
            "User: {} is not authorized to perform: {action} on resource: \"{}\" {why} {action} {of_what}",
            user.arn(),
            self.resource(),
            action = self.action,
        )
    }
}

fn is_absent(bucket: &Bucket, key: &str) -> bool {
    bucket
        .keys
        .current(key)
        .is_none_or(|version| version.is_delete_marker())
}

fn acls_off() -> s3s::S3Error {
    s3_error!(
        AccessControlListNotSupported,
        "The bucket does not allow ACLs"
    )
}

fn refuse_public_acl(configuration: &BucketConfiguration, public: bool) -> S3Result {
    if public && configuration.blocks(|block| block.block_public_acls) {
        return Err(s3_error!(AccessDenied));
    }
    Ok(())
}

impl RequestContext {
    fn action(&self, permission: Permission) -> &'static str {
        if permission.scope == Scope::Object && self.names_version() {
            permission.of_version
        } else {
            permission.action
        }
    }
}
