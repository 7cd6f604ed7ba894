"""A purge on SeaweedFS, which keeps versions by code of its own: what is left is what was there less what is the user's,
as boto3 lists it, also when the program is killed on the way."""

import json
import os
import signal
import socket
import subprocess
import threading

import botocore.exceptions

from support import fail, same

BUCKET, PLAIN = "interop-purge", "interop-purge-plain"
UUID = "6f9619ff-8b86-4011-b42d-00c04fc964ff"
USER = "user-1"
BLUEPRINT = f"""
version = 1
name = "interop-purge"

[[bucket]]
name = "{BUCKET}"

[[bucket.layout]]
id = "upload"
key = "{{directory}}/{{user}}/{{file...}}"
owner = "user"

[[bucket.derived]]
id = "thumbnail"
from = "upload"
to_bucket = "{PLAIN}"
steps = [{{ append = ".webp" }}]

[[bucket]]
name = "{PLAIN}"
"""

NAMES = [f"{UUID}-{n:03}.jpg" for n in range(120)]
# Keys that need escaping, which servers write in their lists of uploads in ways of their own.
UPLOADS = ["100%25.bin", "ada+test 1.bin", "plus+", "sp ace", "é", "begun.mp4"]
NASTY = ["plus+and space.jpg", "größe 👩‍👧.png", "quotes'and\"double", "percent%20sign%", "<xml>&entity;", "no-dot"]
OWNERS = [USER, "user-10", "user-2", "User-1", "user-1.", "user+1", "ünal@example.org"]


def fill(s3):
    s3.create_bucket(Bucket=BUCKET)
    s3.create_bucket(Bucket=PLAIN)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    wait_for_locks(s3)
    for owner in OWNERS:
        for directory in ("uploads", "documents"):
            names = NAMES + NASTY if owner == USER else NAMES[:3] + NASTY
            for n, name in enumerate(names):
                key = f"{directory}/{owner}/{name}"
                for version in range(1 + n % 3):
                    s3.put_object(Bucket=BUCKET, Key=key, Body=b"x" * (version + 1))
                if n % 7 == 0:
                    s3.delete_object(Bucket=BUCKET, Key=key)
                if n % 2 == 0:
                    s3.put_object(Bucket=PLAIN, Key=f"{key}.webp", Body=b"made")
        for name in UPLOADS:
            s3.create_multipart_upload(Bucket=BUCKET, Key=f"uploads/{owner}/{name}")
    # In the folder of nobody, and in a folder that is called like the user.
    s3.put_object(Bucket=BUCKET, Key=f"{USER}/uploads/x.jpg", Body=b"x")


def wait_for_locks(s3):
    """SeaweedFS locks a key to write a second version of it, and for a minute after its start nobody gives locks out."""
    for _ in range(12):
        try:
            for _ in range(2):
                s3.put_object(Bucket=BUCKET, Key="ready", Body=b"ready")
            return
        except botocore.exceptions.ReadTimeoutError:
            pass
    fail("no second version of a key can be written")


def things(s3):
    """Every version, marker and upload of both buckets."""
    found = set()
    for bucket in (BUCKET, PLAIN):
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            for kind in ("Versions", "DeleteMarkers"):
                for entry in page.get(kind, []):
                    found.add((bucket, entry["Key"], kind, entry["VersionId"]))
        for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
            for entry in page.get("Uploads", []):
                found.add((bucket, entry["Key"], "Uploads", entry["UploadId"]))
    return found


def remove(s3):
    for bucket, key, kind, name in things(s3):
        if kind == "Uploads":
            s3.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=name)
        else:
            s3.delete_object(Bucket=bucket, Key=key, VersionId=name)
    for bucket in (BUCKET, PLAIN):
        s3.delete_bucket(Bucket=bucket)


def is_users(thing):
    folders = thing[1].split("/")
    return len(folders) > 2 and folders[1] == USER


