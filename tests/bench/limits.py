"""Both vendors' real limits, enforced by the sandboxes: how much of the binding one is used, and that none is broken."""

import json
import math
import threading
import time
import urllib.error
import urllib.request
from base64 import b64encode

from figures import Section, Table, count, percent
from world import KEY, World, require

# (calls, seconds): what the vendors allow, and what the configuration files say.
CHARGEBEE = (150, 60)
GENERAL = (5, 1)
IMPORTS = (100, 60)
PER_IMPORT = 250
# Records that wait for an address in the last import follow in one of their own.
NOT_FULL = 1
WINDOW = 61
MARGIN = 0.98
MISSING = (
    "besides the windows of its limit a run waits for the first pages to be taken, at ActiveCampaign's five calls a second, and for the answers "
    "to its last imports. That is the same for a short run as for a long one: in a few minutes it is more than 2 %. Where the five calls a "
    "second bind, a margin of 15 ms after each second is given away as well (1.5 %), and in time that passes four times as fast whatever this "
    "machine takes to wake up and to send a call counts four times, after each of them.")


def least_seconds(calls, limit):
    """The least time in which so many calls can be made: the last one has to wait for all full windows before it."""
    allowed, seconds = limit
    return max(calls - 1, 0) // allowed * seconds


def uses(result):
    """{limit: least seconds} of one run; the greatest is the one that binds."""
    calls = {side: result.requests(side) for side in ("source", "destination")}
    return {
        "Chargebee, 150 a minute": least_seconds(sum(calls["source"].values()), CHARGEBEE),
        "ActiveCampaign, 5 a second": least_seconds(sum(calls["destination"].values()), GENERAL),
        "ActiveCampaign, 100 imports a minute":
            least_seconds(calls["destination"].get("POST /import/bulk_import", 0), IMPORTS)}


def check_limits(chargebee, activecampaign, scale):
    """How many requests were answered with a limit: none, unless time runs so fast that a moment's delay is long."""
    refused = {box.vendor: box.stats()["rate_limited"] for box in (chargebee, activecampaign)}
    for vendor, times in refused.items():
        # In scaled time this machine's delays are as many times longer: of a second's window too much.
        require(times == 0 or (scale > 1 and vendor == "activecampaign"),
                f"the {vendor} sandbox answered {times} requests with its limit")
    return sum(refused.values())


def check_calls(stats, delivered):
    """What holds at any speed, by the sandbox's account: imports are full, their results are asked for once or twice."""
    # What was refused by the limit did not take place; that there is nothing of the kind is checked by itself.
    calls = {route: sum(times for status, times in answers.items() if status != "429")
             for route, answers in stats["requests"].items()}
    imports = calls.get("POST /api/3/import/bulk_import", 0)
    fewest = math.ceil(delivered / PER_IMPORT)
    require(imports <= fewest + NOT_FULL, f"{imports} imports for {delivered} contacts, {fewest} would do")
    asked = calls.get("GET /api/3/import/info", 0)
    require(asked <= 2 * imports, f"{asked} questions for the results of {imports} imports")
    return imports, asked


def full(section, rows, scale, customers, transport="auto", per_minute=CHARGEBEE[0], latency_ms=0):
    """A first full walk under both limits."""
    with World(scale) as world:
        chargebee, activecampaign = world.chargebee(customers, per_minute), world.activecampaign(True)
        file = world.integration(chargebee, activecampaign, per_minute=per_minute, per_second=GENERAL[0],
                                 transport=transport)
        if latency_ms:
            for box in (chargebee, activecampaign):
                box.fault({"kind": "delay", "route": "", "delay_ms": latency_ms})
        # As it is run: after `initial`, which creates the fields. A minute later no window holds a call of it.
        world.sluice("initial", "--force", file)
        time.sleep(WINDOW / scale)
        result = world.sluice("full", file)
        limits = uses(result)
        limits["Chargebee, 150 a minute"] = least_seconds(sum(result.requests("source").values()),
                                                          (per_minute, 60))
        if per_minute != CHARGEBEE[0]:
            limits[f"Chargebee, {per_minute} a minute"] = limits.pop("Chargebee, 150 a minute")
        binding = max(limits, key=limits.get)
        used = limits[binding] / result.seconds
        refused = check_limits(chargebee, activecampaign, scale)
        imports, asked = "", ""
        if transport == "auto":
            imports, asked = check_calls(activecampaign.stats(), result.sync["delivered"])
        label = f"{count(customers)} customers, {transport}, ×{scale}" + (f", {latency_ms} ms away" if latency_ms else "")
        rows.append([label, binding, count(result.seconds),
                     count(limits[binding]), percent(used), refused, count(result.sync["delivered"]),
                     imports, asked])
        if not latency_ms:  # a first burst that takes as long as a window is a matter of the distance
            section.claim(f"{label}: over 98 % of the binding limit is used ({binding})", percent(used), used > MARGIN, MISSING)
        section.claim(f"{label}: no answer says that a limit is broken", refused, refused == 0)


def unchanged(scale, customers):
    """A second full walk writes nothing but what was refused before."""
    with World(scale) as world:
        file = world.integration(world.chargebee(customers), world.activecampaign())
        world.sluice("full", "--force", file)
        again = world.sluice("full", file)
        writes = {name: calls for name, calls in again.requests("destination").items()
                  if not name.startswith("GET ")}
        require(again.sync["delivered"] == 0, f"{again.sync['delivered']} unchanged records were delivered again")
        require(sum(writes.values()) <= again.sync["rejected"],
                f"writes to the destination although nothing has changed: {writes}")
        return again


