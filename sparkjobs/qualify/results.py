"""What an action answers that was not run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from sparkjobs.qualify.recorder import Recorder
from sparkjobs.qualify.unknown import Unknown

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class Results(Protocol):
    """Answers for the three shapes of results."""

    def value(self, action: str) -> Any:
        """One value, such as a count, or a whole table outside Spark."""

    def row(self, action: str, rows: DataFrame) -> Any:
        """One row."""

    def rows(self, action: str, rows: DataFrame) -> Any:
        """Many rows."""


class UnknownResults:
    """For scripts: nobody knows, and what would depend on it stops the script."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def value(self, action: str) -> Any:
        """An unknown value."""
        return Unknown(self._recorder, action)

    def row(self, action: str, rows: DataFrame) -> Any:
        """A row of unknown values; it can be taken apart, since its width is known."""
        return Unknown(self._recorder, action, self._fields(action, rows))

    def rows(self, action: str, rows: DataFrame) -> Any:
        """One such row, so that the body of a loop over the rows is seen once."""
        return Unknown(self._recorder, action, (self.row(action, rows),))

    def _fields(self, action: str, rows: DataFrame) -> tuple[Unknown, ...]:
        return tuple(Unknown(self._recorder, action) for _ in rows.columns)


class OneGoodRow:
    """For jobs of the catalogue: the input holds one good row and no bad one, so that every step is seen."""

    _ONES = ("read", "good")

    def value(self, action: str) -> Any:
        """One row."""
        return 1

    def row(self, action: str, rows: DataFrame) -> Any:
        """Of the counts of the reading, one was read and one is good; else nothing was found."""
        from pyspark.sql import Row

        return Row(**{**dict.fromkeys(rows.columns), **self._numbers(rows)})

    def rows(self, action: str, rows: DataFrame) -> Any:
        """One, whose texts are the names of their columns."""
        from pyspark.sql import Row

        return [Row(**{**dict(zip(rows.columns, rows.columns, strict=True)), **self._numbers(rows)})]

    def _numbers(self, rows: DataFrame) -> dict[str, int]:
        from pyspark.sql.types import NumericType

        fields = [field for field in rows.schema.fields if isinstance(field.dataType, NumericType)]
        return {field.name: int(field.name in self._ONES) for field in fields}
