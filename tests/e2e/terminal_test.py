#!/usr/bin/env python3
"""What vendors and records say cannot act on the terminal, the log or a spreadsheet.

Texts with escape sequences are planted in a vendor's error, in records, keys and file names; then each verb runs on a
terminal (a pty), with its output piped, and with --json.
"""
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "harness"))
from network import Answers  # noqa: E402
from processes import start  # noqa: E402
from program import run  # noqa: E402
from sandbox import Failure, bin_dir  # noqa: E402

DEADLINE = 120  # seconds; ctest waits longer
# A title, a cleared screen, a colour, the same in C1, a line of one's own, a reversed direction.
EVIL = "x\x1b]0;OWNED\x07\x1b[2J\x1b[45m\u009b31m\r\nsluice: forged\u202e\u2028\x7f"
# The programs' own: colours, and the line of the progress bar.
OWN = re.compile(rb"\x1b\[(?:0|1|2|31|32|33|36)?m|\r?\x1b\[2K|\r\n")
CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f]")
# JSON is data: it keeps what only changes how text is laid out.
LAYOUT = re.compile("[\u2028-\u202e\u2066-\u2069]")

FILES = """
integration: terminal
source: {connector: file, path: people.ndjson, key: id}
destination: {connector: file, path: out.ndjson}
syncs:
  people:
    read: {stream: records}
    write: {object: records, match: email}
    check: [{that: .ok, say: not good}]
    fields: {email: .email, name: .name, age: .age | tonumber}
"""
VENDOR = """
integration: terminal-vendor
source: {connector: chargebee, site: acme, base_url: "%s", api_key: source-key-1}
destination: {connector: file, path: out.ndjson}
syncs: {customers: {read: {stream: customers}, write: {object: records, match: email}, fields: {email: .customer.email}}}
"""


def problems_of(output, own=None, is_json=False):
    if own:
        output = own.sub(b"\n", output)
    text = output.decode()
    found = {repr(character) for character in CONTROLS.findall(text)}
    if not is_json:
        found |= {repr(character) for character in LAYOUT.findall(text)}
    if any(line.startswith("sluice: forged") for line in text.splitlines()):
        found.add("a forged line")
    return found


class Verbs:
    def __init__(self, work):
        self.work, self.count = work, 0
        self.environment = {**os.environ, "SLUICE_STATE": str(work / "state")}

    def piped(self, arguments):
        out = self.work / "out"
        with out.open("wb") as file:
            process = start([bin_dir() / "sluice", *arguments], cwd=self.work, env=self.environment, stdin=subprocess.DEVNULL, stdout=file,
                            stderr=file)
        return process.wait(), out.read_bytes()

    def on_terminal(self, arguments):
        ours, its = pty.openpty()
        process = start([bin_dir() / "sluice", *arguments], cwd=self.work, env={**self.environment, "TERM": "xterm"},
                        stdin=its, stdout=its, stderr=its)
        os.close(its)
        output = b""
        try:
            while data := os.read(ours, 65536):
                output += data
        except OSError:  # the other end is closed
            pass
        os.close(ours)
        return process.wait(), output

    def check(self, *arguments, says=None):
        """Under each way of running it; the text must be there at all, or nothing is shown by its absence."""
        for way, own in ((self.piped, None), (self.on_terminal, OWN)):
            code, output = way(arguments)
            self.count += 1
            if code == 70 or (found := problems_of(output, own, "--json" in arguments)):
                raise Failure(f"sluice {' '.join(arguments)} ({way.__name__}) ended with {code}, lets out {found}: {output!r}")
            if says and says not in output.decode():
                raise Failure(f"sluice {' '.join(arguments)} ({way.__name__}) does not say {says!r}: {output!r}")


def prove_that_it_finds():
    for text in (EVIL.encode(), "\u009b31m".encode(), b"\x1b[45m", b"a\nsluice: forged", b"\x07"):
        if not problems_of(text) or not problems_of(text, OWN):
            raise Failure(f"the search does not find {text!r}")
    if problems_of(b"\x1b[31mred\x1b[0m\r\n\r\x1b[2K", OWN):
        raise Failure("the search finds the programs' own")


def everything(work):
    prove_that_it_finds()
    verbs = Verbs(work)
    key = "k" + EVIL
    people = [{"id": key, "email": "a@b.co", "name": EVIL, "age": 1, "ok": True},
              {"id": "=1+1" + EVIL, "email": "=c@b.co" + EVIL, "name": "n", "age": EVIL, "ok": True},
              {"id": "3" + EVIL, "email": "e@b.co", "name": "n", "age": 1, "ok": False}]
    (work / "people.ndjson").write_text("".join(json.dumps(person) + "\n" for person in people))
    (work / "files.yaml").write_text(FILES)
    verbs.check("validate", "files.yaml", "-v", says="OWNED")
    verbs.check("validate", "files.yaml", "--json")
    for extra in ((), ("--key", key), ("--json",), ("--sync", "people")):
        verbs.check("errors", "list", "files.yaml", *extra)
    verbs.check("errors", "list", "files.yaml", "--sync", "people", says="OWNED")
    code, table = verbs.piped(("errors", "export", "files.yaml"))
    if code != 0 or re.search(rb'(?m)(^|,)"[=+@-]', table):
        raise Failure(f"a formula in the table: {table!r}")
    # A quoted field may have line breaks, and each line of the table ends in CR LF.
    if b"OWNED" not in table or (found := problems_of(table.replace(b"\r\n", b"\n")) - {"a forged line"}):
        raise Failure(f"the table lets out {found}: {table!r}")
    for extra in ((), ("--json",), ("--limit", "0")):
        verbs.check("plan", "files.yaml", *extra, says="OWNED")
    for extra in ((), ("--json",), ("--offline",)):
        verbs.check("show", "files.yaml", key, *extra, says="OWNED")
    verbs.check("full", "files.yaml", "--force", "-v")
    for arguments in (("status",), ("status", "files.yaml"), ("status", "files.yaml", "--json"), ("plan", "files.yaml"),
                      ("state", "forget", "files.yaml", key)):
        verbs.check(*arguments)
    body = json.dumps({"message": EVIL + "y" * 100_000, "api_error_code": EVIL}).encode()
    for status in ("400 Bad Request", "401 Unauthorized", "404 Not Found"):
        vendor = Answers(status, [f"X-Evil: \x1b[2J{'z' * 10}"], body)
        (work / "vendor.yaml").write_text(VENDOR % vendor.url)
        for extra in ((), ("-v",), ("--json",)):
            verbs.check("check", "vendor.yaml", *extra, says="OWNED")
        code, output = verbs.piped(("check", "vendor.yaml"))
        if len(output) > 10_000:
            raise Failure(f"a vendor's text is not bounded: {len(output)} bytes")
    # A command line and a file that are wrong.
    for arguments in (("check", EVIL), ("lint", "bad.yaml"), (EVIL,), ("connectors", "inspect", EVIL)):
        (work / "bad.yaml").write_text(json.dumps({EVIL: EVIL, "integration": EVIL}))
        verbs.check(*arguments)
    return f"{verbs.count} runs let nothing act on the terminal"


if __name__ == "__main__":
    sys.exit(run("terminal", DEADLINE, everything))
