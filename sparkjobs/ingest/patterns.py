"""Patterns of timestamps (``--timestamp-format``): taken only where every text they fit has one meaning.

Spark fills in what a pattern does not say (``hh`` without am or pm is the morning, no year is 1970),
cuts what it cannot hold (nanoseconds) and guesses short zone names. Pure; the letters are those of
``java.time.format.DateTimeFormatter``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

_YEAR, _MONTH, _DAY, _HOUR, _MINUTE, _SECOND, _FRACTION = range(7)
_NAMES = ("year", "month", "day", "hour", "minute", "second", "fraction of a second")
# What a letter tells; ``D`` is the day of the year and so month and day.
_PARTS: dict[str, set[int]] = {
    "y": {_YEAR},
    "M": {_MONTH},
    "d": {_DAY},
    "D": {_MONTH, _DAY},
    **{letter: {_HOUR} for letter in "HkhK"},
    "m": {_MINUTE},
    "s": {_SECOND},
    "S": {_FRACTION},
}
# How often a letter may stand; ``yyy`` is Spark's own affair, ``MMMMM`` one letter for two months.
_LENGTHS: dict[str, tuple[int, ...]] = {
    "y": (2, 4),
    "M": (1, 2, 3, 4),
    "D": (1, 3),
    **dict.fromkeys("dHkhKms", (1, 2)),
    "S": (1, 2, 3, 4, 5, 6),
    "a": (1,),
    "X": (1, 2, 3),
    "x": (1, 2, 3),
    "Z": (1, 2, 3, 5),
    "O": (1, 4),
}
_OFFSETS = frozenset("XxZO")
_HALF_DAY = frozenset("hK")
# Some of these Spark itself refuses (DateTimeFormatterHelper.weekBasedLetters), others it reads by guessing.
_WHY_NOT = {
    "u": "write yyyy for the year",
    "Y": "the year of a week is another one around New Year; write yyyy",
    "G": "eras are not read; write yyyy",
    "L": "write M for the month",
    "V": "a local time of a named zone may not exist or stand twice; write offsets (XXX)",
    "z": "names such as CST stand for several zones; write offsets (XXX)",
    "T": "quote letters that stand for themselves: 'T'",
}
_TOKEN = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|(.)", re.DOTALL)
_MOST_SECTIONS = 6


@dataclass(frozen=True)
class _Token:
    """A run of one letter, or literal text (``letter`` empty)."""

    letter: str
    length: int

    @property
    def is_number(self) -> bool:
        return self.letter in _PARTS and not (self.letter == "M" and self.length > 2)


@dataclass(frozen=True)
class _Section:
    """Tokens in their order; those of an optional section are a section of their own."""

    items: tuple[_Token | _Section, ...]
    optional: bool = False


def check_timestamp_format(pattern: str | None) -> None:
    """Refuse a pattern that could give another time than the text says.

    Raises:
        ValueError: the reason, with what to write.
    """
    if pattern is None:
        return
    section = _parse(pattern)
    for tokens in _readings(section):
        _check_letters(tokens)
        _check_parts(tokens)
        _check_neighbours(tokens)
    if any(token.letter in _OFFSETS for token in _optional(section)):
        raise ValueError("an offset in [ ] is now there, now not; write it for every row or for none")


def tells_zone(pattern: str) -> bool:
    """Whether each text of a checked pattern has an offset."""
    return any(token.letter in _OFFSETS for token in _all(_parse(pattern)))


def tells_time(pattern: str) -> bool:
    """Whether a text of a checked pattern may tell a time of the day."""
    parts = {part for token in _all(_parse(pattern)) for part in _PARTS.get(token.letter, ())}
    return max(parts) >= _HOUR


def _parse(pattern: str) -> _Section:
    open_sections: list[list[_Token | _Section]] = [[]]
    for match in _TOKEN.finditer(pattern):
        quoted, letter, sign = match.groups()
        if sign == "[":
            open_sections.append([])
        elif sign == "]":
            if len(open_sections) == 1:
                raise ValueError("a ] without its [")
            closed = _Section(tuple(open_sections.pop()), optional=True)
            open_sections[-1].append(closed)
        elif sign in ("'", "{", "}", "#"):
            raise ValueError("a quote is not closed" if sign == "'" else f"{sign} has no meaning")
        else:
            open_sections[-1].append(_Token(letter or "", len(match.group()) if quoted is None else 1))
    if len(open_sections) > 1:
        raise ValueError("a [ without its ]")
    return _Section(tuple(open_sections[0]))


def _all(section: _Section) -> Iterator[_Token]:
    for item in section.items:
        if isinstance(item, _Section):
            yield from _all(item)
        else:
            yield item


def _optional(section: _Section) -> Iterator[_Token]:
    for item in section.items:
        if isinstance(item, _Section):
            yield from _all(item)


def _readings(section: _Section) -> list[list[_Token]]:
    """The tokens of every way in which optional sections are there or not."""
    if sum(1 for _ in _sections(section)) > _MOST_SECTIONS:
        raise ValueError(f"more than {_MOST_SECTIONS} optional sections")
    choices = [
        [*([[]] if item.optional else []), *_readings(item)] if isinstance(item, _Section) else [[item]]
        for item in section.items
    ]
    return [[token for part in parts for token in part] for parts in product(*choices)]


def _sections(section: _Section) -> Iterator[_Section]:
    for item in section.items:
        if isinstance(item, _Section):
            yield item
            yield from _sections(item)


def _check_letters(tokens: Sequence[_Token]) -> None:
    for token in tokens:
        lengths = _LENGTHS.get(token.letter, (1,) if not token.letter else ())
        if token.length not in lengths:
            raise ValueError(f"{_written(token)} is not read: {_why(token, lengths)}")


def _why(token: _Token, lengths: Sequence[int]) -> str:
    if not lengths:
        return _WHY_NOT.get(token.letter, "it tells no time")
    if token.letter == "y":
        return "26 would be the year 26; write yyyy, or yy for 2000 to 2099"
    if token.letter == "S":
        return "times have six decimals at most; write SSSSSS"
    return "write " + " or ".join(token.letter * length for length in lengths)


def _check_parts(tokens: Sequence[_Token]) -> None:
    """What is told must begin with the year and leave nothing out down to the smallest."""
    letters = {token.letter for token in tokens}
    parts = {part for letter in letters for part in _PARTS.get(letter, ())}
    missing = [_NAMES[part] for part in range(max(parts, default=_YEAR) + 1) if part not in parts]
    if missing:
        raise ValueError(f"it does not tell the {missing[0]}")
    if "D" in letters and letters & {"M", "d"}:
        raise ValueError("D is the day of the year; write it without month and day")
    if len(letters & {"H", "k", "h", "K"}) > 1:
        raise ValueError("it tells the hour in two ways")
    if letters & _HALF_DAY and "a" not in letters:
        raise ValueError("hh counts to 12; write HH, or add a for am and pm")
    if "a" in letters and not letters & _HALF_DAY:
        raise ValueError("a (am, pm) goes with hh")


def _check_neighbours(tokens: Sequence[_Token]) -> None:
    for one, other in pairwise(tokens):
        if not (one.is_number and other.is_number):
            continue
        if 1 in (one.length, other.length):
            raise ValueError(f"{_written(one)}{_written(other)}: where one number ends is a guess")
        if "S" in (one.letter, other.letter):
            raise ValueError(f"{_written(one)}{_written(other)}: Spark reads decimals after a sign only")


def _written(token: _Token) -> str:
    return token.letter * token.length
