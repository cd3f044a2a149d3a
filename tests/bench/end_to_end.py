"""Customers through both sandboxes without limits: records a second, and what host and workers cost."""

import os

from figures import Section, Table, count, mebibytes
from world import World, require

TARGET = 50_000
PROCESSES = ("host", "chargebee", "activecampaign")


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
    rows = []
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
        section.claim(f"over {TARGET:,} records/s on two cores, {label}", count(2 / each), 2 / each > TARGET)
    section.parts.append(Table(
        ["full", "records", "wall s", "records/s", "CPU µs a record", "on two cores records/s",
         *(f"{process} MiB" for process in PROCESSES)], rows,
        f"{os.cpu_count()} cores, which the sandboxes share."))
    return section
