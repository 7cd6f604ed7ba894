//! A program in a pseudo-terminal, its screen read back by a terminal emulator.

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

/// How long anything may take before a test gives up; long, because machines are busy.
const PATIENCE: Duration = Duration::from_mins(1);

struct Shown {
    parser: vt100::Parser,
    raw: Vec<u8>,
    closed: bool,
}

/// A running program and its screen.
pub struct Terminal {
    shown: Arc<(Mutex<Shown>, Condvar)>,
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
}

fn cells(number: u16) -> NonZero<u16> {
    NonZero::new(number).unwrap()
}

fn pty_size((columns, rows): (u16, u16)) -> PtySize {
    PtySize {
        rows,
        cols: columns,
        pixel_width: 0,
        pixel_height: 0,
    }
}

impl Terminal {
    /// Starts s3warden in a terminal of this size, with nothing of the caller's AWS configuration.
    pub fn start(home: &Path, size: (u16, u16), arguments: &[&str], env: &[(&str, &str)]) -> Self {
        let pair = native_pty_system().openpty(pty_size(size)).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_s3warden"));
        command.args(arguments);
        command.env_clear();
        command.env("HOME", home);
        command.env("TERM", "xterm-256color");
        command.env("TZ", "UTC");
        command.env("AWS_EC2_METADATA_DISABLED", "true");
        for (name, value) in env {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let shown = Arc::new((
            Mutex::new(Shown {
                parser: vt100::Parser::new(cells(size.1), cells(size.0), 0),
                raw: Vec::new(),
                closed: false,
            }),
            Condvar::new(),
        ));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let for_reader = Arc::clone(&shown);
        thread::spawn(move || {
            let mut buffer = vec![0; 65_536];
            loop {
                let read = reader.read(&mut buffer).unwrap_or(0);
                let (lock, changed) = &*for_reader;
                let mut shown = lock.lock().unwrap();
                shown.parser.process(&buffer[..read]);
                shown.raw.extend_from_slice(&buffer[..read]);
                shown.closed = read == 0;
                changed.notify_all();
                if read == 0 {
                    return;
                }
            }
        });
        Self {
            shown,
            writer: pair.master.take_writer().unwrap(),
            master: pair.master,
            child,
        }
    }

    /// Sends keys as typed.
    pub fn send(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    /// Gives the terminal another size.
    pub fn resize(&mut self, size: (u16, u16)) {
        self.shown
            .0
            .lock()
            .unwrap()
            .parser
            .screen_mut()
            .set_size(cells(size.1), cells(size.0));
        self.master.resize(pty_size(size)).unwrap();
    }

    /// The screen as text.
    pub fn text(&self) -> String {
        self.shown.0.lock().unwrap().parser.screen().contents()
    }

    /// Everything written so far.
    pub fn raw(&self) -> Vec<u8> {
        self.shown.0.lock().unwrap().raw.clone()
    }

    /// Waits until the screen satisfies this, and gives its text.
    pub fn wait_until(&self, what: &str, holds: impl Fn(&str) -> bool) -> String {
        let (lock, changed) = &*self.shown;
        let deadline = Instant::now() + PATIENCE;
        let mut shown = lock.lock().unwrap();
        loop {
            let text = shown.parser.screen().contents();
            if holds(&text) {
                return text;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero() && !shown.closed,
                "waited for {what}; the screen:\n{text}"
            );
            shown = changed.wait_timeout(shown, left).unwrap().0;
        }
    }

    /// Waits until a text is on the screen, and gives the whole of it.
    pub fn wait(&self, wanted: &str) -> String {
        self.wait_until(&format!("{wanted:?}"), |text| text.contains(wanted))
    }

    /// Whether the emulator is on its alternate screen.
    pub fn on_alternate_screen(&self) -> bool {
        self.shown
            .0
            .lock()
            .unwrap()
            .parser
            .screen()
            .alternate_screen()
    }

    /// The process's id.
    pub fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Waits for the program to end by itself.
    pub fn ended(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(
                Instant::now() < deadline,
                "the program goes on; its screen:\n{}",
                self.text()
            );
            thread::sleep(Duration::from_millis(10));
        };
        // What it wrote last may still be on its way through the terminal.
        let (lock, changed) = &*self.shown;
        let mut shown = lock.lock().unwrap();
        while !shown.closed && Instant::now() < deadline {
            shown = changed
                .wait_timeout(shown, Duration::from_millis(100))
                .unwrap()
                .0;
        }
        drop(shown);
        status
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}
