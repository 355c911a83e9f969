"""Cut a jar smaller: the same input gives the same bytes on every machine.

The entries that stay are copied as they are packed, never packed again: zlib's output differs between its
versions, and the hash of the cut stands in the lock.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from launcher.host.jars.jar_lock import Cut
from sparkjobs.errors import EnvironmentProblem

# PKWARE's APPNOTE, 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (its end).
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_VERSION = 20
_HAS_DESCRIPTOR = 0x08
_BLOCK = 1 << 20


@dataclass(frozen=True)
class _Copied:
    """An entry in the new jar: what it is, its header's fields, and where it begins."""

    info: ZipInfo
    name: bytes
    fields: tuple[int, ...]
    offset: int


def stays(cut: Cut, name: str) -> bool:
    """Whether the entry ``name`` is part of the cut. Pure."""
    if any(fnmatchcase(name, pattern) for pattern in cut.keep):
        return True
    return not any(fnmatchcase(name, pattern) for pattern in cut.leave_out)


def cut_jar(source: Path, target: Path, cut: Cut) -> None:
    """Write the entries of ``source`` that stay into ``target``, in their order.

    Raises:
        EnvironmentProblem: ``source`` is no jar.
    """
    try:
        with ZipFile(source) as jar, source.open("rb") as packed, target.open("wb") as out:
            wanted = (info for info in jar.infolist() if stays(cut, info.filename))
            _finish(out, [_copy(info, packed, out) for info in wanted])
    except BadZipFile as error:
        raise EnvironmentProblem(f"{source} is no jar: {error}") from error


def _copy(info: ZipInfo, packed: BinaryIO, out: BinaryIO) -> _Copied:
    offset = out.tell()
    name = info.filename.encode("utf-8")
    entry = _Copied(info, name, _fields(info), offset)
    out.write(_LOCAL.pack(b"PK\3\4", _VERSION, *entry.fields, len(name), 0) + name)
    packed.seek(info.header_offset)
    *_, name_length, extra_length = _LOCAL.unpack(packed.read(_LOCAL.size))
    packed.seek(name_length + extra_length, 1)
    for block in _blocks(packed, info.compress_size):
        out.write(block)
    return entry


def _fields(info: ZipInfo) -> tuple[int, ...]:
    # The sizes stand in the header itself here, so that nothing follows the data.
    year, month, day, hour, minute, second = info.date_time
    time = hour << 11 | minute << 5 | second // 2
    date = (year - 1980) << 9 | month << 5 | day
    flags = info.flag_bits & ~_HAS_DESCRIPTOR
    return (flags, info.compress_type, time, date, info.CRC, info.compress_size, info.file_size)


def _blocks(stream: BinaryIO, length: int) -> Iterable[bytes]:
    while length and (block := stream.read(min(_BLOCK, length))):
        length -= len(block)
        yield block


def _finish(out: BinaryIO, entries: list[_Copied]) -> None:
    start = out.tell()
    for entry in entries:
        head = _CENTRAL.pack(
            b"PK\1\2", _VERSION, _VERSION, *entry.fields, len(entry.name), 0, 0, 0, 0, 0, entry.offset
        )
        out.write(head + entry.name)
    size = out.tell() - start
    out.write(_END.pack(b"PK\5\6", 0, 0, len(entries), len(entries), size, start, 0))
