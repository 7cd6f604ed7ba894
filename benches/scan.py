#!/usr/bin/env python3
"""Prints what a scan takes: time, requests, memory, for buckets of any size and shape.

    cargo build --release && python3 benches/scan.py [--shape users] [--keys 1000000 10000000] [--latency 0] [--jobs 16]

It needs nothing but Python 3. Each bucket is served by a sandbox in a process of its own, on the same machine: the two
share its cores, and a scan of a real bucket has them to itself. Machines are noisy: compare only figures of one run.

time       from starting the process to its end: connecting, listing, counting by class and age, printing
LISTs      requests sent, and how many of them a listing page by page would need
CPU        user and system time of the scan's process, an object
peak       the most memory that its process held at any time, and an object's share of it
file       the saved scan, entity tags included, and how long opening and counting it takes
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BINARY = os.environ.get("S3WARDEN", os.path.join(ROOT, "target", "release", "s3warden"))


def measured(arguments, env):
    """Runs the program; its document, its time in seconds, and what it used."""
    with tempfile.TemporaryFile() as output:
        begun = time.perf_counter()
        process = subprocess.Popen([BINARY, *arguments, "--format", "json", "-q"], stdout=output, env={**os.environ, **env})
        _, status, used = os.wait4(process.pid, 0)
        took = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        document = output.read()
    if process.returncode != 0:
        sys.exit(f"s3warden {' '.join(arguments)} exited with {process.returncode}")
    return json.loads(document), took, used


def sandbox(shape, keys, latency):
    arguments = [BINARY, "sandbox", "--listen", "127.0.0.1:0", "--synthetic", f"{shape}:{keys}"]
    if latency:
        arguments += ["--latency", str(latency)]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    env = {"AWS_EC2_METADATA_DISABLED": "true"}
    for line in process.stdout:
        if line.strip() == "ready":
            return process, env
        name, _, value = line.strip().partition("=")
        env[name] = value.strip("'\"")
    sys.exit("the sandbox did not start")


def figures(shape, keys, options):
    process, env = sandbox(shape, keys, options.latency)
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "bench.s3scan")
        try:
            plain, took, used = measured(
                ["scan", f"s3://synthetic-{shape}/", "--jobs", str(options.jobs)], env)
            kept, kept_took, kept_used = measured(
                ["scan", f"s3://synthetic-{shape}/", "--jobs", str(options.jobs), "--etags", "--save", file], env)
        finally:
            process.terminate()
            process.wait()
        for document in (plain, kept):
            if document["summary"]["objects"] != keys or not document["complete"]:
                sys.exit(f"the scan is wrong: {document['summary']}")
        _, opened, opened_used = measured(["scan", "--open", file, "--by", "class"], {})
        size = os.path.getsize(file)
    print(f"{shape}, {keys:,} keys, {options.latency} ms a request, {options.jobs} at a time")
    line(" scan", took, used, keys, plain["summary"])
    line(" scan with entity tags, saved", kept_took, kept_used, keys, kept["summary"])
    print(f" {'file':31} {size / 1048576:8.1f} MiB   {size / keys:5.1f} bytes an object   opened and counted in {opened:.2f} s, "
          f"peak {opened_used.ru_maxrss / 1024:.0f} MiB", flush=True)


def line(title, took, used, keys, summary):
    cpu = (used.ru_utime + used.ru_stime) * 1e6 / keys
    peak = used.ru_maxrss * 1024
    print(f"{title:32} {took:8.1f} s   {summary['requests']:7,} LISTs ({summary['requests'] * 1000 / keys:.2f} of N/1000)   "
          f"{cpu:5.1f} µs CPU an object   peak {peak / 1048576:7.1f} MiB, {peak / keys:6.1f} bytes an object", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", default="users", choices=["flat", "users", "chat", "dates", "skew"])
    parser.add_argument("--keys", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--latency", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=16)
    options = parser.parse_args()
    if not os.path.exists(BINARY):
        sys.exit("build it first: cargo build --release")
    for keys in options.keys:
        figures(options.shape, keys, options)


if __name__ == "__main__":
    main()
