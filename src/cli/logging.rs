//! The log file. Others may read it later, so without `-vv` it contains no user ids, keys or signatures.
//!
//! | | level |
//! |---|---|
//! | `-q` | errors of s3warden |
//! | | warnings of s3warden |
//! | `-v` | actions of s3warden without ids and keys, which are only logged at the level "trace" |
//! | `-vv` | everything of s3warden, and messages of the AWS SDK and the HTTP client |

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};

use regex::Regex;
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::{Failure, Settings};
use crate::aws::scrub::visible;
use crate::config::private;

/// If the log is larger than this when opened, it is renamed to `s3warden.log.1`, and a new one is started.
const MOST_BYTES: u64 = 8 << 20;

/// Sends traces to the log file, which is opened when there is something to write. Returns its path.
///
/// # Errors
/// If a log file that the user specified cannot be opened (exit status 2). Without the default log file, the program
/// continues.
pub(super) fn start(settings: &Settings) -> Result<Option<PathBuf>, Failure> {
    let (path, file) = match (&settings.log_file, &settings.paths) {
        (Some(path), _) => {
            let file = private::append(path).map_err(|why| {
                Failure::usage(format!(
                    "could not open the log file {}: {why}",
                    path.display()
                ))
                .advising("give --log-file a file that is no link, in a folder that exists")
            })?;
            (path.clone(), LogFile::Open(file))
        }
        (None, Some(paths)) => (paths.log_file(), LogFile::Closed(paths.log_file())),
        (None, None) => return Ok(None),
    };
    let layer = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(LogWriter(Mutex::new(file)));
    // A program that embeds the library may have a subscriber already, which stays.
    let _ = tracing_subscriber::registry()
        .with(filter(settings.quiet, settings.verbose))
        .with(layer)
        .try_init();
    Ok(Some(path))
}

fn filter(quiet: bool, verbose: u8) -> Targets {
    let own = env!("CARGO_PKG_NAME");
    match (quiet, verbose) {
        (true, 0) => Targets::new().with_target(own, Level::ERROR),
        (false, 0) => Targets::new().with_target(own, Level::WARN),
        (_, 1) => Targets::new().with_target(own, Level::DEBUG),
        (_, _) => Targets::new()
            .with_default(Level::DEBUG)
            .with_target(own, Level::TRACE),
    }
}

enum LogFile {
    Closed(PathBuf),
    Open(File),
    Unusable,
}

impl LogFile {
    fn opened(&mut self) -> Option<&mut File> {
        if let Self::Closed(path) = self {
            *self = open(path).map_or(Self::Unusable, Self::Open);
        }
        match self {
            Self::Open(file) => Some(file),
            Self::Closed(_) | Self::Unusable => None,
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        private::create_folder(folder)?;
    }
    let file = private::append(path)?;
    if file.metadata()?.len() <= MOST_BYTES {
        return Ok(file);
    }
    std::fs::rename(path, path.with_extension("log.1"))?;
    private::append(path)
}

/// Credentials as in the SDK's own logs.
#[expect(
    clippy::expect_used,
    reason = "the pattern is a constant and the tests run it"
)]
static LOGGED_SECRET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?ix)
        (?P<before>
            \b (?: access_key_id | secret_access_key | session_token | access_token | refresh_token )
            "? \s* [:=] \s* (?: Some\( )? "?
          | "x-amz-security-token" \s* : \s* (?: \w+ \s* [({] \s* (?: _private: \s* )? )* "?
          | <SignatureProvided>
        )
        [^\s"<>]+
        "#,
    )
    .expect("a valid pattern")
});

/// The user and password of a URL.
#[expect(
    clippy::expect_used,
    reason = "the pattern is a constant and the tests run it"
)]
static USER_OF_URL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"://[^\s"<>/@]+@"#).expect("a valid pattern"));

/// Cleans a log line. Its line break stays, and nothing in it starts another line.
fn without_secrets(line: &[u8]) -> String {
    let line = String::from_utf8_lossy(line);
    let text = line.trim_end_matches('\n');
    let text = LOGGED_SECRET.replace_all(text, "${before}[removed]");
    let text = USER_OF_URL.replace_all(&text, "://[removed]@");
    let mut kept = visible(&text);
    if line.ends_with('\n') {
        kept.push('\n');
    }
    kept
}

struct LogWriter(Mutex<LogFile>);

impl<'a> MakeWriter<'a> for LogWriter {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

impl Write for &LogWriter {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match file.opened() {
            // One write per line, so that lines of two processes do not mix.
            Some(file) => file
                .write_all(without_secrets(line).as_bytes())
                .map(|()| line.len()),
            None => Ok(line.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_vv_the_sdk_which_logs_keys_and_signatures_is_not_heard() {
        for (quiet, verbose) in [(true, 0), (false, 0), (false, 1), (true, 1)] {
            let filter = filter(quiet, verbose);
            for target in [
                "aws_sdk_s3",
                "aws_smithy_runtime",
                "aws_sigv4",
                "hyper_util",
            ] {
                assert!(!filter.would_enable(target, &Level::ERROR), "{target}");
            }
            assert!(!filter.would_enable("s3warden::ops", &Level::TRACE));
        }
        assert!(filter(false, 2).would_enable("aws_sdk_s3", &Level::DEBUG));
    }

    #[test]
    fn the_log_is_made_when_there_is_something_to_say() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("state/s3warden.log");
        let log = LogWriter(Mutex::new(LogFile::Closed(path.clone())));
        assert!(!path.exists());
        (&log).write_all(b"a line\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "a line\n");
    }

    #[test]
    fn what_is_logged_holds_no_secret_and_is_one_line() {
        for line in [
            r#"Credentials { access_key_id: "S3CRET", secret_access_key: "** redacted **" }"#,
            r#"session_token: Some("a/b+S3CRET==")"#,
            r#"{"x-amz-security-token": HeaderValue { _private: H0("S3CRET") }}"#,
            r#"{"x-amz-security-token": "S3CRET"}"#,
            "Authorization: AWS4-HMAC-SHA256 Credential=AKID/x, Signature=S3CRET",
            "<SignatureProvided>S3CRET</SignatureProvided>",
            "proxy http://user:S3CRET@proxy:3128 is used",
        ] {
            let kept = without_secrets(format!("{line}\n").as_bytes());
            assert!(!kept.contains("S3CRET"), "{kept}");
        }
        let harmless = "GET http://127.0.0.1:9000/bucket?list-type=2\n";
        assert_eq!(without_secrets(harmless.as_bytes()), harmless);
        assert_eq!(without_secrets(b"a\nb\n"), "a\\nb\n");
    }

    #[test]
    fn a_log_that_has_grown_too_large_is_put_aside() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("s3warden.log");
        File::create(&path)
            .unwrap()
            .set_len(MOST_BYTES + 1)
            .unwrap();
        open(&path).unwrap();
        assert_eq!(path.metadata().unwrap().len(), 0);
        assert!(home.path().join("s3warden.log.1").exists());
    }
}
