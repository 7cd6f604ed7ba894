//! IAM requests that explaining access needs: the policies of a role or user.
//!
//! They are plain signed GET requests: the query protocol accepts them, a GET cannot change anything, and the IAM SDK
//! would be another large dependency. Responses are small documents of which a few elements are read.

use percent_encoding::percent_decode_str;

use super::signed::{Question, Service, send};
use crate::aws::explain::Call;
use crate::aws::operations::Operation;
use crate::aws::raw::RawAnswer;
use crate::aws::scrub::scrub;
use crate::aws::{Aws, Meter, Problem, ProblemKind, codes, operations};
use crate::domain::advice::advice;
use crate::domain::presign::encode;

/// The version of the API.
const VERSION: &str = "2010-05-08";

/// The maximum number of pages; IAM stores only a few policies of a kind.
const PAGES: usize = 20;

/// A role, user or group with policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Holder {
    /// A role, by its name.
    Role(String),
    /// A user, by their name.
    User(String),
    /// A group, by its name.
    Group(String),
}

/// A role or user in IAM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entity {
    /// Its ARN, with its path.
    pub arn: String,
    /// The ARN of its permissions boundary.
    pub boundary: Option<String>,
}

impl Holder {
    fn name(&self) -> &str {
        match self {
            Self::Role(name) | Self::User(name) | Self::Group(name) => name,
        }
    }

    fn parameter(&self) -> &'static str {
        match self {
            Self::Role(_) => "RoleName",
            Self::User(_) => "UserName",
            Self::Group(_) => "GroupName",
        }
    }

    /// Describes the holder, such as `role app`.
    #[must_use]
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Role(name) => format!("role {name}"),
            Self::User(name) => format!("user {name}"),
            Self::Group(name) => format!("group {name}"),
        }
    }
}

/// Requests a role or user.
///
/// # Errors
/// A [`Problem`], of kind [`ProblemKind::NotFound`] if it does not exist.
pub(crate) async fn entity(aws: &Aws, holder: &Holder, meter: &Meter) -> Result<Entity, Problem> {
    let operation = match holder {
        Holder::Role(_) => &operations::GET_ROLE,
        Holder::User(_) | Holder::Group(_) => &operations::GET_USER,
    };
    let asked = [(holder.parameter(), holder.name())];
    let document = ask(aws, operation, &holder.words(), &asked, meter).await?;
    let arn = element(&document, "Arn").unwrap_or_default();
    Ok(Entity {
        arn,
        boundary: element(&document, "PermissionsBoundaryArn"),
    })
}

/// Requests the names of the inline policies of a role, user or group.
///
/// # Errors
/// A [`Problem`].
pub(crate) async fn inline(
    aws: &Aws,
    holder: &Holder,
    meter: &Meter,
) -> Result<Vec<String>, Problem> {
    let operation = match holder {
        Holder::Role(_) => &operations::LIST_ROLE_POLICIES,
        Holder::User(_) => &operations::LIST_USER_POLICIES,
        Holder::Group(_) => &operations::LIST_GROUP_POLICIES,
    };
    let documents = pages(aws, operation, holder, meter).await?;
    let members = documents.iter().flat_map(|d| elements(d, "member"));
    Ok(members.collect())
}

/// Requests the ARNs of the managed policies attached to a role, user or group.
///
/// # Errors
/// A [`Problem`].
pub(crate) async fn attached(
    aws: &Aws,
    holder: &Holder,
    meter: &Meter,
) -> Result<Vec<String>, Problem> {
    let operation = match holder {
        Holder::Role(_) => &operations::LIST_ATTACHED_ROLE_POLICIES,
        Holder::User(_) => &operations::LIST_ATTACHED_USER_POLICIES,
        Holder::Group(_) => &operations::LIST_ATTACHED_GROUP_POLICIES,
    };
    let documents = pages(aws, operation, holder, meter).await?;
    let arns = documents.iter().flat_map(|d| elements(d, "PolicyArn"));
    Ok(arns.collect())
}

