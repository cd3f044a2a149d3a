#!/usr/bin/env python3
"""A running service on sandbox data, until Ctrl-C: an integration that is active, with errors to look at and changes that
arrive by webhooks, and one that is still to be set up.

    serve.py BIN_DIR [CUSTOMERS [SECONDS BETWEEN CHANGES]]

Nothing leaves this machine; everything is written to a temporary folder that is removed.
"""
import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "harness"))
os.environ["SLUICE_BIN_DIR"] = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else ""
from processes import end_all, start, Stopped, watch_no_more, watch_over  # noqa: E402
from sandbox import Failure, Sandbox, bin_dir, environment_for  # noqa: E402

WEEK = 7 * 24 * 3600
ACTIVE, NEW = "customers-to-newsletter", "not-set-up-yet"
# Planted: (attribute, value, how many customers)
PLANTED = [("email", "no address at all", 6), ("email", None, 4), ("email", "somebody@example.com", 3),
           ("email", "<script>alert(1)</script>", 1)]


def say(*lines):
    for line in lines:
        print(line, flush=True)


class Demo:
    def __init__(self, work, customers):
        self.work, self.configs = work, work / "configs"
        self.configs.mkdir()
        self.source = Sandbox("chargebee", ["--customers", str(customers), "--duplicate-email", "0", "--missing-email", "0",
                                            "--malformed-email", "0", "--history", "0"])
        self.destination = Sandbox("activecampaign")
        self.environment = environment_for(work, {"chargebee": self.source, "activecampaign": self.destination})
        text = (HERE / "integration.yaml").read_text()
        for name in (ACTIVE, NEW):
            (self.configs / f"{name}.yaml").write_text(
                text.replace("integration: demo", f"integration: {name}").replace("schedule: manual", "schedule: {every: 5m}"))

    def sluice(self, *arguments, codes=(0,)):
        done = subprocess.run([bin_dir() / "sluice", *arguments], cwd=self.configs, env=self.environment,
                              capture_output=True, text=True)
        if done.returncode not in codes:
            raise Failure(f"sluice {' '.join(map(str, arguments))}: {done.returncode}\n{done.stderr}")
        return done.stdout.strip()

    def set_up(self):
        """Active, with errors that came afterwards."""
        file = self.configs / f"{ACTIVE}.yaml"
        self.sluice("validate", file, "-q", codes=(0, 1))
        self.sluice("errors", "ignore", file, "--all", "--why", "known since the first look", codes=(0, 2))
        for stage in ("initial", "full"):
            self.sluice(stage, file, "-q", codes=(0, 1))
        ids = [row["id"] for row in self.source.dump()["customers"] if not row.get("deleted")]
        changes = []
        for attribute, value, count in PLANTED:
            changes += [{"type": "customer", "id": ids.pop(), "values": {attribute: value}} for _ in range(count)]
        self.source.mutate({"set": changes})
        self.sluice("incremental", file, "-q", codes=(0, 1))

    def serve(self):
        self.token = self.sluice("serve", "token", "add", "demo", "--role", "operator")
        self.sender = self.sluice("serve", "token", "add", "webhook", "--role", "sender", "--integration", ACTIVE)
        self.server = start([bin_dir() / "sluice", "serve", "--configs", self.configs, "--listen", "127.0.0.1:0", "--json",
                             "--quiet"], cwd=self.configs, env=self.environment, stdout=subprocess.PIPE)
        self.url = json.loads(self.server.stdout.readline())["url"]

    def change(self, seed):
        """Somebody changes, and the vendor says so."""
        known = {event["id"] for event in self.source.dump()["events"]}
        self.source.mutate({"update": 1, "seed": seed})
        basic = base64.b64encode(f"demo:{self.sender}".encode()).decode()
        for event in self.source.dump()["events"]:
            if event["id"] in known:
                continue
            request = urllib.request.Request(f"{self.url}/hooks/{ACTIVE}", json.dumps(event).encode(), {
                "Authorization": f"Basic {basic}", "Content-Type": "application/json"})
            urllib.request.urlopen(request, timeout=60).read()


def run(work, customers=1000, pause=15):
    say("Setting up: two sandboxes, a first delivery, and some planted mistakes …")
    demo = Demo(work, customers)
    demo.set_up()
    demo.serve()
    say("", f"  address  {demo.url}", f"  token    {demo.token}", "",
        f"\"{ACTIVE}\" is active: {customers} customers, some with errors, and one changes every {pause} s.",
        f"\"{NEW}\" is still to be set up: go through its stages.",
        f"The sandboxes: {demo.source.url} (Chargebee), {demo.destination.url} (ActiveCampaign).", "",
        "Ctrl-C ends all of it.")
    seed = 1
    while demo.server.poll() is None:
        time.sleep(pause)
        demo.change(seed)
        seed += 1
    raise Failure(f"the service has ended with {demo.server.returncode}")


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    work = Path(tempfile.mkdtemp(prefix="sluice-demo-"))
    try:
        watch_over(WEEK)
        run(work, *(int(given) for given in sys.argv[2:4]))
    except (Failure, OSError) as failure:
        print(f"The demo failed: {failure}", file=sys.stderr)
        return 1
    except Stopped as stopped:
        if stopped.code != 128 + signal.SIGINT:
            return stopped.code
        say("", "ended")
    finally:
        watch_no_more()
        end_all()
        shutil.rmtree(work, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
