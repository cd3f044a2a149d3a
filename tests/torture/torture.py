#!/usr/bin/env python3
"""Runs integrations between the sandboxes while everything goes wrong, and says what must hold.

Every episode follows from its cell (a fault in a phase of a run) and its seed. It counts only if its
fault is proved to have struck.
"""

import argparse
import collections
import json
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "harness")]
import cells  # noqa: E402
from episode import Episode  # noqa: E402
from plan import make_plan  # noqa: E402
from processes import Stopped, TimeIsUp, end_all, watch_no_more, watch_over  # noqa: E402
from sandbox import Failure, Sandbox  # noqa: E402
from shrink import shrink  # noqa: E402

DEADLINE = 300  # seconds an episode may take
SANDBOXES = {"chargebee": ["--customers", "0"], "activecampaign": []}


def start_sandboxes():
    return {name: Sandbox(name, options) for name, options in SANDBOXES.items()}


def run_plan(plan, sandboxes, work, keep):
    """The episode's result as plain data."""
    episode = Episode(plan, sandboxes, work)
    try:
        result = judged(episode)
        if episode.problems and keep:
            keep_evidence(result, plan, sandboxes, work, keep)
        return result
    finally:
        episode.close()


def judged(episode):
    plan, began, broken = episode.plan, time.monotonic(), False
    signal.setitimer(signal.ITIMER_REAL, DEADLINE)
    try:
        episode.run()
    except TimeIsUp:
        episode.problems.append(f"not over after {DEADLINE} s")
    except Exception:  # the torturer's own mistake is not to pass for a success
        episode.problems.append(traceback.format_exc())
        broken = True
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    seconds = time.monotonic() - began
    return {"name": plan["name"], "cell": plan["cell"], "seed": plan["seed"],
            "proof": episode.proof, "problems": episode.problems, "log": episode.log,
            "runs": episode.runs, "site": plan["site"], "settings": plan["settings"],
            "hands": episode.watch.done, "changes": plan.get("changes", {}), "seconds": seconds,
            # A run that did not end goes on to write: the sandboxes are of no use any more.
            "broken": broken or seconds >= DEADLINE}


def keep_evidence(result, plan, sandboxes, work, keep):
    folder = keep / plan["name"].replace(":", "-")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(work, folder)
    (folder / "plan.json").write_text(json.dumps(plan, indent=1, ensure_ascii=False))
    try:
        dumps = {name: sandbox.dump() for name, sandbox in sandboxes.items()}
    except Failure:
        return
    for name, dump in dumps.items():
        (folder / f"{name}.json").write_text(json.dumps(dump, indent=1))
    result["kept"] = str(folder)
    result["records"] = differing_records(result["problems"], dumps)


def differing_records(problems, dumps, most=4):
    """Of the addresses that the problems name, both sides' rows."""
    emails = list(dict.fromkeys(text.split(":")[0] for text in problems if "@" in text.split(":")[0]))
    lines = []
    for email in emails[:most]:
        for name, rows in (("customer", dumps["chargebee"]["customers"]),
                           ("contact", dumps["activecampaign"]["contacts"])):
            lines += [f"{name} {json.dumps(row, ensure_ascii=False)}" for row in rows
                      if (row.get("email") or "").lower() == email]
    return lines


