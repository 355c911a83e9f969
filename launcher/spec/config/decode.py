"""From plain data to a frozen struct: every key known, every value of its type. Pure.

msgspec converts; here each fault gets its line and the words that mend it, and all faults of a file are
told at once, where msgspec stops at the first.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from launcher.spec.config.documents import Document
from launcher.spec.config.faults import Fault, Path, did_you_mean, dotted, refuse
from launcher.spec.units import MIB, Mib, Seconds, Share, share, size_bytes, time_s

S = TypeVar("S", bound=msgspec.Struct)
_TAKES = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "text",
    Mib: "a size such as 64g or 512m",
    Seconds: "a length of time such as 90s, 30m or 2h",
    Share: "a percentage such as 10%",
}


def decode(document: Document, struct: type[S], given: Mapping[str, Any]) -> S:
    """Make a struct of a document.

    Args:
        document: the file.
        struct: its type.
        given: fields that do not come from the file; as keys of the file they are unknown.

    Raises:
        UsageError: unknown keys, wrong types, missing keys; one line each.
    """
    refuse(document.shown, _faults_of_struct(document, struct, document.data, (), given))
    return msgspec.convert({**document.data, **given}, struct, dec_hook=_from_text)


def decode_sound(
    document: Document, struct: type[S], given: Mapping[str, Any]
) -> tuple[S, tuple[Fault, ...], frozenset[str]]:
    """What can be read of a document, what is wrong in the rest, and the keys left out, also in part.

    So that rules find their faults in a file whose types are wrong elsewhere. Every field of ``struct``
    beside ``given`` needs a default.
    """
    data = document.data
    fields = {f.encode_name: f.type for f in msgspec.structs.fields(struct) if f.encode_name not in given}
    faults = tuple(_faults_of_struct(document, struct, data, (), given))
    out = {
        key
        for key, value in data.items()
        if key not in fields or any(_faults(document, fields[key], value, (key,)))
    }
    sound = {key: value for key, value in data.items() if key not in out}
    sound |= {key: _sound_items(document, fields[key], data[key], key) for key in out & fields.keys()}
    sound = {key: value for key, value in sound.items() if value is not None or key not in out}
    return msgspec.convert({**sound, **given}, struct, dec_hook=_from_text), faults, frozenset(out)


def _sound_items(document: Document, kind: Any, value: Any, key: str) -> dict[str, Any] | None:
    """The items without faults of a value that takes any keys; ``None`` for other values."""
    kind = _without_none(kind)
    if typing.get_origin(kind) is not dict or not isinstance(value, dict):
        return None
    takes = typing.get_args(kind)[1]
    bad = {name for name, item in value.items() if any(_faults(document, takes, item, (key, name)))}
    return {name: item for name, item in value.items() if name not in bad}


def _faults_of_struct(
    document: Document, struct: type[Any], data: Any, path: Path, given: Mapping[str, Any]
) -> Iterator[Fault]:
    fields = {f.encode_name: f for f in msgspec.structs.fields(struct) if f.encode_name not in given}
    if not isinstance(data, dict):
        shown = _written(document, path, data)
        yield Fault(document.line(path), f"{dotted(path)} takes keys of its own, not {shown}")
        return
    for key, value in data.items():
        if key not in fields:
            message = f"unknown key {dotted((*path, key))}{did_you_mean(key, fields)}"
            yield Fault(document.line((*path, key)), message)
        else:
            yield from _faults(document, fields[key].type, value, (*path, key))
    for name, field in fields.items():
        if field.required and name not in data:
            message = f"{dotted((*path, name))} is missing; it is {_takes(field.type)}"
            yield Fault(document.line(path), message)


def _faults(document: Document, kind: Any, value: Any, path: Path) -> Iterator[Fault]:
    kind = _without_none(kind) if value is not None else kind
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    own_keys = _with_own_keys(kind, value)
    if own_keys is not None:
        yield from _faults_of_struct(document, own_keys, value, path, {})
    elif origin is dict and isinstance(value, dict):
        for key, item in value.items():
            yield from _faults(document, arguments[1], item, (*path, key))
    elif origin is tuple and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _faults(document, arguments[0], item, (*path, index))
    else:
        yield from _faults_of_leaf(document, kind, value, path)


def _with_own_keys(kind: Any, value: Any) -> type[msgspec.Struct] | None:
    """The struct that a value is held against: the kind itself, or the one of several that takes keys."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind
    if not isinstance(value, dict) or typing.get_origin(kind) not in (typing.Union, types.UnionType):
        return None
    return next((found for one in typing.get_args(kind) if (found := _with_own_keys(one, value))), None)


