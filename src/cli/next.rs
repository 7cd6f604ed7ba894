//! Commands that are suggested as the next step. Each starts here, with the options that select the place and the
//! blueprint; the arguments of a command add their own.

use super::session::Session;
use crate::domain::command_line::{CommandLine, Given};

/// `s3warden` with a command and the global options.
pub(super) fn command(session: &Session, command: &str) -> CommandLine {
    CommandLine::new(command).given(everywhere(session))
}

/// The options that select the place and the blueprint, even if they came from the environment or the configuration
/// file: the user may type the command elsewhere.
pub(super) fn everywhere(session: &Session) -> Vec<Given> {
    let settings = &session.settings;
    let options = [
        ("--blueprint", &settings.blueprint),
        ("--profile", &settings.profile),
        ("--region", &settings.region),
        ("--endpoint-url", &settings.endpoint_url),
        ("--operator", &settings.operator),
    ];
    let given = options
        .into_iter()
        .filter_map(|(name, value)| Some((name, Some(value.clone()?))));
    given.collect()
}
