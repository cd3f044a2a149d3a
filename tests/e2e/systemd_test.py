#!/usr/bin/env python3
"""packaging/sluice.service under a real systemd: readiness, credentials, the journal, stopping at a checkpoint and going on, being
killed, and how its workers are confined.

Needs root, systemd-nspawn, and the name of a folder with Debian 12 and the package in SLUICE_SYSTEMD_ROOT:

    mmdebstrap --variant=minbase --include=systemd-sysv,dbus,curl,procps bookworm root
    cp sluice_*.deb root/tmp/ && chroot root sh -c 'apt-get update && apt-get install -y /tmp/sluice_*.deb'

Nothing in it is changed. The container has no network but its own loopback.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "harness"))
from processes import children_of, start, watch_no_more  # noqa: E402
from program import require, run  # noqa: E402
from sandbox import Failure, bin_dir, wait_until  # noqa: E402

DEADLINE = 200
SYSTEM = os.environ.get("SLUICE_SYSTEMD_ROOT", "")
PEOPLE = 400_000
FILE = """
integration: %(name)s
source: {%(source)s, worker: {confinement: required}}
destination: {connector: file, path: /var/lib/sluice/%(name)s.out.ndjson, worker: {confinement: required}}
schedule: {every: 6h}
syncs: {people: {read: {stream: %(stream)s}, write: {object: records, match: id}, fields: {id: %(id)s}}}
"""
DROP_IN = "[Service]\nLoadCredential=api_key:/etc/sluice/secrets/api_key\n"


def reap():
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


class Machine:
    """A booted container."""

    def __init__(self, work):
        self.log = work / "log"
        command = ["systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit", "--private-network", "--volatile=overlay",
                   f"--directory={SYSTEM}", f"--machine=sluice-{os.getpid()}", f"--bind-ro={bin_dir()}:/sandboxes",
                   # The container's own filter would forbid what the unit's allows.
                   "--system-call-filter=landlock_create_ruleset landlock_add_rule landlock_restrict_self", "--console=pipe"]
        self.process = start(command, stdin=subprocess.DEVNULL, stdout=self.log.open("ab"), stderr=subprocess.STDOUT)

    def is_up(self):
        require(self.process.poll() is None, "the container does not start")
        # Before it is up, helpers of systemd-nspawn come and go.
        below = children_of(self.process.pid)
        if len(below) != 1:
            return False
        self.leader = below[0]
        return self.run("systemctl", "is-system-running", check=False) in ("running", "degraded")

    def close(self):
        """A container ends only once nobody's child is left in it, also of those that came in from outside."""
        watch_no_more()
        with self.log.open("a") as log:
            log.write(self.run("journalctl", "--unit=sluice", "--output=cat", check=False))
        while left := children_of(os.getpid()):
            for pid in left:
                os.kill(pid, signal.SIGKILL)
            reap()
            time.sleep(0.1)

    def enter(self, *command):
        return ["nsenter", f"--target={self.leader}", "--mount", "--uts", "--ipc", "--net", "--pid", "--root", "--wd", "--",
                "/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", *map(str, command)]

    def run(self, *command, check=True, text=None):
        done = subprocess.run(self.enter(*command), input=text, capture_output=True, text=True)
        if check and done.returncode != 0:
            raise Failure(f"{' '.join(map(str, command))}: {done.returncode} {done.stdout} {done.stderr}")
        return done.stdout.strip()

    def write(self, path, text):
        self.run("sh", "-c", f"mkdir -p {Path(path).parent} && cat > {path}", text=text)

    def show(self, *properties):
        text = self.run("systemctl", "show", "sluice", *(f"--property={name}" for name in properties))
        return dict(line.split("=", 1) for line in text.splitlines())

    def sluice(self, *arguments, check=True):
        return self.run("runuser", "-u", "sluice", "--", "sluice", *arguments, "--state", "/var/lib/sluice", check=check)

    def ask(self, method, path, body=None):
        more = ["-H", "Sluice-Request: 1", "-H", "Content-Type: application/json", "-d", json.dumps(body)] if body is not None else []
        text = self.run("curl", "-sS", "-X", method, "-H", f"Authorization: Bearer {self.token}", *more,
                        f"http://127.0.0.1:8008{path}")
        return json.loads(text)

    def status(self, name):
        return self.ask("GET", f"/api/v1/integrations/{name}/status")

    def start_run(self, name, stage):
        answer = self.ask("POST", f"/api/v1/integrations/{name}/runs", {"stage": stage, "force": stage == "full"})
        require("code" not in answer, answer)

    def do(self, name, stage):
        done = len(self.ask("GET", f"/api/v1/integrations/{name}/runs")["runs"])
        self.start_run(name, stage)
        wait_until(lambda: not self.status(name)["running"]
                   and len(self.ask("GET", f"/api/v1/integrations/{name}/runs")["runs"]) > done, name, stage)
        return self.ask("GET", f"/api/v1/integrations/{name}/runs")["runs"][0]


