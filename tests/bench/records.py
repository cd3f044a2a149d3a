"""Made-up NDJSON records of about 1.5 kB in the shape of the source's joined customers; a seed makes the same ones."""

import json
import random

FIRST = ["Ada", "Zoë", "Jürgen", "Mária", "Ken", "Olga", "Łukasz", "Siân", "Ben", "Yuki"]
LAST = ["Lovelace", "Nuñez", "Groß", "O'Brien", "Sato", "Kowalski", "Müller", "Smith", "Dvořák", "Ng"]
PLANS = [("gold-usd", "Gold \"Plus\""), ("silver-eur", "Silver"), ("basic", "Basic / monthly")]
FILLER = "Met at the fair; asked for an offer, wants the yearly plan, prefers to be called on weekday mornings. "


def record(number, random):
    start = 1_500_000_000 + random.randrange(200_000_000)
    customer = {
        "id": f"cus{number:09d}", "email": f"person{number}@example.com", "first_name": random.choice(FIRST),
        "last_name": random.choice(LAST), "phone": f"+4930{random.randrange(10**7):07d}",
        "auto_collection": "on", "net_term_days": 0, "allow_direct_debit": False, "created_at": start,
        "taxability": "taxable", "updated_at": start + 86_400, "pii_cleared": "active", "channel": "web",
        "resource_version": (start + 86_400) * 1000 + number % 1000, "deleted": False, "object": "customer",
        "billing_address": {"first_name": "x", "line1": f"Street {random.randrange(400)}", "city": "Springfield",
                            "state": random.choice(["CA", "Bayern", "Île-de-France"]),
                            "country": random.choice(["US", "DE", "FR"]), "zip": f"{random.randrange(10**5):05d}",
                            "validation_status": "not_validated", "object": "billing_address"},
        "card_status": "valid", "promotional_credits": 0, "refundable_credits": random.randrange(5000),
        "excess_payments": 0, "unbilled_charges": 0, "preferred_currency_code": "USD", "mrr": 0,
        "cf_note": FILLER[:random.randrange(len(FILLER))], "cf_marketing": "True", "cs_marketing": True}
    if random.random() < 0.5:
        customer["company"] = f"{random.choice(LAST)} & Sons \u2013 {random.randrange(1000)}"
    if random.random() < 0.05:
        return {"customer": customer, "subscription": None, "gift_purchaser": True}
    plan, name = random.choice(PLANS)
    subscription = {
        "id": f"sub{number:09d}", "billing_period": 1, "billing_period_unit": "month", "customer_id": customer["id"],
        "status": "active", "currency_code": "USD", "mrr": random.randrange(500, 100_000), "plan_code": plan,
        "plan_name": name, "created_at": start, "started_at": start, "current_term_start": start + 30 * 86_400,
        "next_billing_at": start + 60 * 86_400, "has_scheduled_changes": False, "channel": "web",
        "resource_version": customer["resource_version"], "deleted": False, "object": "subscription",
        "due_invoices_count": 0, "exchange_rate": 1.0, "base_currency_code": "USD", "has_scheduled_advance_invoices": False,
        "subscription_items": [{"item_price_id": plan, "item_type": "plan", "quantity": 1, "unit_price": 1900,
                                "amount": 1900, "free_quantity": 0, "object": "subscription_item"}]}
    if random.random() < 0.7:
        subscription["current_term_end"] = start + 61 * 86_400
    if random.random() < 0.2:
        subscription["trial_end"] = start + 14 * 86_400
    if random.random() < 0.2:
        subscription.update(status="cancelled", cancel_reason_code="Too expensive")
        if random.random() < 0.5:
            subscription["cancel_reason"] = "not_paid"
    return {"customer": customer, "subscription": subscription, "gift_purchaser": False}


def write(path, records, seed=7):
    """Returns the bytes of the file."""
    chance = random.Random(seed)
    with open(path, "w", encoding="utf-8") as file:
        for number in range(records):
            file.write(json.dumps(record(number, chance), separators=(",", ":"), ensure_ascii=False) + "\n")
        return file.tell()
