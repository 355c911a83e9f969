"""From a table's columns to the fields of an event, as data: what to read, an expression a field. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sparkjobs.errors import UsageError
from sparkjobs.ingest.declared import check_kind
from sparkjobs.ingest.json_records import object_of

FIELDS = ("user", "time", "kind", "item", "amount")
_LISTS = ("funnel_steps", "count_kinds", "refund_kinds")
_KEYS = ("about", "columns", "fields", *_LISTS)


@dataclass(frozen=True)
class EventMapping:
    """How rows become events.

    Attributes:
        fields: a SQL expression for each of ``FIELDS``.
        columns: declared types of input columns; others have the type of the field that is exactly
            that column, else ``string``.
        funnel_steps, count_kinds, refund_kinds: values for the job's flags of that name.
    """

    fields: Mapping[str, str] = field(default_factory=lambda: {name: name for name in FIELDS})
    columns: Mapping[str, str] = field(default_factory=dict)
    funnel_steps: tuple[str, ...] = ()
    count_kinds: tuple[str, ...] = ()
    refund_kinds: tuple[str, ...] = ()

    def override(self, items: Sequence[str], types: Mapping[str, str]) -> EventMapping:
        """The mapping with some fields replaced by ``FIELD=EXPR`` items and some types declared anew.

        Raises:
            UsageError: an item is not ``FIELD=EXPR``, or gives a field twice.
        """
        given = [_item(item) for item in items]
        names = [name for name, _ in given]
        twice = [name for name in names if names.count(name) > 1]
        if twice:
            raise UsageError(f"--map {twice[0]} is there twice", "Give each field one expression.")
        return replace(self, fields={**self.fields, **dict(given)}, columns=_typed_anew(self.columns, types))


def parse_mapping(text: str, where: str) -> EventMapping:
    """Read a mapping from JSON.

    Args:
        text: an object with ``fields`` (all five) and optionally ``columns``, ``about`` and the lists.
            A field's string is a SQL expression; a number, true, false or null is a constant.
        where: the file or name, for messages.

    Raises:
        UsageError: not JSON, an unknown or missing key, an unknown type.
    """
    try:
        value = json.loads(text, parse_float=_Number, parse_int=_Number, object_pairs_hook=object_of)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{where} is not JSON: {error}", "Look at docs/jobs/behaviour.md.") from error
    found = _object(value, where)
    _only(found, _KEYS, where)
    fields = _object(found.get("fields"), f"{where}: fields")
    _only(fields, FIELDS, f"{where}: fields")
    missing = [name for name in FIELDS if name not in fields]
    if missing:
        raise UsageError(f"{where}: fields has no {missing[0]!r}", "Write null where the data has none.")
    return EventMapping(
        fields={name: _expression(fields[name], f"{where}: {name}") for name in FIELDS},
        columns=_columns(found.get("columns", {}), where),
        **{name: _names(found.get(name, []), f"{where}: {name}") for name in _LISTS},
    )


class _Number(str):
    """A JSON number, digit by digit as it was written."""


def _item(item: str) -> tuple[str, str]:
    name, sign, expression = (part.strip() for part in item.partition("="))
    if not sign or not expression:
        raise UsageError(f"--map {item!r} is not FIELD=EXPR", "Such as --map 'amount=quantity * price'.")
    if name not in FIELDS:
        raise UsageError(f"--map does not know the field {name!r}", f"The fields are {', '.join(FIELDS)}.")
    return name, expression


def _typed_anew(columns: Mapping[str, str], types: Mapping[str, str]) -> dict[str, str]:
    """Spark compares names without regard to case, so an own spelling replaces the declared one."""
    own = {name.lower() for name in types}
    return {**{name: kind for name, kind in columns.items() if name.lower() not in own}, **types}


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UsageError(f"{where} is not a JSON object", "Look at docs/jobs/behaviour.md.")
    return value


def _only(found: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    unknown = [name for name in found if name not in known]
    if unknown:
        raise UsageError(f"{where}: unknown key {unknown[0]!r}", f"Known: {', '.join(known)}.")


def _expression(value: Any, where: str) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and value.strip():
        return value
    raise UsageError(f"{where}: {value!r} is not an expression", "Write SQL text, a number or null.")


def _columns(value: Any, where: str) -> dict[str, str]:
    found = _object(value, f"{where}: columns")
    return {name: _kind(str(kind), f"{where}: column {name}") for name, kind in found.items()}


def _kind(kind: str, where: str) -> str:
    try:
        return check_kind(kind)
    except ValueError as error:
        raise UsageError(f"{where}: {error}") from error


def _names(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise UsageError(f"{where} is not a list of texts")
    return tuple(value)