class Relay:
    """Stands between the program and the server. When told to, it passes so many deletions on and then holds every request
    back: what the program waits for never comes, so that it can be killed in the middle without a race."""

    def __init__(self, endpoint):
        self.port = int(endpoint.rsplit(":", 1)[1])
        self.lock, self.left, self.method = threading.Lock(), None, b""
        self.holding, self.let_go = threading.Event(), threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def hold_after(self, deletions, method):
        with self.lock:
            self.left, self.method = deletions, method
            self.holding.clear()
            self.let_go.clear()

    def release(self):
        with self.lock:
            self.left = None
            self.holding.clear()
            self.let_go.set()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.create_connection(("127.0.0.1", self.port))
            for source, target, is_request in ((client, server, True), (server, client, False)):
                threading.Thread(target=self.forward, args=(source, target, is_request), daemon=True).start()

    def forward(self, source, target, is_request):
        with source, target:
            try:
                while data := source.recv(1 << 16):
                    if is_request and self.holds(data):
                        self.let_go.wait()
                        return
                    target.sendall(data)
            except OSError:
                pass  # The other side has gone.

    def holds(self, data):
        line = data.split(b"\r\n", 1)[0]
        with self.lock:
            is_deletion = line.startswith(b"DELETE ") or (line.startswith(b"POST ") and b"delete" in line)
            if self.left is not None and is_deletion and line.startswith(self.method):
                self.left -= 1
                if self.left < 0:
                    self.holding.set()
            return self.holding.is_set()


def killed(program, relay, deletions, arguments, method=b""):
    """Runs the program, and kills it when so many deletions (by this method) have gone through and the next is on its way."""
    relay.hold_after(deletions, method)
    command = [program.path, *arguments]
    process = subprocess.Popen(command, env=program.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if not relay.holding.wait(timeout=120):
        process.kill()
        fail(f"{arguments}: no deletion came: {process.communicate()[1].decode()}")
    process.kill()
    same(f"killed after {deletions} deletions {method.decode()}".rstrip(), process.wait(), -signal.SIGKILL)
    process.communicate()
    relay.release()


def check(program, s3, endpoint):
    fill(s3)
    before = things(s3)
    expected = {thing for thing in before if is_users(thing)}
    left = before - expected
    counts = {kind: sum(1 for thing in expected if thing[2] == kind) for kind in ("Versions", "DeleteMarkers", "Uploads")}
    print(f"interop: the user has {counts}, others {len(left)} things")
    if not all(counts.values()):
        fail("the user has to have versions, markers and uploads")
    rules = os.path.join(program.home.name, "interop-purge.toml")
    with open(rules, "w", encoding="utf-8") as file:
        file.write(BLUEPRINT)
    relay = Relay(endpoint)
    program.environment["AWS_ENDPOINT_URL"] = relay.endpoint
    try:
        plan = os.path.join(program.home.name, "plan.jsonl")
        named = ("--blueprint", rules)
        found = program.document("find", USER, *named)
        same("find: as many things", len(found["items"]), len(expected))
        planned = program.document("purge", USER, *named, "--plan-out", plan)
        ids = {(item["bucket"], item["key"], item["version_id"] or item["upload_id"]) for item in planned["items"]}
        same("the plan holds exactly the user's", ids, {(bucket, key, name) for bucket, key, _, name in expected})
        same("a dry run changes nothing", things(s3), before)
        confirmed = ("--write", "--confirm", USER, *named)
        program.run("purge", "--plan", plan, "--execute", "--write", "--confirm", "user-10", *named, status=4)
        same("another user's confirmation changes nothing", things(s3), before)

        killed(program, relay, 0, ["purge", "--plan", plan, "--execute", *confirmed])
        same("what was not passed on was not done", before - things(s3), set())
        # After a few deletions, before the first batch, and between batches.
        for deletions, method in ((3, b""), (0, b"POST"), (1, b"POST")):
            killed(program, relay, deletions, ["purge", "--resume", plan, *confirmed], method)
            now = things(s3)
            same("nothing of anybody else's is gone", left - now, set())
            if now == left:
                fail("it was killed too late: everything was gone")
        done = program.document("purge", "--resume", plan, *confirmed)
        same("everything else is left, and nothing of the user's", things(s3), left)
        same("outcomes", {item["outcome"] for item in done["items"]}, {"deleted"})
        receipt = done["summary"]["receipt"]
        verified = program.run("receipt", "verify", receipt)
        print(f"interop: ok: {verified.stderr.decode().strip().splitlines()[0]}")
        with open(receipt, encoding="utf-8") as file:
            text = file.read()
        same("receipt: items", len(json.loads(text)["items"]), len(expected))
        same("receipt: no key of the user's", [key for _, key, *_ in expected if key in text], [])
        same("plan and journal are gone", os.path.exists(plan), False)
        again = program.document("find", USER, *named)
        same("nothing is found any more", again["items"], [])
    finally:
        program.environment["AWS_ENDPOINT_URL"] = endpoint
    remove(s3)
