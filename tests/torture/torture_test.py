#!/usr/bin/env python3
"""Holds the torturer's own parts: plans follow from their seeds, every cell can be planned."""

import json
import random
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "harness")]
import cells  # noqa: E402
from judge import Judge  # noqa: E402
from plan import make_plan  # noqa: E402
from population import EVERYDAY, Population  # noqa: E402
from watch import Watch  # noqa: E402


class PlanTest(unittest.TestCase):
    def test_a_seed_makes_the_same_plan_again(self):
        for number, cell in enumerate(cells.CELLS):
            self.assertEqual(make_plan(cell, number), make_plan(cell, number))
            self.assertNotEqual(make_plan(cell, number)["people"],
                                make_plan(cell, number + 1)["people"])

    def test_a_plan_survives_being_kept_as_a_file(self):
        for number, cell in enumerate(cells.CELLS):
            plan = make_plan(cell, number)
            self.assertEqual(plan, json.loads(json.dumps(plan)))

    def test_exactly_one_run_of_a_plan_counts(self):
        for number, cell in enumerate(cells.CELLS):
            counting = [act for act in make_plan(cell, number)["acts"] if act.get("counts")]
            self.assertEqual(1, len(counting), cell)

    def test_every_pair_is_a_cell_or_has_a_reason(self):
        for fault in cells.FAULTS:
            for phase in cells.PHASES:
                is_cell = (fault, phase) in cells.CELLS
                self.assertNotEqual(is_cell, bool(cells.impossible(fault, phase)))

    def test_every_change_can_be_made(self):
        for catalog in (1, 2):
            people = Population(random.Random(1), catalog)
            people.people(20, False)
            for kind, _ in (*EVERYDAY, ("vanishes", 1), ("crowds", 1)):
                self.assertTrue(people.change(kind), kind)

    def test_a_crowd_fills_more_than_a_page_in_one_second(self):
        people = Population(random.Random(1), 2)
        rows = people.change("crowds")[0]["insert"]
        self.assertGreater(sum(row["type"] == "customer" for row in rows), 100)


class FakeSandbox:
    def __init__(self, dump):
        self.state = dump

    def dump(self):
        return self.state


class FakeEpisode:
    """A site of two customers, Ann and Ben, who both are contacts."""

    strikes = 0
    lost_memory = False

    def __init__(self):
        people = [{"id": key, "email": f"{key}@x.example", "first_name": key, "deleted": False,
                   "resource_version": 1} for key in ("ann", "ben")]
        subscriptions = [{"id": f"s_{p['id']}", "customer_id": p["id"], "status": "active",
                          "resource_version": 1} for p in people]
        self.source = FakeSandbox({
            "customers": people, "subscriptions": subscriptions, "gifts": [], "item_prices": [],
            "plans": [], "events": [self.event(p) for p in people]})
        self.destination = FakeSandbox({"deleted": [], "contacts": [
            {"id": str(n), "email": p["email"], "firstName": p["id"], "lists": {"Customers": 1},
             "tags": [], "writes": 1, "writes_by": {"sync": 1},
             "fields": {"Customer ID": p["id"], "Subscription ID": f"s_{p['id']}",
                        "Subscription status": "active"}} for n, p in enumerate(people)]})
        self.watch = Watch({"chargebee": self.source, "activecampaign": self.destination},
                           self.settings())

    @staticmethod
    def event(customer):
        return {"event_type": "customer_created", "content": {"customer": dict(customer)}}

    @staticmethod
    def settings():
        return {"on_duplicate": "latest", "resubscribe": "own"}


