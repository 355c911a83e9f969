"""What users do, as it happens: sessions and funnel, computed again for the users that a batch touches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sparkjobs.batch.behaviour import EventParams, mapping_of
from sparkjobs.errors import UsageError
from sparkjobs.sql import quoted
from sparkjobs.streaming.job import StreamJob, StreamTable
from sparkjobs.streaming.params import StreamParams, check_stream, not_here
from sparkjobs.streaming.users import all_depths, all_sessions, changed_depths, changed_sessions, whole_funnel
from sparkjobs.transforms.mapping import EventMapping
from sparkjobs.transforms.windows import seconds

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from sparkjobs.streaming.context import StreamContext

_BATCH = "use the batch job behaviour"
_RETENTION = f"retention needs every user's first event; {_BATCH}"
_RFM = f"rfm ranks all users anew with each event; {_BATCH}"
_ITEMS = f"top_items ranks all items; {_BATCH}"


@dataclass(frozen=True)
class Params(EventParams, StreamParams):
    """Flags of ``behaviour_stream``."""

    retention: bool = not_here(False, _RETENTION)
    cohort_period: str | None = not_here(None, _RETENTION)
    rfm: bool = not_here(False, _RFM)
    rfm_reference: str | None = not_here(None, _RFM)
    count_kinds: tuple[str, ...] = not_here((), _RFM)
    refund_kinds: tuple[str, ...] = not_here((), _RFM)
    top_items: bool = not_here(False, _ITEMS)
    top: int | None = not_here(None, _ITEMS)


def each_batch(context: StreamContext, params: Params) -> Sequence[StreamTable]:
    """Tables ``events``, ``sessions``, ``reached`` and ``funnel``."""
    from sparkjobs.transforms.events import amount_type

    mapping = _mapping(params)
    new = _events(context, params, mapping)
    kind = amount_type(params.scale)
    steps = params.funnel_steps or mapping.funnel_steps
    within = seconds(params.funnel_within)
    spark, output, gap = context.spark, params.output, seconds(params.gap)
    sessions = partial(changed_sessions, spark, output, new, gap, kind)
    every_session = partial(all_sessions, spark, output, gap, kind)
    tables = [
        StreamTable("events", lambda: new, "append"),
        StreamTable("sessions", sessions, "merge", keys=("user", "session"), whole=every_session),
    ]
    if steps:
        depths = partial(changed_depths, spark, output, new, steps, within)
        every_depth = partial(all_depths, spark, output, steps, within)
        tables.append(StreamTable("reached", depths, "merge", keys=("user",), whole=every_depth))
    else:
        context.warn("the table funnel is empty: name its steps with --funnel-steps")
    funnel = partial(whole_funnel, spark, output, steps)
    return [*tables, StreamTable("funnel", funnel, "complete")]


def _mapping(params: Params) -> EventMapping:
    mapping = mapping_of(params)
    if params.time_column is None:
        return mapping
    return mapping.override([f"time={quoted(params.time_column)}"], {})


def _events(context: StreamContext, params: Params, mapping: EventMapping) -> DataFrame:
    """The batch's events of users: ``user, time, kind, item, amount``."""
    from pyspark.sql import functions as F

    from sparkjobs.transforms import events as transform

    wanted = transform.columns_to_read(context.spark, mapping, params.scale)
    rows = context.read_rows(wanted, time=mapping.fields["time"])
    stock = transform.take_stock(rows, mapping, params.scale)
    if stock.rows_without_user:
        context.warn(f"{stock.rows_without_user} rows have no user: they count in no table")
    events = transform.to_events(rows, mapping, params.scale)
    kind = transform.amount_type(params.scale)
    # A batch may be of short amounts only; the table's type must not depend on it.
    return events.withColumn("amount", F.col("amount").cast(kind)).where("user is not null")


def _check(params: Params) -> None:
    given = [item.partition("=")[0].strip() for item in params.map]
    if params.time_column is not None and "time" in given:
        raise UsageError(
            "--time-column and --map time=... contradict each other",
            "A row has one time: leave one of them out.",
        )
    check_stream(params, JOB.default_format)


JOB = StreamJob(
    name="behaviour_stream",
    summary="Keep the sessions and the funnel of users as their events arrive.",
    params=Params,
    each_batch=each_batch,
    state=("events: all events of users", "sessions and reached: of the users that a batch touches"),
    tables=("events", "sessions", "reached", "funnel"),
    check=_check,
)
