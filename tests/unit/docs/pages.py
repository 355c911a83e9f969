"""Reading our own pages: headings, links, tables, and the examples that are run.

An example is run when the line before its fence is ``<!-- run -->``. In it, ``$ `` begins a command,
``> `` goes on with it, and the lines below are what it writes to stdout; a line ``...`` stands for any
number of lines. All examples of a page run in one shell, in a folder that the page calls ``/srv/try``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
README, README_ZH = ROOT / "README.md", ROOT / "README.zh.md"
DOCS = sorted((ROOT / "docs").rglob("*.md"))
PAGES = [README, README_ZH, ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *DOCS]

RUN = "<!-- run -->"
FOLDER = "/srv/try"
# ... and where their state lies.
STATE = "~/.local/state"
ANYTHING = "..."
_FENCE = re.compile(r"^(?:<!-- run -->\n)?```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^(#{1,6}) (.+)$", re.MULTILINE)
# What differs from run to run; widths stay, so that tables stay aligned.
_MASKS = (
    (re.compile(r"\blocal-\d{13}\b"), "local-N"),
    (re.compile(r"\d{8}T\d{6}Z-(\w+)-[0-9a-f]{8}"), r"RUN-\1"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,6}Z"), "TIME"),
    (re.compile(r"^(\s*\d+\s{3})\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.MULTILINE), r"\1TIME"),
    (re.compile(r'("config_hash": ")[0-9a-f]{64}'), r"\1HASH"),
    (re.compile(r'("seconds": )[0-9.]+'), r"\1S"),
    (re.compile(r"[0-9][0-9,.]* (bytes|[KMG]i?B)\b"), r"N \1"),
    (re.compile(r" +$", re.MULTILINE), ""),
)


@dataclass(frozen=True)
class Command:
    """One command of an example and the stdout that the page shows."""

    text: str
    shown: str


def text_of(page: Path) -> str:
    """A page's text."""
    return page.read_text(encoding="utf-8")


def without_code(text: str) -> str:
    """A page without its fenced blocks, which hold neither headings nor links."""
    return _FENCE.sub("", text)


def headings(text: str) -> list[tuple[int, str]]:
    """Level and title of each heading."""
    return [(len(marks), title.strip()) for marks, title in _HEADING.findall(without_code(text))]


def links(text: str) -> list[str]:
    """The targets of the links, in order."""
    return _LINK.findall(without_code(text))


def blocks(text: str) -> list[tuple[str, str]]:
    """Language and body of each fenced block."""
    return [(match[1], match[2]) for match in _FENCE.finditer(text)]


def anchor(title: str) -> str:
    """The anchor that a heading gets."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def rows(text: str, header: Sequence[str]) -> list[list[str]]:
    """The rows of the table with this header, cells without backquotes; none without such a table."""
    found: list[list[str]] = []
    inside = False
    for line in text.splitlines():
        cells = [cell.replace(r"\|", "|").strip(" `") for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]
        if cells == list(header):
            inside = True
        elif not cells:
            inside = False
        elif inside and not set("".join(cells)) <= set("-:"):
            found.append(cells)
    return found


def commands(text: str) -> list[Command]:
    """The commands of the examples that are run."""
    bodies = [match[2] for match in _FENCE.finditer(text) if match[0].startswith(RUN)]
    return [command for body in bodies for command in _commands(body)]


def _commands(body: str) -> Iterator[Command]:
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        first, *rest = part.splitlines()
        more = 0
        while more < len(rest) and rest[more].startswith("> "):
            more += 1
        yield Command("\n".join([first, *(line[2:] for line in rest[:more])]), "\n".join(rest[more:]))


def masked(text: str) -> str:
    """A text with what differs from run to run taken out."""
    for pattern, stand_in in _MASKS:
        text = pattern.sub(stand_in, text)
    return text.rstrip("\n")


def agrees(shown: str, written: str) -> bool:
    """Whether a command wrote what the page shows."""
    parts = [re.escape(line) if line != ANYTHING else None for line in masked(shown).splitlines()]
    pattern = "".join(r"(?:.*\n)*?" if part is None else part + r"\n" for part in parts)
    return re.fullmatch(pattern, masked(written) + "\n" if written.strip() else "") is not None
