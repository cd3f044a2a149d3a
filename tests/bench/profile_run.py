"""Where the time of a run goes, by what a sampled moment was spent on: `perf` over host and workers."""

import re
import shutil
import subprocess
from collections import Counter

# The first that fits a symbol or its library; self time, so that inlined work counts where it was inlined.
KINDS = [
    ("kernel: files, sockets, switches", r"\[kernel|\[k\]|\[vdso"),
    ("ledger: SQLite", r"libsqlite3"),
    ("ledger: zstd", r"libzstd|ZSTD"),
    ("JSON: parsing", r"basic_parser|ExactHandler|value_stack|parse_json|JsonParser|simdjson|from_chars"),
    ("JSON: writing", r"write_string|write_number|write_value|to_json|serializ|to_chars"),
    ("expressions and mapping", r"host::(?:expression|mapping)|Expression|Mapping|Conversion|host::.*Node|Arena"),
    ("JSON: values", r"boost::json"),
    ("memory", r"\b(?:malloc|free|cfree|realloc|calloc|operator new|operator delete)|_int_(?:malloc|free)|unlink_chunk|"
               r"malloc_consolidate|tcache|monotonic_resource"),
    ("bytes: copying and comparing", r"mem(?:move|cpy|cmp|chr|set)|str(?:len|cmp|chr)|basic_string"),
    ("hashing", r"XXH|_Hash|hash"),
    ("locks and frames", r"pthread|mutex|futex|Frame|WorkerLink"),
]
SAMPLE = re.compile(r"^\s*\S.*?\s+(\d+)\s+[0-9a-f]+\s+(.*) \(([^()]*|\[[^\]]*\][^()]*)\)$")
REST = "the rest"


def kind_of(symbol, library):
    text = f"{symbol} {library}"
    return next((name for name, pattern in KINDS if re.search(pattern, text)), REST)


def count_samples(lines):
    """{pid: {kind: samples}} of what `perf script -F comm,pid,ip,sym,dso` prints, and the symbols of each pid."""
    kinds, symbols = {}, {}
    for line in lines:
        found = SAMPLE.match(line)
        if not found:
            continue
        pid = int(found.group(1))
        kinds.setdefault(pid, Counter())[kind_of(found.group(2), found.group(3))] += 1
        symbols.setdefault(pid, Counter())[found.group(2)] += 1
    return kinds, symbols


def record(command, folder, environment):
    """What count_samples finds in a run of the command; None where samples cannot be taken."""
    if shutil.which("perf") is None:
        return None
    data = folder / "perf.data"
    done = subprocess.run(["perf", "record", "-q", "-e", "cpu-clock", "-F", "2999", "-o", data, "--", *command], cwd=folder,
                          env=environment, stdin=subprocess.DEVNULL, capture_output=True)
    if done.returncode not in (0, 1) or not data.exists():
        return None
    script = subprocess.run(["perf", "script", "-i", data, "-F", "comm,pid,ip,sym,dso"], capture_output=True, text=True)
    return count_samples(script.stdout.splitlines())
