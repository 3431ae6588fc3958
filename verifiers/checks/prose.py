"""What a written document holds, whatever format it came in: paragraphs, styles and runs."""

from __future__ import annotations

from dataclasses import dataclass, field

from .basic import UnreadableFile

__all__ = ["Document", "Paragraph", "Run"]


@dataclass(frozen=True)
class Run:
    """A stretch of text of one look."""

    text: str
    bold: bool = False
    italic: bool = False
    underline: bool = False


@dataclass(frozen=True)
class Paragraph:
    """One paragraph or heading."""

    runs: tuple[Run, ...]
    style: str = ""
    """The name of its style as a person sees it, such as "Heading 1" or "Text body"."""
    level: int = 0
    """1 for a heading of the first level, and so on; 0 for ordinary text."""

    @property
    def text(self) -> str:
        """What it says."""
        return "".join(run.text for run in self.runs)

    def is_bold(self, words: str) -> bool:
        """Whether the first occurrence of the words is bold throughout; False where they do not stand."""
        return self._all(words, [run.bold for run in self.runs])

    def is_italic(self, words: str) -> bool:
        """Whether the first occurrence of the words is italic throughout."""
        return self._all(words, [run.italic for run in self.runs])

    def is_underlined(self, words: str) -> bool:
        """Whether the first occurrence of the words is underlined throughout."""
        return self._all(words, [run.underline for run in self.runs])

    def _all(self, words: str, flags: list[bool]) -> bool:
        start = self.text.find(words)
        if start < 0 or not words:
            return False
        letters = [flag for run, flag in zip(self.runs, flags, strict=True) for _ in run.text]
        return all(letters[start : start + len(words)])


@dataclass(frozen=True)
class Document:
    """A written document."""

    paragraphs: tuple[Paragraph, ...]
    """In order, those inside tables left out."""
    tables: tuple[tuple[tuple[str, ...], ...], ...] = field(default=(), repr=False)
    """Each table's rows of cell texts."""
    generator: str = ""
    """What program wrote it, by its own account."""
    title: str = ""
    """The title in its properties."""

    @property
    def text(self) -> str:
        """All paragraphs, a newline between them."""
        return "\n".join(paragraph.text for paragraph in self.paragraphs)

    def headings(self) -> list[tuple[int, str]]:
        """Level and text of each heading."""
        return [(paragraph.level, paragraph.text) for paragraph in self.paragraphs if paragraph.level]

    def paragraph(self, words: str) -> Paragraph:
        """The first paragraph that contains the words.

        Raises:
            UnreadableFile: none does: a failed check, as the player wrote the document.
        """
        for paragraph in self.paragraphs:
            if words in paragraph.text:
                return paragraph
        raise UnreadableFile(f"no paragraph of the document contains {words!r}")
