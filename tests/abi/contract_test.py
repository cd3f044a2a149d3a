#!/usr/bin/env python3
"""The contract in sdk/include/sluice/abi.h is the one that its version stands for.

A copy of every version, without comments, stands in tests/abi/golden. What plugins are built against may change with a
new version alone, and from 1.0 on only by appending.

    contract_test.py [test…]
    contract_test.py --write      writes the copy of a version that has none yet
"""
import re
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEADER = ROOT / "sdk/include/sluice/abi.h"
GOLDEN = Path(__file__).resolve().parent / "golden"


def contract(text):
    """The declarations, one a line: no comments, one space between words."""
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    text = re.sub(r"\\\n", " ", text)
    lines, code = [], ""
    for line in text.splitlines():
        if line.lstrip().startswith("#"):
            lines += [code, re.sub(r"\s+", " ", line).strip()]
            code = ""
        else:
            code += " " + line
    lines.append(code)
    out = []
    for line in lines:
        parts = [line] if line.startswith("#") else re.split(r"(?<=[;{}])", line)
        out += [re.sub(r"\s+", " ", part).strip() for part in parts]
    return "\n".join(part for part in out if part) + "\n"


def version(text):
    def number(name):
        return int(re.search(rf"#\s*define\s+SLUICE_ABI_{name}\s+(\d+)", text).group(1))
    return number("MAJOR"), number("MINOR")


def copies():
    found = {}
    for path in GOLDEN.glob("abi_*_*.txt"):
        major, minor = map(int, path.stem.split("_")[1:])
        found[major, minor] = path.read_text()
    return found


def structs(text):
    """The members of every struct, in their order."""
    return {name: [member.strip() for member in re.findall(r"[^;]+;", re.sub(r"\s+", " ", body))]
            for name, body in re.findall(r"typedef struct (\w+) \{(.*?)\}\s*\w+;", text, re.S)}


class Contract(unittest.TestCase):
    def test_the_header_is_its_versions_copy(self):
        text = HEADER.read_text()
        major, minor = version(text)
        known = copies()
        self.assertIn((major, minor), known, f"version {major}.{minor} has no copy yet: {sys.argv[0]} --write")
        self.assertEqual(contract(text), known[major, minor],
                         f"abi.h is no longer what {major}.{minor} stands for: raise SLUICE_ABI_MINOR (fields were "
                         "appended) or SLUICE_ABI_MAJOR, say in docs/abi.md what changed, and write the new copy with "
                         f"{sys.argv[0]} --write")

    def test_versions_from_1_on_only_append(self):
        known = copies()
        for (major, minor), text in known.items():
            before = known.get((major, minor - 1))
            if major == 0 or before is None:
                continue
            for name, members in structs(before).items():
                self.assertEqual(structs(text)[name][:len(members)], members, f"{name} in {major}.{minor}")

    def test_every_version_has_a_plugin_of_its_day(self):
        for (major, minor), text in copies().items():
            if major == 0:
                continue
            folder = Path(__file__).resolve().parent / "frozen"
            self.assertTrue((folder / f"connector_{major}_{minor}.c").exists(), "a plugin of this version")
            frozen = (folder / f"abi_{major}_{minor}.h").read_text()
            self.assertEqual(contract(frozen), text, f"the header that plugins of {major}.{minor} were built with")

    def test_every_version_is_told_of(self):
        page = (ROOT / "docs/abi.md").read_text()
        for major, minor in copies():
            self.assertRegex(page, rf"(?m)^\| {major}\.{minor} \|", "docs/abi.md")

    def test_every_member_is_pinned(self):
        pins = (Path(__file__).resolve().parent / "layout_test.cpp").read_text()
        for name, members in structs(contract(HEADER.read_text())).items():
            for member in members[1:]:
                found = re.search(r"\(\*(\w+)\)|(\w+);$", member)
                self.assertRegex(pins, rf"EXPECT_OFFSET\({name}, {found.group(1) or found.group(2)}, \d+\)",
                                 "tests/abi/layout_test.cpp")

    def test_comments_and_spaces_are_no_part_of_it(self):
        text = "#define A 1 /* one */\ntypedef struct a {\n  int b; /* two\n lines */\n  int (*c)(int,\n   int);\n} a;\n"
        self.assertEqual(contract(text), contract(text.replace("  ", " ").replace("/* one */", "")))
        self.assertEqual(structs(contract(text)), {"a": ["int b;", "int (*c)(int, int);"]})
        self.assertNotEqual(contract(text), contract(text.replace("int b", "long b")))


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        text = HEADER.read_text()
        major, minor = version(text)
        path = GOLDEN / f"abi_{major}_{minor}.txt"
        if path.exists() and path.read_text() != contract(text):
            sys.exit(f"{path} stands for plugins that exist: raise the version in abi.h first")
        path.write_text(contract(text))
        print(f"wrote {path}")
    else:
        unittest.main()
