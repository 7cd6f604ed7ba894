#!/usr/bin/env python3
"""Prints what listing a bucket whole costs: LISTs, time to the first rows and to the last, for buckets of every shape.

    cargo build --release && python3 benches/listing.py [--keys 200000] [--latency 50] [--jobs 64] [--shape users]...

It needs nothing but Python 3. A sandbox in a process of its own answers each request after the latency; both share this
machine's cores, so that with fast answers it is the sandbox that is measured. S3WARDEN names another binary.

LISTs        requests that were answered, as the summary of the listing counts them; pages is the least there could be
first rows   from starting the process until the first row can be read from its output
all rows     from starting the process until its last row was read; rows come in key order
"""
import argparse
import json
import os
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BINARY = os.environ.get("S3WARDEN", os.path.join(ROOT, "target", "release", "s3warden"))
SHAPES = ["flat", "users", "chat", "dates", "skew"]


def sandbox(shape, keys, latency):
    """A sandbox with one bucket, and the environment that leads to it."""
    process = subprocess.Popen(
        [BINARY, "sandbox", "--listen", "127.0.0.1:0", "--synthetic", f"{shape}:{keys}", "--latency", f"List*={latency}"],
        stdout=subprocess.PIPE, text=True)
    env = {**os.environ, "AWS_EC2_METADATA_DISABLED": "true"}
    for line in process.stdout:
        if line.strip() == "ready":
            return process, env
        name, _, value = line.strip().partition("=")
        env[name] = value.strip("'\"")
    sys.exit("the sandbox did not start")


def listing(shape, env, jobs, versions):
    """Seconds to the first and to the last row, and the summary; rows are checked to be in order."""
    arguments = [BINARY, "ls", f"s3://synthetic-{shape}/", "--recursive", "--jobs", str(jobs), "-q", "--format", "ndjson"]
    begun = time.perf_counter()
    process = subprocess.Popen(arguments + (["--versions"] if versions else []), env=env, stdout=subprocess.PIPE)
    first, rows = None, []
    for row in process.stdout:
        first = first or time.perf_counter() - begun
        rows.append(row)
    took = time.perf_counter() - begun
    if process.wait() != 0:
        sys.exit(f"the listing ended with status {process.returncode}")
    end = json.loads(rows.pop())
    keys = [json.loads(row)["key"].encode() for row in rows]
    if keys != sorted(keys):
        sys.exit("the rows are out of order")
    return first, took, end, len(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keys", type=int, default=200_000)
    parser.add_argument("--latency", type=int, default=50, help="milliseconds that each request waits")
    parser.add_argument("--jobs", type=int, default=64, help="requests in flight at most")
    parser.add_argument("--shape", action="append", choices=SHAPES)
    parser.add_argument("--versions", action="store_true", help="list versions instead of objects")
    options = parser.parse_args()
    print(f"{options.keys} keys, {options.latency} ms a request, {options.jobs} in flight at most")
    print(f"{'shape':<8}{'pages':>7}{'LISTs':>7}{'first rows':>13}{'all rows':>12}{'rows/s':>10}")
    for shape in options.shape or SHAPES:
        process, env = sandbox(shape, options.keys, options.latency)
        try:
            first, took, end, rows = listing(shape, env, options.jobs, options.versions)
        finally:
            process.terminate()
            process.wait()
        if not end["complete"] or rows != options.keys:
            sys.exit(f"{shape}: {rows} rows, complete: {end['complete']}")
        pages, requests = -(-rows // 1000), end["summary"]["requests"]
        print(f"{shape:<8}{pages:>7}{requests:>7}{first * 1000:>10.0f} ms{took:>10.2f} s{rows / took:>10.0f}")


if __name__ == "__main__":
    main()
