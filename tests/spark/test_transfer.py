"""A decimal reaches Spark as it was typed, from either text format, whatever its digits and its row are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Context, Decimal
from itertools import zip_longest

import pytest

from sparkjobs.ingest.typing import Column
from sparkjobs.job import EACH_ROW, BatchParams, Job, OutputTable
from tests.spark.conftest import rows_of

TYPES = [(38, 0), (38, 9), (38, 38), (19, 1), (18, 0), (18, 18), (5, 2), (1, 0)]
NAMES = [f"d{digits}_{scale}" for digits, scale in TYPES]
COLUMNS = [Column("id", "bigint")] + [
    Column(name, f"decimal({digits},{scale})", required=False)
    for name, (digits, scale) in zip(NAMES, TYPES, strict=True)
]


@dataclass(frozen=True)
class _Params(BatchParams):
    """Flags of a job that copies its rows."""


def _copy(context, params):
    rows = context.read_rows(COLUMNS, counted=True)
    return [OutputTable("copy", rows, at_root=True, counted_by=EACH_ROW)]


COPY = Job("copy", "Copy decimals.", _Params, _copy)


def numbers(digits, scale):
    """Null, and the ends of the type, of 64 bits, of 18 digits, as far as the type has them."""
    most = 10**digits - 1
    ends = [0, 1, most, 2**63 - 1, 2**63, 2**63 + 1, 2**64, 10**18 - 1, 10**18]
    found = sorted({sign * number for number in ends for sign in (1, -1) if number <= most})
    return [None, *(Decimal(number).scaleb(-scale, Context(prec=80)) for number in found)]


def table():
    """One row for each number of the type that has most; rows of nulls fill the others."""
    return list(zip_longest(*(numbers(digits, scale) for digits, scale in TYPES)))


def written(path, kind, rows):
    texts = [[None if value is None else format(value, "f") for value in row] for row in rows]
    if kind == "csv":
        lines = [",".join(["id", *NAMES])]
        lines += [",".join([str(i), *(text or "" for text in row)]) for i, row in enumerate(texts)]
    else:
        fields = [[f'"{n}": {text or "null"}' for n, text in zip(NAMES, row, strict=True)] for row in texts]
        lines = ["{" + ", ".join([f'"id": {i}', *row]) + "}" for i, row in enumerate(fields)]
        assert all(json.loads(line) for line in lines)
    path.write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize("limit", ["0", "1"])
@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_decimals_of_every_type(run_job, tmp_path, monkeypatch, kind, limit):
    # Else so small a file is kept whatever the limit is.
    monkeypatch.setattr("sparkjobs.ingest.rows.SMALL_BYTES", 0)
    rows = table()
    written(tmp_path / f"in.{kind}", kind, rows)
    if limit != "0":
        bad = {"csv": "x" + "," * len(NAMES) + "\n", "jsonl": '{"id": "x"}\n'}[kind]
        with (tmp_path / f"in.{kind}").open("a") as file:
            file.write(bad)
    flags = ["--format", kind, "--max-bad-rows", limit]
    ran = run_job(COPY, "--input", tmp_path / f"in.{kind}", "--output", tmp_path / "out", *flags)
    assert ran.code == 0, ran.result.error
    assert (ran.result.rows_accepted, ran.result.rows_quarantined) == (len(rows), int(limit))
    found = sorted(rows_of(tmp_path / "out"), key=lambda row: row["id"])
    assert [tuple(row[name] for name in NAMES) for row in found] == rows
