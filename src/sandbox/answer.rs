//! Answers made in front of s3s, and what every answer carries: request ids, and errors with a message.

use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, SERVER};
use hyper::{Method, StatusCode};
use s3s::{Body, HttpResponse};

/// The Region of the bucket that a request named.
pub(super) const BUCKET_REGION: HeaderName = HeaderName::from_static("x-amz-bucket-region");

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-request-id");
const HOST_ID: HeaderName = HeaderName::from_static("x-amz-id-2");

/// An error as S3 words it: a status, a code and a message in XML.
pub(super) fn error(status: StatusCode, code: &str, message: &str) -> HttpResponse {
    error_with(status, code, message, &[])
}

/// An error with more elements than code and message.
pub(super) fn error_with(
    status: StatusCode,
    code: &str,
    message: &str,
    details: &[(&str, &str)],
) -> HttpResponse {
    let mut document = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>{}</Message>",
        escape(message)
    );
    for (name, value) in details {
        document += &element(name, &escape(value));
    }
    document.push_str("</Error>");
    xml(status, document)
}

/// An element with text that is escaped already.
fn element(name: &str, text: &str) -> String {
    format!("<{name}>{text}</{name}>")
}

/// An XML document as an answer.
pub(super) fn xml(status: StatusCode, document: String) -> HttpResponse {
    let mut answer = HttpResponse::new(Body::from(document));
    *answer.status_mut() = status;
    let content_type = HeaderValue::from_static("application/xml");
    answer.headers_mut().insert(CONTENT_TYPE, content_type);
    answer
}

/// Text as XML carries it between tags.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// The ids under which AWS would look a request up.
#[derive(Debug, Clone)]
pub(super) struct RequestId {
    request: String,
    host: String,
}

impl RequestId {
    /// The `number`th request of this endpoint.
    pub(super) fn new(number: u64) -> Self {
        Self {
            request: format!("{number:016X}"),
            host: format!("sandbox-{number}"),
        }
    }

    /// The id of the request.
    pub(super) fn request(&self) -> &str {
        &self.request
    }

    /// The second id.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// Puts the ids on an answer, completes an error and takes the body off the answer to a HEAD.
    pub(super) fn sign(&self, answer: HttpResponse, method: &Method) -> HttpResponse {
        let (mut head, body) = answer.into_parts();
        for (name, value) in [(REQUEST_ID, &self.request), (HOST_ID, &self.host)] {
            if let Ok(value) = HeaderValue::from_str(value) {
                head.headers.insert(name, value);
            }
        }
        head.headers
            .insert(SERVER, HeaderValue::from_static("s3warden-sandbox"));
        let failed = head.status.as_u16() >= 300;
        let body = if failed && method == Method::HEAD {
            // HEAD tells an error by its status alone, and the SDKs have to cope with that.
            head.headers.remove(CONTENT_TYPE);
            head.headers.remove(CONTENT_LENGTH);
            Body::empty()
        } else if failed {
            self.complete(body, &mut head.headers)
        } else {
            body
        };
        HttpResponse::from_parts(head, body)
    }

    /// s3s leaves out the message of an error raised by its code alone, and the ids of them all.
    fn complete(&self, body: Body, headers: &mut HeaderMap) -> Body {
        let document = body
            .bytes()
            .and_then(|bytes| String::from_utf8(bytes.to_vec()).ok());
        let Some(document) = document else {
            return body;
        };
        let Some(start) = document.strip_suffix("</Error>") else {
            return body;
        };
        let mut completed = start.to_owned();
        if !start.contains("<Message>")
            && let Some(message) = between(start, "<Code>", "</Code>").and_then(usual_message)
        {
            completed += &element("Message", message);
        }
        if !start.contains("<RequestId>") {
            completed += &element("RequestId", &self.request);
            completed += &element("HostId", &self.host);
        }
        completed.push_str("</Error>");
        headers.remove(CONTENT_LENGTH);
        Body::from(completed)
    }
}

/// The text between the first `start` and the `end` after it.
pub(super) fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(found, _)| found)
}

/// S3's own words for the errors that are raised by their code alone.
pub(super) fn usual_message(code: &str) -> Option<&'static str> {
    Some(match code {
        "AccessDenied" => "Access Denied",
        "BucketAlreadyExists" => "The requested bucket name is not available.",
        "BucketAlreadyOwnedByYou" => {
            "Your previous request to create the named bucket succeeded and you already own it."
        }
        "BucketNotEmpty" => "The bucket you tried to delete is not empty",
        "EntityTooLarge" => "Your proposed upload exceeds the maximum allowed size",
        "EntityTooSmall" => "Your proposed upload is smaller than the minimum allowed size",
        "IncompleteBody" => {
            "You did not provide the number of bytes specified by the Content-Length HTTP header."
        }
        "InvalidArgument" => "Invalid Argument",
        "InvalidBucketName" => "The specified bucket is not valid.",
        "InvalidObjectState" => "The operation is not valid for the object's storage class",
        "InvalidPart" => "One or more of the specified parts could not be found.",
        "InvalidPartOrder" => "The list of parts was not in ascending order.",
        "InvalidRange" => "The requested range is not satisfiable",
        "InvalidRequest" => "Invalid Request",
        "InvalidURI" => "Couldn't parse the specified URI.",
        "KeyTooLongError" => "Your key is too long",
        "MalformedXML" => {
            "The XML you provided was not well-formed or did not validate against our published schema"
        }
        "MethodNotAllowed" => "The specified method is not allowed against this resource.",
        "MissingContentLength" => "You must provide the Content-Length HTTP header.",
        "NoSuchBucket" => "The specified bucket does not exist",
        "NoSuchKey" => "The specified key does not exist.",
        "NoSuchUpload" => "The specified multipart upload does not exist.",
        "NoSuchVersion" => "The specified version does not exist.",
        "NotImplemented" => "A header you provided implies functionality that is not implemented",
        "PreconditionFailed" => "At least one of the pre-conditions you specified did not hold",
        "SignatureDoesNotMatch" => {
            "The request signature we calculated does not match the signature you provided. Check your key and signing \
             method."
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(answer: &HttpResponse) -> String {
        String::from_utf8(answer.body().bytes().unwrap().to_vec()).unwrap()
    }

    #[test]
    fn an_error_without_words_gets_the_usual_ones_and_the_ids() {
        let bare = xml(
            StatusCode::FORBIDDEN,
            "<Error><Code>AccessDenied</Code></Error>".to_owned(),
        );
        let answer = RequestId::new(10).sign(bare, &Method::GET);
        assert_eq!(
            document(&answer),
            "<Error><Code>AccessDenied</Code><Message>Access Denied</Message>\
             <RequestId>000000000000000A</RequestId><HostId>sandbox-10</HostId></Error>"
        );
        assert_eq!(answer.headers()[REQUEST_ID], "000000000000000A");
    }

    #[test]
    fn the_error_of_a_head_has_no_body() {
        let answer = RequestId::new(1).sign(
            error(StatusCode::NOT_FOUND, "NoSuchKey", "gone"),
            &Method::HEAD,
        );
        assert_eq!(document(&answer), "");
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn what_is_quoted_in_an_error_cannot_break_its_document() {
        let answer = error_with(StatusCode::BAD_REQUEST, "Code", "a<b", &[("Key", "\"&\"")]);
        assert!(
            document(&answer)
                .ends_with("<Message>a&lt;b</Message><Key>&quot;&amp;&quot;</Key></Error>")
        );
    }
}
