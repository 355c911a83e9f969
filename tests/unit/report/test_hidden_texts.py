"""Secrets that stand in names and filters of a log: none is told, however the text is cut."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from launcher.report.compare.comparison import compare
from launcher.report.compare.told import document as compared
from launcher.report.compare.told import lines
from launcher.report.hidden_texts import LONGEST_NAME, queries_without_secrets, without_secrets
from launcher.report.page.page import page
from launcher.report.report import Report, document
from launcher.report.sql.queries import Broadcast, Queries, Scan, Write
from launcher.report.view.run_view import RunView
from tests.unit.report.made import executor, stage, task, trace
from tests.unit.report.test_queries import began, node, read
from tests.unit.report.test_queries import stage as stage_line


def filtered(text: str) -> Scan:
    """A scan below a filter, as the report tells of it."""
    below = node("Scan parquet users", {"number of output rows": 1, "number of files read": 2})
    plan = node("Filter", {"number of output rows": 4}, below, simpleString=text)
    (scan,) = queries_without_secrets(read(began(plan), stage_line(7, {1: 1000, 4: 1}))).scans
    return scan


@pytest.mark.parametrize(
    "text",
    [
        "Filter (password#1 = hunter two hunter2)",
        "Filter (hunter2token = password#1)",
        "Filter (password#1 = it's hunter2)",
        "Filter (password#1 = ab, hunter2)",
        "Filter (password#1 = ab))hunter2)",
        "Filter (password#1 = ab&hunter2)",
        "Filter ((password#1 = ab) OR (note#2 = hunter2))",
        "Filter (user.password#3 = hunter2)",
        "Filter (api-key#3 IN (hunter2,other))",
        "Filter (isnotnull(api_token#12) AND (api_token#12 = hunter2))",
        "Filter (password#3L = hunter2)",
        "Filter (password = hunter2)",
        "Filter (isnotnull(api_token#12) AND api_token#12 IN (hunter2,other))",
        "Filter (api_token#12 <=> hunter2)",
        "Filter StartsWith(api_token#12, hunter2)",
    ],
)
def test_a_number_of_a_column_hides_no_secret_name(text: str) -> None:
    told = filtered(text).filtered_by
    assert "hunter2" not in told
    assert "#" not in told
    assert told.startswith("*** (it asks for ")


@pytest.mark.parametrize("text", ["Filter (isnotnull(api-key#12) AND (day#3 = 5))", "Filter (compass#4 > 3)"])
def test_a_filter_without_a_secret_is_told(text: str) -> None:
    assert filtered(text).filtered_by == re.sub(r"#\d+", "", text)


def test_the_name_of_a_table_is_no_filter() -> None:
    table = "Scan parquet default.user_tokens"
    scans = (Scan(0, table, 9, 1, "Filter (day#1 = 3)", 1, 1, False, False, (0,)),)
    writes, sent = (Write(0, table, 1, 1, (0,)),), (Broadcast(0, table, 1, 1, 0, 0, 0),)
    told = queries_without_secrets(Queries(scans, writes, sent))
    assert (told.scans[0].name, told.writes[0].name, told.broadcasts[0].name) == (table,) * 3


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("SELECT * FROM t WHERE api_token IN ('s3cr3t') AND x = 1", "SELECT * FROM t WHERE api_token ***"),
        ("select x from t where password <> 's3 cr3t'", "select x from t where password ***"),
        ("select x where password LIKE 's3cr3t%'", "select x where password ***"),
        ("select x where t.`password` = 's3 cr3t'", "select x where t.`password ***"),
        (
            "select x where day = 3 and password not in ('a', 's3cr3t')",
            "select x where day = 3 and password ***",
        ),
        ("select token_id from tokens where day = 3", "select token_id from tokens where day = 3"),
        ("count tokens in job at job.py:3", "count tokens in job at job.py:3"),
    ],
)
def test_a_name_that_is_a_query_ends_where_it_asks_for_a_secret(name: str, shown: str) -> None:
    made = without_secrets(trace([stage(0, task(0, 0, 0, 1), name=name)], [executor(0)], 1, name=name))
    assert made.name == made.stages[0].name == shown


def test_a_filter_is_cut_after_its_secrets_are_masked() -> None:
    """Cut at 160 the token would look like none."""
    told = filtered(f"Filter (note = {'x' * 133} dapi{'0123456789abcdef' * 2})").filtered_by
    assert "dapi" not in told
    assert len(filtered(f"Filter (note = {'x' * 99_000})").filtered_by) == 160


def test_names_are_cut_after_their_secrets_are_masked() -> None:
    name = f"{'x ' * (LONGEST_NAME // 2 - 5)}dapi{'0123456789abcdef' * 2} {'y' * 200_000}"
    made = without_secrets(trace([stage(0, task(0, 0, 0, 1), name=name)], [executor(0)], 1, name=name))
    for told in (made.name, made.stages[0].name):
        assert len(told) == LONGEST_NAME
        assert "dapi" not in told
        assert told.endswith("...")


def test_the_address_of_a_log_hides_its_key() -> None:
    made = trace([stage(0, task(0, 0, 0, 1))], [executor(0)], 1)
    report = Report(RunView(made, Queries()), "s3a://AKIAABCDEFGHIJKLMNOP:wJalrXUtnFEMI@bucket/log")
    both = compare(report, replace(report))
    told = [str(document(report)), page(report), str(compared(both)), "\n".join(lines(both))]
    assert not any("wJalrXUtnFEMI" in text for text in told)
    assert all("bucket/log" in text for text in told)
