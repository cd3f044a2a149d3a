"""Faults of the destination's importer."""

import time

from strike import Strike


class Bulk(Strike):
    """An import that ends badly: told to, while the run stands at the anchor."""

    def arm(self, environment):
        self.destination = self.episode.sandboxes["activecampaign"]
        self.before = {batch["id"]: batch for batch in self.batches()}
        if self.episode.phase in ("bulk_in_flight", "incremental_reading", "full_reading",
                                  "catching_up"):
            self.hold()
            self.destination.mutate({"bulk": {"stick_waiting": True}})
        else:
            self.destination.mutate({"bulk": {**self.wanted(), "stick_waiting": False}})

    def wanted(self):
        return self.spec["bulk"]

    def attend(self, run):
        if self.fault is None:
            return
        self.held(run)
        self.destination.mutate({"bulk": {**self.wanted(), "stick_waiting": False}})
        time.sleep(0.25)  # the importer's own delay
        self.batches()
        self.let_go()

    def batches(self):
        return self.destination.dump()["batches"]

    def proof(self, run):
        for batch in self.batches():
            if batch["status"] in ("failed", "interrupted") and self.is_new(batch):
                return f"batch {batch['id']} ended as {batch['status']}"
        return None

    def is_new(self, batch):
        return self.before.get(batch["id"], {}).get("status") != batch["status"]

    def times(self):
        return 2

    def disarm(self):
        super().disarm()
        self.destination.mutate({"bulk": {"stick_waiting": False, "fail_next": 0,
                                          "interrupt_next": 0, "omit_rows": 0, "omit_batches": 0}})


class BulkNamesTooFew(Bulk):
    def proof(self, run):
        for batch in self.batches():
            named = sum(len(batch[part]) for part in ("created", "updated", "failure"))
            if batch["status"] == "completed" and named < batch["contacts"] and self.is_new(batch):
                return f"batch {batch['id']} of {batch['contacts']} names {named}"
        return None


class BulkSticks(Bulk):
    def wanted(self):
        return {}

    def arm(self, environment):
        self.destination = self.episode.sandboxes["activecampaign"]
        self.before = {batch["id"]: batch for batch in self.batches()}
        self.asked = self.destination.requests().get("GET /api/3/import/info", 0)
        self.destination.mutate({"bulk": {"stick_waiting": True}})

    def attend(self, run):
        pass

    def proof(self, run):
        stuck = [batch for batch in self.batches() if batch["status"] == "waiting"]
        asked = self.destination.requests().get("GET /api/3/import/info", 0) - self.asked
        if stuck and (asked or len(stuck) > len(self.before)):
            return f"{len(stuck)} batches were waiting at the end, asked after {asked} times"
        return None


class ImportLeftOpen(BulkSticks):
    """Not a fault: only the state in which one is to strike."""

    def disarm(self):
        pass  # it goes on to stick until the next strike takes it
