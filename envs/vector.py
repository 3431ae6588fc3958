"""Vector env: many desktops driven by one process, each at work while the others are."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import gymnasium as gym
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.vector.utils import iterate

from .desktop_env import DesktopEnv

__all__ = ["DesktopVectorEnv"]


class DesktopVectorEnv(SyncVectorEnv):
    """`gymnasium.vector.SyncVectorEnv`, but all its desktops work at the same time.

    This process only sends orders and waits, so one thread for each desktop is enough to keep every core busy.
    What `gym.make_vec("deskgym/...", num_envs=16)` gives; the modes "sync" and "async" are Gymnasium's own.

    Args:
        num_envs: how many desktops.
        software: see `DesktopEnv`, as all other options.
        task: see `DesktopEnv`.
        copy: False hands out the same arrays at every step, which spares a copy of all screens.
        autoreset_mode: see `gymnasium.vector.AutoresetMode`.
    """

    def __init__(
        self,
        num_envs: int,
        software: str,
        task: str | None = None,
        *,
        copy: bool = True,
        autoreset_mode: str | AutoresetMode = AutoresetMode.NEXT_STEP,
        **options: Any,
    ):
        self._threads = ThreadPoolExecutor(num_envs, thread_name_prefix="deskgym-env")

        def make() -> gym.Env:
            return _Ahead(DesktopEnv(software, task, **options), self._threads)

        super().__init__([make] * num_envs, copy=copy, autoreset_mode=autoreset_mode)

    def reset(self, *, seed: Any = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """See `gymnasium.vector.VectorEnv.reset`."""
        mask = (options or {}).get("reset_mask", [True] * self.num_envs)
        seeds = (
            [None if seed is None else seed + i for i in range(self.num_envs)]
            if seed is None or isinstance(seed, int)
            else seed
        )
        for env, each, chosen in zip(self.envs, seeds, mask, strict=False):
            if chosen:
                env.begin_reset(each)  # type: ignore[attr-defined]
        return super().reset(seed=seed, options=options)

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        """See `gymnasium.vector.VectorEnv.step`."""
        for env, action, ended in zip(
            self.envs, iterate(self.action_space, actions), self._autoreset_envs, strict=True
        ):
            if ended and self.autoreset_mode == AutoresetMode.NEXT_STEP:
                env.begin_reset(None)  # type: ignore[attr-defined]
            else:
                env.begin_step(action)  # type: ignore[attr-defined]
        return super().step(actions)

    def close_extras(self, **kwargs: Any) -> None:
        """See `gymnasium.vector.VectorEnv.close_extras`."""
        super().close_extras(**kwargs)
        self._threads.shutdown()


class _Ahead(gym.Wrapper):
    """An env whose next call was begun before it is made."""

    def __init__(self, env: gym.Env, threads: ThreadPoolExecutor):
        super().__init__(env)
        self._threads = threads
        self._begun: Future[Any] | None = None

    def begin_step(self, action: Any) -> None:
        self._begun = self._threads.submit(self.env.step, action)

    def begin_reset(self, seed: int | None) -> None:
        self._begun = self._threads.submit(self.env.reset, seed=seed)

    def step(self, action: Any) -> Any:
        return self._finish() if self._begun else self.env.step(action)

    def reset(self, **arguments: Any) -> Any:
        return self._finish() if self._begun else self.env.reset(**arguments)

    def _finish(self) -> Any:
        begun, self._begun = self._begun, None
        assert begun is not None
        return begun.result()
