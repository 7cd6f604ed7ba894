//! Reads policies from files.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cli::Failure;
use crate::domain::policy::Policy;
use crate::domain::size::whole;
use crate::ops::explain::Named;

/// The maximum file size in bytes: IAM allows some ten thousand characters.
const MOST_BYTES: u64 = 1 << 20;

/// Reads a policy document, plain or as printed by the AWS CLI (`get-role-policy`, `get-policy-version`).
///
/// # Errors
/// If it is unreadable, or not an identity-based policy (exit status 2).
pub(super) async fn read(file: &Path) -> Result<Named, Failure> {
    let name = file.display().to_string();
    let refused = |why: &str| Failure::usage(format!("could not read the policy {name}: {why}"));
    let text = on_a_thread(file.to_owned())
        .await
        .map_err(|why| refused(&why))?;
    let policy = Policy::parse_of_identity(&bare(&text)).map_err(|why| refused(&why))?;
    Ok(Named { name, policy })
}

/// Reads a file on its own thread, because reading a pipe may block forever. The thread ends with the program at the
/// latest.
async fn on_a_thread(file: PathBuf) -> Result<String, String> {
    let (answer, answered) = tokio::sync::oneshot::channel();
    std::thread::Builder::new()
        .name("read-policy".to_owned())
        .spawn(move || {
            // The receiver may be gone.
            let _ = answer.send(bounded(&file));
        })
        .map_err(|error| error.to_string())?;
    answered
        .await
        .unwrap_or_else(|_| Err("its reader ended too early".to_owned()))
}

/// The text of a file within the size limit.
fn bounded(file: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    File::open(file)
        .and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| error.to_string())?;
    if whole(bytes.len()) > MOST_BYTES {
        return Err("it is larger than any policy".to_owned());
    }
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

/// The document inside the AWS CLI's output.
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
