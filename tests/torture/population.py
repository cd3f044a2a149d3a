"""The people at the source and what becomes of them: bodies for the sandboxes' mutate endpoints.

A Population knows as much as is needed to make sensible changes (who lives, at which address); what
the source really holds in the end is in its dump.
"""

STATUSES = ["active", "active", "active", "non_renewing", "in_trial", "future", "paused", "cancelled"]
PLANS = {2: ["basic-USD-Monthly", "silver-EUR-Monthly", "gold-USD-Yearly", "platinum-GBP-Monthly"],
         1: ["basic-usd", "silver-eur", "gold-usd-yearly", "platinum-gbp"]}
NAMES = ["Ann", "Zoë", "José", "Mia", "李", "Óscar", "Nils", "O'Neil", "Åsa", "Bjørn"]
DAY = 86_400
BEGINNING = 1_700_000_000


class Population:
    def __init__(self, rng, catalog, tied=()):
        self.rng, self.catalog = rng, catalog
        self.emails = {}     # id -> address, of the living who have one
        self.gone = []       # (id, address) of the deleted
        self.subscriptions = {}  # customer -> [subscription]
        self.tied = set(tied)    # to a gift: cannot be deleted
        self.gifts = []
        self.invalid = set()
        self.recent = []
        self.count = 0
        self.word = 0

    def unique(self, stem):
        self.word += 1
        return f"{stem}{self.word}"

    def address(self):
        name = self.unique("p")
        return self.rng.choice(("{}@x.example", "{}+tag@y.example", "{}.Last@Z.example")).format(name)

    def plan(self, code):
        if self.catalog == 1:
            return {"plan_id": code, "plan_quantity": 1}
        return {"subscription_items": [{"item_price_id": code, "item_type": "plan", "quantity": 1,
                                        "object": "subscription_item"}]}

    def subscription(self, customer, created, status=None):
        rng = self.rng
        key = f"s_{customer}_{len(self.subscriptions.setdefault(customer, []))}"
        self.subscriptions[customer].append(key)
        values = {"id": key, "customer_id": customer, "created_at": created,
                  "status": status or rng.choice(STATUSES), "mrr": rng.randint(0, 99_999),
                  "currency_code": rng.choice(("USD", "EUR", "JPY")),
                  **self.plan(rng.choice(PLANS[self.catalog]))}
        if values["status"] == "in_trial":
            values["trial_end"] = created + 14 * DAY
        if values["status"] == "cancelled":
            values["cancel_reason_code"] = "Too expensive"
        return {"type": "subscription", "values": values}

    def customer(self, email=None, created=None, key=None, **more):
        """Insert rows: a customer with a subscription, or two."""
        rng = self.rng
        self.count += 1
        key = key or f"c{self.count:03}"
        email = email or self.address()
        created = created or BEGINNING + rng.randint(0, 400 * DAY)
        self.emails[key] = email
        values = {"id": key, "email": email, "first_name": rng.choice(NAMES) + self.unique(""),
                  "last_name": self.unique("Last"), "phone": f"+49 30 {rng.randint(1000, 9999)}",
                  "company": self.unique("Co "), "created_at": created,
                  "billing_address": {"state": "Berlin", "country": rng.choice(("DE", "US")),
                                      "object": "billing_address"}, **more}
        rows = [{"type": "customer", "values": values}, self.subscription(key, created)]
        if rng.random() < 0.15:
            rows.append(self.subscription(key, created + rng.randint(1, 99)))
        return rows

    def people(self, count, crowd):
        """The rows that the source starts with; a crowd was created in one and the same second."""
        rng, rows = self.rng, []
        second = BEGINNING + rng.randint(0, 400 * DAY)
        for _ in range(count):
            rows += self.customer(created=second if crowd else None)
        keys = list(self.emails)
        for key in rng.sample(keys, max(1, count // 12)):  # has said no
            self.of(rows, key)["cs_marketing"] = False
        for key in rng.sample(keys, max(1, count // 20)):
            rows[:] = [row for row in rows if row["values"].get("customer_id") != key]
            self.subscriptions[key] = []
            self.invalid.add(key)
        broken = rng.choice(keys)
        self.of(rows, broken)["email"] = rng.choice(("no address", "a@b", "x y@z.example"))
        del self.emails[broken]
        gifter, receiver = rng.sample([k for k in keys if k != broken], 2)
        rows.append(self.gift(gifter, receiver))
        if rng.random() < 0.5:
            one, other = rng.sample([k for k in keys if k != broken], 2)
            self.of(rows, one)["email"] = self.emails[one] = self.emails[other].upper()
        return rows

    @staticmethod
    def of(rows, key):
        return next(row["values"] for row in rows
                    if row["type"] == "customer" and row["values"]["id"] == key)

    def gift(self, gifter, receiver):
        key = self.unique("gift_")
        self.gifts.append((key, gifter, receiver))
        self.tied.update((gifter, receiver))
        return {"type": "gift", "values": {
            "id": key, "status": "unclaimed",
            "gifter": {"customer_id": gifter, "object": "gifter"},
            "gift_receiver": {"customer_id": receiver, "object": "gift_receiver",
                              "subscription_id": (self.subscriptions.get(receiver) or ["s_none"])[0]}}}

    # Changes. Each returns a list of bodies for the source's mutate endpoint, or None when there is
    # nobody to whom it could happen.

    def some(self, wanted=lambda key: True):
        """Often one of those to whom something has just happened."""
        keys = [key for key in self.emails if wanted(key)]
        recent = [key for key in self.recent[-5:] if key in keys]
        if recent and self.rng.random() < 0.35:
            return self.rng.choice(recent)
        if not keys:
            return None
        self.recent.append(self.rng.choice(keys))
        return self.recent[-1]

    @staticmethod
    def set(kind, key, **values):
        return {"set": [{"type": kind, "id": key, "values": values}]}

    def creates(self):
        rows = self.customer()
        self.recent.append(rows[0]["values"]["id"])
        return [{"insert": rows}]

    def edits(self):
        key, rng = self.some(), self.rng
        if key is None:
            return None
        field = rng.choice(("first_name", "last_name", "company", "phone"))
        return [self.set("customer", key, **{field: self.unique("New ")})]

    def renews(self):
        key = self.some(lambda k: self.subscriptions.get(k))
        if key is None:
            return None
        start = BEGINNING + self.rng.randint(400, 900) * DAY
        return [self.set("subscription", self.rng.choice(self.subscriptions[key]), status="active",
                         current_term_start=start, current_term_end=start + 30 * DAY,
                         next_billing_at=start + 30 * DAY, mrr=self.rng.randint(1, 99_999))]

    def cancels(self):
        key = self.some(lambda k: self.subscriptions.get(k))
        if key is None:
            return None
        return [self.set("subscription", self.rng.choice(self.subscriptions[key]), mrr=0,
                         status="cancelled", cancel_reason_code=self.unique("reason "))]

    def changes_address(self):
        key = self.some()
        if key is None:
            return None
        self.emails[key] = self.address()
        return [self.set("customer", key, email=self.emails[key])]

    def swaps(self):
        if len(self.emails) < 2:
            return None
        one, other = self.rng.sample(list(self.emails), 2)
        self.emails[one], self.emails[other] = self.emails[other], self.emails[one]
        return [self.set("customer", one, email=self.emails[one]),
                self.set("customer", other, email=self.emails[other])]

    def chains(self):
        if len(self.emails) < 3:
            return None
        keys = self.rng.sample(list(self.emails), 3)
        addresses = [self.emails[key] for key in keys[1:]] + [self.address()]
        if self.rng.random() < 0.3:
            addresses[-1] = self.emails[keys[0]]  # a ring of three
        bodies = []
        for key, email in zip(keys, addresses):
            self.emails[key] = email
            bodies.append(self.set("customer", key, email=email))
        self.rng.shuffle(bodies)
        return bodies

    def claims_address(self):
        """A second customer takes an address that another one has."""
        if len(self.emails) < 2:
            return None
        one, other = self.rng.sample(list(self.emails), 2)
        self.emails[one] = self.emails[other]
        return [self.set("customer", one, email=self.emails[one])]

    def deletes(self):
        key = self.some(lambda k: k not in self.tied)
        if key is None:
            return None
        self.gone.append((key, self.emails.pop(key)))
        return [{"delete": [{"type": "customer", "id": key}]}]

    def vanishes(self):
        """Without a trace: only a walk over everything can find out."""
        key = self.some(lambda k: k not in self.tied)
        if key is None:
            return None
        self.gone.append((key, self.emails.pop(key)))
        subscriptions = [{"type": "subscription", "id": s} for s in self.subscriptions.pop(key, [])]
        return [{"remove": [{"type": "customer", "id": key}, *subscriptions]}]

    def recreates(self):
        if not self.gone:
            return (self.deletes() or []) + (self.recreates() if self.gone else []) or None
        key, email = self.gone.pop(self.rng.randrange(len(self.gone)))
        same = self.rng.random() < 0.4
        return [{"insert": self.customer(email=email, key=key if same else None)}]

    def claims_gift(self):
        if not self.gifts:
            return self.gives()
        key, _, receiver = self.rng.choice(self.gifts)
        bodies = [self.set("gift", key, status="claimed")]
        if self.subscriptions.get(receiver):
            bodies.append(self.set("subscription", self.subscriptions[receiver][0], status="active"))
        return bodies

    def gives(self):
        if len(self.emails) < 2:
            return None
        # Often somebody without a subscription, whom only the gift makes a customer.
        poor = [key for key in self.emails if key in self.invalid]
        gifter = self.rng.choice(poor or list(self.emails))
        receiver = self.some(lambda k: k != gifter)
        return [{"insert": [self.gift(gifter, receiver)]}]

    def leaves_filter(self):
        key = self.some()
        return None if key is None else [self.set("customer", key, cs_marketing=False)]

    def returns_to_filter(self):
        key = self.some()
        return None if key is None else [self.set("customer", key, cs_marketing=True)]

    def renames_plan(self):
        code = self.rng.choice(PLANS[self.catalog])
        name = self.unique("Plan ")
        if self.catalog == 1:
            return [self.set("plan", code, name=name)]
        return [self.set("item_price", code, external_name=name)]

    def is_forgotten(self):
        """Personal data cleared: the vendor keeps an empty shell."""
        key = self.some()
        if key is None:
            return None
        self.gone.append((key, self.emails.pop(key)))
        self.tied.add(key)
        return [self.set("customer", key, pii_cleared="cleared", email=None, first_name=None,
                         last_name=None, phone=None)]

    def crowds(self):
        """More than a page of customers is touched within one second."""
        rows = []
        for _ in range(self.rng.randint(101, 108)):
            rows += self.customer()
        return [{"insert": rows}]

    def change(self, kind):
        return getattr(self, kind)()


# How often which change comes; deletions at the end and crowds are asked for by name.
EVERYDAY = (("edits", 8), ("creates", 4), ("renews", 4), ("cancels", 2), ("changes_address", 4),
            ("swaps", 2), ("chains", 2), ("claims_address", 1), ("deletes", 2), ("recreates", 2),
            ("claims_gift", 2), ("gives", 1), ("leaves_filter", 1), ("returns_to_filter", 1),
            ("renames_plan", 1), ("is_forgotten", 1))


def everyday(rng):
    kinds, weights = zip(*EVERYDAY)
    return rng.choices(kinds, weights)[0]
