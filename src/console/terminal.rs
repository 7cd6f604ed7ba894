//! The terminal: set up at the start, and restored on every exit.

use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::panic;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crossterm::cursor::{MoveTo, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen, disable_raw_mode, enable_raw_mode, size,
};
use crossterm::{execute, queue, style};
use ratatui::Frame;
use ratatui::backend::CrosstermBackend;

use super::ConsoleError;

/// Whether the terminal is set up. The panic hook and the guard both check it; the first one restores the terminal.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Checks that the terminal is usable for the console.
pub(super) fn check() -> Result<(), ConsoleError> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(ConsoleError::NotATerminal);
    }
    match std::env::var("TERM") {
        Ok(term) if term == "dumb" => Err(ConsoleError::DumbTerminal(term)),
        _ => Ok(()),
    }
}

/// The terminal while it is set up.
pub(super) struct Terminal {
    inner: ratatui::Terminal<CrosstermBackend<BufWriter<Stdout>>>,
}

impl Terminal {
    /// Sets up the terminal. A panic on this thread restores it and prints the path of the log.
    pub(super) fn enter(log: Option<&str>) -> Result<Self, ConsoleError> {
        // The theme decides about colour. With NO_COLOR, crossterm would otherwise drop a cell's attributes together
        // with its colours, including reverse video.
        style::force_color_output(true);
        give_back_on_panic(log.map(str::to_owned));
        enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        // A frame is a few kilobytes. Written at once, it does not flicker.
        let mut out = BufWriter::with_capacity(64 * 1024, io::stdout());
        // Not ratatui's own `clear`: it queries the cursor position, and not every terminal answers.
        let entered = execute!(
            out,
            EnterAlternateScreen,
            EnableBracketedPaste,
            Clear(ClearType::All)
        );
        match entered.and_then(|()| ratatui::Terminal::new(CrosstermBackend::new(out))) {
            Ok(inner) => Ok(Self { inner }),
            Err(error) => {
                give_back();
                Err(error.into())
            }
        }
    }

    /// The size in columns and rows.
    pub(super) fn size(&self) -> Result<(u16, u16), ConsoleError> {
        let size = self.inner.size()?;
        Ok((size.width, size.height))
    }

    /// Draws a frame, in one synchronized update if the terminal supports it.
    pub(super) fn draw(&mut self, render: impl FnOnce(&mut Frame)) -> io::Result<()> {
        queue!(self.inner.backend_mut(), BeginSynchronizedUpdate)?;
        self.inner.draw(render)?;
        execute!(self.inner.backend_mut(), EndSynchronizedUpdate)
    }

    /// Restores the terminal.
    pub(super) fn leave(self) {
        drop(self);
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        give_back();
    }
}

impl Write for Terminal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.inner.backend_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        io::Write::flush(self.inner.backend_mut())
    }
}

/// Restores the terminal once. Errors cannot be displayed, because the terminal itself failed.
fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    // Without an alternate screen, the shell would continue in the middle of the last frame, so move the cursor below
    // it first. A terminal with an alternate screen restores the cursor itself.
    if let Ok((_, rows)) = size() {
        let _ = queue!(out, MoveTo(0, rows.saturating_sub(1)));
    }
    let _ = execute!(
        out,
        style::ResetColor,
        style::Print("\r\n"),
        DisableBracketedPaste,
        LeaveAlternateScreen,
        Show
    );
    let _ = disable_raw_mode();
}

/// Restores the terminal before a panic on the screen's thread is printed. A panic in a task is handled and displayed
/// by the task layer, and must not change the terminal.
fn give_back_on_panic(log: Option<String>) {
    static ONCE: Once = Once::new();
    let ours = thread::current().id();
    ONCE.call_once(|| {
        let told = panic::take_hook();
        panic::set_hook(Box::new(move |panicked| {
            tracing::error!("panic: {panicked}");
            if thread::current().id() == ours {
                give_back();
                told(panicked);
                eprintln!(
                    "s3warden stopped by a defect of its own; the terminal is as it was before."
                );
                if let Some(log) = &log {
                    eprintln!("The log is in {log}");
                }
            } else if !TAKEN.load(Ordering::SeqCst) {
                told(panicked);
            }
        }));
    });
}
