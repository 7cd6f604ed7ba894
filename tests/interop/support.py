"""Servers that end with the test, a home for the program, and comparisons that say what differs."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time


def fail(message):
    print(f"interop: FAILED: {message}", file=sys.stderr)
    sys.exit(1)


def same(what, found, expected):
    """Ends the run with the difference when the two are not the same."""
    if found == expected:
        print(f"interop: ok: {what}")
        return
    if isinstance(expected, (set, frozenset)):
        found = f"missing {sorted(expected - found)}, too many {sorted(found - expected)}"
        fail(f"{what}: {found}")
    fail(f"{what}:\n  found    {found!r}\n  expected {expected!r}")


def free_ports(count):
    """Ports that nobody listens on. All are held until all are known, so that they differ."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


@contextlib.contextmanager
def server(command, log):
    """Runs a server in a process group of its own and ends all of it."""
    with open(log, "wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
    try:
        yield process
    except BaseException:
        with open(log, "rb") as written:
            sys.stderr.write(written.read()[-4000:].decode(errors="replace"))
        raise
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_until(what, is_so, process, at_most=120):
    """Asks again and again until it is so, the server has ended, or two minutes are over."""
    deadline = time.monotonic() + at_most
    while time.monotonic() < deadline:
        if process.poll() is not None:
            fail(f"{what}: the server ended with status {process.returncode}")
        if is_so():
            return
        time.sleep(0.2)
    fail(f"{what}: not within {at_most} seconds")


class Program:
    """The program, pointed at an endpoint by its environment, with an empty home that is gone when the `with` ends."""

    def __init__(self, path, **environment):
        self.path = path
        self.home = tempfile.TemporaryDirectory(prefix="s3warden-home-")
        self.environment = {"HOME": self.home.name, "PATH": os.environ["PATH"], **environment}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.home.cleanup()

    def run(self, *arguments, status=0):
        ran = subprocess.run(
            [self.path, *arguments], env=self.environment, capture_output=True, timeout=120
        )
        if status is not None and ran.returncode != status:
            fail(f"{arguments} ended with {ran.returncode}, not {status}: {ran.stderr.decode()}")
        return ran

    def document(self, *arguments, status=0):
        return json.loads(self.run(*arguments, "--format", "json", status=status).stdout)


def arguments():
    """The program, and the folder of the Python environment's commands."""
    if len(sys.argv) != 3:
        fail("usage: PROGRAM FOLDER")
    return sys.argv[1], sys.argv[2]
