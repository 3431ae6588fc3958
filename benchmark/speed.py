"""Speed: what a screenshot, an input and a settled step cost, beside the peers' way, in one interleaved run."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median, quantiles

from ..envs.action import Click, Type, Wait
from ..envs.desktop import Desktop, open_desktop
from ..envs.x_desktop import XDesktop
from ..software_specs.catalog import find_software
from ..software_specs.spec import Packages, Software
from .peers.gym_anything import PACKAGES, DockerExecWay

__all__ = ["Figure", "measure"]

SIZE = (1280, 800)
SOFTWARE = "mousepad"
LETTERS = "abcdefghij" * 10
# Far enough apart that no two clicks in a row are taken for a double click.
SPOTS = [(200, 200), (900, 500), (300, 600), (1000, 250)]


@dataclass(frozen=True)
class Figure:
    """One thing that was measured: milliseconds, median and 90th percentile of n."""

    name: str
    software: str
    unit: str
    p50: float
    p90: float
    n: int
    peer: str
    """Whose way: empty for ours."""


def measure(
    repeats: int = 30, *, peers: bool = True, report: Callable[[str], None] = lambda words: None
) -> list[Figure]:
    """Measure our way and the peers' on the same application, turn by turn, so that a slow moment hits both.

    Args:
        repeats: of our own ways; the peers', which take seconds each, are repeated a third as often.
        peers: whether to measure theirs, for which a Docker engine is needed.
        report: is told what is going on.
    """
    software = find_software(SOFTWARE)
    ways: dict[tuple[str, str], Callable[[int], object]] = {}
    opened: list[Desktop] = []
    try:
        ours = _open("local", software, opened)
        assert isinstance(ours, XDesktop)
        ways |= _our_ways(ours)
        if peers:
            theirs = _open("docker", _with_tools(software, report), opened)
            ways |= DockerExecWay(theirs, SPOTS, LETTERS).ways()
        taken: dict[tuple[str, str], list[float]] = {way: [] for way in ways}
        for turn in range(repeats):
            report(f"turn {turn + 1} of {repeats}")
            for way, job in ways.items():
                if way[1] and turn % 3:
                    continue
                begun = time.perf_counter()
                job(turn)
                taken[way].append((time.perf_counter() - begun) * 1000)
                for desktop in opened:
                    desktop.perform(Wait(0))  # what one way has set in motion is not charged to the next
    finally:
        for desktop in opened:
            desktop.close()
    return [_figure(name, peer, values) for (name, peer), values in taken.items()]


def _our_ways(desktop: XDesktop) -> dict[tuple[str, str], Callable[[int], object]]:
    def step(turn: int) -> None:
        desktop.perform(Click(*SPOTS[turn % len(SPOTS)]))
        desktop.screenshot()

    return {
        ("capture", ""): lambda turn: desktop.screenshot(),
        ("click", ""): lambda turn: desktop.act(Click(*SPOTS[(turn + 2) % len(SPOTS)])),
        ("type 100 characters", ""): lambda turn: desktop.act(Type(LETTERS)),
        ("settled step: a click and its screenshot", ""): step,
    }


def _open(kind: str, software: Software, opened: list[Desktop]) -> Desktop:
    desktop = open_desktop(kind, software, SIZE)
    opened.append(desktop)
    desktop.machine.write("speed.txt", "\n".join(["a line of some text"] * 30))
    desktop.launch(("speed.txt",))
    return desktop


def _with_tools(software: Software, report: Callable[[str], None]) -> Software:
    """The same application in an image that also holds what the peers run inside of theirs."""
    from ..envs.images import build

    tooled = software.model_copy(update={"packages": Packages(apt=(*software.packages.apt, *PACKAGES))})
    build(tooled, report)
    return tooled


def _figure(name: str, peer: str, values: list[float]) -> Figure:
    p90 = quantiles(values, n=10)[-1] if len(values) > 1 else values[0]
    return Figure(name, SOFTWARE, "ms", round(median(values), 2), round(p90, 2), len(values), peer)
