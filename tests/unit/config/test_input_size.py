"""The size of the input, from listings and logs."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow
import pytest
from deltalake import write_deltalake
from pyarrow import parquet

from launcher.intake.input_size import input_size
from launcher.spec.application import InputSize
from tests.spark.object_store import KEYS, REGION, server


def size(start: Path, *inputs: str, form: str = "text", glob: bool = False, **environ: str) -> InputSize:
    return input_size(inputs, form, glob, environ, start)


def write(path: Path, content: bytes = b"x") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_folders_are_summed_as_the_job_reads_them(tmp_path: Path):
    for name, length in {"in/a.txt": 10, "in/deep/_b.txt": 20, "in/.c": 30, "in[1]/d": 5}.items():
        write(tmp_path / name, b"x" * length)
    assert size(tmp_path, "in", "in[1]") == InputSize(65, 4, "4 files listed")
    assert size(tmp_path, "in/*.txt", glob=True) == InputSize(10, 1, "1 file listed")
    assert size(tmp_path, str(tmp_path / "in"), f"file://{tmp_path}/in").size_bytes == 60
    write(tmp_path / "list", b"in/a.txt\nin/.c\n")
    assert size(tmp_path, "@list").files == 2


def test_spark_passes_over_marker_files_of_parquet(tmp_path: Path):
    for name in ("t/part-0.parquet", "t/_SUCCESS", "t/.part-0.parquet.crc"):
        write(tmp_path / name)
    assert size(tmp_path, "t", form="parquet").files == 1


def parquet_file(path: Path, rows: int, group: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pyarrow.table({"key": ["same"] * rows, "value": list(range(rows))})
    parquet.write_table(table, path, row_group_size=group, compression="zstd")


def test_footers_of_parquet_tell_row_groups_rows_and_bytes_before_compression(tmp_path: Path):
    parquet_file(tmp_path / "t/a.parquet", rows=1000, group=250)
    parquet_file(tmp_path / "t/b.parquet", rows=500, group=500)
    parquet_file(tmp_path / "t/empty.parquet", rows=0, group=1)
    found = size(tmp_path, "t", form="parquet")
    assert (found.files, found.row_groups, found.rows) == (3, 5, 1500)
    assert found.unpacked_bytes is not None
    assert found.unpacked_bytes > 1500 * 8
    assert found.how == "3 files listed"


def test_of_many_footers_a_sample_stands_for_all(tmp_path: Path):
    for number in range(100):
        parquet_file(tmp_path / f"t/{number:03}.parquet", rows=10, group=5)
    found = size(tmp_path, "t", form="parquet")
    assert (found.files, found.row_groups, found.rows) == (100, 200, 1000)
    assert found.how == "100 files listed, 25 of their footers read"


def test_a_file_without_a_footer_is_left_to_the_run(tmp_path: Path):
    write(tmp_path / "t/a.parquet", b"PAR1, not")
    found = size(tmp_path, "t", form="parquet")
    assert (found.files, found.row_groups, found.rows) == (1, None, None)


def test_data_files_of_a_table_have_footers_too(tmp_path: Path):
    for day in ("a b", "c"):
        table = pyarrow.table({"value": list(range(10)), "day": [day] * 10})
        write_deltalake(tmp_path / "table", table, mode="append", partition_by=["day"])
    found = size(tmp_path, "table", form="delta")
    assert (found.files, found.row_groups, found.rows) == (2, 2, 20)


def test_mostly_compressed_input_is_not_splittable(tmp_path: Path):
    write(tmp_path / "in" / "a.gz", gzip.compress(b"x" * 100))
    assert size(tmp_path, "in").splittable is False
    assert size(tmp_path, "in").how == "1 file listed, compressed"
    write(tmp_path / "in" / "b.txt", b"x" * 1000)
    assert size(tmp_path, "in").splittable


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("hdfs://name/in", "hdfs:// is not listed here; --input-bytes N tells the size"),
        ("nix", "does not exist"),
        ("ftp://h/x", "the scheme 'ftp' is not known"),
        ("@nix", "No such file"),
    ],
)
def test_what_cannot_be_listed_is_unknown_and_says_why(tmp_path: Path, path: str, why: str):
    found = size(tmp_path, path)
    assert (found.size_bytes, found.files) == (None, None)
    assert why in found.how


def test_a_delta_table_is_as_large_as_its_newest_version(tmp_path: Path):
    import pyarrow as pa
    from deltalake import write_deltalake

    for value in range(2):
        write_deltalake(str(tmp_path / "t"), pa.table({"a": [value]}), mode="overwrite")
    adds = (tmp_path / "t" / "_delta_log" / f"{1:020}.json").read_text().splitlines()
    newest = sum(json.loads(line)["add"]["size"] for line in adds if "add" in json.loads(line))
    found = size(tmp_path, "t", form="delta")
    assert (found.size_bytes, found.files, found.how) == (newest, 1, "1 data file in the log of 1 table")
    assert "is not a Delta table" in size(tmp_path, "nix", form="delta").how


@pytest.fixture(scope="module")
def store() -> Iterator[dict[str, str]]:
    """The variables of an S3 that holds s3a://texts/logs/{a,b.gz}."""
    import boto3

    with server() as endpoint:
        client = boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name=REGION,
            aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        )
        client.create_bucket(Bucket="texts", CreateBucketConfiguration={"LocationConstraint": REGION})
        client.put_object(Bucket="texts", Key="logs/a", Body=b"x" * 70)
        client.put_object(Bucket="texts", Key="logs/b.gz", Body=b"x" * 30)
        yield {**KEYS, "AWS_ENDPOINT_URL": endpoint}


def test_objects_are_listed_by_the_variables_of_the_job(store: dict[str, str], tmp_path: Path):
    assert size(tmp_path, "s3a://texts/logs", **store) == InputSize(100, 2, "2 files listed")
    assert size(tmp_path, "s3a://texts/logs/*.gz", glob=True, **store).splittable is False
    assert "does not exist" in size(tmp_path, "s3a://texts/nix", **store).how
    away = {**store, "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1"}
    assert "cannot be listed" in size(tmp_path, "s3a://texts/logs", **away).how


def test_local_input_needs_no_heavy_package(tmp_path: Path):
    write(tmp_path / "a")
    code = (
        "import sys; from pathlib import Path; from launcher.intake.input_size import input_size\n"
        f"assert input_size(['a'], 'text', False, {{}}, Path({str(tmp_path)!r})).files == 1\n"
        "print([m for m in ('pyspark', 'pyarrow', 'deltalake', 'boto3') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
