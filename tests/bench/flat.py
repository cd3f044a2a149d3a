"""Memory of each process from 10,000 to 1,000,000 records, bytes a ledger row, a small incremental beside them, the start."""

import socket
import statistics
import threading
import time

from figures import Plot, Section, Table, count, mebibytes, percent
from world import World, require

GROWTH = 0.10
START = 0.030
PROCESSES = ("host", "chargebee", "activecampaign")
CHANGES = 100


def walk(customers, changes):
    """(memory by process, bytes of state a record, the incremental) of one first full walk."""
    with World() as world:
        chargebee = world.chargebee(customers)
        file = world.integration(chargebee, world.activecampaign(), transport="bulk")
        result = world.sluice("full", "--force", file, watch=True)
        require(result.sync["read"] >= customers, f"{result.sync['read']} of {customers} customers were read")
        each = world.state_bytes() / result.sync["read"]
        if not changes:
            return result, each, None
        # What has changed while the walk was under way is told once more: the lag of Chargebee's lists.
        chargebee.mutate({"update": changes, "seed": 3})
        incremental = world.sluice("incremental", file, watch=True)
        # Besides what has changed: records with open errors are tried again, and gifts are read whole, once.
        again = result.sync["open_errors"]
        most = 4 * changes + again
        require(incremental.sync["read"] <= most, f"an incremental of {changes} changes and {again} errors read "
                f"{incremental.sync['read']} records")
        told = sum(incremental.requests("source").values())
        most = 40 + changes / 5 + again / 20 + customers / 4_000
        require(told <= most, f"an incremental of {changes} changes and {again} errors took {told} requests")
        return result, each, incremental


class Listener:
    """A server of one connection that notes when the first request arrives, and refuses it."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.arrived = None
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                self.arrived = self.arrived or time.monotonic()
                connection.sendall(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    def stop(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join()


def start_to_request():
    """Seconds from the start of `sluice` to its first request."""
    with World() as world:
        listener = Listener()
        file = world.integration(listener, listener)
        started = time.monotonic()
        world.sluice("check", file, codes=(3,))
        listener.stop()
        require(listener.arrived is not None, "sluice sent no request")
        return listener.arrived - started


def measure(quick):
    sizes = [500, 2_000] if quick else [10_000, 100_000, 1_000_000]
    section = Section("Flat", (
        "First full walks through both sandboxes, without limits: the highest resident and proportional (PSS) memory of "
        "each process, sampled every 20 ms. Bytes a record are all files of the state, documents included. The incremental "
        f"run is of {CHANGES} customers changed at the source after the largest walk. Besides, it tries every record with an "
        "open error again, and reads the list of gifts whole: Chargebee tells that neither by time nor in an order."))
    rows, resident, ledger, first, last = [], {process: [] for process in PROCESSES}, [], None, None
    for size in sizes:
        result, each, incremental = walk(size, CHANGES if size == sizes[-1] else 0)
        for process in PROCESSES:
            require(process in result.memory, f"the memory of {process} was not seen")
            resident[process].append((size, result.memory[process][0]))
        ledger.append((size, each))
        rows.append([count(result.sync["read"]),
                     *(f"{mebibytes(result.memory[process][0])} / {mebibytes(result.memory[process][1])}"
                       for process in PROCESSES), f"{each:.0f}", f"{result.wall:.1f}"])
        first, last = result, incremental
    section.parts.append(Table(
        ["records", *(f"{process} MiB, RSS / PSS" for process in PROCESSES), "state, bytes a record", "wall s"], rows))
    section.parts.append(Plot("flat_memory", "Highest resident memory", "records", "MiB",
                              {process: [(x, y / 2**20) for x, y in points] for process, points in resident.items()}))
    starts = sorted(start_to_request() for _ in range(3 if quick else 20))
    section.parts.append(Table(
        [f"incremental of {CHANGES} changes, {count(sizes[-1])} records in the ledger", ""],
        [["seconds", f"{last.wall:.2f}"], ["CPU seconds of host and workers", f"{last.cpu:.2f}"],
         ["records read", count(last.sync["read"])],
         ["of which had an open error", count(first.sync["open_errors"])], ["delivered", count(last.sync["delivered"])],
         ["requests to the source", count(sum(last.requests("source").values()))],
         ["of which for the list of gifts", count(last.requests("source")["GET /gifts"])],
         ["requests to the destination", count(sum(last.requests("destination").values()))],
         *([f"{process} MiB, RSS", mebibytes(memory[0])] for process, memory in last.memory.items())]))
    section.parts.append(Table(
        ["start of `sluice check` to its first request", "ms"],
        [["least", f"{starts[0] * 1000:.1f}"], ["median", f"{statistics.median(starts) * 1000:.1f}"],
         ["most", f"{starts[-1] * 1000:.1f}"]]))
    for process, points in resident.items():
        least, most = points[0][1], points[-1][1]
        section.claim(f"{process} stays under 40 MB", f"{most / 1e6:.1f} MB", max(y for _, y in points) < 40e6)
        section.claim(f"{process} grows by 10 % at most", percent(most / least - 1), most <= least * (1 + GROWTH),
                      "A walk of 10,000 records ends before every buffer has had its largest page or batch; from 100,000 on "
                      "memory stays as it is. Less takes smaller pages and batches.")
    section.claim("start to first request under 30 ms", f"{statistics.median(starts) * 1000:.1f} ms",
                  statistics.median(starts) < START,
                  "What is left is the program's and one worker's own start: most of it links libraries dynamically, "
                  "OpenSSL with cpp-httplib in the one, libcurl and the thirty that it needs in the other (6 ms); Landlock "
                  "and seccomp take 3 ms. Less takes a curl without LDAP, RTMP and SSH.")
    return section
