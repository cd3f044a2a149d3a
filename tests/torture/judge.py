"""Says what is wrong: the oracle on both dumps, the account of each run, writes without need."""

import json
import sqlite3

import oracle
from watch import former_addresses

OUTCOMES = ("delivered", "unchanged", "deleted", "filtered", "superseded", "stale", "pending",
            "rejected", "valid")
WRITES = ("create", "sync", "update", "bulk")


def versions_in(event):
    """(customer, version) of everything that an event tells of. A gift may make its giver a customer
    who is to be written, and changes what the receiver has."""
    content = event["content"]
    for name in ("customer", "subscription", "gift"):
        row = content.get(name)
        if not row:
            continue
        concerned = {"customer": lambda: [row["id"]], "subscription": lambda: [row["customer_id"]],
                     "gift": lambda: [row["gifter"]["customer_id"],
                                      row["gift_receiver"]["customer_id"]]}[name]()
        for key in dict.fromkeys(concerned):
            yield key, row["resource_version"]


class Judge:
    def __init__(self, episode):
        self.episode = episode
        self.oracle = oracle.Oracle()
        self.marked = None

    def look(self):
        """What the source holds now may be delivered by the next run."""
        self.oracle.settings = self.episode.settings()
        self.oracle.may_deliver(self.episode.source.dump())

    def mark(self):
        self.marked = self.dumps()

    def dumps(self):
        return self.episode.source.dump(), self.episode.destination.dump()

    def sums(self, run):
        try:
            report = json.loads(run.out.read_text())
        except ValueError:
            return [f"the output is no JSON: {run}"]
        out = []
        for sync in report["syncs"]:
            total = sum(sync.get(name, 0) for name in OUTCOMES)
            if total != sync["read"]:
                out.append(f"{sync['read']} records were read, {total} are accounted for: {run}")
        return out

    def end(self):
        """After the last quiet run."""
        source, account = self.dumps()
        watch, settings = self.episode.watch, self.episode.settings()
        struck = self.episode.lost_memory and settings["on_delete"] == "unsubscribe"
        self.oracle.settings = {
            **settings, **watch.settings(source, account, settings["resubscribe"], struck,
                                          self.episode.lost_memory)}
        out = self.oracle.problems(source, account)
        out += self.error_problems(source)
        out += self.needless_problems(source, account)
        return out + self.storm_problems(source, account)

    def error_problems(self, source):
        """Exactly the records that must fail are open errors: none is dropped in silence."""
        wanted = self.oracle.failing(oracle.Site(source))
        path = self.episode.state / "case" / "state.db"
        if not path.exists():
            return ["there is no state"]
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as state:
            rows = state.execute("SELECT key, code, message FROM errors WHERE state<>2").fetchall()
        found = {row[0]: f"{row[1]}, {row[2]}" for row in rows}
        return ([f"{key}: must be an open error, but is none" for key in sorted(wanted - set(found))] +
                [f"{key}: is an open error ({found[key]}), but the record is fine"
                 for key in sorted(set(found) - wanted)])

    def needless_problems(self, source, account):
        """Contacts for which nothing has changed since the mark are byte for byte what they were."""
        if self.marked is None:
            return []
        before, then = self.marked
        was, now = self.stories(before), self.stories(source)
        by_id = {contact["id"]: contact for contact in account["contacts"]}
        touched = self.episode.watch.touched
        out = []
        for contact in then["contacts"]:
            email = contact["email"].lower()
            if email not in was or was[email] != now.get(email) or email in touched:
                continue
            if by_id.get(contact["id"]) != contact:
                out.append(f"{email}: was {contact}, is {by_id.get(contact['id'])}, though nothing "
                           "has changed")
        return out

    def stories(self, source):
        """{address: all that ever concerned it}: equal stories, no reason to write."""
        site, former = oracle.Site(source), former_addresses(source)
        versions = {}
        for event in source["events"]:
            for key, version in versions_in(event):
                versions.setdefault(key, []).append(version)
        stories = {}
        for customer in source["customers"]:
            story = (customer["id"], site.fields(customer), tuple(versions.get(customer["id"], ())))
            for email in former.get(customer["id"], ()):
                stories.setdefault(email, []).append(story)
        return stories

    def storm_problems(self, source, account):
        """Nobody is written more often than there were versions and faults."""
        former, versions = former_addresses(source), {}
        for event in source["events"]:
            for key, _ in versions_in(event):
                versions[key] = versions.get(key, 0) + 1
        renamed = sum(1 for row in source["item_prices"] + source["plans"]
                      if row.get("name", "").startswith("Plan ") or
                      (row.get("external_name") or "").startswith("Plan "))
        out = []
        for contact in account["contacts"]:
            email = contact["email"].lower()
            concerned = [key for key, addresses in former.items() if email in addresses]
            most = (sum(versions.get(key, 0) for key in concerned) + renamed + 1 +
                    self.episode.strikes + len(self.episode.watch.touched))
            writes = sum(contact["writes_by"].get(kind, 0) for kind in WRITES)
            if concerned and writes > most:
                out.append(f"{email}: written {writes} times, at most {most} have a reason")
        return out

    def nothing_written(self, before, verb):
        after = self.episode.destination.dump()
        if before["contacts"] == after["contacts"] and before["deleted"] == after["deleted"]:
            return []
        old = {contact["id"]: contact for contact in before["contacts"]}
        new = {contact["id"]: contact for contact in after["contacts"]}
        changed = [f"was {old.get(key)}, is {new.get(key)}"
                   for key in sorted(set(old) | set(new)) if old.get(key) != new.get(key)]
        return [f"a further {verb} writes, though nothing has changed:\n    " + "\n    ".join(changed)]

    @staticmethod
    def state(folder):
        """Nothing is left unsettled, and the file is whole."""
        out = []
        path = folder / "case" / "state.db"
        if not path.exists():
            return []
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as state:
            for table in ("intents", "receipts", "pending_writes", "orphans WHERE reason<>3"):
                rows = state.execute(f"SELECT * FROM {table}").fetchall()
                if rows:
                    out.append(f"the state still holds {table}: {rows[:3]}")
            whole = state.execute("PRAGMA integrity_check").fetchone()[0]
            if whole != "ok":
                out.append(f"the state is damaged: {whole}")
        return out
