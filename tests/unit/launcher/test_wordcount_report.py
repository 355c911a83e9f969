"""The report after the first run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.cli import console
from launcher.cli.wordcount_report import (
    BAR_WIDTH,
    Quarantine,
    Result,
    WordCount,
    WrittenTable,
    bar,
    summary,
    words_table,
)


@given(st.floats(0, 1))
def test_a_bar_is_never_empty_and_never_too_wide(share: float) -> None:
    assert 1 <= len(bar(share)) <= BAR_WIDTH


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_is_never_shorter(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert len(bar(low)) <= len(bar(high))


def test_the_table_fits_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    words = [WordCount("w" * 60, 10**9), WordCount("词", 1)]
    console.show(words_table(words))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert all(len(line) <= 80 and line == line.rstrip() for line in lines)


def test_summary() -> None:
    table, bad = WrittenTable("/out", 3, 7), Quarantine("/out_quarantine", 1)
    result = Result("COMMITTED", 1000, 990, 7, 10, 1.25, (table,), bad)
    assert summary(result) == [
        ("lines", "1,000 read = 990 accepted + 10 quarantined"),
        ("words", "7 written"),
        ("table", "/out, version 3"),
        ("bad", "/out_quarantine, version 1"),
        ("outcome", "COMMITTED in 1.2 s"),
    ]


def test_what_is_unknown_is_a_question_mark() -> None:
    assert ("outcome", "SKIPPED in ? s") in summary(Result("SKIPPED", None, None, None, None, None, ()))
