"""How typed columns travel from the workers to Spark: decimals as bigints, wherever their digits fit.

Spark makes a BigDecimal of each decimal that Arrow brings (``ArrowColumnVector.DecimalAccessor``), which
takes longer than typing the text did. Of a bigint it is quickly made; few numbers have more than 18 digits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sparkjobs.ingest.conversions import DECIMAL, LONG_DIGITS
from sparkjobs.ingest.intake import BAD, FATAL
from sparkjobs.ingest.model import BAD_ROW_DDL, Split
from sparkjobs.ingest.partial_sums import TypedReader
from sparkjobs.ingest.typing import Column
from sparkjobs.jvm import decimal_of

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn
    from pyspark.sql import DataFrame


def travel_ddl(columns: Sequence[Column]) -> str:
    """The schema of the batches: the columns as they travel, ``BAD`` and ``FATAL``."""
    fields = [f"{_name(i)} {kind}" for i, kind in enumerate(_kinds(columns))]
    return ", ".join([*fields, f"{BAD} {BAD_ROW_DDL}", f"{FATAL} string"])


def arrived(rows: DataFrame, columns: Sequence[Column]) -> DataFrame:
    """The columns as they were, ``BAD`` and ``FATAL``."""
    names = iter(rows.columns)
    values = [_value(column, names).alias(column.name) for column in columns]
    return rows.select(*values, BAD, FATAL)


class TravellingReader:
    """Runs in the workers: the batches of a reader, as they travel."""

    def __init__(self, read: TypedReader, columns: Sequence[Column]) -> None:
        self._read = read
        self._columns = tuple(columns)

    def __call__(self, split: Split) -> Iterator[Any]:
        """The batches of a split."""
        for batch in self._read(split):
            yield travelling(batch, self._columns)

    def failed(self, reason: str) -> Any:
        """The batch that reports a file that cannot be read."""
        return travelling(self._read.failed(reason), self._columns)


def _kinds(columns: Sequence[Column]) -> Iterator[str]:
    """The types that travel, for each column one or two."""
    for column in columns:
        digits = DECIMAL.fullmatch(column.kind)
        yield "bigint" if digits else column.kind
        if digits and int(digits[1]) > LONG_DIGITS:
            yield column.kind


def _name(number: int) -> str:
    return f"c{number}"


def _value(column: Column, names: Iterator[str]) -> SparkColumn:
    from pyspark.sql import functions as F

    value = F.col(next(names))
    digits = DECIMAL.fullmatch(column.kind)
    if digits is None:
        return value
    made = decimal_of(value, int(digits[1]), int(digits[2]))
    return F.coalesce(made, F.col(next(names))) if int(digits[1]) > LONG_DIGITS else made


def travelling(batch: Any, columns: Sequence[Column]) -> Any:
    """A typed batch as it travels."""
    import pyarrow as pa

    from sparkjobs.kernels.decimals import unscaled

    arrays: list[Any] = []
    for number, column in enumerate(columns):
        digits = DECIMAL.fullmatch(column.kind)
        if digits is None:
            arrays.append(batch.column(number))
            continue
        short, long = unscaled(batch.column(number))
        arrays += [short, long] if int(digits[1]) > LONG_DIGITS else [short]
    names = [*map(_name, range(len(arrays))), BAD, FATAL]
    return pa.record_batch([*arrays, *batch.columns[len(columns) :]], names=names)
