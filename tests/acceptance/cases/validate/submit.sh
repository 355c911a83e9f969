#!/bin/sh
exec spark-submit --master yarn --deploy-mode cluster \
  --executor-memory 70g --executor-cores 8 --conf spark.executor.memoryOverhead=8g \
  --conf spark.hadoop.fs.s3a.secret.key=not-so-secret \
  --packages io.delta:delta-spark_2.13:4.4.1 job.py
