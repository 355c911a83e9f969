"""Spark's own logs of a local stream are written without a process for each file."""

from __future__ import annotations

import pytest

from sparkjobs.streaming.checkpoint_manager import KEY, QUICK, write_quickly


@pytest.fixture
def unset(spark):
    spark.conf.unset(KEY)
    yield
    spark.conf.unset(KEY)


@pytest.mark.usefixtures("unset")
def test_spark_takes_the_manager_and_its_logs_are_whole(spark, tmp_path):
    write_quickly(spark, str(tmp_path))
    assert spark.conf.get(KEY) == QUICK
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.txt").write_text("a\n")
    rows = spark.readStream.format("text").load(str(tmp_path / "in"))
    writer = rows.writeStream.foreachBatch(lambda batch, _: batch.count())
    query = writer.option("checkpointLocation", str(tmp_path / "c")).trigger(availableNow=True).start()
    assert query.awaitTermination(60)
    manager = _manager(spark, tmp_path / "c")
    assert manager.getClass().getName() == QUICK
    assert {path.name for path in (tmp_path / "c/commits").iterdir()} == {"0", ".0.crc"}


def _manager(spark, folder):
    jvm = spark.sparkContext._jvm
    managers = jvm.org.apache.spark.sql.execution.streaming.CheckpointFileManager
    path = jvm.org.apache.hadoop.fs.Path(str(folder))
    return managers.create(path, spark._jsparkSession.sessionState().newHadoopConf())


@pytest.mark.usefixtures("unset")
@pytest.mark.parametrize("checkpoint", ["s3a://bucket/c", "hdfs://host/c"])
def test_elsewhere_spark_chooses(spark, checkpoint):
    write_quickly(spark, checkpoint)
    assert spark.conf.get(KEY, None) is None


@pytest.mark.usefixtures("unset")
def test_who_has_chosen_is_heard(spark, tmp_path):
    spark.conf.set(KEY, "another.Manager")
    write_quickly(spark, str(tmp_path))
    assert spark.conf.get(KEY) == "another.Manager"
