"""sparkjobs.tables.read: rows without a JVM, as Arrow and as pandas."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timezone

import pyarrow as pa
import pytest
from deltalake import write_deltalake
from pyarrow import fs

from sparkjobs import tables
from sparkjobs.errors import DataError, UsageError
from tests.unit.launcher.made_by_spark import add_file

LATE = datetime(9999, 12, 31, tzinfo=timezone.utc)


@pytest.fixture
def table(tmp_path):
    """Version 0 is empty; 1 and 2 add a file each, with timestamps as INT96."""
    moments = pa.array([LATE, None], pa.timestamp("us", "UTC"))
    for big in (2**53 + 1, 7):
        rows = pa.table(
            {"i": pa.array([big, None]), "t": moments, "b": [True, None], "f": [1.5, float("nan")]}
        )
        add_file(tmp_path / "t", rows)
    return str(tmp_path / "t")


def test_pandas_keeps_whole_numbers_booleans_and_far_moments(table):
    found = tables.read(table).to_pandas()
    assert sorted(found["i"].dropna().tolist()) == [7, 2**53 + 1]
    assert found["i"].isna().sum() == 2
    assert (str(found["b"].dtype), str(found["f"].dtype)) == ("boolean", "float64")
    assert {moment.year for moment in found["t"].dropna()} == {9999}
    assert str(found["t"].dtype) == "datetime64[us, UTC]"


def test_versions_columns_and_heads(table):
    assert len(tables.read(table, version=1).to_pandas()) == 2
    empty = tables.read(table, version=0)
    assert (empty.version, empty.columns, len(empty.to_pandas())) == (0, ("i", "t", "b", "f"), 0)
    assert tables.read(table).to_pandas(["f", "i"]).columns.tolist() == ["f", "i"]
    assert tables.read(table).head(3).num_rows == 3
    assert tables.read(table).head(0, ["i"]).column_names == ["i"]


def test_what_cannot_be_read_is_told(table, tmp_path):
    with pytest.raises(UsageError, match="no column 'nope'"):
        tables.read(table).to_pandas(["nope"])
    with pytest.raises(UsageError, match="not a Delta table"):
        tables.read(str(tmp_path / "none"))
    with pytest.raises(DataError, match="no version 9"):
        tables.read(table, version=9)
    gone = next((tmp_path / "t").glob("*.parquet"))
    gone.unlink()
    with pytest.raises(DataError, match=gone.name):
        tables.read(table).to_arrow()


def test_char_columns_are_padded_as_spark_reads_them(tmp_path):
    kind = pa.field("c", pa.string(), metadata={"__CHAR_VARCHAR_TYPE_STRING": "char(4)"})
    write_deltalake(str(tmp_path / "t"), pa.table({"c": ["a", "\u00e9bcd", None]}, schema=pa.schema([kind])))
    assert tables.read(str(tmp_path / "t")).to_arrow()["c"].to_pylist() == ["a   ", "\u00e9bcd", None]


RAISING = """
from sparkjobs import tables
rows = tables.read({table!r})
assert len(rows.to_pandas()) == 1000 and rows.head(1).num_rows == 1
raise LookupError("the user's own")
"""


def test_a_script_that_raises_after_a_read_ends_by_its_own_error(tmp_path):
    """delta-rs' file system for pyarrow aborts about every fifth such Python with 134."""
    rows = pa.table({"p": [i % 100 for i in range(1000)], "v": range(1000)})
    write_deltalake(str(tmp_path / "t"), rows, partition_by=["p"])
    script = RAISING.format(table=str(tmp_path / "t"))
    for _ in range(12):
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr.splitlines()[-1]) == (1, "LookupError: the user's own")


def test_no_python_runs_in_the_threads_of_pyarrow(table):
    system = tables.read(table).dataset().filesystem
    assert isinstance(system.base_fs, fs.LocalFileSystem)
