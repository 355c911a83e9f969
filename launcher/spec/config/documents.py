"""One YAML file as plain data, with the line of every value. YAML is input: no code, no tricks.

The values are those of YAML 1.2: only ``true`` and ``false`` are booleans, so that ``gpu: on`` is text,
and dates and ``1:30`` stay text as well. Tags, anchors and aliases are refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any

import yaml

from launcher.spec.config.faults import Fault, Path, refuse
from sparkjobs.errors import UsageError

MOST_BYTES = 1 << 20
MOST_NESTED = 20
MOST_VALUES = 10_000
_CORE = {
    "null": (r"~|null|Null|NULL|", "~nN\0"),
    "bool": (r"true|True|TRUE|false|False|FALSE", "tTfF"),
    "int": (r"[-+]?[0-9]+", "-+0123456789"),
    "float": (r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
}


@dataclass(frozen=True)
class Spot:
    """Where a value stands and how it is written."""

    line: int
    text: str


@dataclass(frozen=True)
class Document:
    """A file's content.

    Attributes:
        shown: the file's name for people.
        data: mappings, lists and scalars.
        spots: the place of each value by its path; the place of a mapping's value is that of its key.
    """

    shown: str
    data: dict[str, Any]
    spots: Mapping[Path, Spot]

    def line(self, path: Path) -> int:
        """The line of a value, or of what would hold it when it is not there."""
        while path and path not in self.spots:
            path = path[:-1]
        return self.spots[path].line

    def place(self, path: Path) -> str:
        """``file:line`` of a value."""
        return f"{self.shown}:{self.line(path)}"


def read_document(file: File, shown: str) -> Document:
    """Read a YAML file.

    Args:
        file: the file.
        shown: its name in messages.

    Raises:
        UsageError: it cannot be read, is larger than 1 MiB, or is not the plain YAML that is read here.
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{shown}: {error.strerror}", "Check the name and the permissions.") from error
    if len(content) > MOST_BYTES:
        raise UsageError(f"{shown} is larger than 1 MiB", "A configuration file is short text.")
    return parse_document(content, shown)


def parse_document(content: bytes, shown: str) -> Document:
    """The same from bytes. Pure."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UsageError(f"{shown}:{line}: this is not UTF-8 text; save the file as UTF-8") from error
    try:
        root = _Loader(text).get_single_node()
    except yaml.YAMLError as error:
        raise UsageError(f"{shown}:{_line_of(error, text)}: {_words_of(error)}") from error
    if not isinstance(root, yaml.MappingNode):
        raise UsageError(f"{shown}:1: the file holds no keys; write lines such as 'key: value'")
    reader = _Reader()
    data = reader.mapping(root, ())
    refuse(shown, reader.faults)
    return Document(shown, data, {(): Spot(1, ""), **reader.spots})


class _Loader(yaml.SafeLoader):
    """Refuses what configuration never needs, while reading, so that no file can be costly."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own way
    _depth = 0
    _values = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        self._values += 1
        message = self._refused(event)
        if message:
            raise yaml.MarkedYAMLError(problem=message, problem_mark=event.start_mark)
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def _refused(self, event: Any) -> str | None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            return "anchors and aliases are not read; write the value itself (quote a text with & or *)"
        if getattr(event, "tag", None):
            return f"the tag {event.tag} is not read; write the plain value"
        if self._values > MOST_VALUES:
            return f"the file holds more than {MOST_VALUES} keys and values"
        return "nested too deeply" if self._depth >= MOST_NESTED else None


for _kind, (_pattern, _first) in _CORE.items():
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_kind}",
        re.compile(rf"(?:{_pattern})\Z"),
        ["" if first == "\0" else first for first in _first],
    )


class _Reader:
    """Turns nodes into data; gathers places and faults on the way."""

    def __init__(self) -> None:
        self.spots: dict[Path, Spot] = {}
        self.faults: list[Fault] = []

    def mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line, key = key_node.start_mark.line + 1, _key(key_node)
            here = (*path, key or "")
            if key is None:
                self.faults.append(Fault(line, f"a key is text, not {_words(key_node)}"))
            elif key in data:
                message = f"the key {key} is there already, on line {self.spots[here].line}"
                self.faults.append(Fault(line, message))
            else:
                self.spots[here] = Spot(line, _words(value_node))
                data[key] = self.value(value_node, here)
        return data

    def value(self, node: yaml.Node, path: Path) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.item(item, (*path, index)) for index, item in enumerate(node.value)]
        if "\0" in node.value:
            message = "a text holds the character NUL, which no command line and no setting can carry"
            self.faults.append(Fault(node.start_mark.line + 1, message))
        return _scalar(node)

    def item(self, node: yaml.Node, path: Path) -> Any:
        self.spots[path] = Spot(node.start_mark.line + 1, _words(node))
        return self.value(node, path)


def _key(node: yaml.Node) -> str | None:
    # A key is its text, whatever it looks like: a job has a parameter that is called null.
    return str(node.value) if isinstance(node, yaml.ScalarNode) else None


def _scalar(node: Any) -> str | int | float | bool | None:
    kind = node.tag.rsplit(":", 1)[1]
    text: str = node.value
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind == "int" and len(text) <= 20:  # more digits are no count, and Python refuses thousands of them
        return int(text)
    return float(text) if kind in ("int", "float") else text


def _words(node: yaml.Node) -> str:
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    return "a mapping" if isinstance(node, yaml.MappingNode) else "a list"


def _line_of(error: yaml.YAMLError, text: str) -> int:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is not None:
        return int(mark.line) + 1
    position = getattr(error, "position", 0)
    return text[:position].count("\n") + 1


def _words_of(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError):
        parts = [part for part in (error.context, error.problem) if part]
        return "; ".join(parts).replace("\n", " ")
    return f"the file holds a character that YAML does not allow ({getattr(error, 'reason', error)})"
