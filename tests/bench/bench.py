#!/usr/bin/env python3
"""Measures Sluice: sections of figures, each from runs on this machine. Compare figures of one output only.

    ./dev bench [SECTION…] [--quick] [--report docs/benchmarks.md]

--quick takes seconds a section: it shows that the measuring works and that what holds at any speed does.
"""
import argparse
import importlib
import os
import shutil
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from figures import SECTIONS  # noqa: E402


def show(section, quick):
    print(f"\n{section.title}")
    for part in section.parts:
        if hasattr(part, "plain"):
            print(part.plain())
    for claim in [] if quick else section.claims:
        print(f"  {'reached' if claim.holds else 'MISSED '}  {claim.what}: {claim.found}")
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(prog="dev bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"of {', '.join(SECTIONS)}; default: all")
    parser.add_argument("--quick", action="store_true", help="small sizes, seconds a section")
    parser.add_argument("--report", type=Path, metavar="FILE",
                        help="write the page, and its plots beside it; sections that were not measured keep theirs")
    parser.add_argument("--bin", type=Path, default=HERE.parents[1] / "build" / "release" / "bin",
                        help="where the programs are (default build/release/bin)")
    options = parser.parse_args()
    for name in options.sections:
        if name not in SECTIONS:
            parser.error(f"there is no section {name}; there are: {', '.join(SECTIONS)}")
    if options.report and options.quick:
        parser.error("--report takes the figures of whole measurements, not of --quick")
    if options.report and not shutil.which("gnuplot"):
        parser.error("--report draws its plots with gnuplot, which is not installed: install gnuplot-nox")
    if not (options.bin / "sluice").exists():
        parser.error(f"{options.bin} holds no programs: run ./dev build first")
    os.environ["SLUICE_BIN_DIR"] = str(options.bin.resolve())

    from world import BrokenClaim
    for name in options.sections or SECTIONS:
        print(f"\n== {name}", flush=True)
        started = time.monotonic()
        try:
            section = importlib.import_module(name).measure(options.quick)
        except BrokenClaim as broken:
            sys.exit(f"dev bench {name}: {broken}")
        took = time.monotonic() - started
        show(section, options.quick)
        print(f"  measured in {took:.0f} s")
        if options.report:
            import report
            report.add(options.report, name, section, took)


if __name__ == "__main__":
    main()
