//! Longer texts for `--help` and the manual page.

pub(super) const LONG_ABOUT: &str = "\
A terminal admin console for the S3 buckets in which applications keep their users' media.

It knows whose each object is, says what is configured and whether that has any effect, and signs and tests uploads and \
downloads. Without a command it opens the console, which browses, scans, signs and tests.

Nothing is changed without --write.";

pub(super) const EXAMPLES: &str = "\
Examples:
  s3warden demo                                      look around without an account
  s3warden --profile prod                            the console on your own buckets
  s3warden s3://my-bucket/uploads/                   the console, opened at a prefix
  s3warden buckets --format json                     all buckets, for a script
  s3warden ls s3://my-bucket/ --owner user-1         everything of one user
  s3warden presign get s3://my-bucket/photo.jpg      a URL to download one object";

pub(super) const EXAMPLES_AND_EXIT_STATUS: &str = "\
Examples:
  s3warden demo                                      look around without an account
  s3warden --profile prod                            the console on your own buckets
  s3warden s3://my-bucket/uploads/                   the console, opened at a prefix
  s3warden buckets --format json                     all buckets, for a script
  s3warden ls s3://my-bucket/ --owner user-1         everything of one user
  s3warden presign get s3://my-bucket/photo.jpg      a URL to download one object

Exit status:
  0    done
  1    failed, or stopped before the end; what was printed is incomplete
  2    the command line, the environment or a file given to it cannot be used
  3    done, and something was found
  4    refused by a safety gate; nothing was touched
  130  interrupted

Environment:
  AWS_*         what the AWS SDK reads: AWS_PROFILE, AWS_REGION, AWS_ACCESS_KEY_ID, …
  S3WARDEN_*    the global options, but --write, which has to be given each time
  NO_COLOR      no colour

