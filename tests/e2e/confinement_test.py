#!/usr/bin/env python3
"""A hostile connector gets nowhere, and what stops it is the confinement of its worker.

The connector `hostile` tries everything twice through the real programs: with `confinement: off`, where each attempt must
succeed (otherwise its refusal would prove nothing), and confined, where each must be refused. What a connector may do
must work both ways. A third time the programs run under a kernel that seems to have neither Landlock nor seccomp: the run
must go on, and say so. Without root some attempts fail anyway: these are named.
"""
import json
import os
import re
import shutil
import signal
import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "harness"))
from processes import is_gone, start  # noqa: E402
from program import run  # noqa: E402
from sandbox import Failure, Run, wait_until  # noqa: E402

DEADLINE = 500  # seconds; ctest waits longer
ATTEMPT = re.compile(r"attempt (.*): (done|refused)(?: \((.*)\))?$", re.M)
ROOT = os.geteuid() == 0
# What only root may do, or what the machine's settings may forbid everybody else.
NEEDS_ROOT = {"give a secret away", "trace the host", "trace another", "look into the host", "look into another",
              "open the host's memory", "open another's memory", "read the host's environment", "become root",
              "change root", "mount", "make a namespace of its own", "see all packets", "make packets",
              "load programs into the kernel", "open a file by its handle", "use io_uring", "limit the host",
              "reach a secret by another's root", "slow the host"}
INTEGRATION = """
integration: hostile
source:
  connector: hostile
  secret: "{work}/secret"
  outside: "{work}/outside"
  socket: "{work}/socket"
  given: "{work}/given"
  writable: "{work}/writable"
  victim: {victim}
  port: {port}
  {deed}
  worker: {worker}
destination: {{connector: good}}
schedule: manual
syncs:
  people:
    read: {{stream: rows}}
    write: {{object: rows, match: text}}
    fields: {{text: .text}}
"""


class Scene:
    """What the connector is after, and the processes around it."""

    def __init__(self, work):
        self.work = work
        self.local = socket.socket(socket.AF_UNIX)
        self.local.bind(str(work / "socket"))
        self.local.listen(64)
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(64)
        self.victim = None
        (work / "outside").mkdir()
        self.prepare()

    def prepare(self):
        """As it was before any attempt."""
        (self.work / "secret").write_text("secret of another integration\n")
        (self.work / "secret").chmod(0o600)
        (self.work / "given").write_text("given\n")
        (self.work / "writable").write_text("writable\n")
        for path in (self.work / "outside").iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        (self.work / "outside" / "old").write_text("old\n")
        if self.victim is None or is_gone(self.victim.pid):
            self.victim = start(["sleep", "1000"], env={"SECRET": "of another process"})

    def run(self, worker, deed="", wrapper=None, verb="check"):
        self.prepare()
        settings = json.dumps({"read": [str(self.work / "given")], "write": [str(self.work / "writable")], **worker})
        (self.work / "integration.yaml").write_text(INTEGRATION.format(
            work=self.work, victim=self.victim.pid, port=self.listener.getsockname()[1], worker=settings,
            deed=f"do: {deed}" if deed else ""))
        environment = {**os.environ, "SLUICE_STATE": str(self.work / "state"),
                       "XDG_STATE_HOME": str(self.work / "xdg"), "SLUICE_PLUGIN_PATH": os.environ["SLUICE_BAD_PLUGINS"]}
        run = Run([verb, "integration.yaml", "-v"], self.work, environment, wrapper or [])
        run.code = run.wait()
        run.text = run.err.read_text()
        run.attempts = {name: (result == "done", why) for name, result, why in ATTEMPT.findall(run.text)}
        return run

    def untouched(self):
        secret = self.work / "secret"
        return (secret.read_text() == "secret of another integration\n" and secret.stat().st_mode & 0o777 == 0o600 and
                [path.name for path in (self.work / "outside").iterdir()] == ["old"])


def check(holds, what, run):
    if not holds:
        raise Failure(f"{what}: {run}")


def attempts(scene):
    free = scene.run({"confinement": "off"})
    check(free.code == 0 and len(free.attempts) > 40, "the unconfined run does not end well", free)
    check("not confined: everything" in free.text, "nothing warns of the missing confinement", free)
    useless = [name for name, (done, _) in free.attempts.items() if not done and (ROOT or name not in NEEDS_ROOT)]
    check(not useless, f"attempts that fail without confinement as well prove nothing: {useless}", free)
    for name, (done, why) in free.attempts.items():
        if not done:
            print(f"proves nothing without root: {name} ({why})")

    confined = scene.run({"confinement": "required"})
    check(confined.code == 0, "the confined run does not end well", confined)
    check(set(confined.attempts) == set(free.attempts), "not every attempt was made", confined)
    wrong = [name for name, (done, _) in confined.attempts.items() if done != name.startswith("allowed: ")]
    check(not wrong, f"must end the other way when confined: {wrong}", confined)
    check(scene.untouched(), "a file was touched", confined)
    check(re.search(r"source hostile: confined: .*files \(Landlock \d+\).*system calls \(seccomp\)", confined.text),
          "-v does not say how far the worker is confined", confined)
    return len([name for name in free.attempts if not name.startswith("allowed: ")])


