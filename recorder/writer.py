"""The writer: appends an episode to the disk while it is played, off the path of the steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from ..errors import RecordError
from ..verifiers.verdict import Verdict
from .disk import append, naming, write_whole
from .episode import FRAMES, Header, Label, Outcome, Record, Step, Usage, step_line
from .frames import Frame, FrameWriter, check_frame

__all__ = ["EpisodeWriter"]


class EpisodeWriter:
    """Writes one episode into its folder, which must not hold a judged one already.

        with EpisodeWriter(run.episode_folder(task, seed, agent), header) as writer:
            writer.first(screen)
            writer.step(thought="Save.", action='press("ctrl+s")', frame=screen)
            writer.close(verdict)

    One background thread encodes and writes, one step at a time: a call waits for the step before it, which
    has long been written unless steps take less than a few milliseconds, and leaves a copy of its own behind.
    Hence the promise: **when `step` number n returns, all steps before n are on the disk**, frames included,
    and outlive `kill -9`; when `close` returns, everything does. A step's line is written after its frames, so
    that no line ever points at a frame that is not there.

    What goes wrong in the background (a full disk) is raised by the next call, and by every call after
    that; the steps written before stay readable. A block left without `close` leaves an episode "unfinished".
    """

    def __init__(self, folder: str | Path, header: Header):
        """Open the folder and write the header.

        Raises:
            RecordError: an episode with a verdict lies there already, or the disk would not take it.
        """
        self.folder = Path(folder)
        self._refuse_to_overwrite()
        self._path = self.folder / "steps.jsonl"
        self._record = Record(header)
        self._screen = ""
        self._steps = 0
        with naming(self._path):
            self.folder.mkdir(parents=True, exist_ok=True)
            # An earlier attempt that came to nothing is replaced: its record first, so that its steps never
            # stand under our header; unlinked, so that a writer of it that still lives has its own file.
            (self.folder / "episode.json").unlink(missing_ok=True)
            self._path.unlink(missing_ok=True)
            (self.folder / FRAMES).unlink(missing_ok=True)
        with ExitStack() as files:
            with naming(self._path):
                self._lines = files.enter_context(open(self._path, "xb", buffering=0))
            self._frames = files.enter_context(FrameWriter(self.folder / FRAMES))
            self._write_record()
            self._files = files.pop_all()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="deskgym-recorder")
        self._pending: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def first(self, frame: Frame) -> None:
        """Record the first observation.

        Args:
            frame: uint8[H, W, 3], RGB; copied.

        Raises:
            RecordError: it is no frame, or was recorded before.
        """
        if self._pending is not None:
            raise RecordError(f"{self.folder}: the first screen is recorded once, before all steps")
        self._hand_over(self._save_first, _copy(frame))

    def step(
        self,
        *,
        thought: str,
        action: str,
        frame: Frame,
        error: str = "",
        seconds: Mapping[str, float] | None = None,
        reward: float = 0.0,
        terminated: bool = False,
        truncated: bool = False,
        labels: Iterable[Label] = (),
        target: Label | None = None,
        usage: Usage | None = None,
        reply: Any = None,
    ) -> None:
        """Record one action and the screen that followed it; the other arguments are those of `Step`.

        Args:
            action: its text form, verbatim.
            frame: the next screen, uint8[H, W, 3], RGB; copied.
            labels: the widgets on the screen *before* the action.

        Raises:
            RecordError: an earlier step could not be written, or `frame` is no frame.
        """
        if self._pending is None:
            raise RecordError(f"{self.folder}: the first screen must be recorded before any step")
        step = Step(
            index=self._steps,
            screen="",
            thought=thought,
            action=str(action),
            next_screen="",
            error=error,
            seconds={name: float(value) for name, value in (seconds or {}).items()},
            reward=float(reward),
            terminated=bool(terminated),
            truncated=bool(truncated),
            labels=tuple(labels),
            target=target,
            usage=usage,
            reply=reply,
        )
        self._hand_over(self._save_step, _copy(frame), step)
        self._steps += 1

    def close(self, verdict: Verdict | None, fault: str = "") -> None:
        """Wait for the last step, and write what became of the episode.

        Args:
            verdict: the judgement, or None when there is none.
            fault: what went wrong with the machine, if it did: a "fault", whatever the verdict.

        Raises:
            RecordError: a step or the closing record could not be written; the episode stays "unfinished".
        """
        try:
            self._settle()
            self._record = replace(
                self._record,
                outcome=_outcome(verdict, fault),
                fault=fault,
                verdict=None if verdict is None else verdict.bare().as_json(),
                steps=self._steps,
            )
            self._write_record()
        finally:
            self._release()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._release()
        failure = self._pending.exception() if self._pending is not None else None
        if failure is None or failure is error:
            return
        if error is None:
            raise failure
        error.add_note(f"besides, the recorder failed: {failure}")

    def _hand_over(self, job: Callable[..., None], *arguments: object) -> None:
        self._settle()
        self._pending = self._worker.submit(job, *arguments)

    def _settle(self) -> None:
        """Wait for the background thread; a failure stays pending, so that every later call raises it too."""
        if self._lines.closed:
            raise RecordError(f"{self.folder}: this episode has been closed")
        if self._pending is not None:
            self._pending.result()

    def _release(self) -> None:
        self._worker.shutdown()
        self._files.close()

    def _save_first(self, frame: Frame) -> None:
        self._screen = self._frames.put(frame)
        self._record = replace(self._record, first=self._screen)
        self._write_record()

    def _save_step(self, frame: Frame, step: Step) -> None:
        key = self._frames.put(frame)
        append(self._lines, self._path, step_line(replace(step, screen=self._screen, next_screen=key)))
        self._screen = key

    def _write_record(self) -> None:
        write_whole(self.folder / "episode.json", self._record.as_json())

    def _refuse_to_overwrite(self) -> None:
        if (self.folder / "episode.json").exists() and Record.read(self.folder).judged:
            raise RecordError(f"{self.folder} already holds a judged episode; remove it or choose another run")


def _copy(frame: Frame) -> Frame:
    check_frame(frame)
    return np.array(frame, order="C", copy=True)


def _outcome(verdict: Verdict | None, fault: str) -> Outcome:
    if fault:
        return "fault"
    if verdict is None:
        return "unjudged"
    return "passed" if verdict.passed else "failed"
