"""Intervals and identities: two spellings of the same work are the same work."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkjobs.errors import UsageError
from sparkjobs.identity import RunIdentity, config_hash, parse_interval, run_id, start_interval


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("2026-01-31", "2026-01-31"),
        ("2026-01-31/2026-02-01", "2026-01-31"),
        ("2026-01-31T00:00:00Z/2026-02-01T00:00:00+00:00", "2026-01-31"),
        ("2026-01-31T05", "2026-01-31T05"),
        ("0001-01-01", "0001-01-01"),
        ("2026-01-31T05:00/2026-01-31T06", "2026-01-31T05"),
        ("2026-01-31T07:00:00+02:00/2026-01-31T06:00:00Z", "2026-01-31T05"),
        ("2026-01-01/2026-02-01", "2026-01-01T00:00:00Z/2026-02-01T00:00:00Z"),
    ],
)
def test_spellings(text, canonical):
    assert parse_interval(text).text == canonical
    assert parse_interval(parse_interval(text).text).text == canonical


@pytest.mark.parametrize(
    "text", ["", "today", "2026-02-30", "2026-01-02/2026-01-01", "2026-01-01/2026-01-01", "/"]
)
def test_not_an_interval(text):
    with pytest.raises(UsageError, match="--interval"):
        parse_interval(text)


@given(st.dictionaries(st.text(max_size=5), st.one_of(st.text(max_size=5), st.integers(), st.none())))
def test_the_hash_knows_no_order(values):
    assert config_hash(values) == config_hash(dict(reversed(values.items())))


def test_metadata_names_the_run():
    moment = datetime(2026, 1, 31, 5, tzinfo=timezone.utc)
    name = run_id("wordcount", moment, "abcdef0123")
    who = RunIdentity("wordcount", start_interval(moment).text, "cafe", name, token=7)
    assert name == "20260131T050000Z-wordcount-abcdef01"
    assert json.loads(who.metadata()) == {
        "run_id": name,
        "job": "wordcount",
        "interval": "2026-01-31T05:00:00Z",
        "config_hash": "cafe",
        "token": 7,
    }
    assert json.loads(replace(who, batch=3).metadata()) == {**json.loads(who.metadata()), "batch": 3}
    assert who.append_app_id == "wordcount/2026-01-31T05:00:00Z/cafe"
