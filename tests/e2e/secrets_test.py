#!/usr/bin/env python3
"""No secret shows in anything that a run leaves behind or lets others see.

Secrets are planted in all ways that a file can name them. Whatever the runs print (verbose, JSON, failures), write (state,
exports, archives) or show to other processes (arguments, the workers' environment) is searched for them in plain and in
the forms in which they travel. First the search proves that it would find each form.
"""
import base64
import json
import os
import resource
import signal
import sys
import tempfile
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "harness"))
from processes import children_of, is_gone  # noqa: E402
from program import run  # noqa: E402
from sandbox import Failure, Run, Sandbox, wait_until  # noqa: E402

DEADLINE = 300  # seconds; ctest waits longer

SOURCE_KEY = "pl4nted/Source+Key=77 ÿ"
DESTINATION_KEY = "pl4nted&Destination%Key\"88"
WRONG_KEY = "pl4nted\\Wrong<Key>'99"
SECRETS = (SOURCE_KEY, DESTINATION_KEY, WRONG_KEY)

INTEGRATION = """
integration: secrets
source: {connector: chargebee, site: acme, base_url: "${SOURCE_URL}", api_key: "${SOURCE_KEY}", requests_per_minute: 0}
destination:
  connector: activecampaign
  url: ${DESTINATION_URL}
  api_key: ${%s}
  requests_per_second: 0
syncs:
  customers:
    read: {stream: customers}
    write: {object: contacts, match: email, list: Customers, on_duplicate: latest}
    check: [{that: .customer.email | is_email, say: no valid e-mail address}]
    preset: chargebee-activecampaign
"""


def forms_of(secret):
    """The secret as it may appear: plain, in JSON, in a URL, in basic authentication."""
    plain = secret.encode()
    forms = {"plain": plain, "JSON": json.dumps(secret)[1:-1].encode(),
             "JSON in UTF-8": json.dumps(secret, ensure_ascii=False)[1:-1].encode(),
             "URL": urllib.parse.quote(secret, safe="").encode(),
             "URL of a form": urllib.parse.quote_plus(secret).encode()}
    # Base64 depends on what stands before: what a run of characters becomes in each of the three places.
    for name, text in (("base64", plain), ("base64 with colon", plain + b":")):
        for shift in range(3):
            encoded = base64.b64encode(b"x" * shift + text).rstrip(b"=")
            forms[f"{name}, shifted by {shift}"] = encoded[0 if shift == 0 else 4:-2]
    return forms


def finds(data):
    return [f"{secret[:12]}… ({name})" for secret in SECRETS for name, form in forms_of(secret).items() if form in data]


class Sweep:
    """Everything that runs have let out."""

    def __init__(self, work):
        self.work, self.texts = work, {}

    def take(self, what, data):
        self.texts[what] = data if isinstance(data, bytes) else data.encode()

    def problems(self):
        found = [f"{what}: {hit}" for what, data in self.texts.items() for hit in finds(data)]
        for path in sorted(self.work.rglob("*")):
            if path.is_file():
                found += [f"{path.relative_to(self.work)}: {hit}" for hit in finds(path.read_bytes())]
            if path.name.startswith("core"):
                found.append(f"{path.name}: a core file")
        return found


def prove_that_it_finds():
    with tempfile.TemporaryDirectory(prefix="sluice-secrets-") as folder:
        for secret in SECRETS:
            for name, form in forms_of(secret).items():
                sweep = Sweep(Path(folder))
                sweep.take("text", b"before " + form + b" after")
                (Path(folder) / "file").write_bytes(b"\0" + form)
                if len(sweep.problems()) < 2:
                    raise Failure(f"the search does not find {name}")
                (Path(folder) / "file").unlink()
        (Path(folder) / "core.1").write_bytes(b"")
        if not Sweep(Path(folder)).problems():
            raise Failure("the search does not find core files")


