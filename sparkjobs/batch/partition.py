"""Any table into numbered partitions, with a report of how even they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sparkjobs import checks, paths
from sparkjobs.errors import UsageError
from sparkjobs.ingest.declared import check_types, parse_types
from sparkjobs.job import EACH_ROW, BatchParams, Job, OutputTable
from sparkjobs.params import param
from sparkjobs.sql import quoted
from sparkjobs.transforms import skew
from sparkjobs.transforms.partitioning import PARTITION, Assigned

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from sparkjobs.context import JobContext

WAYS = ("hash", "range", "random")
REPORT_DDL = (
    "version bigint, partition_id int, rows bigint, bytes bigint, files bigint, "
    "lower string, upper string, rows_max_over_mean double, rows_gini double, "
    "bytes_max_over_mean double, bytes_gini double, advice string"
)
_NO_KEY = re.compile(r"(?:^|[<:,])(map(?=<)|variant(?=[,>]|$)|interval(?=[,>]|$))")
# Delta stores such names only with column mapping, which few other readers know.
_UNSAFE = re.compile(r"[ ,;{}()\n\t=]")


@dataclass(frozen=True)
class Params(BatchParams):
    """Flags of ``partition``."""

    by: str = param("hash", help="how a row finds its partition", choices=WAYS)
    columns: tuple[str, ...] = param((), help="the key, for --by hash and range", metavar="A,B")
    partitions: int = param(8, help="how many partitions", metavar="N", check=checks.between(1, 10_000))
    seed: int | None = param(None, help="another number, other partitions, for --by random (default: 0)")
    types: str | None = param(
        None,
        help="types of CSV or JSON columns, such as n:bigint,price:decimal(18,4); others are strings",
        metavar="NAME:TYPE,...",
        check=check_types,
    )


def run(context: JobContext, params: Params) -> Sequence[OutputTable]:
    """Two tables, see ``docs/jobs/partition.md``."""
    from pyspark.sql import functions as F

    # Ranges look at the keys before.
    rows = context.read_any(parse_types(params.types), counted=True, passes=2 if params.by == "range" else 1)
    _refuse_columns(rows.columns, params)
    _refuse_kinds(rows, params)
    assigned = _assign(context, params, rows)
    # One task a partition writes one file; a very full partition is split over several tasks.
    # (RebalancePartitions; AQE splits by spark.sql.adaptive.advisoryPartitionSizeInBytes.)
    together = assigned.rows.hint("rebalance", F.col(PARTITION))
    return [
        OutputTable("rows", together, partition_by=(PARTITION,), counted_by=EACH_ROW),
        OutputTable("report", lambda: _report(context, params, assigned)),
    ]


def _assign(context: JobContext, params: Params, rows: DataFrame) -> Assigned:
    from sparkjobs.transforms.partitioning import by_hash, by_random, by_range

    if params.by == "random":
        return by_random(rows, params.partitions, params.seed or 0)
    if params.by == "hash":
        return by_hash(rows, params.columns, params.partitions)
    return by_range(rows, params.columns, params.partitions, context.rows_accepted())


def _report(context: JobContext, params: Params, assigned: Assigned) -> DataFrame:
    """The report of the committed rows; advice is told to the user as well."""
    from sparkjobs.tables.parts import partition_sizes
    from sparkjobs.transforms.partitioning import bounds_as_text

    place = paths.child(params.output, "rows")
    version, sizes = partition_sizes(context.spark, place, PARTITION, params.partitions)
    found = skew.advice(sizes, params.by, params.columns, _hot_key(context, params, place, version, sizes))
    for line in found:
        context.warn(line)
    bounds = [] if assigned.bounds is None else bounds_as_text(assigned.bounds, params.columns)
    inner = bounds[: params.partitions - 1]
    lower, upper = [None, *inner], [*inner, None]
    measures = asdict(skew.measure(sizes))
    text = "; ".join(found) or "the partitions are even and of a good size"
    rows = [
        (version, size.partition_id, size.rows, size.bytes, size.files,
         _at(lower, size.partition_id), _at(upper, size.partition_id), *measures.values(), text)
        for size in sizes
    ]  # fmt: skip
    # createDataFrame spreads a list over every core: one file, and one task to write it.
    return context.spark.createDataFrame(rows, REPORT_DDL).coalesce(1)


def _at(items: Sequence[str | None], index: int) -> str | None:
    return items[index] if index < len(items) else None


def _hot_key(
    context: JobContext, params: Params, place: str, version: int, sizes: Sequence[skew.PartitionSize]
) -> skew.HotKey | None:
    """The most frequent key of the fullest partition; looked up only where rows are uneven."""
    from pyspark.sql import functions as F

    ratio = skew.max_over_mean([size.rows for size in sizes])
    if not params.columns or ratio is None or ratio <= skew.UNEVEN:
        return None
    fullest = max(sizes, key=lambda size: size.rows).partition_id
    table = context.spark.read.format("delta").option("versionAsOf", version).load(paths.hadoop(place))
    key = [F.col(quoted(name)) for name in params.columns]
    counted = table.where(F.col(PARTITION) == fullest).groupBy(*key).count()
    first = counted.orderBy(F.desc("count"), *key).first()
    return None if first is None else skew.HotKey(", ".join(str(value) for value in first[:-1]), first[-1])


def _refuse_columns(names: Sequence[str], params: Params) -> None:
    unknown = [name for name in params.columns if name not in names]
    if unknown:
        raise UsageError(f"--columns: no column {unknown[0]!r}", f"The input has {', '.join(names)}.")
    if PARTITION in [name.lower() for name in names]:
        raise UsageError(f"the input has a column {PARTITION} already", "Rename it before.")
    unsafe = [name for name in names if not name or _UNSAFE.search(name)]
    if unsafe:
        raise UsageError(
            f"a Delta column cannot be called {unsafe[0]!r}",
            "Rename it: no spaces and none of , ; { } ( ) =.",
        )
    lower = [name.lower() for name in names]
    twice = [name for name in names if lower.count(name.lower()) > 1]
    if twice:
        raise UsageError(f"{' and '.join(map(repr, twice))} differ in case alone", "Rename one of them.")


def _refuse_kinds(rows: DataFrame, params: Params) -> None:
    """Keys are hashed, ordered and counted; Spark does none of it with these."""
    kinds = dict(rows.dtypes)
    for name in params.columns:
        wrong = _NO_KEY.search(kinds[name])
        if wrong:
            raise UsageError(
                f"--columns {name}: a {wrong[1]} cannot be a key (its type is {kinds[name]})",
                "Name another column, or use --by random.",
            )


def _check(params: Params) -> None:
    if params.mode not in ("overwrite", "append"):
        raise UsageError(
            f"partition does not know --mode {params.mode}", "It writes whole tables: overwrite or append."
        )
    if params.by == "random" and params.columns:
        raise UsageError("--columns does not go with --by random", "Random uses the whole row.")
    if params.by != "random" and not params.columns:
        raise UsageError(f"--by {params.by} needs --columns", "Name the columns of the key.")
    if params.by != "random" and params.seed is not None:
        raise UsageError("--seed goes with --by random")


JOB = Job(
    name="partition",
    summary="Write any table in numbered partitions, with a report of their skew.",
    params=Params,
    run=run,
    tables=("rows", "report"),
    check=_check,
    operators=lambda params: ("partitions",),
)
