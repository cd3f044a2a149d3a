"""What is tortured: the faults, the phases of a run in which they strike, and which pairs make sense.

A phase is a part of a run that one can stand still in, since it asks something of a sandbox that no
other part asks: its anchor. A cell is a fault in a phase.
"""

CHARGEBEE, ACTIVECAMPAIGN = "chargebee", "activecampaign"

READS = "GET /api/v2/(customers|subscriptions|gifts|item_prices|plans|configurations)"
ACCOUNT = "GET /api/3/"
SINGLE_WRITES = "(POST|PUT) /api/3/(contact/sync|contacts|contactLists|contactTags|fieldValues)"
IMPORTS = "POST /api/3/import/bulk_import"
RESULTS = "GET /api/3/import/info"
REMOVALS = {"unsubscribe": "POST /api/3/contactLists", "tag": "POST /api/3/contactTags",
            "delete": "DELETE /api/3/contacts/"}

PHASES = {
    "check": "`check`: both sides are asked who they are and what they have",
    "validate": "`validate`: every record is read, nothing written",
    "initial_reading": "`initial`: the latest records are read",
    "initial_writing": "`initial`: fields are made, records written one by one",
    "full_reading": "`full`: pages are read, records joined",
    "full_writing": "`full`: contacts are written or handed to the importer",
    "bulk_in_flight": "an import was handed over, its result is asked for",
    "deletions": "the end of a run: deletions are carried out",
    "incremental_reading": "`incremental`: what changed is read",
    "incremental_writing": "`incremental`: what changed is written",
    "catching_up": "the first part of the run after a kill: receipts, intents, open errors",
}

HTTP_FAULTS = {
    "cut_before": {"kind": "reset_before"},
    "cut_after": {"kind": "reset_after"},
    "status_429": {"kind": "rate_limit", "retry_after": 1},
    "status_500": {"kind": "status", "status": 500},
    "html_502": {"kind": "html502"},
    "status_503": {"kind": "status", "status": 503},
    "truncated": {"kind": "truncate"},
    "slow": {"kind": "delay"},
    "empty_403": {"kind": "empty403"},
    "html_200": {"kind": "html200"},
}

FAULTS = {
    "host_killed": "SIGKILL to the host",
    "worker_killed": "SIGKILL to a worker",
    "cut_before": "connection reset before the server took the request",
    "cut_after": "connection reset after the server committed",
    "status_429": "429 with Retry-After",
    "status_500": "500",
    "html_502": "502 with an HTML page",
    "status_503": "503",
    "truncated": "the answer's body is cut in the middle",
    "slow": "the answer comes late",
    "empty_403": "403 without a body",
    "html_200": "200 with an HTML page",
    "bulk_sticks": "an import never ends",
    "bulk_fails": "an import ends as failed or interrupted",
    "bulk_names_too_few": "an import's result does not name all rows",
    "disk_full": "the disk of the state is full",
    "clock_jumps": "the wall clock of host and workers jumps",
}

BULK_FAULTS = ("bulk_sticks", "bulk_fails", "bulk_names_too_few")


def impossible(fault, phase):
    """Why the fault cannot meet the phase; None when it can."""
    if fault in BULK_FAULTS:
        if phase in ("check", "validate"):
            return "neither sends imports nor asks after them"
        if phase in ("initial_reading", "initial_writing"):
            return "writes one by one, without imports"
    if fault == "disk_full" and phase == "check":
        return "writes no file"
    return None


CELLS = [(fault, phase) for phase in PHASES for fault in FAULTS if not impossible(fault, phase)]


def cell_name(cell):
    return "@".join(cell)


def anchor(phase, transport, on_delete, rng):
    """(sandbox, route, how many requests on it may pass first) of a place in the phase."""
    writes = (IMPORTS, 0) if transport == "bulk" else (SINGLE_WRITES, 12)
    places = {
        "check": [(CHARGEBEE, "GET /api/v2/", 0), (ACTIVECAMPAIGN, ACCOUNT, 2)],
        "validate": [(CHARGEBEE, READS, 3), (CHARGEBEE, "GET /api/v2/customers", 0),
                     (ACTIVECAMPAIGN, ACCOUNT, 2)],
        "initial_reading": [(CHARGEBEE, READS, 3), (CHARGEBEE, "GET /api/v2/subscriptions", 0)],
        "initial_writing": [(ACTIVECAMPAIGN, SINGLE_WRITES, 12),
                            (ACTIVECAMPAIGN, "POST /api/3/fields", 6)],
        "full_reading": [(CHARGEBEE, READS, 3), (CHARGEBEE, "GET /api/v2/customers", 0),
                         (CHARGEBEE, "GET /api/v2/subscriptions", 0)],
        "full_writing": [(ACTIVECAMPAIGN, *writes)],
        "bulk_in_flight": [(ACTIVECAMPAIGN, RESULTS, 0)],
        "deletions": [(ACTIVECAMPAIGN, REMOVALS.get(on_delete), 1)],
        "incremental_reading": [(CHARGEBEE, READS, 4), (CHARGEBEE, "GET /api/v2/customers", 0),
                                (CHARGEBEE, "GET /api/v2/subscriptions", 1)],
        "incremental_writing": [(ACTIVECAMPAIGN, *writes)],
        "catching_up": [(ACTIVECAMPAIGN, RESULTS, 0)] if transport == "bulk" else
                       [(ACTIVECAMPAIGN, "GET /api/3/(contacts|lists|fields)", 1),
                        (CHARGEBEE, READS, 1)],
    }
    sandbox, route, most = rng.choice(places[phase])
    return sandbox, route, rng.choice((0, 0, rng.randint(0, most)))
