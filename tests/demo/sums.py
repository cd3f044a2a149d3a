#!/usr/bin/env python3
"""How the source's customers and the destination's contacts add up, without asking Sluice.

    sums.py CHARGEBEE_URL ACTIVECAMPAIGN_URL
"""

import collections
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "harness"))
import oracle  # noqa: E402


def main(chargebee_url, activecampaign_url):
    site = oracle.Site(oracle.fetch(chargebee_url))
    account = oracle.fetch(activecampaign_url)
    verdicts = collections.Counter(site.verdict(row, {}) for row in site.customers)
    wanted = oracle.Oracle({}).expected(site)
    contacts = [contact["email"].lower() for contact in account["contacts"]]
    former = sum(email not in wanted for email in contacts)
    rows = [
        (len(site.customers), "customers at the source"),
        (-verdicts["deleted"], "deleted there"),
        (-verdicts["filtered"], "left out by the filter (no marketing) or by an option"),
        (-verdicts["invalid"], "without a valid address or without any subscription"),
        (-(verdicts["wanted"] - len(wanted)), "second customers of an address"),
        (len(wanted), "= people to be contacted"),
        (former, "contacts delivered before, who have been deleted or left the filter since"),
        (len(contacts), "contacts at the destination"),
    ]
    for count, what in rows:
        print(f"  {count:>6}  {what}")
    return 0 if len(contacts) == len(wanted) + former else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
