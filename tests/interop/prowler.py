"""What Prowler and s3warden say of one account: every difference has its reason in prowler.toml.

moto holds a dozen buckets, each with something of its own. Prowler's checks are held against the findings that answer
them (docs/controls.md). A check that fails where no finding stands, or passes where one stands, has to be listed with the
reason; so has to be gone what is listed and is no difference any more.
"""

import collections
import csv
import json
import os
import subprocess
import tempfile
import tomllib

import answers
from support import Program, arguments, fail, same, server, wait_until

ACCOUNT = "123456789012"
OTHER = "arn:aws:iam::210987654321:root"
# Which findings answer a check. A check that nothing answers is not compared: docs/controls.md says why.
ANSWERED_BY = {
    "s3_bucket_level_public_access_block": {"public-access-block-off"},
    "s3_bucket_public_access": {
        "public-read", "public-list", "public-write", "public-write-other", "public-takeover", "public-metadata", "public-unless",
    },
    "s3_bucket_public_list_acl": {"public-list"},
    "s3_bucket_public_write_acl": {"public-write"},
    "s3_bucket_policy_public_write_access": {"public-write", "public-write-other", "public-takeover"},
    "s3_bucket_cross_account_access": {"cross-account-grant"},
    "s3_bucket_acl_prohibited": {"acl-enabled"},
    "s3_bucket_secure_transport_policy": {"tls-not-required"},
    "s3_bucket_server_access_logging_enabled": {"logging-off"},
    "s3_bucket_lifecycle_enabled": {"lifecycle-missing"},
    "s3_bucket_object_versioning": {"versioning-off"},
}


def statement(bucket, effect="Allow", principal="*", action="s3:GetObject", condition=None, whole=False):
    resource = f"arn:aws:s3:::{bucket}/*"
    one = {
        "Effect": effect,
        "Principal": principal,
        "Action": action,
        "Resource": [f"arn:aws:s3:::{bucket}", resource] if whole else resource,
    }
    return {**one, "Condition": condition} if condition else one


def no_plain_http(bucket, operator="Bool", value="false"):
    condition = {operator: {"aws:SecureTransport": value}}
    return statement(bucket, "Deny", action="s3:*", condition=condition, whole=True)


POLICIES = {
    "read-by-all": [statement("read-by-all")],
    "read-by-half-the-world": [
        statement("read-by-half-the-world", condition={"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}})
    ],
    "read-by-an-office": [
        statement("read-by-an-office", condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})
    ],
    "read-and-denied": [statement("read-and-denied"), statement("read-and-denied", "Deny")],
    "read-by-an-organisation": [
        statement("read-by-an-organisation", condition={"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3"}})
    ],
    "read-by-any-organisation": [
        statement(
            "read-by-any-organisation", condition={"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3"}}
        )
    ],
    "read-by-another": [statement("read-by-another", principal={"AWS": OTHER})],
    "listed-by-all": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::listed-by-all"}
    ],
    "written-by-all": [statement("written-by-all", action="s3:PutObject")],
    "taken-over-by-all": [
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:PutBucketPolicy",
            "Resource": "arn:aws:s3:::taken-over-by-all",
        }
    ],
    "tls-by-bool": [no_plain_http("tls-by-bool")],
    "tls-by-string": [no_plain_http("tls-by-string", "StringEquals")],
    "tls-for-reads-alone": [
        statement("tls-for-reads-alone", "Deny", condition={"Bool": {"aws:SecureTransport": "false"}})
    ],
}
SWITCHES = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def fill(s3):
    blocks = {
        "blocked": dict.fromkeys(SWITCHES, True),
        "half-blocked": {**dict.fromkeys(SWITCHES, False), "IgnorePublicAcls": True, "RestrictPublicBuckets": True},
    }
    for bucket in [*POLICIES, *blocks, "acl-read", "acl-write", "kept", "plain"]:
        s3.create_bucket(Bucket=bucket)
        block = blocks.get(bucket, dict.fromkeys(SWITCHES, False))
        s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block)
    for bucket, statements in POLICIES.items():
        policy = {"Version": "2012-10-17", "Statement": statements}
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    for bucket in ("acl-read", "acl-write"):
        controls = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
        s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=controls)
    s3.put_bucket_acl(Bucket="acl-read", ACL="public-read")
    s3.put_bucket_acl(Bucket="acl-write", ACL="public-read-write")
    s3.put_bucket_versioning(Bucket="kept", VersioningConfiguration={"Status": "Enabled"})
    rule = {
        "ID": "old",
        "Status": "Enabled",
        "Filter": {"Prefix": "tmp/"},
        "Expiration": {"Days": 30},
    }
    s3.put_bucket_lifecycle_configuration(Bucket="kept", LifecycleConfiguration={"Rules": [rule]})
    s3.put_bucket_ownership_controls(
        Bucket="kept", OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    )


