#!/usr/bin/env python3
"""Writes tests/tables/s3-model.txt: every member of the answers of the Get, List and Head operations that the program sends.

The members come from the sources of the SDK that Cargo.lock names, as `cargo fetch` has them. Run it after an update of
aws-sdk-s3: what is new is then a line that the test `model` wants either read or left out with a reason.
"""

import json
import pathlib
import re
import subprocess

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
FIELD = re.compile(r"^    pub(?:\(crate\))? (\w+): (.+),$", re.MULTILINE)


def sources() -> tuple[str, pathlib.Path]:
    """The version of the SDK, and where its sources are."""
    metadata = subprocess.run(
        ["cargo", "metadata", "--format-version", "1", "--locked"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout
    packages = json.loads(metadata)["packages"]
    found = next(p for p in packages if p["name"] == "aws-sdk-s3")
    return found["version"], pathlib.Path(found["manifest_path"]).parent / "src"


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def fields(text: str, name: str) -> list[tuple[str, str]]:
    start = re.search(rf"^pub (?:struct|enum) {name} \{{$", text, re.MULTILINE)
    if not start:
        return []
    body = text[start.end() : text.index("\n}", start.end())]
    return [(m[1], m[2]) for m in FIELD.finditer(body) if not m[1].startswith("_")]


def main() -> None:
    version, src = sources()
    names = re.findall(r'name: "(\w+)"', (ROOT / "src/aws/operations.rs").read_text())
    asked = [n for n in names if re.match("Get|List|Head", n)]
    types = {p.stem.lstrip("_").replace("_", ""): p for p in (src / "types").glob("_*.rs")}
    lines, queue, seen = [], [], set()
    for name in asked:
        path = src / "operation" / snake(name) / f"_{snake(name)}_output.rs"
        # What this SDK does not have is an operation of another service.
        if path.exists():
            queue.append((f"{name}Output", path))
    while queue:
        name, path = queue.pop(0)
        if name in seen:
            continue
        seen.add(name)
        for member, kind in fields(path.read_text(), name):
            lines.append(f"{name} {member}")
            for used in re.findall(r"crate::types::(\w+)", kind):
                if used.lower() in types:
                    queue.append((used, types[used.lower()]))
    text = "\n".join([f"# aws-sdk-s3 {version}", *sorted(set(lines))])
    (HERE / "s3-model.txt").write_text(text + "\n")
    print(f"{len(set(lines))} members of {len(seen)} types")


if __name__ == "__main__":
    main()
