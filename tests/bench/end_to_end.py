"""Customers through both sandboxes without limits: records a second, and what host and workers cost."""

import os

import profile_run
from figures import Section, Table, count, mebibytes
from world import World, bin_dir, require

TARGET = 50_000
PROCESSES = ("host", "chargebee", "activecampaign")
MISSING = (
    "the host with its ledger alone takes more than the 40 µs that the target leaves for all three: each record is inserted as a row of the source, an "
    "intent, a row of the destination, a pending write and a line of the run's account, most of them in the order of keys "
    "that come in none, and all of it is on the disk before anything leaves. It would take fewer rows a record (the pending "
    "write kept in the destination's row), or a log instead of a tree for what a run forgets at its end. The rest is HTTP, "
    "gzip and JSON of three times the bytes of `file → file`.")


def process_of(symbols):
    # A worker is told by its connector: the host's own code is in every program.
    return next((name for name in PROCESSES[1:] if any(f"{name}::" in symbol for symbol in symbols)), PROCESSES[0])


def profile(customers, cpu_each):
    """Where the time goes; None where samples cannot be taken."""
    with World() as world:
        file = world.integration(world.chargebee(customers), world.activecampaign(), transport="bulk")
        sampled = profile_run.record([bin_dir() / "sluice", "full", "--force", "-q", file], world.folder, world.environment)
    if sampled is None or not sampled[0]:
        return None
    return profile_run.table("CPU µs a record, with documents", sampled, PROCESSES, process_of, cpu_each)


def walk(customers, documents):
    with World() as world:
        chargebee, activecampaign = world.chargebee(customers), world.activecampaign()
        file = world.integration(chargebee, activecampaign, transport="bulk", documents=documents)
        result = world.sluice("full", "--force", file, watch=True)
        delivered = result.sync["delivered"]
        require(result.limit_answers() == 0, "limits are off, and yet requests were refused by one")
        require(delivered > 0.95 * customers, f"{delivered} of {customers} customers were delivered")
        require(activecampaign.stats()["contacts"] <= delivered, "contacts that nobody delivered")
        return result


def measure(quick):
    customers = 2_000 if quick else 200_000
    rows, first = [], None
    section = Section("End to end", (
        "A first full walk without limits: pages over HTTP, worker, the 18-field preset, ledger, worker, imports over "
        "HTTP. CPU is that of host and workers together (user and system, from the kernel's account of the ended "
        "processes); the sandboxes' is not in it. *On two cores* is the rate at which that CPU would fill two cores: "
        "what the machine could carry if the sandboxes ran elsewhere. Wall is what was waited for, sandboxes included."))
    for documents, label in (("true", "with documents in the ledger"), ("false", "hashes alone (`documents: false`)")):
        result = walk(customers, documents)
        read = result.sync["read"]
        each = result.cpu / read
        rows.append([label, count(read), f"{result.wall:.1f}", count(read / result.wall), f"{each * 1e6:.1f}",
                     count(2 / each), *(mebibytes(result.memory[process][0]) for process in PROCESSES)])
        section.claim(f"over {TARGET:,} records/s on two cores, {label}", count(2 / each), 2 / each > TARGET, MISSING)
        first = first or each
    section.parts.append(Table(
        ["full", "records", "wall s", "records/s", "CPU µs a record", "on two cores records/s",
         *(f"{process} MiB" for process in PROCESSES)], rows,
        f"{os.cpu_count()} cores, which the sandboxes share."))
    if not quick:
        section.parts.append(profile(customers // 4, first * 1e6) or
                             Table(["where the time goes"], [], "perf can take no samples here."))
    return section
