"""What people did at the destination by hand, as far as the oracle has to know it."""

from oracle import Oracle, Site, is_email

ACTIVE, UNSUBSCRIBED = 1, 2
LIST = "Customers"


class Watch:
    """Carries hands out, or learns that a planned one has happened, and tells the oracle."""

    def __init__(self, sandboxes, integration):
        self.integration = integration  # its settings
        self.source, self.destination = sandboxes["chargebee"], sandboxes["activecampaign"]
        self.opted_out, self.opted_out_contacts = set(), set()
        self.opted_out_in_runs = set()
        self.foreign, self.merged_into, self.touched = set(), set(), set()
        self.merged, self.made = set(), set()
        self.unknowable = set()
        self.changed = {}   # address -> (fields, what the source said at that moment)
        self.missing = {}   # address -> what the source said at that moment
        self.own_tags = {}
        self.done = {}      # kind -> how often it happened

    def body(self, hand):
        """The mutation, or None when it would destroy what the oracle needs to know."""
        kind, email = hand["kind"], hand.get("email", "")
        if kind == "opts_out":
            # Nobody leaves a list that he is not on: between the creation of a contact and its
            # subscription there is nothing to leave.
            return {"set_membership": [{"email": email, "list": LIST, "status": UNSUBSCRIBED,
                                        "from": ACTIVE}]}
        if kind == "edits":
            return {"update_contacts": [{"email": email, "lastName": hand["value"]}]}
        if kind == "tags":
            return {"add_tags": [{"email": email, "tag": hand["value"]}]}
        if kind == "makes":
            lists = {} if hand["status"] is None else {LIST: hand["status"]}
            return {"create_contacts": [{"email": email, "lists": lists}]}
        # A contact that is gone cannot tell Sluice any more that its person had left.
        if any(self.has_left(address) for address in (email, hand.get("from", ""))):
            return None
        if kind == "deletes":
            return {"delete_contacts": [email]}
        if hand["from"].lower() == hand["into"].lower():
            return None
        return {"merge_contacts": [{"from": hand["from"], "into": hand["into"]}]}

    def has_left(self, email):
        return email.lower() in self.opted_out or email.lower() in self.left_contacts()

    def left_contacts(self):
        return {contact["email"].lower() for contact in self.destination.dump()["contacts"]
                if contact["id"] in self.opted_out_contacts or
                contact["lists"].get(LIST) == UNSUBSCRIBED}

    def happened(self, hand, answer, at_once=None):
        """`answer` is the mutation's; the source is asked what it says at this moment.

        `at_once`: answers of all that happened in the same run, none between two runs. Whoever opted
        out and was removed before a further run cannot tell Sluice: nobody knows whether it has noticed.
        """
        kind, email = hand["kind"], hand.get("email", "").lower()
        if kind == "opts_out" and not answer["updated"]:
            return  # was off the list already: nobody can see that
        self.done[kind] = self.done.get(kind, 0) + 1
        self.touched |= {address.lower() for address in (email, hand.get("from", ""),
                                                         hand.get("into", "")) if address}
        if kind == "opts_out":
            gone = {contact for other in at_once or () for contact in other.get("deleted", ())}
            if gone & set(answer["updated"]):
                self.unknowable.add(email)
                return
            self.opted_out.add(email)
            self.opted_out_contacts |= set(answer["updated"])
            if at_once is not None:
                self.opted_out_in_runs.add(email)
        elif kind == "edits":
            self.changed[email] = ({"lastName"}, self.said_of(email))
        elif kind == "tags":
            for contact in answer["updated"]:
                self.own_tags.setdefault(contact, []).append(hand["value"])
        elif kind == "makes":
            self.foreign.add(email)
            self.made |= set(answer["created"])
            if hand["status"] == UNSUBSCRIBED:
                self.opted_out.add(email)
                self.opted_out_contacts |= set(answer["created"])
        elif kind == "deletes":
            self.missing[email] = self.said_of(email)
        else:
            gone = hand["from"].lower()
            self.missing[gone] = self.said_of(gone)
            self.merged_into.add(hand["into"].lower())
            self.merged |= set(answer["updated"])

    def said_of(self, email):
        """Of whoever owns the address; who else claims it is nothing to write."""
        site = Site(self.source.dump())
        owner = Oracle(self.integration).expected(site).get(email)
        return owner and (owner["id"], site.fields(owner),
                          (site.representing(owner) or {}).get("status"))

    def settings(self, chargebee, activecampaign, resubscribe, struck, interrupted):
        """For the oracle. What the source has changed since must have been put right.

        `struck`: a process that had sent an unsubscription of Sluice's own may have ended before it
        had its answer: it then counts as the person's decision.
        """
        former = former_addresses(chargebee)
        may_be_off = {c["email"].lower() for c in chargebee["customers"]
                      if is_email(c.get("email")) and former[c["id"]] & self.opted_out}
        # Under which of its addresses a person opted out whose contact was just being renamed, or whose
        # renaming lost its answer, cannot be told: it holds for both.
        of_both = self.opted_out if interrupted else self.opted_out_in_runs
        may_be_off |= {address for addresses in former.values() if addresses & of_both
                       for address in addresses}
        # A membership may have come from the other contact, which is gone.
        may_be_off |= self.merged_into | self.unknowable
        if resubscribe == "never" or struck:
            may_be_off |= deleted_addresses(chargebee)
        out = {
            "opted_out": sorted(self.opted_out),
            "opted_out_contacts": sorted(self.opted_out_contacts),
            "may_be_off": may_be_off,
            "foreign": sorted(self.foreign),
            "may_differ": {email: sorted(fields) for email, (fields, said) in self.changed.items()
                           if self.said_of(email) == said},
            "may_be_missing": [email for email, said in self.missing.items()
                               if self.said_of(email) == said],
            "merged": sorted(self.merged),
            "made": sorted(self.made),
            "own_tags": self.own_tags,
        }
        if resubscribe == "always":
            # Whoever is written comes back, the others do not.
            out["may_be_off"] |= self.opted_out | {
                contact["email"].lower() for contact in activecampaign["contacts"]
                if contact["id"] in self.opted_out_contacts}
            out["opted_out"] = out["opted_out_contacts"] = []
        return out


def former_addresses(chargebee):
    """{customer: every address it ever had}, from the source's own events."""
    former = {}
    past = [event["content"].get("customer", {}) for event in chargebee.get("events", ())]
    for customer in past + chargebee["customers"]:
        if customer.get("email"):
            former.setdefault(customer["id"], set()).add(customer["email"].lower())
    return former


def deleted_addresses(chargebee):
    """Where somebody was who has been deleted since, or had been in between."""
    former = former_addresses(chargebee)
    there = {customer["id"] for customer in chargebee["customers"]
             if not customer.get("deleted") and customer.get("pii_cleared") != "cleared"}
    gone = set(former) - there
    gone |= {event["content"]["customer"]["id"] for event in chargebee.get("events", ())
             if event["event_type"] == "customer_deleted"}
    return set().union(*(former[key] for key in gone)) if gone else set()
