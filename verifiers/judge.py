"""The judge: runs a task's verify over the evidence, and keeps evidence so that it can be judged again."""

from __future__ import annotations

import inspect
import json
import os
import re
import tempfile
import traceback
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..errors import RecordError, SpecError, VerifierError
from .checks.basic import UnreadableFile
from .privileged import Evidence
from .verdict import Check, Verdict

__all__ = ["EVIDENCE_FILE", "judge", "load_evidence", "save_evidence"]

EVIDENCE_FILE = "evidence.zip"


def judge(verify: Callable[[Evidence], Verdict], evidence: Evidence) -> Verdict:
    """The verdict of a task's verify.

    A file that the player did not leave, or left broken, is a failed check. Whatever else goes wrong is the
    verifier's fault and gives no verdict.

    Args:
        verify: the task's function.
        evidence: what it may look at.

    Raises:
        VerifierError: verify raised, or returned something else than a Verdict; names its file and line.
    """
    try:
        verdict = verify(evidence)
    except UnreadableFile as error:
        return Verdict.of(Check("the document can be read", False, "a readable document", str(error)))
    except FileNotFoundError as error:
        # Evidence.read raises it with the path alone; one with an errno comes from the judge's own disk.
        if error.errno is not None:
            raise _blame(verify, error) from error
        return Verdict.of(Check("the file exists", False, str(error), "no such file"))
    except Exception as error:
        # A verifier is anyone's code: whatever it raises must become "no verdict", never a zero.
        raise _blame(verify, error) from error
    if not isinstance(verdict, Verdict):
        raise VerifierError(f"{_place(verify)}: verify must return a Verdict, not {verdict!r:.100}")
    return verdict


def save_evidence(evidence: Evidence, folder: str | Path) -> Path:
    """Keep evidence as `evidence.zip` in the folder, which is made; an older one is replaced in one go.

    Members have numbers for names, so that unpacking it by hand writes nowhere else; `evidence.json` says
    which path each had.

    Raises:
        SpecError: truth or params would not come back from JSON as they are (a tuple, a date, a NaN).
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    members = {f"files/{number:05d}{_suffix(path)}": path for number, path in enumerate(sorted(evidence.files))}
    about = {
        "truth": _plain("truth", evidence.truth),
        "params": _plain("params", evidence.params),
        "answer": evidence.answer,
        "files": members,
    }
    descriptor, partial = tempfile.mkstemp(prefix=".evidence-", dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
                # ZipInfo without a date: the same evidence is the same bytes.
                archive.writestr(_member("evidence.json"), json.dumps(about, indent=1))
                for member, path in members.items():
                    archive.writestr(_member(member), evidence.files[path])
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(partial, folder / EVIDENCE_FILE)
    finally:
        Path(partial).unlink(missing_ok=True)
    return folder / EVIDENCE_FILE


def load_evidence(folder: str | Path) -> Evidence:
    """The evidence that `save_evidence` kept in the folder.

    Raises:
        RecordError: there is none, or it is damaged.
    """
    path = Path(folder) / EVIDENCE_FILE
    try:
        with zipfile.ZipFile(path) as archive:
            about = json.loads(archive.read("evidence.json"))
            files = {name: archive.read(member) for member, name in about["files"].items()}
            return Evidence(about["truth"], about["params"], files, about["answer"])
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile, zlib.error) as error:
        raise RecordError(f"{path}: the evidence cannot be read: {error}") from error


def _blame(verify: Callable[..., Any], error: Exception) -> VerifierError:
    """Name the deepest line of the verifier's own file that the error passed through."""
    frames = traceback.extract_tb(error.__traceback__)[1:]
    own = [frame for frame in frames if frame.filename == frames[0].filename]
    place = f"{own[-1].filename}, line {own[-1].lineno}" if own else _place(verify)
    return VerifierError(f"{place}: {type(error).__name__}: {error}")


def _place(verify: Callable[..., Any]) -> str:
    code = getattr(inspect.unwrap(verify), "__code__", None)
    return f"{code.co_filename}, line {code.co_firstlineno}" if code else repr(verify)


def _plain(what: str, value: Any) -> dict[str, Any]:
    """The value as plain JSON types, refused where judging again would see something else."""
    try:
        plain = json.loads(json.dumps(dict(value)))
    except (TypeError, ValueError) as error:
        raise SpecError(f"the task's {what} must be plain JSON: {error}") from error
    for key in value:
        if plain.get(key) != value[key]:
            raise SpecError(f"the task's {what} must be plain JSON; {key!r} is {value[key]!r:.100}")
    return plain


def _suffix(path: str) -> str:
    match = re.search(r"\.[A-Za-z0-9]{1,12}$", path)
    return match[0] if match else ""


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info
