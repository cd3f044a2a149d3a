"""What every section runs: sandboxes, integrations, `sluice`, and what they cost."""

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "harness"))

from processes import children_of, start  # noqa: E402
from sandbox import Sandbox, bin_dir  # noqa: E402

KEY = "sandbox-key"
INTEGRATION = """
integration: {name}
source: {{connector: chargebee, site: acme-test, base_url: "{chargebee}", api_key: "${{BENCH_KEY}}", requests_per_minute: {per_minute}}}
destination: {{connector: activecampaign, url: "{activecampaign}", api_key: "${{BENCH_KEY}}", requests_per_second: {per_second}}}
syncs:
  customers:
    read: {{stream: customers, subscription: prefer_active, gift_purchasers: true}}
    write: {{object: contacts, match: email, list: Customers, on_duplicate: latest, transport: {transport}, documents: {documents}}}
    preset: chargebee-activecampaign
"""


class BrokenClaim(Exception):
    """Something that has to hold at any speed does not."""


def require(holds, *what):
    if not holds:
        raise BrokenClaim(" ".join(map(str, what)))


class Time:
    """How fast time passes for sandboxes and Sluice alike (scaled_time.c)."""

    def __init__(self, scale=1):
        self.scale = scale
        self.base = int(time.time())

    def library(self, folder):
        built = Path(folder) / "scaled_time.so"
        if not built.exists():
            source = Path(__file__).resolve().parent / "scaled_time.c"
            subprocess.run([os.environ.get("CC", "cc"), "-O2", "-shared", "-fPIC", "-o", built, source],
                           check=True)
        return built

    def settings(self, folder):
        if self.scale == 1:
            return {}
        return {"LD_PRELOAD": str(self.library(folder)), "SLUICE_TIME_SCALE": str(self.scale),
                "SLUICE_TIME_BASE": str(self.base)}

    def environment(self, folder):
        """For a program; workers get a clean environment, theirs is set by a program in between."""
        settings = self.settings(folder)
        if not settings:
            return dict(os.environ)
        worker = Path(folder) / "sluice-worker"
        if not worker.exists():
            words = " ".join(f"'{name}={value}'" for name, value in settings.items())
            worker.write_text(f'#!/bin/sh\nexec env {words} "{bin_dir()}/sluice-worker" "$@"\n')
            worker.chmod(0o755)
        return {**os.environ, **settings, "SLUICE_WORKER": str(worker)}


class Watch:
    """Highest memory of a `sluice` and its workers, sampled until it ends."""

    EVERY = 0.02

    def __init__(self, pid):
        self.pid = pid
        self.peaks = {}  # pid: [resident, proportional] in bytes
        self.names = {pid: "host"}
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def _watch(self):
        while not self.over.wait(self.EVERY):
            for pid in [self.pid, *sorted(children_of(self.pid))]:
                with contextlib.suppress(OSError, ValueError):
                    self._look(pid)

    def _look(self, pid):
        if pid not in self.names:
            # A worker is named once it runs its own program and its connector is loaded.
            plugin = re.search(r"/libsluice_(\w+)\.so", Path(f"/proc/{pid}/maps").read_text())
            if plugin is None or not os.readlink(f"/proc/{pid}/exe").endswith("sluice-worker"):
                return
            self.names[pid] = plugin.group(1)
        peak = self.peaks.setdefault(pid, [0, 0])
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                peak[0] = max(peak[0], int(line.split()[1]) * 1024)
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                peak[1] = max(peak[1], int(line.split()[1]) * 1024)

    def stop(self):
        self.over.set()
        self.thread.join()
        # Of several workers of one connector the largest.
        found = {}
        for pid, peak in self.peaks.items():
            found[self.names[pid]] = tuple(map(max, peak, found.get(self.names[pid], (0, 0))))
        return found


