"""What may change between two starts of a stream: each row of the table in the docs, for each stream."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

from sparkjobs import catalogue, params
from sparkjobs.errors import UsageError
from sparkjobs.streaming import fingerprint

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs/streams-operations.md"
STREAMS = sorted(name for name in catalogue.BUILT_IN if name.endswith("_stream"))
# Rows without a flag, and those whose flags are not all: what holds them.
ELSEWHERE = {
    "and the hosts of a Kafka address": (
        "unit/streaming/test_flows.py",
        "test_hosts_are_no_identity_and_topics_are",
    ),
    "Spark settings": (
        "unit/streaming/test_parts.py",
        "test_the_partitions_of_shuffles_which_earlier_versions_kept_may_change",
    ),
    "a newer version of sparkjobs": (
        "spark/test_made_before.py",
        "test_a_stream_of_words_goes_on",
    ),
    "the names, times and places of files that were read": (
        "unit/streaming/test_arrivals.py",
        "test_only_another_time_is_told_and_times_that_are_not_known_are_not_compared",
    ),
}
# Told of the folder or the fingerprint itself, beside the parameters.
PLACES = {"--output": "output", "--checkpoint": "checkpoint"}


def table() -> list[tuple[str, str]]:
    """What may change or may not: the first two cells of each row."""
    text = PAGE.read_text(encoding="utf-8").partition("## What may change between two starts")[2]
    rows = re.findall(r"^\| (.+?) \| (yes|no) \|", text.partition("\n## ")[0], re.MULTILINE)
    assert len(rows) > 10
    return [(what, may) for what, may in rows]


ROWS = table()
NAMED = [(flag, may) for what, may in ROWS for flag in re.findall(r"`(--[a-z-]+)`", what)]


def fields_of(stream: str) -> dict[str, dataclasses.Field[Any]]:
    """The flags that a stream takes; those that it refuses by name are no flags of it."""
    found = dataclasses.fields(catalogue.get(stream).params)
    return {params._flag(field.name): field for field in found if field.metadata["group"] != "refused"}


def made(stream: str, field: dataclasses.Field[Any], value: Any) -> dict[str, Any]:
    """The fingerprint of a stream with one parameter otherwise, as its start would make it."""
    given = params.parse(catalogue.get(stream).params, ("--input", "/in", "--output", "/out"))
    identity = params.canonical(given)
    if field.metadata.get("identity", True) and value is not None:
        identity = {**identity, field.name: value}
    places = {"output": "/out", "checkpoint": "/c"}
    place = PLACES.get(params._flag(field.name))
    if place is not None and value is not None:
        places[place] = value
    return fingerprint.make(job=stream, params=identity, state=(), **places)


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize(("flag", "may"), NAMED)
def test_a_flag_of_the_table_may_change_or_not_as_it_says(stream, flag, may):
    field = fields_of(stream).get(flag)
    if field is None:
        assert any(flag in fields_of(other) for other in STREAMS), f"no stream has {flag}"
        return
    before = fingerprint.to_text(made(stream, field, None))
    now = made(stream, field, "another")
    if may == "yes":
        fingerprint.refuse_other("/c", before, now)
        return
    with pytest.raises(UsageError) as refused:
        fingerprint.refuse_other("/c", before, now)
    assert 'is "another"' in refused.value.message
    assert f"{PLACES.get(flag, flag)} was " in refused.value.message


@pytest.mark.parametrize("stream", STREAMS)
def test_the_flags_of_the_job_itself_must_not_change(stream):
    own = {flag: field for flag, field in fields_of(stream).items() if flag not in dict(NAMED)}
    assert own
    for flag, field in own.items():
        with pytest.raises(UsageError, match=f"{flag} was "):
            fingerprint.refuse_other(
                "/c", fingerprint.to_text(made(stream, field, None)), made(stream, field, "another")
            )


@pytest.mark.parametrize(("what", "may"), ROWS)
def test_each_row_names_flags_or_what_holds_it(what, may):
    test = next((test for words, test in ELSEWHERE.items() if words in what), None)
    assert test or "`--" in what
    if test:
        path, name = test
        assert f"def {name}(" in (ROOT / "tests" / path).read_text(encoding="utf-8")


def test_no_flag_stands_in_two_rows():
    names = [flag for flag, _ in NAMED]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize(("flag", "default"), [("max_ahead", "1 hour"), ("timestamp_unit", "s")])
def test_what_goes_without_saying_may_be_said(flag, default):
    silent, said = made_with({}), made_with({flag: default})
    fingerprint.refuse_other("/c", fingerprint.to_text(silent), said)
    fingerprint.refuse_other("/c", fingerprint.to_text(said), silent)
    with pytest.raises(UsageError):
        fingerprint.refuse_other("/c", fingerprint.to_text(silent), made_with({flag: "7"}))


def made_with(identity: dict[str, Any]) -> dict[str, Any]:
    return fingerprint.make(job="j", checkpoint="/c", output="/o", params=identity, state=())
