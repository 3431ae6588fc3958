"""DesktopEnv: a task on real software as a Gymnasium environment."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import gymnasium as gym
import numpy as np

from ..errors import ActionError, DesktopError, DesktopUnavailable, SpecError
from ..software_specs.catalog import find_software
from ..software_specs.spec import Instance, Software, Task
from ..software_specs.task_code import TaskCode, load_task_code, prepare
from ..verifiers.judge import judge
from ..verifiers.privileged import Evidence
from ..verifiers.verdict import Verdict
from .action import Action, Decision, Finish
from .desktop import Desktop, open_desktop
from .hands import Hands
from .seeds import COLLECTING_SEEDS
from .spaces import LONGEST_GOAL, ActionSpace, observation_space
from .spares import Spares
from .tree_text import tree_text
from .window import Window

__all__ = ["COLLECTING_SEEDS", "DesktopEnv"]

Observation = dict[str, Any]


class DesktopEnv(gym.Env[Observation, Action]):
    """One task of a software, or all of them (the seed draws one), on a desktop of some kind.

    An observation is `{"goal": str, "screen": uint8[H, W, 3]}` and nothing else, unless `tree` is asked for. An action
    is an `Action`, or its text form; one that is malformed or off the screen costs a step and is explained in
    `info["error"]`. The episode terminates when the agent plays `finish`, and is truncated after the task's step limit;
    then the reward is the verdict's score in 0..1 (0.0 at every other step), and `info["verdict"]` holds the verdict.

    The seed of `reset` is the instance: goal, data and truth all follow from it.

    Args:
        software: the name of a spec, or a loaded one.
        task: the name of one of its tasks; None lets the seed draw.
        desktop: the kind of desktop: local, docker, browser, screen or toy.
        size: width and height of the screen in pixels; None takes the spec's.
        max_steps: step limit; None takes the task's.
        render_mode: "rgb_array", "human" (a window that follows the screen) or None.
        tree: whether an observation also holds "tree", the visible widgets as text (see `tree_text`): for agents that
            read the accessibility tree, or the DOM. Their results are others, and a record says so.
        spares: how many machines boot ahead of the next reset; 0 saves the memory they take.
    """

    metadata = {"render_modes": ["rgb_array", "human"], "render_fps": 4}  # noqa: RUF012

    def __init__(
        self,
        software: str | Software,
        task: str | None = None,
        *,
        desktop: str = "local",
        size: tuple[int, int] | None = None,
        max_steps: int | None = None,
        render_mode: str | None = None,
        tree: bool = False,
        spares: int = 1,
    ):
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise gym.error.UnsupportedMode(f"render_mode {render_mode!r}; known: {self.metadata['render_modes']}")
        self.software = find_software(software) if isinstance(software, str) else software
        self._tasks = [self.software.task(task)] if task else list(self.software.tasks.values())
        self.kind = desktop
        self.size = size or self.software.desktop.screen
        self.render_mode = render_mode
        self.tree = tree
        self.observation_space = observation_space(self.size, tree)
        self.action_space: ActionSpace = ActionSpace(self.size)  # type: ignore[assignment]
        self._step_limit = max_steps
        self.task: Task = self._tasks[0]
        self.instance: Instance | None = None
        self.evidence: Evidence | None = None
        """What the verdict of the ended episode was based on; for the judge's side only."""
        self._code: TaskCode | None = None
        self._truth: dict[str, Any] = {}
        self._desktop: Desktop | None = None
        self._spares = Spares(lambda: open_desktop(self.kind, self.software, self.size), spares)
        self._played: list[Action] = []
        self._branching: Future[None] | None = None
        self._window: Window | None = None
        self._steps = 0
        self._ended = True

    @property
    def desktop(self) -> Desktop:
        """The running desktop; raises `gymnasium.error.ResetNeeded` before the first reset."""
        self._await_branch()
        return self._running()

    def _running(self) -> Desktop:
        if self._desktop is None:
            raise gym.error.ResetNeeded("call reset before using the desktop")
        return self._desktop

    @property
    def max_steps(self) -> int:
        """The step limit of the current task."""
        return self._step_limit or self.task.max_steps

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Boot a fresh machine, prepare the instance that belongs to the seed, and launch the software.

        Raises:
            SpecError: the spec, its setup or its launch is at fault.
            DesktopError: the machine failed twice in a row.
        """
        self._await_branch()
        super().reset(seed=seed)
        self._begin(int(self.np_random.integers(len(COLLECTING_SEEDS))) if seed is None else seed)
        self._spares.refill()
        return self._observe(), self._info()

    def _begin(self, seed: int) -> None:
        self.task = self._tasks[seed % len(self._tasks)]
        self.instance = self.task.instance(seed)
        if not 0 < len(self.instance.goal) <= LONGEST_GOAL:
            raise SpecError(f"{self.task.id}: a goal has 1 to {LONGEST_GOAL} characters")
        self._code = load_task_code(self.task)
        self.evidence, self._steps, self._ended, self._played = None, 0, False, []
        try:
            self._boot()
        except DesktopUnavailable:
            raise
        except DesktopError:
            self._boot()  # once more, on a fresh machine

    def _boot(self) -> None:
        assert self._code is not None
        assert self.instance is not None
        self._close_desktop()
        self._desktop = self._spares.take()
        try:
            self._truth = prepare(self.task, self._code, self._desktop.machine, self.instance)
            self._desktop.launch(self.task.open)
        except BaseException:
            self._close_desktop()
            raise

    def step(self, action: Action | str) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Play one action and wait until the screen is final.

        Raises:
            DesktopError: the machine is gone; the episode is void.
            VerifierError: the episode ended and the judge failed: it has no verdict. `evidence` is kept.
        """
        self._await_branch()
        if self._ended:
            raise gym.error.ResetNeeded("the episode has ended: call reset")
        self._steps += 1
        error, settled, terminated = "", True, False
        try:
            meant = self.action_space.check(action)
            terminated = isinstance(meant, Finish)
            if not terminated:
                self._played.append(meant)
                settled = self.desktop.perform(meant)
        except ActionError as fault:
            meant, error = None, str(fault)
        truncated = not terminated and self._steps >= self.max_steps
        observation = self._observe()
        info = self._info(error=error, settled=settled)
        reward = 0.0
        if terminated or truncated:
            self._ended = True
            verdict = self.judge_now(meant.answer if isinstance(meant, Finish) else "")
            reward, info["verdict"] = verdict.score, verdict
        return observation, reward, terminated, truncated, info

    def judge_now(self, answer: str = "") -> Verdict:
        """Judge the machine as it stands and keep the evidence; the episode goes on as it was.

        Raises:
            DesktopError: the evidence cannot be collected.
            VerifierError: the verifier failed.
        """
        code, instance = self._ready()
        files = self.desktop.machine.collect((*self.software.evidence, *self.task.evidence))
        self.evidence = Evidence(truth=self._truth, params=instance.params, files=files, answer=answer)
        return judge(code.verify, self.evidence)

    def fork(self) -> DesktopEnv:
        """A second env in the state of this one, live and on its own from here on.

        It is made in the background, by playing the same actions from the same seed on a machine of its own; its
        first use waits for that. This env goes on meanwhile. Forks are for envs whose desktop has a clock of its
        own: without it the same actions need not lead to the same screen.

        Raises:
            gymnasium.error.ResetNeeded: no episode is under way.
            DesktopError: (by the first use of the fork) its machine died, or its screen came out different.
        """
        _, instance = self._ready()
        if self._ended:
            raise gym.error.ResetNeeded("the episode has ended: there is nothing to fork")
        branch = DesktopEnv(self.software, self.task.name, desktop=self.kind, size=self.size,
                            max_steps=self._step_limit, tree=self.tree, spares=0)  # fmt: skip
        worker = ThreadPoolExecutor(1, thread_name_prefix="deskgym-fork")
        branch._branching = worker.submit(branch._follow, instance.seed, list(self._played), self._steps,
                                          self.desktop.screenshot())  # fmt: skip
        worker.shutdown(wait=False)
        return branch

    def _follow(self, seed: int, actions: list[Action], steps: int, screen: np.ndarray) -> None:
        """Reach the state of another env; runs in a thread, before anybody else uses this one."""
        self._begin(seed)
        for action in actions:
            self._running().perform(action)
        self._played, self._steps = actions, steps
        if not np.array_equal(self._running().screenshot(), screen):
            self._close_desktop()
            raise DesktopError(f"the fork of {self.task.id} seed {seed} shows another screen after {steps} steps")

    def _await_branch(self) -> None:
        if self._branching is not None:
            branching, self._branching = self._branching, None
            branching.result()

    def solution(self) -> Iterator[Decision]:
        """The oracle's decisions for the current instance, made while looking at the live machine."""
        code, instance = self._ready()
        return code.solve(self._hands(), instance.params, self._truth)

    def near_misses(self) -> dict[str, Iterator[Decision]]:
        """Name -> decisions of plausible mistakes for the current instance."""
        code, instance = self._ready()
        return code.near_misses(self._hands(), instance.params, self._truth)

    def truth_for_proof(self) -> dict[str, Any]:
        """A copy of the truth, for `deskgym check` alone."""
        return dict(self._truth)

    def render(self) -> np.ndarray | None:
        """The screen as uint8[H, W, 3] in mode "rgb_array"; in mode "human" the window is kept up to date."""
        return self.desktop.screenshot() if self.render_mode == "rgb_array" else None

    def close(self) -> None:
        """End the machine, and the spare one; safe to call twice."""
        if self._branching is not None:
            with contextlib.suppress(Exception):  # whoever closes a fork does not care how it came out
                self._await_branch()
        self._spares.close()
        self._close_desktop()
        if self._window is not None:
            self._window.close()
            self._window = None

    def _ready(self) -> tuple[TaskCode, Instance]:
        self._await_branch()
        if self._code is None or self.instance is None or self._desktop is None:
            raise gym.error.ResetNeeded("call reset first")
        return self._code, self.instance

    def _hands(self) -> Hands:
        return Hands(self.desktop.machine, self.size)

    def _observe(self) -> Observation:
        assert self.instance
        screen = self.desktop.screenshot()
        if self.render_mode == "human":
            self._window = self._window or Window(self.size, self.task.id)
            self._window.show(screen)
        observation = {"goal": self.instance.goal, "screen": screen}
        if self.tree:
            observation["tree"] = tree_text(self.desktop.machine.tree(), self.size)
        return observation

    def _info(self, *, error: str = "", settled: bool = True) -> dict[str, Any]:
        assert self.instance
        return {
            "task": self.task.id,
            "seed": self.instance.seed,
            "steps": self._steps,
            "error": error,
            "settled": settled,
        }

    def _close_desktop(self) -> None:
        if self._desktop is not None:
            self._desktop.close()
            self._desktop = None
