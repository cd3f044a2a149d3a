"""`sluice serve` with a thousand integrations: what it costs while nothing is due, and how fast it answers while syncs run."""

import http.client
import json
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import threading
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from figures import Section, Table, count, mebibytes, percent
from sandbox import bin_dir
from world import World, require

SYNCS = 4
CLIENTS = 8
FLEET = """
integration: {name}
source: {{connector: file, path: {folder}/people.ndjson, key: id}}
destination: {{connector: file, path: {folder}/out/{name}.ndjson}}
schedule: {{every: 6h}}
syncs: {{people: {{read: {{stream: records}}, write: {{object: records, match: email}}, fields: {{email: .email}}}}}}
"""


class Fleet:
    """A directory of integrations that are active and not due, one of which has all the errors."""

    def __init__(self, world, integrations, errors):
        self.world, self.configs = world, world.folder / "configs"
        (self.configs / "out").mkdir(parents=True)
        (self.configs / "people.ndjson").write_text("".join(
            json.dumps({"id": str(i), "email": f"person{i}@example.com"}) + "\n" for i in range(20)))
        self.names = [f"fleet-{i:04}" for i in range(integrations)]
        for name in self.names:
            (self.configs / f"{name}.yaml").write_text(FLEET.format(name=name, folder=self.configs))
        first = self.configs / f"{self.names[0]}.yaml"
        for stage in ("validate", "initial", "full"):
            world.sluice(stage, first)
        self.state = world.folder / "state"
        for name in self.names[1:]:
            self._copy(name)
        self._plant(errors)

    def _copy(self, name):
        """As if it had been run, too: a run takes a tenth of a second, a thousand of them minutes."""
        shutil.copytree(self.state / self.names[0], self.state / name)
        with closing(sqlite3.connect(self.state / name / "state.db")) as database, database:
            database.execute("UPDATE meta SET value=? WHERE key='integration'", (name.encode(),))

    def _plant(self, errors):
        causes = ["no valid e-mail address", "the field is too long", "refused by the vendor", "no subscription"]
        now = int(time.time() * 1000)
        with closing(sqlite3.connect(self.state / self.names[0] / "state.db")) as database, database:
            sync, = database.execute("SELECT id FROM syncs").fetchone()
            database.executemany(
                "INSERT INTO errors(sync,key,stage,code,field,message,value_hash,first_seen,last_seen,attempts,next_try,state)"
                " VALUES(?,?,'check','check_failed','email',?,x'',?,?,1,?,0)",
                ((sync, f"key{i:08}", causes[i % len(causes)], now - i, now, now + 10**12) for i in range(errors)))

    def add_syncs(self, customers):
        """Real ones, to run while the service is asked."""
        source, destination = self.world.chargebee(customers), self.world.activecampaign()
        names = [f"busy-{i}" for i in range(SYNCS)]
        for name in names:
            file = self.world.integration(source, destination, name=name)
            file.rename(self.configs / file.name)
        return names


