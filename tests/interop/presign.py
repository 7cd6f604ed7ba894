"""What s3warden signs, used by plain curl on SeaweedFS, which checks signatures, times and policies by code of its own."""

import os
import subprocess
import tempfile
import time

from support import fail, same

BUCKET = "interop-signed"
KEYS = ["plain.txt", "folder/ä ö+%20&?#=.jpg", "folder/it's \"$(quoted)\".png", "emoji/👩‍👧.png"]
CONTENT = b"content\r\n\x00\xff" * 100


class Curl:
    """curl with a folder of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.file = os.path.join(folder, "FILE")
        with open(self.file, "wb") as file:
            file.write(CONTENT)

    def __call__(self, *arguments):
        """The status and the body of an answer."""
        body = os.path.join(self.folder, "body")
        with open(body, "wb"):
            pass
        command = ["curl", "--silent", "--globoff", "--path-as-is", "--output", body, "--write-out", "%{http_code}"]
        ran = subprocess.run([*command, *arguments], capture_output=True, timeout=60)
        if ran.returncode != 0:
            fail(f"curl {arguments}: {ran.stderr.decode()}")
        with open(body, "rb") as answer:
            return int(ran.stdout), answer.read()

    def send(self, signed, *arguments, url=None, headers=None):
        headers = signed["headers"] if headers is None else headers
        for name, value in headers.items():
            # curl counts the length by itself.
            if name != "content-length":
                arguments += ("--header", f"{name}: {value}")
        if signed["http_method"] == "HEAD":
            arguments += ("--head",)
        elif signed["http_method"] == "DELETE":
            arguments += ("--request", "DELETE")
        elif signed["http_method"] == "PUT":
            arguments += ("--upload-file", self.file)
        return self(*arguments, url or signed["url"])

    def post(self, signed, content=CONTENT, **changed):
        path = os.path.join(self.folder, "form-file")
        with open(path, "wb") as file:
            file.write(content)
        fields = {**signed["fields"], **changed}
        arguments = []
        for name, value in fields.items():
            arguments += ["--form-string", f"{name}={value}"]
        return self(*arguments, "--form", f"file=@{path};filename=own.jpg", signed["url"])


def refused(what, answer, code=None, statuses=(403,)):
    status, body = answer
    if status not in statuses:
        fail(f"{what}: answered with {status}, {body[:500]!r}")
    if code and f"<Code>{code}</Code>".encode() not in body:
        fail(f"{what}: refused, but not with {code}: {body[:500]!r}")
    print(f"interop: ok: {what} is refused")


def check(program, s3):
    s3.create_bucket(Bucket=BUCKET)

    def signed(method, key, *options):
        return program.document("presign", method, f"s3://{BUCKET}/{key}", *options)["items"][0]

    def stored(key):
        return s3.get_object(Bucket=BUCKET, Key=key)

    with tempfile.TemporaryDirectory(prefix="s3warden-curl-") as folder:
        curl = Curl(folder)
        urls(signed, stored, curl)
        refusals(signed, curl)
        forms(signed, stored, curl)
        part(signed, s3, stored, curl)
        snippets(program, stored, folder)
        url = signed("get", KEYS[0])["url"]
        checked = program.document("inspect", url, "--check")["items"][0]["check"]
        same("inspect --check of a good URL", checked["verdict"], "works")

    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
        for entry in page.get("Contents", []):
            s3.delete_object(Bucket=BUCKET, Key=entry["Key"])
    s3.delete_bucket(Bucket=BUCKET)


def urls(signed, stored, curl):
    for key in KEYS:
        put = signed("put", key, "--content-type", "image/x-test", "--size", str(len(CONTENT)), "--meta", "channel-id=7")
        same(f"PUT {key}", curl.send(put)[0], 200)
        found = stored(key)
        same(
            f"PUT {key}: content, type and metadata",
            (found["Body"].read(), found["ContentType"], found["Metadata"]),
            (CONTENT, "image/x-test", {"channel-id": "7"}),
        )
        same(f"GET {key}", curl.send(signed("get", key)), (200, CONTENT))
        same(f"HEAD {key}", curl.send(signed("head", key))[0], 200)
        same(f"DELETE {key}", curl.send(signed("delete", key, "--write"))[0], 204)
        refused(f"GET of the deleted {key}", curl.send(signed("get", key)), "NoSuchKey", (404,))
    curl.send(signed("put", KEYS[0]))
    override = signed("get", KEYS[0], "--response", "content-type=text/x-other")
    same("GET with another content type", curl.send(override), (200, CONTENT))


def refusals(signed, curl):
    got = signed("get", KEYS[0])
    last = "0" if got["url"][-1] != "0" else "1"
    refused("an altered signature", curl.send(got, url=got["url"][:-1] + last), "SignatureDoesNotMatch")
    refused("an altered path", curl.send(got, url=got["url"].replace("plain.txt?", "plain.tx?")), "SignatureDoesNotMatch")
    put = signed("put", "other.txt", "--content-type", "image/png", "--meta", "a=b")
    html = {**put["headers"], "content-type": "text/html"}
    refused("another content type than the signed one", curl.send(put, headers=html), "SignatureDoesNotMatch")
    refused("a PUT without a signed header", curl.send(put, headers={"content-type": "image/png"}))
    short = signed("put", "other.txt", "--size", str(len(CONTENT) - 1))
    refused("another length than the signed one", curl.send(short), "SignatureDoesNotMatch")

    brief = signed("get", KEYS[0], "--expires", "1s")
    deadline = time.monotonic() + 30
    while (answer := curl.send(brief))[0] == 200 and time.monotonic() < deadline:
        time.sleep(0.2)
    refused("a URL that has ended", answer)


def forms(signed, stored, curl):
    form = signed(
        "post", "in/${filename}", "--content-type", "image/*", "--min-size", "10", "--max-size", str(len(CONTENT)),
        "--success-status", "201", "--meta", "who=größe 'and' \"more\"",
    )  # fmt: skip
    same("POST of a form", curl.post(form)[0], 201)
    found = stored("in/own.jpg")
    same("POST: content and type", (found["Body"].read(), found["ContentType"]), (CONTENT, "image/jpeg"))
    refused("a form that is too large", curl.post(form, CONTENT + b"x"), "EntityTooLarge", (400, 413))
    refused("a form that is too small", curl.post(form, b"x"), "EntityTooSmall", (400,))
    refused("a form for another key", curl.post(form, key="out/x"), statuses=(400, 403))
    refused("a form with another type", curl.post(form, **{"Content-Type": "text/html"}), statuses=(400, 403))
    refused("a form with an altered signature", curl.post(form, **{"x-amz-signature": "0" * 64}), statuses=(400, 403))
    brief = signed("post", "in/brief.jpg", "--expires", "1s")
    deadline = time.monotonic() + 30
    while (answer := curl.post(brief))[0] < 300 and time.monotonic() < deadline:
        time.sleep(0.2)
    refused("a form that has ended", answer, statuses=(400, 403))


def part(signed, s3, stored, curl):
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="parts.bin")["UploadId"]
    one = signed("part", "parts.bin", "--upload-id", upload, "--part-number", "1", "--size", str(len(CONTENT)))
    same("PUT of a part", curl.send(one)[0], 200)
    parts = s3.list_parts(Bucket=BUCKET, Key="parts.bin", UploadId=upload)["Parts"]
    s3.complete_multipart_upload(
        Bucket=BUCKET, Key="parts.bin", UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": parts[0]["ETag"]}]},
    )  # fmt: skip
    same("the part's content", stored("parts.bin")["Body"].read(), CONTENT)


def snippets(program, stored, folder):
    for kind, interpreter in (("curl", "sh"), ("python", "python3")):
        for method in ("put", "post"):
            key = f"by-{kind}/it's {method} \"$(x)\".jpg"
            options = ["--content-type", "image/jpeg", "--snippet", kind]
            text = program.run("presign", method, f"s3://{BUCKET}/{key}", *options).stdout.decode()
            ran = subprocess.run([interpreter, "-c", text], cwd=folder, capture_output=True, timeout=60)
            if ran.returncode != 0:
                fail(f"the {kind} of a {method}: {ran.stderr.decode()}\n{text}")
            same(f"{kind}: {method}", stored(key)["Body"].read(), CONTENT)
