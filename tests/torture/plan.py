"""From a cell and a seed to an episode: plain data, so that a plan can be kept as a file.

  {"name", "cell": [fault, phase], "seed", "site": {catalog, offset_mode, visibility_lag},
   "settings": {…of the integration}, "people": [insert rows], "acts": [act, …]}

Acts, in their order:
  {"source": body}                 what happens at the source
  {"hand": {kind, …}}              what somebody does at the destination (watch.py)
  {"pass": seconds}                the source's clock goes on
  {"run": [verb, …], "during": [{"sandbox", "after": {route, count}, "source" | "hand": …}],
   "strike": {…}}                  a run, what happens meanwhile, the fault (strikes.py), if any;
                                   "counts": true marks the one that the cell is about
  {"mark": true}                   what is there now must not be written again without need
"""

import random

import cells
from cells import ACTIVECAMPAIGN, CHARGEBEE
from population import Population, everyday

TAG, DELETE_TAG = "churned", "deleted-in-source"
LAG = 30
FULL, INCREMENTAL = ["full", "--force"], ["incremental"]
INITIAL = ["initial", "--force"]


class Maker:
    def __init__(self, cell, seed):
        self.fault, self.phase = cell
        self.rng = random.Random(f"{cells.cell_name(cell)}:{seed}")
        self.settings = self.make_settings()
        lag = self.rng.choice((0, LAG))
        self.site = {"catalog": self.rng.choice((1, 2)), "visibility_lag": lag,
                     "offset_mode": self.rng.choice(("positional", "keyset"))}
        self.settings["visibility_lag"] = self.rng.choice((lag, lag + 30))
        self.people = Population(self.rng, self.site["catalog"])
        self.acts = []
        self.made_changes = {}

    def make_settings(self):
        rng = self.rng
        bulk = self.fault in cells.BULK_FAULTS or self.phase == "bulk_in_flight"
        settings = {
            "transport": "bulk" if bulk else rng.choice(("sync", "bulk")),
            "on_duplicate": rng.choice(("latest", "latest", "first", "error")),
            "on_delete": rng.choice(("unsubscribe", "delete", "tag") +
                                    (("keep",) if self.phase != "deletions" else ())),
            "resubscribe": rng.choice(("own", "own", "own", "never", "always")),
            "gift_purchasers": rng.choice(("true", "true", "false")),
            "documents": rng.choice(("true", "true", "false")),
            "max_deletes": 1000,
        }
        if rng.random() < 0.5:
            settings["rules"] = ('[{when: .subscription.status == "cancelled", set: {tags: [%s]}}]'
                                 % TAG)
        return settings

    # Small pieces.

    def made(self, kind):
        """The bodies of a change, counted for the report."""
        bodies = self.people.change(kind) or []
        if bodies:
            self.made_changes[kind] = self.made_changes.get(kind, 0) + 1
        return bodies

    def change(self, kind):
        self.acts += [{"source": body} for body in self.made(kind)]

    def changes(self, least, most):
        for _ in range(self.rng.randint(least, most)):
            self.change(everyday(self.rng))

    def settle(self):
        """Makes what has been changed visible."""
        if self.site["visibility_lag"]:
            self.acts.append({"pass": LAG + 1})

    def run(self, *arguments):
        self.acts.append({"run": list(arguments)})

    def hands(self, least, most):
        for _ in range(self.rng.randint(least, most)):
            hand = self.hand()
            if hand:
                self.acts.append({"hand": hand})

    def hand(self):
        rng = self.rng
        email = lambda: rng.choice(list(self.people.emails.values()))
        kind = rng.choice(("opts_out", "opts_out", "edits", "tags", "deletes", "merges", "makes"))
        if kind == "merges":
            return {"kind": kind, "from": email(), "into": email()}
        if kind == "makes":
            # Somebody who is to become, or already is, a customer; or a stranger.
            address = rng.choice((email(), self.people.unique("stranger") + "@w.example"))
            return {"kind": kind, "email": address, "status": rng.choice((None, 1, 2))}
        return {"kind": kind, "email": email(), "value": self.people.unique("by hand ")}

    def during(self):
        """What happens while a run reads and writes: before and behind the read position."""
        rng, out = self.rng, []
        for _ in range(rng.choice((0, 1, 2, 4))):
            after = rng.choice(((CHARGEBEE, cells.READS, 5), (CHARGEBEE, "GET /api/v2/customers", 2),
                                (ACTIVECAMPAIGN, "(POST|PUT) /api/3/", 6)))
            when = {"route": after[1], "count": rng.randint(1, after[2])}
            for body in self.made(everyday(rng)):
                # One sandbox cannot watch the other's requests: what happens at the source is
                # timed by what the source is asked.
                at = when if after[0] == CHARGEBEE else {"route": cells.READS, "count": 3}
                out.append({"sandbox": CHARGEBEE, "after": at, "source": body})
            if rng.random() < 0.4:
                hand = self.hand()
                at = when if after[0] == ACTIVECAMPAIGN else {"route": cells.ACCOUNT, "count": 3}
                out.append({"sandbox": ACTIVECAMPAIGN, "after": at, "hand": hand})
        return out

    def strike(self, phase=None, fault=None):
        phase, fault = phase or self.phase, fault or self.fault
        rng = self.rng
        sandbox, route, skip = cells.anchor(phase, self.settings["transport"],
                                            self.settings["on_delete"], rng)
        strike = {"how": fault, "sandbox": sandbox, "route": route, "skip": skip}
        if phase == "deletions" and self.settings["on_delete"] == "unsubscribe":
            strike["request_contains"] = '"status":2'
        if fault in cells.HTTP_FAULTS:
            strike["how"], strike["fault"] = "http", dict(cells.HTTP_FAULTS[fault])
            strike["fault"]["times"] = rng.choice((1, 1, 2, 3, 8))
            if fault in ("status_429", "slow"):
                strike["fault"]["times"] = rng.choice((1, 1, 2))
            if fault == "slow":
                strike["fault"]["delay_ms"] = rng.choice((200, 700, 1500))
        elif fault in ("host_killed", "worker_killed"):
            strike["late_ms"] = rng.choice((0, 0, rng.randint(1, 60)))
            source = sandbox == CHARGEBEE
            strike["worker"] = rng.choice((CHARGEBEE if source else ACTIVECAMPAIGN, sandbox))
        elif fault == "bulk_fails":
            strike["bulk"] = rng.choice(({"fail_next": 1}, {"interrupt_next": 1}, {"fail_next": 2}))
        elif fault == "bulk_names_too_few":
            strike["bulk"] = {"omit_rows": rng.randint(1, 4), "omit_batches": rng.choice((1, 2)),
                              "omitted_are_applied": rng.random() < 0.5}
        elif fault == "clock_jumps":
            strike["seconds"] = rng.choice((-1, 1)) * rng.choice((90, 7200, 40 * 86_400))
        return strike

    def struck(self, arguments, phase=None, fault=None, counts=True):
        act = {"run": list(arguments), "during": self.during(),
               "strike": self.strike(phase, fault)}
        if self.fault == "bulk_sticks" and counts:
            # Longer than the connector waits before it asks for the first time.
            act["run"] += ["--settle-timeout", "3"]
        if counts:
            act["counts"] = True
        self.acts.append(act)

    def leave_open_receipt(self, arguments):
        """A run whose import has no result yet when it ends."""
        self.acts.append({"run": [*arguments, "--settle-timeout", "0"],
                          "strike": {"how": "import_left_open"}})

    # The parts of an episode.

    def prepare(self):
        rng = self.rng
        crowd = self.phase.endswith("reading") and rng.random() < 0.15
        if crowd:
            self.made_changes["crowds"] = 1
        rows = self.people.people(rng.randint(101, 112) if crowd else rng.randint(14, 32), crowd)
        if rng.random() < 0.4:
            self.hands(1, 2)
        self.settle()
        return rows

    def make(self):
        rows = self.prepare()
        getattr(self, "make_" + self.phase)()
        return rows, self.acts

    def baseline(self):
        self.run(*FULL)
        self.acts.append({"mark": True})

    def after(self, arguments):
        """The world goes on, and the run is tried again; sometimes it is hit again."""
        rng = self.rng
        if rng.random() < 0.5:
            self.changes(1, 2)
        if rng.random() < 0.3:
            self.hands(1, 1)
        if rng.random() < 0.2:
            phase = "incremental_writing" if arguments == INCREMENTAL else "full_writing"
            self.struck(arguments, phase, rng.choice(("host_killed", "worker_killed")), counts=False)
        self.run(*arguments)

    def make_check(self):
        if self.rng.random() < 0.3:
            self.baseline()
            self.changes(1, 3)
        self.struck(["check"])
        self.after(FULL)

    def make_validate(self):
        self.struck(["validate"])
        self.changes(0, 2)
        self.run("validate")
        self.after(FULL)

    def make_initial_reading(self):
        if self.rng.random() < 0.5:
            self.run("validate")
        self.struck(INITIAL)
        self.after(INITIAL)
        self.run(*FULL)

    make_initial_writing = make_initial_reading

    def make_full_reading(self):
        if self.fault in cells.BULK_FAULTS:
            self.leave_open_receipt(FULL)
            self.changes(1, 3)
            self.settle()
        elif self.rng.random() < 0.3:
            self.run(*INITIAL)
        self.struck(FULL)
        self.after(FULL)

    def make_full_writing(self):
        if self.rng.random() < 0.3:
            self.run("validate")
            self.run(*INITIAL)
        self.struck(FULL)
        self.after(FULL)

    def make_bulk_in_flight(self):
        if self.rng.random() < 0.5:
            self.struck(FULL)
            self.after(FULL)
            return
        self.baseline()
        for _ in range(3):
            self.change("creates")
        self.changes(1, 4)
        self.settle()
        self.struck(INCREMENTAL)
        self.after(INCREMENTAL)

    def make_deletions(self):
        self.baseline()
        arguments = self.rng.choice((FULL, INCREMENTAL))
        for _ in range(self.rng.randint(2, 4)):
            self.change("vanishes" if arguments == FULL and self.rng.random() < 0.5 else "deletes")
        for _ in range(3 if self.fault in cells.BULK_FAULTS else self.rng.choice((0, 1))):
            self.change("creates")
        self.changes(0, 2)
        self.settle()
        self.struck(arguments)
        self.after(arguments)

    def make_incremental_reading(self):
        if self.fault in cells.BULK_FAULTS:
            self.baseline()
            for _ in range(3):
                self.change("creates")
            self.settle()
            self.leave_open_receipt(INCREMENTAL)
        else:
            self.baseline()
        if self.rng.random() < 0.1:
            self.change("crowds")
        self.changes(2, 6)
        self.hands(0, 2)
        self.settle()
        if self.rng.random() < 0.3:
            self.changes(1, 2)  # may not be visible yet
        self.struck(INCREMENTAL)
        self.after(INCREMENTAL)

    def make_incremental_writing(self):
        self.baseline()
        # An import takes two rows that only set something.
        for _ in range(3 if self.settings["transport"] == "bulk" else 1):
            self.change("creates")
        self.changes(2, 6)
        self.hands(0, 2)
        self.settle()
        self.struck(INCREMENTAL)
        self.after(INCREMENTAL)

    def make_catching_up(self):
        self.baseline()
        for _ in range(4):
            self.change("creates")
        self.changes(2, 5)
        self.settle()
        if self.settings["transport"] == "bulk":
            self.leave_open_receipt(INCREMENTAL)
        else:
            self.struck(INCREMENTAL, "incremental_writing", "host_killed", counts=False)
        self.changes(0, 2)
        self.settle()
        self.struck(INCREMENTAL)
        self.after(INCREMENTAL)


def make_plan(cell, seed):
    maker = Maker(cell, seed)
    people, acts = maker.make()
    return {"name": f"{cells.cell_name(cell)}:{seed}", "cell": list(cell), "seed": seed,
            "site": maker.site, "settings": maker.settings, "people": people, "acts": acts,
            "changes": maker.made_changes}
