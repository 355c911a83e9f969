"""Tasks of very different lengths, the longest last, then a merge."""

import math

from sleeping import rows, session, work

spark = session("long_tail")
sizes = [round(-190 * math.log(1 - (n + 0.5) / 60)) for n in range(60)]
tail = rows(spark, sizes).mapPartitions(work)
tail.map(lambda row: (row[0] % 12, 1)).reduceByKey(lambda a, b: a + b, 12).mapPartitions(work).count()
spark.stop()
