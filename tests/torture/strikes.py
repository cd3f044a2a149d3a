"""The faults by name; here those of the connection and of the processes."""

import os
import signal
import time
from pathlib import Path

from processes import children_of, is_gone
from sandbox import wait_until
from strike import Strike
from strikes_bulk import Bulk, BulkNamesTooFew, BulkSticks, ImportLeftOpen
from strikes_machine import ClockJumps, DiskFull


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


STRIKES = {"http": Http, "host_killed": HostKilled, "worker_killed": WorkerKilled,
           "bulk_sticks": BulkSticks, "bulk_fails": Bulk, "bulk_names_too_few": BulkNamesTooFew,
           "import_left_open": ImportLeftOpen, "disk_full": DiskFull, "clock_jumps": ClockJumps}


def make_strike(spec, episode):
    return STRIKES[spec["how"]](spec, episode)
