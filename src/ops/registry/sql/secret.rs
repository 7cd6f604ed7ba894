//! The connection URL, which contains a password and is never displayed.

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use percent_encoding::percent_decode_str;

use crate::domain::advice::{Advice, advice};
use crate::domain::blueprint::ReferenceList;

/// The maximum size of a file with a URL in bytes.
const LONGEST: u64 = 1 << 16;

/// A connection URL. `Debug` does not print it.
pub(super) struct Secret {
    url: String,
    place: String,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

/// Reads the URL from the source in the list: the environment, or else a file.
///
/// # Errors
/// Why there is none, and what to do.
pub(super) fn find(list: &ReferenceList) -> Result<Secret, (String, Advice)> {
    if let Some(name) = &list.url_env
        && let Some(url) = std::env::var(name).ok().filter(|url| !url.is_empty())
    {
        return Ok(Secret::new(url, format!("the variable {name}")));
    }
    if let Some(file) = &list.url_file {
        let url = of_file(file)
            .map_err(|(why, advice)| (format!("{}: {why}", file.display()), advice))?;
        return Ok(Secret::new(url, format!("the file {}", file.display())));
    }
    let name = list.url_env.as_deref().unwrap_or_default();
    Err((
        format!("the environment has no variable {name}"),
        advice!("set {name} to the URL of the connection"),
    ))
}

/// The first line of a file that nobody else can read.
fn of_file(path: &Path) -> Result<String, (String, Advice)> {
    let readable = || advice!("write the URL of the connection into it, in one line");
    let unreadable = |error: std::io::Error| (error.to_string(), readable());
    let file = File::open(path).map_err(unreadable)?;
    // Check the open file, because its name may refer to another one by now.
    let metadata = file.metadata().map_err(unreadable)?;
    if metadata.permissions().mode() & 0o077 != 0 {
        return Err((
            "others may read this file, and it holds a password".to_owned(),
            advice!(
                "make it yours alone (chmod 600), and change the password when others may have seen it"
            ),
        ));
    }
    let mut text = String::new();
    file.take(LONGEST)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    match text.lines().next() {
        Some(url) if !url.is_empty() => Ok(url.to_owned()),
        _ => Err(("it is empty".to_owned(), readable())),
    }
}

impl Secret {
    fn new(url: String, place: String) -> Self {
        Self { url, place }
    }

    /// The URL itself, only for connecting.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// A description of its source.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// The text before its first colon.
    pub(super) fn scheme(&self) -> &str {
        self.url.split_once(':').map_or("", |(scheme, _)| scheme)
    }

    /// Removes the URL and its password from a foreign text, in any encoding.
    pub(super) fn removed_from<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut text = Cow::Borrowed(text);
        for secret in self.parts() {
            if !secret.is_empty() && text.contains(&*secret) {
                text = Cow::Owned(text.replace(&*secret, "[removed]"));
            }
        }
        text
    }

    /// The URL, then its secret parts, encoded and decoded.
    fn parts(&self) -> Vec<Cow<'_, str>> {
        let mut parts = vec![Cow::Borrowed(self.url.as_str())];
        let after = self.url.split_once("://").map_or("", |(_, after)| after);
        let (before_query, query) = after.split_once('?').unwrap_or((after, ""));
        // The last one, because a password may contain an unencoded @.
        let user = before_query.rsplit_once('@').map_or("", |(user, _)| user);
        let password = user.split_once(':').map(|(_, password)| password);
        let in_query = query.split('&').filter_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            name.contains("password").then_some(value)
        });
        for secret in password.into_iter().chain(in_query) {
            parts.push(Cow::Borrowed(secret));
            parts.push(percent_decode_str(secret).decode_utf8_lossy());
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;

    use super::*;

    fn secret(url: &str) -> Secret {
        Secret::new(url.to_owned(), "a test".to_owned())
    }

    #[test]
    fn neither_the_url_nor_its_password_is_told_on() {
        let secret = secret("postgres://ada:pa%24%24@db.example.org/app?sslpassword=hush");
        for text in [
            "no such host: postgres://ada:pa%24%24@db.example.org/app?sslpassword=hush",
            "bad password pa%24%24",
            "bad password \"pa$$\"",
            "key needs hush",
        ] {
            let told = secret.removed_from(text);
            assert!(told.contains("[removed]"), "{told}");
            for part in ["pa%24", "pa$", "hush"] {
                assert!(!told.contains(part), "{told}");
            }
        }
        assert!(!format!("{secret:?}").contains("ada"));
        assert_eq!(secret.removed_from("no route to host"), "no route to host");
    }

    #[test]
    fn a_file_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("url");
        std::fs::write(&file, "sqlite:x.db\n").unwrap();
        std::fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        let list = ReferenceList {
            url_file: Some(file.clone()),
            ..ReferenceList::default()
        };
        let (why, advice) = find(&list).unwrap_err();
        assert!(why.contains("others may read"), "{why}");
        assert!(advice.contains("chmod 600"), "{advice}");
        std::fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        let found = find(&list).unwrap();
        assert_eq!((found.url(), found.scheme()), ("sqlite:x.db", "sqlite"));
    }

    #[test]
    fn what_is_not_there_is_named() {
        let list = ReferenceList {
            url_env: Some("S3WARDEN_TEST_NOT_SET".to_owned()),
            ..ReferenceList::default()
        };
        let (why, _) = find(&list).unwrap_err();
        assert!(why.contains("S3WARDEN_TEST_NOT_SET"), "{why}");
    }
}
