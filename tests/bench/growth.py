"""How figures grow: with records 10³…10⁶, with integrations 1…1,000, with error rows 0…10⁶."""

import json

import records
from figures import Plot, Section, Table, count, mebibytes
from files import INTEGRATION as FILES
from world import World, require

ONE = """
integration: growth-{number}
source: {{connector: file, path: one.ndjson, key: id}}
destination: {{connector: file, path: out-{number}.ndjson}}
syncs:
  people: {{read: {{stream: records}}, write: {{object: records, match: email}}, fields: {{email: .email}}}}
"""
ERRORS = """
integration: errors
source: {connector: file, path: people.ndjson, key: id}
destination: {connector: file, path: out.ndjson}
syncs:
  people:
    read: {stream: records}
    write: {object: records, match: email}
    check: [{that: .email | is_email, say: no valid e-mail address}]
    fields: {email: .email}
"""


def with_records(section, sizes):
    rows, rate, memory, state, nothing = [], [], [], [], []
    for size in sizes:
        with World() as world:
            records.write(world.folder / "in.ndjson", size)
            file = world.write("files.yaml", FILES.format(write=""))
            first = world.sluice("full", "--force", file, watch=True, codes=(0,))
            require(first.sync["delivered"] == size, f"{first.sync['delivered']} of {size} records were delivered")
            each = world.state_bytes() / size
            again = world.sluice("full", file, codes=(0,))
            require(again.sync["unchanged"] == size, f"{again.sync['unchanged']} of {size} records were unchanged")
            idle = world.sluice("incremental", file, codes=(0,))
        workers = [peak for name, (peak, _) in first.memory.items() if name != "host"]
        host = first.memory["host"][0]
        rows.append([count(size), count(size / first.wall), f"{first.cpu / size * 1e6:.1f}", count(size / again.wall),
                     f"{idle.wall:.2f}", mebibytes(host), mebibytes(max(workers, default=0)), f"{each:.0f}"])
        rate.append((size, size / first.wall))
        nothing.append((size, idle.wall))
        memory.append((size, host / 2**20))
        state.append((size, each))
    section.parts.append(Table(
        ["records, file → file", "first full, records/s", "CPU µs a record", "unchanged full, records/s",
         "incremental of nothing, s", "host MiB", "worker MiB", "state, bytes a record"], rows))
    section.parts += [
        Plot("growth_records_rate", "First full walk, file → file", "records", "records/s", {"": rate}),
        Plot("growth_records_memory", "Highest resident memory of the host", "records", "MiB", {"": memory}),
        Plot("growth_records_state", "State, documents included", "records", "bytes a record", {"": state}),
        Plot("growth_records_incremental", "Incremental run of nothing", "records in the ledger", "s", {"": nothing})]


def with_integrations(section, sizes):
    """Many integrations in one state directory: what one run, and the status of all, take then."""
    rows, run_time, status_time = [], [], []
    with World() as world:
        world.write("one.ndjson", '{"id": "1", "email": "ada@example.com"}\n')
        made = 0
        for size in sizes:
            while made < size:
                made += 1
                file = world.write(f"growth-{made}.yaml", ONE.format(number=made))
                world.sluice("full", "--force", file, codes=(0,))
            run = world.sluice("full", file, codes=(0,))
            status = world.sluice("status", codes=(0,), watch=True)
            told = len(status.report.get("integrations", []))
            require(told == size, f"status tells of {told} of {size} integrations")
            rows.append([count(size), f"{run.wall * 1000:.0f}", f"{status.wall * 1000:.0f}",
                         mebibytes(status.memory.get("host", (0, 0))[0]), f"{world.state_bytes() / size / 1024:.0f}"])
            run_time.append((size, run.wall * 1000))
            status_time.append((size, status.wall * 1000))
    section.parts.append(Table(
        ["integrations in one state", "a run of one, ms", "status of all, ms", "status MiB", "state, KiB each"], rows))
    section.parts.append(Plot("growth_integrations", "Integrations in one state directory", "integrations", "ms",
                              {"a run of one": run_time, "status of all": status_time}, log_y=True))


def with_errors(section, sizes):
    """One good record and N that fail their check."""
    rows, rate, listing, again = [], [], [], []
    for size in sizes:
        with World() as world:
            with (world.folder / "people.ndjson").open("w") as file:
                file.write('{"id": "good", "email": "ada@example.com"}\n')
                file.writelines(json.dumps({"id": f"bad{n}", "email": f"nobody {n}"}) + "\n" for n in range(size))
            file = world.write("errors.yaml", ERRORS)
            first = world.sluice("full", "--force", file, watch=True)
            require(first.sync["open_errors"] == size, f"{first.sync['open_errors']} of {size} errors are open")
            listed = world.sluice("errors", "list", file, codes=(0,))
            next_run = world.sluice("incremental", file)
            require(next_run.sync["open_errors"] == size, f"{next_run.sync['open_errors']} of {size} errors are open")
            bytes_each = world.state_bytes() / max(size, 1)
        total = size + 1
        rows.append([count(size), count(total / first.wall), mebibytes(first.memory["host"][0]),
                     f"{listed.wall * 1000:.0f}", f"{next_run.wall:.2f}", count(next_run.sync["read"]),
                     f"{bytes_each:.0f}" if size else ""])
        if size:
            rate.append((size, total / first.wall))
            listing.append((size, listed.wall))
            again.append((size, next_run.wall))
    section.parts.append(Table(
        ["error rows", "full, records/s", "host MiB", "errors list, ms", "next incremental, s", "records it read",
         "state, bytes an error"], rows))
    section.parts += [Plot("growth_errors_rate", "Full walk, every record an error", "error rows", "records/s", {"": rate}),
                      Plot("growth_errors_time", "With open errors", "error rows", "s",
                           {"errors list": listing, "next incremental": again}, log_y=True)]


def measure(quick):
    section = Section("Growth", (
        "Each figure over what may grow. file → file, the records and the map of the section above; whole processes, "
        "start and end included."))
    with_records(section, [100, 1_000] if quick else [10**3, 10**4, 10**5, 10**6])
    with_integrations(section, [1, 5] if quick else [1, 10, 100, 1_000])
    with_errors(section, [0, 100, 1_000] if quick else [0, 10**3, 10**4, 10**5, 10**6])
    return section
