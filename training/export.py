"""Export: episodes of runs and of curated data sets, written in a format that others read."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ..errors import ActionError, DeskgymError, RecordError
from ..recorder.disk import naming, write_whole
from ..recorder.episode import Record
from .exports import DEFAULT, export_format, format_names
from .exports.parts.card import card
from .exports.parts.format import Format
from .exports.parts.ledger import Ledger, Trouble
from .exports.parts.pictures import Pictures
from .exports.parts.trajectory import Source, Trajectory, read_trajectory, sources

__all__ = ["export"]


def export(
    folders: Iterable[str | Path],
    into: str | Path,
    to: str = DEFAULT,
    *,
    screens: int = 0,
    all_outcomes: bool = False,
    coming: Callable[[int], None] = lambda count: None,
    report: Callable[[str], None] = lambda words: None,
) -> Ledger:
    """Write episodes in a format of other people's trainers and tools.

    A damaged episode, and one with an action the format has no words for, is passed over and told of.

    Args:
        folders: runs, curated data sets, or single episodes. Of a run, the passed episodes; of a data set, its lessons.
        into: the export's folder, a new or an empty one; made whole or not at all.
        to: the format's name.
        screens: most screenshots of a conversation, where the format holds such; 0: any number.
        all_outcomes: also what was not passed, where the format says how an episode ended.
        coming: is told how many episodes will be looked at.
        report: is told the name of each that has been.

    Raises:
        RecordError: a folder is no run, `into` is taken, or the disk would not take it.
        DeskgymError: no such format, it cannot do what is asked, or no episode is left.
        MissingExtra: the format needs a library that is not installed.
    """
    into, chosen = Path(into), export_format(to)
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise RecordError(f"{into} is there already, and not empty: name a new folder with --into")
    if all_outcomes and not chosen.outcomes:
        raise DeskgymError(
            f"{to} does not say how an episode ended, so a student would learn failures: leave out --all-outcomes, "
            f"or export {_telling()}"
        )
    if screens and not chosen.chats:
        raise DeskgymError(f"{to} holds whole episodes with all their screens: leave out --screens")
    todo = list(sources(folders))
    coming(len(todo))
    place = into.resolve()
    making = place.with_name(f".{place.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    try:
        with naming(making):
            making.mkdir(parents=True)
        made, ledger = chosen(making, screens), Ledger(making / "episodes.jsonl")
        _write(todo, made, ledger, all_outcomes, report)
        if not ledger.exported:
            raise DeskgymError(_nothing(ledger, all_outcomes))
        made.close()
        write_whole(making / "README.md", card(made, to, ledger).encode("utf-8", "backslashreplace"))
        with naming(into):
            making.rename(place)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return ledger


def _write(
    todo: Iterable[Source], made: Format, ledger: Ledger, all_outcomes: bool, report: Callable[[str], None]
) -> None:
    pictures = Pictures()
    for name, source in _named(todo):
        trajectory = _wanted(source, name, pictures, ledger, all_outcomes)
        if trajectory:
            try:
                rows = made.add(trajectory)
            except ActionError as error:
                ledger.fail(Trouble(name, "unsayable", str(error)))
            else:
                ledger.enter(trajectory, rows)
        report(name)


def _wanted(source: Source, name: str, pictures: Pictures, ledger: Ledger, all_outcomes: bool) -> Trajectory | None:
    """The episode, or nothing if it is not to be exported; the ledger says why."""
    try:
        # What was not passed need not be read whole.
        outcome = "passed" if source.lesson else Record.read(source.folder).outcome
        if outcome != "passed" and not all_outcomes:
            ledger.pass_over(name, outcome)
            return None
        trajectory = read_trajectory(source, name, pictures)
    except RecordError as error:
        ledger.fail(Trouble(name, "unreadable", str(error).replace(str(source.folder), name)))
        return None
    if not trajectory.turns:
        ledger.pass_over(name, "no step was taken")
        return None
    return trajectory


def _named(todo: Iterable[Source]) -> Iterator[tuple[str, Source]]:
    """Each source with its folder's name, and a number where several runs have the same."""
    seen: dict[str, int] = {}
    for source in todo:
        name = source.folder.name
        seen[name] = seen.get(name, 0) + 1
        yield name if seen[name] == 1 else f"{name}__{seen[name]}", source


def _nothing(ledger: Ledger, all_outcomes: bool) -> str:
    if not ledger.passed_over:
        return "there is no episode to export; `deskgym collect` records some"
    words = f"no episode is left to export: {ledger.fates()}"
    if not all_outcomes and ledger.passed_over.keys() - {"unreadable", "unsayable"}:
        words += f"; what was not passed is exported with --all-outcomes {_telling()}"
    if ledger.troubles:
        words += f". The first: {ledger.troubles[0].episode}: {ledger.troubles[0].reason}"
    return words


def _telling() -> str:
    """The option that chooses a format which says how an episode ended."""
    return f"--to {' or '.join(name for name in format_names() if export_format(name).outcomes)}"
