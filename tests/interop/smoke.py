"""The smoke test on SeaweedFS, which checks signatures, policies and CORS by code of its own."""

import os

from support import fail, same

BUCKET = "interop-smoke"
ORIGIN = "https://app.example.org"
BLUEPRINT = f"""
version = 1
name = "interop"

[[bucket]]
name = "{BUCKET}"

[[bucket.layout]]
id = "upload"
key = "uploads/{{user}}/{{uuid}}.{{ext}}"
owner = "user"
shape = {{ uuid = "uuid", ext = ["jpg", "png"] }}

[bucket.expect]
public = "none"

[[bucket.expect.cors]]
origins = ["{ORIGIN}"]
methods = ["GET", "PUT", "POST"]
headers = ["content-type"]

[bucket.presign.put]
expires = "5m"
content_types = ["image/jpeg"]
sign_length = true
metadata = ["message-id"]

[bucket.presign.post]
expires = "5m"
content_types = ["image/jpeg"]
max_size = "100 kB"

[service_levels]
upload = {{ size = "10 MB", within = "30s" }}
"""

# What SeaweedFS does not do as S3 does, and what it does not have.
FAILS = []
SKIPPED = ["plain-http", "derived-appears", "access-log"]


def versions(s3):
    listed = s3.list_object_versions(Bucket=BUCKET)
    return listed.get("Versions", []) + listed.get("DeleteMarkers", [])


def check(program, s3):
    s3.create_bucket(Bucket=BUCKET)
    rule = {"AllowedOrigins": [ORIGIN], "AllowedMethods": ["GET", "PUT", "POST"], "AllowedHeaders": ["*"]}
    s3.put_bucket_cors(Bucket=BUCKET, CORSConfiguration={"CORSRules": [rule]})
    file = os.path.join(program.home.name, "smoke.toml")
    with open(file, "w", encoding="utf-8") as blueprint:
        blueprint.write(BLUEPRINT)
    command = ["smoke", BUCKET, "--blueprint", file]
    program.run(*command, status=4)
    for versioning in ["Off", "Enabled"]:
        if versioning != "Off":
            s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": versioning})
        document = program.document(*command, "--write", status=3 if FAILS else 0)
        outcomes = {item["name"]: item["outcome"] for item in document["items"]}
        if outcomes.get("removed") != "pass":
            fail(f"something is left, versioning {versioning}: {document}")
        same("the checks that fail", [name for name in outcomes if outcomes[name] == "fail"], FAILS)
        same("the checks that are skipped", [name for name in outcomes if outcomes[name] == "skipped"], SKIPPED)
        same(f"what is left, versioning {versioning}", versions(s3), [])
    # The list of buckets is compared later.
    s3.delete_bucket(Bucket=BUCKET)
    print(f"interop: ok: of {len(outcomes)} smoke checks {len(SKIPPED)} are skipped and {len(FAILS)} fail")
