"""From input paths to files, by our own listing.

Paths are literal: Spark would expand ``[`` and ``*`` and pass over names that begin with ``_`` or
``.``; here such files are read, and only ``--glob`` expands patterns. Names with ``:`` are refused
by name, because Hadoop cannot read them later (in a Delta table, from Spark).
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from sparkjobs import paths
from sparkjobs.errors import DataError, UsageError
from sparkjobs.ingest.model import InputFile, displayed
from sparkjobs.ingest.storage import S3Settings, filesystem

_PATTERN = re.compile(r"[*?\[\]{}]")
# What a pattern could take of a table, and of a table in a folder of tables.
_FILES_OF_TABLES = (
    "/part-00000.snappy.parquet",
    "/rows/part-00000.snappy.parquet",
    "/_delta_log/00000000000000000000.json",
)


def expand_lists(inputs: Sequence[str]) -> tuple[str, ...]:
    """Replace each ``@FILE`` by the paths that the file lists, one a line."""
    found: list[str] = []
    for item in inputs:
        found += _listed(item[1:]) if item.startswith("@") else [item]
    return tuple(found)


def refuse_missing(inputs: Sequence[str], *, glob: bool) -> None:
    """Refuse local paths that do not exist before Spark starts, which takes seconds.

    Raises:
        DataError: names the path.
    """
    for path in inputs:
        if paths.is_local(path) and not (glob and _PATTERN.search(path)) and not os.path.lexists(path):
            raise _missing(path)


def list_files(
    inputs: Sequence[str],
    *,
    glob: bool,
    s3: S3Settings,
    may_be_none: bool = False,
    tolerant: bool = False,
) -> tuple[InputFile, ...]:
    """Every file under the inputs, in order, folders walked in sorted order.

    Args:
        inputs: files, folders, patterns.
        glob: whether patterns are expanded.
        s3: how to reach S3.
        may_be_none: whether a pattern may match nothing (yet: files of a stream arrive later).
        tolerant: whether what cannot be read is listed too, with its fault, instead of ending the listing.

    Raises:
        DataError: a path does not exist, a pattern matches nothing, or a name holds ``:``.
    """
    files: list[InputFile] = []
    for item in inputs:
        files += [_without_colon(file) for file in _expanded(item, glob, s3, may_be_none)]
    fault = next((file.fault for file in files if file.fault is not None), None)
    if fault is not None and not tolerant:
        raise fault
    return tuple({file.path: file for file in files if not _vanished(file, inputs)}.values())


def _listed(path: str) -> list[str]:
    try:
        text = Path(path).read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise UsageError(
            f"--input @{path}: {error.strerror}", "@FILE is a file with one path a line."
        ) from error
    return [line for line in text.split("\n") if line]


def _expanded(path: str, glob: bool, s3: S3Settings, may_be_none: bool) -> list[InputFile]:
    if not glob or not _PATTERN.search(path):
        return _files(path, s3)
    fixed = path[: _PATTERN.search(path).start()].rsplit("/", 1)[0] or "/"  # type: ignore[union-attr]
    wanted = _compiled(path)
    inside = _files(fixed, s3)
    gone = next((file.fault for file in inside if file.fault is not None and file.path == fixed), None)
    if gone is not None:
        raise gone
    found = [file for file in inside if wanted.fullmatch(file.path)]
    if not found and not may_be_none:
        raise DataError(f"--input {displayed(path)} matches no file", "Check the pattern and the folder.")
    return found


def takes_table(pattern: str, path: str) -> bool:
    """Whether a pattern takes files of a table, or of the tables in a folder, that lies at a path. Pure.

    Raises:
        UsageError: it is no pattern.
    """
    wanted = _compiled(pattern)
    return any(wanted.fullmatch(f"{path}{file}") for file in ("", *_FILES_OF_TABLES))


def _compiled(pattern: str) -> re.Pattern[str]:
    # A pattern that matches a folder takes what is in it.
    try:
        return re.compile(_translate(pattern.rstrip("/")) + "(?:/.*)?", re.DOTALL)
    except re.error as error:
        raise UsageError(f"--input {displayed(pattern)} is not a pattern: {error}") from error


def _files(path: str, s3: S3Settings) -> list[InputFile]:
    return _local_files(path) if paths.is_local(path) else _remote_files(path, s3)


def _local_files(path: str) -> list[InputFile]:
    place = paths.local(path)
    if os.path.isdir(place):  # noqa: PTH112 - names may be any bytes
        return list(_walk(place))
    return [_local_file(place)]


def _walk(folder: str) -> Iterable[InputFile]:
    closed: list[InputFile] = []

    def note(error: OSError) -> None:
        closed.append(_closed(str(error.filename), error))

    # Links are followed as Hadoop's RawLocalFileSystem does, so that ours and Spark's readers see the same.
    for place, folders, names in os.walk(folder, followlinks=True, onerror=note):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(place, name)  # noqa: PTH118
            yield _local_file(path)
    yield from closed


def _local_file(path: str) -> InputFile:
    try:
        found = os.stat(path)  # noqa: PTH116
    except FileNotFoundError:
        return InputFile(path, 0, fault=_missing(path))
    except OSError as error:
        return _closed(path, error)
    if not stat.S_ISREG(found.st_mode):
        fault = DataError(f"{displayed(path)} is not a regular file", "Pipes and devices are not read.")
        return InputFile(path, 0, fault=fault)
    return InputFile(path, found.st_size, found.st_mtime_ns)


def _closed(path: str, error: OSError) -> InputFile:
    fault = DataError(f"{displayed(path)}: {error.strerror}", "Check its permissions.")
    return InputFile(path, 0, fault=fault)


def _vanished(file: InputFile, inputs: Sequence[str]) -> bool:
    """Whether a file was there when its folder was read and is gone now: renamed or removed meanwhile."""
    if file.fault is None or file.path in inputs or not paths.is_local(file.path):
        return False
    return not os.path.lexists(paths.local(file.path))


def _remote_files(path: str, s3: S3Settings) -> list[InputFile]:
    from pyarrow import fs

    system, inside = filesystem(path, s3)
    info = system.get_file_info(inside)
    prefix = path[: len(path) - len(inside)]
    if info.type == fs.FileType.File:
        return [InputFile(path, info.size, _whole_second(info.mtime_ns))]
    if info.type == fs.FileType.NotFound:
        return [InputFile(path, 0, fault=_missing(path))]
    entries = system.get_file_info(fs.FileSelector(inside, recursive=True))
    found = [entry for entry in entries if entry.type == fs.FileType.File]
    files = (InputFile(prefix + e.path, e.size, _whole_second(e.mtime_ns)) for e in found)
    return sorted(files, key=lambda file: file.path)


def _whole_second(time_ns: int | None) -> int | None:
    """S3 tells an object's own time in whole seconds; in some stores a listing has finer ones."""
    return None if time_ns is None else time_ns - time_ns % 1_000_000_000


