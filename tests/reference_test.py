#!/usr/bin/env python3
"""The API reference is made without a warning, and says what the headers say."""
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@unittest.skipUnless(shutil.which("doxygen"), "doxygen is not installed")
class Reference(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="sluice-reference-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def make(self, extra=""):
        text = (ROOT / "docs/Doxyfile").read_text().replace("build/docs", str(self.folder))
        (self.folder / "Doxyfile").write_text(text + extra)
        subprocess.run(["doxygen", self.folder / "Doxyfile"], cwd=ROOT, check=True, capture_output=True)
        return (self.folder / "warnings").read_text()

    def text_of(self, page):
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", (self.folder / "html" / page).read_text()))

    def test_it_is_made_without_a_warning(self):
        self.assertEqual(self.make(), "")
        self.assertIn("The next page; not called again after a page with 'end'.", self.text_of("classsluice_1_1Reader.html"))
        self.assertIn("Makes an instance from its options", self.text_of("structsluice__connector.html"))
        self.assertIn("RecordingTransport", self.text_of("annotated.html"))

    def test_a_mistake_is_warned_of(self):
        (self.folder / "broken.hpp").write_text("/// @param nobody is this\nvoid lonely(int somebody);\n")
        self.assertIn("nobody", self.make(f"\nINPUT += {self.folder}\n"))


if __name__ == "__main__":
    unittest.main()