def deeds(scene):
    """One by one, each without confinement first."""
    def both(deed, worker=None):
        free = scene.run({"confinement": "off"}, deed)
        evidence = (free.code, is_gone(scene.victim.pid), (scene.work / "outside/from_a_shell").exists())
        confined = scene.run({"confinement": "required", **(worker or {})}, deed)
        return free, evidence, confined

    free, evidence, confined = both("kill_host")
    check(evidence[0] == -signal.SIGKILL, "the host survives an unconfined attack", free)
    check(confined.code == 0 and not confined.attempts["kill the host"][0], "the host was attacked", confined)
    free, evidence, confined = both("kill_victim")
    check(evidence[1], "another process survives an unconfined attack", free)
    check(confined.code == 0 and not is_gone(scene.victim.pid), "another process was killed", confined)
    free, evidence, confined = both("exec")
    check(evidence[2], "no shell ran without confinement", free)
    check(confined.code == 0 and scene.untouched(), "a shell ran", confined)


def limits(scene):
    """Each with a limit that lets the deed be done, then with one that does not."""
    def attempt(run, name):
        return run.attempts.get(name, (False, ""))[0]

    # What the kernel does not limit the host watches: it needs the time to look.
    for deed, kept in (("memory", "memory"), ("shared_memory", "keep_shared_memory")):
        ample = scene.run({"memory": "4GiB"}, deed)
        check(ample.code == 0 and attempt(ample, "take 1 GiB of memory"), "ample memory is refused", ample)
        tight = scene.run({"memory": "512MiB"}, kept)
        check(not attempt(tight, "take 1 GiB of memory") or tight.code == 3, "the memory has no limit", tight)
        if tight.code == 3:
            check("worker: {memory" in tight.text, "nothing says what to do about the memory", tight)
    ample = scene.run({}, "write")
    check(attempt(ample, "write 8 MiB"), "writing is refused", ample)
    tight = scene.run({"file_size": "2MiB"}, "write")
    check(tight.code == 0 and tight.attempts["write 8 MiB"] == (False, "File too large"), "files have no limit", tight)
    ample = scene.run({}, "descriptors")
    check(attempt(ample, "open 400 descriptors"), "descriptors are refused", ample)
    tight = scene.run({"descriptors": 128}, "descriptors")
    check(tight.code == 0 and not attempt(tight, "open 400 descriptors"), "descriptors have no limit", tight)
    threads = scene.run({}, "threads")
    check(threads.code == 3 and re.search(r"worker of connector 'hostile' ran \d+ threads", threads.text),
          "threads have no limit", threads)


def orphans(scene):
    """Where forking is not refused, what was forked ends with its worker."""
    run = scene.run({"confinement": "off"}, "orphan")
    orphan = int(re.search(r"orphan (\d+)", run.text).group(1))
    check(run.code == 0 and orphan > 0, "no orphan was left", run)
    wait_until(lambda: is_gone(orphan), "the orphan's end", run)
    run = scene.run({}, "orphan")
    check("orphan -1" in run.text, "a confined worker has forked", run)


def old_kernels(scene):
    wrapper = [os.environ["SLUICE_OLD_KERNEL"]]
    run = scene.run({}, wrapper=wrapper)
    check(run.code == 0 and run.attempts["read a secret"][0], "the old kernel is none", run)
    check("not confined: files: this kernel has no Landlock" in run.text and
          "system calls: this kernel has no seccomp filters" in run.text, "-v does not say what is missing", run)
    run = scene.run({"confinement": "required"}, wrapper=wrapper)
    check(run.code == 2 and "`confinement: required`" in run.text, "a missing confinement is accepted", run)


def given_files(work):
    """What options name is given, when it is needed: a file to write is created by the first run that writes it."""
    source, destination = work / "in.ndjson", work / "out.ndjson"
    (work / "integration.yaml").write_text(f"""
integration: files
source: {{connector: file, path: in.ndjson, worker: {{confinement: required}}}}
destination: {{connector: file, path: "{destination}", worker: {{confinement: required}}}}
schedule: manual
syncs:
  people:
    read: {{stream: records}}
    write: {{object: records, match: email}}
    fields: {{email: .email}}
""")
    environment = {**os.environ, "SLUICE_STATE": str(work / "state"), "XDG_STATE_HOME": str(work / "xdg")}

    def sluice(*words):
        run = Run([words[0], "integration.yaml", *words[1:]], work, environment)
        run.text, run.code = "", run.wait()
        check(run.code == 0, f"{words[0]} fails", run)
        return run

    def write_source(*emails):
        new = work / "new.ndjson"
        new.write_text("".join(f'{{"id": "{email}", "email": "{email}"}}\n' for email in emails))
        new.rename(source)

    write_source("a@x.io")
    for verb in ("check", "validate", "plan"):
        run = sluice(verb)
        check(not destination.exists(), f"{verb} creates a file", run)
    run = sluice("initial")
    check(destination.read_text() == '{"email":"a@x.io"}\n', "the sample is not there", run)
    write_source("a@x.io", "b@x.io")
    run = sluice("full")
    check("b@x.io" in destination.read_text(), "a replaced source is not read", run)
    destination.rename(work / "old.ndjson")
    write_source("a@x.io", "b@x.io", "c@x.io")
    run = sluice("incremental")
    check(destination.read_text() == '{"email":"c@x.io"}\n', "a file that was moved away is not begun anew", run)


def no_traces(work):
    found = list(Path(work / "tmp").glob("sluice-worker-*"))
    if found:
        raise Failure(f"temporary directories are left: {found}")


def everything(work):
    (work / "tmp").mkdir()
    os.environ["TMPDIR"] = str(work / "tmp")
    scene = Scene(work)
    refused = attempts(scene)
    deeds(scene)
    limits(scene)
    orphans(scene)
    old_kernels(scene)
    given_files(work)
    no_traces(work)
    return f"{refused} attempts succeed without confinement, none with it"


if __name__ == "__main__":
    sys.exit(run("hostile", DEADLINE, everything))