class Runs:
    def __init__(self, work, secret_folder, source, destination):
        self.work, self.sweep = work, Sweep(work)
        (secret_folder / "destination").write_text(DESTINATION_KEY + "\n")
        (secret_folder / "destination").chmod(0o600)
        self.environment = {**os.environ, "SOURCE_URL": source.url, "DESTINATION_URL": destination.url,
                            "SOURCE_KEY": SOURCE_KEY, "SECRET_FOLDER": str(secret_folder),
                            "CREDENTIALS_DIRECTORY": str(secret_folder), "SLUICE_STATE": str(work / "state"),
                            "XDG_STATE_HOME": str(work / "xdg")}
        self.use(f"file:{secret_folder}/destination")

    def use(self, reference):
        (self.work / "integration.yaml").write_text(INTEGRATION % reference)

    def start(self, *arguments, **environment):
        return Run(arguments, self.work, {**self.environment, **environment})

    def finish(self, run, exits=(0,)):
        code = run.wait()
        words = " ".join(run.arguments)
        self.sweep.take(f"output of {words}", run.out.read_text() + run.err.read_text())
        if exits is not None and code not in exits:
            raise Failure(f"ended with {code}: {run}")

    def run(self, *arguments, exits=(0, 1), **environment):
        self.finish(self.start(*arguments, **environment), exits)

    def look_at(self, run):
        """What other processes see of the host and its workers."""
        workers = children_of(run.process.pid)
        if len(workers) < 2:
            raise Failure(f"there are {len(workers)} workers to look at")
        for pid in (run.process.pid, *workers):
            self.sweep.take(f"arguments of {pid}", Path(f"/proc/{pid}/cmdline").read_bytes())
            if "Max core file size        0                    0" not in Path(f"/proc/{pid}/limits").read_text():
                raise Failure(f"process {pid} may write a core file")
        for pid in workers:
            self.sweep.take(f"environment of {pid}", Path(f"/proc/{pid}/environ").read_bytes())
        return workers


def all_runs(runs, source, destination):
    file = "integration.yaml"
    for verb in ("lint", "check", "discover"):
        runs.run(verb, file, "-v")
    runs.run("validate", file, "-v", "--json", "--csv", "errors.csv")
    runs.run("initial", file, "-v", "--force")
    # A run that is looked at while it waits, then loses a worker by a crash.
    destination.mutate({"bulk": {"stick_waiting": True}})
    run = runs.start("full", file, "-v", "--force")
    asked = "GET /api/3/import/info"
    wait_until(lambda: asked in destination.requests() or run.ended(), "the run to wait for an import")
    workers = runs.look_at(run)
    os.kill(workers[0], signal.SIGSEGV)
    wait_until(lambda: is_gone(workers[0]), "the worker to end")
    destination.mutate({"bulk": {"stick_waiting": False}})
    runs.finish(run, None)
    runs.run("full", file, "-v")
    runs.use("credential:destination")
    runs.run("incremental", file, "-v", "--in-process")
    for arguments in (("status", file), ("errors", "list", file), ("show", file, "cust_1"),
                      ("show", "cust_1", file), ("connectors", "list"), ("connectors", "inspect", "chargebee")):
        runs.run(*arguments, "-v", exits=None)
        runs.run(*arguments, "--json", exits=None)
    # Refusals, and answers that are not the vendor's.
    runs.run("check", file, "-v", exits=(3,), SOURCE_KEY=WRONG_KEY)
    runs.run("incremental", file, "-v", "--json", exits=(3,), SOURCE_KEY=WRONG_KEY)
    runs.run("check", file, "-v", exits=(3,), SOURCE_URL=destination.url)
    runs.run("check", file, "-v", exits=(3,), DESTINATION_URL=source.url)
    runs.use(f"SOURCE_KEY}} ${{SOURCE_KEY:-x}} {{")  # a file that is wrong behind a secret
    runs.run("check", file, "-v", exits=(2, 3))


def everything(work):
    prove_that_it_finds()
    resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
    seen, secret_folder = work / "seen", work / "secrets"
    for folder in (seen, secret_folder):
        folder.mkdir(0o700)
    boxes = [Sandbox("chargebee", ["--customers", "60", "--api-key", SOURCE_KEY]),
             Sandbox("activecampaign", ["--api-key", DESTINATION_KEY])]
    runs = Runs(seen, secret_folder, *boxes)
    all_runs(runs, *boxes)
    problems = runs.sweep.problems()
    if problems:
        raise Failure("secrets were let out:\n  " + "\n  ".join(problems))
    for box in boxes:
        if trouble := box.stop():
            raise Failure(trouble)
    return f"{len(runs.sweep.texts)} texts and the files of the runs show no secret"


if __name__ == "__main__":
    sys.exit(run("secrets", DEADLINE, everything))
