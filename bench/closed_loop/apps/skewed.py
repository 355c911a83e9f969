"""One partition that is far longer than the others, then a small shuffle."""

from sleeping import rows, session, work

spark = session("skewed")
slow = rows(spark, [2800] + [60] * 35).mapPartitions(work)
slow.map(lambda row: (row[0] % 6, 1)).reduceByKey(lambda a, b: a + b, 6).count()
spark.stop()
