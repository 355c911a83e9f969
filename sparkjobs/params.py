"""Parameters as data: one frozen dataclass a job, each field one flag.

``param`` makes a field; ``describe`` tells what the flags are, ``parse`` reads an argument list,
``canonical`` gives the part of the parameters that changes rows (the input of the config hash).
Help texts, ``sparkjob jobs JOB`` and the parser all come from ``describe``.
"""

from __future__ import annotations

import dataclasses
import difflib
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Any, TypeVar

from sparkjobs.errors import UsageError

P = TypeVar("P")
Check = Callable[[Any], None]


def param(
    default: Any = dataclasses.MISSING,
    *,
    help: str,
    metavar: str | None = None,
    choices: Sequence[str] = (),
    check: Check | None = None,
    repeatable: bool = False,
    group: str = "job",
    identity: bool = True,
    fingerprint: Callable[[Any], Any] | None = None,
    since: str | None = None,
) -> Any:
    """Declare a field of a params dataclass.

    Args:
        default: the value without the flag; left out, the flag is required.
        help: one line for the user.
        metavar: what stands for the value in the help.
        choices: the only values allowed.
        check: called with the value; raises ``ValueError`` with the reason when it is wrong.
        repeatable: each use of the flag adds one item; otherwise a tuple is one comma-separated value.
        group: the heading it is shown under.
        identity: whether another value can change the rows, so that it belongs to the config hash.
        fingerprint: what stands for the value in the config hash; for a value that names a file it is
            the file's content, so that an edited file is other work. May raise ``UsageError``.
        since: the version that brought the flag, for any after 0.1.0. Its default is what earlier versions
            did, so it belongs to the identity only where it differs: tables and checkpoints made before
            keep theirs.
    """
    metadata = {
        "help": help,
        "metavar": metavar,
        "choices": tuple(choices),
        "check": check,
        "repeatable": repeatable,
        "group": group,
        "identity": identity,
        "fingerprint": fingerprint,
        "since": since,
    }
    return dataclasses.field(default=default, metadata=metadata, kw_only=True)


@dataclass(frozen=True)
class FlagInfo:
    """One flag as shown to people: everything a help page or a document needs."""

    name: str
    flag: str
    type: str
    default: str
    help: str
    metavar: str
    choices: tuple[str, ...]
    required: bool
    repeatable: bool
    group: str


def describe(params_type: type[Any]) -> list[FlagInfo]:
    """List the flags of a params dataclass in the order of its fields."""
    hints = typing.get_type_hints(params_type)
    return [_flag_info(field, hints[field.name]) for field in dataclasses.fields(params_type)]


def parse(params_type: type[P], argv: Sequence[str]) -> P:
    """Read an argument list into a checked params object.

    Raises:
        UsageError: an unknown flag (with the nearest known one), a missing or ill-typed value.
    """
    given = _collect(describe(params_type), argv)
    return build(params_type, given)


def build(params_type: type[P], given: Mapping[str, Sequence[str]]) -> P:
    """Make a params object from flag values as text, keyed by field name."""
    hints = typing.get_type_hints(params_type)
    values: dict[str, Any] = {}
    for field in dataclasses.fields(params_type):  # type: ignore[arg-type]
        if field.name in given:
            values[field.name] = _convert(field, hints[field.name], given[field.name])
        elif field.default is dataclasses.MISSING:
            raise UsageError(f"{_flag(field.name)} is required", "Run it with --help to see every flag.")
    return params_type(**values)


def check_value(params_type: type[Any], name: str, texts: Sequence[str]) -> None:
    """Hold the text of one flag, by its field's name, to what it takes.

    Raises:
        UsageError: an ill-typed value.
    """
    field = next(field for field in dataclasses.fields(params_type) if field.name == name)
    if texts:
        _convert(field, typing.get_type_hints(params_type)[name], texts)


def canonical(params: Any) -> dict[str, Any]:
    """The fields that can change rows, as plain JSON values."""
    return {
        field.name: _fingerprint(field, getattr(params, field.name))
        for field in dataclasses.fields(params)
        if field.metadata.get("identity", True) and not _as_before(field, getattr(params, field.name))
    }


def _as_before(field: dataclasses.Field[Any], value: Any) -> bool:
    """Whether a flag that 0.1.0 did not have is left at what 0.1.0 did."""
    return field.metadata.get("since") is not None and bool(value == field.default)


