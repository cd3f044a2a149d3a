"""What all faults have in common: each is armed before a run, acts while it runs, and proves afterwards that it struck.

  arm()            before the run starts: may change its environment
  attend(run)      while it runs; returns once the fault has struck or cannot any more
  proof(run)       after it ended: what proves that the fault struck in its phase; None: it did not
  disarm()         always, at the end
"""

import time

PATIENCE = 0.01


class Strike:
    def __init__(self, spec, episode):
        self.spec, self.episode = spec, episode
        self.box = episode.sandboxes.get(spec.get("sandbox"))
        self.fault = None

    def arm(self, environment):
        pass

    def attend(self, run):
        pass

    def proof(self, run):
        raise NotImplementedError

    def disarm(self):
        if self.fault is not None:
            self.box.release(self.fault)
            self.fault = None

    def times(self):
        """How often it may have made Sluice unsure of what it had written."""
        return 1

    # Standing still at the anchor.

    def hold(self):
        body = {"kind": "hold", "route": self.spec["route"], "skip": self.spec["skip"]}
        if "request_contains" in self.spec:
            body["request_contains"] = self.spec["request_contains"]
        self.fault = self.box.fault(body)["id"]

    def held(self, run):
        """Waits until the run stands still at the anchor; false when it ended without."""
        while not self.box.holds(self.fault):
            if run.ended():
                return False
            time.sleep(PATIENCE)
        return True

    def let_go(self):
        if self.fault is not None:
            self.box.release(self.fault)
            self.fault = None
