#!/usr/bin/env python3
"""Prints what listing a bucket whole costs: time, CPU, memory, requests, for buckets of every shape, and who else does it.

    cargo build --release && python3 benches/listing.py [--keys 200000 1000000] [--latency 0 50 100] [--shape users]...

It needs nothing but Python 3. A sandbox in a process of its own answers each LIST after the latency; both share this
machine's cores, and the column of the sandbox says what its part was. S3WARDEN names another binary. benches/compare.sh
installs other tools and has them measured beside it.

wall      from starting the process to its end, the median of the runs and the best and the worst one; every row is
          written to a file
CPU       user and system time of the process, a key; of the sandbox likewise
peak      the most memory that the process held at any time
LISTs     requests, as the summary of the listing counts them; N/1000 is the least there could be
in flight the most connections that were open at a time, which is the most requests that were in flight
rows at   from starting the process until the first row was in the file
keys      the first digits of the SHA-256 of the sorted keys, when they are those of a listing page by page; else WRONG
"""
import argparse
import hashlib
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BINARY = os.environ.get("S3WARDEN", os.path.join(ROOT, "target", "release", "s3warden"))
SHAPES = ["flat", "users", "chat", "dates", "skew"]
TICK = os.sysconf("SC_CLK_TCK")
# How long one listing may take before it is given up, in seconds.
PATIENCE = 180


class Sandbox:
    """A bucket of one shape, served by a process of its own."""

    def __init__(self, shape, keys, latency, cap=None):
        arguments = [BINARY, "sandbox", "--listen", "127.0.0.1:0", "--synthetic", f"{shape}:{keys}"]
        if latency:
            arguments += ["--latency", f"List*={latency}"]
        if cap:
            arguments += ["--faults", f"slow-down operation=List* over={cap}"]
        self.bucket = f"synthetic-{shape}"
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        self.env = {**os.environ, "AWS_EC2_METADATA_DISABLED": "true"}
        for line in self.process.stdout:
            if line.strip() == "ready":
                break
            name, _, value = line.strip().partition("=")
            self.env[name] = value.strip("'\"")
        else:
            sys.exit("the sandbox did not start")
        self.url = self.env["AWS_ENDPOINT_URL"]
        self.port = int(self.url.rsplit(":", 1)[1])

    def cpu(self):
        """Seconds of CPU so far."""
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def connections(self):
        """Connections that are open to it now."""
        wanted, established = f":{self.port:04X}", "01"
        with open("/proc/net/tcp") as table:
            rows = (row.split() for row in table)
            return sum(row[1].endswith(wanted) and row[3] == established for row in rows)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def json_keys(output):
    """The keys of rows of JSON, without parsing all of them."""
    for row in output.splitlines():
        found = re.search(rb'"key":"([^"\\]*)"', row)
        if found:
            yield found[1]
        elif b'"key":' in row:
            yield json.loads(row)["key"].encode()


class Tool:
    """A program that lists, how it is called, and what it prints."""

    def __init__(self, name, arguments, keys=None, summary=None):
        self.name, self.arguments, self.keys, self.summary = name, arguments, keys, summary


def ours(options):
    def last_row(output):
        return json.loads(output[output.rstrip().rfind(b"\n") + 1:])

    jobs = ["--jobs", str(options.jobs), "-q"]
    rows = ["ls", "s3://{bucket}/", "--recursive", "--format", "ndjson", *jobs]
    yield Tool("s3warden ls", [BINARY, *rows, *(["--versions"] if options.versions else [])], json_keys, last_row)
    if not options.versions:
        yield Tool("s3warden scan", [BINARY, "scan", "s3://{bucket}/", "--format", "json", *jobs], None, json.loads)


def others(folder, options):
    """The tools that benches/compare.sh put there, each as well as it can be called."""
    def lines(output):
        return output.splitlines()

    def s5cmd_keys(output):
        # Date, time, size, key.
        return (row.split(None, 3)[3] for row in output.splitlines())

    def s3ls_keys(output):
        # Time, size, and the key with or without its bucket.
        rows = (row.split(None, 2)[2] for row in output.splitlines())
        return (re.sub(rb"^s3://[^/]*/", b"", row) for row in rows)

    s3ls = ["s3ls", "--target-endpoint-url", "{url}", "--target-force-path-style", "--recursive", "--no-sort", "--raw-output",
            "--max-parallel-listings", str(options.jobs), "s3://{bucket}/"]
    known = [
        Tool("s5cmd ls", ["s5cmd", "--endpoint-url", "{url}", "ls", "s3://{bucket}/*"], s5cmd_keys),
        Tool("rclone lsf --fast-list", ["rclone", "lsf", "-R", "--files-only", "--fast-list",
             "--config", "/dev/null", ":s3,provider=Other,env_auth=true,endpoint='{url}':{bucket}"], lines),
        Tool("s3ls-rs", s3ls, s3ls_keys),
        # By itself it splits two folders deep, which is too deep for some buckets.
        Tool("s3ls-rs, one folder deep", [*s3ls, "--max-parallel-listing-max-depth", "1"], s3ls_keys),
    ]
    for tool in known:
        path = os.path.join(folder, "bin", tool.arguments[0])
        if os.path.exists(path):
            tool.arguments[0] = path
            yield tool