class Service:
    def __init__(self, fleet):
        token = subprocess.run([bin_dir() / "sluice", "serve", "token", "add", "bench", "--role", "operator"],
                               env=fleet.world.environment, capture_output=True, text=True, check=True).stdout.strip()
        self.headers = {"Authorization": f"Bearer {token}", "Sluice-Request": "1", "Content-Type": "application/json"}
        began = time.monotonic()
        self.process = subprocess.Popen([bin_dir() / "sluice", "serve", "--configs", fleet.configs, "--listen", "127.0.0.1:0",
                                         "--json", "--quiet"], cwd=fleet.configs, env=fleet.world.environment,
                                        stdout=subprocess.PIPE, stderr=(fleet.world.folder / "serve.log").open("ab"))
        fleet.world.stack.callback(self.stop)
        self.port = int(json.loads(self.process.stdout.readline())["url"].rpartition(":")[2])
        self.ask("GET", "/api/v1/integrations?limit=1")
        self.start_seconds = time.monotonic() - began
        self.wait_for(lambda: self.ask("GET", "/readyz", fine=(200, 503)) == "ready\n")
        # All states have been looked at once the last one has its next moment.
        last = fleet.names[-1]
        self.wait_for(lambda: self.ask("GET", f"/api/v1/integrations/{last}/status")["next_run"])

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def ask(self, method, path, body=None, connection=None, fine=(200, 202)):
        own = connection or self.connection()
        own.request(method, path, body and json.dumps(body), self.headers)
        answer = own.getresponse()
        text = answer.read().decode()
        if connection is None:
            own.close()
        require(answer.status in fine, method, path, answer.status, text)
        return json.loads(text) if (answer.getheader("Content-Type") or "").startswith("application/json") else text

    @staticmethod
    def wait_for(condition, seconds=300):
        until = time.monotonic() + seconds
        while not condition():
            require(time.monotonic() < until, "the service does not get ready")
            time.sleep(0.05)

    def cpu(self):
        """Seconds of the service alone, and of no run."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self):
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) * 1024
        return 0

    def running(self):
        for line in self.ask("GET", "/metrics").splitlines():
            if line.startswith("sluice_runs_running "):
                return int(line.split()[1])
        return 0


def idle(service, seconds):
    before, began = service.cpu(), time.monotonic()
    time.sleep(seconds)
    return service.memory(), (service.cpu() - before) / (time.monotonic() - began)


def load(service, path_of, seconds):
    """(requests a second, median and 95th percentile in s) of clients that ask again and again."""
    took, failures, over = [], [], time.monotonic() + seconds

    def client(seed):
        random_of = random.Random(seed)
        connection = service.connection()
        try:
            while time.monotonic() < over:
                begin = time.monotonic()
                service.ask("GET", path_of(random_of), connection=connection)
                took.append(time.monotonic() - begin)
        except Exception as problem:  # told below
            failures.append(problem)
    began = time.monotonic()
    threads = [threading.Thread(target=client, args=(seed,)) for seed in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    require(not failures, "a request failed:", *failures[:1])
    require(len(took) >= CLIENTS, "hardly a request was answered")
    ordered = sorted(took)
    return len(took) / (time.monotonic() - began), statistics.median(ordered), ordered[int(len(ordered) * 0.95)]


def measure(quick):
    integrations, errors, customers, idle_seconds, seconds = \
        (40, 4_000, 1_000, 2, 1) if quick else (1_000, 1_000_000, 400_000, 60, 20)
    section = Section("Serve", (
        f"One service with {count(integrations)} active integrations, one of which has {count(errors)} open errors. *Idle*: nothing "
        f"is due; resident memory and share of one core over {idle_seconds} s. *Asked*: {CLIENTS} clients on connections of "
        f"their own ask without a pause, on the machine of the service, while {SYNCS} first full walks through both sandboxes run "
        "beside it."))
    with World() as world:
        fleet = Fleet(world, integrations, errors)
        service = Service(fleet)
        memory, share = idle(service, idle_seconds)
        section.parts.append(Table(["idle", ""], [
            ["integrations", count(integrations)], ["start to first answer, s", f"{service.start_seconds:.2f}"],
            ["resident, MiB", mebibytes(memory)], ["share of a core", f"{share * 100:.2f} %"]]))
        names = fleet.add_syncs(customers)
        service.wait_for(lambda: service.ask("GET", "/api/v1/integrations?limit=1")["total"] == integrations + SYNCS)
        for name in names:
            service.ask("POST", f"/api/v1/integrations/{name}/runs", {"stage": "full", "force": True})
        service.wait_for(lambda: quick or service.running() == SYNCS)
        first = f"/api/v1/integrations/{fleet.names[0]}"
        begins = places(service, f"{first}/errors", 50)
        pages = {
            "status": lambda r: f"/api/v1/integrations/{r.choice(fleet.names[1:])}/status",
            "status, of the one with the errors": lambda r: f"{first}/status",
            "errors, first page of 100": lambda r: f"{first}/errors?limit=100",
            "errors, one of the first 100 pages": lambda r: f"{first}/errors?limit=100&after={quote(r.choice(begins))}",
            "overview, 50 integrations": lambda r: "/api/v1/integrations?limit=50&after=" + r.choice(fleet.names[:-50] or [""]),
        }
        rows = []
        for what, path_of in pages.items():
            rate, median, worst = load(service, path_of, seconds)
            rows.append([what, f"{rate:.0f}", f"{median * 1000:.1f}", f"{worst * 1000:.1f}"])
            section.claim(f"{what}: 95 % within 250 ms while {SYNCS} syncs run", f"{worst * 1000:.0f} ms", worst < 0.25)
        running = service.running()
        require(quick or running == SYNCS, f"only {running} syncs were still running at the end: take more customers")
        page = service.ask("GET", f"{first}/errors?limit=100")
        require(page["count"] == errors and len(page["errors"]) == 100, f"the errors are {page['count']}, not {errors}")
        section.parts.append(Table(["asked", "requests a second", "median ms", "95 % within ms"], rows))
        section.claim("idle under 200 MB", f"{memory / 1e6:.0f} MB", memory < 200e6)
        section.claim("idle under 1 % of a core", percent(share), share < 0.01)
    return section



def places(service, errors, pages):
    """Where further pages of the errors begin, as the pages before them say."""
    found, place = [""], ""
    for _ in range(pages):
        place = service.ask("GET", f"{errors}?limit=200&after={quote(place)}")["next"]
        if not place:
            break
        found.append(place)
    return found
