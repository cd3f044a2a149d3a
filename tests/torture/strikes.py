"""The faults: each is armed before a run, acts while it runs, and proves afterwards that it struck.

  arm()            before the run starts: may change its environment
  attend(run)      while it runs; returns once the fault has struck or cannot any more
  proof(run)       after it ended: what proves that the fault struck in its phase; None: it did not
  disarm()         always, at the end
"""

import ctypes
import errno
import glob
import os
import resource
import signal
import time
from pathlib import Path

from processes import LIBC, children_of, is_gone
from sandbox import wait_until

PATIENCE = 0.01


class Strike:
    def __init__(self, spec, episode):
        self.spec, self.episode = spec, episode
        self.box = episode.sandboxes.get(spec.get("sandbox"))
        self.fault = None

    def arm(self, environment):
        pass

    def attend(self, run):
        pass

    def proof(self, run):
        raise NotImplementedError

    def disarm(self):
        if self.fault is not None:
            self.box.release(self.fault)
            self.fault = None

    def times(self):
        """How often it may have made Sluice unsure of what it had written."""
        return 1

    # Standing still at the anchor.

    def hold(self):
        body = {"kind": "hold", "route": self.spec["route"], "skip": self.spec["skip"]}
        if "request_contains" in self.spec:
            body["request_contains"] = self.spec["request_contains"]
        self.fault = self.box.fault(body)["id"]

    def held(self, run):
        """Waits until the run stands still at the anchor; false when it ended without."""
        while not self.box.holds(self.fault):
            if run.ended():
                return False
            time.sleep(PATIENCE)
        return True

    def let_go(self):
        if self.fault is not None:
            self.box.release(self.fault)
            self.fault = None


class Http(Strike):
    def arm(self, environment):
        body = {**self.spec["fault"], "route": self.spec["route"], "skip": self.spec["skip"]}
        if "request_contains" in self.spec:
            body["request_contains"] = self.spec["request_contains"]
        self.fault = self.box.fault(body)["id"]
        self.fired = 0

    def proof(self, run):
        for row in self.box.stats()["faults"]:
            if row["id"] == self.fault:
                self.fired = row["fired"]
        return f"the sandbox counts {self.fired}" if self.fired else None

    def times(self):
        return self.fired


class HostKilled(Strike):
    def arm(self, environment):
        self.hold()

    def attend(self, run):
        if not self.held(run):
            return
        workers = children_of(run.process.pid)
        if self.spec["late_ms"]:
            self.let_go()
            time.sleep(self.spec["late_ms"] / 1000)
        self.strike(run, workers)
        self.let_go()

    def strike(self, run, workers):
        run.process.send_signal(signal.SIGKILL)
        run.process.wait()
        for worker in workers:
            wait_until(lambda: is_gone(worker), f"worker {worker} outlives the host")

    def proof(self, run):
        killed = run.process.returncode == -signal.SIGKILL
        return "the process ended by SIGKILL" if killed else None


class WorkerKilled(HostKilled):
    killed = None

    def strike(self, run, workers):
        library = f"libsluice_{self.spec['worker']}.so"
        for worker in workers:
            try:
                if library in Path(f"/proc/{worker}/maps").read_text():
                    os.kill(worker, signal.SIGKILL)
                    self.killed = worker
            except OSError:
                pass  # it has ended already

    def proof(self, run):
        if self.killed is None or run.ended() is None:
            return None
        told = "killed" in run.err.read_text()
        return f"worker {self.killed} was killed and the host says so" if told else None


class Bulk(Strike):
    """An import that ends badly: told to, while the run stands at the anchor."""

    def arm(self, environment):
        self.destination = self.episode.sandboxes["activecampaign"]
        self.before = {batch["id"]: batch for batch in self.batches()}
        if self.episode.phase in ("bulk_in_flight", "incremental_reading", "full_reading",
                                  "catching_up"):
            self.hold()
            self.destination.mutate({"bulk": {"stick_waiting": True}})
        else:
            self.destination.mutate({"bulk": {**self.wanted(), "stick_waiting": False}})

    def wanted(self):
        return self.spec["bulk"]

    def attend(self, run):
        if self.fault is None:
            return
        self.held(run)
        self.destination.mutate({"bulk": {**self.wanted(), "stick_waiting": False}})
        time.sleep(0.25)  # the importer's own delay
        self.batches()
        self.let_go()

    def batches(self):
        return self.destination.dump()["batches"]

    def proof(self, run):
        for batch in self.batches():
            if batch["status"] in ("failed", "interrupted") and self.is_new(batch):
                return f"batch {batch['id']} ended as {batch['status']}"
        return None

    def is_new(self, batch):
        return self.before.get(batch["id"], {}).get("status") != batch["status"]

    def times(self):
        return 2

    def disarm(self):
        super().disarm()
        self.destination.mutate({"bulk": {"stick_waiting": False, "fail_next": 0,
                                          "interrupt_next": 0, "omit_rows": 0, "omit_batches": 0}})


