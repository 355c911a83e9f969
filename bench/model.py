"""What is compared: suites, their contestants, how much data they get. Plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# (session, input, a new folder) -> an Arrow table, or None where Delta tables were written into the folder
Query = Callable[[Any, Path, Path], Any]
OURS = "ours"


@dataclass(frozen=True)
class Sizes:
    """How much data and how many rounds.

    Attributes:
        text_bytes: of the word count; ``documents_bytes`` those of the text features.
        rows: of ``sum_by_key`` on Parquet and Delta.
        text_rows: of ``sum_by_key`` on CSV and JSON lines.
        series_rows: of ``analytics`` on Parquet; ``series_text_rows`` those on CSV.
        events_rows: of ``partition`` and ``behaviour`` on Parquet; ``events_text_rows`` those on CSV.
        group_rows: of the group-by with an exact median.
        sample: the part of each that warms an engine up, and that the slowest contestants are given.
        rounds: how often each contestant is timed.
    """

    text_bytes: int
    documents_bytes: int
    rows: int
    text_rows: int
    series_rows: int
    series_text_rows: int
    events_rows: int
    events_text_rows: int
    group_rows: int
    sample: float
    rounds: int


FULL = Sizes(
    text_bytes=100_000_000,
    documents_bytes=4_000_000,
    rows=10_000_000,
    text_rows=5_000_000,
    series_rows=2_000_000,
    series_text_rows=500_000,
    events_rows=2_000_000,
    events_text_rows=500_000,
    group_rows=5_000_000,
    sample=0.1,
    rounds=3,
)
LARGE = Sizes(
    text_bytes=1_000_000_000,
    documents_bytes=32_000_000,
    rows=20_000_000,
    text_rows=10_000_000,
    series_rows=10_000_000,
    series_text_rows=5_000_000,
    events_rows=10_000_000,
    events_text_rows=5_000_000,
    group_rows=10_000_000,
    sample=0.1,
    rounds=3,
)
QUICK = Sizes(
    text_bytes=2_000_000,
    documents_bytes=300_000,
    rows=50_000,
    text_rows=50_000,
    series_rows=20_000,
    series_text_rows=20_000,
    events_rows=20_000,
    events_text_rows=20_000,
    group_rows=50_000,
    sample=0.25,
    rounds=1,
)


@dataclass(frozen=True)
class Contestant:
    """An engine and its query.

    Attributes:
        engine: a name of ``bench.engines.ENGINES``; contestants of one engine share a process.
        query: answers the suite's question.
        same_result: its result must equal ours; a split on spaces counts other words.
        sample_only: too slow for the whole data: it reads the sample, and rates are compared.
        aim: our rate over this peer's that the project wants, for the started engine.
    """

    engine: str
    query: Query
    same_result: bool = True
    sample_only: bool = False
    aim: float | None = None


@dataclass(frozen=True)
class Inputs:
    """The data of a suite, and the sample of it."""

    whole: Path
    sample: Path


@dataclass(frozen=True)
class Suite:
    """One comparison.

    Attributes:
        title: for the report.
        job: suites of one job share the processes of their engines, and ``--only`` takes its name.
        inputs: makes the data, or finds it.
        contestants: ours first.
        tables: the tables of the result that are compared, each with its columns; ``()`` means all. A result
            that is no Delta table counts as the first.
        fresh: each run has a process of its own, so that whole processes (start, warm-up, query) are
            compared too.
        note: what the reader must know about the comparison.
    """

    title: str
    job: str
    inputs: Callable[[Sizes], Inputs]
    contestants: Mapping[str, Contestant]
    tables: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: {"result": ()})
    fresh: bool = False
    note: str = ""
