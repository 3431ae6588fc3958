"""Workers: independent jobs in processes of their own, in which a killed worker costs one try of one job."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from ..errors import DeskgymError

__all__ = ["WorkerDied", "in_workers"]

Job = TypeVar("Job")
Result = TypeVar("Result")


class WorkerDied(DeskgymError):
    """Given in place of a result when the workers that tried a job were killed."""


def in_workers(
    function: Callable[[Job], Result], jobs: Iterable[Job], workers: int
) -> Generator[tuple[Job, Result | Exception]]:
    """Yield (job, what came of it) in the order in which they end; an exception is a result like any other.

    With one worker the jobs run in this process, one after another.
    """
    todo = list(jobs)
    if workers == 1:
        for job in todo:
            yield job, _attempt(function, job)
        return
    fresh, suspects = list(range(len(todo))), list[int]()
    while fresh or suspects:
        # What a broken pool was at is tried again one by one: a pool of one that breaks tells the culprit.
        alone = not fresh
        waiting, width = ([suspects.pop(0)], 1) if alone else (fresh, workers)
        running: dict[Future[Result | Exception], int] = {}
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(width, spawn, _end_with, (os.getpid(),)) as pool:
            broken = False
            while (waiting or running) and not broken:
                # As many as there are workers, so that a broken pool tells which jobs it had begun.
                while waiting and len(running) < width:
                    number = waiting.pop(0)
                    running[pool.submit(_attempt, function, todo[number])] = number
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    number = running.pop(future)
                    try:
                        yield todo[number], future.result()
                    except BrokenProcessPool:
                        broken = True
                        running[future] = number
        if alone:
            for number in running.values():
                yield todo[number], WorkerDied("its worker was killed twice")
        else:
            suspects += running.values()


def _end_with(parent: int) -> None:
    """A worker whose parent is killed ends at once, and with it its desktops, not when its job is done."""
    if sys.platform != "linux":
        return
    PR_SET_PDEATHSIG = 1  # noqa: N806 - prctl(2)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # it was killed before we asked


def _attempt(function: Callable[[Job], Result], job: Job) -> Result | Exception:
    try:
        return function(job)
    except Exception as error:  # an agent's or a spec's code is anyone's: it ends its own job, never the run
        return error
