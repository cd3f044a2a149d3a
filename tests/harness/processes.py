"""Starts programs so that none of them outlives the case, however the case ends."""

import ctypes
import os
import signal
import subprocess
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
LIBC = ctypes.CDLL(None)


class TimeIsUp(Exception):
    """The case's own deadline has passed."""


class Stopped(BaseException):
    """The case was asked to stop."""

    def __init__(self, number):
        super().__init__(signal.Signals(number).name)
        self.code = 128 + number


def _time_is_up(*_):
    raise TimeIsUp


def _stopped(number, _):
    raise Stopped(number)


def watch_over(seconds):
    """From here on the deadline and the signals to stop become exceptions."""
    # Orphans become children of this process rather than of init, so that end_all() finds them.
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stopped)
    signal.signal(signal.SIGALRM, _time_is_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)


def watch_no_more():
    """Nothing interrupts the clearing up."""
    signal.setitimer(signal.ITIMER_REAL, 0)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, signal.SIG_IGN)


def start(command, **options):
    """A process that is killed when this one ends without having ended it."""
    parent = os.getpid()

    def die_with_parent():
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(127)
    return subprocess.Popen(command, start_new_session=True, preexec_fn=die_with_parent, **options)


def _state_and_parent(pid):
    """Of a process, from /proc; None when there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    state, parent = stat.rpartition(")")[2].split()[:2]
    return state, int(parent)


def is_gone(pid):
    found = _state_and_parent(pid)
    return found is None or found[0] == "Z"


def children_of(pid):
    found = [(int(entry), _state_and_parent(entry)) for entry in os.listdir("/proc")
             if entry.isdigit()]
    return [child for child, of in found if of and of[0] != "Z" and of[1] == pid]


def end_all():
    """Kills every process below this one."""
    while left := children_of(os.getpid()):
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)
