"""Local times that do not exist are refused, those that stand twice mean the first."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from sparkjobs.errors import UsageError
from sparkjobs.zones import changes_clocks, moment, refuse_skipped


def utc(*parts):
    return datetime(*parts, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026-10-25T02:30", "Europe/Berlin", utc(2026, 10, 25, 0, 30)),
        ("2026-10-25T02:30+01:00", "Europe/Berlin", utc(2026, 10, 25, 1, 30)),
        ("2026-03-29T03:00:00", "Europe/Berlin", utc(2026, 3, 29, 1)),
        ("2026-03-29T02:30:00Z", "Europe/Berlin", utc(2026, 3, 29, 2, 30)),
        # The clocks of Brazil skipped midnight; the day began at one o'clock.
        ("2018-11-04", "America/Sao_Paulo", utc(2018, 11, 4, 3)),
    ],
)
def test_moments(text, zone, expected):
    assert moment(text, zone) == expected


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("2026-03-29T02:30", "Europe/Berlin"),
        ("2026-03-29 02:00:00", "Europe/Berlin"),
        ("2018-11-04T00:00", "America/Sao_Paulo"),
        ("2026-10-04T02:15", "Australia/Lord_Howe"),
    ],
)
def test_skipped(text, zone):
    with pytest.raises(UsageError, match=r"--from .* does not exist in"):
        refuse_skipped("--from", text, zone)
    refuse_skipped("--from", text, "UTC")


def test_fixed_zones_need_no_look():
    assert not any(map(changes_clocks, ["UTC", "Etc/UTC", "Etc/GMT+5", "GMT", "Zulu"]))
    assert all(map(changes_clocks, ["Europe/Berlin", "EST5EDT", "Asia/Kolkata"]))


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("0001-01-01", "Europe/Paris"),
        ("0001-01-01T00:00:00+05:00", "UTC"),
        ("9999-12-31T23:00:00-05:00", "UTC"),
    ],
)
def test_a_moment_of_no_year_in_utc_is_told_as_any_other_wrong_text(text, zone):
    with pytest.raises(ValueError, match="years 1 to 9999"):
        moment(text, zone)
    with pytest.raises(UsageError, match="--from"):
        refuse_skipped("--from", text, zone)
