#!/usr/bin/env python3
"""`sluice serve`: starts what is due, takes up and lets go of files, is not stopped by a broken one, and ends in time."""
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
from sandbox import Failure, bin_dir  # noqa: E402

DEADLINE = 150
FILE = """
integration: %(name)s
source: {connector: file, path: %(name)s.ndjson, key: id}
destination: {connector: file, path: %(name)s.out.ndjson}
schedule: {every: %(every)s}
syncs: {people: {read: {stream: records}, write: {object: records, match: email}, fields: {email: .email}}}
"""


class Fleet:
    def __init__(self, work):
        self.work, self.configs = work, work / "configs"
        self.configs.mkdir()
        self.environment = {**os.environ, "SLUICE_STATE": str(work / "state")}

    def write(self, name, every="1s"):
        (self.configs / f"{name}.ndjson").write_text(
            "".join(json.dumps({"id": str(i), "email": f"{name}{i}@example.com"}) + "\n" for i in range(3)))
        new = self.configs / ".new"
        new.write_text(FILE % {"name": name, "every": every})
        new.rename(self.configs / f"{name}.yaml")

    def sluice(self, verb, name, *more):
        done = subprocess.run([bin_dir() / "sluice", verb, self.configs / f"{name}.yaml", "--json", *more],
                              cwd=self.configs, env=self.environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise Failure(f"sluice {verb} {name}: {done.returncode} {done.stdout} {done.stderr}")
        return json.loads(done.stdout)

    def set_up(self, name):
        for verb in ("validate", "initial", "full"):
            self.sluice(verb, name)

    def scheduled(self, name):
        runs = self.sluice("status", name, "--history", "--limit", "1000")["runs"]
        return [run for run in runs if run["stage"] == "incremental" and run["result"] == "done"]

    def wait_for_runs(self, name, count):
        while len(self.scheduled(name)) < count:
            time.sleep(0.1)

    def serve(self, *more):
        return start([bin_dir() / "sluice", "serve", "--configs", self.configs, "--jitter", "0", "--listen", "127.0.0.1:0", *more],
                     cwd=self.configs, env=self.environment, stdout=subprocess.DEVNULL, stderr=(self.work / "log").open("ab"))


def everything(work):
    fleet = Fleet(work)
    fleet.write("first")
    fleet.write("second")
    fleet.write("waits", every="6h")
    for name in ("first", "second", "waits"):
        fleet.set_up(name)
    (fleet.configs / "broken.yaml").write_text("integration: [")
    server = fleet.serve("--parallel", "1")
    # Both have their turn though only one may run at a time, and a broken file lies beside them.
    for name in ("first", "second"):
        fleet.wait_for_runs(name, 2)
    if fleet.scheduled("waits"):
        raise Failure("a run started before it was due")
    # A second one is told who serves this state.
    other = fleet.serve()
    if other.wait() != 6:
        raise Failure(f"a second service on the same state ended with {other.returncode}")
    fleet.write("late")
    fleet.set_up("late")
    fleet.wait_for_runs("late", 1)
    # Paused: no run; resumed: runs again. A run that the pause cuts off is not counted.
    fleet.sluice("pause", "first")
    count = len(fleet.scheduled("first"))
    fleet.wait_for_runs("second", len(fleet.scheduled("second")) + 2)
    if len(fleet.scheduled("first")) > count:
        raise Failure("a paused integration ran")
    if server.poll() is not None:
        raise Failure("the service has ended")
    begin = time.monotonic()
    server.send_signal(signal.SIGTERM)
    if server.wait() != 0:
        raise Failure(f"it ended with {server.returncode}")
    if time.monotonic() - begin > 10:
        raise Failure("it did not end within 10 s")
    log = (work / "log").read_text()
    if "broken.yaml" not in log:
        raise Failure(f"nothing is said of the broken file: {log}")
    return "what is due runs, and nothing else"


if __name__ == "__main__":
    sys.exit(run("serve", DEADLINE, everything))
