"""What users do: sessions, funnel, retention, RFM and top items from a table of events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from sparkjobs import checks, mappings, zones
from sparkjobs.ingest.declared import check_types, parse_types
from sparkjobs.ingest.parameter_files import read_parameter_file
from sparkjobs.job import BatchParams, Job, OutputTable
from sparkjobs.params import param
from sparkjobs.transforms.kinds import Counting
from sparkjobs.transforms.mapping import EventMapping, parse_mapping
from sparkjobs.transforms.retention import PERIODS
from sparkjobs.transforms.windows import check_duration, seconds

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from sparkjobs.context import JobContext

# Each table with the columns that identify a row.
TABLES = {
    "sessions": ("user", "session"),
    "funnel": ("step",),
    "retention": ("cohort", "period"),
    "rfm": ("user",),
    "top_items": ("ranking", "rank"),
}


def _mapping_text(source: str) -> str:
    """The JSON of a mapping: a shipped one by its name, else a file."""
    return mappings.text(source) if source in mappings.names() else read_parameter_file("--mapping", source)


def _mapping_content(source: str | None) -> str | None:
    return None if source is None else _mapping_text(source)


def _moment(value: str | None) -> None:
    if value is not None:
        zones.moment(value, "UTC")


def _micros(text: str, zone: str) -> int:
    """Microseconds from 1970 to an ISO 8601 moment; without an offset it is one of the zone."""
    return (zones.moment(text, zone) - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(microseconds=1)


@dataclass(frozen=True)
class EventParams:
    """Flags that batch job and stream share: the events, sessions, the funnel."""

    mapping: str | None = param(
        None,
        help="how columns become events: retail, or a JSON file (default: columns of the fields' names)",
        metavar="NAME|FILE",
        fingerprint=_mapping_content,
    )
    map: tuple[str, ...] = param(
        (),
        help="SQL expression for one field (user, time, kind, item, amount), over the mapping's; repeat",
        metavar="FIELD=EXPR",
        repeatable=True,
    )
    types: str | None = param(
        None,
        help="types of input columns, over the mapping's, such as qty:bigint,price:decimal(18,4)",
        metavar="NAME:TYPE,...",
        check=check_types,
    )
    scale: int = param(9, help="decimals of amounts", check=checks.between(0, 18))
    gap: str = param("30 minutes", help="a longer pause starts a new session", check=check_duration)
    funnel_steps: tuple[str, ...] = param((), help="kinds of the funnel's steps, in order", metavar="A,B,C")
    funnel_within: str = param(
        "7 days", help="time from the first step in which the last must come", check=check_duration
    )


@dataclass(frozen=True)
class Params(EventParams, BatchParams):
    """Flags of ``behaviour``."""

    cohort_period: str = param("month", help="period of cohorts and of retention", choices=PERIODS)
    count_kinds: tuple[str, ...] = param(
        (), help="kinds that rfm and top_items count (default: all but refunds)", metavar="A,B"
    )
    refund_kinds: tuple[str, ...] = param(
        (), help="kinds that rfm and top_items do not count but whose amounts they add", metavar="A,B"
    )
    rfm_reference: str | None = param(
        None,
        help="moment that recency counts back from, later events are left out of rfm (default: last event)",
        metavar="TIME",
        check=_moment,
    )
    top: int = param(100, help="items in each ranking of top_items", check=checks.at_least(1))


def run(context: JobContext, params: Params) -> Sequence[OutputTable]:
    """Five tables, see ``docs/jobs/behaviour.md``."""
    from sparkjobs.transforms import events as transform

    mapping = mapping_of(params)
    wanted = transform.columns_to_read(context.spark, mapping, params.scale)
    rows = context.read_rows(wanted, counted=True, passes=1 + len(TABLES))
    stock = transform.take_stock(rows, mapping, params.scale)
    proven = context.proven(rows, stock.rows)
    events = transform.to_events(proven, mapping, params.scale, short=stock.short_amounts)
    for warning in stock.warnings():
        context.warn(warning)
    reference = stock.last_micros
    if params.rfm_reference is not None:
        reference = _micros(params.rfm_reference, params.timezone)
        if reference < stock.last_micros:
            context.warn("some events are later than --rfm-reference: rfm leaves them out")
    return _tables(context, params, mapping, events, reference)


def mapping_of(params: EventParams) -> EventMapping:
    """How columns become events, by the flags.

    Raises:
        UsageError: the mapping cannot be read, or a flag does not fit it.
    """
    source = params.mapping
    found = parse_mapping(_mapping_text(source), f"--mapping {source}") if source else EventMapping()
    return found.override(params.map, parse_types(params.types))


def _tables(
    context: JobContext,
    params: Params,
    mapping: EventMapping,
    events: DataFrame,
    reference_micros: int,
) -> Sequence[OutputTable]:
    from sparkjobs.transforms import events as transform
    from sparkjobs.transforms.funnel import funnel
    from sparkjobs.transforms.items import top_items
    from sparkjobs.transforms.retention import retention
    from sparkjobs.transforms.rfm import rfm
    from sparkjobs.transforms.sessions import sessions

    steps = params.funnel_steps or mapping.funnel_steps
    if not steps:
        context.warn("the table funnel is empty: name its steps with --funnel-steps")
    counting = Counting(
        params.count_kinds or mapping.count_kinds, params.refund_kinds or mapping.refund_kinds
    )
    kind = transform.amount_type(params.scale)
    of_users = events.where("user is not null")
    rows = {
        "sessions": sessions(of_users, seconds(params.gap), kind),
        "funnel": funnel(of_users, steps, seconds(params.funnel_within)),
        "retention": retention(of_users, params.cohort_period),
        "rfm": rfm(of_users, reference_micros, counting, kind),
        "top_items": top_items(events, params.top, counting, kind),
    }
    return [OutputTable(name, rows[name], keys=keys) for name, keys in TABLES.items()]


def _check(params: Params) -> None:
    zones.refuse_skipped("--rfm-reference", params.rfm_reference, params.timezone)


JOB = Job(
    name="behaviour",
    summary="Sessions, funnel, retention, RFM scores and top items from a table of events.",
    params=Params,
    run=run,
    tables=tuple(TABLES),
    check=_check,
    operators=lambda params: ("events",),
)
