"""Hand-made systems on servers that are not AWS: a SeaweedFS as it comes, which has no STS and names nobody, and moto.

Each system has users who are gone and users who are not. After a purge, or after what is done to orphans, nothing of the
first is left and everything of the others is, as boto3 lists it. On SeaweedFS the systems of tests/systems/ are carried out
as well, by the test of the suite that runs them against the sandbox.
"""

import json
import os
import subprocess
import tempfile

import answers
from support import Program, arguments, fail, same, server, wait_until

PREVIEWS_RULES = """
version = 1
name = "systems"

[[bucket]]
name = "media"

[[bucket.layout]]
id = "upload"
key = "uploads/{user}/{file...}"
owner = "user"

[[bucket.derived]]
id = "preview"
from = "upload"
to_bucket = "previews"
regex = '^(.+)\\.[^.]+$'
replace = '$1.jpg'

[[bucket]]
name = "previews"
"""
NAMES = ["100%25.bin", "ada+test 1.bin", "plus+", "sp ace", "é", "plain.bin"]
GONE, LIVING = ["ada", "ben"], ["cy", "ada2"]


def fill(s3):
    for bucket in ("media", "previews"):
        s3.create_bucket(Bucket=bucket)
    for user in GONE + LIVING:
        for name in ("a.mov", "b.png", "no-extension"):
            s3.put_object(Bucket="media", Key=f"uploads/{user}/{name}", Body=b"x")
            stem, dot, _ = name.rpartition(".")
            if dot:
                s3.put_object(Bucket="previews", Key=f"uploads/{user}/{stem}.jpg", Body=b"made")
        for name in NAMES:
            s3.create_multipart_upload(Bucket="media", Key=f"uploads/{user}/{name}")


def things(s3):
    found = set()
    for bucket in ("media", "previews"):
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            found.update((bucket, "object", entry["Key"]) for entry in page.get("Contents", []))
        for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
            found.update((bucket, "upload", entry["Key"]) for entry in page.get("Uploads", []))
    return found


def of(user, all_things):
    return {thing for thing in all_things if thing[2].split("/")[1] == user}


def check(program, s3, name, names_nobody):
    fill(s3)
    home = program.home.name
    rules = os.path.join(home, "systems.toml")
    with open(rules, "w", encoding="utf-8") as file:
        file.write(PREVIEWS_RULES)
    living = os.path.join(home, "living.txt")
    with open(living, "w", encoding="utf-8") as file:
        file.write("".join(f"{user}\n" for user in LIVING))
    before = things(s3)
    named = ("--blueprint", rules)
    who = ("--operator", "Ada at the media team") if names_nobody else ()
    if names_nobody:
        refused = program.run("purge", "ada", *named, status=4)
        same(f"{name}: says what to type", b"--operator NAME" in refused.stderr, True)
    found = program.document("find", "ada", *named)
    same(f"{name}: everything of the user is found", len(found["items"]), len(of("ada", before)))
    execute = ("--write", "--execute", "--confirm", "ada")
    done = program.document("purge", "ada", *named, *execute, *who)
    same(f"{name}: the purge is complete", done["complete"], True)
    same(f"{name}: nothing of the user is left, and all of the others", things(s3), before - of("ada", before))
    source = done["summary"]["operator"]["source"]
    same(f"{name}: who acts is recorded", source, "stated" if names_nobody else "sts")
    program.run("receipt", "verify", done["summary"]["receipt"])

    before = things(s3)
    lists = ("--registry", living, "--max-share", "100", "--min-age", "0h")
    # What was made from something goes before it: the other way round the originals are left, and that is said.
    for bucket in ("previews", "media"):
        act = ("orphans", bucket, *named, *lists, *who, "--act", "delete")
        confirm = program.document(*act)["summary"]["confirm"]
        acted = program.run(*act, "--write", "--confirm", confirm, "--format", "json", status=None)
        if acted.returncode not in (0, 3):
            fail(f"{name}: orphans --act delete ended with {acted.returncode}: {acted.stderr.decode()}")
    # Uploads of a moment ago are no orphans yet.
    left = {thing for thing in things(s3) if thing[:2] == ("media", "object")}
    same(f"{name}: the orphans of the bucket are gone", of("ben", left), set())
    # moto dates every upload 2010: those are abandoned, whosever they are.
    objects = {thing for thing in before if thing[1] == "object"}
    kept = {thing for user in LIVING for thing in of(user, objects)}
    same(f"{name}: the living keep their media", kept - things(s3), set())

    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::media/*"}
        ],
    }
    s3.put_bucket_policy(Bucket="media", Policy=json.dumps(policy))
    audit = json.loads(program.run("audit", "media", "--format", "json", status=None).stdout)
    same(f"{name}: a public policy is public", "public-read" in {item["id"] for item in audit["items"]}, True)


ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
TEST = ["cargo", "test", "--locked", "--test", "suite", "--", "--ignored", "--exact", "systems::on_another_server"]


def carry_out_files(name, environment, names_nobody):
    """Every system of tests/systems/ that the server can hold."""
    where = {
        "SYSTEMS_SERVER": name,
        "SYSTEMS_ENDPOINT": environment["AWS_ENDPOINT_URL"],
        "SYSTEMS_ACCESS_KEY": environment["AWS_ACCESS_KEY_ID"],
        "SYSTEMS_SECRET_KEY": environment["AWS_SECRET_ACCESS_KEY"],
        **({"SYSTEMS_OPERATOR": "interop"} if names_nobody else {}),
    }
    if subprocess.run(TEST, cwd=ROOT, env={**os.environ, **where}).returncode:
        fail(f"the systems of tests/systems on {name}")
    print(f"interop: ok: {name}: every system that it can hold is judged and purged by the truth")


def main():
    path, binaries = arguments()
    for name, word, start, names_nobody in (
        ("SeaweedFS as it comes", "seaweedfs", answers.seaweedfs, True),
        ("moto", "moto", answers.moto, False),
    ):
        with tempfile.TemporaryDirectory(prefix="s3warden-systems-") as folder:
            command, endpoint = start(binaries, folder)
            with server(command, os.path.join(folder, "log")) as process:
                wait_until(f"{name} answers", answers.ready(endpoint), process)
                environment = {
                    "AWS_ENDPOINT_URL": endpoint,
                    "AWS_ACCESS_KEY_ID": "interop-access",
                    "AWS_SECRET_ACCESS_KEY": "interop-secret-key",
                    "AWS_REGION": "us-east-1",
                }
                with Program(path, **environment) as program:
                    check(program, answers.client("s3", endpoint), name, names_nobody)
                carry_out_files(word, environment, names_nobody)


if __name__ == "__main__":
    main()
