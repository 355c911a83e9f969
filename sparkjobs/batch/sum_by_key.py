"""Sums by key: exact decimals, an overflow is an error and never a wrap."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sparkjobs import checks
from sparkjobs.errors import UsageError
from sparkjobs.ingest.intake import ROWS
from sparkjobs.ingest.typing import Column
from sparkjobs.job import BatchParams, Job, OutputTable
from sparkjobs.params import param
from sparkjobs.sql import quoted
from sparkjobs.transforms.exact_sums import exact_sum

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from sparkjobs.context import JobContext


@dataclass(frozen=True)
class SumParams:
    """Flags that batch job and stream share: the columns, the decimals."""

    key_column: str = param("id", help="column of the key")
    key_as: str | None = param(
        None, help="name of the key's column in the table (default: its own)", check=checks.column_name
    )
    value_column: str = param("value", help="column of the number to sum")
    scale: int = param(9, help="decimals kept; a value with more is a bad row", check=checks.between(0, 37))

    @property
    def key_name(self) -> str:
        """The key's column in the table."""
        return self.key_as or self.key_column

    @property
    def kind(self) -> str:
        """The type of the sums."""
        return f"decimal(38,{self.scale})"

    @property
    def columns(self) -> tuple[Column, Column]:
        """What is asked of the input: key and value."""
        return (
            Column("key", "string", source=self.key_column),
            Column("value", self.kind, source=self.value_column, narrow=True),
        )


@dataclass(frozen=True)
class Params(SumParams, BatchParams):
    """Flags of ``sum_by_key``."""


# What Delta lets a column be called.
# (DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES of SchemaUtils.checkSchemaFieldNames, column mapping off.)
COLUMN = re.compile(r"[^ ,;{}()\n\t=]+")


def run(context: JobContext, params: Params) -> Sequence[OutputTable]:
    """One row for each key: KEY string, sum decimal(38,scale), count bigint."""
    rows = context.read_sums(*params.columns, counted=True)
    sums = key_sums(rows, params, context.most_rows())
    return [OutputTable("sums", sums, keys=(params.key_name,), at_root=True, counted_by="count")]


def key_sums(rows: DataFrame, params: SumParams, most_rows: int | None) -> DataFrame:
    """The table of rows with ``key``, ``value`` and ``ROWS``: what batch and stream share.

    Args:
        rows: the rows.
        params: the flags.
        most_rows: how many rows there are at most; ``None``: nobody knows.
    """
    from pyspark.sql import functions as F

    added = exact_sum(rows, "value", params.kind, most_rows)
    groups = rows.groupBy(F.col("key").alias(params.key_name))
    return groups.agg(*added.parts, F.sum(ROWS).alias("count")).select(
        quoted(params.key_name), added.total.alias("sum"), "count"
    )


def check_sums(params: Any) -> None:
    """Refuse columns that the table cannot have.

    Raises:
        UsageError: names the column.
    """
    name = params.key_name
    if name.lower() in ("sum", "count") or not COLUMN.fullmatch(name):
        raise UsageError(f"the table cannot have a key column named {name!r}", "Name it with --key-as.")
    if params.key_column == params.value_column:
        raise UsageError("--key-column and --value-column are the same column")


JOB = Job(
    name="sum_by_key",
    summary="Sum the values of each key, in exact decimals.",
    params=Params,
    run=run,
    check=check_sums,
    operators=lambda params: ("sums",),
)
