#!/usr/bin/env python3
"""Runs one case: sandboxes, `sluice` and what must hold in between.

    run_case.py CASE_FOLDER [--keep]

SLUICE_BIN_DIR names the folder of the programs. However the case ends (a signal and its deadline
included), so do all processes that it started. The folder holds case.json:

  {"about": "one line",
   "sandboxes": {"chargebee": ["--customers", "300"], "activecampaign": []},   options; defaults:
                     none; a further one of a vendor is called chargebee2, activecampaign2, …; null: no
                     sandbox, as a whole or of a vendor
   "needs": ["NAME"],                             skipped unless the environment has these; "{NAME}" in
                                                  a step's arguments stands for the value
   "settings": {"on_duplicate": "latest"},        of integration.yaml: the folder's own, or the shared
   "oracle": {"opted_out": ["a@b.co"]},           further settings of oracle.Oracle
   "steps": [...]}

Steps, one member each unless said otherwise:

  {"people": [{"id", "email", …, "subscription": {…} | null}]}   adds customers, each with an active
        subscription unless it says otherwise
  {"sluice": ["full"], "exit": 0, "expect": {…}, "stderr_contains": "…" | […],
        "stderr_lacks": "…" | […]}   runs a verb on the
        case's file; `expect` is a subset of the JSON output, {"sync": {…}} of its first sync,
        {"keys": […]} of the errors that `errors list` shows, {"contains": x} for a text or array with x
        in it; "file": false leaves the file out; "untouched": true: no sandbox sees a writing call, and
        their dumps and every byte of the state directory stay as they are; "file_limit": no file may
        grow beyond so many bytes, as on a full disk
  {"start": ["full"], "after_requests": {"sandbox": "activecampaign", "route": "POST /x", "count": 5}}
        and goes on once the sandbox has handled so many requests of the run and keeps its answer to
        the last of them, so that the run stands still; {"release": true} lets it go on, {"finish":
        true, "exit": 0} lets it end
  {"kill": ["full"], "after_requests": {…}}       the same, then SIGKILL; its workers must end
  {"interrupt": ["full"], "after_requests": {…}, "exit": 4}   the same with SIGTERM
  {"mutate": {"chargebee": {…}}}, {"fault": {"activecampaign": {…} | null}}
  {"settings": {…}}                               changes the integration from here on
  {"env": {"CHARGEBEE_URL": "{chargebee2}"}}      changes the environment from here on
  {"oracle": {…} | true}                          settings from here on, and compares
  {"may_deliver": true}                           what the source holds now may have been delivered
        when the oracle compares next
  {"expect_destination": {"a@b.co": {"id"?, "lists", "tags", "fields", …} | null}}   null: not there;
        a value "same" must be what it was at the previous {"remember": true}
  {"expect_rows": {"accounts": [{"name", …}, …]}}   these rows of the destination's dump, by name, and no
        others
  {"expect_requests": {"sandbox": "activecampaign", "writes": 0, "POST /x": 3 | {"max", "min"}}}
        counted since the step before the last `sluice`
  {"files": {"in/a.csv": "text" | null}}          writes files, removes them; compressed where the name ends in .gz
  {"expect_file": {"errors.csv": ["text", …] | "text" | {"lines": 11}}}   has these texts, is this text, has so many
        lines; unpacked where the name ends in .gz
  {"expect_dump": {"sandbox": "example", "rows": {…}}}   a subset of the sandbox's dump
  {"expect_state": {"holds": ["text", …], "lacks": ["text", …]}}   bytes of any file below the state
  {"damage": "empty" | "header" | "pages" | "remove"}   the file of the state
"""

import argparse
import copy
import gzip
import hashlib
import json
import os
import re
import shutil
import signal
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "harness"))
import oracle  # noqa: E402
from processes import Stopped, TimeIsUp, end_all, watch_no_more, watch_over  # noqa: E402
from sandbox import Failure, Run, Sandbox, environment_for, fill_template, wait_until  # noqa: E402

HERE = Path(__file__).resolve().parent
WITH_FILE_LAST = {"errors", "state"}
SKIPPED = 77
VENDORS = ["chargebee", "activecampaign"]
DEADLINE = 300  # seconds; ctest waits longer, so that the case itself says where it hangs
STOPPING = "stopping at the next checkpoint"


