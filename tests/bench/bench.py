#!/usr/bin/env python3
"""Measures whole runs against both sandboxes: records/s, peak memory, requests, use of the vendors' limits.

    ./dev bench [--sizes 10000,100000] [--limits]

Every figure is of one run on this machine; compare figures of one output only.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
INTEGRATION = """
integration: bench
source: {{connector: chargebee, site: acme-test, base_url: "{chargebee}", api_key: "${{BENCH_KEY}}", requests_per_minute: {per_minute}}}
destination: {{connector: activecampaign, url: "{activecampaign}", api_key: "${{BENCH_KEY}}", requests_per_second: {per_second}}}
syncs:
  customers:
    read: {{stream: customers, subscription: prefer_active, gift_purchasers: true}}
    write: {{object: contacts, match: email, list: Customers, on_duplicate: latest, transport: {transport}}}
    preset: chargebee-activecampaign
"""


class Sandbox:
    def __init__(self, bin_dir, name, *options):
        self.process = subprocess.Popen([bin_dir / f"sluice-sandbox-{name}", "--port", "0", *options],
                                        stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()

    def ask(self, path, body=None):
        data = json.dumps(body).encode() if body is not None else None
        with urllib.request.urlopen(urllib.request.Request(self.url + path, data=data)) as answer:
            return json.load(answer)

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Sluice:
    """One integration between two sandboxes."""

    def __init__(self, bin_dir, size, limits, transport="auto"):
        self.bin = bin_dir
        rate = ("on", "150/min") if limits else ("off", "off")
        self.chargebee = Sandbox(bin_dir, "chargebee", "--customers", str(size), "--seed", "7", "--rate-limit", rate[1])
        self.activecampaign = Sandbox(bin_dir, "activecampaign", "--rate-limit", rate[0])
        self.folder = tempfile.TemporaryDirectory()
        self.file = pathlib.Path(self.folder.name) / "bench.yaml"
        self.file.write_text(INTEGRATION.format(chargebee=self.chargebee.url, activecampaign=self.activecampaign.url,
                                                per_minute=150 if limits else 0, per_second=5 if limits else 0,
                                                transport=transport))

    def run(self, verb, *options):
        started = time.monotonic()
        process = subprocess.Popen(
            [self.bin / "sluice", verb, self.file, "--json", "--state", self.folder.name, *options],
            stdout=subprocess.PIPE, text=True,
            env={**os.environ, "BENCH_KEY": "sandbox-key"})
        peak = Peak(process.pid)
        out, _ = process.communicate()
        memory = peak.stop()
        if process.returncode not in (0, 1):
            sys.exit(f"sluice {verb} ended with {process.returncode}: {out}")
        report = json.loads(out)
        report["wall"] = time.monotonic() - started
        report["host_memory"] = memory
        return report

    def stop(self):
        self.chargebee.stop()
        self.activecampaign.stop()
        self.folder.cleanup()


class Peak:
    """Highest resident memory of a process, asked for until it ends."""

    def __init__(self, pid):
        self.pid, self.highest, self.over = pid, 0, threading.Event()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()

    def watch(self):
        while not self.over.wait(0.05):
            try:
                text = pathlib.Path(f"/proc/{self.pid}/status").read_text()
                self.highest = max(self.highest, *(int(line.split()[1]) for line in text.splitlines()
                                                   if line.startswith("VmHWM")), 0)
            except (OSError, ValueError, TypeError):
                pass

    def stop(self):
        self.over.set()
        self.thread.join()
        return self.highest * 1024


def requests(report, side):
    counters = report["statistics"][side]["counters"]
    return {name[9:]: count for name, count in counters.items() if name.startswith("requests ")}


def mebibytes(value):
    return f"{value / 2**20:.0f} MiB"


def unlimited(bin_dir, size):
    sluice = Sluice(bin_dir, size, limits=False)
    sluice.run("initial", "--force", "--limit", "1")
    full = sluice.run("full")
    read = full["syncs"][0]["read"]
    statistics = full["statistics"]
    print(f"full of {size}: {read} records in {full['wall']:.1f} s = {read / full['wall']:.0f} records/s; peak memory host "
          f"{mebibytes(full['host_memory'])}, source {mebibytes(statistics['source']['peak_memory'])}, destination "
          f"{mebibytes(statistics['destination']['peak_memory'])}")
    for side in ("source", "destination"):
        print(f"  {side}: {json.dumps(requests(full, side))}")
    sluice.chargebee.ask("/_sandbox/mutate", {"update": 100, "seed": 3})
    changed = sluice.run("incremental")
    total = {side: sum(requests(changed, side).values()) for side in ("source", "destination")}
    print(f"  incremental of 100 changes: {changed['wall']:.1f} s, {total['source']} requests to the source, "
          f"{total['destination']} to the destination: {json.dumps(requests(changed, 'destination'))}")
    sluice.stop()


def limited(bin_dir, size, transport, binding):
    """A full run under both vendors' real limits, against the time that the binding one needs for its requests."""
    sluice = Sluice(bin_dir, size, limits=True, transport=transport)
    sluice.run("initial", "--force", "--limit", "1")
    time.sleep(61)  # the windows are empty again
    report = sluice.run("full")
    used = sum(requests(report, binding).values())
    at_once, window = {"source": (150, 60), "destination": (5, 1)}[binding]
    needed = (used - 1) // at_once * window
    refused = {name: box.ask("/_sandbox/stats")["rate_limited"]
               for name, box in (("source", sluice.chargebee), ("destination", sluice.activecampaign))}
    print(f"limits on, full of {size} by {transport}: {report['syncs'][0]['read']} records in {report['seconds']:.0f} s; the "
          f"binding limit is the {binding}'s: its {used} requests need {needed} s, {100 * needed / report['seconds']:.1f} % "
          f"of the run; limit answers {json.dumps(refused)}")
    sluice.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, type=pathlib.Path)
    parser.add_argument("--sizes", default="10000,100000")
    parser.add_argument("--limits", action="store_true", help="also runs under the real limits, a quarter of an hour")
    options = parser.parse_args()
    for size in options.sizes.split(","):
        unlimited(options.bin.resolve(), int(size))
    if options.limits:
        limited(options.bin.resolve(), 40000, "auto", "source")
        limited(options.bin.resolve(), 600, "sync", "destination")


if __name__ == "__main__":
    main()
