"""Types of settings: what each takes, and the table that names them."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.spec.known_keys import by_todays_names, known, pins_of_today, todays
from launcher.spec.layer import Origin, Pin, repeated, resolve
from launcher.spec.value_types import parse

KINDS = sorted({*known().types.values(), "list:int", "double(0,1]", "time:ns", "regex", "zone"})


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("flag", " TRUE ", True),
        ("int", "+7", 7),
        ("long[1,]", "9223372036854775807", 2**63 - 1),
        ("double", "1e3d", 1000.0),
        ("double", "0x1p3", 8.0),
        ("size:m", "4g", 4096),
        ("size:m", "4096", 4096),
        ("size:b", "-1", -1),
        ("size:m", "1500k", 1),
        ("time:s", "1500ms", 1),
        ("time:ms", "2min", 120_000),
        ("time:ms", "-1500us", -1),
        ("any-case:LEGACY|CORRECTED", "legacy", "LEGACY"),
        ("list:long", "1, 2", (1, 2)),
        ("zone", "UTC+7", "UTC+7"),
        ("int[-1,-1]|[1,9]", "-1", -1),
    ],
)
def test_a_text_means_what_spark_reads(kind: str, text: str, value: object) -> None:
    assert parse(kind, text) == value


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("flag", "yes", "neither true nor false"),
        ("int", "2147483648", "no whole number"),
        ("int[-1,-1]|[1,9]", "0", "is not -1 or from 1 to 9"),
        ("double(0,1]", "0", "above 0 to 1"),
        ("double[0,]", "NaN", "0 or more"),
        ("size:m", "1.5g", "no size"),
        ("size:b", "8192p", "more than Spark can count"),
        ("size:k[1,2097151]", "2g", "(KiB)"),
        ("time:s", "10 s", "no length of time"),
        ("time:ns", "3ns", "no length of time"),
        ("one-of:client|cluster", "Cluster", "none of client, cluster"),
        ("zone", "UTC+19", "no time zone"),
        ("regex", "[a", "no pattern"),
    ],
)
def test_what_spark_refuses_is_refused_in_words(kind: str, text: str, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        parse(kind, text)


@given(
    st.sampled_from(KINDS),
    st.text(max_size=20) | st.from_regex(r"-?[0-9]{0,25}[a-zA-Z.]{0,3}", fullmatch=True),
)
def test_any_text_is_a_value_or_a_fault(kind: str, text: str) -> None:
    with suppress(ValueError):
        parse(kind, text)


def test_every_new_name_is_known_and_no_name_leads_round() -> None:
    for old in known().renamed:
        new, _ = todays(old, "1")
        assert new in known().names
        assert new not in known().renamed


def test_an_old_name_is_translated_with_its_value() -> None:
    assert todays("spark.yarn.max.worker.failures", "3") == ("spark.executor.maxNumFailures", "3")
    assert todays("spark.yarn.applicationMaster.waitTries", "4") == ("spark.yarn.am.waitTime", "40s")
    assert todays("spark.kryoserializer.buffer.mb", "0.064") == ("spark.kryoserializer.buffer", "64k")
    assert todays("spark.blacklist.enabled", "true", "3.0.3") == ("spark.blacklist.enabled", "true")


def test_the_new_name_decides_where_one_place_sets_both() -> None:
    old, new = "spark.yarn.executor.memoryOverhead", "spark.executor.memoryOverhead"
    assert by_todays_names({new: "1g", old: "2g"}) == ({new: "1g"}, {old: new})
    pins = [Pin(new, "1g", Origin.FLAG, "a"), Pin(old, "2g", Origin.FLAG, "b")]
    decided = resolve(pins_of_today(pins))
    assert decided[new].value == "1g"
    assert repeated(decided) == {new: f"it is set by b ({old}) and by a"}


def test_a_flag_by_its_old_name_goes_before_a_profile_by_the_new_one() -> None:
    old, new = "spark.yarn.executor.memoryOverhead", "spark.executor.memoryOverhead"
    decided = resolve(pins_of_today([Pin(new, "1g", Origin.PROFILE, "p"), Pin(old, "2g", Origin.FLAG, "f")]))
    assert (decided[new].value, decided[new].old_key) == ("2g", old)
