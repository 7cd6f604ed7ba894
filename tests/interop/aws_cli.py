"""The AWS CLI against s3warden's sandbox: it lists, uploads, downloads and configures as it would on S3."""

import contextlib
import filecmp
import json
import os
import subprocess
import tempfile

from support import Program, arguments, fail, same

BUCKET = "pilotforce-user-uploads"
CORS = {
    "CORSRules": [
        {
            "AllowedHeaders": ["*"],
            "AllowedMethods": ["GET", "PUT"],
            "AllowedOrigins": ["https://example.org"],
            "ExposeHeaders": ["ETag"],
            "MaxAgeSeconds": 600,
        }
    ]
}
LIFECYCLE = {
    "Rules": [
        {
            "ID": "old-versions",
            "Status": "Enabled",
            "Filter": {"Prefix": "uploads/"},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
        },
        {
            "ID": "large",
            "Status": "Disabled",
            "Filter": {"And": {"Prefix": "videos/", "ObjectSizeGreaterThan": 1048576}},
            "Transitions": [{"Days": 90, "StorageClass": "GLACIER"}],
        },
    ]
}
TAGS = {"TagSet": [{"Key": "team", "Value": "media"}]}


@contextlib.contextmanager
def sandbox(program, home):
    """The sandbox with the world pilotforce; gives what its NAME=VALUE lines say."""
    process = subprocess.Popen(
        [program, "sandbox", "--world", "pilotforce"],
        stdout=subprocess.PIPE,
        env={"HOME": home, "PATH": os.environ["PATH"]},
        text=True,
    )
    try:
        environment = {}
        for line in process.stdout:
            if line == "ready\n":
                break
            name, value = line.rstrip("\n").split("=", 1)
            environment[name] = value
        else:
            fail(f"the sandbox ended with {process.wait()}")
        yield environment
    finally:
        process.terminate()
        process.wait(timeout=30)


class Aws:
    def __init__(self, binaries, environment, home):
        self.path = os.path.join(binaries, "aws")
        # The CLI's first version reads the Region under its older name.
        region = {"AWS_DEFAULT_REGION": environment["AWS_REGION"]}
        self.environment = {"HOME": home, "PATH": os.environ["PATH"], **environment, **region}

    def run(self, *arguments):
        ran = subprocess.run([self.path, *arguments], env=self.environment, capture_output=True, text=True)
        if ran.returncode != 0:
            fail(f"aws {' '.join(arguments)} ended with {ran.returncode}: {ran.stderr}")
        return ran.stdout

    def json(self, *arguments):
        output = self.run(*arguments, "--output", "json")
        return json.loads(output) if output.strip() else {}


def check(program, aws, folder):
    fleet = program.document("buckets")
    names = {line.split()[2] for line in aws.run("s3", "ls").splitlines()}
    same("aws s3 ls", names, {item["bucket"] for item in fleet["items"]})

    level = program.document("ls", f"s3://{BUCKET}/")
    prefixes = [line.strip().removeprefix("PRE ") for line in aws.run("s3", "ls", f"s3://{BUCKET}/").splitlines()]
    found = {prefix for prefix in prefixes if prefix.endswith("/")}
    same("aws s3 ls BUCKET", found, {item["prefix"] for item in level["items"] if "prefix" in item})

    listed = aws.json("s3api", "list-objects-v2", "--bucket", BUCKET)["Contents"]
    ours = program.document("ls", f"s3://{BUCKET}", "--recursive")["items"]
    same("aws s3api list-objects-v2", {entry["Key"] for entry in listed}, {item["key"] for item in ours})

    # One file in one request, one in several parts.
    for name, size in (("small.bin", 1000), ("large.bin", 20 * 1024 * 1024)):
        up, down = os.path.join(folder, name), os.path.join(folder, f"{name}.back")
        with open(up, "wb") as file:
            file.write(os.urandom(size))
        key = f"uploads/interop/{name} +%&é"
        aws.run("s3", "cp", up, f"s3://{BUCKET}/{key}", "--metadata", "origin=interop")
        aws.run("s3", "cp", f"s3://{BUCKET}/{key}", down)
        if not filecmp.cmp(up, down, shallow=False):
            fail(f"{name} came back different")
        head = aws.json("s3api", "head-object", "--bucket", BUCKET, "--key", key)
        same(f"head of {name}", (head["ContentLength"], head["Metadata"]), (size, {"origin": "interop"}))
    uploaded = program.document("ls", f"s3://{BUCKET}/", "--owner", "interop")
    same("what was uploaded is listed", len(uploaded["items"]), 2)

    versioning = aws.json("s3api", "get-bucket-versioning", "--bucket", BUCKET).get("Status", "off")
    ours = {item["bucket"]: item["versioning"] for item in fleet["items"]}
    same("versioning", versioning.lower(), ours[BUCKET])

    for document, put, get in (
        (CORS, ("put-bucket-cors", "--cors-configuration"), "get-bucket-cors"),
        (
            LIFECYCLE,
            ("put-bucket-lifecycle-configuration", "--lifecycle-configuration"),
            "get-bucket-lifecycle-configuration",
        ),
        (TAGS, ("put-bucket-tagging", "--tagging"), "get-bucket-tagging"),
    ):
        aws.run("s3api", put[0], "--bucket", BUCKET, put[1], json.dumps(document))
        read = aws.json("s3api", get, "--bucket", BUCKET)
        same(f"{get} gives back what was put", {name: read[name] for name in document}, document)

    identity = aws.json("sts", "get-caller-identity")
    same("aws sts get-caller-identity", sorted(identity), ["Account", "Arn", "UserId"])
    aws.run("s3", "rm", f"s3://{BUCKET}/uploads/interop/", "--recursive")
    gone = program.document("ls", f"s3://{BUCKET}/", "--owner", "interop")
    same("what was removed is no longer listed", gone["items"], [])


def main():
    path, binaries = arguments()
    with tempfile.TemporaryDirectory(prefix="s3warden-aws-cli-") as folder:
        with sandbox(path, folder) as environment:
            print(f"interop: the sandbox on {environment['AWS_ENDPOINT_URL']}")
            with Program(path, **environment) as program:
                check(program, Aws(binaries, environment, folder), folder)


main()
