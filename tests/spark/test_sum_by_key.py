"""sum_by_key: exact sums from dirty CSV, each row accounted for."""

from __future__ import annotations

from decimal import Decimal

from tests.spark.conftest import rows_of


def test_reordered_headers_hostile_names_and_quotes(run_job, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.csv").write_text("value,id\n1.5,a\n2,b\n3.25,a\n")
    (folder / "_b[1]*.csv").write_bytes(b'\xef\xbb\xbfid,value\r\n"x,""y\r\nz",7\r\n')
    (folder / ".hidden").write_text("id,value\ra,1\r")
    ran = run_job("sum_by_key", "--input", folder, "--output", tmp_path / "out")
    assert ran.code == 0, ran.result.error
    sums = {row["id"]: (row["sum"], row["count"]) for row in rows_of(tmp_path / "out")}
    assert sums == {
        "a": (Decimal("5.75"), 3),
        "b": (Decimal(2), 1),
        'x,"y\r\nz': (Decimal(7), 1),
    }
    assert ran.result.rows_read == ran.result.rows_accepted == 5
