//! The profiles in the AWS configuration files.

use aws_config::profile::ProfileSet;
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};

use super::connect::misconfigured;
use super::problem::Problem;
use crate::domain::advice::advice;

/// The contents of the files.
pub(crate) struct Profiles {
    set: ProfileSet,
    /// The profile from the command line or `AWS_PROFILE`, if any.
    named: Option<String>,
}

/// Reads the files where the environment says they are.
pub(crate) async fn load(profile: Option<&str>) -> Result<Profiles, Problem> {
    load_from(&Fs::default(), &Env::default(), profile).await
}

async fn load_from(fs: &Fs, env: &Env, profile: Option<&str>) -> Result<Profiles, Problem> {
    let named = profile
        .map(str::to_owned)
        .or_else(|| env.get("AWS_PROFILE").ok())
        .filter(|name| !name.is_empty());
    let set = aws_config::profile::load(fs, env, &EnvConfigFiles::default(), None)
        .await
        .map_err(|error| {
            misconfigured(
                "read the AWS configuration files",
                "",
                &super::explain::chain(&error),
                advice!("correct the file it names (~/.aws/config, ~/.aws/credentials, or where AWS_CONFIG_FILE and \
                 AWS_SHARED_CREDENTIALS_FILE point)"),
            )
        })?;
    Ok(Profiles { set, named })
}

impl Profiles {
    /// Checks that the selected profile exists.
    pub(crate) fn check_selected(&self) -> Result<(), Problem> {
        let Some(name) = &self.named else {
            return Ok(());
        };
        if self.set.get_profile(name).is_some() {
            return Ok(());
        }
        let names = self.names();
        let advice = if names.is_empty() {
            advice!(
                "the AWS configuration files hold no profile at all: run `aws configure sso` or `aws configure`, or give credentials in the environment"
            )
        } else {
            advice!("the profiles that exist are {}", names.join(", "))
        };
        Err(misconfigured(
            "use the profile",
            name,
            "no such profile is configured",
            advice,
        ))
    }

    /// The profile name to display: the selected one, or `default` if it exists.
    pub(crate) fn selected_name(&self, given: Option<String>) -> Option<String> {
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
pub(crate) async fn profile_names() -> Result<Vec<String>, Problem> {
    let profiles = load(None).await?;
    Ok(profiles.names().into_iter().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::ProblemKind;

    async fn with_config(text: &str, profile: Option<&str>) -> Result<Profiles, Problem> {
        let fs = Fs::from_slice(&[("/c", text)]);
        let env = Env::from_slice(&[
            ("AWS_CONFIG_FILE", "/c"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/none"),
        ]);
        load_from(&fs, &env, profile).await
    }

    const TWO: &str = "[profile stage]\nregion = eu-west-1\n[profile prod]\nregion = eu-west-1\n";

    #[tokio::test]
    async fn a_missing_profile_is_answered_with_those_that_exist() {
        let profiles = with_config(TWO, Some("nope")).await.unwrap();
        let problem = profiles.check_selected().unwrap_err();
        assert_eq!(problem.kind, ProblemKind::Configuration);
        assert!(problem.to_string().contains("nope"), "{problem}");
        assert!(problem.advice.contains("prod, stage"), "{problem}");
    }

    #[tokio::test]
    async fn without_any_profile_the_advice_is_how_to_make_one() {
        let profiles = with_config("", Some("nope")).await.unwrap();
        let problem = profiles.check_selected().unwrap_err();
        assert!(problem.advice.contains("aws configure"), "{problem}");
    }

    #[tokio::test]
    async fn a_profile_that_exists_and_none_at_all_are_both_fine() {
        for name in [Some("prod"), None] {
            assert!(
                with_config(TWO, name)
                    .await
                    .unwrap()
                    .check_selected()
                    .is_ok()
            );
        }
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_parsed_is_named() {
        let Err(problem) = with_config("[profile x\nregion = 1", None).await else {
            panic!("it was read");
        };
        assert_eq!(problem.kind, ProblemKind::Configuration);
        assert!(problem.message.contains("/c"), "{problem}");
    }
}
