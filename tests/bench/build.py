"""How long building takes: everything with its tests, one changed file, and what weighs most."""

import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path

from figures import Section, Table, count
from world import ROOT, bin_dir, require

CLEAN = 600
REBUILD = 15
TOUCHED = ["host/pipeline/record_flow.cpp", "host/mapping/expression/functions_text.cpp",
           "plugins/activecampaign/src/writer.cpp", "sdk/src/json.cpp"]
HEAVIEST = 12
NO_CACHE = {**os.environ, "CCACHE_DISABLE": "1"}


def translation_units(log):
    """[(seconds, object)] of the latest build of each, the longest first."""
    lasted = {}
    for line in log.read_text().splitlines():
        parts = line.split("\t")
        if len(parts) == 5 and parts[3].endswith(".o"):
            lasted[parts[3]] = (int(parts[1]) - int(parts[0])) / 1000
    return sorted(((seconds, name) for name, seconds in lasted.items()), reverse=True)


def source_of(name):
    """host/x/CMakeFiles/lib.dir/y.cpp.o → host/x/y.cpp"""
    return re.sub(r"CMakeFiles/[^/]+\.dir/", "", name).removesuffix(".o")


def included():
    """{header: sources and headers that name it}, of all that the project includes directly."""
    names = Counter()
    files = subprocess.run(["git", "ls-files", "*.cpp", "*.hpp"], cwd=ROOT, capture_output=True, text=True, check=True)
    for file in files.stdout.split():
        names.update(set(re.findall(r'^#include ([<"][^>"]+[>"])', (ROOT / file).read_text(), re.M)))
    return names


def weigh_headers(build, most):
    """[(seconds alone, files that name it, header)] of the heaviest ones, each compiled by itself."""
    commands = json.loads((build / "compile_commands.json").read_text())
    flags = {}  # by library, so that own headers are found as their users find them
    for entry in commands:
        words = shlex.split(entry["command"])
        flags.setdefault(str(Path(entry["file"]).parent), [word for word in words if word.startswith(("-D", "-std"))] +
                         [part for i, word in enumerate(words) if word in ("-I", "-isystem") for part in words[i:i + 2]] +
                         [word for word in words if word.startswith("-I") and len(word) > 2])
    every = list(flags.values())
    found = []
    for header, users in included().most_common():
        if users < 3:
            break
        with tempfile.NamedTemporaryFile("w", suffix=".cpp") as unit:
            unit.write(f"#include {header}\n")
            unit.flush()
            for choice in every:
                started = time.monotonic()
                compiled = subprocess.run(["g++", *choice, "-fsyntax-only", "-w", unit.name], cwd=build, capture_output=True)
                if compiled.returncode == 0:
                    found.append((time.monotonic() - started, users, header.strip('<>"')))
                    break
    return sorted(found, key=lambda entry: -entry[0] * entry[1])[:most]


def run_ninja(folder, *targets):
    started = time.monotonic()
    done = subprocess.run(["cmake", "--build", folder, "--parallel", str(os.cpu_count()), *targets],
                          capture_output=True, text=True, env=NO_CACHE)
    require(done.returncode == 0, f"the build of {folder} failed:\n{done.stdout[-2000:]}")
    return time.monotonic() - started


def measure(quick):
    section = Section("Build time", (
        "The preset `ci` with all tests, without a compiler cache, as many jobs as cores. A rebuild is of one changed file, "
        "up to all programs and tests that contain it. Seconds of a translation unit are from ninja's log of that build, in "
        "which as many ran at once as there are cores."))
    build = bin_dir().parent
    if quick:
        units = translation_units(build / ".ninja_log")
        require(units, f"{build}/.ninja_log names no object")
        require(all((ROOT / source_of(name)).exists() or "unity" in name or "cmake_pch" in name for _, name in units[:3]),
                f"no sources: {units[:3]}")
    else:
        build = ROOT / "build" / "bench"
        shutil.rmtree(build, ignore_errors=True)
        subprocess.run(["cmake", "--preset", "ci", "-B", build], cwd=ROOT, check=True, capture_output=True)
        clean = run_ninja(build)
        units = translation_units(build / ".ninja_log")
        rows = [["everything, with tests", f"{clean:.0f}"], ["nothing changed", f"{run_ninja(build):.1f}"]]
        section.claim("a clean build with tests takes under 10 minutes", f"{clean:.0f} s", clean < CLEAN)
        for file in TOUCHED:
            os.utime(ROOT / file)
            took = run_ninja(build)
            rows.append([f"`{file}` changed", f"{took:.1f}"])
            section.claim(f"a rebuild after a change of {file} takes under 15 s", f"{took:.1f} s", took < REBUILD)
        section.parts.append(Table(["build", "s"], rows))
        section.parts.append(Table(
            ["header, alone", "s", "files that include it", "product"],
            [[f"`{name}`", f"{seconds:.2f}", users, f"{seconds * users:.0f}"]
             for seconds, users, name in weigh_headers(build, HEAVIEST)]))
        shutil.rmtree(build)
    section.parts.append(Table(
        [f"heaviest of {count(len(units))} translation units", "s"],
        [[f"`{source_of(name)}`", f"{seconds:.1f}"] for seconds, name in units[:HEAVIEST]],
        f"All together: {count(sum(seconds for seconds, _ in units))} s."))
    return section