def subset_problems(wanted, found, path=""):
    """Where `wanted` is not contained in `found`."""
    if isinstance(wanted, dict) and set(wanted) & {"min", "max"} and not isinstance(found, dict):
        low, high = wanted.get("min", float("-inf")), wanted.get("max", float("inf"))
        if found is None or not low <= found <= high:
            return [f"{path or '.'}: is {found!r}, must be within {wanted}"]
        return []
    if isinstance(wanted, dict) and set(wanted) == {"contains"} and not isinstance(found, dict):
        item = wanted["contains"]
        there = (isinstance(found, str) and item in found if isinstance(item, str) else
                 isinstance(found, list) and any(not subset_problems(item, f) for f in found))
        return [] if there else [f"{path or '.'}: is {json.dumps(found)}, must contain "
                                 f"{json.dumps(item)}"]
    if isinstance(wanted, dict) and isinstance(found, dict):
        out = []
        for name, value in wanted.items():
            out += subset_problems(value, found.get(name), f"{path}.{name}")
        return out
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        out = []
        for at, value in enumerate(wanted):
            out += subset_problems(value, found[at], f"{path}[{at}]")
        return out
    if wanted != found:
        return [f"{path or '.'}: is {json.dumps(found)}, must be {json.dumps(wanted)}"]
    return []


