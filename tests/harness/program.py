"""The frame of a test that is a program of its own: a folder to work in, a deadline, the signals to stop, and clearing up."""

import shutil
import tempfile
from pathlib import Path

from processes import Stopped, TimeIsUp, end_all, watch_no_more, watch_over
from sandbox import Failure

LOG_SHOWN = 3000  # characters of work/log, where there is one


def require(fine, *what):
    if not fine:
        raise Failure(" ".join(map(str, what)))


def run(name, seconds, everything):
    """The program's exit code. `everything(work)` says in a text what it has shown, and raises Failure for what does not hold.

    All processes below this one are killed at the end, and the folder `work` is removed.
    """
    work = Path(tempfile.mkdtemp(prefix=f"sluice-{name}-"))
    try:
        watch_over(seconds)
        print(f"ok: {everything(work)}")
    except (Failure, TimeIsUp) as failure:
        what = failure if isinstance(failure, Failure) else f"the test's {seconds} s are over"
        print(f"FAILED: {what}")
        if (work / "log").exists():
            print((work / "log").read_text()[-LOG_SHOWN:])
        return 1
    except Stopped as stopped:
        print(f"stopped by {stopped}")
        return stopped.code
    finally:
        watch_no_more()
        end_all()
        shutil.rmtree(work, ignore_errors=True)
    return 0