def prowlers(folder, environment, out):
    """Check, bucket: whether it passed."""
    command = [
        os.path.join(folder, "prowler", "bin", "prowler"), "aws", "--service", "s3", "--region", "us-east-1", "-M", "csv",
        "-o", out, "--output-filename", "report", "--no-banner", "--no-color", "--ignore-exit-code-3",
    ]
    ran = subprocess.run(
        command,
        env={"HOME": out, "PATH": os.environ["PATH"], **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=900,
        check=False,
    )
    if ran.returncode:
        fail(f"Prowler ended with {ran.returncode}: {ran.stdout.decode()[-2000:]}{ran.stderr.decode()[-2000:]}")
    said = {}
    with open(os.path.join(out, "report.csv"), encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            said[(row["CHECK_ID"], row["RESOURCE_NAME"])] = row["STATUS"] == "PASS"
    return said


def ours(program):
    """The ids of the findings of each bucket."""
    found = collections.defaultdict(set)
    audit = json.loads(program.run("audit", "--format", "json", status=None).stdout)
    for item in audit["items"]:
        found[item["bucket"]].add(item["id"])
    return found


def main():
    path, binaries = arguments()
    with open("prowler.toml", "rb") as file:
        listed = tomllib.load(file)["difference"]
    with tempfile.TemporaryDirectory(prefix="s3warden-prowler-") as folder:
        command, endpoint = answers.moto(binaries, folder)
        with server(command, os.path.join(folder, "log")) as process:
            wait_until("moto answers", answers.ready(endpoint), process)
            environment = {
                "AWS_ENDPOINT_URL": endpoint,
                "AWS_ACCESS_KEY_ID": "AKIAINTEROPACCESSKEY",
                "AWS_SECRET_ACCESS_KEY": "interop-secret-key",
                "AWS_REGION": "us-east-1",
                "AWS_DEFAULT_REGION": "us-east-1",
            }
            fill(answers.client("s3", endpoint))
            said = prowlers(os.path.dirname(binaries), environment, folder)
            with Program(path, **environment) as program:
                found = ours(program)
    compared, differences = 0, {}
    for (check, bucket), passed in sorted(said.items()):
        ids = ANSWERED_BY.get(check)
        if ids is None:
            continue
        compared += 1
        stands = sorted(ids & found[bucket])
        if passed == bool(stands):
            differences[(check, bucket)] = ("passes" if passed else "fails", stands)
    explained = set()
    for number, one in enumerate(listed):
        of_check = {key for key, (verdict, _) in differences.items() if (key[0], verdict) == (one["check"], one["prowler"])}
        wanted = of_check if one["buckets"] == ["*"] else {(one["check"], bucket) for bucket in one["buckets"]}
        same(f"Prowler: difference {number + 1}, {one['check']} {one['prowler']}", wanted & of_check or None, wanted)
        explained |= wanted
    for key in sorted(set(differences) - explained):
        verdict, stands = differences[key]
        print(f"interop: not listed: {key[0]} {verdict} {key[1]}, s3warden finds {stands or 'nothing'}")
    same("Prowler: every difference has its reason", set(differences), explained)
    print(f"interop: ok: Prowler and s3warden agree on {compared - len(differences)} of {compared} verdicts")


if __name__ == "__main__":
    main()
