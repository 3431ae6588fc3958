"""Record: one agent plays one instance, and all that happens is written down as it happens."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import gymnasium as gym

from ..agents.agent import Agent, Answer
from ..agents.play import Start, Turn, play
from ..envs.action import Action, parse_action
from ..envs.desktop_env import DesktopEnv
from ..errors import ActionError, BudgetSpent, DeskgymError, RecordError, TeacherUnavailable
from ..recorder.episode import Episode, Header, Label
from ..recorder.store import EVIDENCE, VERDICT_FILE, Run
from ..recorder.writer import EpisodeWriter
from ..verifiers.judge import save_evidence
from ..verifiers.privileged import Evidence, Widget
from ..verifiers.verdict import Verdict
from .resume import Diverged, Repeater, broken_off, forget

__all__ = ["evidence_folder", "keep_verdict", "record"]


def record(
    env: gym.Env,
    agent: Agent,
    *,
    seed: int,
    into: str | Path,
    name: str = "",
    attempt: int = 0,
    annotate: bool = False,
) -> Episode:
    """Play one episode and record it in a run's folder; evidence goes into a sibling folder that no student reads.

    A fault of the machine, the judge or a teacher's service ends the recording as such: it is kept, without a verdict.
    An episode that was broken off, by the death of this process, a spent budget or a service that failed, is taken up
    where it ended.

    Args:
        env: a deskgym environment.
        agent: who plays.
        seed: the instance.
        into: the run's folder.
        name: what the agent is called in the record; its class, if empty.
        attempt: which of its tries at this instance it is, from 0.
        annotate: also write down the visible widgets before each action (labels for training); of an agent that reads
            the tree they are written down always.

    Raises:
        SpecError: the spec is wrong, so no episode can begin.
        RecordError: the disk would not take it.
        BudgetSpent: no more may be asked of a teacher; the episode stays unfinished.
        TeacherUnavailable: a teacher cannot be asked at all; likewise.
    """
    inner = env.unwrapped
    if not isinstance(inner, DesktopEnv):
        raise DeskgymError(f"{env} is no deskgym environment")
    run = Run(into)
    who, annotate = (name or type(agent).__name__, attempt), annotate or inner.tree
    try:
        return _record(inner, env, agent, seed, run, who, annotate, resume=True)
    except Diverged:
        return _record(inner, env, agent, seed, run, who, annotate, resume=False)


def _record(
    inner: DesktopEnv,
    env: gym.Env,
    agent: Agent,
    seed: int,
    run: Run,
    who: tuple[str, int],
    annotate: bool,
    resume: bool,
) -> Episode:
    player = Repeater(agent)
    turns = play(env, player, seed, attempt=who[1])
    start = next(turns)
    assert isinstance(start, Start)
    header = _header(inner, who, seed)
    folder = run.episode_folder(header.task, seed, *who)
    if resume and (before := broken_off(run, folder.name, header)):
        player.repeat(before)
    with EpisodeWriter(folder, header) as writer:
        writer.first(start.screen)
        verdict, fault = None, ""
        try:
            labels = _labels(inner, annotate)
            for turn in turns:
                assert isinstance(turn, Turn)
                _write(writer, turn, labels)
                verdict = turn.info.get("verdict")
                labels = () if verdict else _labels(inner, annotate)
        except (Diverged, BudgetSpent, TeacherUnavailable):
            raise
        except DeskgymError as error:
            fault = f"{type(error).__name__}: {error}"
        if inner.evidence is not None:
            _keep(inner.evidence, verdict, evidence_folder(run.folder, folder.name))
        writer.close(verdict, fault)
    forget(run, folder.name)
    return Episode.read(folder)


def evidence_folder(run: Path, episode: str) -> Path:
    """Where the evidence of an episode lies: beside the episodes, never among them."""
    return run / EVIDENCE / episode


def keep_verdict(verdict: Verdict, folder: Path) -> None:
    """Write a verdict with all that was wanted and found, for the person who judges; an episode holds it bare."""
    (folder / VERDICT_FILE).write_text(json.dumps(verdict.as_json(), indent=1))


def _keep(evidence: Evidence, verdict: Verdict | None, folder: Path) -> None:
    try:
        save_evidence(evidence, folder)
        if verdict is not None:
            keep_verdict(verdict, folder)
    except OSError as error:
        raise RecordError(f"the evidence cannot be kept in {folder}: {error}") from error


def _header(env: DesktopEnv, who: tuple[str, int], seed: int) -> Header:
    assert env.instance
    software, desktop = env.software, env.desktop
    return Header(
        task=env.task.id,
        seed=seed,
        agent=who[0],
        attempt=who[1],
        goal=env.instance.goal,
        desktop=env.kind,
        screen_size=env.size,
        max_steps=env.max_steps,
        software={
            "name": software.name,
            "version": software.version,
            "split": software.split,
            "spec": software.digest,
            "packages": {package: desktop.packages.get(package, "") for package in software.packages.apt},
        },
        image=desktop.image,
        clock=desktop.clock,
        deskgym=version("deskgym"),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        observation="screen and tree" if env.tree else "screen",
    )


def _write(writer: EpisodeWriter, turn: Turn, labels: tuple[Label, ...]) -> None:
    decision = turn.decision
    writer.step(
        thought=decision.thought,
        action=str(decision.action),
        frame=turn.screen,
        error=turn.info["error"],
        seconds=turn.seconds,
        reward=turn.reward,
        terminated=turn.terminated,
        truncated=turn.truncated,
        labels=labels,
        target=_target(decision.action, labels),
        usage=decision.usage if isinstance(decision, Answer) else None,
        reply=decision.reply if isinstance(decision, Answer) else None,
    )


def _labels(env: DesktopEnv, annotate: bool) -> tuple[Label, ...]:
    """The visible widgets: role, name and box. What they hold is on the screen already, and stays there."""
    if not annotate:
        return ()
    return tuple(_label(widget) for widget in env.desktop.machine.tree() if widget.name or widget.role != "filler")


def _label(widget: Widget) -> Label:
    kept = {key: value for key, value in asdict(widget).items() if key in ("role", "name", "box")}
    return Label(**kept)


def _target(action: Action | str, labels: tuple[Label, ...]) -> Label | None:
    """The smallest widget under the first pixel an action touches."""
    try:
        points = (parse_action(action) if isinstance(action, str) else action).points()
    except ActionError:
        return None
    if not points:
        return None
    x, y = points[0]
    under = [
        label
        for label in labels
        if label.box[0] <= x < label.box[0] + label.box[2] and label.box[1] <= y < label.box[1] + label.box[3]
    ]
    return min(under, key=lambda label: label.box[2] * label.box[3], default=None)