def set_up(machine):
    """As docs/operations.md says."""
    require(machine.run("systemctl", "is-enabled", "sluice", check=False) == "disabled", "the package starts it unasked")
    machine.run("systemd-sysusers")
    machine.write("/etc/sluice/secrets/api_key", "sandbox-key\n")
    machine.run("chmod", "-R", "go=", "/etc/sluice/secrets")
    machine.write("/etc/systemd/system/sluice.service.d/override.conf", DROP_IN)
    machine.vendor = start(machine.enter("/sandboxes/sluice-sandbox-chargebee", "--port", "0", "--customers", "200"),
                           stdout=subprocess.PIPE, text=True)
    url = machine.vendor.stdout.readline().strip()
    require(url.startswith("http://"), "the sandbox does not start")
    machine.write("/etc/sluice/vendor.yaml", FILE % {
        "name": "vendor", "stream": "customers", "id": ".customer.id",
        "source": "connector: chargebee, site: acme, api_key: '${file:/run/credentials/sluice.service/api_key}', base_url: '%s'" % url})
    machine.run("sh", "-c", f"seq {PEOPLE} | sed 's/.*/{{\"id\":\"&\"}}/' > /etc/sluice/people.ndjson")
    machine.write("/etc/sluice/people.yaml", FILE % {
        "name": "people", "stream": "records", "id": ".id", "source": "connector: file, path: /etc/sluice/people.ndjson, key: id"})
    machine.run("systemctl", "daemon-reload")


def begins(machine):
    machine.run("systemctl", "start", "sluice")
    found = machine.show("ActiveState", "SubState", "StatusText", "Type")
    require(found == {"Type": "notify", "ActiveState": "active", "SubState": "running",
                      "StatusText": "answers at http://127.0.0.1:8008"}, found)
    # It was ready when `systemctl start` came back.
    require(machine.run("curl", "-sS", "http://127.0.0.1:8008/healthz") == "ok", "healthz")
    machine.token = machine.sluice("serve", "token", "add", "ann", "--role", "operator")
    journal = machine.run("journalctl", "--unit=sluice", "--output=cat")
    require("nobody has a token yet" in journal, journal)


def reads_a_credential(machine):
    for stage in ("validate", "initial", "full"):
        end = machine.do("vendor", stage)
        require(end["result"] in ("done", "done_with_errors"), stage, end)
    require(machine.run("sh", "-c", "wc -l < /var/lib/sluice/vendor.out.ndjson") != "0", "nothing was delivered")
    require("vendor: full is done" in machine.run("journalctl", "--unit=sluice", "--output=cat"), "the journal tells nothing")


def processes(machine, name):
    return machine.run("pgrep", "--exact", name, check=False).split()


def is_confined(machine):
    """Workers have filters of their own above the unit's. That there is Landlock, too, the integration files require."""
    host = machine.show("MainPID")["MainPID"]

    def fields(pid):
        text = machine.run("cat", f"/proc/{pid}/status")
        return dict(re.findall(r"(\w+):\s*(.*)", text))
    service = fields(host)
    require(service["NoNewPrivs"] == "1" and service["Seccomp"] == "2" and int(service["CapBnd"], 16) == 0, service)
    workers = processes(machine, "sluice-worker")
    require(len(workers) == 2, "workers:", workers)
    for pid in workers:
        worker = fields(pid)
        require(int(worker["Seccomp_filters"]) > int(service["Seccomp_filters"]), "a worker has no filter of its own", worker)


def stops_and_goes_on(machine):
    for stage in ("validate", "initial"):
        end = machine.do("people", stage)
        require(end["result"] == "done", stage, end)
    machine.start_run("people", "full")
    progress = "/var/lib/sluice/people.out.ndjson"
    lines = "test $(wc -l < %s) -gt %d"
    wait_until(lambda: subprocess.run(machine.enter("sh", "-c", lines % (progress, 2000)), capture_output=True).returncode == 0,
               "the run writes")
    is_confined(machine)
    begin = time.monotonic()
    machine.run("systemctl", "stop", "sluice")
    took = time.monotonic() - begin
    require(took < 10, f"stopping took {took:.1f} s")
    found = machine.show("ActiveState", "Result", "ExecMainStatus")
    require(found == {"ActiveState": "inactive", "Result": "success", "ExecMainStatus": "0"}, found)
    require(not processes(machine, "sluice-worker"), "workers are left")
    machine.run("systemctl", "start", "sluice")
    last = machine.ask("GET", "/api/v1/integrations/people/runs")["runs"][0]
    require(last["stage"] == "full" and last["result"] == "interrupted", last)
    end = machine.do("people", "full")
    require(end["result"] == "done", end)
    return took, last, end


