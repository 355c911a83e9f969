"""A trace packed small, so that later predictions need not find the log again. Pure.

Form: MessagePack within zstd. Tasks of all stages stand in columns, one after the other; launches as
differences, finishes as durations, each column in the narrowest width that holds it: 5 to 25 bytes a task.
Above ``MOST_TASKS`` nothing is kept: half a trace would predict something else.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

import msgspec
import zstandard

from launcher.records.history.trace import (
    Execution,
    Executor,
    Job,
    Lost,
    Peaks,
    Profile,
    Stage,
    Tasks,
    Trace,
)
from launcher.redact import masked_document
from sparkjobs.errors import EventLogError

VERSION = 1
LEVEL = 6
MOST_TASKS = 2_000_000
MOST_FAILURE, MOST_DESCRIPTION = 1000, 300
# No trace that is kept unpacks to more.
MOST_BYTES = 1 << 29
_WIDTHS = ("b", "h", "i", "q")
_COLUMNS = tuple(field.name for field in fields(Tasks))


class _Stage(msgspec.Struct, frozen=True):
    """A ``Stage`` without its tasks, and how many it has."""

    id: int
    attempt: int
    name: str
    parents: tuple[int, ...]
    size: int
    profile: int
    submitted_ms: int | None
    completed_ms: int | None
    failure: str | None
    tasks: int
    cached: tuple[int, ...] = ()


class _Head(msgspec.Struct, frozen=True):
    """A ``Trace`` without tasks."""

    application_id: str
    attempt_id: str | None
    name: str
    spark: str
    conf: dict[str, str] | None
    start_ms: int
    end_ms: int | None
    last_ms: int
    executors: tuple[Executor, ...]
    profiles: dict[int, Profile]
    jobs: tuple[Job, ...]
    stages: tuple[_Stage, ...]
    executions: tuple[Execution, ...]
    peaks: dict[str, Peaks]
    cached_ms: dict[str, int]
    lost: Lost
    exit_code: int | None = None
    streams: bool = False
    unpersisted_ms: dict[int, int] = {}


class _Kept(msgspec.Struct, frozen=True):
    v: int
    trace: dict[str, Any]  # a _Head
    columns: dict[str, tuple[str, bytes]]


def pack_trace(trace: Trace) -> bytes | None:
    """A trace as bytes, secrets masked; ``None`` when it holds too many tasks.

    Long texts are cut: reasons of failures, descriptions of executions.
    """
    if sum(len(stage.tasks) for stage in trace.stages) > MOST_TASKS:
        return None
    parts = {name: getattr(trace, name) for name in _Head.__struct_fields__}
    executions = (replace(one, description=one.description[:MOST_DESCRIPTION]) for one in trace.executions)
    head = _Head(**{**parts, "stages": tuple(map(_short, trace.stages)), "executions": tuple(executions)})
    document = masked_document(msgspec.to_builtins(head, str_keys=True))
    kept = _Kept(VERSION, document, {name: _column(trace, name) for name in _COLUMNS})
    return zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).compress(msgspec.msgpack.encode(kept))


def unpack_trace(data: bytes, place: str) -> Trace:
    """The trace that was packed.

    Args:
        data: what ``pack_trace`` gave.
        place: what errors name.

    Raises:
        EventLogError: it is damaged, or a later version wrote it.
    """
    try:
        plain = zstandard.ZstdDecompressor().decompress(data, max_output_size=MOST_BYTES)
        kept = msgspec.msgpack.decode(plain, type=_Kept)
        if kept.v != VERSION:
            raise ValueError(f"it is of version {kept.v}")
        head = msgspec.convert(kept.trace, _Head, str_keys=True)
        stages = tuple(_with_tasks(head, kept.columns))
    except (zstandard.ZstdError, msgspec.MsgspecError, ValueError, OverflowError) as error:
        why = f"{place}: the kept trace cannot be read ({error})"
        raise EventLogError(why, "Name the event log itself.") from error
    return Trace(**{**{name: getattr(head, name) for name in _Head.__struct_fields__}, "stages": stages})


def _short(stage: Stage) -> _Stage:
    parts = {name: getattr(stage, name) for name in _Stage.__struct_fields__}
    failure = stage.failure if stage.failure is None else stage.failure[:MOST_FAILURE]
    return _Stage(**{**parts, "failure": failure, "tasks": len(stage.tasks)})


def _column(trace: Trace, name: str) -> tuple[str, bytes]:
    values = array("q")
    for stage in trace.stages:
        values.extend(_relative(stage.tasks, name, trace.start_ms))
    low, high = min(values, default=0), max(values, default=0)
    width = next(code for code in _WIDTHS if _fits(low, high, array(code).itemsize))
    narrow = array(width, values)
    if sys.byteorder == "big":
        narrow.byteswap()
    return width, narrow.tobytes()


def _fits(low: int, high: int, size: int) -> bool:
    bound = 1 << (8 * size - 1)
    return -bound <= low and high < bound


def _relative(tasks: Tasks, name: str, start_ms: int) -> Iterable[int]:
    column: array[int] = getattr(tasks, name)
    if name == "launch_ms":
        return (after - before for before, after in zip([start_ms, *column[:-1]], column, strict=False))
    if name == "finish_ms":
        return (finish - launch for launch, finish in zip(tasks.launch_ms, column, strict=True))
    return column


def _with_tasks(head: _Head, columns: Mapping[str, tuple[str, bytes]]) -> Iterator[Stage]:
    total = sum(stage.tasks for stage in head.stages)
    # A column that an earlier version did not keep is nothing but zeros.
    whole = {
        name: _values(*columns[name]) if name in columns else array("q", bytes(8 * total))
        for name in _COLUMNS
    }
    if any(len(column) != total for column in whole.values()):
        raise ValueError("its columns are not of one length")
    begin = 0
    for stage in head.stages:
        end = begin + stage.tasks
        tasks = _absolute({name: column[begin:end] for name, column in whole.items()}, head.start_ms)
        yield Stage(**{**{name: getattr(stage, name) for name in _Stage.__struct_fields__}, "tasks": tasks})
        begin = end


def _values(width: str, data: bytes) -> array[int]:
    if width not in _WIDTHS:
        raise ValueError(f"a column of width {width!r}")
    narrow = array(width, data)
    if sys.byteorder == "big":
        narrow.byteswap()
    return array("q", narrow)


def _absolute(parts: dict[str, array[int]], start_ms: int) -> Tasks:
    launches, at = array("q"), start_ms
    for difference in parts["launch_ms"]:
        at += difference
        launches.append(at)
    spans = zip(launches, parts["finish_ms"], strict=True)
    return Tasks(
        **{**parts, "launch_ms": launches, "finish_ms": array("q", [start + span for start, span in spans])}
    )
