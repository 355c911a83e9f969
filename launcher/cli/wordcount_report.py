"""Shows a finished word count: the top words with bars, the counts, the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from deltalake import DeltaTable
from rich.table import Table

from launcher.cli import console

WIDEST_WORD = 24
BAR_WIDTH = 36


class WrittenTable(msgspec.Struct, frozen=True):
    """The part of a result's table that is shown."""

    path: str
    version: int | None
    rows: int


class Quarantine(msgspec.Struct, frozen=True):
    """Where the bad lines are."""

    path: str
    version: int | None


class Result(msgspec.Struct, frozen=True):
    """The part of a result that is shown."""

    outcome: str
    rows_read: int | None
    rows_accepted: int | None
    rows_written: int | None
    rows_quarantined: int | None
    seconds: float | None
    tables: tuple[WrittenTable, ...]
    quarantine: Quarantine | None = None


@dataclass(frozen=True)
class WordCount:
    """One row of the table."""

    word: str
    count: int


def report(last_line: bytes, top: int) -> None:
    """Print the report of a word count.

    Args:
        last_line: the result JSON of the job.
        top: how many words to show.
    """
    result = msgspec.json.decode(last_line, type=Result)
    for table in result.tables[:1]:
        words = _top_words(table, top)
        console.line(f"\nThe {len(words)} most frequent of {table.rows:,} words\n")
        console.show(words_table(words))
        console.line()
    for title, text in summary(result):
        console.line(f"{title:<9}{text}")
    console.line()


def _top_words(table: WrittenTable, top: int) -> list[WordCount]:
    rows = DeltaTable(table.path, version=table.version).to_pyarrow_table(columns=["word", "count"])
    best = rows.sort_by([("count", "descending"), ("word", "ascending")]).slice(0, top)
    return [WordCount(row["word"], row["count"]) for row in best.to_pylist()]


def words_table(words: Sequence[WordCount]) -> Table:
    """The words as a table with bars; the longest bar is the most frequent word."""
    table = Table(box=None, pad_edge=False, title_justify="left")
    table.add_column("word", max_width=WIDEST_WORD, overflow="ellipsis", no_wrap=True)
    table.add_column("count", justify="right", no_wrap=True)
    table.add_column("", style="cyan", no_wrap=True)
    most = max((entry.count for entry in words), default=1)
    for entry in words:
        table.add_row(entry.word, f"{entry.count:,}", bar(entry.count / most))
    return table


def bar(share: float, width: int = BAR_WIDTH) -> str:
    """A bar of ``share`` of the width, in eighths of a character; never empty."""
    eighths = max(1, round(share * width * 8))
    full, rest = divmod(eighths, 8)
    if not console.holds("█▏"):
        return "#" * max(1, round(share * width))
    return "█" * full + ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")[rest]


def summary(result: Result) -> list[tuple[str, str]]:
    """The facts below the table, as title and text."""
    counted = f"{_number(result.rows_read)} read = {_number(result.rows_accepted)} accepted"
    lines = [
        ("lines", f"{counted} + {_number(result.rows_quarantined)} quarantined"),
        ("words", f"{_number(result.rows_written)} written"),
    ]
    lines += [("table", f"{table.path}, version {table.version}") for table in result.tables]
    if result.quarantine is not None:
        lines.append(("bad", f"{result.quarantine.path}, version {result.quarantine.version}"))
    seconds = "?" if result.seconds is None else f"{result.seconds:.1f}"
    return [*lines, ("outcome", f"{result.outcome} in {seconds} s")]


def _number(value: int | None) -> str:
    return "?" if value is None else f"{value:,}"
