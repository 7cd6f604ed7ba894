//! AWS IAM, as far as explaining an access asks it: the policies of roles and users.
//!
//! Only the reading half of the query protocol, by GET, and signed in the headers. The users of the sandbox have one managed policy, which allows everything; roles have what they were given.

use std::fmt::Write as _;
use std::sync::Arc;

use hyper::{Method, StatusCode, Uri};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use s3s::{HttpRequest, HttpResponse};

use super::answer;
use super::cloudwatch::signature;
use super::identity::{Identities, Identity};
use super::operation::Target;
use super::store::Backend;

/// What can be asked.
const OPERATIONS: [&str; 10] = [
    "GetRole",
    "ListRolePolicies",
    "GetRolePolicy",
    "ListAttachedRolePolicies",
    "GetUser",
    "ListUserPolicies",
    "ListAttachedUserPolicies",
    "ListGroupsForUser",
    "GetPolicy",
    "GetPolicyVersion",
];

const EVERYTHING: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const EVERYTHING_DOCUMENT: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

/// The name of IAM in a credential scope.
const SERVICE: &str = "iam";

/// Why a request is not answered.
struct Refused {
    status: StatusCode,
    code: &'static str,
    message: String,
}

/// Answers IAM requests.
pub(super) struct Iam(pub(super) Arc<Identities>);

/// Whether a request is for IAM rather than for S3: a GET of the root that names an action.
pub(super) fn is_iam(method: &Method, uri: &Uri) -> bool {
    method == Method::GET && uri.path() == "/" && parameter(uri, "Action").is_some()
}

/// What such a request asks for: nothing of a bucket.
pub(super) fn target(uri: &Uri) -> Target {
    let name = parameter(uri, "Action").unwrap_or_default();
    let operation = OPERATIONS.into_iter().find(|known| *known == name);
    Target {
        operation: operation.unwrap_or("Unknown"),
        bucket: None,
        key: None,
        virtual_hosted: false,
        query: Vec::new(),
        unanswerable: None,
    }
}

fn parameter(uri: &Uri, name: &str) -> Option<String> {
    let mut pairs = uri
        .query()?
        .split('&')
        .filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(key, _)| *key == name)?;
    Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
}

impl Iam {
    /// Answers a request.
    pub(super) fn answer(&self, request: HttpRequest) -> HttpResponse {
        let (head, _) = request.into_parts();
        let signed = match signature::verify(&head, b"", &self.0, SERVICE) {
            Ok(signed) => signed,
            Err(refusal) => return refusal.as_of_s3(),
        };
        match self.carry_out(signed.user, &head.uri) {
            Ok(document) => answer::xml(StatusCode::OK, document),
            Err(refused) => answer::error(refused.status, refused.code, &refused.message),
        }
    }

    fn carry_out(&self, caller: &Identity, uri: &Uri) -> Result<String, Refused> {
        let operation = target(uri).operation;
        let action = format!("iam:{operation}");
        if caller.lacks(&action, None) || !caller.may(&action, "*") {
            return Err(Refused {
                status: StatusCode::FORBIDDEN,
                code: "AccessDenied",
                message: format!(
                    "User: {} is not authorized to perform: {action}",
                    caller.arn()
                ),
            });
        }
        let asked = |name: &str| parameter(uri, name).unwrap_or_default();
        let holder = match operation {
            "GetPolicy" | "GetPolicyVersion" => None,
            _ => Some(self.holder(operation, &asked)?),
        };
        let result = match (operation, holder) {
            ("GetRole" | "GetUser", Some(holder)) => entity(holder),
            ("ListRolePolicies" | "ListUserPolicies", Some(holder)) => {
                let names = inline(holder).iter();
                let members = names.map(|(name, _)| format!("<member>{name}</member>"));
                format!(
                    "<PolicyNames>{}</PolicyNames><IsTruncated>false</IsTruncated>",
                    members.collect::<String>()
                )
            }
            ("ListAttachedRolePolicies" | "ListAttachedUserPolicies", Some(holder)) => {
                let members = attached(holder).into_iter().map(|arn| {
                    let name = arn.rsplit('/').next().unwrap_or_default().to_owned();
                    format!(
                        "<member><PolicyName>{name}</PolicyName><PolicyArn>{arn}</PolicyArn></member>"
                    )
                });
                format!(
                    "<AttachedPolicies>{}</AttachedPolicies><IsTruncated>false</IsTruncated>",
                    members.collect::<String>()
                )
            }
            ("ListGroupsForUser", _) => "<Groups/><IsTruncated>false</IsTruncated>".to_owned(),
            ("GetRolePolicy", Some(holder)) => {
                let name = asked("PolicyName");
                let mut all = inline(holder).iter();
                let (_, document) = all
                    .find(|(known, _)| *known == name)
                    .ok_or_else(|| no_such("policy", &name))?;
                format!(
                    "<PolicyName>{name}</PolicyName><PolicyDocument>{}</PolicyDocument>",
                    encoded(document)
                )
            }
            ("GetPolicy", _) => {
                let arn = asked("PolicyArn");
                self.managed(&arn)?;
                format!("<Policy><Arn>{arn}</Arn><DefaultVersionId>v1</DefaultVersionId></Policy>")
            }
            ("GetPolicyVersion", _) => {
                let document = self.managed(&asked("PolicyArn"))?;
                format!(
                    "<PolicyVersion><Document>{}</Document><VersionId>v1</VersionId></PolicyVersion>",
                    encoded(&document)
                )
            }
            _ => {
                return Err(Refused {
                    status: StatusCode::BAD_REQUEST,
                    code: "InvalidAction",
                    message: format!("Could not find operation {}", asked("Action")),
                });
            }
        };
        Ok(format!(
            "<{operation}Response xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><{operation}Result>{result}\
             </{operation}Result><ResponseMetadata><RequestId>sandbox</RequestId></ResponseMetadata></{operation}Response>"
        ))
    }

