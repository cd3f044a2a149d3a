"""Makes a plan that fails smaller, as long as it still fails."""

import copy


def without(plan, path):
    """The plan without the entry at the path, such as ["acts", 3, "during", 0]."""
    smaller = copy.deepcopy(plan)
    place = smaller
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    return smaller


def removable(plan):
    """Paths of what need not happen, the last first; never a run."""
    paths = []
    for number, act in enumerate(plan["acts"]):
        paths += [["acts", number, "during", at] for at in range(len(act.get("during", ())))]
        if "source" in act or "hand" in act:
            paths.append(["acts", number])
    return paths[::-1]


def without_person(plan, key):
    smaller = copy.deepcopy(plan)

    def concerns(row):
        values = row.get("values", row)
        sides = (values.get("gifter", {}), values.get("gift_receiver", {}))
        return key in (values.get("id"), row.get("id"), values.get("customer_id"),
                       *(side.get("customer_id") for side in sides))
    smaller["people"] = [row for row in smaller["people"] if not concerns(row)]
    return smaller


def shrink(plan, fails, tell):
    """`fails(plan)` runs it; its answer decides."""
    for path in removable(plan):
        smaller = without(plan, path)
        if fails(smaller):
            plan = smaller
            tell(f"without {path}")
    people = [row["values"]["id"] for row in plan["people"] if row["type"] == "customer"]
    step = max(1, len(people) // 4)
    while step:
        at = 0
        while at < len(people):
            smaller = plan
            for key in people[at:at + step]:
                smaller = without_person(smaller, key)
            if fails(smaller):
                plan = smaller
                tell(f"without {', '.join(people[at:at + step])}")
                del people[at:at + step]
            else:
                at += step
        step //= 2
    return plan