/// Requests the groups of a user.
///
/// # Errors
/// A [`Problem`].
pub(crate) async fn groups(
    aws: &Aws,
    user: &Holder,
    meter: &Meter,
) -> Result<Vec<Holder>, Problem> {
    let documents = pages(aws, &operations::LIST_GROUPS_FOR_USER, user, meter).await?;
    let names = documents.iter().flat_map(|d| elements(d, "GroupName"));
    Ok(names.map(Holder::Group).collect())
}

/// Requests an inline policy of a role, user or group.
///
/// # Errors
/// A [`Problem`].
pub(crate) async fn inline_document(
    aws: &Aws,
    holder: &Holder,
    policy: &str,
    meter: &Meter,
) -> Result<String, Problem> {
    let operation = match holder {
        Holder::Role(_) => &operations::GET_ROLE_POLICY,
        Holder::User(_) => &operations::GET_USER_POLICY,
        Holder::Group(_) => &operations::GET_GROUP_POLICY,
    };
    let asked = [(holder.parameter(), holder.name()), ("PolicyName", policy)];
    let target = format!("{} of {}", policy, holder.words());
    let document = ask(aws, operation, &target, &asked, meter).await?;
    decoded(&document, "PolicyDocument", operation, &target)
}

/// Requests the default version of a managed policy.
///
/// # Errors
/// A [`Problem`].
pub(crate) async fn managed_document(
    aws: &Aws,
    arn: &str,
    meter: &Meter,
) -> Result<String, Problem> {
    let asked = [("PolicyArn", arn)];
    let policy = ask(aws, &operations::GET_POLICY, arn, &asked, meter).await?;
    let version = element(&policy, "DefaultVersionId").unwrap_or_else(|| "v1".to_owned());
    let asked = [("PolicyArn", arn), ("VersionId", version.as_str())];
    let operation = &operations::GET_POLICY_VERSION;
    let document = ask(aws, operation, arn, &asked, meter).await?;
    decoded(&document, "Document", operation, arn)
}

async fn pages(
    aws: &Aws,
    operation: &Operation,
    holder: &Holder,
    meter: &Meter,
) -> Result<Vec<String>, Problem> {
    let mut documents = Vec::new();
    let mut marker: Option<String> = None;
    for _ in 0..PAGES {
        let mut asked = vec![(holder.parameter(), holder.name())];
        asked.extend(marker.as_deref().map(|marker| ("Marker", marker)));
        let document = ask(aws, operation, &holder.words(), &asked, meter).await?;
        marker = element(&document, "Marker")
            .filter(|_| element(&document, "IsTruncated").as_deref() == Some("true"));
        documents.push(document);
        if marker.is_none() {
            return Ok(documents);
        }
    }
    Err(Call::new(operation, holder.words()).failed(
        ProblemKind::Malformed,
        &format!("the list goes on after {PAGES} pages"),
        advice!("give the policies as files"),
    ))
}

/// Sends one request and returns its document.
async fn ask(
    aws: &Aws,
    operation: &Operation,
    target: &str,
    parameters: &[(&str, &str)],
    meter: &Meter,
) -> Result<String, Problem> {
    let call = Call::new(operation, target);
    let mut path = format!("/?Action={}&Version={VERSION}", operation.name);
    for (name, value) in parameters {
        path.push('&');
        path.push_str(name);
        path.push('=');
        path.push_str(&encode::query(value));
    }
    let (address, region) = of_aws(aws.region().as_str());
    let service = Service {
        scope: "iam",
        id: "IAM",
        address,
        region,
        code: |answer| element(&String::from_utf8_lossy(&answer.body), "Code"),
    };
    let question = Question {
        method: "GET",
        path: &path,
        headers: &[],
        body: "",
    };
    let answer = send(aws, &call, &service, &question, meter).await?;
    read(aws, &call, &answer)
}

/// The address of IAM, which is global within a partition, and the Region for the signature.
fn of_aws(region: &str) -> (&'static str, &'static str) {
    if region.starts_with("cn-") {
        ("https://iam.cn-north-1.amazonaws.com.cn", "cn-north-1")
    } else if region.starts_with("us-gov-") {
        ("https://iam.us-gov.amazonaws.com", "us-gov-west-1")
    } else {
        ("https://iam.amazonaws.com", "us-east-1")
    }
}

