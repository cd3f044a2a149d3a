#!/usr/bin/env python3
"""`sluice errors export --csv` takes the same memory for a million errors as for ten thousand, and writes a file that a CSV
reader takes apart as it was meant."""
import csv
import os
import sqlite3
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
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
            names = [row[1] for row in state.execute("PRAGMA table_info(errors)") if row[1] != "key"]
            state.execute(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i+1 < ?) "
                f"INSERT OR IGNORE INTO errors(key,{','.join(names)}) "
                f"SELECT 'k'||n.i,{','.join('e.' + name for name in names)} FROM n, errors e WHERE e.key='k0'", (count,))
            self.assertEqual(state.execute("SELECT count(*) FROM errors").fetchone()[0], count)

    def test_memory_does_not_grow_with_the_errors(self):
        self.grow(FEW)
        few = self.sluice("errors", "export", "copy.yaml", "--csv", "few.csv")
        self.grow(MANY)
        many = self.sluice("errors", "export", "copy.yaml", "--csv", "many.csv")
        self.assertLess(many, few + ALLOWANCE)
        with (self.work / "many.csv").open(newline="") as file:
            rows = csv.reader(file, strict=True)
            columns = next(rows)
            count = 0
            for row in rows:
                count += 1
                self.assertEqual(len(row), len(columns))
                self.assertEqual(row[columns.index("message")], "'=no, e-mail")
        self.assertEqual(count, MANY)


if __name__ == "__main__":
    unittest.main()
