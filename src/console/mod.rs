//! The main loop of the console: it passes keys to the state, commands to the tasks, updates back to the state, and
//! draws frames.
//!
//! ```text
//! terminal ─ keys ─▶ update() ─ commands ─▶ tasks
//!     ▲                 ▲                     │
//!     └── one frame ── state ◀── updates ─────┘
//! ```
//!
//! Each iteration processes everything that waits, then draws at most one frame: immediately after a key, at most 60
//! times per second for other events, and not at all if nothing changed. Start with [`run`].

mod clipboard;
mod terminal;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use chrono::{Local, Offset, Utc};
use crossterm::event::{Event, EventStream, KeyEventKind};
use futures::StreamExt;
use thiserror::Error;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::app::screens::orphans::act;
use crate::app::screens::purge::{batch::totals, ended, run::Run};
use crate::app::{self, Command, Keymap, KeymapError, Message, Start, State};
use crate::aws::{ConnectOptions, WriteMode};
use crate::domain::S3Uri;
use crate::domain::blueprint::Blueprint;
use crate::domain::prices::PriceTable;
use crate::ops::audit::Acceptance;
use crate::ops::scan::Kept;
use crate::tasks::{BatchNews, Capabilities, Envelope, OrphansNews, PurgeNews, Tasks, Update};
use crate::ui::{self, Theme, ThemeError};
use terminal::Terminal;

/// The minimum interval of frames that no key caused.
const FRAME: Duration = Duration::from_millis(16);

/// The start options of the console.
pub(crate) struct Options {
    /// The connection options.
    pub connect: ConnectOptions,
    /// Whether changes are allowed.
    pub write: WriteMode,
    /// The start position.
    pub at: Option<S3Uri>,
    /// The blueprint that the user specified.
    pub blueprint: Option<Blueprint>,
    /// Whether colour is allowed.
    pub color: bool,
    /// The maximum number of concurrent requests per task.
    pub jobs: usize,
    /// Whether this is the demo with the sandbox.
    pub demo: bool,
    /// The folder of saved scans, if any.
    pub kept: Option<Kept>,
    /// The state folder, if any.
    pub state: Option<PathBuf>,
    /// The folder of the demo's blueprints, one per subfolder, if any.
    pub blueprints: Option<PathBuf>,
    /// The path of the log.
    pub log: Option<String>,
    /// The price table for estimates.
    pub prices: PriceTable,
    /// Accepted findings.
    pub accepted: Vec<Acceptance>,
}

/// How the console ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The user quit.
    Quit,
    /// A signal or Ctrl-C ended it.
    Interrupted,
}

