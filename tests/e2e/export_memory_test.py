#!/usr/bin/env python3
"""`sluice errors export --csv` and `errors list --json` take the same memory for a million errors as for ten thousand, and
the file is one that a CSV reader takes apart as it was meant."""
import csv
import os
import sqlite3
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "harness"))
from sandbox import bin_dir  # noqa: E402

INTEGRATION = """
integration: copy
source: {connector: file, path: in.ndjson, key: id}
destination: {connector: file, path: out.ndjson}
syncs:
  people:
    read: {stream: records}
    write: {object: records, match: email}
    check: [{that: .email | is_email, say: "=no, e-mail"}]
    fields: {email: .email}
"""
FEW, MANY = 10_000, 1_000_000
# The rows take about 150 MB: a program that kept them would need far more than this.
ALLOWANCE = 16 << 20


class ExportMemoryTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sluice-export-")
        self.addCleanup(folder.cleanup)
        self.work = Path(folder.name)
        (self.work / "copy.yaml").write_text(INTEGRATION)
        (self.work / "in.ndjson").write_text('{"id": "k0", "email": "a, \\"b\\"\\n@x"}\n')
        self.sluice("validate", "copy.yaml", wanted=1)

    def sluice(self, *words, wanted=0):
        """Runs it and returns its peak memory in bytes."""
        process = subprocess.Popen([bin_dir() / "sluice", *words, "--state", "state", "--quiet"],
                                   cwd=self.work, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, wanted)
        return usage.ru_maxrss * 1024

    def grow(self, count):
        """The state holds `count` errors, all but the first copies of that one under other keys."""
        with sqlite3.connect(self.work / "state/copy/state.db") as state:
            state.execute("PRAGMA synchronous=OFF")
            first = state.execute("SELECT * FROM errors WHERE key='k0'")
            names = [column[0] for column in first.description]
            row = first.fetchone()
            at = names.index("key")
            state.executemany(
                f"INSERT OR IGNORE INTO errors VALUES({','.join('?' * len(names))})",
                ((*row[:at], f"k{i:07}", *row[at + 1:]) for i in range(1, count)))
            self.assertEqual(state.execute("SELECT count(*) FROM errors").fetchone()[0], count)

    def test_memory_does_not_grow_with_the_errors(self):
        listing = ("errors", "list", "copy.yaml", "--json")
        self.grow(FEW)
        few = self.sluice("errors", "export", "copy.yaml", "--csv", "few.csv")
        few_listed = self.sluice(*listing)
        self.grow(MANY)
        many = self.sluice("errors", "export", "copy.yaml", "--csv", "many.csv")
        self.assertLess(many, few + ALLOWANCE)
        self.assertLess(self.sluice(*listing), few_listed + ALLOWANCE)
        with (self.work / "many.csv").open(newline="") as file:
            rows = csv.reader(file, strict=True)
            columns = next(rows)
            count, found = 0, set()
            for row in rows:
                count += 1
                found.add((len(row), row[columns.index("message")]))
        self.assertEqual(found, {(len(columns), "'=no, e-mail")})
        self.assertEqual(count, MANY)


if __name__ == "__main__":
    unittest.main()