def _translate(pattern: str) -> str:
    """A path pattern as a regular expression: ``*`` and ``?`` stay inside one part, ``**`` does not."""
    tokens = re.findall(r"\*\*|\[[^\]]+\]|\{[^}]*\}|.", pattern, re.DOTALL)
    return "".join(_token(token) for token in tokens)


def _token(token: str) -> str:
    simple = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
    if token in simple:
        return simple[token]
    if len(token) > 1 and token.startswith("["):
        body = token[1:-1].replace("\\", "\\\\")
        return f"[^/{body[1:]}]" if body[0] in "!^" and len(body) > 1 else f"[{body}]"
    if len(token) > 1 and token.startswith("{"):
        return "(?:" + "|".join(_translate(part) for part in token[1:-1].split(",")) + ")"
    return re.escape(token)


def _without_colon(file: InputFile) -> InputFile:
    # Hadoop's Path takes what stands before a ':' for a scheme (HADOOP-14217).
    if ":" not in file.path.split("://", 1)[-1]:
        return file
    hint = "Hadoop cannot read such names: rename the file."
    return replace(file, fault=DataError(f"{displayed(file.path)}: the name holds ':'", hint))


def _missing(path: str) -> DataError:
    return DataError(f"--input {displayed(path)} does not exist", "Check the path; it is taken literally.")
