"""JSON lines: one object a line, types strict, every number kept digit by digit. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from sparkjobs.ingest.reading import Source
    from sparkjobs.ingest.typing import Column

LONGEST_NUMBER = 1000
_SHOWN = 80
NUMERIC = ("bigint", "int", "double", "decimal", "number")


@dataclass(frozen=True)
class Wanted:
    """What objects should hold.

    Attributes:
        names: the fields to take, in order.
        kinds: their types, as ``read_object`` names them.
        ignore_extra: pass over other fields instead of refusing the row.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    ignore_extra: bool

    @property
    def once(self) -> tuple[str, ...]:
        """The names, each once: two columns may be of one field."""
        return tuple(dict.fromkeys(self.names))

    @classmethod
    def of(cls, columns: Sequence[Column], source: Source) -> Wanted:
        """What a job's columns ask for."""
        # Where times are counted they are numbers, and a text is none.
        counted = {"timestamp": "bigint"} if source.timestamp_unit else {}
        kinds = tuple(counted.get(column.kind, column.kind.partition("(")[0]) for column in columns)
        return cls(tuple(column.input_name for column in columns), kinds, source.ignore_extra)


def read_object(
    line: str, names: Sequence[str], kinds: Sequence[str], ignore_extra: bool
) -> list[str | None]:
    """The wanted fields of one line as text.

    Args:
        line: one line of the file.
        names: the fields to take, in order.
        kinds: their types: ``string``, ``bigint``, ``double``, ``decimal``, ``timestamp``, ``boolean``.
        ignore_extra: pass over fields that are not wanted instead of refusing the row.

    Raises:
        ValueError: the row is bad; the text is the reason.
    """
    value = _parse(line)
    if not isinstance(value, dict):
        raise ValueError(f"a JSON {type(value).__name__}, not an object")
    extra = [name for name in value if name not in names]
    if extra and not ignore_extra:
        raise ValueError(f"unknown field {extra[0]!r}")
    missing = [name for name in names if name not in value]
    if missing:
        raise ValueError(f"no field {missing[0]!r}")
    return [_text(name, value[name], kind) for name, kind in zip(names, kinds, strict=True)]


def _parse(line: str) -> Any:
    try:
        return json.loads(
            line, parse_float=_decimal, parse_constant=_no_constant, object_pairs_hook=object_of
        )
    except RecursionError as error:
        raise ValueError("not JSON: nested too deeply") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at column {error.colno}") from error


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        # JSON knows no limit, Decimal does: an exponent of 18 digits.
        raise ValueError(f"the number '{text[:_SHOWN]}' has an exponent beyond all use") from error


def object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Python would take the last of two fields of one name; at any depth."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(
            f"the field {next(name for name in names if names.count(name) > 1)!r} is there twice"
        )
    return found


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"not JSON: {text} is not a number")


def _text(name: str, value: Any, kind: str) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return _expect(name, kind, "boolean", "true" if value else "false")
    if isinstance(value, int | Decimal):
        if kind not in (*NUMERIC, "string"):
            raise ValueError(f"{name}: a number, not a {kind}")
        return _digits(name, value)
    if isinstance(value, str):
        if kind in NUMERIC or kind == "boolean":
            raise ValueError(f"{name}: a string, not a {kind}")
        if any("\ud800" <= char <= "\udfff" for char in value):
            raise ValueError(f"{name}: half of a surrogate pair, which is no character")
        return value
    raise ValueError(f"{name}: a nested value, not a {kind}")


def _digits(name: str, value: int | Decimal) -> str:
    """All digits of a number; one that would need thousands is refused before they are written."""
    number = Decimal(value)
    if abs(number.adjusted()) > LONGEST_NUMBER or len(number.as_tuple().digits) > LONGEST_NUMBER:
        raise ValueError(f"{name}: a number of more than {LONGEST_NUMBER} digits")
    return format(number, "f")


def _expect(name: str, kind: str, wanted: str, text: str) -> str:
    if kind not in (wanted, "string"):
        raise ValueError(f"{name}: a {wanted}, not a {kind}")
    return text
