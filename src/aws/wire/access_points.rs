//! Access points: operations of S3 Control, sent like those for the account's public access block.
//!
//! The S3 client has no types for their responses. `GetBucketPolicy` returns any document, so that request is
//! redirected to S3 Control, and the document is parsed here.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use quick_xml::escape::unescape;

use super::account::{PLACEHOLDER, ToControl, address, explained, is_id};
use crate::aws::explain::Call;
use crate::aws::operations::Operation;
use crate::aws::shape::root_element;
use crate::aws::{Aws, Meter, Problem, ProblemKind, operations};
use crate::domain::advice::advice;
use crate::domain::configuration::{Policy, PublicAccess};
use crate::domain::{BucketName, Region};

const PATH: &str = "/v20180820/accesspoint";

/// An access point in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    pub name: String,
    pub arn: Option<String>,
    /// Its alias, which can be used instead of a bucket name.
    pub alias: Option<String>,
    /// The VPC to which requests are restricted.
    pub vpc: Option<String>,
}

/// One page of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    /// The access points.
    pub points: Vec<Listed>,
    /// The document from the service.
    pub raw: String,
    /// The token for the next page.
    pub next: Option<String>,
}

/// The account and Region of the access points. Those of this account are in the bucket's Region.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Whose<'a> {
    /// The account's id.
    pub account: &'a str,
    /// The bucket's Region.
    pub region: &'a Region,
}

/// Requests one page of a bucket's access points.
///
/// # Errors
/// A [`Problem`], of kind [`ProblemKind::NotSupported`] if the endpoint has no S3 Control.
pub(crate) async fn list(
    aws: &Aws,
    whose: Whose<'_>,
    bucket: &BucketName,
    token: Option<&str>,
    meter: &Meter,
) -> Result<Page, Problem> {
    let call = Call::on(&operations::LIST_ACCESS_POINTS, bucket, "");
    let token = token.map_or_else(String::new, |token| {
        format!(
            "&nextToken={}",
            utf8_percent_encode(token, NON_ALPHANUMERIC)
        )
    });
    let path = format!("{PATH}?bucket={bucket}{token}");
    let raw = ask(aws, &call, whose, &path, meter).await?;
    let points = raw
        .split("<AccessPoint>")
        .skip(1)
        .map(|rest| {
            let one = rest.split("</AccessPoint>").next().unwrap_or(rest);
            let name = text(one, "Name").ok_or_else(|| unreadable(&call, "a name is missing"))?;
            let is_of_vpc = text(one, "NetworkOrigin").as_deref() == Some("VPC");
            Ok(Listed {
                name,
                arn: text(one, "AccessPointArn"),
                alias: text(one, "Alias"),
                vpc: text(one, "VpcId").or_else(|| is_of_vpc.then(|| "a VPC".to_owned())),
            })
        })
        .collect::<Result<_, Problem>>()?;
    Ok(Page {
        points,
        next: text(&raw, "NextToken"),
        raw,
    })
}

/// Requests the public access block of an access point.
///
/// # Errors
/// A [`Problem`].
pub(crate) async fn block(
    aws: &Aws,
    whose: Whose<'_>,
    name: &str,
    meter: &Meter,
) -> Result<Option<PublicAccess>, Problem> {
    let call = of_point(&operations::GET_ACCESS_POINT, name);
    let raw = ask(aws, &call, whose, &path_of(name, ""), meter).await?;
    let Some(block) = element(&raw, "PublicAccessBlockConfiguration") else {
        return Ok(None);
    };
    let is_on = |switch: &str| element(block, switch) == Some("true");
    Ok(Some(PublicAccess {
        block_public_acls: is_on("BlockPublicAcls"),
        ignore_public_acls: is_on("IgnorePublicAcls"),
        block_public_policy: is_on("BlockPublicPolicy"),
        restrict_public_buckets: is_on("RestrictPublicBuckets"),
    }))
}

/// Requests the policy of an access point.
///
/// # Errors
/// A [`Problem`], of kind [`ProblemKind::NotConfigured`] if it has none.
pub(crate) async fn policy(
    aws: &Aws,
    whose: Whose<'_>,
    name: &str,
    meter: &Meter,
) -> Result<Policy, Problem> {
    let call = of_point(&operations::GET_ACCESS_POINT_POLICY, name);
    let raw = ask(aws, &call, whose, &path_of(name, "/policy"), meter).await?;
    let document = text(&raw, "Policy").unwrap_or_default();
    Policy::parse(&document).map_err(|why| unreadable(&call, &why))
}

