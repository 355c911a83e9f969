"""The suites of a job that reads Parquet and CSV, beside the same work by plain Spark."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from bench.engines.jobs import job
from bench.engines.reading import Read, failfast, strict, table
from bench.inputs import tables
from bench.model import Contestant, Query, Sizes, Suite
from bench.suites.sum_by_key import inputs_of


@dataclass(frozen=True)
class Beside:
    """A job, and plain Spark's way to the same tables.

    Attributes:
        job: its name.
        flags: those of both formats.
        csv_flags: more for CSV.
        plain: the query of plain Spark from what reads the input.
        types: of the CSV columns.
        content: what the data holds (``bench.inputs.tables``).
        rows: of Parquet; ``text_rows`` those of CSV.
        compared: the tables and columns of the result.
        aim: our rate over Spark's that the project wants.
        note: for the report.
    """

    job: str
    flags: tuple[str, ...]
    plain: Callable[[Read], Query]
    types: Mapping[str, str]
    content: Any
    rows: Callable[[Sizes], int]
    text_rows: Callable[[Sizes], int]
    compared: dict[str, tuple[str, ...]]
    aim: float
    csv_flags: tuple[str, ...] = ()
    note: str = ""

    def suites(self) -> dict[str, Suite]:
        """One suite a format."""
        text = dict(self.types)
        of_table = {"spark": self._spark(table("parquet"))}
        of_text = {
            "spark-failfast": self._spark(failfast("csv", text)),
            "spark-strict": self._spark(strict("csv", text)),
        }
        return {
            f"{self.job}-parquet": self._suite("Parquet", "parquet", self.rows, of_table, ()),
            f"{self.job}-csv": self._suite("CSV", "csv", self.text_rows, of_text, self.csv_flags),
        }

    def _spark(self, read: Read) -> Contestant:
        return Contestant("spark", self.plain(read), aim=self.aim)

    def _suite(
        self,
        title: str,
        kind: str,
        rows: Callable[[Sizes], int],
        peers: dict[str, Contestant],
        more: tuple[str, ...],
    ) -> Suite:
        ours = Contestant("ours", job(self.job, "--format", kind, *more, *self.flags))
        return Suite(
            title=f"{self.job}, {title}",
            job=self.job,
            inputs=inputs_of(partial(getattr(tables, kind), self.content), rows),
            contestants={"ours": ours, **peers},
            tables=self.compared,
            note=self.note,
        )
