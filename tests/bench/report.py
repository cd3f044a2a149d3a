"""docs/benchmarks.md: one block a section, written by the bench alone; a section that was not measured keeps its block."""

import re
import subprocess
import time
from pathlib import Path

from figures import SECTIONS, Plot
from plots import draw
from world import ROOT

HEAD = """# Benchmarks

Written by `./dev bench --report docs/benchmarks.md`; do not edit. Each section says when, where and from which commit it was
measured; one that is not here has not been. Compare figures of one section only: machines differ, and so do days.
"""


def machine():
    def first(path, pattern):
        found = re.search(pattern, Path(path).read_text(), re.M)
        return found.group(1).strip() if found else "?"
    cores = sum(line.startswith("processor") for line in Path("/proc/cpuinfo").read_text().splitlines())
    memory = int(first("/proc/meminfo", r"^MemTotal:\s+(\d+)")) / 2**20
    system = first("/etc/os-release", r'^PRETTY_NAME="([^"]+)"')
    return f"{cores} × {first('/proc/cpuinfo', '^model name.*?: (.+)$')}, {memory:.0f} GiB, {system}"


def commit():
    def git(*words):
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs")
    return git("rev-parse", "--short=12", "HEAD") + (" with changes that are not committed" if changed else "")


def block(page, name, section, took):
    lines = [f"## {section.title}", "", section.text, ""]
    for part in section.parts:
        if isinstance(part, Plot):
            image = draw(part, page.parent / "images" / "bench")
            lines += [f"![{part.title}]({image.relative_to(page.parent)})", ""]
        else:
            lines += [part.markdown(), ""]
    if section.claims:
        lines += ["| target | found | |", "|---|---:|---|"]
        lines += [f"| {claim.what} | {claim.found} | {'reached' if claim.holds else '**missed**'} |"
                  for claim in section.claims]
        lines.append("")
        # One reason may stand behind several targets.
        for missing in dict.fromkeys(claim.missing for claim in section.claims if not claim.holds and claim.missing):
            lines += [f"What is missing: {missing}", ""]
    lines.append(f"`./dev bench {name}` on {time.strftime('%Y-%m-%d')}, {took / 60:.0f} min, commit {commit()}, "
                 f"{machine()}.")
    return "\n".join(lines) + "\n"


def add(page, name, section, took):
    page = page.resolve()
    blocks = {}
    if page.exists():
        blocks = dict(re.findall(r"<!-- section (\w+) -->\n(.*?)<!-- end -->\n", page.read_text(), re.S))
    blocks[name] = block(page, name, section, took)
    text = HEAD + "".join(f"\n<!-- section {each} -->\n{blocks[each]}<!-- end -->\n"
                          for each in SECTIONS if each in blocks)
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(text)
