"""Programs that the cases start: sandboxes with their control endpoints, and `sluice` itself."""

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

DEADLINE = 120.0  # for anything that must happen; generous, since nothing may depend on speed


class Failure(Exception):
    """A case that does not hold, with the whole explanation as text."""


def wait_until(condition, what, deadline=DEADLINE):
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.02)
    raise Failure(f"gave up after {deadline:.0f} s: {what}")


def bin_dir():
    folder = os.environ.get("SLUICE_BIN_DIR")
    if not folder:
        raise Failure("SLUICE_BIN_DIR does not say where the programs are")
    return Path(folder)


class Sandbox:
    """One vendor's sandbox, on a port of its own choice."""

    def __init__(self, vendor, options=()):
        program = bin_dir() / f"sluice-sandbox-{vendor}"
        self.vendor = vendor
        self.process = subprocess.Popen(
            [program, "--port", "0", *options], stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        if not self.url.startswith("http://127.0.0.1:"):
            self.stop()
            raise Failure(f"{program} did not start: {self.url or 'it printed nothing'}")

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()
        self.process.stdout.close()

    def _call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_sandbox/{path}", data=data, method=method)
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise Failure(f"{self.vendor} {method} {path}: {error.read().decode()}") from error
        return json.loads(text) if text else None

    def dump(self):
        return self._call("GET", "dump")

    def stats(self):
        return self._call("GET", "stats")

    def mutate(self, body):
        return self._call("POST", "mutate", body)

    def fault(self, body):
        return self._call("DELETE" if body is None else "POST", "fault", body)

    def requests(self):
        """{route: how often it was asked}, whatever the answer."""
        return {route: sum(by_status.values())
                for route, by_status in self.stats()["requests"].items()}


def children_of(pid):
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text()
        except OSError:
            continue
        state, parent = stat.rpartition(")")[2].split()[:2]
        if int(parent) == pid and state != "Z":
            found.append(int(entry.name))
    return found


def is_gone(pid):
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"


class Run:
    """A `sluice` process that has been started and not been waited for."""

    def __init__(self, arguments, folder, environment):
        self.arguments = arguments
        self.process = subprocess.Popen(
            [bin_dir() / "sluice", *arguments], cwd=folder, env=environment,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def wait(self):
        try:
            out, err = self.process.communicate(timeout=DEADLINE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failure(f"sluice {' '.join(self.arguments)} did not end") from None
        return self.process.returncode, out, err

    def kill(self):
        """As a power cut for the host; its workers must end by themselves."""
        workers = children_of(self.process.pid)
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()
        for worker in workers:
            wait_until(lambda: is_gone(worker), f"worker {worker} outlives the host")
