//! Splits a URL without normalizing it, and parses its query as the services do.

use percent_encoding::percent_decode_str;

use super::{Kind, NotAUrl};

/// The parts of a URL.
pub(super) struct Pieces<'u> {
    pub is_plain_http: bool,
    /// Host and port, without user and password.
    pub authority: &'u str,
    /// The path as sent, with its leading slash.
    pub path: &'u str,
    /// The parameters, in order.
    pub parameters: Vec<Parameter<'u>>,
}

/// A query parameter.
pub(super) struct Parameter<'u> {
    pub name: String,
    /// The value, decoded once.
    pub value: String,
    /// The value as written.
    pub raw: &'u str,
}

/// The parameters of all signature types, in lower case.
const OF_SIGNATURES: [&str; 14] = [
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-signedheaders",
    "x-amz-signature",
    "x-amz-security-token",
    "awsaccesskeyid",
    "signature",
    "expires",
    "policy",
    "key-pair-id",
    "hash-algorithm",
    "x-amz-content-sha256",
];

impl<'u> Pieces<'u> {
    pub(super) fn of(text: &'u str) -> Result<Self, NotAUrl> {
        if text.is_empty() {
            return Err(NotAUrl::Empty);
        }
        let (scheme, rest) = text.split_once("://").ok_or(NotAUrl::Scheme)?;
        let is_plain_http = match scheme.to_ascii_lowercase().as_str() {
            "http" => true,
            "https" => false,
            _ => return Err(NotAUrl::Scheme),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
        let at = before.find('/').unwrap_or(before.len());
        let (authority, path) = before.split_at(at);
        let authority = authority.rsplit('@').next().unwrap_or_default();
        if authority.is_empty() || authority.starts_with(':') {
            return Err(NotAUrl::Host);
        }
        let parameters = query
            .split('&')
            .filter(|parameter| !parameter.is_empty())
            .map(|parameter| {
                let (name, raw) = parameter.split_once('=').unwrap_or((parameter, ""));
                Parameter {
                    name: decoded(name),
                    value: decoded(raw),
                    raw,
                }
            })
            .collect();
        Ok(Self {
            is_plain_http,
            authority,
            path,
            parameters,
        })
    }

    /// The host in lower case, without the port.
    pub(super) fn host(&self) -> String {
        let host = match self.authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
            _ => self.authority,
        };
        host.to_ascii_lowercase()
    }

    /// The first parameter with exactly this name.
    pub(super) fn get(&self, name: &str) -> Option<&Parameter<'u>> {
        self.parameters
            .iter()
            .find(|parameter| parameter.name == name)
    }

    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.get(name).map(|parameter| parameter.value.as_str())
    }

    /// Every parameter with this name, ignoring case.
    pub(super) fn all<'p>(&'p self, name: &'p str) -> impl Iterator<Item = &'p Parameter<'u>> {
        self.parameters
            .iter()
            .filter(move |parameter| parameter.name.eq_ignore_ascii_case(name))
    }

    fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    pub(super) fn kind(&self) -> Kind {
        if ["X-Amz-Signature", "X-Amz-Credential", "X-Amz-Algorithm"]
            .iter()
            .any(|name| self.has(name))
        {
            Kind::Version4
        } else if self.has("Key-Pair-Id") && self.has("Policy") {
            Kind::CloudFrontCustom
        } else if self.has("Key-Pair-Id") {
            Kind::CloudFrontCanned
        } else if self.has("AWSAccessKeyId") {
            Kind::Version2
        } else {
            Kind::Unsigned
        }
    }

    pub(super) fn kind_is_cloudfront(&self) -> bool {
        matches!(self.kind(), Kind::CloudFrontCanned | Kind::CloudFrontCustom)
    }

    /// The parameters that do not belong to the signature.
    pub(super) fn asked(&self) -> Vec<(String, String)> {
        self.parameters
            .iter()
            .filter(|p| !OF_SIGNATURES.contains(&p.name.to_ascii_lowercase().as_str()))
            .map(|p| (p.name.clone(), p.value.clone()))
            .collect()
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}
