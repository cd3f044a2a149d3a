#!/usr/bin/env python3
"""What the documentation quotes is what stands in the file: a link that ends a line, to a file below
examples/, and the code block after it. Every key of the integration file, which the shipped schema lists (a test
of its own holds it against the grammar), has a row in the reference, with what holds when it is left out; so has
every option of the connectors in their READMEs. Links lead to files that are there, and to headings that they have."""

import json
import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
QUOTE = re.compile(r"^[^\n]*\[[^]]*\]\(([^)]*examples/[^)]+)\)\n\n```\w*\n(.*?)^```$", re.M | re.S)

SCHEMA = ROOT / "configs/schema/integration.schema.json"
# Where docs/integration-file.md has the keys of a block, by the block's place in the file.
SECTIONS = {"": "Top level", "source": "Source and destination", "destination": "Source and destination",
            "schedule": "Schedule", "retention": "Retention", "syncs.*": "Syncs", "syncs.*.read": "Read",
            "syncs.*.write": "Write", "syncs.*.check[]": "Check", "syncs.*.fields.*": "Fields",
            "syncs.*.rules[]": "Rules", "syncs.*.tests[]": "Tests"}
# Blocks that have a page of their own.
ELSEWHERE = {"source.worker": "docs/isolation.md", "destination.worker": "docs/isolation.md"}


def blocks(schema, place=""):
    """(place, {key: (its schema, is it required)}) of every mapping with keys that the file knows."""
    keys = schema.get("properties", {})
    if keys:
        yield place, {key: (rule, key in schema.get("required", [])) for key, rule in keys.items()}
    for key, rule in keys.items():
        yield from blocks(rule, f"{place}.{key}".lstrip("."))
    for variant in schema.get("anyOf", []):
        yield from blocks(variant, place)
    if isinstance(schema.get("additionalProperties"), dict):
        yield from blocks(schema["additionalProperties"], f"{place}.*")
    if "items" in schema:
        yield from blocks(schema["items"], f"{place}[]")


def section(page, title):
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", page, re.M | re.S).group(1)


def rows(text):
    """The cells after the first of every row of the tables, by each name in the first."""
    found = {}
    for line in re.findall(r"^\|(.+)\|$", text, re.M):
        first, *others = re.split(r"(?<!\\)\|", line)
        for name in re.findall(r"`([^`]+)`", first):
            found[name] = others
    return found


def options(schema):
    """(connector, option, its schema) of the connectors' own options."""
    def of(rule, name):
        for key in ("source", "destination"):
            for option, about in rule.get("properties", {}).get(key, {}).get("properties", {}).items():
                if about is not True and about != {}:
                    yield name, option, about
        item = rule.get("properties", {}).get("syncs", {}).get("additionalProperties", {}).get("properties", {})
        for part in ("read", "write"):
            for branch in item.get(part, {}).get("allOf", []):
                for option, about in branch["then"].get("properties", {}).items():
                    if about is not True and about != {}:
                        yield name, option, about
    for branch in schema["allOf"]:
        (side,) = branch["if"]["properties"].values()
        yield from of(branch["then"], side["properties"]["connector"]["const"])


def pages():
    return [page for place in ("*.md", "docs/**/*.md", "plugins/**/*.md") for page in ROOT.glob(place)]


class DocsTest(unittest.TestCase):
    def test_every_key_of_the_file_is_explained(self):
        page = (ROOT / "docs/integration-file.md").read_text()
        places = set()
        for place, keys in blocks(json.loads(SCHEMA.read_text())):
            if place in ELSEWHERE:
                page_of_block = (ROOT / ELSEWHERE[place]).read_text()
                for key in keys:
                    self.assertRegex(page_of_block, rf"(?m)^    {key}: |`{key}`", place)
                continue
            places.add(place)
            text = section(page, SECTIONS[place])
            table = rows(text)
            for key, (rule, required) in keys.items():
                if place == "schedule":  # explained by examples
                    self.assertRegex(text, rf"`{{.*{key}: ", place)
                    continue
                self.assertIn(key, table, f"docs/integration-file.md, {SECTIONS[place]}")
                left_out = table[key][0]
                if required:
                    self.assertIn("required", left_out, key)
                elif isinstance(rule.get("default"), (str, bool, int)):
                    default = rule["default"]
                    self.assertIn(f"`{str(default).lower() if isinstance(default, bool) else default}`", left_out, key)
        self.assertEqual(places, set(SECTIONS))

    def test_every_option_of_the_connectors_is_explained(self):
        seen = set()
        for connector, option, rule in options(json.loads(SCHEMA.read_text())):
            seen.add(connector)
            page = (ROOT / f"plugins/{connector}/README.md").read_text()
            self.assertIn(f"`{option}`", page, f"plugins/{connector}/README.md")
        self.assertEqual(seen, {"activecampaign", "chargebee", "file"})

    def test_quotes_are_the_files(self):
        quoted = set()
        for page in pages():
            for target, text in QUOTE.findall(page.read_text()):
                file = (page.parent / target).resolve()
                quoted.add(str(file.relative_to(ROOT)))
                self.assertEqual(text, file.read_text(), f"{page.relative_to(ROOT)}: {target}")
        for name in ("smallest_source", "smallest_destination", "incremental_source", "bulk_destination"):
            self.assertIn(f"examples/{name}/{name}.cpp", quoted)

    def test_links_lead_somewhere(self):
        for page in pages():
            for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", page.read_text(), flags=re.S)):
                if re.match(r"\w+:", target):
                    continue
                path, _, heading = target.partition("#")
                file = (page.parent / path) if path else page
                where = f"{page.relative_to(ROOT)}: {target}"
                self.assertTrue(file.exists(), where)
                if heading:
                    titles = re.findall(r"^#+ (.+)$", file.read_text(), re.M)
                    self.assertIn(heading, {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}, where)

    def test_the_smallest_connectors_stay_small(self):
        for name, lines in {"smallest_source": 40, "smallest_destination": 40}.items():
            for file, limit in {f"{name}.cpp": lines, "CMakeLists.txt": 3}.items():
                text = (ROOT / "examples" / name / file).read_text()
                self.assertLessEqual(text.count("\n"), limit, f"{name}/{file}")


if __name__ == "__main__":
    unittest.main()