class Case:
    def __init__(self, folder, work):
        self.folder, self.work = folder, work
        self.case = json.loads((folder / "case.json").read_text())
        self.settings = dict(self.case.get("settings", {}))
        self.oracle_settings = dict(self.case.get("oracle", {}))
        own = folder / "integration.yaml"
        self.template = (own if own.exists() else HERE / "integration.yaml").read_text()
        self.sandboxes = {}
        self.running = None
        self.held = None
        self.place = "the start"
        self.counts = {}
        self.remembered = {}
        self.oracle = oracle.Oracle()
        self.environment = dict(os.environ)

    def start(self):
        wanted = self.case.get("sandboxes", {})
        names = [] if wanted is None else [*VENDORS, *sorted(set(wanted) - set(VENDORS))]
        for name in names:
            if wanted.get(name, []) is None:
                continue
            vendor = name.rstrip("0123456789")
            options = list(wanted.get(name, []))
            if vendor == "chargebee" and "--customers" not in options:
                options += ["--customers", "0"]
            self.sandboxes[name] = Sandbox(vendor, options)
        self.environment = environment_for(self.work, self.sandboxes)
        self.write_integration()

    def stop(self):
        """The sandboxes may find something to complain about when they end."""
        problems = [sandbox.stop() for sandbox in self.sandboxes.values()]
        if any(problems):
            raise Failure("\n".join(filter(None, problems)))

    def write_integration(self):
        text = fill_template(self.template, self.settings)
        (self.work / "integration.yaml").write_text(text)

    def arguments(self, words, with_file=True):
        verb, rest = words[0], list(words[1:])
        place = 1 if verb in WITH_FILE_LAST else 0
        if with_file:
            rest.insert(place, "integration.yaml")
        rest = [re.sub(r"\{([A-Z_]+)\}", lambda m: self.environment[m.group(1)], w) for w in rest]
        return [verb, *rest, "--json"]

    def mark(self):
        self.counts = {name: box.requests() for name, box in self.sandboxes.items()}

    def since(self, name):
        now, before = self.sandboxes[name].requests(), self.counts.get(name, {})
        return {route: count - before.get(route, 0) for route, count in now.items()}

    # Steps.

    def do_sluice(self, step):
        self.mark()
        before = self.everything() if step.get("untouched") else None
        limit = ["prlimit", f"--fsize={step['file_limit']}"] if "file_limit" in step else []
        run = Run(self.arguments(step["sluice"], step.get("file", True)), self.work, self.environment,
                  limit)
        self.judge(step, run)
        if before:
            self.judge_untouched(before)

    def everything(self):
        """What must not change when nothing is written, by name."""
        found = {}
        for name, box in self.sandboxes.items():
            for part, rows in box.dump().items():
                found[f"{name}'s {part}"] = rows
        found.pop("chargebee's now_ms", None)  # its clock
        for path in sorted((self.work / "state").rglob("*")):
            if path.is_file():
                found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
        return found

    def judge_untouched(self, before):
        after = self.everything()
        problems = [name for name in sorted(set(before) | set(after))
                    if before.get(name) != after.get(name)]
        for name in self.sandboxes:
            problems += [f"{name} saw {route} {n} times" for route, n in self.since(name).items()
                         if n and not route.startswith("GET ")]
        if problems:
            raise Failure("was changed, although nothing may be: " + ", ".join(problems))

    def judge(self, step, run):
        code = run.wait()
        if code != step.get("exit", 0):
            raise Failure(f"exit code {code}, must be {step.get('exit', 0)}: {run}")
        texts = step.get("stderr_contains", [])
        for text in [texts] if isinstance(texts, str) else texts:
            if text not in run.err.read_text():
                raise Failure(f"stderr does not say {text!r}: {run}")
        texts = step.get("stderr_lacks", [])
        for text in [texts] if isinstance(texts, str) else texts:
            if text in run.err.read_text():
                raise Failure(f"stderr says {text!r}: {run}")
        if "expect" not in step:
            return
        try:
            found = json.loads(run.out.read_text())
        except ValueError:
            raise Failure(f"the output is no JSON: {run}") from None
        wanted = dict(step["expect"])
        if "causes" in found:
            found["keys"] = sorted(row["key"] for row in found["errors"])
        problems = []
        if "sync" in wanted:
            problems = subset_problems(wanted.pop("sync"), found.get("syncs", [{}])[0], "sync")
        problems += subset_problems(wanted, found)
        if problems:
            raise Failure("\n".join(problems) + f"\n{run}")

    def begin(self, words, after):
        self.mark()
        sandbox = self.sandboxes[after["sandbox"]]
        hold = sandbox.hold(after.get("route", ""), after["count"])
        self.held = (sandbox, hold)
        run = self.running = Run(self.arguments(words), self.work, self.environment)
        wait_until(lambda: sandbox.holds(hold) or run.ended(), after, run)
        if run.ended():
            raise Failure(f"ended before {after}: {run}")
        return run

    def end(self):
        """Lets the answers go, and forgets the run."""
        run = self.running
        self.do_release()
        self.running = None
        return run

    def do_release(self, _step=None):
        if self.held:
            sandbox, hold = self.held
            sandbox.release(hold)
        self.held = None

    def do_start(self, step):
        self.begin(step["start"], step["after_requests"])

    def do_finish(self, step):
        self.judge(step, self.end())

    def do_kill(self, step):
        self.begin(step["kill"], step["after_requests"]).kill()
        self.end()

    def do_interrupt(self, step):
        run = self.begin(step["interrupt"], step["after_requests"])
        run.process.send_signal(signal.SIGTERM)
        wait_until(lambda: STOPPING in run.err.read_text() or run.ended(), "SIGTERM", run)
        self.judge(step, self.end())

    def do_mutate(self, step):
        for name, body in step["mutate"].items():
            self.sandboxes[name].mutate(body)

    def do_people(self, step):
        rows = []
        for person in step["people"]:
            person = copy.deepcopy(person)
            subscription = person.pop("subscription", {})
            rows.append({"type": "customer", "values": person})
            if subscription is not None:
                values = {"id": f"sub_{person['id']}", "customer_id": person["id"], **subscription}
                if "created_at" in person:
                    values.setdefault("created_at", person["created_at"])
                rows.append({"type": "subscription", "values": values})
        self.sandboxes["chargebee"].mutate({"insert": rows})

    def do_fault(self, step):
        for name, body in step["fault"].items():
            self.sandboxes[name].fault(body)

    def do_settings(self, step):
        self.settings.update(step["settings"])
        self.write_integration()

    def do_env(self, step):
        for name, value in step["env"].items():
            for vendor, sandbox in self.sandboxes.items():
                value = value.replace("{%s}" % vendor, sandbox.url)
            self.environment[name] = value

    def do_oracle(self, step):
        if isinstance(step["oracle"], dict):
            self.oracle_settings.update(step["oracle"])
        self.oracle.settings = {**self.settings, **self.oracle_settings}
        problems = self.oracle.problems(self.sandboxes["chargebee"].dump(),
                                        self.sandboxes["activecampaign"].dump())
        if problems:
            raise Failure(f"{len(problems)} differences at the destination:\n  " +
                          "\n  ".join(problems[:40]))

    def do_may_deliver(self, _step):
        self.oracle.settings = {**self.settings, **self.oracle_settings}
        self.oracle.may_deliver(self.sandboxes["chargebee"].dump())

    def do_remember(self, _step):
        contacts = self.sandboxes["activecampaign"].dump()["contacts"]
        self.remembered = {contact["id"]: contact for contact in contacts}

    def do_expect_destination(self, step):
        dump = self.sandboxes["activecampaign"].dump()
        contacts = {contact["email"].lower(): contact for contact in dump["contacts"]}
        problems = []
        for email, wanted in step["expect_destination"].items():
            found = contacts.get(email.lower())
            if wanted is None or found is None:
                if wanted is not found:
                    problems.append(f"{email}: is {'there' if found else 'not there'}")
                continue
            wanted = dict(wanted)
            if wanted.pop("untouched", False) and self.remembered.get(found["id"]) != found:
                problems.append(f"{email}: was {self.remembered.get(found['id'])}, is {found}")
            was = wanted.pop("same_contact_as", None)
            if was is not None:
                old = {c["email"].lower(): c["id"] for c in self.remembered.values()}.get(was)
                if old != found["id"]:
                    problems.append(f"{email}: is contact {found['id']}, must be {old} as {was} was")
            problems += subset_problems(wanted, found, email)
        if problems:
            raise Failure("\n".join(problems))

    def do_expect_rows(self, step):
        dump = self.sandboxes["activecampaign"].dump()
        for name, wanted in step["expect_rows"].items():
            found = sorted(dump[name], key=lambda row: row["name"])
            problems = [] if len(found) == len(wanted) else [f"{name}: {len(found)} rows"]
            for i, (row, there) in enumerate(zip(wanted, found)):
                problems += subset_problems(row, there, f"{name}[{i}]")
            if problems:
                raise Failure("\n".join(problems) + f"\n{name}: {json.dumps(found)}")

    def do_expect_requests(self, step):
        wanted = dict(step["expect_requests"])
        found = self.since(wanted.pop("sandbox", "activecampaign"))
        found["writes"] = sum(n for route, n in found.items() if not route.startswith("GET "))
        for route in wanted:
            found.setdefault(route, 0)
        problems = subset_problems(wanted, found)
        if problems:
            raise Failure("\n".join(problems) + "\nrequests: " + json.dumps(found, indent=1))

    def do_expect_dump(self, step):
        wanted = dict(step["expect_dump"])
        problems = subset_problems(wanted, self.sandboxes[wanted.pop("sandbox")].dump())
        if problems:
            raise Failure("\n".join(problems))

    def do_files(self, step):
        for name, text in step["files"].items():
            file = self.work / name
            if text is None:
                file.unlink()
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            data = text.encode()
            file.write_bytes(gzip.compress(data) if file.suffix == ".gz" else data)

    def do_expect_file(self, step):
        for name, wanted in step["expect_file"].items():
            data = (self.work / name).read_bytes()
            content = (gzip.decompress(data) if name.endswith(".gz") else data).decode()
            if isinstance(wanted, str) and content != wanted:
                raise Failure(f"{name} is not {wanted!r}:\n{content[:2000]!r}")
            if isinstance(wanted, dict) and content.count("\n") != wanted["lines"]:
                raise Failure(f"{name} has {content.count(chr(10))} lines, not {wanted['lines']}:\n{content[:2000]}")
            for text in wanted if isinstance(wanted, list) else []:
                if text not in content:
                    raise Failure(f"{name} does not contain {text!r}:\n{content[:2000]}")

    def do_expect_state(self, step):
        files = [path for path in (self.work / "state").rglob("*") if path.is_file()]
        content = {str(path.relative_to(self.work)): path.read_bytes() for path in files}
        for text in step["expect_state"].get("holds", []):
            if not any(text.encode() in data for data in content.values()):
                raise Failure(f"no file of the state contains {text!r}")
        for text in step["expect_state"].get("lacks", []):
            found = [name for name, data in content.items() if text.encode() in data]
            if found:
                raise Failure(f"{text!r} is still in {found}")

    def do_damage(self, step):
        file = self.work / "state" / "case" / "state.db"
        data = file.read_bytes()
        if step["damage"] == "remove":
            return file.unlink()
        file.write_bytes({"empty": b"",
                          "header": b"?" * 100 + data[100:],
                          "pages": data[:4096] + b"\x7f" * (len(data) - 4096)}[step["damage"]])

    def run(self):
        steps = {name[3:]: getattr(self, name) for name in dir(self) if name.startswith("do_")}
        for number, step in enumerate(self.case["steps"], 1):
            chosen = [name for name in step if name in steps and name != "expect"]
            if len(chosen) != 1:
                raise Failure(f"step {number} is not one step: {json.dumps(step)}")
            self.place = f"step {number}, {json.dumps(step, ensure_ascii=False)[:300]}"
            steps[chosen[0]](step)
        self.place = "the end"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--keep", action="store_true", help="keep the working folder")
    options = parser.parse_args()
    folder = options.folder.resolve()
    name = folder.name
    work = Path(tempfile.mkdtemp(prefix="sluice-case-"))
    case = Case(folder, work)
    missing = [need for need in case.case.get("needs", []) if not os.environ.get(need)]
    if missing:
        print(f"skipped {name}: the environment lacks {', '.join(missing)}")
        return SKIPPED
    try:
        watch_over(DEADLINE)
        case.start()
        case.run()
        case.stop()
    except Failure as failure:
        print(f"FAILED {name}, {case.place}:\n{failure}")
        return 1
    except TimeIsUp:
        print(f"FAILED {name}, {case.place}: the case's {DEADLINE} s are over")
        return 1
    except Stopped as stopped:
        print(f"stopped {name} by {stopped}, {case.place}")
        return stopped.code
    finally:
        watch_no_more()
        end_all()
        if options.keep:
            print(f"kept: {work}")
        else:
            shutil.rmtree(work, ignore_errors=True)
    print(f"ok {name}: {case.case['about']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