/// Requests whether S3 reports the policy of an access point as public.
///
/// # Errors
/// A [`Problem`].
pub(crate) async fn is_public(
    aws: &Aws,
    whose: Whose<'_>,
    name: &str,
    meter: &Meter,
) -> Result<Option<bool>, Problem> {
    let call = of_point(&operations::GET_ACCESS_POINT_POLICY_STATUS, name);
    let raw = ask(aws, &call, whose, &path_of(name, "/policyStatus"), meter).await?;
    Ok(match text(&raw, "IsPublic").as_deref() {
        Some("true" | "TRUE") => Some(true),
        Some("false" | "FALSE") => Some(false),
        _ => None,
    })
}

fn of_point<'c>(operation: &'static Operation, name: &str) -> Call<'c> {
    Call::new(operation, format!("access point {name}"))
}

fn path_of(name: &str, what: &str) -> String {
    let name = utf8_percent_encode(name, super::copying::PLAIN);
    format!("{PATH}/{name}{what}")
}

/// Requests a document from S3 Control.
async fn ask(
    aws: &Aws,
    call: &Call<'_>,
    whose: Whose<'_>,
    path: &str,
    meter: &Meter,
) -> Result<String, Problem> {
    if !is_id(whose.account) {
        return Err(call.failed(
            ProblemKind::NotSupported,
            "this endpoint's accounts have no ids as AWS's have",
            advice!("it has no access points"),
        ));
    }
    let sent = aws
        .s3_in(whose.region)
        .get_bucket_policy()
        .bucket(PLACEHOLDER)
        .customize()
        .interceptor(meter.counting())
        .interceptor(ToControl {
            uri: address(aws, whose.account, whose.region, path),
            account: whose.account.to_owned(),
        })
        .send()
        .await;
    let document = match sent {
        Ok(answer) => answer.policy().unwrap_or_default().to_owned(),
        Err(error) => {
            return Err(explained(
                aws,
                call,
                &error,
                advice!("it has no access points"),
            ));
        }
    };
    let root = root_element(document.as_bytes()).unwrap_or_default();
    if Some(root.as_str()) == call.operation.root {
        return Ok(document);
    }
    let why = format!(
        "the answer is <{}>",
        root.chars().take(40).collect::<String>()
    );
    if aws.is_of_aws() {
        return Err(unreadable(call, &why));
    }
    Err(call.failed(
        ProblemKind::NotSupported,
        &format!("this endpoint does not have S3 Control: {why}"),
        advice!("it has no access points"),
    ))
}

fn unreadable(call: &Call<'_>, why: &str) -> Problem {
    call.failed(
        ProblemKind::Malformed,
        &format!("the answer cannot be read: {why}"),
        advice!("what it would tell stays unknown"),
    )
}

/// The content of the first element with this name.
fn element<'d>(document: &'d str, name: &str) -> Option<&'d str> {
    let (_, rest) = document.split_once(&format!("<{name}>"))?;
    Some(rest.split_once(&format!("</{name}>"))?.0)
}

/// The text of the first element with this name; `None` if it is missing or empty.
fn text(document: &str, name: &str) -> Option<String> {
    let raw = element(document, name)?;
    let text = unescape(raw).ok()?.into_owned();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_as_xml_writes_them() {
        let document = "<R><Policy>{&quot;a&quot;:&quot;&lt;&amp;&quot;}</Policy><Name></Name></R>";
        assert_eq!(text(document, "Policy").as_deref(), Some(r#"{"a":"<&"}"#));
        assert_eq!(text(document, "Name"), None);
        assert_eq!(text(document, "Alias"), None);
    }

    #[test]
    fn a_name_becomes_one_part_of_a_path() {
        assert_eq!(
            path_of("reports", "/policy"),
            "/v20180820/accesspoint/reports/policy"
        );
        assert_eq!(path_of("a?b", ""), "/v20180820/accesspoint/a%3Fb");
    }
}
