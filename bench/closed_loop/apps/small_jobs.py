"""Many jobs of two tasks, one after another."""

from sleeping import rows, session, work

spark = session("small_jobs")
for _ in range(80):
    rows(spark, [25, 20]).mapPartitions(work).count()
spark.stop()
