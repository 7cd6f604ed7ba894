"""s3warden against SeaweedFS: what boto3 put there is what the program lists, no more and no less."""

import base64
import json
import os
import tempfile

import boto3
import botocore.exceptions
from botocore.config import Config

import console
import presign
import purge
import quarantine
import smoke
from support import Program, arguments, fail, free_ports, same, server, wait_until

ACCESS_KEY, SECRET_KEY = "interop", "interop-secret-access-key"
SIGNING_KEY = base64.b64encode(b"interop-signing-key-of-32-bytes!").decode()
UPLOADS, PLAIN = "pilotforce-user-uploads", "interop-plain"
UUID = "6f9619ff-8b86-4011-b42d-00c04fc964ff"

OF_USER_1 = [
    f"documents/user-1/{UUID}-contract.pdf",
    f"uploads/user-1/{UUID}-cat.jpg",
    f"uploads/user-1/{UUID}-dog.jpg",
    "uploads/user-1/not-by-the-template.jpg",
]
OF_OTHERS = [
    f"uploads/user-10/{UUID}-cat.jpg",
    f"uploads/user-2/{UUID}-cat.jpg",
    f"uploads/User-1/{UUID}-cat.jpg",
    f"uploads/ünal@example.org/{UUID}-größe.jpg",
    f"user-1/uploads/{UUID}-the-other-way-round.jpg",
]
# SeaweedFS keeps keys as paths of files: `a//b` and a key that is another one's folder cannot be kept there.
NASTY = [
    "nasty/plus+and space",
    "nasty/percent%20sign%",
    "nasty/trailing space ",
    "nasty/ leading space",
    "nasty/question?and#hash&amp",
    "nasty/quotes'and\"double",
    "nasty/emoji 👩‍👧.png",
    "nasty/עברית.jpg",
    "nasty/combining e\u0301",
    "nasty/<xml>&entity;",
    "nasty/=formula",
    "nasty/" + "k" * 200,
    "=top-level",
]
MANY = [f"many/{n:05}.bin" for n in range(2345)]