class JudgeTest(unittest.TestCase):
    """What the judge sees beside the oracle."""

    def setUp(self):
        self.episode = FakeEpisode()
        self.judge = Judge(self.episode)
        self.judge.marked = json.loads(json.dumps(self.judge.dumps()))

    def found(self):
        source, account = self.judge.dumps()
        return (self.judge.needless_problems(source, account) +
                self.judge.storm_problems(source, account))

    def test_accepts_what_is_right(self):
        self.assertEqual([], self.found())

    def test_sees_a_write_without_need(self):
        self.episode.destination.state["contacts"][0]["writes"] = 2
        self.assertIn("though nothing has changed", self.found()[0])

    def test_accepts_a_write_with_a_reason(self):
        self.episode.destination.state["contacts"][0]["writes"] = 2
        ann = self.episode.source.state["customers"][0]
        ann.update(resource_version=2, first_name="Anna")
        self.episode.source.state["events"].append(FakeEpisode.event(ann))
        self.assertEqual([], self.found())

    def test_a_gift_is_a_reason_to_write_both(self):
        for number, key in enumerate(("ann", "ben")):
            with self.subTest(key):
                self.setUp()
                self.episode.destination.state["contacts"][number]["writes"] = 2
                self.episode.source.state["events"].append({
                    "event_type": "gift_scheduled", "content": {"gift": {
                        "id": "g", "resource_version": 2, "gifter": {"customer_id": "ann"},
                        "gift_receiver": {"customer_id": "ben"}}}})
                self.assertEqual([], self.found())

    def test_sees_a_storm_of_writes(self):
        self.judge.marked = None
        self.episode.destination.state["contacts"][1]["writes_by"] = {"sync": 9}
        self.assertIn("written 9 times", self.found()[0])

    def test_sees_writes_of_a_run_that_had_nothing_to_do(self):
        before = json.loads(json.dumps(self.episode.destination.state))
        self.assertEqual([], self.judge.nothing_written(before, "full"))
        self.episode.destination.state["contacts"][1]["writes"] += 1
        self.assertTrue(self.judge.nothing_written(before, "full"))

    def test_an_opt_out_by_hand_binds_the_oracle(self):
        self.episode.watch.happened({"kind": "opts_out", "email": "ann@x.example"},
                                    {"updated": ["0"]})
        settings = self.episode.watch.settings(*self.judge.dumps(), "own", False, False)
        self.assertEqual(["ann@x.example"], settings["opted_out"])
        self.assertEqual(["0"], settings["opted_out_contacts"])

    def test_an_opt_out_that_nobody_can_see_does_not(self):
        hand = {"kind": "opts_out", "email": "ann@x.example"}
        self.episode.watch.happened(hand, {"updated": []})  # off the list already
        self.assertEqual(set(), self.episode.watch.opted_out)
        # Removed in the same run; somebody else's removal hides nothing.
        self.episode.watch.happened(hand, {"updated": ["0"]}, [{"deleted": ["0"]}])
        self.assertEqual(set(), self.episode.watch.opted_out)
        settings = self.episode.watch.settings(*self.judge.dumps(), "own", False, False)
        self.assertIn("ann@x.example", settings["may_be_off"])
        self.episode.watch.happened(hand, {"updated": ["0"]}, [{"deleted": ["1"]}])
        self.assertEqual({"ann@x.example"}, self.episode.watch.opted_out)

    def test_who_returns_must_be_on_the_list_unless_a_process_ended_too_early(self):
        source, account = self.judge.dumps()
        source["events"].append({"event_type": "customer_deleted",
                                 "content": {"customer": dict(source["customers"][0])}})
        account["contacts"][0]["lists"]["Customers"] = 2
        self.episode.destination.state = account
        self.episode.state = Path("/nowhere")
        self.episode.settings = lambda: {**FakeEpisode.settings(), "on_delete": "unsubscribe"}
        off = "ann@x.example: status on list 'Customers' is 2, but must be 1"
        for lost, wanted in ((False, True), (True, False)):
            self.episode.lost_memory = lost
            self.assertEqual(wanted, off in self.judge.end(), lost)

    def test_an_opt_out_binds_both_addresses_only_during_a_renaming_or_when_it_was_interrupted(self):
        watch = self.episode.watch
        source, account = self.judge.dumps()
        former = {**source["customers"][0], "email": "before@x.example"}
        source["events"].append({"event_type": "customer_changed", "content": {"customer": former}})
        watch.opted_out = {"ann@x.example"}
        for interrupted in (False, True):
            settings = watch.settings(source, account, "own", False, interrupted)
            self.assertEqual(interrupted, "before@x.example" in settings["may_be_off"])
        hand = {"kind": "opts_out", "email": "ann@x.example"}
        for at_once in (None, []):
            watch.happened(hand, {"updated": ["0"]}, at_once)
            settings = watch.settings(source, account, "own", False, False)
            self.assertEqual(at_once is not None, "before@x.example" in settings["may_be_off"])

    def test_a_contact_deleted_by_hand_may_be_missing_until_the_source_changes(self):
        self.episode.watch.happened({"kind": "deletes", "email": "ann@x.example"}, {})
        missing = lambda: self.episode.watch.settings(*self.judge.dumps(), "own", False, False)["may_be_missing"]
        self.assertEqual(["ann@x.example"], missing())
        self.episode.source.state["customers"][0]["first_name"] = "Anna"
        self.assertEqual([], missing())


if __name__ == "__main__":
    unittest.main()
