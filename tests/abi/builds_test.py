#!/usr/bin/env python3
"""Plugins as other people build them, under one sluice: by another compiler, with the old string ABI, with a checked
standard library, and in C against the first version of the contract.

    SLUICE_BIN_DIR=DIR builds_test.py FOLDER…

Each FOLDER has one plugin: libsluice_echo.so (tests/abi/echo_connector.cpp) or one of tests/abi/frozen. Every one is
checked, validated and run as a source, the frozen ones as a destination too, in a worker and in sluice's own process.
"""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

BIN = Path(os.environ["SLUICE_BIN_DIR"])

ECHO = {"source": "{connector: echo, texts: [one text that is not short at all, two]}", "stream": "texts",
        "key": ".text", "text": ".text", "rows": ["one text that is not short at all", "two"]}
FROZEN = {"source": "{connector: %s}", "stream": "rows", "key": ".key", "text": ".text",
          "rows": [f"row {i}" for i in range(5)]}


def integration(folder, source, destination, stream, match, fields, obj):
    file = folder / "integration.yaml"
    file.write_text(f"integration: builds\nsource: {source}\ndestination: {destination}\nschedule: manual\nsyncs:\n"
                    f"  rows:\n    read: {{stream: {stream}}}\n    write: {{object: {obj}, match: {match}}}\n"
                    "    fields:\n" + "".join(f"      {name}: {value}\n" for name, value in fields.items()))
    return file


def run(plugins, file, *more):
    """The whole pipeline on the file; what the full walk says of its sync."""
    said = None
    for verb in ("check", "validate", "full"):
        extra = ("--force",) if verb == "full" else ()
        done = subprocess.run([BIN / "sluice", verb, file.name, *extra, "--json", "--state", "state", "--plugins", plugins,
                               *more], cwd=file.parent, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{plugins}: sluice {verb} {' '.join(more)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        said = json.loads(done.stdout)
    return next(iter(said["syncs"]))


def must(condition, *what):
    if not condition:
        sys.exit(" ".join(str(one) for one in what))


def as_source(plugins, build, mode):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = integration(folder, build["source"], "{connector: file, path: out.ndjson}", build["stream"], "key",
                           {"key": build["key"], "text": build["text"]}, "records")
        sync = run(plugins, file, *mode)
        rows = [json.loads(line)["text"] for line in (folder / "out.ndjson").read_text().splitlines()]
        must(sorted(rows) == sorted(build["rows"]), plugins, *mode, "gave", rows)
        must(sync["delivered"] == len(rows), plugins, *mode, "delivered", sync)


def as_destination(plugins, connector, mode):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in.ndjson").write_text("".join(f'{{"id": "{i}", "text": "row {i}"}}\n' for i in range(7)))
        file = integration(folder, "{connector: file, path: in.ndjson}", f"{{connector: {connector}}}", "records", "key",
                           {"key": ".id", "text": ".text"}, "rows")
        sync = run(plugins, file, *mode)
        must(sync["delivered"] == 7, plugins, *mode, "took", sync)


def main():
    folders = sys.argv[1:]
    must(folders, __doc__)
    for plugins in folders:
        connector = next(Path(plugins).glob("libsluice_*.so")).stem.removeprefix("libsluice_")
        for mode in ((), ("--in-process",)):
            if connector == "echo":
                as_source(plugins, ECHO, mode)
            else:
                as_source(plugins, {**FROZEN, "source": FROZEN["source"] % connector}, mode)
                as_destination(plugins, connector, mode)
        print(f"{plugins}: fine")


if __name__ == "__main__":
    main()