def start(folder, binaries):
    """The command of a SeaweedFS with one identity, on free ports, and its endpoint."""
    ports = free_ports(8)
    master, master_grpc, volume, volume_grpc, filer, filer_grpc, s3, s3_grpc = map(str, ports)
    config = os.path.join(folder, "s3.json")
    identity = {
        "name": "interop",
        "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    with open(config, "w", encoding="utf-8") as file:
        json.dump({"identities": [identity]}, file)
    # Without it GetCallerIdentity is answered 503, and nobody can plan a purge who cannot say who they are.
    sts = {"tokenDuration": "1h", "maxSessionLength": "12h", "issuer": "interop", "signingKey": SIGNING_KEY}
    roles = os.path.join(folder, "iam.json")
    with open(roles, "w", encoding="utf-8") as file:
        json.dump({"sts": sts, "policy": {"defaultEffect": "Allow", "storeType": "memory"}, "roles": [], "policies": []}, file)
    data = os.path.join(folder, "data")
    os.mkdir(data)
    command = [
        os.path.join(binaries, "weed"), "server", f"-dir={data}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
        f"-master.port={master}", f"-master.port.grpc={master_grpc}", "-master.telemetry=false",
        "-master.volumeSizeLimitMB=64", "-volume.max=40", "-volume.preStopSeconds=0",
        f"-volume.port={volume}", f"-volume.port.grpc={volume_grpc}",
        f"-filer.port={filer}", f"-filer.port.grpc={filer_grpc}",
        f"-filer.localSocket={folder}/filer.sock", "-metricsPort=0",
        "-s3", f"-s3.port={s3}", f"-s3.port.grpc={s3_grpc}", "-s3.port.iceberg=0", "-s3.port.lance=0",
        f"-s3.localSocket={folder}/s3.sock", f"-s3.config={config}",
        f"-s3.iam.config={roles}",
    ]  # fmt: skip
    return command, f"http://127.0.0.1:{s3}"


def fill(s3):
    s3.create_bucket(Bucket=UPLOADS)
    s3.create_bucket(Bucket=PLAIN)
    s3.put_bucket_versioning(Bucket=UPLOADS, VersioningConfiguration={"Status": "Enabled"})
    for key in OF_USER_1 + OF_OTHERS + NASTY:
        s3.put_object(Bucket=UPLOADS, Key=key, Body=key.encode())
    s3.put_object(Bucket=UPLOADS, Key=OF_USER_1[0], Body=b"a second version")
    s3.put_object(Bucket=UPLOADS, Key=f"videos/user-1/{UUID}-gone.mp4", Body=b"gone")
    s3.delete_object(Bucket=UPLOADS, Key=f"videos/user-1/{UUID}-gone.mp4")
    for key in MANY:
        s3.put_object(Bucket=PLAIN, Key=key, Body=b"x")


def listed(s3, **request):
    """What boto3 lists: objects by key, and prefixes."""
    objects, prefixes = {}, set()
    for page in s3.get_paginator("list_objects_v2").paginate(**request):
        objects.update({entry["Key"]: entry for entry in page.get("Contents", [])})
        prefixes.update(entry["Prefix"] for entry in page.get("CommonPrefixes", []))
    return objects, prefixes


def versions(s3, bucket):
    found = set()
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for kind in ("Versions", "DeleteMarkers"):
            for entry in page.get(kind, []):
                is_marker = kind == "DeleteMarkers"
                found.add((entry["Key"], entry["VersionId"], entry["IsLatest"], is_marker))
    return found


def keys(document):
    return [item["key"] for item in document["items"] if "key" in item]


def check(program, s3):
    fleet = program.document("buckets")
    rows = {item["bucket"]: item for item in fleet["items"]}
    same("buckets", set(rows), {UPLOADS, PLAIN})
    same("versioning of both", (rows[UPLOADS]["versioning"], rows[PLAIN]["versioning"]), ("enabled", "off"))
    unknown = {note["what"] for note in fleet["summary"]["incomplete"]}
    for name, row in rows.items():
        for field in ("encryption", "public"):
            if row[field] is None and f"{field} of {name}" not in unknown:
                fail(f"{field} of {name} is null without a note")

    expected, prefixes = listed(s3, Bucket=UPLOADS, Delimiter="/")
    one_level = program.document("ls", f"s3://{UPLOADS}/")
    same("one level: keys", set(keys(one_level)), set(expected))
    found = {item["prefix"] for item in one_level["items"] if "prefix" in item}
    same("one level: prefixes", found, prefixes)

    everything, _ = listed(s3, Bucket=UPLOADS)
    same("what SeaweedFS keeps is what was put", set(everything), set(OF_USER_1 + OF_OTHERS + NASTY))
    recursive = program.document("ls", f"s3://{UPLOADS}", "--recursive")
    same("recursive: keys", set(keys(recursive)), set(everything))
    same("recursive: no key twice", len(keys(recursive)), len(everything))
    same("recursive: complete", recursive["complete"], True)
    sizes = {item["key"]: (item["size"], item["etag"]) for item in recursive["items"]}
    expected = {key: (entry["Size"], entry["ETag"].strip('"')) for key, entry in everything.items()}
    same("recursive: sizes and entity tags", sizes, expected)

    owned = program.document("ls", f"s3://{UPLOADS}/", "--owner", "user-1")
    same("owner user-1", sorted(keys(owned)), sorted(OF_USER_1))
    same("owner user-1: complete", owned["complete"], True)
    other = program.document("ls", f"s3://{UPLOADS}/", "--owner", "ünal@example.org")
    same("owner ünal@example.org", keys(other), [OF_OTHERS[3]])

    document = program.document("ls", f"s3://{UPLOADS}", "--recursive", "--versions")
    found = {
        (item["key"], item["version_id"], item["is_latest"], item["is_delete_marker"])
        for item in document["items"]
    }
    same("versions and markers", found, versions(s3, UPLOADS))

    many = program.document("ls", f"s3://{PLAIN}/many/")
    same("three pages, in order", keys(many), MANY)

    console.browse(
        program,
        UPLOADS,
        owners=["user-1", "user-10", "user-2", "User-1", "ünal@example.org", "uploads"],
        prefixes=["documents/user-1/", "uploads/user-1/"],
        object_name="cat.jpg",
    )

    missing = program.document("ls", "s3://interop-no-such-bucket/", status=1)
    same("a bucket that is not there: complete", missing["complete"], False)
    program.environment["AWS_SECRET_ACCESS_KEY"] = "not-the-secret"
    refused = program.run("ls", f"s3://{UPLOADS}/", status=1)
    if b"not-the-secret" in refused.stderr or not refused.stderr.startswith(b"error: could not list"):
        fail(f"a wrong secret: {refused.stderr.decode()}")
    print("interop: ok: a wrong secret is refused in words")


def main():
    program, binaries = arguments()
    with tempfile.TemporaryDirectory(prefix="s3warden-seaweedfs-") as folder:
        command, endpoint = start(folder, binaries)
        s3 = boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, read_timeout=15),
        )

        def answers():
            # Ready is when an object can be written and read: the S3 port opens before the volumes are there.
            try:
                s3.create_bucket(Bucket="interop-ready")
                s3.put_object(Bucket="interop-ready", Key="ready", Body=b"ready")
                s3.delete_object(Bucket="interop-ready", Key="ready")
                s3.delete_bucket(Bucket="interop-ready")
            except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError):
                return False
            return True

        print(f"interop: SeaweedFS on {endpoint}")
        with server(command, os.path.join(folder, "weed.log")) as process:
            wait_until("SeaweedFS answers", answers, process)
            fill(s3)
            environment = {
                "AWS_ENDPOINT_URL": endpoint,
                "AWS_ACCESS_KEY_ID": ACCESS_KEY,
                "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
                "AWS_REGION": "us-east-1",
            }
            with Program(program, **environment) as pointed:
                presign.check(pointed, s3)
                smoke.check(pointed, s3)
                purge.check(pointed, s3, endpoint)
                check(pointed, s3)
            # Last, for its buckets stay.
            with Program(program, **environment) as pointed:
                quarantine.check(pointed, s3, folder)


main()
