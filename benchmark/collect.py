"""Collect: an agent plays a suite, with workers, into a run that can be resumed; and verdicts are judged anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

from ..agents.agent import Agent
from ..agents.naming import make_agent, reads_tree
from ..agents.teachers.ledger import Ledger, Spent
from ..agents.teachers.terms import Terms
from ..envs.desktop_env import DesktopEnv
from ..errors import BudgetSpent, DeskgymError, MissingExtra, TeacherUnavailable
from ..recorder.episode import Episode
from ..recorder.store import Run
from ..software_specs.catalog import find_task
from ..software_specs.task_code import load_task_code
from ..verifiers.judge import judge, load_evidence
from ..verifiers.verdict import Verdict
from .record import evidence_folder, keep_verdict, record
from .suite import Trial
from .workers import in_workers

__all__ = ["Rejudged", "amend", "collect", "judge_again", "judge_episode", "pending", "spent"]

FINAL = (BudgetSpent, MissingExtra, TeacherUnavailable)
"""What would keep every other trial from being played as well."""


def pending(trials: Iterable[Trial], into: str | Path) -> list[Trial]:
    """The trials that have no verdict yet in a run: what is left to do when it is resumed."""
    run = Run(into)
    return [trial for trial in trials if not run.finished(trial.task, trial.seed, trial.agent, trial.attempt)]


def collect(
    trials: Iterable[Trial],
    into: str | Path,
    *,
    workers: int = 1,
    annotate: bool = False,
    terms: Terms | None = None,
) -> Iterator[tuple[Trial, Episode | Exception]]:
    """Play trials and yield each as it ends, with its episode, or with the error that kept it from beginning.

    What is `FINAL`, such as a spent budget, ends the run with the trial that met it; trials that others were at go on
    until they meet it too. An episode that was broken off so is taken up again where it was.

    Args:
        trials: what to play; see `pending` for resuming.
        into: the run's folder.
        workers: processes that play side by side.
        annotate: also record the visible widgets.
        terms: on which teachers are asked; their folder is the run's.
    """
    play = partial(_play_one, into=Path(into), annotate=annotate, terms=terms)
    with closing(in_workers(play, trials, workers)) as played:
        for trial, result in played:
            yield trial, result
            if isinstance(result, FINAL):
                return


def spent(into: str | Path) -> Spent:
    """What a run has spent on teachers.

    Raises:
        RecordError: its ledger is damaged.
    """
    return Ledger(Path(into)).spent()


def _play_one(trial: Trial, into: Path, annotate: bool, terms: Terms | None) -> Episode:
    software, _, task = trial.task.partition(".")
    tree = reads_tree(trial.agent)
    env = DesktopEnv(software, task, desktop=trial.desktop, size=trial.screen, tree=tree, spares=0)
    with closing(env), ExitStack() as ending:
        agent = _student(trial.agent)
        if agent is None:
            agent = make_agent(trial.agent, env, terms)
            if close := getattr(agent, "close", None):
                ending.callback(close)
        return record(
            env, agent, seed=trial.seed, into=into, name=trial.agent, attempt=trial.attempt, annotate=annotate
        )


@lru_cache(maxsize=1)
def _student(name: str) -> Agent | None:
    """A student, loaded once for all its episodes: that takes longer than an episode. Nothing for anybody else."""
    if not name.startswith("student:"):
        return None
    from ..agents.student import StudentAgent

    return StudentAgent.named(name.removeprefix("student:"))


@dataclass(frozen=True)
class Rejudged:
    """A recorded episode and what the verifier of today says of it."""

    episode: Episode
    verdict: Verdict | None
    error: str = ""

    @property
    def changed(self) -> bool:
        """Whether pass or fail differs from what was recorded."""
        before = self.episode.verdict
        return (before.passed if before else None) != (self.verdict.passed if self.verdict else None)


def amend(run_folder: str | Path, rejudged: Rejudged) -> None:
    """Write a new verdict over the recorded one: bare into the episode, whole beside its evidence."""
    if rejudged.verdict is not None:
        rejudged.episode.amend(rejudged.verdict)
        keep_verdict(rejudged.verdict, evidence_folder(Path(run_folder), rejudged.episode.folder.name))


def judge_again(run_folder: str | Path) -> Iterator[Rejudged]:
    """Judge every episode of a run from its stored evidence, with the verifiers as they are now; nothing is played.

    Raises:
        RecordError: the folder is no run.
    """
    for episode in Run(run_folder).episodes():
        try:
            yield Rejudged(episode, judge_episode(episode))
        except DeskgymError as error:
            yield Rejudged(episode, None, str(error))


def judge_episode(episode: Episode) -> Verdict:
    """Judge one recorded episode from the evidence that its run keeps, with the verifier as it is now.

    Raises:
        VerifierError: there is no evidence, or the verifier fails.
        SpecError: there is no such task any more.
    """
    evidence = load_evidence(evidence_folder(episode.folder.parent.parent, episode.folder.name))
    _, task = find_task(episode.header.task)
    return judge(load_task_code(task).verify, evidence)
