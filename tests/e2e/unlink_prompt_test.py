#!/usr/bin/env python3
"""`sluice unlink` on a terminal: it asks for the integration's name, and only that name goes on."""
import json
import os
import pty
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
    fields: {email: .email}
"""


class UnlinkPromptTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sluice-unlink-")
        self.addCleanup(folder.cleanup)
        self.work = Path(folder.name)
        (self.work / "copy.yaml").write_text(INTEGRATION)
        (self.work / "in.ndjson").write_text('{"id": "a", "email": "a@x.example"}\n')
        for verb in ("validate", "initial", "full"):
            self.sluice(verb, check=True)

    def command(self, *words):
        return [bin_dir() / "sluice", *words, "copy.yaml", "--state", "state"]

    def sluice(self, *words, **options):
        return subprocess.run(self.command(*words), cwd=self.work, capture_output=True, text=True, **options)

    def status(self):
        return json.loads(self.sluice("status", "--json", check=True).stdout)

    def on_terminal(self, answer):
        """Runs `unlink` with a terminal of its own; returns what it showed and its exit code."""
        main, side = pty.openpty()
        process = subprocess.Popen(self.command("unlink"), cwd=self.work, stdin=side, stdout=side, stderr=side,
                                   start_new_session=True)
        os.close(side)
        shown = b""
        try:
            answered = False
            while True:
                try:
                    data = os.read(main, 4096)
                except OSError:  # the other end is closed
                    break
                if not data:
                    break
                shown += data
                if not answered and b"Type the name to go on: " in shown:
                    os.write(main, answer)
                    answered = True
            return shown.decode(), process.wait()
        finally:
            process.kill()
            process.wait()
            os.close(main)

    def test_another_word_changes_nothing(self):
        for answer in (b"yes\n", b"\n", b"\x04"):
            shown, code = self.on_terminal(answer)
            self.assertEqual(code, 5, shown)
            self.assertIn("1 delivered to the destination", shown)
            self.assertIn("Unlink copy? Neither side is changed.", shown)
            self.assertIn("nothing was changed", shown)
            self.assertEqual(self.status()["state"], "active")

    def test_the_name_unlinks(self):
        shown, code = self.on_terminal(b"copy\n")
        self.assertEqual(code, 0, shown)
        self.assertIn("unlinked; neither side was changed", shown)
        self.assertEqual(self.status()["state"], "unlinked")
        self.assertEqual((self.work / "out.ndjson").read_text().count("\n"), 1)

    def test_without_a_terminal_it_wants_yes(self):
        run = self.sluice("unlink", stdin=subprocess.DEVNULL)
        self.assertEqual(run.returncode, 2)
        self.assertIn("--yes", run.stderr)
        self.assertEqual(self.status()["state"], "active")


if __name__ == "__main__":
    unittest.main()
