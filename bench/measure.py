# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Times programs alternately; shared by the comparisons."""
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Run:
    seconds: float
    memory: int  # peak of the largest process, in bytes
    written: int  # bytes written to the disk, as the kernel counts them


@dataclass
class Job:
    """Commands that are run and timed one after the other, each a list; `prepare` is not timed."""
    name: str
    commands: list
    prepare: object = lambda: None
    runs: list = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return statistics.median(run.seconds for run in self.runs)

    @property
    def spread(self) -> tuple:
        return min(run.seconds for run in self.runs), max(run.seconds for run in self.runs)

    @property
    def memory(self) -> int:
        return max(run.memory for run in self.runs)

    @property
    def written(self) -> int:
        return round(statistics.median(run.written for run in self.runs))


def time_commands(commands) -> Run:
    memory, written, begin = 0, 0, time.monotonic()
    for command in commands:
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            sys.exit("%s: exit status %d" % (command[0], child.returncode))
        memory = max(memory, usage.ru_maxrss * 1024)
        written += usage.ru_oublock * 512
    return Run(time.monotonic() - begin, memory, written)


def in_turn(items: list, number: int) -> list:
    """Returns the items in the order of a round, from 0: each round starts with another one."""
    first = number % len(items)
    return items[first:] + items[:first]


def alternate(jobs, rounds: int, before=lambda: None):
    """Runs each job once per round. `before` is called before each run, after its preparation."""
    for number in range(rounds):
        for job in in_turn(jobs, number):
            job.prepare()
            before()
            own_memory()
            job.runs.append(time_commands(job.commands))
            print("round %d: %s %.3f s" % (number + 1, job.name, job.runs[-1].seconds),
                  file=sys.stderr)


def own_memory():
    """Makes the kernel get memory from the host. A virtual machine may have returned free memory to
    its host, and the next program that needs it would have to wait."""
    size = min(3 << 30, os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2)
    # In a process of its own, since this one's memory would count for all that it starts.
    subprocess.run([sys.executable, "-c", "from mmap import *; mmap(-1, %d, flags=MAP_PRIVATE | "
                    "MAP_ANONYMOUS | MAP_POPULATE)" % size], check=True)


def empty(*directories: Path):
    """Removes everything of the last round, on disk or waiting to be written."""
    for directory in directories:
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
    os.sync()


def forget_files():
    """Drops the kernel's cache of all files, which only root can do."""
    os.sync()
    Path("/proc/sys/vm/drop_caches").write_text("3", "ascii")


def text_of(*command) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True,
                              cwd=ROOT).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            return "%s, %d cores" % (line.split(":", 1)[1].strip(), os.cpu_count())
    return "unknown"


def circumstances() -> dict:
    return {"date": time.strftime("%Y-%m-%d"), "machine": processor(),
            "kernel": platform.release(), "compiler": text_of("g++", "-dumpfullversion"),
            "commit": text_of("git", "rev-parse", "--short", "HEAD")}
