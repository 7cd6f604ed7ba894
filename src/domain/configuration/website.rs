//! Static website hosting.

use serde::Serialize;

use super::Concern;

/// A website.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Website {
    /// The page for folders.
    pub index: Option<String>,
    /// The page for errors.
    pub error: Option<String>,
    /// The host that everything is redirected to.
    pub redirect_all_to: Option<String>,
    /// How many routing rules there are.
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
