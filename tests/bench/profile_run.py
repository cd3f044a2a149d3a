"""Where the time of a run goes, by what a sampled moment was spent on: `perf` over host and workers."""

import re
import shutil
import subprocess
from collections import Counter

from figures import Table

# The first that fits a symbol or its library; self time, so that inlined work counts where it was inlined.
KINDS = [
    ("kernel: files, sockets, switches", r"\[kernel|\[k\]|\[vdso"),
    ("ledger: SQLite", r"libsqlite3"),
    ("ledger: zstd", r"libzstd|ZSTD"),
    ("HTTP: curl, gzip", r"libcurl|libz\.|libssl|libcrypto|libnghttp2|libbrotli"),
    ("JSON: parsing", r"PartsReader|read_members|RecordParser::Quick|ThinList|thin_rows|basic_parser|ExactHandler|value_stack|parse_json|JsonParser|simdjson|from_chars"),
    ("JSON: writing", r"write_string|write_number|write_value|to_json|serializ|to_chars"),
    ("expressions and mapping", r"host::expr::|Expression|Mapping|Application|host::convert|EvaluationMemory"),
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


def table(title, sampled, columns, process_of, cpu_each):
    """CPU µs a record by what they were spent on, of each process; `process_of`: its column, from its symbols."""
    kinds, symbols = sampled
    processes = {pid: process_of(names) for pid, names in symbols.items()}
    total = sum(sum(found.values()) for found in kinds.values())
    each = {name: {column: sum(found[name] for pid, found in kinds.items() if processes[pid] == column) / total * cpu_each
                   for column in columns} for name in (*(name for name, _ in KINDS), REST)}
    rows = [[name, *(f"{values[column]:.2f}" for column in columns), f"{sum(values.values()):.2f}"]
            for name, values in sorted(each.items(), key=lambda entry: -sum(entry[1].values()))]
    rows.append(["all", *(f"{sum(values[column] for values in each.values()):.2f}" for column in columns), f"{cpu_each:.2f}"])
    return Table([title, *columns, "all"], rows,
                 "Samples of self time by perf, 2,999 a second; inlined work counts where it was inlined.")


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
