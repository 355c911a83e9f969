"""Bursts of tasks, and a driver that thinks between them."""

import time

from sleeping import rows, session, work

spark = session("bursty")
for burst in range(4):
    rows(spark, [100] * 18).mapPartitions(work).count()
    if burst < 3:
        time.sleep(7)
spark.stop()
