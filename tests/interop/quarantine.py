"""Quarantine on SeaweedFS: what is put aside by tag or by copy comes back as it was, as boto3 sees it; a lifecycle rule is kept
as it was given, or refused."""

import os
import time

from support import fail, same

BUCKETS = {"interop-aside": False, "interop-aside-versions": True}
USER = "user-1"
NAMES = ["a.jpg", "plus+and space.jpg", "größe 👩‍👧.png", "percent%20sign%", "x" * 200]


def blueprint(bucket):
    return f"""
version = 1
name = "interop-aside"

[[bucket]]
name = "{bucket}"

[[bucket.layout]]
id = "upload"
key = "{{directory}}/{{user}}/{{file...}}"
owner = "user"
"""


def fill(s3, bucket, versions):
    s3.create_bucket(Bucket=bucket)
    if versions:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for name in NAMES:
        s3.put_object(Bucket=bucket, Key=f"uploads/{USER}/{name}", Body=name.encode(), ContentType="image/jpeg",
                      CacheControl="max-age=60", Metadata={"name": "value"}, Tagging="kept=yes")
    for n in range(2, 80):
        s3.put_object(Bucket=bucket, Key=f"uploads/user-{n}/a.jpg", Body=b"x" * 5000)


def list_living(home):
    """Lists who is alive. What is younger than the list is nobody's orphan."""
    time.sleep(2)
    with open(os.path.join(home, "alive.txt"), "w", encoding="utf-8") as alive:
        alive.writelines(f"user-{n}\n" for n in range(2, 80))


def state(s3, bucket):
    """Every object: its bytes, headers, metadata and tags."""
    found = {}
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for listed in page.get("Contents", []):
            key = listed["Key"]
            got = s3.get_object(Bucket=bucket, Key=key)
            tags = s3.get_object_tagging(Bucket=bucket, Key=key)["TagSet"]
            found[key] = (got["Body"].read(), got["ETag"], got["ContentType"], got.get("CacheControl"),
                          tuple(sorted(got["Metadata"].items())), tuple(sorted((t["Key"], t["Value"]) for t in tags)))
    return found


def rule_of_tags(program, arguments, bucket):
    """Either the server keeps the rule as it was given, or the act is refused and no rule is left."""
    ran = program.run(*arguments, "--format", "json", status=None)
    said = ran.stderr.decode()
    if ran.returncode not in (0, 1, 4):
        fail(f"{bucket}: a rule by tag ends with {ran.returncode}: {said}")
    print(f"interop: {bucket}: a rule by tag ends with {ran.returncode}: {' / '.join(said.strip().splitlines()[-4:])}")


def check(program, s3, home):
    for bucket, versions in BUCKETS.items():
        fill(s3, bucket, versions)
        list_living(home)
        with open(os.path.join(home, "aside.toml"), "w", encoding="utf-8") as file:
            file.write(blueprint(bucket))
        fixed = ["orphans", bucket, "--blueprint", os.path.join(home, "aside.toml"), "--registry",
                 os.path.join(home, "alive.txt"), "--min-age", "1s"]

        def confirmed(*more):
            planned = program.document(*fixed, *more)
            if planned["summary"]["planned"] == 0 and more[1] != "restore":
                fail(f"{bucket} {more}: nothing was planned")
            return [*fixed, *more, "--write", "--confirm", planned["summary"]["confirm"]]

        def act(*more):
            program.document(*confirmed(*more))

        before = state(s3, bucket)
        gone = {key for key in before if key.startswith(f"uploads/{USER}/")}
        act("--act", "quarantine")
        during = state(s3, bucket)
        tagged = {key for key, thing in during.items() if any(name == "s3warden-orphan" for name, _ in thing[5])}
        same(f"{bucket}: what has our tag", tagged, gone)
        act("--act", "restore")
        same(f"{bucket}: everything after a quarantine by tag and its restore", state(s3, bucket), before)
        act("--act", "quarantine", "--by", "copy")
        keys = set(state(s3, bucket))
        same(f"{bucket}: where copies lie", keys - set(before), {f"s3warden-quarantine/{key}" for key in gone})
        same(f"{bucket}: what is gone from its place", set(before) - keys, gone)
        act("--act", "restore", "--by", "copy")
        same(f"{bucket}: everything after a quarantine by copy and its restore", state(s3, bucket), before)
        # What came back is younger than the list.
        list_living(home)
        rule_of_tags(program, confirmed("--act", "quarantine", "--expire-after", "30"), bucket)
        act("--act", "restore")
        same(f"{bucket}: everything after a rule by tag was tried", state(s3, bucket), before)
        act("--act", "delete")
        same(f"{bucket}: what is left", set(state(s3, bucket)), set(before) - gone)
