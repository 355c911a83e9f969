"""Both readers of a table's log say the same."""

from __future__ import annotations

import pytest

from sparkjobs.tables import log


def answers(found, *ids):
    commits = [(c.version, c.operation, dict(c.metadata), c.rows_written) for c in found.commits]
    return found.exists, commits, [found.last_version(app_id) for app_id in ids]


@pytest.mark.parametrize("newest", [None, 1])
def test_the_quick_reader_and_spark_agree(run_job, spark, tmp_path, newest):
    (tmp_path / "in.csv").write_text("id,value\na,1\nb,2\n")
    path = str(tmp_path / "o ut [1]")
    flags = ("--input", tmp_path / "in.csv", "--output", path)
    run_job("sum_by_key", *flags, "--mode", "merge")
    run_job("sum_by_key", *flags, "--mode", "merge")
    run_job("sum_by_key", *flags, "--mode", "append", "--interval", "2026-01-31")
    spark.sql(f"RESTORE TABLE delta.`{path}` TO VERSION AS OF 0")
    done = (c.metadata for c in log.read_light(path).commits if c.metadata.get("interval") == "2026-01-31")
    own = next(done)["config_hash"]
    ids = ("sum_by_key", f"sum_by_key/2026-01-31/{own}", "nobody")
    quick = answers(log.read_light(path, newest), *ids)
    assert quick == answers(log.read_by_spark(spark, path, newest), *ids)
    assert quick[2] == [2, 1, None]


def test_no_table(spark, tmp_path):
    for path in (tmp_path, tmp_path / "missing"):
        assert not log.read_light(str(path)).exists
        assert not log.read_by_spark(spark, str(path)).exists
    assert log.read_light("hdfs://nowhere/x") is None


def test_paths_that_only_spark_reads(run_job, spark, tmp_path):
    (tmp_path / "in.csv").write_text("id,value\na,1\n")
    path = str(tmp_path / "out%20")
    ran = run_job("sum_by_key", "--input", tmp_path / "in.csv", "--output", path)
    assert ran.code == 0, ran.result.error
    assert log.read_light(path) is None
    assert log.read_log(spark, path).last_version("sum_by_key") == 1