class BulkNamesTooFew(Bulk):
    def proof(self, run):
        for batch in self.batches():
            named = sum(len(batch[part]) for part in ("created", "updated", "failure"))
            if batch["status"] == "completed" and named < batch["contacts"] and self.is_new(batch):
                return f"batch {batch['id']} of {batch['contacts']} names {named}"
        return None


class BulkSticks(Bulk):
    def wanted(self):
        return {}

    def arm(self, environment):
        self.destination = self.episode.sandboxes["activecampaign"]
        self.before = {batch["id"]: batch for batch in self.batches()}
        self.asked = self.destination.requests().get("GET /api/3/import/info", 0)
        self.destination.mutate({"bulk": {"stick_waiting": True}})

    def attend(self, run):
        pass

    def proof(self, run):
        stuck = [batch for batch in self.batches() if batch["status"] == "waiting"]
        asked = self.destination.requests().get("GET /api/3/import/info", 0) - self.asked
        if stuck and (asked or len(stuck) > len(self.before)):
            return f"{len(stuck)} batches were waiting at the end, asked after {asked} times"
        return None


class ImportLeftOpen(BulkSticks):
    """Not a fault: only the state in which one is to strike."""

    def disarm(self):
        pass  # it goes on to stick until the next strike takes it


class DiskFull(Strike):
    """The state lies on a file system of its own, which is full from the anchor on.

    Where nobody may mount one, the process may not make files larger instead.
    """

    SIZE = 8 * 1024 * 1024
    struck = False

    def arm(self, environment):
        self.ballast = self.episode.state / "ballast"
        # Without a disk of its own the process is to see an error rather than a signal.
        self.episode.run_options = {"restore_signals": bool(self.episode.disk)}
        self.hold()

    def attend(self, run):
        if not self.held(run):
            return
        if self.episode.disk:
            self.fill()
        else:
            self.forbid(run.process.pid)
        self.struck = True
        self.let_go()

    def fill(self):
        with self.ballast.open("wb") as file:
            block = b"\0" * 65_536
            while block:
                try:
                    os.write(file.fileno(), block)
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    block = block[:len(block) // 2]

    def forbid(self, pid):
        largest = max(path.stat().st_size for path in self.episode.state.rglob("*-wal"))
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))

    def proof(self, run):
        text = run.err.read_text()
        says = next((line for line in text.splitlines()
                     if "full" in line or "No space" in line or "disk I/O" in line), None)
        return says if self.struck and run.process.returncode not in (0, 1) and says else None

    def disarm(self):
        super().disarm()
        self.episode.run_options = {}
        self.ballast.unlink(missing_ok=True)


class ClockJumps(Strike):
    """Host and workers see a wall clock (not the monotonic one) that jumps at the anchor."""

    struck = None

    def arm(self, environment):
        library = next(iter(glob.glob("/usr/lib/*/faketime/libfaketime.so.1")), None)
        if library is None:
            raise RuntimeError("libfaketime is not installed")
        self.offset = self.episode.work / "clock"
        self.offset.write_text("+0\n")
        fake = {"LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": str(self.offset),
                "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                "FAKETIME_DONT_RESET": "1"}
        # Workers get a clean environment: theirs is set by a program in between.
        worker = self.episode.work / "sluice-worker"
        settings = " ".join(f"{name}={value}" for name, value in fake.items())
        worker.write_text(f'#!/bin/sh\nexec env {settings} "{self.episode.bin}/sluice-worker" "$@"\n')
        worker.chmod(0o755)
        environment.update(fake, SLUICE_WORKER=str(worker))
        self.hold()

    def attend(self, run):
        if not self.held(run):
            return
        pids = [run.process.pid, *children_of(run.process.pid)]
        loaded = [pid for pid in pids if self.is_loaded(pid)]
        new = self.offset.with_suffix(".new")
        new.write_text(f"{self.spec['seconds']:+}\n")
        new.rename(self.offset)
        if len(loaded) == len(pids) > 1:
            self.struck = len(loaded)
        self.let_go()

    @staticmethod
    def is_loaded(pid):
        try:
            return "libfaketime" in Path(f"/proc/{pid}/maps").read_text()
        except OSError:
            return False

    def proof(self, run):
        if not self.struck:
            return None
        return f"{self.spec['seconds']:+} s in {self.struck} processes that stood at the anchor"


STRIKES = {"http": Http, "host_killed": HostKilled, "worker_killed": WorkerKilled,
           "bulk_sticks": BulkSticks, "bulk_fails": Bulk, "bulk_names_too_few": BulkNamesTooFew,
           "import_left_open": ImportLeftOpen, "disk_full": DiskFull, "clock_jumps": ClockJumps}


def make_strike(spec, episode):
    return STRIKES[spec["how"]](spec, episode)


class OwnDisk:
    """A small file system for the state, where this process may mount one."""

    def __init__(self, folder, size=DiskFull.SIZE):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        mount = LIBC.mount(b"none", str(folder).encode(), b"tmpfs", 0, f"size={size}".encode())
        self.mounted = mount == 0

    def __bool__(self):
        return self.mounted

    def release(self):
        if self.mounted and LIBC.umount2(str(self.folder).encode(), 2) != 0:
            raise OSError(ctypes.get_errno(), f"cannot unmount {self.folder}")
        self.mounted = False
