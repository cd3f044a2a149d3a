#!/usr/bin/env python3
"""What the bench computes and writes by itself, without any program of Sluice."""

import json
import re
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import build  # noqa: E402
import files  # noqa: E402
import limits  # noqa: E402
import plots  # noqa: E402
import profile_run  # noqa: E402
import records  # noqa: E402
import report  # noqa: E402
from figures import SECTIONS, Claim, Plot, Section, Table  # noqa: E402
from world import BrokenClaim  # noqa: E402


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)


class LeastTime(unittest.TestCase):
    def test_the_first_window_is_free_and_each_further_one_is_waited_for(self):
        for calls, seconds in ((0, 0), (1, 0), (150, 0), (151, 60), (300, 60), (301, 120)):
            self.assertEqual(limits.least_seconds(calls, (150, 60)), seconds, calls)


class Calls(unittest.TestCase):
    def check(self, delivered, imports, asked=0):
        return limits.check_calls({"requests": {"POST /api/3/import/bulk_import": imports,
                                                "GET /api/3/import/info": {"200": asked}}}, delivered)

    def test_what_the_limit_refused_is_no_import(self):
        self.assertEqual(self.check(1000, {"200": 4, "429": 3}, 8), (4, 8))

    def test_imports_that_are_not_full_and_a_third_question_are_refused(self):
        for arguments in ((1000, {"200": 6}), (1000, {"200": 4}, 9)):
            with self.assertRaises(BrokenClaim):
                self.check(*arguments)


class Outputs(Folder):
    def read(self, *documents):
        file = self.folder / "out.ndjson"
        file.write_text("".join(json.dumps(document) + "\n" for document in documents))
        return files.normalised(file)

    def test_order_nothing_and_the_form_of_numbers_make_no_difference(self):
        self.assertEqual(self.read({"email": "a", "MRR": 10, "x": None}, {"email": "b", "y": ""}),
                         self.read({"email": "b"}, {"MRR": 10.0, "email": "a"}))

    def test_a_value_does(self):
        self.assertNotEqual(self.read({"email": "a", "MRR": 10}), self.read({"email": "a", "MRR": 10.01}))
        self.assertNotEqual(self.read({"email": "a", "x": "1"}), self.read({"email": "a", "x": "2"}))

    def test_a_record_written_twice_is_refused(self):
        with self.assertRaises(BrokenClaim):
            self.read({"email": "a"}, {"email": "a"})


class Records(Folder):
    def test_the_same_seed_makes_the_same_file_of_distinct_people(self):
        one, two = self.folder / "one", self.folder / "two"
        size = records.write(one, 300)
        records.write(two, 300)
        self.assertEqual(one.read_bytes(), two.read_bytes())
        self.assertEqual(size, one.stat().st_size)
        self.assertTrue(1_400 < size / 300 < 1_700, size / 300)
        emails = {json.loads(line)["customer"]["email"] for line in one.read_text().splitlines()}
        self.assertEqual(len(emails), 300)


class NinjaLog(Folder):
    def test_the_latest_build_of_an_object_counts(self):
        log = self.folder / ".ninja_log"
        log.write_text("# ninja log v5\n0\t9000\t1\thost/a/CMakeFiles/x.dir/y.cpp.o\tff\n"
                       "0\t2000\t1\thost/a/CMakeFiles/x.dir/y.cpp.o\tff\n5\t3005\t1\tz.cpp.o\tff\n0\t7000\t1\tbin/x\tff\n")
        self.assertEqual(build.translation_units(log), [(3.0, "z.cpp.o"), (2.0, "host/a/CMakeFiles/x.dir/y.cpp.o")])
        self.assertEqual(build.source_of("host/a/CMakeFiles/x.dir/y.cpp.o"), "host/a/y.cpp")


class Samples(unittest.TestCase):
    def test_each_is_counted_for_its_process_by_what_it_was_spent_on(self):
        kinds, symbols = profile_run.count_samples([
            "sluice  41 7f01 sqlite3VdbeExec (/usr/lib/libsqlite3.so.0.8.6)",
            "sluice  41 7f02 [unknown] (/usr/lib/libzstd.so.1.5.4)",
            "sluice  41 7f03 boost::json::basic_parser<X (anonymous)>::parse(char const*) (/bin/sluice)",
            "sluice-worker  42 ffff [k] copy_to_iter ([kernel.kallsyms])",
            "sluice-worker  42 7f04 file_connector::RecordParser::parse (/lib/libsluice_file.so)",
            "no sample at all"])
        self.assertEqual(kinds, {41: {"ledger: SQLite": 1, "ledger: zstd": 1, "JSON: parsing": 1},
                                 42: {"kernel: files, sockets, switches": 1, "the rest": 1}})
        self.assertEqual(symbols[42]["file_connector::RecordParser::parse"], 1)


class Report(Folder):
    def test_a_section_that_is_measured_again_takes_the_place_of_the_old_one(self):
        page = self.folder / "benchmarks.md"
        for name, title, value in (("flat", "Flat", 1), ("limits", "Limits", 2), ("flat", "Flat", 3)):
            report.add(page, name, Section(title, "What it is.", [Table(["a", "b"], [["x", value]])],
                                           [Claim("fast", value, value > 2, "More of it.")]), 60)
        text = page.read_text()
        self.assertEqual(re.findall(r"^## (\w+)$", text, re.M), ["Limits", "Flat"])
        self.assertEqual(re.findall(r"^\| x \| (\d) \|$", text, re.M), ["2", "3"])
        self.assertEqual(re.findall(r"^\| fast \| (\d) \| (\S+) \|$", text, re.M), [("2", "**missed**"), ("3", "reached")])
        self.assertEqual(text.count("What is missing: More of it."), 1)
        self.assertIn("`./dev bench flat`", text)

    def test_no_section_is_lost_when_another_is_measured(self):
        page = self.folder / "benchmarks.md"
        for name in reversed(SECTIONS):
            report.add(page, name, Section(name), 60)
        self.assertEqual(re.findall(r"^## (\w+)$", page.read_text(), re.M), SECTIONS)


@unittest.skipUnless(shutil.which("gnuplot"), "gnuplot is not installed")
class Plots(Folder):
    def test_a_plot_is_a_small_picture_with_its_words(self):
        file = plots.draw(Plot("memory", "Somebody's memory", "records", "MiB",
                               {"host": [(10, 1), (1000, 2)], "worker": [(10, 2), (1000, 2)]}), self.folder)
        text = file.read_text()
        for word in ("Somebody's memory", "records", "MiB", "host", "worker"):
            self.assertIn(word, text.replace("&#39;", "'"))
        self.assertLess(len(text), 12_000)


if __name__ == "__main__":
    unittest.main()
