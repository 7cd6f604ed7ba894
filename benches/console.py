#!/usr/bin/env python3
"""Prints how quick the console is: first frame, key to frame while a million keys load, memory, binary size.

    cargo build --release && python3 benches/console.py [--keys 1000000] [--runs 15]

It needs nothing but Python 3. Machines are noisy: read medians, and compare only figures of one run.

first frame      from starting the process until the console's title has been written to the terminal
key to frame     from writing a cursor key to the terminal until the console has written the frame that answers it,
                 while all keys of a synthetic bucket are being listed from a sandbox in a process of its own
memory           resident memory of the console once every key is loaded, and per key
scan             the same keys scanned with S and shown as one list: key to frame while the scan runs (scrolling and jumping to
                 both ends), while the list is sorted and filtered as well, and after the scan; the time that the scan took
"""
import argparse
import os
import pty
import re
import select
import signal
import statistics
import struct
import fcntl
import subprocess
import sys
import tempfile
import termios
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BINARY = os.environ.get("S3WARDEN", os.path.join(ROOT, "target", "release", "s3warden"))


class Console:
    """s3warden in a pseudo-terminal of 120 columns and 36 rows."""

    def __init__(self, arguments, env=None):
        self.seen = b""
        self.started = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update({"TERM": "xterm-256color", "AWS_EC2_METADATA_DISABLED": "true", **(env or {})})
            os.execv(BINARY, [BINARY, *arguments])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))

    def read(self, seconds):
        """Whatever is written within this time; empty when nothing is."""
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return b""
        try:
            data = os.read(self.fd, 1 << 20)
        except OSError:
            return b""
        self.seen = (self.seen + data)[-200_000:]
        return data

    def wait(self, pattern, seconds):
        """Seconds until the pattern was written."""
        begun = time.perf_counter()
        seen = b""
        while time.perf_counter() - begun < seconds:
            seen = (seen + self.read(0.05))[-200_000:]
            if re.search(pattern, seen):
                return time.perf_counter() - begun
        sys.exit(f"waited {seconds} s for {pattern!r}; the end of what was written: {self.seen[-2000:]!r}")

    def key_to_frame(self, key):
        """Milliseconds until the frame that answers a key has been written: it ends with the synchronised-update mark."""
        while self.read(0):
            pass
        begun = time.perf_counter()
        os.write(self.fd, key)
        answer = b""
        while time.perf_counter() - begun < 2:
            answer += self.read(0.5)
            # The cursor's mark is in every frame that moves it, and in none that only counts pages up.
            if "▌".encode() in answer and b"\x1b[?2026l" in answer.split("▌".encode(), 1)[1]:
                return (time.perf_counter() - begun) * 1000
        return None

    def is_loading(self):
        """Whether anything is drawn although no key is pressed: while pages arrive, the count at the top changes."""
        while self.read(0):
            pass
        return bool(self.read(0.4))

    def resident(self):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024

    def stop(self):
        try:
            os.kill(self.pid, signal.SIGTERM)
            while self.read(0.2):
                pass
            os.waitpid(self.pid, 0)
        except (OSError, ChildProcessError):
            pass
        os.close(self.fd)


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def first_frames(runs):
    times = []
    for _ in range(runs):
        console = Console(["demo"])
        console.wait(b"s3warden", 20)
        times.append((time.perf_counter() - console.started) * 1000)
        console.stop()
    print(f"first frame of demo      median {statistics.median(times):7.1f} ms   worst {max(times):7.1f} ms   ({runs} runs)")


def sandbox(keys, shape="flat"):
    process = subprocess.Popen(
        [BINARY, "sandbox", "--listen", "127.0.0.1:0", "--synthetic", f"{shape}:{keys}"],
        stdout=subprocess.PIPE, text=True)
    env = {}
    for line in process.stdout:
        if line.strip() == "ready":
            return process, env
        name, _, value = line.strip().partition("=")
        env[name] = value.strip("'\"")
    sys.exit("the sandbox did not start")


def bucket_of(env):
    listed = subprocess.run([BINARY, "buckets", "--format", "ndjson"], env={**os.environ, **env},
                            capture_output=True, text=True, check=False).stdout
    return re.search(r'"bucket":\s*"([^"]+)"', listed).group(1)


