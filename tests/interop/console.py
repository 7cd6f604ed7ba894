"""The console in a pseudo-terminal, its screen read back by a terminal emulator."""

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time

import pyte

from support import fail

ENTER = "\r"


class Console:
    """A running console of 120 columns and 36 rows."""

    def __init__(self, program, *arguments):
        self.screen = pyte.Screen(120, 36)
        self.stream = pyte.ByteStream(self.screen)
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            environment = {"TERM": "xterm-256color", **program.environment}
            os.execve(program.path, [program.path, *arguments], environment)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)
        os.close(self.terminal)

    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display)

    def send(self, keys):
        os.write(self.terminal, keys.encode())

    def wait(self, what, is_so, at_most=60):
        """The screen's text once it is so."""
        deadline = time.monotonic() + at_most
        while time.monotonic() < deadline:
            if is_so(self.text()):
                print(f"interop: ok: the console shows {what}")
                return self.text()
            if select.select([self.terminal], [], [], 0.1)[0]:
                with contextlib.suppress(OSError):
                    self.stream.feed(os.read(self.terminal, 65536))
        fail(f"the console does not show {what}; its screen:\n{self.text()}")


def browse(program, bucket, owners, prefixes, object_name):
    """Walks from the buckets to an object: owners by the blueprint, the prefixes of user-1, one folder, its detail."""
    with Console(program) as console:
        console.wait("the buckets", lambda text: bucket in text)
        console.send(f"/{bucket}{ENTER}")
        console.wait("one bucket", lambda text: "only rows that hold" in text)
        console.send(ENTER)
        console.wait(
            "all owners, counted",
            lambda text: all(owner in text for owner in owners)
            and f"{len(owners)} owners" in text
            and "at least" not in text
            and "loading" not in text,
        )
        console.send(f"fuser-1{ENTER}")
        text = console.wait(
            "the prefixes of user-1", lambda text: all(prefix in text for prefix in prefixes)
        )
        if "user-10" in text:
            fail(f"the console shows user-10 among what user-1 has:\n{text}")
        console.send(f"/uploads{ENTER}{ENTER}")
        console.wait("the folder's objects", lambda text: object_name in text and "MODIFIED" in text)
        console.send(f"/{object_name}{ENTER}")
        console.wait("one object", lambda text: "only rows that hold" in text)
        console.send("d")
        console.wait("its detail", lambda text: "etag" in text and "Headers" in text)
        console.send("d")
        console.wait("the list again", lambda text: "etag" not in text)
