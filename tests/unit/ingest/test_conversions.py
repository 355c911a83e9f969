"""The table of types: every pair has an answer, and a cast without a check can lose nothing."""

from __future__ import annotations

import pytest

from sparkjobs.ingest.conversions import Check, Refusal, conversion

SOURCES = [
    "tinyint", "smallint", "int", "bigint", "float", "double", "decimal(10,0)", "decimal(20,0)",
    "decimal(38,0)", "decimal(10,3)", "decimal(38,38)", "string", "string collate UNICODE_CI", "char(5)",
    "varchar(9)", "binary", "boolean", "date", "timestamp", "timestamp_ntz", "time(6)", "void",
    "interval day to second", "interval year to month", "interval", "array<bigint>", "map<string,bigint>",
    "struct<a:bigint>", "variant", "a type of the future",
]  # fmt: skip
WANTED = ["string", "bigint", "double", "timestamp", "boolean", "decimal(38,9)", "decimal(18,0)"]
NESTED = ("array", "map", "struct", "variant", "interval", "a type")


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("wanted", WANTED)
@pytest.mark.parametrize("unit", [None, "ms"])
def test_every_pair_has_an_answer(source, wanted, unit):
    answer = conversion(source, wanted, unit)
    assert isinstance(answer, Check | Refusal)
    if source.startswith(NESTED):
        assert isinstance(answer, Refusal)
    if isinstance(answer, Refusal):
        assert source in answer.reason
        assert answer.hint


@pytest.mark.parametrize(
    ("source", "wanted", "unit", "answer"),
    [
        ("int", "double", None, Check.NONE),
        ("bigint", "double", None, Check.EXACT_DOUBLE),
        ("decimal(15,0)", "double", None, Check.NONE),
        ("decimal(16,0)", "double", None, Check.EXACT_DOUBLE),
        ("decimal(18,0)", "bigint", None, Check.NONE),
        ("decimal(19,0)", "bigint", None, Check.FITS),
        ("decimal(18,1)", "bigint", None, Check.WHOLE_DECIMAL),
        ("bigint", "decimal(38,19)", None, Check.NONE),
        ("bigint", "decimal(38,20)", None, Check.FITS),
        ("smallint", "decimal(7,2)", None, Check.NONE),
        ("decimal(10,2)", "decimal(12,4)", None, Check.NONE),
        ("decimal(10,2)", "decimal(12,5)", None, Check.FITS),
        ("decimal(10,2)", "decimal(38,1)", None, Check.DECIMALS),
        ("int", "timestamp", "s", Check.UNIT),
        ("decimal(20,0)", "timestamp", "ns", Check.UNIT),
        ("timestamp", "timestamp", "ns", Check.NONE),
        ("varchar(3)", "timestamp", None, Check.TEXT),
    ],
)
def test_answers(source, wanted, unit, answer):
    assert conversion(source, wanted, unit) is answer


@pytest.mark.parametrize(
    ("source", "wanted", "unit", "hint"),
    [
        ("bigint", "timestamp", None, "--timestamp-unit"),
        ("double", "timestamp", "s", "as a whole number"),
        ("decimal(10,3)", "timestamp", "s", "as a whole number"),
        ("boolean", "bigint", None, "0 and 1"),
        ("boolean", "double", None, "0 and 1"),
        ("bigint", "boolean", None, ""),
        ("timestamp", "bigint", None, ""),
        ("date", "double", None, ""),
        ("binary", "bigint", None, "as text"),
        ("struct<a:int>", "string", None, "field"),
    ],
)
def test_refusals(source, wanted, unit, hint):
    answer = conversion(source, wanted, unit)
    assert isinstance(answer, Refusal)
    assert hint in answer.hint
