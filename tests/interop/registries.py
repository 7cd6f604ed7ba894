"""Lists of who and what is alive, in PostgreSQL and in DynamoDB (moto): the orphans are those that the files give."""

import contextlib
import glob
import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile

import boto3

from support import Program, arguments, fail, free_ports, same, server, wait_until

WORLD = "pilotforce"
TABLE = "PilotForce-Assets"
PASSWORD = "interop-p@ss/word"
BLUEPRINT = f'version = 1\nname = "interop"\nextends = "{WORLD}"\n'


@contextlib.contextmanager
def sandbox(program, folder):
    """The sandbox with its lists in a folder; gives what its NAME=VALUE lines say."""
    process = subprocess.Popen(
        [program, "sandbox", "--world", WORLD, "--registries", folder],
        stdout=subprocess.PIPE,
        env={"HOME": folder, "PATH": os.environ["PATH"]},
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


def lists(folder):
    """What the sandbox wrote: owners, and records as dictionaries."""
    with open(os.path.join(folder, WORLD, "owners.txt"), encoding="utf-8", newline="") as file:
        owners = file.read().split("\n")[:-1]
    with open(os.path.join(folder, WORLD, "records.ndjson"), encoding="utf-8", newline="") as file:
        records = [json.loads(line) for line in file.read().split("\n")[:-1]]
    return owners, records


def postgres_folder():
    """Where PostgreSQL's own programs are; Debian keeps them off the path."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    if not found and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update"], check=True)
        subprocess.run(["apt-get", "install", "-y", "postgresql"], check=True)
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    if not found:
        fail("PostgreSQL is not there, and cannot be installed here")
    return found[-1]


def copied(value):
    """A value as COPY reads it."""
    if value is None:
        return r"\N"
    for plain, escaped in [("\\", r"\\"), ("\t", r"\t"), ("\n", r"\n"), ("\r", r"\r")]:
        value = value.replace(plain, escaped)
    return value


def certificate(folder, owner):
    """A certificate for 127.0.0.1, which is its own authority, and one of another authority."""
    for name, address in (("server", "127.0.0.1"), ("other", "127.0.0.2")):
        key, pem = os.path.join(folder, f"{name}.key"), os.path.join(folder, f"{name}.pem")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-keyout", key, "-out", pem, "-subj", "/CN=interop", "-addext", f"subjectAltName=IP:{address}",
             "-addext", "basicConstraints=critical,CA:FALSE"],
            check=True, capture_output=True,
        )
        os.chmod(key, 0o600)
        if owner is not None:
            os.chown(key, owner, owner)


def ways_to_connect(ours, blueprint, url, folder, write_url, expected):
    """What each sslmode believes; the certificate names 127.0.0.1 and not localhost."""
    own, other = os.path.join(folder, "server.pem"), os.path.join(folder, "other.pem")
    by_name = url.replace("127.0.0.1", "localhost")
    for what, at, status in (
        ("no TLS", f"{url}?sslmode=disable", 3),
        ("TLS with whatever certificate", f"{url}?sslmode=require", 3),
        ("a known authority", f"{by_name}?sslmode=verify-ca&sslrootcert={own}", 3),
        ("a known authority and the name", f"{url}?sslmode=verify-full&sslrootcert={own}", 3),
        ("another name", f"{by_name}?sslmode=verify-full&sslrootcert={own}", 4),
        ("another authority", f"{url}?sslmode=verify-ca&sslrootcert={other}", 4),
        ("no authority", f"{url}?sslmode=verify-full", 4),
        ("a certificate that is not there", f"{url}?sslmode=verify-ca&sslrootcert=/nowhere.pem", 4),
        ("the folder of the socket", f"{url}?host={folder}", 3),
    ):
        write_url(at)
        if status == 3:
            same(f"PostgreSQL with {what}", orphans(ours, blueprint), expected)
            continue
        refused = ours.run("orphans", "--max-malformed", "7", "--blueprint", blueprint, status=status).stderr.decode()
        same(f"PostgreSQL with {what} is refused for its certificate", "sslrootcert" in refused, True)
        same("and its password is not shown", PASSWORD in refused, False)


def more_than_reading(ours, blueprint, ask):
    """What the role may do beside reading is named, and nothing more once it may not."""
    rights = [
        ("GRANT pg_write_all_data TO reader", "is a member of pg_write_all_data", "REVOKE pg_write_all_data FROM reader"),
        ("GRANT pg_signal_backend TO reader", "is a member of pg_signal_backend", "REVOKE pg_signal_backend FROM reader"),
        ("GRANT INSERT ON users TO reader", "may write to public.users", "REVOKE INSERT ON users FROM reader"),
        ("GRANT EXECUTE ON FUNCTION pg_reload_conf() TO reader", "may execute pg_reload_conf",
         "REVOKE EXECUTE ON FUNCTION pg_reload_conf() FROM reader"),
    ]
    # Everybody may execute what this extension brings.
    if ask("SELECT count(*) FROM pg_available_extensions WHERE name = 'dblink'") == "1":
        rights.append(("CREATE EXTENSION dblink", "dblink_exec", "DROP EXTENSION dblink"))
    for grant, words, revoke in rights:
        for script, is_told in ((grant, True), (revoke, False)):
            if ask(f"{script};") is None:
                fail(f"PostgreSQL refused {script}")
            told = ours.run("orphans", "--max-malformed", "7", "--blueprint", blueprint, status=3).stderr.decode()
            same(f"after {script}, {words!r} is told", words in told, is_told)
            same("and the role is named", "role reader" in told, is_told)


@contextlib.contextmanager
def postgres(folder, owners, records):
    """A PostgreSQL that holds the lists; gives the port."""
    binaries = postgres_folder()
    data = os.path.join(folder, "postgres")
    os.mkdir(data)
    # PostgreSQL refuses to be run by root.
    as_itself = []
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chmod(folder, 0o711)
        os.chown(data, user.pw_uid, user.pw_gid)
        as_itself = ["runuser", "-u", "postgres", "--"]
    (port,) = free_ports(1)
    password = os.path.join(data, "password")
    with open(password, "w") as file:
        file.write(PASSWORD)
    if as_itself:
        os.chown(password, user.pw_uid, user.pw_gid)
    cluster = os.path.join(data, "cluster")
    made = subprocess.run(
        [*as_itself, f"{binaries}/initdb", "-D", cluster, "-U", "interop", "-E", "UTF8", "--locale=C.UTF-8",
         f"--pwfile={password}", "--auth=scram-sha-256", "--no-sync"],
        capture_output=True, cwd="/",
    )
    if made.returncode != 0:
        fail(f"initdb ended with {made.returncode}: {made.stderr.decode()}")
    psql = [f"{binaries}/psql", "-h", "127.0.0.1", "-p", str(port), "-U", "interop", "-d", "postgres",
            "-v", "ON_ERROR_STOP=1", "-qtA"]
    environment = {**os.environ, "PGPASSWORD": PASSWORD}

    def ask(script):
        ran = subprocess.run(psql, input=script.encode(), env=environment, capture_output=True)
        return ran.stdout.decode().strip() if ran.returncode == 0 else None

    command = [*as_itself, f"{binaries}/postgres", "-D", cluster, "-p", str(port), "-k", data,
               "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "ssl=on",
               "-c", f"ssl_cert_file={data}/server.pem", "-c", f"ssl_key_file={data}/server.key"]
    certificate(data, user.pw_uid if as_itself else None)
    with server(command, os.path.join(folder, "postgres.log")) as process:
        wait_until("PostgreSQL", lambda: ask("SELECT 1") == "1", process)
        script = ["CREATE TABLE users (number bigserial, id text);",
                  "CREATE TABLE assets (s3key text, thumbnail_key text, user_id text);",
                  "COPY users (id) FROM STDIN;", *map(copied, owners), r"\.",
                  "COPY assets FROM STDIN;"]
        script += ["\t".join(copied(record.get(name)) for name in ("key", "thumbnail", "owner")) for record in records]
        if ask("\n".join([*script, r"\.", ""])) is None:
            fail("the lists could not be written into PostgreSQL")
        yield port, ask


def in_postgres(port, home):
    """The blueprint of the lists there, and the environment with its secret."""
    text = BLUEPRINT + """
[registry.owners]
source = "sql"
url_file = "{home}/url"
query = "SELECT number, id FROM users ORDER BY number"
column = "id"

[registry.keys]
source = "sql"
url_env = "APP_DATABASE"
query = "SELECT s3key, thumbnail_key, user_id FROM assets"
columns = ["s3key", "thumbnail_key"]
owner_column = "user_id"
""".replace("{home}", home)
    url = f"postgres://interop:{PASSWORD.replace('@', '%40').replace('/', '%2F')}@127.0.0.1:{port}/postgres"
    with open(os.open(os.path.join(home, "url"), os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
        file.write(url)
    return text, {"APP_DATABASE": url}


def fill_tables(endpoint, owners, records):
    """The lists as tables of DynamoDB."""
    client = boto3.client("dynamodb", endpoint_url=endpoint, region_name="eu-west-1",
                          aws_access_key_id="interop", aws_secret_access_key="interop")

    def table(name, items):
        client.create_table(
            TableName=name, BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "n", "AttributeType": "N"}],
            KeySchema=[{"AttributeName": "n", "KeyType": "HASH"}],
        )
        requests = [
            {"PutRequest": {"Item": {"n": {"N": str(n)}, **{name: {"S": value} for name, value in item.items()}}}}
            for n, item in enumerate(items)
        ]
        for at in range(0, len(requests), 25):
            left = client.batch_write_item(RequestItems={name: requests[at : at + 25]})
            if left.get("UnprocessedItems"):
                fail(f"{name}: not all items were written")

    table("users", [{"id": owner} for owner in owners])
    names = {"key": "s3Key", "thumbnail": "thumbnailKey", "owner": "userId"}
    table(TABLE, [{names[name]: record[name] for name in names if name in record} for record in records])


IN_DYNAMODB = BLUEPRINT + f"""
[registry.owners]
source = "dynamodb"
table = "users"
region = "eu-west-1"
attributes = ["id"]

[registry.keys]
table = "{TABLE}"
region = "eu-west-1"
consistent = true
"""


def orphans(program, blueprint):
    """What is found: kind, bucket and key."""
    document = program.document("orphans", "--max-malformed", "7", "--blueprint", blueprint, status=3)
    same("everything was answered", document["complete"], True)
    return {(item["kind"], item["bucket"], item["key"]) for item in document["items"]}


def run(program, binaries, folder):
    with contextlib.ExitStack() as stack:
        environment = stack.enter_context(sandbox(program, folder))
        owners, records = lists(folder)
        with Program(program, **environment) as ours:
            expected = orphans(ours, os.path.join(folder, WORLD, "blueprint.toml"))
        same("kinds of orphans by the files", {kind for kind, *_ in expected} >= {
            "owner-gone", "record-gone", "source-gone", "suspect", "dangling"}, True)

        port, ask = stack.enter_context(postgres(folder, owners, records))
        with Program(program, **environment) as ours:
            text, secret = in_postgres(port, ours.home.name)
            ours.environment.update(secret)
            blueprint = os.path.join(ours.home.name, "blueprint.toml")

            def write(text):
                with open(blueprint, "w", encoding="utf-8") as file:
                    file.write(text)

            write(text)
            same("orphans by PostgreSQL's lists", orphans(ours, blueprint), expected)
            write(text.replace("SELECT number, id FROM users ORDER BY number",
                               "WITH gone AS (DELETE FROM users RETURNING id) SELECT id FROM gone"))
            refused = ours.run("orphans", "--max-malformed", "7", "--blueprint", blueprint, status=2).stderr.decode()
            same("a query that deletes is refused as one", "read-only transaction" in refused, True)
            same("users after that", ask("SELECT count(*) FROM users"), str(len(owners)))
            write(text)
            with open(os.path.join(ours.home.name, "url"), "r+") as file:
                url = file.read()
                file.seek(0)
                file.write(url.replace("interop:", "nobody:", 1))
            refused = ours.run("orphans", "--max-malformed", "7", "--blueprint", blueprint, "-vv", status=4).stderr.decode()
            same("a wrong user is told", "authentication failed" in refused, True)
            same("the password is not", PASSWORD in refused or url in refused, False)

            def write_url(text):
                with open(os.path.join(ours.home.name, "url"), "w", encoding="utf-8") as file:
                    file.write(text)

            write_url(url)
            told = ours.run("orphans", "--max-malformed", "7", "--blueprint", blueprint, status=3).stderr.decode()
            same("that the role may do more than read is told", "is a superuser" in told, True)
            ask("CREATE ROLE reader LOGIN PASSWORD 'reads'; GRANT SELECT ON users, assets TO reader; "
                "ALTER TABLE users ALTER COLUMN id TYPE varchar(80);")
            write_url(url.replace(url.split("//")[1].split("@")[0], "reader:reads"))
            told = ours.run("orphans", "--max-malformed", "7", "--blueprint", blueprint, status=3).stderr.decode()
            same("of one that may only read nothing is told", "role reader" in told, False)
            more_than_reading(ours, blueprint, ask)
            ways_to_connect(ours, blueprint, url, os.path.join(folder, "postgres"), write_url, expected)

        (port,) = free_ports(1)
        moto = [os.path.join(binaries, "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
        process = stack.enter_context(server(moto, os.path.join(folder, "moto.log")))
        endpoint = f"http://127.0.0.1:{port}"
        wait_until("moto", lambda: answers(port), process)
        fill_tables(endpoint, owners, records)
        with Program(program, **environment, AWS_ENDPOINT_URL_DYNAMODB=endpoint) as ours:
            blueprint = os.path.join(ours.home.name, "blueprint.toml")
            with open(blueprint, "w", encoding="utf-8") as file:
                file.write(IN_DYNAMODB)
            same("orphans by DynamoDB's lists", orphans(ours, blueprint), expected)


def answers(port):
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="s3warden-registries-") as folder:
        run(*arguments(), folder)
