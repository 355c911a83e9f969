"""Where a table may stand, and that --schema is no identity: without a JVM."""

from __future__ import annotations

import pytest

from sparkjobs import catalogue, params
from sparkjobs.errors import UsageError, WriteError
from sparkjobs.identity import config_hash
from sparkjobs.tables.nesting import _above, refuse_nested


@pytest.mark.parametrize(
    ("path", "above"),
    [
        ("/a/b/c", ["/a/b", "/a"]),
        ("/a", []),
        ("s3a://bucket/a/b", ["s3a://bucket/a", "s3a://bucket"]),
        ("s3a://bucket/a", ["s3a://bucket"]),
        ("hdfs://host:8020/a/b", ["hdfs://host:8020/a", "hdfs://host:8020"]),
    ],
)
def test_the_folders_above_a_place(path, above):
    assert _above(path) == above


def test_places_below_and_above_a_table_are_refused(tmp_path):
    (tmp_path / "t" / "_delta_log").mkdir(parents=True)
    (tmp_path / "t" / "p=1").mkdir()
    (tmp_path / "left" / "p=1" / "_delta_log").mkdir(parents=True)
    for below in ("t/x", "t/p=1", "t/x/y"):
        with pytest.raises(WriteError, match="lies in the table"):
            refuse_nested(None, str(tmp_path / below))
    with pytest.raises(WriteError, match="t lies below"):
        refuse_nested(None, str(tmp_path))
    with pytest.raises(WriteError, match="p=1 lies below"):
        refuse_nested(None, str(tmp_path / "left"))
    for fine in ("t", "new", "new/deep"):
        refuse_nested(None, str(tmp_path / fine))


def test_the_schema_flag_is_no_identity_and_no_flag_of_streams():
    job = catalogue.get("sum_by_key")
    flags = ["--input", "in.csv", "--output", "out"]
    hashes = {
        config_hash(params.canonical(params.parse(job.params, [*flags, *more])))
        for more in ([], ["--schema", "refuse"], ["--schema", "evolve"])
    }
    # That of 0.1.0.
    assert hashes == {"f86d6c1aa0f8eff761814472006c855ac0b3a3c49a7e1bd5f922aae6f8fe3493"}
    with pytest.raises(UsageError, match="each table of a stream"):
        params.parse(catalogue.get("wordcount_stream").params, [*flags, "--schema", "evolve"])
