//! Ctrl-C and SIGTERM: the first asks the work to stop and to say what is missing, the second ends the program.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::ExitStatus;

/// A token that is cancelled when the user wants the program to stop.
pub(super) fn token() -> CancellationToken {
    let token = CancellationToken::new();
    let cancelled = token.clone();
    let signals = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    );
    // Where a signal cannot be watched it ends the program by itself.
    if let (Ok(mut interrupt), Ok(mut terminate)) = signals {
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                if cancelled.is_cancelled() {
                    std::process::exit(ExitStatus::Interrupted.code().into());
                }
                cancelled.cancel();
            }
        });
    }
    token
}
