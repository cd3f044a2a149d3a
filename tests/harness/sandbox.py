"""Programs that whole runs start: sandboxes with their control endpoints, and `sluice` itself."""

import json
import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from processes import TimeIsUp, children_of, is_gone, start


class Failure(Exception):
    """A case that does not hold, with the whole explanation as text."""


def wait_until(condition, *what):
    """Has no deadline but the case's."""
    try:
        while not condition():
            time.sleep(0.02)
    except TimeIsUp:
        raise Failure("waited in vain: " + " ".join(map(str, what))) from None


def bin_dir():
    folder = os.environ.get("SLUICE_BIN_DIR")
    if not folder:
        raise Failure("SLUICE_BIN_DIR does not say where the programs are")
    return Path(folder)


def environment_for(work, sandboxes):
    """What `sluice` finds in its environment: the sandboxes by name, and a state below `work`."""
    environment = {**os.environ, "SLUICE_STATE": str(work / "state"),
                   # Request budgets are shared through the state directory of the user.
                   "XDG_STATE_HOME": str(work / "xdg")}
    for name, sandbox in sandboxes.items():
        environment[f"{name.upper()}_URL"] = sandbox.url
        environment[f"{name.upper()}_API_KEY"] = "sandbox-key"
    return environment


def fill_template(template, settings):
    """The integration's text: <name=default> becomes the setting of that name."""
    unknown = set(settings) - set(re.findall(r"<(\w+)=", template))
    if unknown:
        raise Failure(f"settings that the integration does not have: {sorted(unknown)}")
    return re.sub(r"<(\w+)=([^>]*)>",
                  lambda found: str(settings.get(found.group(1), found.group(2))), template)


class Sandbox:
    """One vendor's sandbox, on a port of its own choice."""

    def __init__(self, vendor, options=(), environment=None):
        program = bin_dir() / f"sluice-sandbox-{vendor}"
        self.vendor = vendor
        self.process = start([program, "--port", "0", *options],
                             stdout=subprocess.PIPE, text=True, env=environment)
        self.url = self.process.stdout.readline().strip()
        if not self.url.startswith("http://127.0.0.1:"):
            raise Failure(f"{program} did not start: {self.url or 'it printed nothing'}")

    def stop(self):
        """Returns what was wrong with it, or nothing."""
        ended = self.process.poll()
        if ended is not None:
            return f"the {self.vendor} sandbox ended with {ended} in the middle of the case"
        self.process.terminate()
        try:
            code = self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            return f"the {self.vendor} sandbox does not stop"
        return f"the {self.vendor} sandbox ended with {code}" if code != 0 else None

    def _call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_sandbox/{path}", data=data, method=method)
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise Failure(f"{self.vendor} {method} {path}: {error.read().decode()}") from error
        except OSError as error:
            raise Failure(f"{self.vendor} {method} {path}: {error}") from error
        return json.loads(text) if text else None

    def dump(self):
        return self._call("GET", "dump")

    def stats(self):
        return self._call("GET", "stats")

    def mutate(self, body):
        return self._call("POST", "mutate", body)

    def forget_scheduled(self):
        """Mutations that were to happen after requests which have not come."""
        self._call("DELETE", "mutate")

    def reset(self, body):
        return self._call("POST", "reset", body)

    def clock(self, body):
        return self._call("POST", "clock", body)

    def fault(self, body):
        return self._call("DELETE" if body is None else "POST", "fault", body)

    def hold(self, route, count):
        """Keeps the answers to the request number `count` on the route, and to all later ones."""
        return self.fault({"kind": "hold", "route": route, "skip": count - 1})["id"]

    def holds(self, fault):
        found = self._call("GET", "fault")["faults"]
        return any(row["id"] == fault and row["fired"] > 0 for row in found)

    def release(self, fault):
        self._call("DELETE", f"fault?id={fault}")

    def requests(self):
        """{route: how often it was asked}, whatever the answer."""
        return {route: sum(by_status.values())
                for route, by_status in self.stats()["requests"].items()}


class Run:
    """A `sluice` process that has been started and not been waited for."""

    started = 0

    def __init__(self, arguments, folder, environment, wrapper=(), **options):
        """`wrapper`: a command that runs the one that stands behind it; `options`: of Popen."""
        self.arguments = arguments
        Run.started += 1
        # Files rather than pipes: nobody reads while the case does other things.
        self.out = folder / f"run{Run.started}.out"
        self.err = folder / f"run{Run.started}.err"
        with self.out.open("w") as out, self.err.open("w") as err:
            self.process = start([*wrapper, bin_dir() / "sluice", *arguments], cwd=folder, env=environment,
                                 stdin=subprocess.DEVNULL, stdout=out, stderr=err, **options)

    def __str__(self):
        return (f"sluice {' '.join(self.arguments)}\n--- stdout\n{self.out.read_text()}\n"
                f"--- stderr\n{self.err.read_text()}")

    def ended(self):
        return self.process.poll() is not None

    def wait(self):
        try:
            return self.process.wait()
        except TimeIsUp:
            raise Failure(f"does not end: {self}") from None

    def kill(self):
        """As a power cut for the host; its workers must end by themselves."""
        workers = children_of(self.process.pid)
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        for worker in workers:
            wait_until(lambda: is_gone(worker), f"worker {worker} outlives the host")
