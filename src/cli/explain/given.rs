//! Policies that are given as files.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde_json::Value;

use crate::cli::Failure;
use crate::domain::policy::Policy;
use crate::ops::explain::Named;

/// The most that is read of a file, in bytes: IAM takes some ten thousand characters.
const MOST_BYTES: u64 = 1 << 20;

/// Reads a policy document, bare or as the AWS CLI prints it (`get-role-policy`, `get-policy-version`).
///
/// # Errors
/// It cannot be read, or is no policy of an identity (exit status 2).
pub(super) fn read(file: &Path) -> Result<Named, Failure> {
    let name = file.display().to_string();
    let refused = |why: &str| Failure::usage(format!("could not read the policy {name}: {why}"));
    let mut text = String::new();
    File::open(file)
        .and_then(|file| file.take(MOST_BYTES + 1).read_to_string(&mut text))
        .map_err(|error| refused(&error.to_string()))?;
    if text.len() as u64 > MOST_BYTES {
        return Err(refused("it is larger than any policy"));
    }
    let policy = Policy::parse_of_identity(&bare(&text)).map_err(|why| refused(&why))?;
    Ok(Named { name, policy })
}

/// The document inside an answer of the AWS CLI.
fn bare(text: &str) -> String {
    let Ok(value) = serde_json::from_str::<Value>(text) else {
        return text.to_owned();
    };
    let inside = value
        .get("PolicyDocument")
        .or_else(|| value.get("PolicyVersion")?.get("Document"));
    inside.map_or_else(|| text.to_owned(), Value::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_found_in_what_the_aws_cli_prints() {
        let document = r#"{"Statement":[]}"#;
        for text in [
            document.to_owned(),
            format!(r#"{{"RoleName":"app","PolicyDocument":{document}}}"#),
            format!(r#"{{"PolicyVersion":{{"Document":{document}}}}}"#),
        ] {
            assert_eq!(bare(&text), document);
        }
        assert_eq!(bare("no JSON"), "no JSON");
    }
}
