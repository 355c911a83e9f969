"""Many jobs of two tasks, one after another."""

import sys

from sleeping import rows, session, work

spark = session("small_jobs")
for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 160):
    rows(spark, [25, 20]).mapPartitions(work).count()
spark.stop()
