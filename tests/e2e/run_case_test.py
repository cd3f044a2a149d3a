#!/usr/bin/env python3
"""Holds the runner of the cases against programs that hang: nothing may be left of them."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "harness"))
from processes import is_gone  # noqa: E402

RUNNER = Path(__file__).resolve().parent / "run_case.py"
# Answers its control endpoint, and nothing else.
SANDBOX = f"""#!{sys.executable}
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{{"requests": {{}}}}')
    def log_message(self, *_):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
with open(os.environ["PID_FILE"], "a") as pids:
    print(os.getpid(), file=pids)
print(f"http://127.0.0.1:{{server.server_port}}", flush=True)
server.serve_forever()
"""
# Both are deaf to all but SIGKILL; the worker has a session of its own.
DEAF = 'trap "" TERM INT\necho $$ >>$PID_FILE{0}\nwhile :; do sleep 1; done\n'
SLUICE = f"#!/bin/sh\nsetsid sh -c '{DEAF.format('.worker')}' &\n{DEAF.format('')}"


class RunnerTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.bin = Path(self.folder.name)
        for name, text in {"sluice": SLUICE, "sluice-sandbox-chargebee": SANDBOX,
                           "sluice-sandbox-activecampaign": SANDBOX}.items():
            (self.bin / name).write_text(text)
            (self.bin / name).chmod(0o755)
        case = {"about": "hangs", "steps": [{"sluice": ["full"]}]}
        (self.bin / "case.json").write_text(json.dumps(case))

    def run_case(self):
        environment = {**os.environ, "SLUICE_BIN_DIR": str(self.bin),
                       "PID_FILE": str(self.bin / "pids"), "TMPDIR": self.folder.name}
        return subprocess.Popen([sys.executable, RUNNER, self.bin], env=environment,
                                stdout=subprocess.PIPE, text=True)

    def pids(self, kind, count):
        """Once there are so many."""
        file = self.bin / f"pids{kind}"
        while not file.exists() or file.read_text().count("\n") < count:
            time.sleep(0.02)
        return [int(line) for line in file.read_text().split()]

    def end_with(self, number):
        """The runner's exit code and output; nothing that it started may be left."""
        with self.run_case() as runner:
            pids = self.pids("", 3) + self.pids(".worker", 1)
            runner.send_signal(number)
            out, _ = runner.communicate()
        self.assertEqual([pid for pid in pids if not is_gone(pid)], [])
        self.assertEqual(list(self.bin.glob("sluice-case-*")), [])
        return runner.returncode, out

    def test_the_deadline_ends_everything_and_names_the_step(self):
        code, out = self.end_with(signal.SIGALRM)
        self.assertEqual(code, 1)
        self.assertIn('step 1, {"sluice": ["full"]}', out)
        self.assertIn("does not end: sluice full integration.yaml", out)

    def test_sigterm_ends_everything(self):
        code, out = self.end_with(signal.SIGTERM)
        self.assertEqual(code, 128 + signal.SIGTERM)
        self.assertIn("by SIGTERM, step 1", out)

    def test_sigint_ends_everything(self):
        self.assertEqual(self.end_with(signal.SIGINT)[0], 128 + signal.SIGINT)

    def test_what_it_started_dies_with_it(self):
        with self.run_case() as runner:
            pids, workers = self.pids("", 3), self.pids(".worker", 1)
            runner.kill()
        while not all(is_gone(pid) for pid in pids):
            time.sleep(0.02)
        # Real workers see to it themselves.
        for worker in workers:
            os.kill(worker, signal.SIGKILL)


if __name__ == "__main__":
    unittest.main()