class Result:
    """One run of `sluice`: its report, and what it took."""

    def __init__(self, report, code, wall, usage, memory):
        self.report = report
        self.code = code
        self.wall = wall                              # seconds, real ones
        self.cpu = usage.ru_utime + usage.ru_stime    # seconds of host and workers together
        self.memory = memory                          # {process: (resident, proportional)}, peaks in bytes

    @property
    def seconds(self):
        """As the run itself counts them: in scaled time."""
        return self.report["seconds"]

    @property
    def sync(self):
        return self.report["syncs"][0]

    def counters(self, side):
        return self.report["statistics"].get(side, {}).get("counters", {})

    def requests(self, side):
        return {name.removeprefix("requests "): count
                for name, count in self.counters(side).items() if name.startswith("requests ")}

    def limit_answers(self):
        return sum(self.counters(side).get("rate limit answers", 0) for side in ("source", "destination"))


class Running:
    """A `sluice` that has been started."""

    def __init__(self, arguments, environment, folder, watch=False):
        self.arguments = [str(argument) for argument in arguments]
        self.started = time.monotonic()
        self.log = Path(folder) / "sluice.log"
        with self.log.open("a") as log:
            self.process = start([bin_dir() / "sluice", *self.arguments, "--json"], cwd=folder,
                                 env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=log, text=True)
        self.watch = Watch(self.process.pid) if watch else None

    def wait(self, codes=(0, 1)):
        out = self.process.stdout.read()
        # Host and workers: the host has waited for each of its own.
        _, status, usage = os.wait4(self.process.pid, 0)
        wall = time.monotonic() - self.started
        self.process.returncode = os.waitstatus_to_exitcode(status)
        memory = self.watch.stop() if self.watch else {}
        require(self.process.returncode in codes,
                f"sluice {' '.join(self.arguments)} ended with {self.process.returncode}: {out}",
                "\n".join(self.log.read_text().splitlines()[-20:]))
        return Result(json.loads(out), self.process.returncode, wall, usage, memory)


class World:
    """A folder with one state, in which integrations run; everything ends with it."""

    def __init__(self, scale=1):
        self.time = Time(scale)
        self.stack = contextlib.ExitStack()

    def __enter__(self):
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="sluice-bench-")))
        self.environment = {**self.time.environment(self.folder), "BENCH_KEY": KEY,
                            "SLUICE_STATE": str(self.folder / "state"),
                            "XDG_STATE_HOME": str(self.folder / "xdg")}
        return self

    def __exit__(self, *what):
        return self.stack.__exit__(*what)

    def sandbox(self, vendor, *options):
        box = Sandbox(vendor, [str(option) for option in options], self.time.environment(self.folder))
        self.stack.callback(box.stop)
        return box

    def chargebee(self, customers, per_minute=0, **options):
        limit = f"{per_minute}/min" if per_minute else "off"
        more = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", value)]
        return self.sandbox("chargebee", "--customers", customers, "--seed", 7, "--rate-limit", limit, *more)

    def activecampaign(self, limits=False):
        return self.sandbox("activecampaign", "--rate-limit", "on" if limits else "off")

    def write(self, name, text):
        file = self.folder / name
        file.write_text(text)
        return file

    def integration(self, chargebee, activecampaign, name="bench", per_minute=0, per_second=0,
                    transport="auto", documents="true"):
        return self.write(f"{name}.yaml", INTEGRATION.format(
            name=name, chargebee=chargebee.url, activecampaign=activecampaign.url, per_minute=per_minute,
            per_second=per_second, transport=transport, documents=documents))

    def state_bytes(self):
        return sum(file.stat().st_size for file in (self.folder / "state").rglob("*") if file.is_file())

    def start(self, *arguments, watch=False):
        running = Running(arguments, self.environment, self.folder, watch)
        self.stack.callback(running.process.kill)
        return running

    def sluice(self, *arguments, watch=False, codes=(0, 1)):
        return self.start(*arguments, watch=watch).wait(codes)
