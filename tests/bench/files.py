"""file → file beside jq, gojq, miller and DuckDB: the same 18 fields of the same records, outputs compared equal."""

import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import profile_run
import records
from figures import Section, Table, count
from world import World, bin_dir, require

PEERS = Path(__file__).resolve().parent / "peers"
TARGETS = {"duckdb": 1.5, "jq": 5, "gojq": 5, "miller": 5}
RATE = 150_000
MISSING = (
    "each record crosses two sockets as text, and is read three times: by the source, by the host and by the destination. "
    "What is left is spread thin (the tables above). Handing pages over in memory that host and worker share would save the "
    "copies in and out of the kernel; a binary form between them, the third reading.")
INTEGRATION = """
integration: files
source: {{connector: file, path: in.ndjson, key: customer.id, version: customer.resource_version}}
destination: {{connector: file, path: out.ndjson}}
syncs:
  customers:
    read: {{stream: records}}
    write: {{object: records, match: email{write}}}
    check:
      - {{that: .customer.email | is_email, say: no valid e-mail address}}
    preset: chargebee-activecampaign
"""
# What the ledger keeps: {label: settings of `write:`}.
LEDGERS = {"sluice, no ledger": ", ledger: false", "sluice, hashes alone": ", documents: false", "sluice": ""}


def normalised(file):
    """{e-mail: fields that have a value}, numbers as numbers."""
    found = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        document = {name: value for name, value in json.loads(line).items() if value not in (None, "")}
        if isinstance(document.get("MRR"), (int, float)):
            document["MRR"] = round(float(document["MRR"]), 6)
        require(document["email"] not in found, f"{file.name} has {document['email']} twice")
        found[document["email"]] = document
    return found


def timed(command, **options):
    """(wall, CPU) seconds of a command and all that it starts."""
    started = time.monotonic()
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, **options)
    problem = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    require(process.returncode == 0, f"{command[0]} ended with {process.returncode}: {problem}")
    return wall, usage.ru_utime + usage.ru_stime


def peer_commands(folder):
    """{peer: (command, output goes to stdout)}, of those that are installed."""
    source = str(folder / "in.ndjson")
    commands = {"jq": ["jq", "-c", "-f", str(PEERS / "map.jq"), source],
                "gojq": ["gojq", "-c", "-f", str(PEERS / "map.jq"), source],
                "miller": ["mlr", "--ijsonl", "--ojsonl", "put", "-f", str(PEERS / "map.mlr"), source]}
    commands = {name: command for name, command in commands.items() if shutil.which(command[0])}
    if shutil.which("node") and (PEERS / "node_modules" / "@duckdb").exists():
        sql = (PEERS / "map.sql").read_text().format(input=source, output=folder / "duckdb.ndjson")
        commands["duckdb"] = ["node", str(PEERS / "duckdb.mjs"), sql]
    return commands


def run_peer(name, command, folder):
    output = folder / f"{name}.ndjson"
    if name == "duckdb":
        return timed(command)
    with output.open("w") as out:
        return timed(command, stdout=out)


def run_sluice(world, label, wanted):
    shutil.rmtree(world.folder / "state", ignore_errors=True)
    output = world.folder / "out.ndjson"
    output.unlink(missing_ok=True)
    result = world.sluice("full", "--force", world.write("files.yaml", INTEGRATION.format(write=LEDGERS[label])),
                          codes=(0,))
    require(result.sync["delivered"] == wanted, f"{result.sync['delivered']} of {wanted} records were delivered")
    output.rename(world.folder / f"{label}.ndjson")
    return result.wall, result.cpu


def versions(names):
    """Debian's package or npm's, with its version."""
    found = {}
    for name in names:
        if name == "duckdb":
            package = json.loads((PEERS / "package.json").read_text())["dependencies"]["@duckdb/node-api"]
            found[name] = f"@duckdb/node-api {package}, one thread"
        else:
            said = subprocess.run(["mlr" if name == "miller" else name, "--version"], capture_output=True, text=True)
            number = re.search(r"\d[\w.+-]*", said.stdout)
            found[name] = f"{name} {number.group() if number else '?'}"
    return found


