//! Static website hosting.

use serde::Serialize;

use super::Concern;

/// A website.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Website {
    /// The index document.
    pub index: Option<String>,
    /// The error document.
    pub error: Option<String>,
    /// The host to which all requests are redirected.
    pub redirect_all_to: Option<String>,
    /// The number of routing rules.
    pub routing_rules: usize,
}

impl Concern for Website {
    const NAME: &'static str = "website";
    const TITLE: &'static str = "Website";
    const NOT_SET: &'static str = "The bucket is no website.";

    fn sentence(&self) -> String {
        match (&self.redirect_all_to, &self.index) {
            (Some(host), _) => format!("Its website endpoint redirects everything to {host}."),
            (None, Some(index)) => {
                format!("The bucket is a website over plain HTTP; folders show {index}.")
            }
            (None, None) => "The bucket is a website over plain HTTP.".to_owned(),
        }
    }
}