def serve(tasks, results, folder, keep):
    """A process of its own: a pair of sandboxes, one episode after the other."""
    watch_over(0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        sandboxes = start_sandboxes()
        for plan in iter(tasks.get, None):
            result = run_plan(plan, sandboxes, folder / "work", keep)
            results.put(result)
            if result["broken"]:
                end_all()
                sandboxes = start_sandboxes()
    except Stopped:
        pass
    finally:
        watch_no_more()
        end_all()
        results.put(None)


def show(result):
    print(f"FAILED {result['name']}  (site {result['site']}, {result['settings']})")
    for line in result["log"]:
        print(f"  | {line}")
    for problem in result["problems"][:12]:
        print("  " + problem.replace("\n", "\n  "))
    if len(result["problems"]) > 12:
        print(f"  … and {len(result['problems']) - 12} more")
    for line in result.get("records", ()):
        print(f"  > {line}")
    if "kept" in result:
        print(f"  kept: {result['kept']}")
    print(f"  again: ./dev torture --replay {result['name']}", flush=True)


def plans_of(options):
    """The plans, without end where only the time is given."""
    if options.replay:
        for text in options.replay:
            yield plan_named(text)
        return
    if options.regressions:
        for path in sorted((HERE / "regressions").glob("*.json")):
            yield json.loads(path.read_text())["plan"]
    chosen = [cell for cell in cells.CELLS if matches(cell, options.only)]
    if not chosen:
        sys.exit(f"no cell is called {options.only}; there are "
                 f"{', '.join(map(cells.cell_name, cells.CELLS))}")
    number = 0
    while options.episodes is None or number < options.episodes:
        # Coprime strides spread the cells also over short campaigns.
        cell = chosen[(number * 101) % len(chosen)] if len(chosen) % 101 else chosen[number % len(chosen)]
        yield make_plan(cell, options.seed + number)
        number += 1


def matches(cell, only):
    if not only:
        return True
    fault, _, phase = only.partition("@")
    return fault in ("", cell[0]) and phase in ("", cell[1])


def plan_named(text):
    path = Path(text)
    if path.suffix == ".json":
        plan = json.loads(path.read_text())
        return plan.get("plan", plan)
    cell, _, seed = text.rpartition(":")
    fault, _, phase = cell.partition("@")
    if (fault, phase) not in cells.CELLS or not seed.isdigit():
        sys.exit(f"{text} is no episode: FAULT@PHASE:SEED, or a plan's file")
    return make_plan((fault, phase), int(seed))


def working_folder():
    """In memory where there is room: what a kill leaves is the same, and nobody waits for a disk."""
    memory = Path("/dev/shm")
    roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 ** 30
    return Path(tempfile.mkdtemp(prefix="sluice-torture-", dir=memory if roomy else None))


def campaign(options):
    """All results."""
    base = working_folder()
    tasks, answers = multiprocessing.Queue(maxsize=options.jobs), multiprocessing.Queue()
    servers = [multiprocessing.Process(target=serve, args=(tasks, answers, base / str(n), options.keep))
               for n in range(options.jobs)]
    for server in servers:
        server.start()
    began, results, sent, left = time.monotonic(), [], 0, len(servers)
    try:
        plans = plans_of(options)
        open_tasks = 0
        for plan in plans:
            if options.time and time.monotonic() - began > options.time * 60:
                break
            if open_tasks == 2 * options.jobs:
                take(answers.get(), results, options, began)
                open_tasks -= 1
            tasks.put(plan)
            open_tasks += 1
        for _ in range(open_tasks):
            take(answers.get(), results, options, began)
        for _ in servers:
            tasks.put(None)
        for server in servers:
            server.join()
    except KeyboardInterrupt:
        print("stopped; what has been found so far:")
    finally:
        for server in servers:
            if server.is_alive():
                server.terminate()
                server.join(20)
            if server.is_alive():
                server.kill()  # all that it started dies with it
                server.join()
        shutil.rmtree(base, ignore_errors=True)
    return results, time.monotonic() - began


def shrink_failures(options):
    """Each replayed plan is made smaller in this process; it ends up beside the evidence."""
    watch_over(0)
    base = working_folder()
    try:
        sandboxes = start_sandboxes()
        for plan in plans_of(options):
            def fails(smaller):
                return bool(run_plan(smaller, sandboxes, base / "work", None)["problems"])
            if not fails(plan):
                print(f"{plan['name']} does not fail")
                continue
            smallest = shrink(plan, fails, lambda text: print(f"  {text}", flush=True))
            show(run_plan(smallest, sandboxes, base / "work", options.keep))
            path = options.keep / (plan["name"].replace(":", "-") + ".json")
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps({"was": "", "plan": smallest}, indent=1, ensure_ascii=False) + "\n")
            print(f"  shrunk: {path}")
    finally:
        watch_no_more()
        end_all()
        shutil.rmtree(base, ignore_errors=True)
    return 0


def take(result, results, options, began):
    if result is None:
        raise RuntimeError("a torturer ended early")
    results.append(result)
    if result["problems"]:
        show(result)
    elif options.verbose:
        print(f"{'ok' if result['proof'] else 'no strike'} {result['name']} "
              f"{result['seconds']:.1f} s: {'; '.join(result['log'])}", flush=True)
    elif len(results) % 20 == 0:
        counted = sum(1 for r in results if r["proof"])
        failed = sum(1 for r in results if r["problems"])
        print(f"{time.monotonic() - began:6.0f} s: {len(results)} episodes, {counted} counted, "
              f"{failed} failed", flush=True)


def never_struck(results):
    """The cells that were tried in vain often enough to say that they prove nothing."""
    tried = collections.Counter(cells.cell_name(result["cell"]) for result in results)
    struck = {cells.cell_name(result["cell"]) for result in results if result["proof"]}
    return {cell: times for cell, times in tried.items() if times >= 4 and cell not in struck}


def main():
    parser = argparse.ArgumentParser(prog="./dev torture", description=__doc__)
    parser.add_argument("--episodes", type=int, help="how many (default 200, or as --time allows)")
    parser.add_argument("--seed", type=int, default=1, help="of the first; the others follow")
    parser.add_argument("--jobs", type=int, default=2 * (os.cpu_count() or 1))
    parser.add_argument("--time", type=float, help="begin no further episode after so many minutes")
    parser.add_argument("--only", help="FAULT@PHASE, FAULT or @PHASE")
    parser.add_argument("--replay", nargs="+", help="FAULT@PHASE:SEED, or a plan's file")
    parser.add_argument("--shrink", action="store_true",
                        help="make the replayed plans smaller while they fail; a file that fits "
                             "tests/torture/regressions is left in the folder of --keep")
    parser.add_argument("--regressions", action="store_true", help="first those that once failed")
    parser.add_argument("--report", type=Path, help="write the tables to this file")
    parser.add_argument("--keep", type=Path, default=Path("torture-failures"),
                        help="folder for the dumps of episodes that failed")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    options.keep = options.keep.resolve()
    if options.shrink:
        return shrink_failures(options)
    if options.episodes is None and options.time is None:
        options.episodes = 0 if options.regressions else 200
    results, seconds = campaign(options)
    failed = [result for result in results if result["problems"]]
    counted = [result for result in results if result["proof"]]
    if options.report:
        from report import write_report
        write_report(options.report, results, seconds, sys.argv[1:], options.jobs)
    print(f"{len(results)} episodes in {seconds:.0f} s, {len(counted)} counted, {len(failed)} failed")
    for result in failed:
        print(f"  ./dev torture --replay {result['name']}")
    idle = never_struck(results)
    for cell, times in idle.items():
        print(f"  {cell}: never struck in {times} episodes: the fault no longer meets its phase")
    return 1 if failed or idle else 0


if __name__ == "__main__":
    sys.exit(main())
