"""Tasks that sleep in proportion to their rows: two cores can feed six executors that do not compute.

Sent to the executors as a file of its own.
"""

import time

from pyspark.sql import SparkSession

MS_PER_ROW = 10


def session(name):
    """The session, whose executors know this module."""
    spark = SparkSession.builder.appName(name).getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    spark.sparkContext.addPyFile(__file__)
    return spark


def work(rows):
    """Take the time of these rows, and hand them on."""
    kept = list(rows)
    time.sleep(len(kept) * MS_PER_ROW / 1000)
    return iter(kept)


def rows(spark, sizes):
    """One partition a size, of so many rows."""
    starts = spark.sparkContext.parallelize(list(enumerate(sizes)), len(sizes))
    return starts.flatMap(lambda start: [(start[0], n) for n in range(start[1])])
