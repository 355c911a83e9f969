"""What a converter of Spark or RAPIDS takes, found by trying; the words: launcher/spec/value_types.py."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.errors.exceptions.captured import CapturedException

INT, LONG = 2**31, 2**63
UNITS = {"b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
TIMES = {"us": 1, "ms": 10**3, "s": 10**6, "min": 60 * 10**6}
# No entry of Spark takes it by chance.
NONSENSE = "no-such-value"
ROUND_NUMBERS = (*range(-70, 1100), *(sign * (2**n + d) for n in range(11, 63) for sign in (1, -1)
                 for d in (-1, 0, 1)))  # fmt: skip
FRACTIONS = (0.0, 0.01, 0.05, 0.1, 0.2, 0.25, 0.5, 0.75, 0.9, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 100.0, 1e6)
NEAR = 1e-9


class Converter:
    """A function of the JVM from text to a value."""

    def __init__(self, function: Any) -> None:
        self._function = function
        self._seen: dict[str, tuple[Any, str | None]] = {}

    def read(self, text: str) -> tuple[Any, str | None]:
        """The value and ``None``, or ``None`` and the JVM's message."""
        if text not in self._seen:
            try:
                self._seen[text] = (self._function.apply(text), None)
            except Py4JJavaError as error:
                self._seen[text] = (None, str(error.java_exception.getMessage()))
            except CapturedException as error:  # pyspark's own names for the usual exceptions of the JVM
                self._seen[text] = (None, str(error._origin.getMessage() if error._origin else error))
        return self._seen[text]

    def takes(self, text: str) -> bool:
        """Whether it is a value."""
        return self.read(text)[1] is None


def type_of(key: str, converter: Converter, default: str) -> str:
    """The type of a setting in the table's words; empty when any text is taken, or no type describes it."""
    if converter.takes(NONSENSE):
        return "regex" if converter.takes("[a]") and not converter.takes("[") else ""
    if converter.takes("true") and converter.takes("FALSE") and not converter.takes("1"):
        return "flag"
    message = converter.read(NONSENSE)[1] or ""
    if key.endswith("timeZone"):
        return "zone"
    # A list of numbers takes a comma between two.
    several = "list:" if converter.takes("5,7") else ""
    for name, kind in _kinds(converter, default):
        return several + name + kind
    return _words(message, converter, default)


def _kinds(converter: Converter, default: str) -> Iterator[tuple[str, str]]:
    samples = ("1", "3", "7", "64", "512", "4096", "100000", "10000000", "134217728",
               re.sub(r"[^\d.-].*", "", default) or "1")  # fmt: skip
    if any(converter.takes(f"{sample}mb") for sample in samples):
        unit = _unit(converter, UNITS, default)
        yield f"size:{unit}", _bounds(converter, LONG, sized=True)
    elif any(converter.takes(f"{sample}min") for sample in samples):
        unit = _unit(converter, TIMES, default)
        yield f"time:{unit}", _bounds(converter, LONG)
    elif any(converter.takes(sample) for sample in ("0.5", "1.5", "100.5", "0.99")):
        yield "double", _double_bounds(converter)
    # An entry of text may take texts of digits only.
    elif any(converter.takes(n) and not _is_text(converter.read(n)[0]) for n in samples):
        wide = not _refused_as_too_long(converter)
        yield ("long" if wide else "int"), _bounds(converter, LONG if wide else INT)


def _is_text(value: Any) -> bool:
    """Whether a value, or what an Option holds, is text."""
    some = hasattr(value, "getClass") and value.getClass().getSimpleName() == "Some"
    return isinstance(value.get() if some else value, str)


def _refused_as_too_long(converter: Converter) -> bool:
    message = converter.read(str(INT * 8))[1]
    return message is not None and "should be int" in message