class OtherClient:
    """Somebody who spends the same account's budget, evenly, at `rate` calls a minute of scaled time."""

    def __init__(self, sandbox, rate, scale):
        self.answers = {}
        self.over = threading.Event()
        self.pause = 60 / rate / scale
        self.request = urllib.request.Request(
            sandbox.url + "/api/v2/customers?limit=1",
            headers={"Authorization": "Basic " + b64encode(f"{KEY}:".encode()).decode()})
        self.thread = threading.Thread(target=self._ask, daemon=True)
        self.thread.start()

    def _ask(self):
        while not self.over.wait(self.pause):
            try:
                with urllib.request.urlopen(self.request) as answer:
                    status = answer.status
            except urllib.error.HTTPError as error:
                status = error.code
            self.answers[status] = self.answers.get(status, 0) + 1

    def stop(self):
        self.over.set()
        self.thread.join()


def beside_another_client(section, scale, customers, rate=60):
    with World(scale) as world:
        chargebee, activecampaign = world.chargebee(customers, CHARGEBEE[0]), world.activecampaign(True)
        file = world.integration(chargebee, activecampaign, per_minute=CHARGEBEE[0], per_second=GENERAL[0])
        other = OtherClient(chargebee, rate, scale)
        result = world.sluice("full", "--force", file)
        other.stop()
        stats = chargebee.stats()
        require(stats["rate_limited"] > 0, "the other client never made the account's limit tell")
        read = result.sync["read"]
        require(read >= customers, f"{read} of {customers} customers were read")
        require(result.sync["pending"] == 0, "writes were left open")
        mine = sum(result.requests("source").values())
        theirs = sum(other.answers.values())
        allowed = result.seconds / 60 * CHARGEBEE[0]
        ok = sum(by_status.get("200", 0) for by_status in stats["requests"].values())
        section.parts.append(Table(
            ["beside a client that makes 60 calls a minute", ""],
            [["customers", count(customers)], ["seconds", count(result.seconds)],
             ["calls of Sluice", count(mine)], ["of them answered with the limit", result.limit_answers()],
             ["calls of the other client", f"{count(theirs)} ({json.dumps(other.answers)})"],
             ["of what the account allows in that time, both were given", percent(min(ok / allowed, 1))]]))
        section.claim("beside another client over 90 % of what the account allows is used", percent(min(ok / allowed, 1)),
                      ok / allowed > 0.9)


def two_processes(section, scale, customers):
    """Two integrations that read one account, each in a process of its own, at once."""
    with World(scale) as world:
        chargebee = world.chargebee(customers, CHARGEBEE[0])
        accounts = {name: world.activecampaign(True) for name in ("one", "two")}
        runs = [world.start("full", "--force", world.integration(
            chargebee, account, name=f"bench-{name}", per_minute=CHARGEBEE[0], per_second=GENERAL[0]))
            for name, account in accounts.items()]
        results = [run.wait() for run in runs]
        refused = sum(check_limits(chargebee, account, scale) for account in accounts.values())
        for account, result in zip(accounts.values(), results):
            check_calls(account.stats(), result.sync["delivered"])
        calls = [sum(result.requests("source").values()) for result in results]
        least = least_seconds(sum(calls), CHARGEBEE)
        took = max(result.seconds for result in results)
        section.parts.append(Table(
            [f"{count(customers)} customers, read by two processes at once, ×{scale}", "calls to Chargebee", "seconds"],
            [[name, count(made), count(result.seconds)] for name, made, result in zip(accounts, calls, results)] +
            [["both", count(sum(calls)), count(took)]],
            f"The limit leaves {count(least)} s for that many calls: {percent(least / took)} of it was used; "
            f"{refused} calls were answered with a limit."))
        section.claim("two processes share one budget and use over 98 % of it", percent(least / took),
                      least / took > MARGIN)


def measure(quick):
    section = Section("Rate limits", (
        "Real limits, enforced by the sandboxes: Chargebee's 150 requests in any minute; ActiveCampaign's 5 a second "
        "and 100 imports a minute. *Least* is the shortest time in which that many calls can be made at all; the "
        "use of a limit is the least time over the time that the run took, start and end included. The fields are there, from "
        "`initial`. ×N: the sandboxes "
        "and Sluice run in a time that passes N times as fast (tests/bench/scaled_time.c), with unchanged settings; "
        "seconds are those of that time. *N ms away*: every answer is that late."))
    rows = []
    if quick:
        full(section, rows, 1, 1_000)
        two_processes(section, 2, 2_500)
        unchanged(1, 1_000)
        beside_another_client(section, 10, 8_000)
    else:
        full(section, rows, 1, 40_000)
        full(section, rows, 4, 100_000)
        full(section, rows, 4, 200_000, per_minute=1_000)
        full(section, rows, 4, 20_000, latency_ms=300)
        full(section, rows, 1, 500, transport="sync")
    section.parts.insert(0, Table(
        ["full", "binding limit", "seconds", "least", "used", "limit answers", "contacts",
         "imports", "questions"], rows))
    if not quick:
        unchanged(1, 100_000)
        beside_another_client(section, 4, 40_000)
        two_processes(section, 4, 40_000)
    section.text += (" A walk in which nothing has changed writes nothing: checked with "
                     f"{'1,000' if quick else '100,000'} customers.")
    return section
