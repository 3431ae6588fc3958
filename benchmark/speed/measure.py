"""Measure: our ways and the peers' on the same applications and the same actions, in interleaved turns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain

from ...envs.action import Click, Type, Wait
from ...envs.browser_desktop import BrowserDesktop
from ...envs.desktop import Desktop, open_desktop
from ...envs.desktop_env import DesktopEnv
from ...envs.x_desktop import XDesktop
from ...errors import DeskgymError
from ...software_specs.catalog import find_software
from ...software_specs.spec import Packages, Software
from ..peers.gym_anything import DockerExec
from ..peers.low_latency import LowLatency
from ..peers.osworld import OSWorld
from ..peers.peer import TOOLS, Peer
from ..peers.playwright_page import PlaywrightPage
from .episodes import seconds_of
from .figures import PREMATURE, Figure, share
from .premature import Step, examine, low_latency_step, settled_step
from .scale import measure_scale
from .scenes import LETTERS, SIZE, Scene, scenes_named
from .turns import Way, take_turns

__all__ = ["CAPTURE", "CLICK", "CLOCK_OFF", "EPISODE", "RESET", "STEP", "TYPE", "WAITS", "Job", "measure"]

CAPTURE, CLICK, TYPE = "screenshot", "click", "type 100 characters"
STEP, EPISODE, RESET = "step: a click and its screenshot", "whole oracle episode", "reset"
CLOCK_OFF = "deskgym without its clock (closed loop)"
PAUSE = 2.0
WAITS = f"deskgym without its clock, {PAUSE:g} s of sleep after each action"
CONTAINER_PEERS = (LowLatency, DockerExec, OSWorld)


@dataclass(frozen=True)
class Job:
    """What to measure."""

    repeats: int = 30
    """Turns; what takes seconds takes part in each third."""
    steps: int = 200
    """How many of our steps on each software are examined for premature screenshots; of those that wait in real
    time, a tenth."""
    peers: bool = True
    scale: bool = True
    """Also many desktops at once, a long episode, and recording."""
    only: Sequence[str] = ()
    """The software; none means all."""


def measure(
    job: Job,
    report: Callable[[str], None] = lambda words: None,
    tell: Callable[[str], None] = lambda words: None,
) -> list[Figure]:
    """Measure it all.

    Args:
        job: what to measure.
        report: is told what is about to be tried, often.
        tell: is told what is left out, and why.

    Raises:
        DeskgymError: our own way failed; a peer's that cannot be measured here is left out.
    """
    parts = [_measure_scene(scene, job, tell) for scene in scenes_named(*job.only)]
    if job.scale:
        parts.append(measure_scale())
    figures: list[Figure] = []
    for words in chain.from_iterable(parts):
        if isinstance(words, str):
            report(words)
        else:
            figures += words
    return figures


def _measure_scene(scene: Scene, job: Job, tell: Callable[[str], None]) -> Iterator[str | list[Figure]]:
    software = find_software(scene.software)
    with ExitStack() as opened:
        yield f"{scene.software}: opening"
        ways = [*_our_ways(scene, software, opened), *_episode_ways(scene, software, job, opened)]
        if job.peers:
            try:
                ways += _peer_ways(scene, software, opened)
            except (DeskgymError, OSError) as error:
                tell(f"{scene.software}: the peers are left out: {error}")
        yield from take_turns(ways, job.repeats)
    if job.steps:
        yield from _premature(scene, software, job, tell)


def _our_ways(scene: Scene, software: Software, opened: ExitStack) -> Iterator[Way]:
    for peer, clock in (("", software.clock), (CLOCK_OFF, "off")):
        desktop = _open("local", software.model_copy(update={"clock": clock}), scene, opened)
        assert isinstance(desktop, XDesktop)
        jobs: dict[str, Callable[[int], object]] = {} if peer else {CAPTURE: _no_turn(desktop.screenshot)}
        jobs[CLICK] = _clicking(scene, lambda x, y, it=desktop: it.act(Click(x, y)), 1)
        if scene.types:
            jobs[TYPE] = _no_turn(lambda it=desktop: it.act(Type(LETTERS)))
        jobs[STEP] = _clicking(scene, lambda x, y, it=desktop: settled_step(it, Click(x, y)), 0)
        yield from _ways(scene, peer, jobs, desktop, 1)


def _episode_ways(scene: Scene, software: Software, job: Job, opened: ExitStack) -> Iterator[Way]:
    if not scene.episode:
        return
    for peer, clock, pause, every in (
        ("", software.clock, None, 3),
        (CLOCK_OFF, "off", None, 3),
        (WAITS, "off", PAUSE, max(job.repeats // 2, 3)),
    ):
        if pause and not job.peers:
            continue
        env = DesktopEnv(software.model_copy(update={"clock": clock}), scene.episode, size=SIZE)
        opened.callback(env.close)

        def play(turn: int, env: DesktopEnv = env, pause: float | None = pause) -> float:
            return seconds_of(env, turn, pause)

        def reset(turn: int, env: DesktopEnv = env) -> None:
            env.reset(seed=turn)

        yield Way(EPISODE, scene.software, peer, play, unit="s", every=every, warm_up=not peer)
        if not pause:
            yield Way(RESET, scene.software, peer, reset, unit="s", every=every, warm_up=False)


def _peer_ways(scene: Scene, software: Software, opened: ExitStack) -> list[Way]:
    ways: list[Way] = []
    if scene.peers:
        tooled = _with_tools(software)
        for kind in CONTAINER_PEERS:
            desktop = _open("docker", tooled, scene, opened)
            assert isinstance(desktop, XDesktop)
            ways += _ways_of(kind(desktop), scene, desktop, opened)
    if software.web:
        page = _open("browser", software, scene, opened)
        assert isinstance(page, BrowserDesktop)
        ways += _ways_of(PlaywrightPage(page), scene, page, opened)
    return ways


def _ways_of(peer: Peer, scene: Scene, desktop: Desktop, opened: ExitStack) -> Iterator[Way]:
    opened.callback(peer.close)
    jobs = {CAPTURE: _no_turn(peer.capture), CLICK: _clicking(scene, peer.click, 1)}
    if scene.types:
        jobs[TYPE] = _no_turn(lambda: peer.type(LETTERS))
    jobs[STEP] = _clicking(scene, peer.step, 0)
    return _ways(scene, peer.name, jobs, desktop, peer.every)


def _ways(
    scene: Scene, peer: str, jobs: dict[str, Callable[[int], object]], desktop: Desktop, every: int
) -> Iterator[Way]:
    for name, job in jobs.items():

        def once(turn: int, job: Callable[[int], object] = job) -> None:
            job(turn)

        yield Way(name, scene.software, peer, once, rest=lambda: desktop.perform(Wait(0)), every=every)


def _clicking(scene: Scene, click: Callable[[int, int], object], ahead: int) -> Callable[[int], object]:
    spots = scene.spots
    return lambda turn: click(*spots[(turn + ahead) % len(spots)])


def _no_turn(job: Callable[[], object]) -> Callable[[int], object]:
    return lambda turn: job()


def _premature(scene: Scene, software: Software, job: Job, tell: Callable[[str], None]) -> Iterator[str | list[Figure]]:
    off = software.model_copy(update={"clock": "off"})
    few = min(job.steps, max(5, job.steps // 10))
    examined: list[tuple[str, Software, str, Step, int]] = [
        ("", software, "local", settled_step, job.steps),
        (CLOCK_OFF, off, "local", settled_step, few),
    ]
    if job.peers and scene.peers:
        examined.append((LowLatency.name, _with_tools(software), "docker", low_latency_step(), few))
    for peer, played, kind, step, steps in examined:
        flags: list[bool] = []
        try:
            for flag in examine(played, kind, step, steps):
                flags.append(flag)
                yield f"{scene.software}: {len(flags)} of {steps} steps examined{peer and f', {peer}'}"
        except (DeskgymError, OSError) as error:
            if kind == "local":
                raise
            tell(f"{scene.software}: {peer} is left out of the count of premature screenshots: {error}")
            continue
        yield [share(PREMATURE, scene.software, peer, flags)]


def _open(kind: str, software: Software, scene: Scene, opened: ExitStack) -> Desktop:
    desktop = open_desktop(kind, software, SIZE)
    opened.callback(desktop.close)
    if scene.file:
        desktop.machine.write(scene.file, scene.text())
    desktop.launch((scene.file,) if scene.file else ())
    return desktop


def _with_tools(software: Software) -> Software:
    """The same application on the host's clock, in an image that also holds what the peers run inside of theirs."""
    from ...envs.images import build

    apt = (*software.packages.apt, *TOOLS)
    tooled = software.model_copy(update={"packages": Packages(apt=apt), "clock": "off"})
    build(tooled)
    return tooled