def _flag(name: str) -> str:
    # A trailing underscore lets a flag be a Python keyword: from_ is --from.
    return "--" + name.rstrip("_").replace("_", "-")


def _flag_info(field: dataclasses.Field[Any], hint: Any) -> FlagInfo:
    meta = field.metadata
    required = field.default is dataclasses.MISSING
    kind = _kind(hint)
    return FlagInfo(
        name=field.name,
        flag=_flag(field.name),
        type=kind,
        default="" if required else _shown(field.default),
        help=meta["help"],
        metavar=meta["metavar"] or ("|".join(meta["choices"]) or field.name.upper()),
        choices=meta["choices"],
        required=required,
        repeatable=meta["repeatable"],
        group=meta["group"],
    )


def _kind(hint: Any) -> str:
    base, many = _base(hint)
    return f"list of {base.__name__}" if many else str(base.__name__)


def _base(hint: Any) -> tuple[type[Any], bool]:
    origin = typing.get_origin(hint)
    if origin is tuple:
        return typing.get_args(hint)[0], True
    if origin in (typing.Union, UnionType):
        return _base(next(arg for arg in typing.get_args(hint) if arg is not type(None)))
    return hint, False


def _shown(default: Any) -> str:
    if default is None or default == ():
        return ""
    if isinstance(default, tuple):
        return ",".join(str(item) for item in default)
    return str(default).lower() if isinstance(default, bool) else str(default)


def _collect(flags: Sequence[FlagInfo], argv: Sequence[str]) -> dict[str, list[str]]:
    known = {info.flag: info for info in flags}
    given: dict[str, list[str]] = {}
    rest = list(argv)
    while rest:
        flag, equals, inline = rest.pop(0).partition("=")
        info = known.get(flag)
        if info is None:
            raise _unknown(flag, known)
        if equals:
            value = inline
        elif info.type == "bool":
            value = "true"
        elif rest and rest[0].partition("=")[0] not in known:
            value = rest.pop(0)
        else:
            raise UsageError(f"{flag} needs a value", f"Give it as {flag} {info.metavar}.")
        if info.name in given and not info.repeatable:
            raise UsageError(f"{flag} was given twice", "Give it once.")
        given.setdefault(info.name, []).append(value)
    return given


def _unknown(flag: str, known: Mapping[str, FlagInfo]) -> UsageError:
    if not flag.startswith("-"):
        return UsageError(f"unexpected argument {flag!r}", "Every value belongs to a flag: --flag value.")
    near = difflib.get_close_matches(flag, known, n=1)
    hint = f"Did you mean {near[0]}?" if near else "Run it with --help to see every flag."
    return UsageError(f"unknown flag {flag}", hint)


def _convert(field: dataclasses.Field[Any], hint: Any, texts: Sequence[str]) -> Any:
    base, many = _base(hint)
    if many and not field.metadata["repeatable"]:
        texts = [part.strip() for part in texts[0].split(",") if part.strip()]
    items = tuple(_scalar(field, base, text) for text in texts)
    value = items if many else items[0]
    check = field.metadata["check"]
    if check is not None:
        _checked(field, check, value, texts)
    return value


def _scalar(field: dataclasses.Field[Any], base: type[Any], text: str) -> Any:
    choices = field.metadata["choices"]
    if choices and text not in choices:
        raise UsageError(
            f"{_flag(field.name)} does not know {text!r}", f"It takes one of: {', '.join(choices)}."
        )
    if base is bool:
        return _boolean(field.name, text)
    try:
        return base(text)
    except (ValueError, ArithmeticError) as error:
        raise UsageError(f"{_flag(field.name)} takes {base.__name__}, not {text!r}") from error


def _boolean(name: str, text: str) -> bool:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    raise UsageError(f"{_flag(name)} takes true or false, not {text!r}")


def _checked(field: dataclasses.Field[Any], check: Check, value: Any, texts: Sequence[str]) -> None:
    try:
        check(value)
    except ValueError as error:
        raise UsageError(f"{_flag(field.name)} {','.join(texts)!r}: {error}") from error


def _fingerprint(field: dataclasses.Field[Any], value: Any) -> Any:
    make = field.metadata.get("fingerprint")
    return _plain(value if make is None else make(value))


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | type(None)) else str(value)