def _unit(converter: Converter, units: dict[str, int], default: str) -> str:
    """The unit of a number without one: that in which it gives the same value as with the unit."""
    if "us" in units and str(_plain(converter.read("7us")[0])) == "7000":
        return "ns"  # which no text can say
    for number in ("1", "3", "7", "64", "512", "4096", "100000", "1048576", "10000000", "134217728"):
        value, fault = converter.read(number)
        if fault is None:
            read = {unit: converter.read(number + unit) for unit in units}
            same = [
                u
                for u, (other, bad) in read.items()
                if bad is None and str(_plain(other)) == str(_plain(value))
            ]
            if len(same) == 1:
                return same[0]
    raise ValueError(f"no unit found for the default {default}")


def _plain(value: Any) -> Any:
    return value.toString() if hasattr(value, "getClass") else value


def _bounds(converter: Converter, limit: int, sized: bool = False) -> str:
    """Intervals of whole numbers, such as ``[1,9]``; empty when every number of the type is taken."""
    # Of a size Spark reads what stands behind the minus.
    least = 1 - limit if sized else -limit
    points = sorted({n for n in (*ROUND_NUMBERS, least, limit - 1) if least <= n < limit})
    taken = {n: converter.takes(str(n)) for n in points}
    edges: list[tuple[int, int]] = []
    start = points[0] if taken[points[0]] else None
    for low, high in pairwise(points):
        if taken[low] == taken[high]:
            continue
        edge = _edge(converter, low, high, taken[low])
        if start is None:
            start = edge + 1
        else:
            edges.append((start, edge))
            start = None
    if start is not None:
        edges.append((start, points[-1]))
    return _intervals(edges, (points[0], points[-1]))


def _edge(converter: Converter, low: int, high: int, taken: bool) -> int:
    """The last number that is as ``low`` is."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if converter.takes(str(middle)) == taken else (low, middle)
    return low


def _intervals(edges: Sequence[tuple[int, int]], whole: tuple[int, int]) -> str:
    if list(edges) == [whole]:
        return ""
    if len(edges) > 12:
        raise ValueError(f"no few intervals: {edges[:5]}")
    return "|".join(
        f"[{'' if low == whole[0] else low},{'' if high == whole[1] else high}]" for low, high in edges
    )


def _double_bounds(converter: Converter) -> str:
    signed = sorted({sign * number for number in FRACTIONS for sign in (1, -1)})
    points = [-1.7e308, *(near for n in signed for near in (n - NEAR, n, n + NEAR)), 1.7e308]
    taken = [converter.takes(repr(point)) for point in points]
    nan = "|nan" if converter.takes("NaN") else ""
    if all(taken):
        return "" if nan and converter.takes("Infinity") else "[,]" + nan
    if taken.count(True) == 0:
        raise ValueError("no double found")
    first, last = taken.index(True), len(taken) - 1 - taken[::-1].index(True)
    if not all(taken[first : last + 1]):
        raise ValueError("no single interval of doubles")
    low = "[" if first == 0 else _bracket(points[first], "[", "(")
    high = "]" if last == len(points) - 1 else _bracket(points[last], "]", ")")
    return f"{low},{high}{nan}"


def _bracket(point: float, closed: str, opened: str) -> str:
    exact = next((n for n in map(float, {*FRACTIONS, *(-n for n in FRACTIONS)}) if n == point), None)
    if exact is not None:
        return f"{closed}{point:g}" if closed == "[" else f"{point:g}{closed}"
    edge = round(point, 6)
    return f"{opened}{edge:g}" if opened == "(" else f"{edge:g}{opened}"


def _words(message: str, converter: Converter, default: str) -> str:
    """``one-of:A|B``, or ``any-case:A|B`` where small letters are taken as well."""
    listed = re.search(r"should be one of (.*?),? but was", message, re.DOTALL)
    if listed is None:
        listed = re.search(r"[Vv]alid values are:? *(.*)", message)
    text = listed[1].strip(". ") if listed else ""
    # A word may hold a comma itself, and others stand in quotes.
    found = sorted(
        {w for w in (*re.split(r",\s+", text), *re.findall(r"[\w.+-]+", text)) if converter.takes(w)}
    )
    if not found or not ((converter.takes(default) and set(default)) or default.startswith("<")):
        return ""
    loose = all(converter.takes(word.lower()) and converter.takes(word.upper()) for word in found)
    return ("any-case:" if loose else "one-of:") + "|".join(found)
