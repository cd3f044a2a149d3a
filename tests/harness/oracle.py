#!/usr/bin/env python3
"""What ActiveCampaign must hold for the Chargebee site as it is, worked out without any of Sluice.

From the dumps of both sandboxes and the settings of the integration (those of integration.yaml):
every mailable customer must be exactly one contact with the default fields, on the list; nobody who
opted out may be back; whoever left is treated as on_delete says; nothing else may be there.

As a program: oracle.py CHARGEBEE_URL ACTIVECAMPAIGN_URL [setting=value ...]
"""

import datetime
import json
import re
import sys
import urllib.request

STATUS_ORDER = ["active", "non_renewing", "in_trial", "future", "paused", "cancelled"]
DECIMALS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "KWD": 3, "BHD": 3, "TND": 3}
ACTIVE, UNSUBSCRIBED = 1, 2
BUILT_IN = ("firstName", "lastName", "phone")


def is_email(text):
    return isinstance(text, str) and re.fullmatch(
        r'[^\s@"(),:;<>\[\]\\]+@[^\s@"(),:;<>\[\]\\.]+(\.[^\s@"(),:;<>\[\]\\.]+)*\.'
        r'[^\W_]{2,}[\w-]*', text) is not None


def day(seconds):
    if seconds is None:
        return None
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%d")


def money(minor, currency):
    if minor is None or currency is None:
        return None
    return minor / 10 ** DECIMALS.get(currency, 2)


class Site:
    """The Chargebee dump, joined."""

    def __init__(self, dump):
        self.customers = dump["customers"]
        self.subscriptions = {}
        for row in dump["subscriptions"]:
            if not row.get("deleted"):
                self.subscriptions.setdefault(row["customer_id"], []).append(row)
        self.plan_names = {row["id"]: row.get("external_name") or row.get("name")
                           for row in dump.get("item_prices", []) + dump.get("plans", [])}
        self.gifters = {gift["gifter"]["customer_id"] for gift in dump["gifts"]
                        if gift["gifter"]["customer_id"] != gift["gift_receiver"]["customer_id"]}

    def representing(self, customer):
        def rank(row):
            status = row.get("status")
            known = status in STATUS_ORDER
            place = STATUS_ORDER.index(status) if known else len(STATUS_ORDER)
            return (-place, row.get("created_at") or 0, row["id"])
        rows = self.subscriptions.get(customer["id"], [])
        return max(rows, key=rank) if rows else None

    def plan_code(self, subscription):
        for item in subscription.get("subscription_items", []):
            if item.get("item_type") == "plan":
                return item.get("item_price_id")
        return subscription.get("plan_id")

    def fields(self, customer):
        """The 18 default fields; None where there is no value."""
        subscription = self.representing(customer) or {}
        address = customer.get("billing_address") or {}
        plan = self.plan_code(subscription)
        return {
            "firstName": customer.get("first_name"),
            "lastName": customer.get("last_name"),
            "phone": customer.get("phone"),
            "Company": customer.get("company"),
            "Customer ID": customer["id"],
            "State": address.get("state"),
            "Country": address.get("country"),
            "MRR": money(subscription.get("mrr"), subscription.get("currency_code")),
            "Subscription ID": subscription.get("id"),
            "Plan code": plan,
            "Plan name": self.plan_names.get(plan),
            "Subscription created at": day(subscription.get("created_at")),
            "Subscription status": subscription.get("status"),
            "Trial end": day(subscription.get("trial_end")),
            "Cancellation reason":
                subscription.get("cancel_reason") or subscription.get("cancel_reason_code"),
            "Current term start": day(subscription.get("current_term_start")),
            "Current term end": day(subscription.get("current_term_end")
                                    or subscription.get("next_billing_at")),
        }

    def verdict(self, customer, settings):
        """deleted, filtered, invalid or wanted."""
        if customer.get("deleted") or customer.get("pii_cleared") == "cleared":
            return "deleted"
        if customer.get("active_id"):
            return "filtered"
        gifter = customer["id"] in self.gifters
        subscription = self.representing(customer)
        if subscription is None and gifter and settings.get("gift_purchasers", "true") == "false":
            return "filtered"
        if customer.get("cs_marketing") is False:
            return "filtered"
        if not is_email(customer.get("email")):
            return "invalid"
        if subscription is None and not gifter:
            return "invalid"
        return "wanted"

    def recency(self, customer):
        subscription = self.representing(customer)
        return ((subscription or {}).get("created_at") or 0, customer["id"])


