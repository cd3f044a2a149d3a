#!/usr/bin/env python3
"""`./dev demo --serve`: says an address and a token, shows errors there, takes a webhook, and leaves nothing behind."""
import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "harness"))
from processes import children_of, is_gone, start  # noqa: E402
from program import require, run  # noqa: E402
from sandbox import bin_dir, wait_until  # noqa: E402

DEADLINE = 200


def everything(work):
    demo = start([sys.executable, ROOT / "tests/demo/serve.py", bin_dir(), "120", "1"], stdout=subprocess.PIPE, text=True,
                 env={"PATH": "/usr/bin:/bin", "TMPDIR": str(work)})
    said = {}
    while not said.get("Ctrl-C"):
        line = demo.stdout.readline()
        require(line, "the demo ended:", said)
        name, _, rest = line.strip().partition(" ")
        said[name] = rest.strip()

    def ask(path):
        request = urllib.request.Request(said["address"] + path, headers={"Authorization": f"Bearer {said['token']}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read().decode()
        return json.loads(text) if path.startswith("/api") else text
    rows = {row["integration"]: row for row in ask("/api/v1/integrations")["integrations"]}
    require(len(rows) == 2, rows)
    active, new = rows["customers-to-newsletter"], rows["not-set-up-yet"]
    require(active["state"] == "active" and active["open_errors"] >= 10, active)
    require(new["state"] == "new" and new["last_run"] is None, new)
    page = ask("/")
    require("<html" in page, page[:200])
    wait_until(lambda: 'sluice_records_total{integration="customers-to-newsletter",sync="customers",outcome="delivered"}'
               in ask("/metrics"), "no webhook arrives")
    started = children_of(demo.pid)
    require(len(started) >= 3, "two sandboxes and a service run, not", len(started))
    demo.send_signal(signal.SIGINT)
    require(demo.wait() == 0, "the demo ended with", demo.returncode)
    for pid in started:
        wait_until(lambda: is_gone(pid), "it left a process behind")
    require(not list(work.iterdir()), "it left files behind:", list(work.iterdir()))
    return "the demo serves, and ends"


if __name__ == "__main__":
    sys.exit(run("demo-test", DEADLINE, everything))
