#!/usr/bin/env python3
"""Prints how quick the console is: first frame, key to frame while a million keys load, memory, binary size.

    cargo build --release && python3 benches/console.py [--keys 1000000] [--runs 15]

It needs nothing but Python 3. Machines are noisy: read medians, and compare only figures of one run.

first frame      from starting the process until the console's title has been written to the terminal
key to frame     from writing a cursor key to the terminal until the console has written the frame that answers it,
                 while all keys of a synthetic bucket are being listed from a sandbox in a process of its own
memory           resident memory of the console once every key is loaded, and per key
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


def sandbox(keys):
    process = subprocess.Popen(
        [BINARY, "sandbox", "--listen", "127.0.0.1:0", "--synthetic", f"flat:{keys}"],
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


if __name__ == "__main__":
    main()
