"""``behaviour``: sessions, funnel, retention, RFM and top items, beside the same questions in plain Spark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.engines.reading import Read
from bench.engines.spark import write
from bench.inputs import tables
from bench.model import Query
from bench.suites.beside_spark import Beside
from bench.suites.partition import TYPES

_STEPS = ("view", "cart", "buy")
_FLAGS = ("--funnel-steps", ",".join(_STEPS), "--cohort-period", "week", "--scale", "2")
_WEEK_US = 7 * 86_400 * 1_000_000
_DAY_US = 86_400_000_000


def plain(read: Read) -> Query:
    """The five tables."""

    def query(spark: Any, source: Path, output: Path) -> None:
        from pyspark.sql import functions as F

        events = read(spark, source).withColumn("amount", F.col("amount").cast("decimal(38,2)"))
        made = {
            "sessions": _sessions, "funnel": _funnel, "retention": _retention, "rfm": _rfm, "top_items": _top
        }  # fmt: skip
        for name, make in made.items():
            write(make(events), output, name)

    return query


def _total() -> Any:
    from pyspark.sql import functions as F

    return F.coalesce(F.sum("amount"), F.lit(0)).cast("decimal(38,2)")


def _sessions(events: Any) -> Any:
    from pyspark.sql import Window
    from pyspark.sql import functions as F

    by_time = Window.partitionBy("user").orderBy("time")
    pause = F.unix_micros("time") - F.unix_micros(F.lag("time").over(by_time))
    starts = events.withColumn("_start", F.when(pause <= 1_800_000_000, 0).otherwise(1))
    numbered = starts.withColumn("session", F.sum("_start").over(by_time))
    length = F.unix_micros(F.max("time")) - F.unix_micros(F.min("time"))
    return numbered.groupBy("user", "session").agg(
        F.min("time").alias("started"), F.max("time").alias("ended"), (length / 1e6).alias("seconds"),
        F.count(F.lit(1)).alias("events"), F.count_distinct("item").alias("items"),
        _total().alias("amount"),
    )  # fmt: skip


def _funnel(events: Any) -> Any:
    """Each event carries the latest first step that leads to it."""
    from pyspark.sql import Window
    from pyspark.sql import functions as F

    at = F.unix_micros("time")
    earlier = Window.partitionBy("user").orderBy("at").rangeBetween(Window.unboundedPreceding, -1)
    runs = events.select("user", "kind", at.alias("at")).withColumn(
        "s1", F.when(F.col("kind") == _STEPS[0], F.col("at"))
    )
    for step, kind in enumerate(_STEPS[1:], 2):
        came = F.max(f"s{step - 1}").over(earlier)
        runs = runs.withColumn(f"s{step}", F.when(F.col("kind") == kind, came))
    reached = [
        F.max(F.when(F.col("at") - F.col(f"s{step}") <= _WEEK_US, step).otherwise(0))
        for step in range(1, len(_STEPS) + 1)
    ]
    depths = runs.groupBy("user").agg(F.greatest(*reached).alias("depth"))
    counts = depths.agg(*[F.count_if(F.col("depth") >= n).alias(f"c{n}") for n in range(1, len(_STEPS) + 1)])
    rows = [
        F.struct(
            F.lit(n).alias("step"), F.lit(kind).alias("kind"), F.col(f"c{n}").alias("users"),
            (F.col(f"c{n}") / F.col("c1")).alias("share_of_first"),
            (F.col(f"c{n}") / F.col(f"c{max(1, n - 1)}")).alias("share_of_previous"),
        )
        for n, kind in enumerate(_STEPS, 1)
    ]  # fmt: skip
    return counts.select(F.inline(F.array(*rows)))


def _retention(events: Any) -> Any:
    from pyspark.sql import functions as F

    active = events.select("user", F.to_date(F.date_trunc("week", "time")).alias("week")).distinct()
    first = active.groupBy("user").agg(F.min("week").alias("cohort"))
    period = (F.datediff("week", "cohort") / 7).cast("int").alias("period")
    counted = active.join(first, "user").groupBy("cohort", period).agg(F.count(F.lit(1)).alias("users"))
    sizes = first.groupBy("cohort").agg(F.count(F.lit(1)).alias("cohort_size"))
    found = counted.join(sizes, "cohort").select("cohort", "period", "users", "cohort_size")
    return found.withColumn("share", F.col("users") / F.col("cohort_size")).orderBy("cohort", "period")


def _rfm(events: Any) -> Any:
    from pyspark.sql import Window
    from pyspark.sql import functions as F

    last = events.agg(F.max(F.unix_micros("time"))).first()[0]
    users = events.groupBy("user").agg(
        F.max("time").alias("last_time"), F.count_distinct("time").alias("frequency"),
        _total().alias("monetary"),
    )  # fmt: skip
    days = F.expr(f"({last} - unix_micros(last_time)) div {_DAY_US}")
    users = users.select("user", "last_time", days.alias("recency_days"), "frequency", "monetary")
    for score, order in (("r", F.desc("recency_days")), ("f", F.asc("frequency")), ("m", F.asc("monetary"))):
        share = F.percent_rank().over(Window.orderBy(order))
        users = users.withColumn(score, F.least(F.lit(5), F.floor(5 * share) + 1).cast("int"))
    return users.withColumn("rfm", F.concat(*[F.col(name).cast("string") for name in "rfm"]))


def _top(events: Any) -> Any:
    from pyspark.sql import Window
    from pyspark.sql import functions as F

    items = events.where("item is not null").groupBy("item").agg(
        F.count(F.lit(1)).alias("count"), _total().alias("amount"), F.count_distinct("user").alias("users")
    )  # fmt: skip
    rankings = [
        items.withColumn("ranking", F.lit(order))
        .withColumn("rank", F.row_number().over(Window.orderBy(F.desc(order), "item")))
        .where("rank <= 100")
        for order in ("count", "amount")
    ]
    names = ("ranking", "rank", "item", "count", "amount", "users")
    return rankings[0].unionByName(rankings[1]).select(*names)


_TABLES: dict[str, tuple[str, ...]] = dict.fromkeys(
    ("sessions", "funnel", "retention", "rfm", "top_items"), ()
)

SUITES = Beside(
    job="behaviour",
    flags=_FLAGS,
    plain=plain,
    types=TYPES,
    content=tables.events,
    rows=lambda sizes: sizes.events_rows,
    text_rows=lambda sizes: sizes.events_text_rows,
    compared=_TABLES,
    aim=1.0,
).suites()
