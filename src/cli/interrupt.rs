//! Ctrl-C and SIGTERM: the first cancels the work and reports what is missing, the second ends the program.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::ExitStatus;

/// A token that is cancelled by the first signal.
pub(super) fn token() -> CancellationToken {
    let token = CancellationToken::new();
    let cancelled = token.clone();
    let signals = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    );
    // If a signal cannot be handled, it ends the program.
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