/// The document of the response, or its error.
fn read(aws: &Aws, call: &Call<'_>, answer: &RawAnswer) -> Result<String, Problem> {
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    let is_iam = text.contains(&format!("<{}Result", call.operation.name));
    if answer.is_success() && is_iam && !answer.is_cut {
        return Ok(text);
    }
    let code =
        element(&text, "Code").filter(|code| code.bytes().all(|b| b.is_ascii_alphanumeric()));
    let said = scrub(&element(&text, "Message").unwrap_or_default());
    let elsewhere = !aws.is_of_aws();
    let is_of_iam = text.contains("<ErrorResponse");
    if elsewhere && !is_of_iam {
        return Err(call.failed(
            ProblemKind::NotSupported,
            "this endpoint does not have IAM",
            advice!("give the policies as files"),
        ));
    }
    let Some(code) = code else {
        return Err(call.failed(
            ProblemKind::Malformed,
            &format!("IAM answered {} and no document of its own", answer.status),
            advice!("try again"),
        ));
    };
    let kind = match (code.as_str(), codes::meaning(&code, &said)) {
        ("NoSuchEntity", _) => ProblemKind::NotFound,
        ("AccessDenied" | "AccessDeniedException", _) => ProblemKind::Denied,
        (_, Some(meaning)) => meaning.kind,
        _ => ProblemKind::Other,
    };
    let advice = match kind {
        ProblemKind::Denied => advice!("ask for {}", call.operation.permission),
        ProblemKind::NotFound => advice!("check the name"),
        _ => advice!("try again"),
    };
    let message = if said.is_empty() { code.clone() } else { said };
    let mut problem = call.failed(kind, &message, advice);
    problem.code = Some(code);
    problem.permission = (kind == ProblemKind::Denied).then_some(call.operation.permission);
    Err(problem)
}

/// A policy in a response: its JSON is URL-encoded.
fn decoded(
    document: &str,
    name: &str,
    operation: &Operation,
    target: &str,
) -> Result<String, Problem> {
    let text = element(document, name);
    let text = text.map(|text| {
        percent_decode_str(&text)
            .decode_utf8()
            .map(std::borrow::Cow::into_owned)
    });
    match text {
        Some(Ok(text)) => Ok(text),
        _ => Err(Call::new(operation, target).failed(
            ProblemKind::Malformed,
            "the answer holds no policy that can be read",
            advice!("try again"),
        )),
    }
}

/// The texts of all elements with this name that contain no other elements.
fn elements(document: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let mut found = Vec::new();
    let mut rest = document;
    while let Some((_, after)) = rest.split_once(&open) {
        let Some((text, after)) = after.split_once(&close) else {
            break;
        };
        if !text.contains('<') {
            let text = quick_xml::escape::unescape(text).map(std::borrow::Cow::into_owned);
            found.extend(text);
        }
        rest = after;
    }
    found
}

fn element(document: &str, name: &str) -> Option<String> {
    elements(document, name).into_iter().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_without_children_are_read() {
        let document =
            "<a><PolicyNames><member>read</member><member>a&amp;b</member></PolicyNames></a>";
        assert_eq!(elements(document, "member"), ["read", "a&b"]);
        assert_eq!(element(document, "PolicyNames"), None);
        assert_eq!(element("<Code>x", "Code"), None);
    }

    #[test]
    fn iam_is_one_for_a_partition() {
        assert_eq!(of_aws("eu-west-1").1, "us-east-1");
        assert_eq!(of_aws("cn-northwest-1").1, "cn-north-1");
        assert!(of_aws("us-gov-east-1").0.contains("us-gov"));
    }

    #[test]
    fn a_policy_is_decoded() {
        let document = "<PolicyDocument>%7B%22Version%22%3A%222012-10-17%22%7D</PolicyDocument>";
        let read = decoded(
            document,
            "PolicyDocument",
            &operations::GET_ROLE_POLICY,
            "x",
        );
        assert_eq!(read.unwrap(), "{\"Version\":\"2012-10-17\"}");
    }
}
