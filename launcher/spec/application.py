"""What is to run: one of the catalogue's jobs or any PySpark script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sparkjobs.strategies import AUTO


@dataclass(frozen=True)
class InputSize:
    """Bytes that the application reads.

    Attributes:
        size_bytes: the sum; ``None`` when it is not known.
        files: how many files were listed; ``None`` when nobody listed them.
        how: where the number comes from, for people.
        splittable: whether one file can be read by several tasks.
        row_groups: of Parquet files, the most parts that tasks can share; ``None`` for other files.
        rows: as the footers of Parquet files tell; ``None`` when nobody does.
        unpacked_bytes: the columns' bytes before compression, from the same footers.
    """

    size_bytes: int | None
    files: int | None
    how: str
    splittable: bool = True
    row_groups: int | None = None
    rows: int | None = None
    unpacked_bytes: int | None = None


# Two runs whose input differs by less, as a part of the larger, read the same.
SAME_INPUT = 0.05


def same_input(one: int, other: int) -> bool:
    """Whether two inputs, in bytes, are the same."""
    return abs(one - other) <= SAME_INPUT * max(one, other)


UNKNOWN_INPUT = InputSize(None, None, "nothing tells the size of the input; --input-bytes N can")


@dataclass(frozen=True)
class Application:
    """An application and its input.

    Attributes:
        name: name of the job, or of the script's file without its suffix.
        kind: a job of the catalogue, or a script.
        path: the Python file that spark-submit is given; ``None`` for jobs.
        arguments: what the application is given, untouched.
        input: how much it reads.
        writes_delta: it needs Delta's jars and session settings.
        streaming: it runs until it is stopped.
        looks_again: it is a stream of ours that looks at its input again and again.
        max_latency: the objective of such a stream, which moves its executors itself.
        listed: what the lists name that a job's ``--input @FILE`` stands for.
        operators: those of a job that ``sparkjobs.strategies`` knows.
        strategy: the job's ``--strategy``.
        content: hash of a script, or of a job's version and the parameters that change its rows, its input
            aside: runs with another one are another job's; empty where nobody knows.
    """

    name: str
    kind: Literal["job", "script"]
    path: str | None
    arguments: tuple[str, ...]
    input: InputSize
    writes_delta: bool
    streaming: bool = False
    operators: tuple[str, ...] = ()
    strategy: str = AUTO
    content: str = ""
    looks_again: bool = False
    max_latency: str | None = None
    listed: tuple[str, ...] = ()