def is_killed(machine):
    before = machine.show("NRestarts")
    machine.start_run("people", "full")
    wait_until(lambda: processes(machine, "sluice-worker"), "a run is under way")
    machine.run("systemctl", "kill", "--signal=KILL", "--kill-whom=main", "sluice")
    wait_until(lambda: int(machine.show("NRestarts")["NRestarts"]) == int(before["NRestarts"]) + 1, "systemd starts it again")
    wait_until(lambda: machine.run("curl", "-sS", "http://127.0.0.1:8008/healthz", check=False) == "ok", "it answers again")
    end = machine.do("people", "full")
    require(end["result"] == "done", end)
    # Everybody is there once.
    different = machine.run("sh", "-c", "sort -u /var/lib/sluice/people.out.ndjson | wc -l")
    require(int(different) == PEOPLE, different)


def is_wrong(machine):
    """What the next start would find again is not tried again and again."""
    before = machine.show("NRestarts")
    machine.write("/etc/systemd/system/sluice.service.d/wrong.conf",
                  "[Service]\nExecStart=\nExecStart=/usr/bin/sluice serve --configs /etc/sluice --tls-key nowhere\nRestartSec=1ms\n")
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "restart", "sluice", check=False)
    found = machine.show("ActiveState", "Result", "ExecMainStatus")
    require(found == {"ActiveState": "failed", "Result": "exit-code", "ExecMainStatus": "2"}, found)
    require(machine.show("NRestarts")["NRestarts"] in ("0", before["NRestarts"]), machine.show("NRestarts"))
    journal = machine.run("journalctl", "--unit=sluice", "--output=cat", "--lines=20")
    require("--tls-certificate and --tls-key belong together" in journal, journal)


def speaks_tls(machine, work):
    """With a key that only root may read."""
    certificate, key = work / "tls.pem", work / "tls.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-subj",
                    "/CN=sluice", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    machine.write("/etc/ssl/sluice.pem", certificate.read_text())
    machine.write("/etc/ssl/private/sluice.key", key.read_text())
    machine.run("chmod", "-R", "go=", "/etc/ssl/private")
    machine.write("/etc/systemd/system/sluice.service.d/wrong.conf",
                  "[Service]\nLoadCredential=tls_key:/etc/ssl/private/sluice.key\nExecStart=\nExecStart=/usr/bin/sluice serve"
                  " --configs /etc/sluice --state /var/lib/sluice --tls-certificate /etc/ssl/sluice.pem --tls-key %d/tls_key\n")
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "restart", "sluice")
    require(machine.run("curl", "-sS", "--cacert", "/etc/ssl/sluice.pem", "https://127.0.0.1:8008/healthz") == "ok", "TLS")


def everything(work):
    machine = Machine(work)
    try:
        return works(machine, work)
    finally:
        machine.close()


def works(machine, work):
    wait_until(machine.is_up, "systemd is up")
    set_up(machine)
    verdict = machine.run("systemd-analyze", "verify", "sluice.service", check=False)
    require(not verdict, verdict)
    begins(machine)
    reads_a_credential(machine)
    took, _, _ = stops_and_goes_on(machine)
    is_killed(machine)
    security = machine.run("systemd-analyze", "security", "--no-pager", "sluice", check=False).splitlines()[-1]
    is_wrong(machine)
    speaks_tls(machine, work)
    level = float(re.search(r"([0-9.]+) \w+", security.partition(":")[2]).group(1))
    require(level <= 2.0, security)
    return f"the unit works under systemd; it stopped within {took:.1f} s; {security}"


if __name__ == "__main__":
    if os.geteuid() != 0 or not (shutil.which("systemd-nspawn") and shutil.which("openssl")) or not Path(SYSTEM, "usr/bin/sluice").exists():
        print("left out: needs root, systemd-nspawn, openssl and SLUICE_SYSTEMD_ROOT, see the beginning of this file")
        sys.exit(77)
    sys.exit(run("systemd", DEADLINE, everything))
