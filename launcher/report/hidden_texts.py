"""Texts of a log in which somebody's secret may stand: hidden before anything is told. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from launcher.records.history.trace import Trace
from launcher.redact import MASK, is_secret, masked_text
from launcher.report.sql.queries import Queries

_masked = lru_cache(maxsize=10_000)(masked_text)
# A name may be as long as a query. What is cut before it is masked may end within a secret.
LONGEST_NAME, LONGEST_OF_PLAN = 300, 160
# ``api_token#12 = ...``: the number that Spark gives a column hides its name from the masks.
_NUMBER_OF_COLUMN = re.compile(r"(?<=\w)#\d+L?\b")
# The name of a column; from the beginning of a word only, else a long one takes time by its square.
_NAME = r"(?<![\w.$-])[A-Za-z_][\w.$-]*"
_WORD, _COLUMN = re.compile(_NAME), re.compile(rf"{_NAME}(?=#\d)")
# What says no value, but that there is one.
_TELLS_NOTHING = re.compile(r"(?<![\w.$-])is(?:not)?null\([\w.$-]+\)", re.IGNORECASE)
# ``api_token IN ('...``: what a query asks for, in a name that is one.
_ASKED = re.compile(
    rf"(?P<word>{_NAME})[`\"')\]]*\s*(?:=|<>|<=>|!=|(?:NOT\s+)?(?:IN\s*\(|LIKE\b))", re.IGNORECASE
)


def without_secrets(trace: Trace) -> Trace:
    """The trace with masked names and reasons; names are cut."""
    stages = tuple(
        replace(
            stage,
            name=_name(stage.name),
            failure=None if stage.failure is None else _masked(stage.failure),
        )
        for stage in trace.stages
    )
    executors = tuple(replace(one, reason=_masked(one.reason)) for one in trace.executors)
    executions = tuple(replace(one, description=_name(one.description)) for one in trace.executions)
    name = _name(trace.name)
    return replace(trace, name=name, stages=stages, executors=executors, executions=executions)


def queries_without_secrets(queries: Queries) -> Queries:
    """The queries with masked filters, for a literal of a query may be a secret; texts are cut."""
    scans = tuple(
        replace(one, name=_of_plan(one.name), filtered_by=_filter(one.filtered_by)) for one in queries.scans
    )
    writes = tuple(replace(one, name=_of_plan(one.name)) for one in queries.writes)
    broadcasts = tuple(replace(one, name=_of_plan(one.name)) for one in queries.broadcasts)
    return Queries(scans, writes, broadcasts, queries.operators)


def _name(text: str) -> str:
    """A name; of one that is a query nothing behind the first secret that it asks for.

    How far a literal reaches in it nobody knows: it may hold quotes, commas and brackets.
    """
    asked = next((found for found in _ASKED.finditer(text) if is_secret(found["word"])), None)
    shown = text if asked is None else f"{text[: asked.end('word')]} {MASK}"
    return _cut(_masked(shown), LONGEST_NAME)


def _of_plan(text: str) -> str:
    return _cut(_masked(text), LONGEST_OF_PLAN)


def _filter(text: str) -> str:
    """A filter; of one that asks for a secret that name alone: Spark writes literals without quotes."""
    plain = _NUMBER_OF_COLUMN.sub("", text)
    asked = next((word for word in _WORD.findall(_TELLS_NOTHING.sub("", plain)) if is_secret(word)), None)
    if asked is None:
        return _of_plan(plain)
    # A literal may sound like a secret, too; a number makes it a column.
    name = next(filter(is_secret, _COLUMN.findall(text)), asked)
    return _of_plan(f"{MASK} (it asks for {name})")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 3]}..."
