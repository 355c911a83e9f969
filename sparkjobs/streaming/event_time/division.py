"""Dividing the rows of a batch: those that come in time, those that are late, those that are ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sparkjobs.ingest.typing import Column
from sparkjobs.sql import quoted
from sparkjobs.streaming.event_time.watermark import Cut

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn
    from pyspark.sql import DataFrame

LATE, AHEAD = "late", "ahead"
# Each value of a row comes back as it was: times to the microsecond, and with their zone.
JSON_OPTIONS = {
    "timestampFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX",
    "timeZone": "UTC",
    "ignoreNullFields": "false",
}
# Names with a space, which no column of a user can have.
_REASON, _TIME = "the reason", "the time"


@dataclass(frozen=True)
class Origin:
    """What the rows of a batch tell of where they come from.

    Attributes:
        place: a file, ``kafka://TOPIC``.
        columns: asked for beside the job's own; their names are none of the job's.
        part: the one of them that names the part of the source within which rows have an order, which
            follows the place after a slash; ``None`` where the source is one part.
    """

    place: str
    columns: tuple[Column, ...] = ()
    part: str | None = None


@dataclass(frozen=True)
class Divided:
    """The rows of a reading, divided.

    Attributes:
        rows: those that come in time.
        late: the others, as the table of late rows has them but for the batch's number; ``None`` where
            there are none.
        accepted: how many come in time.
        rows_late: how many do not.
        greatest: the greatest time of those that come in time, of each part, in microseconds from 1970.
    """

    rows: DataFrame
    late: DataFrame | None = None
    accepted: int = 0
    rows_late: int = 0
    greatest: dict[str, int] = field(default_factory=dict)


def divide(rows: DataFrame, columns: Sequence[Column], time: str, cut: Cut, origin: Origin) -> Divided:
    """Divide rows by their time; one pass counts them. A row without a time comes in time.

    Args:
        rows: the columns asked for, and those of ``origin``.
        columns: what the job asked for.
        time: SQL expression of a row's time.
        cut: what they are divided by.
        origin: where they come from.
    """
    from pyspark.sql import functions as F

    at = F.unix_micros(F.expr(time).cast("timestamp"))
    reason = F.when(at > cut.latest_us, AHEAD)
    if cut.watermark_us is not None:
        reason = F.when(at < cut.watermark_us, LATE).when(at > cut.latest_us, AHEAD)
    marked = rows.withColumns({_REASON: reason, _TIME: at})
    part = F.lit("") if origin.part is None else F.col(quoted(origin.part)).cast("string")
    in_time = F.col(quoted(_REASON)).isNull()
    counted = marked.groupBy(part.alias("part")).agg(
        F.count_if(in_time).alias("accepted"),
        F.count_if(~in_time).alias("others"),
        F.max(F.when(in_time, F.col(quoted(_TIME)))).alias("greatest"),
    )
    found = counted.collect()
    others = sum(row.others for row in found)
    names = [quoted(column.name) for column in columns]
    return Divided(
        marked.where(in_time).select(*names) if others else rows.select(*names),
        _late(marked.where(~in_time), columns, cut, origin) if others else None,
        sum(row.accepted for row in found),
        others,
        {row.part or "": row.greatest for row in found if row.greatest is not None},
    )


def _late(rows: DataFrame, columns: Sequence[Column], cut: Cut, origin: Origin) -> DataFrame:
    from pyspark.sql import functions as F

    watermark = F.lit(None).cast("timestamp")
    if cut.watermark_us is not None:
        watermark = F.timestamp_micros(F.lit(cut.watermark_us))
    return rows.select(
        as_json(columns).alias("row"),
        F.col(quoted(_REASON)).alias("reason"),
        watermark.alias("watermark"),
        _place(origin).alias("source"),
    )


def _place(origin: Origin) -> SparkColumn:
    from pyspark.sql import functions as F

    place = F.lit(origin.place)
    if origin.part is None:
        return place
    return F.concat_ws("/", place, F.col(quoted(origin.part)).cast("string"))


def as_json(columns: Sequence[Column]) -> SparkColumn:
    """A row by the names of the input, so that it can be read as one again."""
    from pyspark.sql import functions as F

    cells = [F.col(quoted(column.name)).alias(column.input_name) for column in columns]
    return F.to_json(F.struct(*cells), JSON_OPTIONS)
