"""A call of ``launcher.plan`` or ``launcher.run`` as an invocation: every argument of its type, in words."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from pathlib import Path
from typing import SupportsIndex, cast

from launcher.intake.invocation import Invocation
from launcher.planning.plan_request import GpuChoice
from launcher.spec.config.flags import PIN_OPTIONS, Option, flag_pins
from launcher.spec.objective import Objective, of_flags
from sparkjobs.errors import UsageError

_CHOICES = ("auto", "on", "off")


def called(
    what: object,
    arguments: tuple[object, ...],
    named: Mapping[str, object],
    conf: object,
    pins: Mapping[str, object],
) -> Invocation:
    """The invocation of a call.

    Args:
        what: a job, a job file or a script.
        arguments: what the application is given.
        named: ``target``, ``gpu``, ``input_bytes``, ``interval``, and may be ``deadline``, ``max_slowdown``,
            ``min_cost``, ``history``.
        conf: Spark settings.
        pins: spark-submit's flags by their names.

    Raises:
        UsageError: an argument of a wrong type or value.
        TypeError: a pin that spark-submit has no flag for.
    """
    options = {option.name: option for option in PIN_OPTIONS}
    unknown = pins.keys() - options.keys()
    if unknown:
        raise TypeError(f"{', '.join(sorted(unknown))}: spark-submit has no such flag")
    confs = [f"{key}={value}" for key, value in _conf(conf).items()]
    given = {name: _pin(options[name], value) for name, value in pins.items()}
    return Invocation(
        _text("what", what),
        tuple(_text(f"argument {number}", word) for number, word in enumerate(arguments, start=1)),
        Path.cwd(),
        target=_text_or_none("target", named["target"]),
        gpu=_gpu(named["gpu"]),
        input_bytes=_bytes(named["input_bytes"]),
        interval=_text_or_none("interval", named["interval"]),
        pins=flag_pins(given, confs),
        objective=_objective(named),
        history=_switch("history", named.get("history", True)),
    )


def _objective(named: Mapping[str, object]) -> Objective | None:
    return of_flags(
        _text_or_none("deadline", named.get("deadline")),
        _text_or_none("max_slowdown", named.get("max_slowdown")),
        _switch("min_cost", named.get("min_cost", False)),
    )


def _switch(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise UsageError(f"{name}={value!r} is neither True nor False")
    return value


def waited(seconds: object) -> float:
    """How long to wait for a table.

    Raises:
        UsageError: it is no length of time.
    """
    number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    if not number or not math.isfinite(seconds) or seconds < 0:  # type: ignore[arg-type, operator]
        raise _wrong("lock_wait_s", seconds, "takes seconds, 0 or more")
    return float(seconds)  # type: ignore[arg-type]


def _text(name: str, value: object) -> str:
    if isinstance(value, Path):
        return str(value)
    if not isinstance(value, str) or "\0" in value:
        raise _wrong(name, value, "takes text")
    return value


def _text_or_none(name: str, value: object) -> str | None:
    return None if value is None else _text(name, value)


def _gpu(value: object) -> GpuChoice | None:
    if value is not None and (not isinstance(value, str) or value not in _CHOICES):
        raise _wrong("gpu", value, f"takes one of {', '.join(_CHOICES)}")
    return cast("GpuChoice | None", value)


def _bytes(value: object) -> int | None:
    if value is None:
        return None
    whole = isinstance(value, SupportsIndex) and not isinstance(value, bool)  # numpy's numbers too
    number = operator.index(cast("SupportsIndex", value)) if whole else -1
    if number < 0:
        raise _wrong("input_bytes", value, "takes a whole number of bytes, 0 or more")
    return number


def _conf(value: object) -> Mapping[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise _wrong("conf", value, "takes settings by their keys")
    for key, setting in value.items():
        if not isinstance(key, str):
            raise _wrong("conf", key, "takes keys that are text")
        if not isinstance(setting, str):
            raise _wrong(f"conf[{key!r}]", setting, f'takes text; write "{_plain(setting)}"')
    return value


def _pin(option: Option, value: object) -> str | bool | None:
    if value is None:
        return None
    if option.switch:
        if not isinstance(value, bool):
            raise _wrong(option.name, value, "takes True or False")
        return value
    if not isinstance(value, str):
        raise _wrong(option.name, value, f'takes text; write "{_plain(value)}"')
    return value


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _wrong(name: str, value: object, takes: str) -> UsageError:
    return UsageError(f"{name}={value!r}: it {takes}")