Files:
  ~/.config/s3warden/config.toml          defaults for the global options, with `_` for `-`
  ~/.config/s3warden/blueprints/*.toml    your own blueprints
  ~/.local/state/s3warden/s3warden.log    the log
  XDG_CONFIG_HOME and XDG_STATE_HOME move them.";

pub(super) const BLUEPRINT_OPTION: &str = "\
Which blueprint says whose the objects are: a built-in (see `s3warden blueprint list`), NAME for NAME.toml in \
~/.config/s3warden/blueprints/, or a file, which has a '/' in it or ends in .toml. Without it a bucket's name selects a \
built-in that names this bucket.";

#[cfg(feature = "sandbox")]
pub(super) const DEMO_EXAMPLES: &str = "\
Examples:
  s3warden demo
  s3warden demo --world pilotforce --write";

#[cfg(feature = "sandbox")]
pub(super) const SANDBOX_LONG: &str = "\
Serve an S3 endpoint for other programs, with content to try things on.

Prints NAME=VALUE lines that a shell can evaluate (AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, \
AWS_REGION), then `ready`, and serves until Ctrl-C. Everything is kept in memory and gone afterwards.";

#[cfg(feature = "sandbox")]
pub(super) const SANDBOX_EXAMPLES: &str = "\
Examples:
  s3warden sandbox --listen 127.0.0.1:9000 --world pilotforce
  s3warden sandbox --world game --registries lists/
  s3warden sandbox --synthetic users:1000000 --latency 50
  s3warden sandbox --world my-world.toml --faults 'slow-down operation=List* every=10'";

pub(super) const BLUEPRINT_EXAMPLES: &str = "\
Examples:
  s3warden blueprint list
  s3warden blueprint check my-app.toml";

pub(super) const BUCKETS_LONG: &str = "\
Show all buckets that the credentials can see, one row a bucket: Region, when it was made, number of objects and size as \
CloudWatch told them last, encryption, versioning, and whether the public can read it.

What cannot be told is `?` in a table and null in the other formats, and the reason is given: a missing permission \
makes one cell unknown, not the run fail.";

pub(super) const BUCKETS_EXAMPLES: &str = "\
Examples:
  s3warden buckets
  s3warden buckets --profile prod --format csv > buckets.csv
  s3warden buckets --format json | jq -r '.items[] | select(.public) | .bucket'";

pub(super) const METRICS_LONG: &str = "\
Show what CloudWatch tells of buckets: sizes by storage type and numbers of objects, day by day, with their growth, an \
estimate of what the storage costs in a month, request metrics where a bucket sends any, and the alarms on the buckets.

Sizes include noncurrent versions and the parts of incomplete uploads; the number of objects includes delete markers, too. \
They are a day or two old, and say of which day they are. A day without a point is a gap and never zero. What CloudWatch \
cannot tell is `?` in a table and null in the other formats, and the reason is given.

The estimate is of storage alone, by a dated list of prices; `prices = \"FILE\"` in the configuration file names another.";

pub(super) const METRICS_EXAMPLES: &str = "\
Examples:
  s3warden metrics
  s3warden metrics my-bucket --days 365
  s3warden metrics --format json | jq '.summary.findings'";

pub(super) const LS_LONG: &str = "\
List objects, their versions, or everything of one user.

Without --recursive one level is listed: the prefixes up to the next `/`, and the objects. PREFIX is the beginning of \
keys, so `s3://my-bucket/up` lists `uploads/`. Keys are exact in json, ndjson and csv, and made safe to show in tables.

A listing that failed or was stopped says so, in every format, and exits with a status other than 0.";

pub(super) const LS_EXAMPLES: &str = "\
Examples:
  s3warden ls s3://my-bucket/uploads/
  s3warden ls s3://my-bucket/ --recursive --format ndjson > keys.ndjson
  s3warden ls s3://my-bucket/photos/cat.jpg --versions
  s3warden ls s3://pilotforce-user-uploads/ --owner user-1 --format json
  s3warden ls s3://my-bucket/ --owner user-1 --blueprint my-app.toml";

pub(super) const PRESIGN_LONG: &str = "\
Sign a URL or a form that lets whoever has it download or upload, until it ends.

What is not said is taken from the blueprint's rule for this bucket and kind of request; what is said stays, and where it \
breaks the rule a warning says so. Nothing is sent: signing needs credentials and no network, except where the \
credentials themselves have to be fetched (SSO, roles). Signing a DELETE needs --write.

A table shows the URL, the headers that have to be sent with it, and what it can and cannot do; --quiet leaves the URL \
alone, --snippet prints a command or a program that uses it.";

pub(super) const PRESIGN_EXAMPLES: &str = "\
Examples:
  s3warden presign get s3://my-bucket/photo.jpg --expires 1h
  s3warden presign get s3://my-bucket/a.pdf --response content-disposition=attachment
  s3warden presign put s3://my-bucket/photo.jpg --content-type image/jpeg --size 48213 --snippet curl
  s3warden presign post 's3://my-bucket/in/${filename}' --content-type 'image/*' --max-size '5 MB' --snippet html
  s3warden presign put s3://pilotforce-user-uploads --part directory=uploads --part user=user-1 --part filename=a.jpg
  s3warden presign part s3://my-bucket/film.mp4 --upload-id ID --part-number 1
  curl --output photo.jpg \"$(s3warden presign get s3://my-bucket/photo.jpg --quiet)\"";

pub(super) const INSPECT_LONG: &str = "\
Explain a pre-signed URL: who signed what, for which Region, until when, which headers have to be sent, and what is \
wrong with it. Knows S3's Signature Version 4 and the old Version 2, and CloudFront's signed URLs; what copying and \
pasting broke is repaired where that is certain.

Contacts nobody. With --check one harmless request is sent (the first byte by GET, else HEAD), and its answer explained; \
a URL for an upload is never tried.

Exits with 0 when the URL is good, with 3 when it is not, with 2 when it is no URL.";

pub(super) const INSPECT_EXAMPLES: &str = "\
Examples:
  s3warden inspect 'https://my-bucket.s3.eu-west-1.amazonaws.com/photo.jpg?X-Amz-Algorithm=…'
  pbpaste | s3warden inspect -
  s3warden inspect - --check < url.txt";
pub(super) const FIND_LONG: &str = "\
Find everything of one user in every bucket of a blueprint, and change nothing: all versions and delete markers, \
incomplete uploads with the bytes of their parts, what the application made of the user's objects in any bucket, and \
replicas.

Whose an object is, its key tells; the blueprint says how. Where keys do not name the user, the application's records or \
the objects' metadata do. What could not be searched is listed with the reason, and the result then says that it is not \
complete. In a table a row is a group, in the other formats an item is a version, a marker or an upload.

Without --blueprint the built-in ones are taken that name a bucket of the account.";

pub(super) const FIND_EXAMPLES: &str = "\
Examples:
  s3warden find user-1
  s3warden find user-1 --blueprint pilotforce --format json
  s3warden find ada@example.org --blueprint my-app.toml --format csv > ada.csv";

pub(super) const PURGE_LONG: &str = "\
Plan to delete everything of one user, in every bucket of a blueprint: what `s3warden find` finds. The plan is printed and \
kept in a file, and nothing is changed.

With --execute, --write and the user's id once more in --confirm it is carried out: the plan is checked against today's \
buckets, everything in it is deleted by version id, then all is listed again. Only what was listed again and is gone is \
called deleted. A receipt is written, and plan and journal, which hold the user's keys, are removed. What changed or \
appeared since the plan was made is left alone and said.

With --soft nothing is deleted: on buckets that keep versions, and only there, each current object is hidden behind a delete \
marker, and --undo RECEIPT takes away exactly those markers again. Older versions and uploads stay as they are.

With --from FILE one plan is made over all users in a file of erasure requests: a user a line, CSV with a column id, or JSON; \
a column case is kept beside each. --confirm users:COUNT carries it out user by user, with a receipt for each and a summary. A \
user who still exists, or whose id looks like that of one who does, is left and named, and the exit status is 3 then.

What was stopped, by Ctrl-C, an error or a loss of power, goes on with --resume. Locked versions stay, and what hides an \
older version stays as long as that does.

Where the server has no STS, the owner in its list of buckets says who acts; where that is empty, give --operator NAME, which \
plan and receipt hold as stated.";

pub(super) const PURGE_EXAMPLES: &str = "\
Examples:
  s3warden purge user-1 --blueprint pilotforce
  s3warden purge user-1 --blueprint pilotforce --write --execute --confirm user-1
  s3warden purge --plan user-1.plan --blueprint pilotforce --write --execute --confirm user-1
  s3warden purge --from requests.csv --blueprint pilotforce
  s3warden purge user-1 --soft --blueprint pilotforce --write --execute --confirm user-1
  s3warden purge user-1 --undo RECEIPT --blueprint pilotforce --write --execute --confirm user-1";

pub(super) const RECEIPT_LONG: &str = "\
Check the receipt of a purge, without a network.

A receipt that holds is whole and was not edited in part; one that was sealed here is known to be this installation's. It \
proves nothing against an operator who holds the secret and rewrites everything.";

pub(super) const RECEIPT_EXAMPLES: &str = "\
Examples:
  s3warden receipt verify ~/.local/state/s3warden/receipts/0123456789abcdef0123456789abcdef.json";

pub(super) const SCAN_LONG: &str = "\
Scan a bucket or a prefix: list every key in it, and tell what they come to.

Without --by the totals are told by storage class and by age. --by owner and --by layout need a blueprint that names the \
bucket. How far the scan is goes to standard error; what is left is an estimate.

A scan that is not complete says so, in every format, and exits with a status other than 0. It can be saved all the same, \
and says so again when it is opened. A saved scan holds keys: nobody but you may read the file. A FILE that is no saved \
scan is not replaced without --force.";

pub(super) const SCAN_EXAMPLES: &str = "\
Examples:
  s3warden scan s3://my-bucket/
  s3warden scan s3://my-bucket/ --by prefix --depth 2 --top 20
  s3warden scan s3://pilotforce-user-uploads/ --by owner --format csv > owners.csv
  s3warden scan s3://my-bucket/ --save monday.s3scan
  s3warden scan --open monday.s3scan --by age";

pub(super) const ORPHANS_LONG: &str = "\
Find orphaned media, in both directions: objects whose user, record or original is gone, uploads and old versions that \
nobody will come back for, and records whose object is missing. Nothing is changed unless --act says what to do.

Who and what is alive is the application's word: a list of owners, a list of keys, or both, from files here or from the \
blueprint's [registry] (file, SQL, DynamoDB). Ids are compared whole and by bytes. The lists are read before the buckets \
are listed, and what is younger than --min-age, or than the lists, is never an orphan; nor is what resembles something \
alive (suspect) or what no layout explains (unreadable).

It refuses, with exit status 4 and the numbers, when it cannot know: a listing that is not complete, a list that is empty, \
unreadable, cut short, too old or much shorter than the last time, layouts that explain too few keys, or more orphans than \
is likely. Each refusal says which option overrules it, or that none does. Exits with 3 when orphans or dangling records \
are found.

--act shows what would be done to the orphans of one bucket, and what to type to have it done; it needs --blueprint. \
`quarantine` can be undone: by tag an object stays where it is, and with --expire-after a lifecycle rule ends it on a date; \
by copy it moves under s3warden-quarantine/. `restore` brings back what the bucket itself says is in quarantine, of all or of \
one user (--owner). `delete` takes every version, abandoned uploads and leftovers. Right before it acts the lists are read \
and the bucket is listed again: what is not the same orphan any more is left alone and told.";

pub(super) const ORPHANS_EXAMPLES: &str = "\
Examples:
  s3warden orphans pilotforce-user-uploads --registry users.txt
  s3warden orphans --blueprint my-app.toml --format json
  psql -Atc 'select id from users' | s3warden orphans my-bucket --blueprint my-app.toml --registry -
  s3warden orphans my-bucket --blueprint my-app.toml --registry keys=assets.csv --registry-column keys=s3_key
  s3warden orphans pilotforce-user-uploads --kind source-gone,versions-only
  s3warden orphans my-bucket --blueprint my-app.toml --act quarantine --expire-after 30
  s3warden orphans my-bucket --blueprint my-app.toml --act quarantine --expire-after 30 --write --confirm my-bucket:1204
  s3warden orphans my-bucket --blueprint my-app.toml --act restore --owner ada --write --confirm my-bucket:31";

pub(super) const SMOKE_LONG: &str = "\
Prove with test objects that a bucket, its policy, its CORS rules and the application's signing rules work together: \
uploads and downloads arrive within the service levels, and what must be refused is refused.

Test objects follow the blueprint's own layouts, with the owner `s3warden-smoke-RUN`. Each is written down in the \
state folder before it is created, and all are removed again, versions included, also after a failure and Ctrl-C. \
Needs --write. A bucket that locks new objects is refused, and one that tells somebody of new objects is unless \
--allow-events is given.

Exits with status 3 when a check failed, and 4 when nothing was tested.";

pub(super) const SMOKE_EXAMPLES: &str = "\
Examples:
  s3warden smoke leadshop-assets --write
  s3warden smoke pilotforce-user-uploads --write --allow-events --format json
  s3warden smoke my-bucket --blueprint my-app.toml --write --only cors-preflight --only plain-http
  s3warden smoke my-bucket --blueprint my-app.toml --write --clean-up";

pub(super) const STATE_LONG: &str = "\
Say in words how a bucket is configured, what its lifecycle rules cover and in which storage classes its objects are.

Each concern is set, not set or unknown: what a missing permission hides is never called off. The bucket is listed, up to \
--max-versions, to count what each lifecycle rule touches; --scan counts in a saved scan instead. What was counted gives an \
estimate of what the storage costs in a month, with noncurrent versions and incomplete uploads apart. json and ndjson also \
carry the documents that the service sent.";

pub(super) const STATE_EXAMPLES: &str = "\
Examples:
  s3warden state my-bucket
  s3warden state my-bucket --max-versions 0
  s3warden state my-bucket --scan my-bucket.scan --prices eu-west-1.toml
  s3warden state my-bucket --format json | jq -r '.items[] | select(.concern == \"policy\") | .raw'";

pub(super) const EXPLAIN_LONG: &str = "\
Explain why a request is allowed or refused, layer by layer: the policies of the caller and its permissions boundary, the \
bucket policy, the public access block, object ownership, the ACL, the KMS key of the object with its policy, and Object Lock.

The request is a plain one over TLS. What is not known of it, such as the address that it comes from, is named as a condition; \
--context gives it. The policies of a role or a user are read from IAM, where the credentials belong to its account and may \
read them, or from files with --identity-policy. Without them the answer is at best \"allowed if\". Organization policies, \
session policies and VPC endpoint policies are never read: they are named, and each of them can still deny the request. An \
explicit Deny in any policy that is known is certain.

Exit status: 0 allowed, or allowed if the named conditions hold; 3 denied; 1 if a question that decides was not answered.";

pub(super) const EXPLAIN_EXAMPLES: &str = "\
Examples:
  s3warden explain anonymous s3:GetObject s3://my-bucket/photo.jpg
  s3warden explain arn:aws:iam::111122223333:role/app s3:PutObject s3://my-bucket/in/a.jpg
  s3warden explain arn:aws:iam::111122223333:role/app GetObject s3://my-bucket/a --identity-policy app.json
  s3warden explain 444455556666 ListObjectsV2 s3://my-bucket/in/ --context aws:SourceVpce=vpce-1 --format json";

pub(super) const AUDIT_LONG: &str = "\
Say what is wrong with buckets, why it matters, and what to do: with those that are named, or with all.

A verdict rests on what the bucket holds and not on its configuration alone: a lifecycle rule that matches no key is \
found. What a blueprint wants is compared with what is there. What could not be read is said and never judged. Reading is \
all that an audit does.

A finding that somebody lives with can be accepted in the configuration file, for one bucket or for all, until a day:

  [[accept]]
  finding = \"tls-not-required\"
  bucket = \"my-bucket\"
  reason = \"read through the CDN alone\"
  until = 2027-01-31

It stays listed, at the end, and does not count.

Where ACLs count, each object can be open by its own ACL. The ACLs of a sample are read; --object-acls all reads each of them. \
What was left out is said. Where nobody chose to leave it out and it could hide a finding at or above --fail-on, the exit \
status is 1.

Exits with 3 when there are findings at or above --fail-on, and with 1 when a bucket could not be listed.";

pub(super) const AUDIT_EXAMPLES: &str = "\
Examples:
  s3warden audit
  s3warden audit my-bucket --fail-on high
  s3warden audit --finding public-read --finding public-write --fail-on info
  s3warden audit --scan my-bucket.scan
  s3warden audit --blueprint my-app.toml --format json | jq '.items[] | {severity, id, bucket, fix}'";

pub(super) const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  s3warden completions bash > ~/.local/share/bash-completion/completions/s3warden
  s3warden completions fish > ~/.config/fish/completions/s3warden.fish";

pub(super) const MAN_EXAMPLES: &str = "\
Examples:
  s3warden man | man -l -
  s3warden man > ~/.local/share/man/man1/s3warden.1";
