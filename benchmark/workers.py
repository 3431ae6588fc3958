"""Workers: independent jobs in processes of their own, in which a killed worker costs one try of one job."""

from __future__ import annotations

import multiprocessing
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
        with ProcessPoolExecutor(width, multiprocessing.get_context("spawn")) as pool:
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


def _attempt(function: Callable[[Job], Result], job: Job) -> Result | Exception:
    try:
        return function(job)
    except Exception as error:  # an agent's or a spec's code is anyone's: it ends its own job, never the run
        return error
