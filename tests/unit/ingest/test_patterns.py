"""Patterns of timestamps: what is taken has one meaning for each text that fits it."""

from __future__ import annotations

import pytest

from sparkjobs.ingest.patterns import check_timestamp_format, tells_time, tells_zone

TAKEN = [
    "yyyy-MM-dd",
    "yyyy-MM",
    "yyyy",
    "yyyy-MM-dd HH:mm",
    "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX",
    "yyyy-MM-dd'T'HH:mm:ss[.SSS]XXX",
    "yyyy-MM-dd[ HH:mm[:ss]]",
    "yyyyMMdd",
    "yyyyMMddHHmmss",
    "yyMMdd",
    "d/M/yyyy H:mm",
    "d/M/yy",
    "M/d/yyyy hh:mm a",
    "M/d/yyyy K:mm a",
    "yyyy-MM-dd kk:mm",
    "dd MMM yyyy",
    "d MMMM yyyy 'at' HH 'o''clock'",
    "ddMMMyyyy",
    "yyyyDDD",
    "D.yyyy",
    "yyyy-MM-dd HH:mm:ss Z",
    "yyyy-MM-dd HH:mm:ss O",
]
REFUSED = {
    "d/M/yyyy hh:mm": "hh counts to 12; write HH",
    "d/M/yyyy KK:mm": "hh counts to 12",
    "d/M/yyyy hh:mm[ a]": "hh counts to 12",
    "d/M/yyyy HH:mm a": "goes with hh",
    "d/M/yyyy HH hh a": "the hour in two ways",
    "d/M/y": "26 would be the year 26",
    "d/M/yyy": "26 would be the year 26",
    "d/M/yyyyy": "26 would be the year 26",
    "d/M/uuuu": "write yyyy",
    "dd.MM.YYYY": "another one around New Year",
    "yyyy-'W'ww": "ww is not read",
    "dd/MM": "it does not tell the year",
    "HH:mm": "it does not tell the year",
    "[yyyy-]MM-dd": "it does not tell the year",
    "yyyy dd": "it does not tell the month",
    "yyyy-MM HH": "it does not tell the day",
    "yyyy-MM-dd mm": "it does not tell the hour",
    "yyyy-MM-dd HH.SSS": "it does not tell the minute",
    "yyyy-DD": "DD is not read: write D or DDD",
    "yyyy-MM-DDD": "without month and day",
    "yyyy-MM-dd HH:mm:ss.SSSSSSSSS": "six decimals at most",
    "yyyyMMddHHmmssSSS": "decimals after a sign only",
    "yyyyMd": "where one number ends is a guess",
    "dMM.yyyy": "where one number ends is a guess",
    "yyyy-MM-dd HH:mm z": "several zones",
    "yyyy-MM-dd HH:mm VV": "write offsets",
    "yyyy-MM-dd HH:mm[XXX]": "now there, now not",
    "yyyy-MM-dd HH:mm XXXXX": "write X or XX or XXX",
    "G yyyy-MM-dd": "eras are not read",
    "EEE yyyy-MM-dd": "EEE is not read",
    "yyyy-QQ": "QQ is not read",
    "yyyy-MM-MMMMM": "MMMMM is not read",
    "yyyy-LL-dd": "write M",
    "yyyy-MM-ddTHH:mm": "quote letters",
    "yyyy-MM-dd'T": "a quote is not closed",
    "yyyy-MM-dd[": "a [ without",
    "yyyy-MM-dd]": "a ] without",
    "yyyy-MM-dd{": "no meaning",
    "'text'": "it does not tell the year",
    "": "it does not tell the year",
    "yyyy" + "[-]" * 7: "more than 6",
}


@pytest.mark.parametrize("pattern", TAKEN)
def test_taken(pattern):
    check_timestamp_format(pattern)


@pytest.mark.parametrize(("pattern", "reason"), list(REFUSED.items()))
def test_refused(pattern, reason):
    with pytest.raises(ValueError) as caught:
        check_timestamp_format(pattern)
    assert reason in str(caught.value)


@pytest.mark.parametrize("letter", "ABCEFGIJLNPQRTUVWYbcefgijlnopqrtuvwzl")
def test_other_letters_are_refused_by_name(letter):
    for length in (1, 2, 4):
        with pytest.raises(ValueError, match=f"{letter * length} is not read"):
            check_timestamp_format(f"yyyy-MM-dd HH:mm {letter * length}")


@pytest.mark.parametrize(
    ("pattern", "time", "zone"),
    [
        ("yyyy-MM-dd", False, False),
        ("yyyy-MM-dd[ HH]", True, False),
        ("dd 'HH X' MMM yyyy", False, False),
        ("yyyy-MM-dd HH:mmX", True, True),
    ],
)
def test_what_a_pattern_tells(pattern, time, zone):
    assert (tells_time(pattern), tells_zone(pattern)) == (time, zone)
