"""Faults of the machine: its disk and its clock."""

import ctypes
import errno
import glob
import os
import resource
from pathlib import Path

from processes import LIBC, children_of
from strike import Strike


class DiskFull(Strike):
    """The state lies on a file system of its own, which is full from the anchor on.

    Where nobody may mount one, the process may not make files larger instead.
    """

    SIZE = 8 * 1024 * 1024
    struck = False

    def arm(self, environment):
        self.ballast = self.episode.state / "ballast"
        # Without a disk of its own the process is to see an error rather than a signal.
        self.episode.run_options = {"restore_signals": bool(self.episode.disk)}
        self.hold()

    def attend(self, run):
        if not self.held(run):
            return
        if self.episode.disk:
            self.fill()
        else:
            self.forbid(run.process.pid)
        self.struck = True
        self.let_go()

    def fill(self):
        with self.ballast.open("wb") as file:
            block = b"\0" * 65_536
            while block:
                try:
                    os.write(file.fileno(), block)
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    block = block[:len(block) // 2]

    def forbid(self, pid):
        # Its messages, which go to a file as well, are still to be written.
        largest = max([path.stat().st_size for path in self.episode.state.rglob("*-wal")] + [16_384])
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))

    def proof(self, run):
        text = run.err.read_text()
        says = next((line for line in text.splitlines()
                     if "full" in line or "No space" in line or "disk I/O" in line), None)
        return says if self.struck and run.process.returncode not in (0, 1) and says else None

    def disarm(self):
        super().disarm()
        self.episode.run_options = {}
        self.ballast.unlink(missing_ok=True)


class ClockJumps(Strike):
    """Host and workers see a wall clock (not the monotonic one) that jumps at the anchor."""

    struck = None

    def arm(self, environment):
        library = next(iter(glob.glob("/usr/lib/*/faketime/libfaketime.so.1")), None)
        if library is None:
            raise RuntimeError("libfaketime is not installed")
        self.offset = self.episode.work / "clock"
        self.offset.write_text("+0\n")
        fake = {"LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": str(self.offset),
                "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                "FAKETIME_DONT_RESET": "1"}
        # Workers get a clean environment: theirs is set by a program in between.
        worker = self.episode.work / "sluice-worker"
        settings = " ".join(f"{name}={value}" for name, value in fake.items())
        worker.write_text(f'#!/bin/sh\nexec env {settings} "{self.episode.bin}/sluice-worker" "$@"\n')
        worker.chmod(0o755)
        environment.update(fake, SLUICE_WORKER=str(worker))
        self.hold()

    def attend(self, run):
        if not self.held(run):
            return
        pids = [run.process.pid, *children_of(run.process.pid)]
        loaded = [pid for pid in pids if self.is_loaded(pid)]
        new = self.offset.with_suffix(".new")
        new.write_text(f"{self.spec['seconds']:+}\n")
        new.rename(self.offset)
        if len(loaded) == len(pids) > 1:
            self.struck = len(loaded)
        self.let_go()

    @staticmethod
    def is_loaded(pid):
        try:
            return "libfaketime" in Path(f"/proc/{pid}/maps").read_text()
        except OSError:
            return False

    def proof(self, run):
        if not self.struck:
            return None
        return f"{self.spec['seconds']:+} s in {self.struck} processes that stood at the anchor"


class OwnDisk:
    """A small file system for the state, where this process may mount one."""

    def __init__(self, folder, size=DiskFull.SIZE):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        mount = LIBC.mount(b"none", str(folder).encode(), b"tmpfs", 0, f"size={size}".encode())
        self.mounted = mount == 0

    def __bool__(self):
        return self.mounted

    def release(self):
        if self.mounted and LIBC.umount2(str(self.folder).encode(), 2) != 0:
            raise OSError(ctypes.get_errno(), f"cannot unmount {self.folder}")
        self.mounted = False
