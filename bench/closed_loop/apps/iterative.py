"""A cached table that is gone through again and again, by fewer tasks than it took to make."""

from sleeping import rows, session, work

spark = session("iterative")
cached = rows(spark, [130] * 24).mapPartitions(work).coalesce(8).cache()
cached.count()
for _ in range(16):
    cached.sample(False, 0.25, 7).mapPartitions(work).count()
spark.stop()
