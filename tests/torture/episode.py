"""Carries one plan out on a pair of sandboxes and judges what came of it."""

import shutil
import time
from pathlib import Path

from cells import BULK_FAULTS
from judge import Judge
from plan import DELETE_TAG, LAG, TAG
from sandbox import Failure, Run, bin_dir, environment_for, fill_template
from strikes import make_strike
from strikes_machine import OwnDisk
from watch import Watch

E2E = Path(__file__).resolve().parents[1] / "e2e"
FINISHED = (0, 1)          # done; done with record errors
STOPPED = (3, 4)           # cannot connect, interrupted: what a fault may do to a run
BULK = (*BULK_FAULTS, "import_left_open")


class Episode:
    def __init__(self, plan, sandboxes, work):
        self.plan, self.sandboxes, self.work = plan, sandboxes, work
        self.fault, self.phase = plan["cell"]
        self.bin = bin_dir()
        self.state = work / "state"
        self.source, self.destination = sandboxes["chargebee"], sandboxes["activecampaign"]
        self.watch = Watch(sandboxes, plan["settings"])
        self.judge = Judge(self)
        self.problems = []
        self.proof = None
        self.lost_memory = False  # a process ended with its work unfinished
        self.strikes = 0     # how often something may have had to be written again
        self.log = []
        self.runs = 0
        self.disk = None
        self.run_options = {}

    def run(self):
        self.set_up()
        try:
            for act in self.plan["acts"]:
                self.act(act)
            self.finish()
        except Failure as failure:
            self.problems.append(str(failure))

    def close(self):
        """After the evidence has been kept."""
        if self.disk:
            self.disk.release()
            self.disk = None

    def set_up(self):
        site = {"customers": 0, **self.plan["site"]}
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir(parents=True)
        if self.fault == "disk_full":
            self.disk = OwnDisk(self.state)
        self.source.reset(site)
        self.destination.reset({})
        self.source.clock({"set_ms": int(time.time() * 1000)})
        template = (E2E / "integration.yaml").read_text()
        text = fill_template(template, self.plan["settings"])
        (self.work / "integration.yaml").write_text(text)
        self.environment = environment_for(self.work, self.sandboxes)
        self.source.mutate({"insert": self.plan["people"]})

    def act(self, act):
        if "source" in act:
            self.change(act["source"])
            self.judge.look()
        elif "hand" in act:
            self.hand(act["hand"])
        elif "pass" in act:
            self.source.clock({"advance_ms": act["pass"] * 1000})
        elif "mark" in act:
            self.judge.mark()
        else:
            self.do_run(act)

    def change(self, body):
        try:
            self.source.mutate(body)
        except Failure as failure:
            # Whom it concerns was to be made during a run that ended before.
            if "not found" not in str(failure):
                raise

    def hand(self, hand):
        body = self.watch.body(hand)
        if body is None:
            return
        try:
            answer = self.destination.mutate(body)
        except Failure:
            return  # nobody is there to whom it could happen
        self.watch.happened(hand, answer)

    def do_run(self, act):
        self.judge.look()
        planned = self.plan_meanwhile(act.get("during", ()))
        environment = dict(self.environment)
        strike = make_strike(act["strike"], self) if "strike" in act else None
        if "strike" not in act or act["strike"]["how"] not in BULK:
            self.destination.mutate({"bulk": {"stick_waiting": False}})
        try:
            if strike:
                strike.arm(environment)
            self.runs += 1
            run = Run([act["run"][0], "integration.yaml", *act["run"][1:], "--json"], self.work,
                      environment, **self.run_options)
            if strike:
                strike.attend(run)
            code = run.wait()
            proof = strike.proof(run) if strike else None
        finally:
            if strike:
                strike.disarm()
        self.log.append(f"{' '.join(act['run'])}: exit {code}" + (f"; {proof}" if proof else ""))
        self.learn_meanwhile(planned)
        if proof:
            self.strikes += strike.times()
            killed = act["strike"]["how"] in ("host_killed", "worker_killed")
            self.lost_memory = self.lost_memory or killed or code not in FINISHED
            if act.get("counts"):
                self.proof = proof
        self.judge_run(run, code, act, proof)
        self.judge.look()
        return run

    def plan_meanwhile(self, during):
        planned = []
        for entry in during:
            box = self.sandboxes[entry["sandbox"]]
            body = entry["source"] if "source" in entry else self.watch.body(entry["hand"])
            if body is not None:
                number = box.mutate({**body, "after": entry["after"]})["scheduled"]
                planned.append((box, number, entry.get("hand")))
        return planned

    def learn_meanwhile(self, planned):
        boxes = {box for box, _, _ in planned}
        for box in boxes:
            box.forget_scheduled()
        ran = {(box, row["id"]): row["result"] for box in boxes for row in box.stats()["mutations"]}
        results = [(hand, ran.get((box, number))) for box, number, hand in planned]
        happened = [(hand, result) for hand, result in results
                    if hand and isinstance(result, dict) and "error" not in result]
        for hand, result in happened:
            self.watch.happened(hand, result, [answer for _, answer in happened])

    def judge_run(self, run, code, act, proof):
        if code == -9 and act["strike"]["how"] == "host_killed":
            return
        allowed = FINISHED + (STOPPED if proof else ())
        if code not in allowed:
            self.problems.append(f"exit code {code}: {run}")
        if code not in FINISHED or act["run"][0] == "check":
            return
        self.problems += self.judge.sums(run)

    # The end: everything is quiet, and all must be right.

    def finish(self):
        if self.plan["site"]["visibility_lag"]:
            self.source.clock({"advance_ms": (LAG + 1) * 1000})
        Run(["errors", "retry", "integration.yaml", "--all", "--why", "torture", "--json"], self.work,
            self.environment).wait()
        self.do_run({"run": ["incremental"]})
        self.problems += self.judge.end()
        self.expect_no_writes("incremental")
        if self.plan["seed"] % 3 == 0:
            self.expect_no_writes("full")
        self.problems += self.judge.state(self.state)

    def expect_no_writes(self, verb):
        before = self.destination.dump()
        self.do_run({"run": [verb]})
        self.problems += self.judge.nothing_written(before, verb)

    def settings(self):
        settings = self.plan["settings"]
        return {**settings, "delete_tag": DELETE_TAG,
                "cancelled_tag": TAG if "rules" in settings else None}