def peak(pid):
    """The most memory that a process held so far, in MiB; 0 where the system does not tell."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
            rows = [row.split() for row in file if row.startswith("VmHWM:")]
    except OSError:
        return 0
    return int(rows[0][1]) / 1024 if rows else 0


class Run:
    """One listing."""

    def __init__(self, tool, sandbox):
        arguments = [part.format(bucket=sandbox.bucket, url=sandbox.url) for part in tool.arguments]
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            served, begun = sandbox.cpu(), time.perf_counter()
            process = subprocess.Popen(arguments, env=sandbox.env, stdout=output, stderr=errors)
            self.first, self.most, self.peak, over = None, 0, 0, threading.Event()

            def watch():
                while not over.wait(0.004):
                    if self.first is None and os.fstat(output.fileno()).st_size:
                        self.first = time.perf_counter() - begun
                    self.most = max(self.most, sandbox.connections())
                    self.peak = max(self.peak, peak(process.pid))
                    if time.perf_counter() - begun > PATIENCE:
                        os.kill(process.pid, signal.SIGKILL)

            watcher = threading.Thread(target=watch)
            watcher.start()
            _, status, used = os.wait4(process.pid, 0)
            self.wall = time.perf_counter() - begun
            over.set()
            watcher.join()
            process.returncode = self.status = os.waitstatus_to_exitcode(status)
            self.cpu, self.served = used.ru_utime + used.ru_stime, sandbox.cpu() - served
            # What the system tells of a child that ended counts the memory of this program as well, from which it was
            # forked.
            self.peak = self.peak or used.ru_maxrss / 1024
            output.seek(0)
            self.output = output.read()
            errors.seek(0)
            self.error = errors.read().decode(errors="replace").strip().splitlines()[-1:]


def digest(keys):
    sha = hashlib.sha256()
    for key in sorted(keys):
        sha.update(key + b"\n")
    return sha.hexdigest()[:12]


def reference(shape, keys):
    """The keys as they are when they are listed one page after the other."""
    with Sandbox(shape, keys, 0) as sandbox:
        arguments = ["ls", "s3://{bucket}/", "--recursive", "--format", "ndjson", "--jobs", "1", "-q"]
        found = list(json_keys(Run(Tool("", [BINARY, *arguments]), sandbox).output))
    if len(found) != keys or len(set(found)) != keys:
        sys.exit(f"the sandbox lists {len(found)} keys of {keys}")
    return digest(found)


def verdict(tool, run, keys, expected):
    """What to say of the keys of a run."""
    if run.status != 0:
        return f"FAILED ({run.status}) " + "".join(run.error)[:90]
    if tool.keys:
        found = digest(tool.keys(run.output))
        return found if found == expected else "WRONG"
    summary = tool.summary(run.output)
    return "counted" if summary["complete"] and summary["summary"]["objects"] == keys else "WRONG"


def measure(tool, sandbox, keys, expected, times):
    runs = [Run(tool, sandbox) for _ in range(times)]
    said = [verdict(tool, run, keys, expected) for run in runs]
    wrong = [word for word in said if word.startswith(("WRONG", "FAILED"))]
    walls = [run.wall for run in runs]
    middle = sorted(runs, key=lambda run: run.wall)[len(runs) // 2]
    lists = tool.summary(middle.output)["summary"].get("requests") if tool.summary and not wrong else None
    first = f"{middle.first * 1000:.0f} ms" if middle.first and tool.keys else ""
    row = [tool.name, f"{statistics.median(walls):.2f} s ({min(walls):.2f}-{max(walls):.2f})",
           f"{middle.cpu * 1e6 / keys:.2f}", f"{middle.served * 1e6 / keys:.2f}", f"{middle.peak:.0f}",
           str(lists or ""), str(middle.most), first, wrong[0] if wrong else said[0]]
    print_row(row)


def print_row(row):
    widths = [26, 22, 9, 9, 9, 7, 10, 10, 0]
    print("".join(f"{cell:<{width}}" if at in (0, 8) else f"{cell:>{width}}  "[:width + 2]
                  for at, (cell, width) in enumerate(zip(row, widths))), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keys", type=int, nargs="+", default=[200_000])
    parser.add_argument("--latency", type=int, nargs="+", default=[50], help="milliseconds that each LIST waits")
    parser.add_argument("--jobs", type=int, default=64, help="requests in flight at most")
    parser.add_argument("--shape", action="append", choices=SHAPES)
    parser.add_argument("--times", type=int, default=3, help="runs of each, of which the median is told")
    parser.add_argument("--cap", type=int, help="LISTs a second beyond which the sandbox answers 503")
    parser.add_argument("--versions", action="store_true", help="list versions instead of objects")
    parser.add_argument("--beside", help="the folder with the tools that benches/compare.sh installed")
    options = parser.parse_args()
    if not os.path.exists(BINARY):
        sys.exit("build it first: cargo build --release")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before, {options.jobs} in flight at most"
          + (f", 503 beyond {options.cap} LISTs a second" if options.cap else ""))
    for keys in options.keys:
        for shape in options.shape or SHAPES:
            expected = reference(shape, keys)
            for latency in options.latency:
                print(f"\n{shape}, {keys:,} keys, {latency} ms a LIST, load {os.getloadavg()[0]:.1f}")
                print_row(["", "wall", "µs CPU", "sandbox", "peak MiB", "LISTs", "in flight", "rows at", "keys"])
                with Sandbox(shape, keys, latency, options.cap) as sandbox:
                    for tool in ours(options):
                        measure(tool, sandbox, keys, expected, options.times)
                    if options.beside:
                        for tool in others(options.beside, options):
                            # They take many times as long: once says enough.
                            measure(tool, sandbox, keys, expected, 1)


if __name__ == "__main__":
    main()
