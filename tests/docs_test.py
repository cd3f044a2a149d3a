#!/usr/bin/env python3
"""What the documentation quotes is what stands in the file: a link that ends a line, to a file below
examples/, and the code block after it."""

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
QUOTE = re.compile(r"^[^\n]*\[[^]]*\]\(([^)]*examples/[^)]+)\)\n\n```\w*\n(.*?)^```$", re.M | re.S)


class DocsTest(unittest.TestCase):
    def test_quotes_are_the_files(self):
        quoted = set()
        for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
            for target, text in QUOTE.findall(page.read_text()):
                file = (page.parent / target).resolve()
                quoted.add(str(file.relative_to(ROOT)))
                self.assertEqual(text, file.read_text(), f"{page.relative_to(ROOT)}: {target}")
        for name in ("smallest_source", "smallest_destination"):
            self.assertIn(f"examples/{name}/{name}.cpp", quoted)

    def test_the_smallest_connectors_stay_small(self):
        for name, lines in {"smallest_source": 40, "smallest_destination": 55}.items():
            for file, limit in {f"{name}.cpp": lines, "CMakeLists.txt": 3}.items():
                text = (ROOT / "examples" / name / file).read_text()
                self.assertLessEqual(text.count("\n"), limit, f"{name}/{file}")


if __name__ == "__main__":
    unittest.main()
