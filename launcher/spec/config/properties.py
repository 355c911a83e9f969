"""Properties files: ``spark-defaults.conf`` and ``--properties-file``, read as Spark reads them.

Spark loads them by ``java.util.Properties`` as UTF-8, trims the values but for CR and LF, and passes over
keys that do not begin with ``spark.``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from launcher.spec.layer import Origin, Pin
from sparkjobs.errors import UsageError

DEFAULTS = "spark-defaults.conf"
_BLANKS = " \t\f"
_LINE_END = re.compile(r"\r\n|\n|\r")
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}
# The characters up to the space but for CR and LF.
_TRIMMED = "".join(map(chr, range(33))).replace("\r", "").replace("\n", "")


@dataclass(frozen=True)
class Properties:
    """What properties files ask for.

    Attributes:
        pins: their settings, in rising precedence.
        ignored: ``file:line: key`` of each key that Spark passes over.
    """

    pins: tuple[Pin, ...] = ()
    ignored: tuple[str, ...] = ()


def gather_properties(
    environ: Mapping[str, str], properties_file: str | None, load_spark_defaults: bool, start: Path
) -> Properties:
    """The properties that spark-submit would read.

    Args:
        environ: ``SPARK_CONF_DIR`` or ``SPARK_HOME`` tell where spark-defaults.conf is.
        properties_file: ``--properties-file``; with it spark-defaults.conf is not read.
        load_spark_defaults: ``--load-spark-defaults``: read it nevertheless; the file goes first.
        start: folder that a relative file is looked for in.

    Raises:
        UsageError: a file cannot be read.
    """
    found = Properties()
    if properties_file is None or load_spark_defaults:
        defaults = defaults_file(environ)
        found = read_properties(defaults, str(defaults), Origin.DEFAULTS) if defaults else found
    if properties_file is None:
        return found
    if not properties_file:
        raise UsageError("--properties-file: '' names no file", "Name a file, or leave the flag out.")
    own = read_properties(start / properties_file, properties_file, Origin.PROPERTIES)
    return Properties((*found.pins, *own.pins), (*found.ignored, *own.ignored))


def defaults_file(environ: Mapping[str, str]) -> Path | None:
    """spark-defaults.conf below ``SPARK_CONF_DIR``, else ``SPARK_HOME/conf``; ``None`` when there is none."""
    home = environ.get("SPARK_HOME")
    folder = environ.get("SPARK_CONF_DIR") or (f"{home}/conf" if home else None)
    file = Path(folder) / DEFAULTS if folder else None
    return file if file is not None and file.is_file() else None


def read_properties(file: Path, shown: str, origin: Origin) -> Properties:
    """One file's properties.

    Args:
        file: the file.
        shown: its name for people.
        origin: of its pins.

    Raises:
        UsageError: it cannot be read, is not UTF-8, or has a broken escape.
    """
    try:
        text = file.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{shown} is not UTF-8 text", "Save the file as UTF-8.") from error
    except OSError as error:
        raise UsageError(f"{shown}: {error.strerror}", "Check the name and the permissions.") from error
    return parse_properties(text, shown, origin)


def parse_properties(text: str, shown: str, origin: Origin) -> Properties:
    """The same from text. Pure.

    Raises:
        UsageError: a broken escape, with its line.
    """
    pins, ignored = [], []
    for number, line in _logical_lines(text):
        key, value = _pair(line, f"{shown}:{number}")
        if key.startswith("spark."):
            pins.append(Pin(key, value.strip(_TRIMMED), origin, f"{shown}:{number}"))
        else:
            ignored.append(f"{shown}:{number}: {key}")
    return Properties(tuple(pins), tuple(ignored))


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with what they continue on, and the number of the first; blank lines and comments left out."""
    joined, first = "", 0
    for number, natural in enumerate(_LINE_END.split(text), start=1):
        line = natural.lstrip(_BLANKS)
        if not joined and (not line or line[0] in "#!"):
            first = 0
            continue
        first = first or number
        slashes = len(line) - len(line.rstrip("\\"))
        if slashes % 2:
            joined += line[:-1]
            continue
        yield first, joined + line
        joined, first = "", 0
    if joined:
        yield first, joined


def _pair(line: str, place: str) -> tuple[str, str]:
    end = _end_of_key(line)
    rest = line[end:].lstrip(_BLANKS)
    if rest[:1] in ("=", ":"):
        rest = rest[1:].lstrip(_BLANKS)
    return _unescaped(line[:end], place), _unescaped(rest, place)


def _end_of_key(line: str) -> int:
    escaped = False
    for index, character in enumerate(line):
        if not escaped and character in "=:" + _BLANKS:
            return index
        escaped = character == "\\" and not escaped
    return len(line)


def _unescaped(text: str, place: str) -> str:
    def one(match: re.Match[str]) -> str:
        character = match.group(1)
        if character[0] == "u":
            if len(character) != 5:
                raise UsageError(f"{place}: {match.group()!r} is no escape", r"Write \u and four hex digits.")
            return chr(int(character[1:], 16))
        return _ESCAPES.get(character, character)

    return re.sub(r"\\(u[0-9a-fA-F]{4}|.|$)", one, text, flags=re.DOTALL)
