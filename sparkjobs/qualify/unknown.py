"""The result of an action that was not run: it may be carried around and printed, not looked into."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from sparkjobs.qualify.recorder import Recorder

SHOWN = "<not computed>"
_CARRIED = (
    "add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv", "floordiv", "rfloordiv",
    "mod", "rmod", "pow", "rpow", "neg", "pos", "abs", "round", "getitem", "call",
)  # fmt: skip
_STEERING = (
    "bool", "len", "eq", "ne", "lt", "le", "gt", "ge", "hash", "int", "float", "index", "contains", "next",
    "setitem", "delitem", "enter", "await",
)  # fmt: skip


class Unknown:
    """A value that nobody knows.

    Attributes, items and arithmetic give unknown values again, and text of it says that it was not computed.
    What would decide by it, or plan with it, stops the application.
    """

    def __init__(self, recorder: Recorder, origin: str, elements: tuple[Unknown, ...] | None = None) -> None:
        self._recorder = recorder
        self._origin = origin
        self._elements = elements

    def __iter__(self) -> Iterator[Unknown]:
        if self._elements is None:
            self._steer()
        return iter(self._elements)

    def __getattr__(self, name: str) -> Unknown:
        if name.startswith("__"):
            raise AttributeError(name)
        if name.startswith("_"):  # how Spark and py4j look into a value
            self._steer()
        return self._carried()

    def __format__(self, _spec: str) -> str:
        return SHOWN

    def __str__(self) -> str:
        return SHOWN

    __repr__ = __str__

    def _carried(self, *_arguments: Any, **_named: Any) -> Unknown:
        return Unknown(self._recorder, self._origin)

    def _steer(self, *_arguments: Any) -> NoReturn:
        self._recorder.halt(
            "stopped", f"what follows depends on the result of {self._origin}, and no query is run",
            "The plans up to here are judged; the rest was not seen.",
        )  # fmt: skip


def _install(names: tuple[str, ...], method: Callable[..., Any]) -> None:
    for name in names:
        setattr(Unknown, f"__{name}__", method)


_install(_CARRIED, Unknown._carried)
_install(_STEERING, Unknown._steer)
