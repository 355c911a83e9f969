"""Two wide shuffles, each with work for every executor."""

from sleeping import rows, session, work

spark = session("wide_shuffle")
once = rows(spark, [130] * 48).mapPartitions(work).map(lambda row: (row[1], row[0]))
twice = once.partitionBy(48, lambda key: key).mapPartitions(work).map(lambda row: (row[1], row[0]))
twice.partitionBy(48, lambda key: key).mapPartitions(work).count()
spark.stop()