/// Why the console could not run.
#[derive(Debug, Error)]
pub(crate) enum ConsoleError {
    /// Standard input or output is not a terminal.
    #[error(
        "the console needs a terminal on standard input and output; for scripts there are `s3warden ls`, `s3warden buckets` and others, see `s3warden --help`"
    )]
    NotATerminal,
    /// The terminal cannot position its cursor.
    #[error(
        "the console needs a terminal that can place its cursor, and TERM says {0:?}; `TERM=xterm-256color s3warden` helps where that is wrong"
    )]
    DumbTerminal(String),
    /// Accessing the terminal failed.
    #[error("could not use the terminal: {0}")]
    Terminal(#[from] io::Error),
    /// The built-in key map is invalid.
    #[error(transparent)]
    Keymap(#[from] KeymapError),
    /// The built-in theme is invalid.
    #[error(transparent)]
    Theme(#[from] ThemeError),
}

impl ConsoleError {
    /// Whether the error is in how s3warden was started.
    #[must_use]
    pub(crate) fn is_usage(&self) -> bool {
        matches!(self, Self::NotATerminal | Self::DumbTerminal(_))
    }
}

/// Runs the console until the user quits or a signal ends it.
///
/// # Errors
/// If there is no usable terminal.
pub(crate) async fn run(options: Options) -> Result<Ended, ConsoleError> {
    let keymap = Arc::new(Keymap::builtin()?);
    let theme = if options.color {
        Theme::colour()
    } else {
        Theme::mono()
    }?;
    terminal::check()?;
    let profile = options.connect.profile.clone();
    let means = Capabilities {
        write: options.write,
        kept: options.kept,
        state: options.state,
        accepted: options.accepted,
        blueprints: options.blueprints,
    };
    let (tasks, inbox) = Tasks::with(options.connect, options.jobs, means);
    let mut terminal = Terminal::enter(options.log.as_deref())?;
    let size = terminal.size()?;
    let now = Utc::now();
    let start = Start {
        size,
        now,
        offset: Local::now().offset().fix(),
        write: options.write.is_writable(),
        profile,
        blueprint: options.blueprint,
        at: options.at,
        demo: options.demo,
        log: options.log,
        prices: Some(Arc::new(options.prices)),
        seed: fastrand::u64(..),
    };
    let mut console = Console {
        state: State::new(start, keymap),
        tasks,
        inbox,
        theme,
        dirty: true,
        ended: None,
    };
    let commands = app::begin(&mut console.state);
    console.carry_out(commands, &mut terminal);
    // Draw the first frame before any response.
    console.draw(&mut terminal)?;
    let ended = console.turn(&mut terminal).await;
    terminal.leave();
    Box::pin(console.wind_up()).await;
    ended
}

struct Console {
    state: State,
    tasks: Tasks,
    inbox: mpsc::Receiver<Envelope>,
    theme: Theme,
    dirty: bool,
    ended: Option<Ended>,
}

/// What ended the wait.
enum Woken {
    Terminal(Option<io::Result<Event>>),
    Task(Option<Envelope>),
    Clock,
    Frame,
    Signal,
}

impl Console {
    async fn turn(&mut self, terminal: &mut Terminal) -> Result<Ended, ConsoleError> {
        let mut keys = EventStream::new();
        let mut clock = interval(Duration::from_secs(1));
        let mut frames: Interval = interval(FRAME);
        frames.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut signals = Signals::new()?;
        let mut drawn = Instant::now();
        loop {
            let woken = tokio::select! {
                biased;
                () = signals.any() => Woken::Signal,
                event = keys.next() => Woken::Terminal(event),
                envelope = self.inbox.recv() => Woken::Task(envelope),
                _ = clock.tick() => Woken::Clock,
                _ = frames.tick(), if self.dirty => Woken::Frame,
            };
            let mut at_once = false;
            match woken {
                Woken::Signal => return Ok(Ended::Interrupted),
                Woken::Terminal(event) => {
                    at_once = true;
                    self.terminal_event(event, terminal)?;
                    // Polled with this task's own waker. `now_or_never` would leave a waker without effect, and the
                    // next key would not wake the loop.
                    while let Poll::Ready(event) = futures::poll!(keys.next()) {
                        self.terminal_event(event, terminal)?;
                    }
                }
                Woken::Task(Some(envelope)) => {
                    self.take(Message::Clock(Utc::now()), terminal);
                    self.take(Message::Task(envelope), terminal);
                    self.take_waiting(terminal);
                    self.dirty = true;
                }
                Woken::Task(None) => return Ok(Ended::Quit),
                Woken::Clock => self.clock(terminal),
                Woken::Frame => {}
            }
            if let Some(ended) = self.ended {
                return Ok(ended);
            }
            if self.dirty && (at_once || drawn.elapsed() >= FRAME) {
                self.draw(terminal)?;
                drawn = Instant::now();
            }
        }
    }

    /// Processes further updates, but only for a part of a frame's time: keys come first.
    fn take_waiting(&mut self, terminal: &mut Terminal) {
        let begun = Instant::now();
        while begun.elapsed() < FRAME / 4 {
            let Ok(envelope) = self.inbox.try_recv() else {
                break;
            };
            self.take(Message::Task(envelope), terminal);
        }
    }

    fn terminal_event(
        &mut self,
        event: Option<io::Result<Event>>,
        terminal: &mut Terminal,
    ) -> Result<(), ConsoleError> {
        let Some(event) = event.transpose()? else {
            // Standard input is closed, so no key can arrive any more.
            self.ended = Some(Ended::Interrupted);
            return Ok(());
        };
        self.take(Message::Clock(Utc::now()), terminal);
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => {
                self.take(Message::Key(key), terminal);
            }
            Event::Paste(text) => self.take(Message::Paste(text), terminal),
            Event::Resize(columns, rows) => self.take(Message::Resize(columns, rows), terminal),
            _ => return Ok(()),
        }
        self.dirty = true;
        Ok(())
    }

    /// Redraws if something on the screen depends on the time.
    fn clock(&mut self, terminal: &mut Terminal) {
        let before = self.state.now;
        let toast = self.state.toast.is_some();
        let now = Utc::now();
        self.take(Message::Clock(now), terminal);
        let minute = |time: chrono::DateTime<Utc>| time.timestamp() / 60;
        self.dirty |= minute(before) != minute(now)
            || toast != self.state.toast.is_some()
            || self.state.running() > 0
            || self.state.counts_down(before);
    }

    fn take(&mut self, message: Message, terminal: &mut Terminal) {
        let commands = app::update(&mut self.state, message);
        self.carry_out(commands, terminal);
    }

    fn carry_out(&mut self, commands: Vec<Command>, terminal: &mut Terminal) {
        for command in commands {
            match command {
                Command::Run(job) => self.tasks.run(job),
                Command::Cancel(slot) => self.tasks.cancel_slot(slot),
                Command::CancelTask(ticket) => self.tasks.cancel(ticket),
                Command::Quit(interrupted) => {
                    self.ended = Some(if interrupted {
                        Ended::Interrupted
                    } else {
                        Ended::Quit
                    });
                }
                Command::Copy(text) => {
                    let copied = clipboard::copy(terminal, &text);
                    self.take(Message::Copied(copied), terminal);
                }
            }
        }
    }

    /// Waits for running changes to reach a safe end, and reports the result of a running purge. A second interrupt
    /// leaves the rest to the next run: the journals have all information.
    async fn wind_up(self) {
        let Self {
            state,
            tasks,
            mut inbox,
            ..
        } = self;
        let unended = tasks.end();
        for one in &unended {
            eprintln!("{}", one.words);
        }
        let ends = futures::future::join_all(unended.into_iter().map(|one| one.running));
        let mut ends = std::pin::pin!(ends);
        loop {
            tokio::select! {
                biased;
                // Receive them, because a full channel would block the jobs.
                Some(envelope) = inbox.recv() => tell_of_the_end(&state, &envelope),
                _ = &mut ends => return,
                _ = tokio::signal::ctrl_c() => return,
            }
        }
    }

    fn draw(&mut self, terminal: &mut Terminal) -> Result<(), ConsoleError> {
        self.dirty = false;
        terminal.draw(|frame| ui::draw(frame, &self.state, &self.theme))?;
        Ok(())
    }
}

/// Reports the result of the purge, or the act on orphans, that was running when the user quit.
fn tell_of_the_end(state: &State, envelope: &Envelope) {
    let lines = match (&envelope.update, &state.purge.run) {
        (Update::Purge(PurgeNews::Ended(end)), Run::Running(running)) => {
            ended::words(&running.plan, end)
        }
        (Update::Purge(PurgeNews::Batch(BatchNews::Ended { ended, .. })), _) => {
            match ended.as_ref() {
                Ok(end) => vec![totals(&end.users)],
                Err(failure) => vec![ended::refusal(failure).0],
            }
        }
        (Update::Orphans(OrphansNews::Acted(done)), _) => act::words(done),
        _ => return,
    };
    for line in lines {
        eprintln!("{line}");
    }
}

/// The signals that end a program.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn any(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}
