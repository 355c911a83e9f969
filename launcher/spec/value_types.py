"""Types of settings: which texts Spark's own converters take, and what they mean. Pure.

The words, as ``scripts/probe_types.py`` finds them:

=====================  ======================================================================
``flag``               true or false
``int``, ``long``      a whole number of Java
``double``             a number of Java
``size:U``             a size; a number without unit counts U: b, k, m, g
``time:U``             a length of time; a number without unit counts U: ns, us, ms, s, min
``one-of:A|B``         one of these words; ``any-case:A|B`` in any case
``list:TYPE``          values of a type with commas between
``zone``, ``regex``    a time zone of Java; a pattern of Java
=====================  ======================================================================

Behind a number's type stand the intervals that are taken, in its own unit:
``int[1,9]|[-1,-1]``, ``double(0,1]``.
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Callable
from functools import cache
from importlib.resources import files

INT, LONG = 2**31, 2**63
# What String.trim takes away.
_BLANKS = "".join(map(chr, range(33)))
_WHOLE = re.compile(r"[+-]?\d+")
# Double.parseDouble, hexadecimal numbers among them.
_DOUBLE = re.compile(
    r"[+-]?(NaN|Infinity|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[fFdD]?|0[xX]([\da-fA-F]+\.?[\da-fA-F]*|\.[\da-fA-F]+)[pP][+-]?\d+[fFdD]?)"
)
_WITH_UNIT = re.compile(r"(-?[0-9]+)([a-z]+)?")
_SIZES = {
    "b": 0,
    "k": 10,
    "kb": 10,
    "m": 20,
    "mb": 20,
    "g": 30,
    "gb": 30,
    "t": 40,
    "tb": 40,
    "p": 50,
    "pb": 50,
}
_TIMES = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "min": 60 * 10**9}
_TIMES |= {"h": 3600 * 10**9, "d": 86400 * 10**9}
_TYPE = re.compile(r"(int|long|double|size|time)(?::([a-z]+))?(.*)")
_INTERVAL = re.compile(r"([\[(])([^,]*),([^\])]*)([\])])")
# java.time.ZoneId.of: an offset, alone or behind UTC, GMT or UT; DateTimeUtils.getZoneId fills up +7:30.
_OFFSET = re.compile(r"(?:UTC|GMT|UT)?[+-](\d{1,2})(?::?([0-5]\d)(?::?([0-5]\d))?|:(\d))?")
Value = bool | int | float | str | tuple[object, ...]


def parse(kind: str, text: str) -> Value:
    """What a text means to a setting of this type.

    Args:
        kind: the type, as in the table.
        text: the value as it is written.

    Raises:
        ValueError: Spark refuses it; the message says what it takes.
    """
    name, _, words = kind.partition(":")
    if name == "list":
        return tuple(parse(words, item) for item in text.split(",") if item.strip(_BLANKS))
    if name in ("one-of", "any-case"):
        return _word(text, words.split("|"), name == "any-case")
    plain = _PLAIN.get(kind)
    return plain(text) if plain else _number(kind, text)


def flag(text: str) -> bool:
    """A boolean as Spark reads it.

    Raises:
        ValueError: it is neither ``true`` nor ``false``.
    """
    word = text.strip(_BLANKS).lower()
    if word not in ("true", "false"):
        raise ValueError(f"{text!r} is neither true nor false")
    return word == "true"


def zone(text: str) -> str:
    """A time zone as ``spark.sql.session.timeZone`` takes it.

    Raises:
        ValueError: Java knows none of this name.
    """
    offset = _OFFSET.fullmatch(text)
    if offset is not None and _seconds(offset) <= 18 * 3600:
        return text
    if text not in _zones():
        raise ValueError(f"{text!r} is no time zone that Java knows, such as UTC or Europe/Berlin")
    return text


def pattern(text: str) -> str:
    """A pattern of Java, as far as it can be told without one: brackets close, and nothing is repeated first.

    Raises:
        ValueError: it is none.
    """
    bare = re.sub(r"\\.", "", re.sub(r"\\Q.*?(\\E|$)", "", text, flags=re.DOTALL), flags=re.DOTALL)
    outside = re.sub(r"\[\^?\]?[^\[\]]*\]", "", bare)
    depth = 0
    for character in outside:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            break
    if depth or "[" in outside or re.search(r"(^|[(|])[*+?](?!<?[=!:])", re.sub(r"\(\?", "", outside)):
        raise ValueError(f"{text!r} is no pattern of Java")
    return text


def same_setting(kind: str | None, one: str, other: str) -> bool:
    """Whether two texts mean the same to a setting of this type; ``None``: of no known type."""
    if one.strip() == other.strip():
        return True
    try:
        return parse(kind or "flag", one) == parse(kind or "flag", other)
    except ValueError:
        return False


def _word(text: str, words: list[str], any_case: bool) -> str:
    found = [word for word in words if word == text or (any_case and word.lower() == text.lower())]
    if not found:
        raise ValueError(f"{text!r} is none of {', '.join(words)}")
    return found[0]


def _number(kind: str, text: str) -> int | float:
    match = _TYPE.fullmatch(kind)
    assert match is not None, kind
    name, unit, allowed = match.groups()
    value = _READERS[name](text, unit or "")
    if allowed and not any(_inside(interval, value) for interval in allowed.split("|")):
        # A plain number of each kind tells its unit.
        raise ValueError(f"{text!r} is not {_in_words(allowed)}{f' ({_NAMES[unit]})' if unit else ''}")
    return value


def _whole(bits: int, noun: str) -> Callable[[str, str], int]:
    def read(text: str, _: str) -> int:
        word = text.strip(_BLANKS)
        if not _WHOLE.fullmatch(word) or len(word) > 400 or not -bits <= int(word) < bits:
            raise ValueError(f"{text!r} is no whole number{noun}")
        return int(word)

    return read


def _double(text: str, _: str) -> float:
    word = text.strip(_BLANKS)
    if not _DOUBLE.fullmatch(word):
        raise ValueError(f"{text!r} is no number")
    word = word.rstrip("fFdD") if "x" not in word.lower() and "f" not in word[:4].lower() else word
    return float.fromhex(word.rstrip("fFdD") if "p" in word else word) if "x" in word.lower() else float(word)


def _size(text: str, unit: str) -> int:
    negative = text.startswith("-")
    match = _WITH_UNIT.fullmatch(text.removeprefix("-").lower().strip(_BLANKS))
    suffix = match[2] if match and match[2] else unit
    if match is None or suffix not in _SIZES or match[1].startswith("-") or int(match[1]) >= LONG:
        raise ValueError(f"{text!r} is no size such as 4g or 512m; Spark takes no fractions")
    shift = _SIZES[suffix] - _SIZES[unit]
    number = int(match[1]) << shift if shift >= 0 else int(match[1]) >> -shift
    if number >= LONG:
        raise ValueError(f"{text!r} is more than Spark can count")
    return -number if negative else number


def _time(text: str, unit: str) -> int:
    match = _WITH_UNIT.fullmatch(text.lower().strip(_BLANKS))
    suffix = match[2] if match and match[2] else unit
    if match is None or (suffix == "ns" and match[2]) or suffix not in _TIMES or abs(int(match[1])) >= LONG:
        raise ValueError(f"{text!r} is no length of time such as 60s or 10min; Spark takes no fractions")
    number = int(match[1]) * _TIMES[suffix]
    # TimeUnit.convert cuts towards zero and stops at the ends of a long.
    whole = abs(number) // _TIMES[unit]
    return max(-LONG, min(LONG - 1, whole if number >= 0 else -whole))


def _inside(interval: str, value: float) -> bool:
    if interval == "nan":
        return value != value
    match = _INTERVAL.fullmatch(interval)
    assert match is not None, interval
    least, most = _bound(match[2], -float("inf")), _bound(match[3], float("inf"))
    above = value >= least if match[1] == "[" else value > least
    return above and (value <= most if match[4] == "]" else value < most)


def _bound(text: str, nothing: float) -> float:
    if not text:
        return nothing
    return int(text) if re.fullmatch(r"-?\d+", text) else float(text)


def _in_words(allowed: str) -> str:
    return " or ".join(_interval(*match.groups()) for match in _INTERVAL.finditer(allowed))


def _interval(opening: str, least: str, most: str, closing: str) -> str:
    if least == most:
        return least
    low = f"{'from' if opening == '[' else 'above'} {least}" if least else ""
    high = (
        f"{'to' if closing == ']' and least else 'at most' if closing == ']' else 'below'} {most}"
        if most
        else ""
    )
    if low and not high:
        return f"{least} or more" if opening == "[" else low
    return f"{low} {high}".strip()


def _seconds(offset: re.Match[str]) -> int:
    hours, minutes, seconds, short = (int(part or 0) for part in offset.groups())
    return hours * 3600 + (minutes or short) * 60 + seconds


@cache
def _zones() -> frozenset[str]:
    text = files(__package__).joinpath("java-zones.txt").read_text(encoding="utf-8")
    # Zones are still being named: what either knows is no slip.
    return frozenset(text.splitlines()[1:]) | {"Z", "UTC", "GMT", "UT"} | zoneinfo.available_timezones()


_NAMES = {"b": "bytes", "k": "KiB", "m": "MiB", "g": "GiB", "ns": "nanoseconds", "us": "microseconds"}
_NAMES |= {"ms": "milliseconds", "s": "seconds", "min": "minutes"}
_READERS: dict[str, Callable[[str, str], int | float]] = {
    "int": _whole(INT, f" from {-INT} to {INT - 1}"),
    "long": _whole(LONG, ""),
    "double": _double,
    "size": _size,
    "time": _time,
}
_PLAIN: dict[str, Callable[[str], Value]] = {"flag": flag, "zone": zone, "regex": pattern}
