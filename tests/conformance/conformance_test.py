#!/usr/bin/env python3
"""The conformance kit finds what is wrong, and nothing else; what it says is what CI and people read.

    conformance_test.py SLUICE_CONFORMANCE MISBEHAVING_FOLDER [test…]
"""
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM, MISBEHAVING = sys.argv.pop(1), Path(sys.argv.pop(1))
SCENARIOS = ROOT / "tests/bad_plugins/conformance/scenarios"
GROUPS = ("sandbox", "binary", "spec", "config", "check", "discover", "read", "write", "faults", "cancellation", "hygiene")


def run(which, *options, scenarios=SCENARIOS):
    return try_out(MISBEHAVING / which / "libsluice_misbehaving.so", *options, scenarios=scenarios)


def try_out(plugin, *options, scenarios):
    return subprocess.run([PROGRAM, plugin, "--scenarios", scenarios, *options], capture_output=True, text=True)


def failing_groups(done):
    report = json.loads(done.stdout)
    failed = [check for check in report["checks"] if check["status"] == "failed"]
    assert done.returncode == (1 if failed else 0), done
    assert report["holds"] == (not failed)
    return {check["group"] for check in failed}, json.dumps(failed, indent=1)


class Kit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """Tries out all connectors side by side, since the checks mostly wait: `whole` has what becomes of each."""
        side_by_side = concurrent.futures.ThreadPoolExecutor(2 * (os.cpu_count() or 1))
        cls.addClassCleanup(side_by_side.shutdown, cancel_futures=True)
        cls.whole = {which: side_by_side.submit(run, which, "--json", "--limit", "120") for which in ("none", *GROUPS[1:])}

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="sluice-conformance-test-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def test_nothing_is_wrong_with_a_good_connector(self):
        groups, why = failing_groups(self.whole["none"].result())
        self.assertEqual(groups, set(), why)

    def test_every_check_is_made(self):
        listed = subprocess.run([PROGRAM, "--list"], capture_output=True, text=True, check=True).stdout
        self.assertEqual({line.partition(".")[0] for line in listed.splitlines()}, set(GROUPS))
        made = {f"{check['group']}.{check['name']}" for check in json.loads(self.whole["none"].result().stdout)["checks"]}
        # Those for what this connector does not offer are left.
        optional = {"read.lookup", "write.receipts", "write.lookup", "write.prepare", "write.estimate", "write.screen",
                    "write.verify"}
        self.assertEqual(made, {line.partition(":")[0] for line in listed.splitlines()} - optional)

    def quirks(self, text):
        shutil.copy(SCENARIOS / "both.yaml", self.folder)
        (self.folder / "quirks.yaml").write_text(text)
        return run("write", "--only", "write", scenarios=self.folder)

    def test_a_promise_cannot_be_excused(self):
        done = self.quirks("read.resume: This is too hard for us to do.\n")
        self.assertEqual(done.returncode, 2)
        self.assertIn('"read.resume" is what every connector', done.stderr)
        self.assertEqual(self.quirks("read: This is too hard for us to do.\n").returncode, 2)

    def test_an_excuse_is_told(self):
        done = self.quirks("write.refused: The API takes everything that it is given.\n")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("1 not proved", done.stdout)
        self.assertIn("The API takes everything that it is given.", done.stdout)

    def test_an_excuse_for_nothing_is_refused(self):
        done = self.quirks("write.refuse: The API takes everything that it is given.\n")
        self.assertEqual(done.returncode, 2)
        self.assertIn('did you mean "write.refused"?', done.stderr)
        self.assertIn("in a sentence why", self.quirks("write.refused: no\n").stderr)

    def test_reports(self):
        file = self.folder / "report.xml"
        done = run("write", "--only", "write", "--junit", file)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"write +\d passed, 1 failed")
        self.assertIn("write.refused [both]", done.stdout)
        suite = xml.parse(file).getroot()
        failed = [case.get("name") for case in suite if case.find("failure") is not None]
        self.assertEqual(failed, ["write.refused [both]"])
        self.assertEqual(int(suite.get("tests")), len(suite))

    def test_a_wrong_scenario_is_named_with_its_line(self):
        (self.folder / "a.yaml").write_text("config: {}\nreed: {stream: orders, records: 1}\n")
        done = run("none", scenarios=self.folder)
        self.assertEqual(done.returncode, 2)
        self.assertIn('a.yaml:2: unknown key "reed": did you mean "read"?', done.stderr)

    def test_a_sandbox_that_is_not_there_differs_from_one_that_prints_no_url(self):
        text = "config: {}\nread: {stream: orders, records: 1}\n"
        (self.folder / "a.yaml").write_text("sandbox: [sluice-sandbox-missing]\n" + text)
        done = run("none", "--only", "check", scenarios=self.folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn("sluice-sandbox-missing cannot be run: No such file or directory", done.stdout)
        self.assertIn("to PATH", done.stdout)
        (self.folder / "a.yaml").write_text("sandbox: [echo, hello]\n" + text)
        done = run("none", "--only", "check", scenarios=self.folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn('must print its URL on the first line, and prints "hello"', done.stdout)
        (self.folder / "a.yaml").write_text("sandbox: [sh, -c, 'echo no such option >&2; exit 3']\n" + text)
        done = run("none", "--only", "check", scenarios=self.folder)
        self.assertRegex(done.stdout, "runs, but .* 3: .* on stderr it says: no such option")

    def test_a_sandbox_that_does_not_start_is_told_once(self):
        text = (SCENARIOS / "both.yaml").read_text()
        for name, words in {"a": "sluice-sandbox-missing", "b": "sluice-sandbox-missing, --other",
                            "c": "sluice-sandbox-missing"}.items():
            (self.folder / f"{name}.yaml").write_text(text.replace("sluice-sandbox-example", words))
        (self.folder / "quirks.yaml").write_text("write.refused: The API takes everything that it is given.\n")
        file = self.folder / "report.xml"
        done = run("none", "--junit", file, scenarios=self.folder)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout.count("sluice-sandbox-missing cannot be run"), 1, done.stdout)
        self.assertRegex(done.stdout, r"sandbox +0 passed, 1 failed, 1 not run\n")
        self.assertRegex(done.stdout, r"read +0 passed, \d+ not run\n")
        self.assertRegex(done.stdout, r"\nnot run: \d+ checks, for want of a sandbox\n\nit does not conform\n")
        suite = xml.parse(file).getroot()
        self.assertEqual(int(suite.get("failures")), 1)
        self.assertEqual(int(suite.get("skipped")), len(suite) - 1)
        self.assertEqual(int(suite.get("skipped")), len(suite.findall("testcase/skipped")))
        done = run("none", "--json", scenarios=self.folder)
        self.assertEqual(done.returncode, 1)
        report = json.loads(done.stdout)
        self.assertFalse(report["holds"])
        failed = [check for check in report["checks"] if check["status"] == "failed"]
        self.assertEqual([(check["group"], check["name"], check["scenario"]) for check in failed],
                         [("sandbox", "starts", "a")])
        others = {(check["status"], check["message"]) for check in report["checks"] if check not in failed}
        self.assertEqual(others, {("not run", "the sandbox does not start: see sandbox.starts [a]"),
                                  ("not proved", "The API takes everything that it is given.")})

    def test_a_receipt_that_is_not_declared_is_said_to_lack_its_declaration(self):
        done = run("receipts", "--only", "write.outcomes")
        self.assertEqual(done.returncode, 1)
        self.assertIn("`static constexpr bool kReceipts = true;` into the destination class", done.stdout)

    def test_a_secret_that_is_told_is_named_with_the_place(self):
        plugin = MISBEHAVING.parent / "bad_plugins/libsluice_leaks_secret.so"
        places = ["the error of check", "the answer of write", "a log line of check",
                  "what check prints to stdout", "what check prints to stderr", "the answer of check"]
        for leak, place in enumerate(places):
            (self.folder / "a.yaml").write_text(f"config: {{api_key: s3cr3t-key, leak: {leak}}}\n"
                                                "write: {object: rows, match: id, records: [{id: a}, {id: b}, {id: c}]}\n")
            done = try_out(plugin, "--only", "hygiene.secrets", scenarios=self.folder)
            self.assertEqual(done.returncode, 1, place)
            self.assertRegex(done.stdout, rf'{place} tells the secret option "api_key": .*\*\*\*')
            self.assertNotIn("s3cr3t", done.stdout)

    def test_what_is_promised_must_be_tried(self):
        text = (SCENARIOS / "both.yaml").read_text()
        (self.folder / "a.yaml").write_text(text[:text.index("write:")])
        done = run("none", scenarios=self.folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn('promises to write, but no scenario has "write"', done.stdout)


def make(group):
    def test(self):
        groups, why = failing_groups(self.whole[group].result())
        self.assertEqual(groups, {group}, why)
    return test


for name in GROUPS[1:]:
    setattr(Kit, f"test_what_is_wrong_in_{name}_is_found_there", make(name))

if __name__ == "__main__":
    unittest.main()