def _faults_of_leaf(document: Document, kind: Any, value: Any, path: Path) -> Iterator[Fault]:
    try:
        msgspec.convert(value, kind, dec_hook=_from_text)
    except msgspec.ValidationError:
        message = f"{dotted(path)} takes {_takes(kind)}, not {_written(document, path, value)}"
        yield Fault(document.line(path), message + _mend(kind, value, document, path))


def _from_text(kind: type[Any], value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("a unit is missing")
    if kind is Mib:
        return _mib(value)
    if kind is Seconds:
        return _seconds(value)
    if kind is Share:
        return Share(share(value))
    raise NotImplementedError(f"no way to read {kind} from YAML")


def _mib(text: str) -> Mib:
    size = size_bytes(text)
    if text.strip().isdecimal() or size < 0 or size % MIB:
        raise ValueError("not whole MiB")
    return Mib(size // MIB)


def _seconds(text: str) -> Seconds:
    if text.strip().isdecimal():
        raise ValueError("a unit is missing")
    return Seconds(time_s(text))


def _without_none(kind: Any) -> Any:
    if typing.get_origin(kind) not in (typing.Union, types.UnionType):
        return kind
    others = [other for other in typing.get_args(kind) if other is not types.NoneType]
    return typing.Union[tuple(others)]  # noqa: UP007 - made of values, not of words


def _takes(kind: Any) -> str:
    kind = _without_none(kind)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Literal:
        return "one of " + ", ".join(arguments)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_takes(argument) for argument in arguments)
    if origin is tuple:
        return "a list"
    if origin is dict or (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        return "keys of its own"
    return _TAKES[kind]


def _written(document: Document, path: Path, value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    text = document.spots[path].text
    return repr(text) if isinstance(value, str) else text


def _mend(kind: Any, value: Any, document: Document, path: Path) -> str:
    if typing.get_origin(kind) is typing.Literal and isinstance(value, str):
        return did_you_mean(value, typing.get_args(kind))
    text = document.spots[path].text if path in document.spots else ""
    if kind is str and isinstance(value, bool | int | float):
        return f'; write "{text}"'
    if kind in (int, float) and isinstance(value, str) and _is_number(value):
        return f"; write {value.strip()} without quotes"
    if kind is bool and isinstance(value, str):
        true, false = value.lower() in ("yes", "on", "true"), value.lower() in ("no", "off", "false")
        return f"; write {str(true).lower()}" if true or false else ""
    return _unit_mend(kind, text)


def _is_number(text: str) -> bool:
    return text.strip().lstrip("+-").isdecimal()


def _unit_mend(kind: Any, text: str) -> str:
    plain = text.strip().lower().replace("ib", "").replace(" ", "")
    if kind is Mib and plain.isdecimal():
        return f"; write the unit: {plain}m or {plain}g"
    if kind is Seconds and plain.isdecimal():
        return f"; write the unit: {plain}s"
    if kind is Share and plain.isdecimal():
        return f"; write {plain}%"
    if kind is Mib and plain[-1:] in ("m", "g", "t") and plain[:-1].isdecimal():
        return f"; did you mean {plain}"
    return ""