def process_of(symbols):
    if not any("file_connector::" in name for name in symbols):
        return "host"
    writes = sum(count for name, count in symbols.items() if re.search("DocumentStore|FileWriter", name))
    reads = sum(count for name, count in symbols.items() if re.search("LineReader|RecordParser|RecordEmitter", name))
    return "destination" if writes > reads else "source"


def profile(world, label, cpu_each):
    """Where the time goes; None where samples cannot be taken."""
    shutil.rmtree(world.folder / "state", ignore_errors=True)
    (world.folder / "out.ndjson").unlink(missing_ok=True)
    file = world.write("files.yaml", INTEGRATION.format(write=LEDGERS[label]))
    sampled = profile_run.record([bin_dir() / "sluice", "full", "--force", "-q", file], world.folder, world.environment)
    if sampled is None or not sampled[0]:
        return None
    return profile_run.table(f"CPU µs a record, {label}", sampled, ("source", "host", "destination"), process_of, cpu_each)


def install_duckdb():
    if shutil.which("npm") and not (PEERS / "node_modules" / "@duckdb").exists():
        subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=PEERS, check=True)


def measure(quick):
    number, rounds = (2_000, 1) if quick else (200_000, 3)
    if not quick:
        install_duckdb()
    with World() as world:
        size = records.write(world.folder / "in.ndjson", number)
        commands = peer_commands(world.folder)
        require("jq" in commands, "jq is not installed: apt-get install jq")
        if not quick:
            missing = TARGETS.keys() - commands.keys()
            require(not missing, f"not installed, and to be compared with: {', '.join(sorted(missing))}")
        best = {}
        # In turns, so that a slower minute of the machine meets all of them.
        for _ in range(rounds):
            for label in LEDGERS:
                best[label] = min(best.get(label, (1e9, 0)), run_sluice(world, label, number))
            for name, command in commands.items():
                best[name] = min(best.get(name, (1e9, 0)), run_peer(name, command, world.folder))
        wanted = normalised(world.folder / "jq.ndjson")
        require(len(wanted) == number, f"jq made {len(wanted)} documents of {number} records")
        for name in best:
            made = normalised(world.folder / f"{name}.ndjson")
            differing = next((key for key in wanted if made.get(key) != wanted[key]), None)
            require(made == wanted, f"{name} and jq differ: {made.get(differing)} instead of {wanted.get(differing)}")
        parts = [profile(world, label, best[label][1] / number * 1e6) for label in LEDGERS] if not quick else []
    section = Section("file → file", (
        f"{count(number)} records of {size / number / 1000:.1f} kB in NDJSON, mapped to the 18 fields of the preset, types and "
        f"e-mail addresses checked; the best of {rounds} rounds, whole processes, start and end included. The same map by "
        f"{'; '.join(versions(commands).values())}; all outputs were compared and are equal. Sluice without a ledger "
        "(`ledger: false`), with one of hashes (`documents: false`), and with one of whole documents."))
    rate = {name: number / wall for name, (wall, _) in best.items()}
    first = next(iter(LEDGERS))
    section.parts.append(Table(
        ["program", "wall s", "records/s", "CPU µs a record", f"times slower than {first}"],
        [[name, f"{wall:.2f}", count(rate[name]), f"{cpu / number * 1e6:.1f}", f"{rate[first] / rate[name]:.2f}"]
         for name, (wall, cpu) in sorted(best.items(), key=lambda entry: entry[1][0])]))
    section.parts += [part or Table(["where the time goes"], [], "perf can take no samples here.") for part in parts]
    section.claim(f"{first}: over {RATE:,} records/s", count(rate[first]), rate[first] > RATE, MISSING)
    for name, times in TARGETS.items():
        if name in rate:
            ratio = rate[first] / rate[name]
            section.claim(f"{first}: {times} times {name}'s rate", f"{ratio:.2f}", ratio >= times, MISSING)
    return section
