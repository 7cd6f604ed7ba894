//! The HTTP client of every SDK client: rustls with ring, and proxies from the environment.

use std::net::IpAddr;

use aws_sdk_s3::config::{RuntimeComponents, SharedHttpClient};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, default_async_sleep};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;

use super::connect::misconfigured;
use super::problem::Problem;
use crate::domain::advice::advice;

/// Many listing requests run at once, and each idle connection saves a TLS handshake.
const IDLE_CONNECTIONS: usize = 64;

/// A client without a proxy. It is cheap, because certificates are only read for the first connection.
pub(super) fn direct() -> Result<SharedHttpClient, Problem> {
    with_proxy(ProxyConfig::disabled())
}

/// A client that follows `HTTPS_PROXY` and similar variables, except for loopback and link-local addresses. Such an
/// address means this computer, as an endpoint or as a source of credentials, but a proxy would reach something else.
pub(super) fn by_destination() -> Result<SharedHttpClient, Problem> {
    Ok(SharedHttpClient::new(ByDestination {
        direct: direct()?,
        proxied: with_proxy(ProxyConfig::from_env())?,
    }))
}

#[derive(Debug)]
struct ByDestination<T> {
    direct: T,
    proxied: T,
}

impl HttpClient for ByDestination<SharedHttpClient> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(ByDestination {
            direct: self.direct.http_connector(settings, components),
            proxied: self.proxied.http_connector(settings, components),
        })
    }
}

impl HttpConnector for ByDestination<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if is_near(request.uri()) {
            self.direct.call(request)
        } else {
            self.proxied.call(request)
        }
    }
}

/// A connector for requests without an SDK client.
pub(super) fn bare(settings: &HttpConnectorSettings) -> Result<SharedHttpConnector, Problem> {
    let tls = tls_context()?;
    let with = |proxy| {
        let sleep = default_async_sleep();
        SharedHttpConnector::new(connector(proxy, &tls, Some(settings), sleep))
    };
    Ok(SharedHttpConnector::new(ByDestination {
        direct: with(ProxyConfig::disabled()),
        proxied: with(ProxyConfig::from_env()),
    }))
}

fn with_proxy(proxy: ProxyConfig) -> Result<SharedHttpClient, Problem> {
    let tls = tls_context()?;
    Ok(
        Builder::new().build_with_connector_fn(move |settings, components| {
            let sleep = components.and_then(RuntimeComponents::sleep_impl);
            connector(proxy.clone(), &tls, settings, sleep)
        }),
    )
}

fn connector(
    proxy: ProxyConfig,
    tls: &TlsContext,
    settings: Option<&HttpConnectorSettings>,
    sleep: Option<SharedAsyncSleep>,
) -> Connector {
    let mut builder = Connector::builder()
        .pool_max_idle_per_host(IDLE_CONNECTIONS)
        .proxy_config(proxy);
    builder.set_connector_settings(settings.cloned());
    builder.set_sleep_impl(sleep);
    builder
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(tls.clone())
        .build()
}

/// `AWS_CA_BUNDLE`, as in the AWS CLI: certificates to trust in addition to the system's.
fn tls_context() -> Result<TlsContext, Problem> {
    let Some(path) = std::env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty()) else {
        return Ok(TlsContext::default());
    };
    let shown = path.to_string_lossy();
    let pem = std::fs::read(&path).map_err(|error| {
        misconfigured(
            "read the certificates in",
            &shown,
            &error.to_string(),
            advice!("correct or unset AWS_CA_BUNDLE"),
        )
    })?;
    TlsContext::builder()
        .with_trust_store(TrustStore::default().with_pem_certificate(pem))
        .build()
        .map_err(|error| {
            misconfigured(
                "use the certificates in",
                &shown,
                &error.to_string(),
                advice!("AWS_CA_BUNDLE has to name a file of PEM certificates"),
            )
        })
}

/// Checks that an endpoint is an `http` or `https` URL with a host. A URL with user or password is rejected and not
/// repeated in the error: the SDK would log it, and S3 does not use it.
pub(super) fn checked_endpoint(url: &str) -> Result<&str, Problem> {
    if let Some((_, host)) = url.rsplit_once('@') {
        return Err(misconfigured(
            "use the endpoint at",
            host,
            "its URL holds a user or a password",
            advice!(
                "give it like http://127.0.0.1:9000, and credentials by a profile or AWS_ACCESS_KEY_ID"
            ),
        ));
    }
    let why = match host_of(url) {
        None => "it does not begin with http:// or https://",
        Some("") => "it has no host",
        Some(host) if host.contains(|c: char| c.is_whitespace() || c.is_control()) => {
            "its host holds a space"
        }
        Some(_) => return Ok(url),
    };
    Err(misconfigured(
        "use the endpoint",
        url,
        why,
        advice!("give it like http://127.0.0.1:9000"),
    ))
}

/// Whether the URL's host is a loopback or link-local address, where metadata services are.
fn is_near(url: &str) -> bool {
    host_of(url).is_some_and(|host| {
        host.eq_ignore_ascii_case("localhost")
            || match host.trim_matches(['[', ']']).parse::<IpAddr>() {
                Ok(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_link_local(),
                Ok(IpAddr::V6(ip)) => {
                    // EC2 and EKS have their services under fd00:ec2::/32 in IPv6-only networks.
                    ip.is_loopback()
                        || ip.is_unicast_link_local()
                        || ip.segments().starts_with(&[0xfd00, 0x0ec2])
                }
                Err(_) => false,
            }
    })
}

/// The host of a URL, without user, port and path. An IPv6 address keeps its brackets.
fn host_of(url: &str) -> Option<&str> {
    let rest = url
        .strip_prefix("http://")
        .or_else(|| url.strip_prefix("https://"))?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    if host.starts_with('[') {
        return Some(host.split_inclusive(']').next().unwrap_or(host));
    }
    host.split(':').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_an_http_url_with_a_host() {
        for good in [
            "http://127.0.0.1:9000",
            "https://s3.example.org",
            "http://[::1]:8333/",
        ] {
            assert_eq!(checked_endpoint(good).unwrap(), good);
        }
        for bad in [
            "",
            "127.0.0.1:9000",
            "ftp://x",
            "http://",
            "https:///b",
            "http://a b",
        ] {
            let problem = checked_endpoint(bad).unwrap_err();
            assert!(problem.advice.contains("http://"), "{bad}");
        }
    }

    #[test]
    fn an_endpoint_with_a_password_is_refused_without_being_repeated() {
        for url in [
            "http://user:pass-word@h:9000",
            "https://pass-word@h",
            "http://user:pass-word/@h",
            "user:pass-word@h",
        ] {
            let problem = checked_endpoint(url).unwrap_err();
            assert!(problem.message.contains("a password"), "{problem}");
            assert!(!format!("{problem:?}").contains("pass-word"), "{problem:?}");
        }
    }

    #[test]
    fn this_computer_and_its_link_are_told_from_the_rest() {
        for yes in [
            "http://127.0.0.1:9000/",
            "http://localhost",
            "https://[::1]:1",
            "http://169.254.170.2/v2/credentials",
            "http://169.254.170.23/v1/credentials",
            "http://[fd00:ec2::23]/v1/credentials",
            "http://[fe80::1]/",
        ] {
            assert!(is_near(yes), "{yes}");
        }
        for no in [
            "http://localhost.example.org",
            "https://s3.amazonaws.com",
            "http://10.0.0.1",
            "http://[fd00::1]",
        ] {
            assert!(!is_near(no), "{no}");
        }
    }
}