def loading(keys):
    process, env = sandbox(keys)
    try:
        console = Console([f"s3://{bucket_of(env)}/"], env)
        first_rows = console.wait("▌".encode(), 30)
        time.sleep(0.5)
        begun = time.perf_counter()
        os.write(console.fd, b"L")
        latencies = []
        while console.is_loading():
            # Down and up again: at the edge of the screen the mark would stay where it is.
            for key in (b"j", b"k"):
                latency = console.key_to_frame(key)
                if latency is None:
                    sys.exit("a key was not answered within two seconds")
                latencies.append(latency)
        took = time.perf_counter() - begun
        memory = console.resident()
        console.stop()
    finally:
        process.terminate()
        process.wait()
    print(f"first rows               {first_rows * 1000:7.1f} ms after the process began")
    print(f"key to frame, loading    median {statistics.median(latencies):7.2f} ms   p99 {percentile(latencies, 0.99):7.2f} ms   "
          f"worst {max(latencies):7.2f} ms   ({len(latencies)} keys pressed in {took:.1f} s)")
    print(f"memory, {keys:,} keys    {memory:7.1f} MiB resident   {memory * 1048576 / keys:7.1f} bytes a key")


KEYS = {
    # What is pressed in turn; each of these moves the cursor, so that its mark is in the frame that answers.
    "scrolling": [b"j", b" ", b"k", b"G", b"k", b"g", b"j"],
    "sorting": [b">", b"j", b"<", b"j", b" ", b"k"],
}


def press(console, kind, number):
    """Presses keys for which there is an answer to time; what only asks for an order is pressed before, untimed."""
    latencies = []
    keys = KEYS[kind]
    # From the first row every key moves the cursor's mark.
    os.write(console.fd, b"gg")
    time.sleep(0.05)
    for turn in range(number):
        key = keys[turn % len(keys)]
        if key == b"g":
            os.write(console.fd, b"g")
        if key in b"<>":
            # The cursor stays on its row, which may now be the last one.
            os.write(console.fd, key + b"gg")
            time.sleep(0.05)
            continue
        latency = console.key_to_frame(key)
        if latency is not None:
            latencies.append(latency)
        elif key not in b"Gg":
            sys.exit(f"the key {key!r} was not answered within two seconds")
    return latencies


def report(what, latencies, seconds):
    print(f"key to frame, {what:<19}median {statistics.median(latencies):7.2f} ms   p99 {percentile(latencies, 0.99):7.2f} ms   "
          f"worst {max(latencies):7.2f} ms   ({len(latencies)} keys in {seconds:.1f} s)")


def scanning(keys):
    process, env = sandbox(keys)
    # Scans are kept in the state folder: one of its own, and none of before.
    with tempfile.TemporaryDirectory() as state:
        env["XDG_STATE_HOME"] = state
        try:
            console = Console([f"s3://{bucket_of(env)}/"], env)
            console.wait("▌".encode(), 30)
            os.write(console.fd, b"a")
            console.wait(b"No scan of this place", 10)
            begun = time.perf_counter()
            os.write(console.fd, b"S")
            first = console.wait("▌".encode(), 30)
            print(f"first rows of the scan   {first * 1000:7.1f} ms after S")
            runs = {"scrolling": [], "sorting": []}
            peak = 0
            over = re.compile(rb"scanned: ")
            started = {}
            while not over.search(console.seen):
                kind = "scrolling" if len(runs["scrolling"]) <= len(runs["sorting"]) else "sorting"
                started.setdefault(kind, time.perf_counter())
                runs[kind] += press(console, kind, 12)
                peak = max(peak, console.resident())
                if time.perf_counter() - begun > 600:
                    sys.exit("the scan did not end within ten minutes")
            took = time.perf_counter() - begun
            for kind, latencies in runs.items():
                if latencies:
                    report(f"scan, {kind}", latencies, took)
            print(f"scan of {keys:,} keys on the screen in {took:.1f} s, {keys / took:,.0f} keys a second")
            time.sleep(3)
            begun = time.perf_counter()
            after = press(console, "scrolling", 200) + press(console, "sorting", 200)
            os.write(console.fd, b"/")
            time.sleep(0.2)
            typed = []
            for key in (b"0", b"0", b"a", b"7"):
                typed.append(timed_typing(console, key))
            os.write(console.fd, b"\x1b")
            report("scanned", after + typed, time.perf_counter() - begun)
            print(f"memory of the scan       {console.resident():7.1f} MiB resident, {peak:.1f} MiB at most while it ran")
            console.stop()
        finally:
            process.terminate()
            process.wait()


def timed_typing(console, key):
    """Milliseconds until a typed character is on the screen."""
    while console.read(0):
        pass
    begun = time.perf_counter()
    os.write(console.fd, key)
    answer = b""
    while time.perf_counter() - begun < 2:
        answer += console.read(0.5)
        if b"\x1b[?2026l" in answer:
            return (time.perf_counter() - begun) * 1000
    sys.exit("a typed character was not shown within two seconds")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keys", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=15)
    options = parser.parse_args()
    if not os.path.exists(BINARY):
        sys.exit("build it first: cargo build --release")
    print(f"binary                   {os.path.getsize(BINARY) / 1048576:7.1f} MiB")
    first_frames(options.runs)
    loading(options.keys)
    scanning(options.keys)


if __name__ == "__main__":
    main()
