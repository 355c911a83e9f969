"""The items that were taken most often, and those that brought most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparkjobs.transforms.kinds import Counting

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

ORDERS = ("count", "amount")


def top_items(events: DataFrame, top: int, counting: Counting, amount_type: str) -> DataFrame:
    """The first ``top`` items by count and by amount: ``ranking, rank, item, count, amount, users``.

    An item needs one counted event. ``count`` is its counted events, ``amount`` the sum of its counted
    and refunded amounts, ``users`` its different users. Ties go by the item's code points.

    Args:
        events: ``user`` (may be null), ``item``, ``kind``, ``amount``.
        top: rows of each ranking.
        counting: the kinds that count.
        amount_type: of sums of amounts.
    """
    from pyspark.sql import functions as F

    items = _totals(events, counting, amount_type)
    first, second = (_ranking(items, order, top) for order in ORDERS)
    columns = [F.col(name) for name in ("ranking", "rank", "item", "count", "amount", "users")]
    return first.unionByName(second).select(*columns).orderBy(F.desc("ranking"), "rank")


def _totals(events: DataFrame, counting: Counting, amount_type: str) -> DataFrame:
    from pyspark.sql import functions as F

    counted = counting.counted()
    known = events.where(F.col("item").isNotNull() & counting.valued())
    return (
        known.groupBy("item")
        .agg(
            F.count_if(counted).alias("count"),
            F.coalesce(F.sum("amount"), F.lit(0)).cast(amount_type).alias("amount"),
            F.count_distinct(F.when(counted, F.col("user"))).alias("users"),
        )
        .where("count > 0")
    )


def _ranking(items: DataFrame, order: str, top: int) -> DataFrame:
    from pyspark.sql import Window
    from pyspark.sql import functions as F

    # Limited before it is numbered: a window over one key runs in one task.
    best = items.orderBy(F.desc(order), F.asc("item")).limit(top).withColumn("ranking", F.lit(order))
    place = F.row_number().over(Window.partitionBy("ranking").orderBy(F.desc(order), F.asc("item")))
    return best.withColumn("rank", place)
