"""Time-series analytics: derived columns, standardised values, outliers, description, groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sparkjobs import checks, zones
from sparkjobs.errors import UsageError
from sparkjobs.ingest.typing import TIMESTAMP, Column
from sparkjobs.job import EACH_ROW, BatchParams, Job, OutputTable
from sparkjobs.params import param
from sparkjobs.transforms import derive, standardise, windows

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from sparkjobs.context import JobContext


def _moment(value: Any) -> None:
    if value is not None:
        if not TIMESTAMP.fullmatch(value):
            raise ValueError("is not a time such as 2026-01-31 or 2026-01-31T05:00:00")
        datetime.fromisoformat(value.replace("Z", "+00:00"))


@dataclass(frozen=True)
class SeriesParams:
    """Flags that batch job and stream share: the columns, the time, what is derived, the groups."""

    timestamp_column: str = param("timestamp", help="column of the time")
    value_column: str = param("value", help="column of the number")
    key_columns: tuple[str, ...] = param(
        (),
        help="columns that tell one series from another",
        metavar="A,B",
        check=checks.each(checks.column_name),
    )
    derive: tuple[str, ...] = param(
        derive.DEFAULT,
        help="derived column as NAME=SQL expression, in order; 'none' for none",
        metavar="NAME=EXPR",
        repeatable=True,
    )
    window: str | None = param(
        None, help='length of a time window, such as "1 hour"', check=windows.check_duration
    )
    slide: str | None = param(
        None, help="distance between windows (default: the window's length)", check=windows.check_duration
    )
    session_gap: str | None = param(
        None,
        help="a longer pause starts a new session, by which rows are grouped instead of windows",
        metavar="DURATION",
        check=windows.check_duration,
        since="0.2.0",
    )
    quantiles: tuple[float, ...] = param(
        (0.25, 0.75), help="quantiles of each group", metavar="Q,Q", check=checks.each(checks.between(0, 1))
    )
    from_: str | None = param(None, help="first time that is kept", metavar="TIME", check=_moment)
    to: str | None = param(None, help="first time that is no longer kept", metavar="TIME", check=_moment)

    @property
    def windowed(self) -> str | None:
        """The length of a window or the gap of a session; ``None`` where groups have no time."""
        return self.window or self.session_gap

    @property
    def columns(self) -> tuple[Column, ...]:
        """What is asked of the input: time, value and keys (a key may be missing in a row)."""
        keys = tuple(Column(name, "string", required=False) for name in self.key_columns)
        return (
            Column("timestamp", "timestamp", source=self.timestamp_column),
            *keys,
            Column("value", "double", source=self.value_column),
        )


@dataclass(frozen=True)
class Params(SeriesParams, BatchParams):
    """Flags of ``analytics``."""

    ddof: int = param(
        0, help="0: standard deviation of the population for z; 1: of the sample", check=checks.between(0, 1)
    )
    outliers: str = param("z", help="score that marks outliers", choices=("z", "mad"))
    outlier_limit: float | None = param(
        None,
        help="score above which a row is an outlier (default: 3 for z, 3.5 for mad)",
        check=checks.at_least(0),
    )


def run(context: JobContext, params: Params) -> Sequence[OutputTable]:
    """Tables ``rows``, ``describe`` and ``groups``."""
    # Rows outside --from and --to are counted too.
    every = params.from_ is None and params.to is None
    rows = between(context.read_rows(params.columns, counted=every, passes=5), params)
    derived = derive.derive(rows, derive.parse_derivations(params.derive))
    limit = params.outlier_limit
    if limit is None:
        limit = standardise.MAD_LIMIT if params.outliers == "mad" else standardise.Z_LIMIT
    scored = standardise.standardise(
        derived, params.key_columns, "value", ddof=params.ddof, method=params.outliers, limit=limit
    )
    return [
        OutputTable("rows", scored, time="timestamp", counted_by=EACH_ROW if every else None),
        OutputTable("describe", _described(derived, params, context), keys=("column",)),
        OutputTable(
            "groups",
            groups(derived, params, context),
            keys=windows.group_keys(params.key_columns, params.windowed),
            time="window_start",
        ),
    ]


def groups(rows: DataFrame, params: SeriesParams, context: JobContext) -> DataFrame:
    """Statistics of ``value`` by the key columns and the window."""
    return statistics(windowed(rows, params), params, context)


def windowed(rows: DataFrame, params: SeriesParams) -> DataFrame:
    """Each row with the window or the session that it belongs to, once in each of them."""
    if params.session_gap is not None:
        return windows.with_sessions(rows, "timestamp", params.session_gap, params.key_columns)
    return windows.with_windows(rows, "timestamp", params.window, params.slide)


def statistics(spread: DataFrame, params: SeriesParams, context: JobContext) -> DataFrame:
    """The groups of rows that have their windows."""
    from sparkjobs.transforms.exact_median import grouped_statistics

    keys = windows.group_keys(params.key_columns, params.windowed)
    chosen = context.strategy(_grouping(params))
    return grouped_statistics(spread, keys, "value", params.quantiles, chosen)


def _grouping(params: SeriesParams) -> str:
    keyed = windows.group_keys(params.key_columns, params.windowed)
    return "grouped_statistics" if keyed else "ungrouped_statistics"


def _operators(params: Any) -> tuple[str, ...]:
    grouping = "grouped_statistics" if params is None else _grouping(params)
    return ("scores", "describe", grouping)


def check_series(params: Any) -> None:
    """Refuse what can be refused before Spark starts.

    Raises:
        UsageError: names the flags.
    """
    windows.check_slide(params.window, params.slide)
    windows.check_session_gap(params.session_gap, params.window)
    zones.refuse_skipped("--from", params.from_, params.timezone)
    zones.refuse_skipped("--to", params.to, params.timezone)
    derived = [item.name for item in derive.parse_derivations(params.derive)]
    taken = {"timestamp", "value", "z", "outlier", *windows.WINDOW_COLUMNS}
    for flag, names in (("--key-columns", params.key_columns), ("--derive", derived)):
        for name in names:
            if name.lower() in taken:
                raise UsageError(f"{flag} {name}: the output has a column of that name", "Choose another.")
            taken.add(name.lower())


def _described(derived: DataFrame, params: Params, context: JobContext) -> DataFrame:
    from sparkjobs.transforms.describe import describe, numeric_columns

    names = [name for name in numeric_columns(derived) if name not in params.key_columns]
    return describe(derived, names, context.strategy("describe"))


def between(rows: DataFrame, params: SeriesParams) -> DataFrame:
    """Half-open in time; times without a zone are in ``--timezone``."""
    from pyspark.sql import functions as F

    if params.from_ is not None:
        rows = rows.where(F.col("timestamp") >= F.lit(params.from_).cast("timestamp"))
    if params.to is not None:
        rows = rows.where(F.col("timestamp") < F.lit(params.to).cast("timestamp"))
    return rows


JOB = Job(
    name="analytics",
    summary="Derive columns from a time series, mark outliers, describe it and group it by key and window.",
    params=Params,
    run=run,
    tables=("rows", "describe", "groups"),
    check=check_series,
    operators=_operators,
)
