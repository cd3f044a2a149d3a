#!/usr/bin/env python3
"""Writes docs/connectors/<id>.md, a page for each connector, from what it says of itself.

    connector_pages.py SLUICE            writes the pages
    connector_pages.py SLUICE --check    fails when one is not what would be written
"""
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONNECTORS = ("activecampaign", "chargebee", "file")


def code(value):
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"`{text}`" if text else '`""`'


def kind(option):
    if "enum" in option:
        return " or ".join(code(value) for value in option["enum"])
    name = option.get("type", "any")
    if name == "array":
        return "a sequence of " + option.get("items", {}).get("type", "value") + "s"
    if option.get("format"):
        return option["format"].replace("-", " ")
    limits = [f"from {option['minimum']:g}"] if "minimum" in option else []
    limits += [f"up to {option['maximum']:g}"] if "maximum" in option else []
    return " ".join([name, *limits]) + (", secret" if option.get("writeOnly") else "")


def table(schema):
    rows = ["| option | | left out | meaning |", "|---|---|---|---|"]
    for name, option in schema.get("properties", {}).items():
        left_out = "required" if name in schema.get("required", []) else \
            code(option["default"]) if "default" in option else ""
        about = option.get("description", "").rstrip(".").replace("|", "\\|")
        if option.get("examples"):
            about += (". " if about else "") + "Example: " + code(option["examples"][0])
        rows.append(f"| `{name}` | {kind(option)} | {left_out} | {about} |")
    return "\n".join(rows)


def page(spec):
    name = spec["id"]
    parts = [f"# {name}",
             f"{spec['title']}, version {spec['version']}: {' and '.join(spec['roles'])}. What it reads and writes, and how, "
             f"says [its README](../../plugins/{name}/README.md).",
             "<!-- Written by docs/connector_pages.py from the connector's spec: change it there. -->",
             "## Connection\n\n" + table(spec["config"])]
    for member, key, noun in (("read", "read:", "stream"), ("write", "write:", "object")):
        for of, schema in sorted(spec.get(member, {}).items()):
            if schema.get("properties"):
                parts.append(f"## `{key}` of {noun} `{of}`\n\n" + table(schema))
    return "\n\n".join(parts) + "\n"


def main():
    sluice, check = sys.argv[1], "--check" in sys.argv[2:]
    folder = ROOT / "docs/connectors"
    pages = {}
    for name in CONNECTORS:
        spec = subprocess.run([sluice, "connectors", "inspect", name, "--json"], check=True, capture_output=True, text=True)
        pages[f"{name}.md"] = page(json.loads(spec.stdout))
    if not check:
        folder.mkdir(exist_ok=True)
        for name, text in pages.items():
            (folder / name).write_text(text)
        return
    stale = [name for name, text in pages.items() if not (folder / name).is_file() or (folder / name).read_text() != text]
    stale += [path.name for path in folder.glob("*.md") if path.name not in pages]
    if stale:
        sys.exit(f"docs/connectors: {', '.join(stale)} is not what the connectors say; run ./dev docs")
    print("ok: the pages are what the connectors say")


if __name__ == "__main__":
    main()
