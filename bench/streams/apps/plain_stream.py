"""The same stream in plain Structured Streaming, as its guides write it."""

import sys

from delta.tables import DeltaTable
from pyspark.sql import SparkSession, functions

kind, arrived, table, checkpoint, trigger, window = sys.argv[1:7]
spark = SparkSession.builder.appName(f"plain {kind}").getOrCreate()
spark.sparkContext.setLogLevel("ERROR")
schema = "sent_ms bigint, time timestamp, key string, value double"
rows = spark.readStream.schema(schema).option("header", True).csv(arrived)


def append(batch, number):
    batch.write.format("delta").mode("append").save(table)
    print("batch", number, flush=True)


def merge(batch, number):
    if not DeltaTable.isDeltaTable(spark, table):
        batch.write.format("delta").save(table)
    else:
        same = "t.window_start = s.window_start AND t.key = s.key"
        whole = DeltaTable.forPath(spark, table).alias("t").merge(batch.alias("s"), same)
        whole.whenMatchedUpdateAll().whenNotMatchedInsertAll().execute()
    print("batch", number, flush=True)


if kind == "append":
    written = rows.writeStream.foreachBatch(append)
else:
    grouped = rows.withWatermark("time", window).groupBy(functions.window("time", window), "key")
    sums = grouped.agg(functions.count("*").alias("count"), functions.sum("value").alias("sum"))
    sums = sums.select(functions.col("window.start").alias("window_start"), "key", "count", "sum")
    written = sums.writeStream.outputMode("update").foreachBatch(merge)
query = written.option("checkpointLocation", checkpoint).trigger(processingTime=trigger).start()
query.awaitTermination()
