"""Rows of which a bad one ends whatever reads it: strict in the same pass as the work.

Every value asks whether its whole row is good. So the check cannot be lost to an optimiser that prunes
columns or moves filters, as long as the work looks at one column of each row; a check in a filter of its own,
or in a column that nobody reads, was seen to vanish.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sparkjobs.causes import with_root_cause
from sparkjobs.errors import one_line

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

# What Spark's error says; it is looked for in the causes of a failed job.
MARK = "sparkjobs met a bad row"


def strict(rows: DataFrame, values: Mapping[str, Column], bad: Column | None) -> DataFrame:
    """Rows whose values raise where the row is bad.

    Args:
        rows: what is read.
        values: the columns to make of it, by name.
        bad: whether a row is bad, never null; ``None`` where no row can be.
    """
    from pyspark.sql import functions as F

    if bad is None:
        return rows.select(*[value.alias(name) for name, value in values.items()])
    raised = F.raise_error(F.lit(MARK))
    return rows.select(*[F.when(bad, raised).otherwise(value).alias(name) for name, value in values.items()])


def met_bad_row(error: BaseException) -> bool:
    """Whether Spark ended because a strict row was bad."""
    # Only what the last cause says: other errors quote the plan, in which the words stand as well.
    return isinstance(error, Exception) and MARK in one_line(str(with_root_cause(error)))
