#!/usr/bin/env python3
"""docs/limits.md names every limit with its value: all constants of host/*/limits.hpp, and those that a row says
where they stand."""

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONSTANT = re.compile(r"\b(k\w+|max_body_bytes)\s*(?:=\s*|\{)([^;]+?)\}?;")
LIMIT = re.compile(r"^\| `(\w+)`(?: \(\[[^]]*\]\(\.\./([^)]+)\)\))? \| ([\d,]+)(?: (KiB|MiB|GiB))? \|", re.M)
UNIT = {"": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


def constants(file):
    """The numbers that a header names, by their names."""
    found = {}
    for name, text in CONSTANT.findall((ROOT / file).read_text()):
        text = re.sub(r"std::\w+\{(\d+)\}", r"\1", " ".join(text.split())).replace("'", "")
        text = re.sub(r"(\d)[uUlL]+\b", r"\1", text)
        if re.fullmatch(r"[\d\w\s*/<]+", text):
            found[name] = int(eval(text.replace("/", "//"), {}, dict(found)))  # of our own headers
    return found


class LimitsTest(unittest.TestCase):
    def test_every_limit_is_documented(self):
        page = (ROOT / "docs" / "limits.md").read_text()
        headers = re.findall(r"^\[(host/\w+/limits\.hpp)\]", page, re.M)
        self.assertEqual(set(headers), {str(f.relative_to(ROOT)) for f in ROOT.glob("host/*/limits.hpp")})
        documented = {}
        for name, file, number, unit in LIMIT.findall(page):
            documented[name] = int(number.replace(",", "")) * UNIT[unit]
            if file:
                self.assertEqual(documented[name], constants(file)[name], f"{name} in {file}")
        self.assertEqual(len(documented), page.count("\n| `"), "every row is understood")
        for header in headers:
            for name, value in constants(header).items():
                self.assertEqual(documented.get(name), value, f"{name} of {header} in docs/limits.md")


if __name__ == "__main__":
    unittest.main()
