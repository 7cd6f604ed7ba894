//! The profiles of the AWS configuration files: whether the one that was asked for exists, and which there are.

use aws_config::profile::ProfileSet;
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};

use super::connect::misconfigured;
use super::problem::Problem;

/// What the files hold.
pub struct Profiles {
    set: ProfileSet,
    /// Whether a profile was named, on the command line or in `AWS_PROFILE`.
    named: Option<String>,
}

/// Reads the files where the environment says they are.
pub async fn load(profile: Option<&str>) -> Result<Profiles, Problem> {
    let named = profile.map(str::to_owned).or_else(|| {
        std::env::var("AWS_PROFILE")
            .ok()
            .filter(|name| !name.is_empty())
    });
    let set = aws_config::profile::load(
        &Fs::default(),
        &Env::default(),
        &EnvConfigFiles::default(),
        None,
    )
    .await
    .map_err(|error| {
        misconfigured(
            "read the AWS configuration files",
            "",
            &super::explain::chain(&error),
            "correct the file it names (~/.aws/config, ~/.aws/credentials, or where AWS_CONFIG_FILE and \
             AWS_SHARED_CREDENTIALS_FILE point)",
        )
    })?;
    Ok(Profiles { set, named })
}

impl Profiles {
    /// Whether the profile that was named exists.
    pub fn check_selected(&self) -> Result<(), Problem> {
        let Some(name) = &self.named else {
            return Ok(());
        };
        if self.set.get_profile(name).is_some() {
            return Ok(());
        }
        let names = self.names();
        let advice = if names.is_empty() {
            "the AWS configuration files hold no profile at all: run `aws configure sso` or `aws configure`, or \
             give credentials in the environment"
                .to_owned()
        } else {
            format!("the profiles that exist are {}", names.join(", "))
        };
        Err(misconfigured(
            "use the profile",
            name,
            "no such profile is configured",
            &advice,
        ))
    }

    /// The name to show: what was named, or `default` when the files have it.
    pub fn selected_name(&self, given: Option<String>) -> Option<String> {
        given.or_else(|| self.named.clone()).or_else(|| {
            self.set
                .get_profile("default")
                .map(|_| "default".to_owned())
        })
    }

    fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.set.profiles().collect();
        names.sort_unstable();
        names
    }
}

/// The names of all profiles in the AWS configuration files, sorted.
///
/// # Errors
/// A [`Problem`] when a file cannot be read.
pub async fn profile_names() -> Result<Vec<String>, Problem> {
    let profiles = load(None).await?;
    Ok(profiles.names().into_iter().map(str::to_owned).collect())
}
