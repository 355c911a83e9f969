"""Expressions are checked before they run."""

from __future__ import annotations

import pytest

from sparkjobs.errors import UsageError
from sparkjobs.transforms.expressions import check_expression, referenced

COLUMNS = ("value", "timestamp", "key")


@pytest.mark.parametrize(
    "text",
    [
        "value * 10",
        "CASE WHEN value > 1 AND key LIKE 'a%' THEN -value ELSE coalesce(value, 0) END",
        "CAST(value AS decimal(10,2)) % 3",
        "date_trunc('hour', `timestamp`) IS NOT NULL",
        "key IN ('a', 'b') OR value BETWEEN 1 AND 2",
        "upper(key) || '-' || round(VALUE, 2)",
        "if(value >= 0, sqrt(value), null)",
    ],
)
def test_plain_expressions_pass(spark, text):
    check_expression(spark, text, COLUMNS, "--derive x")
    row = "double(1) AS value, timestamp'2026-01-31' AS timestamp, 'a' AS key"
    assert spark.sql(f"SELECT {row}").selectExpr(text).count() == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("reflect('java.lang.System', 'exit', 1)", "'reflect' is not allowed"),
        ("java_method('java.lang.Runtime', 'getRuntime')", "'java_method' is not allowed"),
        ("(SELECT max(id) FROM range(5))", "not allowed"),
        ("value IN (SELECT id FROM range(5))", "not allowed"),
        ("EXISTS (SELECT 1)", "not allowed"),
        ("sum(value)", "'sum' is not allowed"),
        ("row_number() OVER (ORDER BY value)", "not allowed"),
        ("rand()", "'rand' is not allowed"),
        ("transform(array(value), x -> reflect('a', 'b'))", "not allowed"),
        ("input_file_name()", "not allowed"),
        ("explode(array(1, 2))", "not allowed"),
        ("other + 1", "no column 'other'"),
        ("value.field", "no column 'value.field'"),
        ("*", "not"),
        ("value; DROP TABLE x", "not a SQL expression"),
        ("value +", "not a SQL expression"),
        ("value /* reflect */ + abs(java_method('a', 'b'))", "'java_method' is not allowed"),
        ("spark_catalog.default.f(value)", "not allowed"),
        ("abs(DISTINCT value)", "not allowed"),
        ("abs(value) FILTER (WHERE value > 1)", "not allowed"),
        ("1 + " * 600 + "1", "longer than"),
        ("unix_timestamp()", "'unix_timestamp' is not allowed"),
        ("unix_seconds(timestamp'now')", "the time of the run"),
        ("DATE ' Today '", "the time of the run"),
        ("repeat(key, 2000000000)", "'repeat' is not allowed"),
    ],
)
def test_what_does_more_is_refused(spark, text, reason):
    with pytest.raises(UsageError, match="--derive x") as caught:
        check_expression(spark, text, COLUMNS, "--derive x")
    assert reason in caught.value.message


def test_references_in_order(spark):
    assert referenced(spark, "b + a * `b` + f.c", "x") == ("b", "a", "f.c")