    fn holder(
        &self,
        operation: &str,
        asked: &dyn Fn(&str) -> String,
    ) -> Result<&Identity, Refused> {
        let (is_role, parameter) = if operation.contains("Role") {
            (true, "RoleName")
        } else {
            (false, "UserName")
        };
        let name = asked(parameter);
        let mut all = self.0.all();
        all.find(|one| one.user == name && one.role.is_some() == is_role)
            .ok_or_else(|| no_such(if is_role { "role" } else { "user" }, &name))
    }

    /// The document of a managed policy.
    fn managed(&self, arn: &str) -> Result<String, Refused> {
        if arn == EVERYTHING {
            return Ok(EVERYTHING_DOCUMENT.to_owned());
        }
        let roles = self.0.all().filter_map(|one| one.role.as_ref());
        for role in roles {
            let attached = role.attached.iter();
            let boundary = role.boundary.iter();
            let mut named = attached
                .map(|(name, document)| (managed_arn(name), document))
                .chain(boundary.map(|document| (boundary_arn(&role.name), document)));
            if let Some((_, document)) = named.find(|(known, _)| known == arn) {
                return Ok(document.clone());
            }
        }
        Err(no_such("policy", arn))
    }
}

fn managed_arn(name: &str) -> String {
    format!("arn:aws:iam::{}:policy/{name}", Backend::ACCOUNT_ID)
}

fn boundary_arn(role: &str) -> String {
    managed_arn(&format!("{role}-boundary"))
}

fn entity(holder: &Identity) -> String {
    let Some(role) = &holder.role else {
        return format!(
            "<User><UserName>{}</UserName><Arn>{}</Arn></User>",
            holder.user,
            holder.arn()
        );
    };
    let mut text = format!(
        "<Role><RoleName>{}</RoleName><Arn>{}</Arn>",
        role.name,
        holder.principal_arn()
    );
    if role.boundary.is_some() {
        let _ = write!(
            text,
            "<PermissionsBoundary><PermissionsBoundaryType>Policy</PermissionsBoundaryType>\
             <PermissionsBoundaryArn>{}</PermissionsBoundaryArn></PermissionsBoundary>",
            boundary_arn(&role.name)
        );
    }
    text + "</Role>"
}

fn inline(holder: &Identity) -> &[(String, String)] {
    holder.role.as_ref().map_or(&[], |role| &role.inline)
}

fn attached(holder: &Identity) -> Vec<String> {
    match &holder.role {
        None => vec![EVERYTHING.to_owned()],
        Some(role) => role
            .attached
            .iter()
            .map(|(name, _)| managed_arn(name))
            .collect(),
    }
}

fn encoded(document: &str) -> String {
    utf8_percent_encode(document, NON_ALPHANUMERIC).to_string()
}

fn no_such(what: &str, name: &str) -> Refused {
    Refused {
        status: StatusCode::NOT_FOUND,
        code: "NoSuchEntity",
        message: format!("The {what} with name {name} cannot be found."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iam_is_a_get_of_the_root_that_names_an_action() {
        let uri: Uri = "/?Action=GetRole&RoleName=a%2Bb".parse().unwrap();
        assert!(is_iam(&Method::GET, &uri));
        assert!(!is_iam(&Method::POST, &uri));
        assert!(!is_iam(&Method::GET, &"/?prefix=Action".parse().unwrap()));
        assert!(!is_iam(&Method::GET, &"/b?Action=x".parse().unwrap()));
        assert_eq!(parameter(&uri, "RoleName").unwrap(), "a+b");
        assert_eq!(target(&uri).operation, "GetRole");
    }
}