class Oracle:
    """Compares again and again as both sides change; remembers who may have been delivered.

    Settings: gift_purchasers, on_delete, on_duplicate, list as in the integration, and
      opted_out   addresses whose people left the list themselves: never active again
      opted_out_contacts   ids of contacts whose people did: never active again either, whatever
                  their address is by now
      may_be_off  addresses that need not be active: it cannot be known whose decision holds there
      returned    of those who opted out, the ones that `resubscribe: always` may bring back
      rejected    addresses that the destination refuses: not compared
      foreign     addresses that were at the destination before: may hold more, never count as extra
      may_differ  {address: fields} that somebody changed by hand at the destination since
      may_be_missing   addresses whose contacts somebody deleted or merged by hand since
      made        ids of contacts that somebody made by hand: at an address that may be missing, such
                  a contact is nothing that Sluice has heard of
      merged      ids of contacts into which somebody merged others: may hold more tags
      own_tags    {contact's id: tags} that somebody added by hand: nobody else's to take away
      cancelled_tag   the tag that a rule gives to those whose subscription is cancelled
      delete_tag  what on_delete: tag adds
    """

    def __init__(self, settings=None):
        self.settings = settings or {}
        self.delivered = {}  # address -> ids of the customers who may have been delivered there
        self.ways = {}  # customer -> addresses in the order in which they were the customer's, once more with each look

    def addresses(self, name):
        return {email.lower() for email in self.settings.get(name, ())}

    def claims(self, site, customers):
        claims = {}
        for customer in customers:
            if site.verdict(customer, self.settings) == "wanted":
                claims.setdefault(customer["email"].lower(), []).append(customer)
        return claims

    def expected(self, site):
        pick = min if self.settings.get("on_duplicate") == "first" else max
        claims = self.claims(site, site.customers)
        return {email: pick(rows, key=site.recency) for email, rows in claims.items()}

    def failing(self, site):
        """Ids of the customers that must be open errors."""
        failing = {customer["id"] for customer in site.customers
                   if site.verdict(customer, self.settings) == "invalid"}
        if self.settings.get("on_duplicate", "error") == "error":
            owners = {customer["id"] for customer in self.expected(site).values()}
            for rows in self.claims(site, site.customers).values():
                failing |= {row["id"] for row in rows} - owners
        return failing

    def problems(self, chargebee, activecampaign, ignore_values=()):
        site = Site(chargebee)
        wanted = self.expected(site)
        found, out = {}, []
        for contact in activecampaign["contacts"]:
            email = contact["email"].lower()
            if email in found:
                out.append(f"{email}: there are two contacts: {found[email]['id']}, {contact['id']}")
            found[email] = contact
            out += self.hand_problems(email, contact)
        rejected, missing = self.addresses("rejected"), self.addresses("may_be_missing")
        made = self.settings.get("made", ())
        for email, customer in wanted.items():
            if email in rejected:
                continue
            if email not in found:
                if email not in missing:
                    out.append(
                        f"{email}: no contact, though customer {customer['id']} is to be there")
                continue
            if email in missing and found[email]["id"] in made:
                if self.has_left(email, found[email]):
                    out += self.list_problems(email, found[email])
                continue
            out += self.value_problems(email, site.fields(customer), found[email], ignore_values)
            out += self.list_problems(email, found[email])
            out += self.tag_problems(email, site.representing(customer), found[email])
        by_id = {customer["id"]: customer for customer in site.customers}
        for email, contact in found.items():
            if email not in wanted and email not in rejected:
                out += self.extra_problems(site, email, contact, by_id)
        self.may_deliver(chargebee)
        return out

    def may_deliver(self, chargebee):
        """Whoever is, or was in between, to be at the destination may be found there later."""
        site = Site(chargebee)
        past = [event["content"]["customer"] for event in chargebee.get("events", ())
                if "customer" in event.get("content", {})]
        for customer in past + site.customers:
            for email in self.claims(site, [customer]):
                ids = self.delivered.setdefault(email, [])
                if customer["id"] not in ids:
                    ids.append(customer["id"])
                self.ways.setdefault(customer["id"], []).append(email)

    def value_problems(self, email, fields, contact, ignore_values):
        out = []
        changed = self.settings.get("may_differ", {}).get(email, ())
        for name, value in fields.items():
            has = contact.get(name) if name in BUILT_IN else contact["fields"].get(name)
            # A value that is gone at the source is left alone: that is the preset's rule.
            if value is None or value == "" or name in ignore_values or name in changed:
                continue
            if isinstance(value, float):
                same = has not in (None, "") and abs(float(has) - value) < 1e-9
            else:
                same = (has or "") == str(value)
            if not same:
                out.append(f"{email}: {name} is {has!r}, but must be {value!r}")
        return out

    def list_problems(self, email, contact):
        name = self.settings.get("list", "Customers")
        status = contact["lists"].get(name)
        if self.has_left(email, contact):
            if status == ACTIVE:
                return [f"{email}: is on list {name!r} again, though the person opted out"]
        elif status != ACTIVE and email not in self.addresses("may_be_off"):
            return [f"{email}: status on list {name!r} is {status}, but must be {ACTIVE}"]
        return []

    def has_left(self, email, contact):
        if email in self.addresses("returned"):
            return False
        return (email in self.addresses("opted_out") or
                contact["id"] in self.settings.get("opted_out_contacts", ()))

    def tag_problems(self, email, subscription, contact):
        out = []
        rule, mark = self.settings.get("cancelled_tag"), self.settings.get("delete_tag")
        cancelled = (subscription or {}).get("status") == "cancelled"
        if contact["id"] in self.settings.get("merged", ()):
            rule, mark = (rule if cancelled else None), None
        if rule and cancelled != (rule in contact["tags"]):
            out.append(f"{email}: tag {rule!r} is {'missing' if cancelled else 'still there'}")
        if mark and mark in contact["tags"]:
            out.append(f"{email}: is tagged {mark!r}, but the customer is there")
        return out

    def hand_problems(self, email, contact):
        tags = self.settings.get("own_tags", {}).get(contact["id"], ())
        return [f"{email}: tag {tag!r}, which somebody added by hand, is gone"
                for tag in tags if tag not in contact["tags"]]

    def extra_problems(self, site, email, contact, by_id):
        """Of a contact at an address where nobody is to be: one who was there must explain it."""
        if email in self.addresses("foreign"):
            return []
        problems = [f"{email}: a contact that nobody at the source accounts for"]
        for key in self.delivered.get(email, ()):
            problems = self.leftover_problems(site, email, contact, by_id.get(key), key)
            if not problems:
                break
        return problems

    def leftover_problems(self, site, email, contact, customer, key):
        if customer is None or site.verdict(customer, self.settings) == "deleted":
            return self.deletion_problems(email, contact)
        now = customer["email"].lower() if is_email(customer.get("email")) else email
        if site.verdict(customer, self.settings) == "wanted" and now != email:
            if self.came_to_a_taken_address(key, email, now):
                return []  # that had a contact of its own: the old one follows on_exclude
            return [f"{email}: remains, though customer {key} is now {customer['email']}"]
        return []  # left the filter or a check after having been delivered: kept

    def came_to_a_taken_address(self, key, email, now):
        """On the way from `email`, where the customer was last seen before, to `now`."""
        way = [*self.ways.get(key, ()), now]
        since = way[len(way) - way[::-1].index(email):] if email in way else way
        return any(set(self.delivered.get(address, ())) - {key} or
                   address in self.addresses("foreign") for address in since)

    def deletion_problems(self, email, contact):
        action = self.settings.get("on_delete", "unsubscribe")
        status = contact["lists"].get(self.settings.get("list", "Customers"))
        if action == "delete":
            return [f"{email}: still there, though the customer is deleted"]
        if action == "unsubscribe" and status not in (None, UNSUBSCRIBED):
            return [f"{email}: status {status}, though the customer is deleted"]
        mark = self.settings.get("delete_tag")
        if action == "tag" and not (mark in contact["tags"] if mark else contact["tags"]):
            return [f"{email}: has no tag, though the customer is deleted"]
        return []


def fetch(url):
    with urllib.request.urlopen(f"{url.rstrip('/')}/_sandbox/dump", timeout=120) as answer:
        return json.load(answer)


def main(arguments):
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    settings = dict(text.split("=", 1) for text in arguments[2:])
    chargebee, activecampaign = fetch(arguments[0]), fetch(arguments[1])
    oracle = Oracle(settings)
    for customer in chargebee["customers"]:
        # Nothing was watched before: whoever was a customer once may have been delivered.
        if is_email(customer.get("email")):
            oracle.delivered.setdefault(customer["email"].lower(), []).append(customer["id"])
    wanted = oracle.expected(Site(chargebee))
    problems = oracle.problems(chargebee, activecampaign)
    for problem in problems[:50]:
        print(problem)
    if problems:
        print(f"{len(problems)} differences")
        return 1
    print(f"{len(wanted)} customers must be contacts: all are, with the right values, and no contact is too many")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
