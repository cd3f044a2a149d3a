#!/usr/bin/env python3
"""What is printed arrives, or the exit code says that it has not; a closed stream is nobody else's; a wrong command line is
answered with the right one; `discover` shows what a file is written from."""
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "harness"))
from processes import start  # noqa: E402
from program import run  # noqa: E402
from sandbox import Failure, Sandbox, bin_dir  # noqa: E402

DEADLINE = 120  # seconds; ctest waits longer
FILE = """
integration: people
source: {connector: file, path: people.ndjson, key: id}
destination: {connector: file, path: out.ndjson}
syncs:
  people:
    read: {stream: records}
    write: {object: records, match: email}
    check: [{that: .ok, say: not good}]
    fields: {email: .email}
"""
SOURCE = '{connector: chargebee, site: acme, api_key: sandbox-key, base_url: "%s"}'
VENDORS = """
integration: vendors
source: %s
destination: {connector: activecampaign, api_key: sandbox-key, url: "%s"}
syncs:
  customers:
    read: {stream: customers}
    write: {object: contacts, match: email, list: Customers}
    fields: {email: .customer.email}
"""
ERRORS = 3000  # more than a pipe holds
INTERRUPTED = 4


def require(holds, *what):
    if not holds:
        raise Failure(" ".join(map(str, what)))


class World:
    def __init__(self, work):
        self.work = work
        self.environment = {**os.environ, "SLUICE_STATE": str(work / "state")}
        (work / "people.yaml").write_text(FILE)
        rows = [{"id": f"k{i}", "email": f"a{i}@example.com", "ok": i >= ERRORS} for i in range(ERRORS + 2)]
        (work / "people.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows))

    def sluice(self, *words, **options):
        return subprocess.run([bin_dir() / "sluice", *words], cwd=self.work, env=self.environment,
                              stderr=subprocess.PIPE, text=True, **options)


def a_full_output_is_told(world):
    for words in (("errors", "list", "people.yaml"), ("errors", "list", "people.yaml", "--json"),
                  ("errors", "export", "people.yaml"), ("status", "people.yaml"), ("full", "--help"), ("--help",)):
        with open("/dev/full", "w") as full:
            done = world.sluice(*words, stdout=full)
        require(done.returncode == INTERRUPTED and "standard output" in done.stderr, words, done)
    # A failure keeps its own exit code.
    with open("/dev/full", "w") as full:
        done = world.sluice("status", "absent.yaml", "--json", stdout=full)
    require(done.returncode == 2 and "absent.yaml" in done.stderr, done)


def a_full_disk_leaves_no_half_table(world):
    done = subprocess.run(["sh", "-c", 'ulimit -f 200; exec "$@"', "sh", bin_dir() / "sluice", "errors", "export", "people.yaml",
                           "--csv", "table.csv"], cwd=world.work, env=world.environment, stderr=subprocess.PIPE, text=True)
    require(done.returncode == INTERRUPTED and "no room to write table.csv" in done.stderr, done)
    require(not list(world.work.glob("table.csv*")), "half a table is left")


def a_reader_may_leave(world):
    for words in (("errors", "list", "people.yaml", "--json"), ("errors", "export", "people.yaml")):
        process = start([bin_dir() / "sluice", *words], cwd=world.work, env=world.environment,
                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        require(process.stdout.read(1), words, "prints nothing")
        process.stdout.close()
        said = process.stderr.read()
        require(process.wait() == 0 and not said, words, process.returncode, said)


def rows_come_whole(world):
    done = world.sluice("errors", "list", "people.yaml", "--json", stdout=subprocess.PIPE)
    found = json.loads(done.stdout)
    require(done.returncode == 0 and found["count"] == ERRORS and len(found["causes"]) == 1, done.stderr)
    require({row["key"] for row in found["errors"]} == {f"k{i}" for i in range(ERRORS)}, "errors are missing")
    few = world.sluice("errors", "list", "people.yaml", "--key", "k1", "--key", "k2", stdout=subprocess.PIPE).stdout
    require("k2 " in few and "more" not in few, few)
    many = world.sluice("errors", "list", "people.yaml", "--stage", "check", stdout=subprocess.PIPE).stdout
    require(f"and {ERRORS - 50} more" in many, many)
    none = world.sluice("errors", "list", "people.yaml", "--json", "--code", "absent", stdout=subprocess.PIPE)
    require(json.loads(none.stdout) == {"count": 0, "causes": [], "errors": []}, none)


def closed_streams_are_nobody_elses(world):
    server = start(["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", bin_dir() / "sluice", "serve", "--configs", world.work,
                    "--listen", "127.0.0.1:0"], cwd=world.work, env=world.environment)
    descriptors = Path(f"/proc/{server.pid}/fd")
    while len(list(descriptors.iterdir())) < 8:  # it has opened its own
        require(server.poll() is None, "it ended with", server.returncode)
        time.sleep(0.01)
    for number in range(3):
        name = os.readlink(descriptors / str(number))
        require(name == "/dev/null", "stream", number, "is", name)
    server.send_signal(signal.SIGTERM)
    require(server.wait() == 0, "it ended with", server.returncode)


def arguments_are_told(world):
    for words, wanted in ((("full",), "usage: sluice full <integration.yaml> [options]"),
                          (("errors", "people.yaml"), "usage: sluice errors <list|export|ignore|retry> <integration.yaml>"),
                          (("show", "people.yaml"), "usage: sluice show <integration.yaml> <key>"),
                          (("lint", "people.yaml", "other.yaml"), "usage: sluice lint <integration.yaml>")):
        done = world.sluice(*words, stdout=subprocess.DEVNULL)
        require(done.returncode == 2 and wanted in done.stderr, words, done)


def what_there_is_is_shown(world):
    source, destination = Sandbox("chargebee", ["--customers", "3"]), Sandbox("activecampaign")
    block = SOURCE % source.url
    (world.work / "vendors.yaml").write_text(VENDORS % (block, destination.url))
    found = world.sluice("discover", "vendors.yaml", stdout=subprocess.PIPE)
    require(found.returncode == 0, found)
    lines = [" ".join(line.split()) for line in found.stdout.splitlines()]
    for line in ("source: chargebee", "stream customers full, incremental, latest", "stream gifts full, incremental",
                 ".customer.billing_address.city string", ".customer.cf_nick string Nickname",
                 ".subscription.plan_code string or null",
                 "option gift_purchasers: boolean (default false). Also deliver customers without a subscription who "
                 "bought one for somebody else", "destination: activecampaign",
                 "object contacts matched by email; on_delete: keep, unsubscribe, tag, delete", "email text, required",
                 "tags text, a set"):
        require(line in lines, repr(line), "is not in", found.stdout)
    require(".invoice object" not in lines, "a stream that no sync reads is shown in full")
    tried = world.sluice("connectors", "try", "source", "--discover", input=block, stdout=subprocess.PIPE)
    require(tried.returncode == 0 and ".customer.cf_nick" in tried.stdout and "  object contacts" not in tried.stdout, tried.stderr)


def everything(work):
    world = World(work)
    done = world.sluice("validate", "people.yaml", stdout=subprocess.DEVNULL)
    require(done.returncode == 1, done)
    a_full_output_is_told(world)
    a_full_disk_leaves_no_half_table(world)
    a_reader_may_leave(world)
    rows_come_whole(world)
    closed_streams_are_nobody_elses(world)
    arguments_are_told(world)
    what_there_is_is_shown(world)
    return "what is printed arrives, or the exit code tells"


if __name__ == "__main__":
    sys.exit(run("output", DEADLINE, everything))
