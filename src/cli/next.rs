//! The command that is suggested next. Every suggestion begins here, with what says where and by which rules; what the
//! command itself was told is added by its arguments.

use super::session::Session;
use crate::domain::command_line::{CommandLine, Given};

/// `s3warden`, a command and the options of every command that what follows depends on.
pub(super) fn command(session: &Session, command: &str) -> CommandLine {
    CommandLine::new(command).given(everywhere(session))
}

/// Where and by which rules. Also what came from the environment or the configuration file: the command may be typed
/// elsewhere.
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
