"""A command line of spark-submit: its words, or a script that holds it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from launcher.spec.config.flags import parse_spark_submit
from launcher.spec.config.properties import read_properties
from launcher.spec.layer import Origin, Pin
from launcher.validation.configuration_source import Source, of_pins
from sparkjobs.errors import UsageError

KIND = "spark-submit command line"
_PROGRAM = re.compile(r"(?:.*/)?(?:spark[23]?-submit|sparkjob-submit|pyspark[23]?|spark-shell|spark-sql)")
_JVM_SHELLS = ("spark-shell", "spark-sql")
_ENDS = {";", "&&", "||", "|", "&", ">", ">>", "<", "2>", "&>"}


def holds_command(text: str) -> bool:
    """Whether a text is a script that calls spark-submit."""
    return any(_program(line.split()) is not None for line in _commands(text))


def read_script(text: str, shown: str, start: Path) -> Source:
    """The first call of spark-submit in a script.

    Raises:
        UsageError: its quotes do not close, or spark-submit would not take the line.
    """
    commands = [
        words for line in _commands(text) if (words := _words(line, shown)) and _program(words) is not None
    ]
    source = read_words(commands[0], start)
    if len(commands) > 1:
        note = f"{shown} calls spark-submit {len(commands)} times; only the first is looked at"
        return Source(**{**vars(source), "notes": (*source.notes, note)})
    return source


def read_words(words: Sequence[str], start: Path) -> Source:
    """A command line as the shell hands it over; the program's name may be left out.

    Raises:
        UsageError: spark-submit would not take it.
    """
    at = _program(words)
    argv = list(words) if at is None else list(words[at + 1 :])
    program = "spark-submit" if at is None else words[at].rpartition("/")[2]
    shell = not program.endswith("-submit")
    if shell:
        argv.append("pyspark-shell")  # shells name no application
    line = parse_spark_submit(argv)
    file = line.options.get("--properties-file")
    pins = (*line.pins, *(_file_pins(file, start) if file else ()))
    notes = [f"{text}: Spark passes over keys that do not begin with spark." for text in line.ignored]
    jvm = program in _JVM_SHELLS or "--class" in line.options or line.application.endswith(".jar")
    return of_pins(KIND, pins, notes, python=not jvm)


def _file_pins(file: str, start: Path) -> tuple[Pin, ...]:
    return read_properties(start / file, file, Origin.PROPERTIES).pins


def _commands(text: str) -> list[str]:
    joined = re.sub(r"\\\r?\n", " ", text)
    # A line of a properties file may hold the program's name in a value.
    return [
        line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith(("#", "spark."))
    ]


def _words(line: str, shown: str) -> list[str]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";|&<>")
    lexer.whitespace_split, lexer.commenters = True, "#"
    try:
        words = list(lexer)
    except ValueError as error:
        raise UsageError(f"{shown}: {error} in a command line", "Close the quotes.") from error
    end = next((index for index, word in enumerate(words) if word in _ENDS), len(words))
    at = _program(words)
    if at is not None and end < at:  # as in: cd folder && spark-submit ...
        return _words(shlex.join(words[at:]), shown) if words[at:] else []
    return words[:end]


def _program(words: Sequence[str]) -> int | None:
    return next((index for index, word in enumerate(words) if _PROGRAM.fullmatch(word)), None)
