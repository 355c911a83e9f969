"""Open an event log in whatever way Spark packed it."""

from __future__ import annotations

import gzip
import importlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

from sparkjobs.errors import UsageError

ZSTD, GZIP, LZ4, SNAPPY = b"\x28\xb5\x2f\xfd", b"\x1f\x8b", b"LZ4Block", b"\x82SNAPPY\x00"
MOST_BLOCK_BYTES = 64 << 20
_LZ4_HEADER, _SNAPPY_HEADER = 21, 16
# The bits of an LZ4 block's token that tell how it is packed.
_LZ4_METHOD, _LZ4_STORED = 0xF0, 0x10


def packed(head: bytes) -> str | None:
    """How a file with this beginning is packed; ``None``: it is not."""
    names = {ZSTD: "zstd", GZIP: "gzip", LZ4: "lz4", SNAPPY: "snappy"}
    return next((name for magic, name in names.items() if head.startswith(magic)), None)


def open_log(path: Path) -> IO[bytes]:
    """The bytes of an event log, unpacked while they are read.

    Raises:
        UsageError: the library that unpacks it is not installed.
    """
    raw = path.open("rb")
    how = packed(raw.read(8))
    raw.seek(0)
    if how is None:
        return raw
    if how == "gzip":
        return cast(IO[bytes], gzip.GzipFile(fileobj=raw))
    if how == "zstd":
        import zstandard

        return io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True))
    unpack = {"lz4": _lz4_blocks, "snappy": _snappy_blocks}[how]
    return io.BufferedReader(_Blocks(unpack(raw, _cramjam(path, how))))


def _cramjam(path: Path, how: str) -> Any:
    try:
        return importlib.import_module("cramjam")
    except ImportError as error:
        raise UsageError(
            f"{path} is packed with {how}, and the Python package cramjam is not installed",
            "Install it: pip install cramjam",
        ) from error


def _lz4_blocks(raw: IO[bytes], cramjam: Any) -> Iterator[bytes]:
    # Blocks of lz4-java's LZ4BlockOutputStream: magic, token, packed size, size, checksum.
    while len(head := raw.read(_LZ4_HEADER)) == _LZ4_HEADER and head.startswith(LZ4):
        token, size, whole = head[8], _little(head[9:13]), _little(head[13:17])
        if max(size, whole) > MOST_BLOCK_BYTES:
            raise ValueError("a block is too large")
        block = raw.read(size)
        if token & _LZ4_METHOD == _LZ4_STORED:
            yield block
        elif whole:
            yield bytes(cramjam.lz4.decompress_block(block, output_len=whole))


def _snappy_blocks(raw: IO[bytes], cramjam: Any) -> Iterator[bytes]:
    # snappy-java's SnappyOutputStream: a header, then size and block in turn.
    raw.read(_SNAPPY_HEADER)
    while len(head := raw.read(4)) == 4:
        size = int.from_bytes(head, "big")
        if size > MOST_BLOCK_BYTES:
            raise ValueError("a block is too large")
        yield bytes(cramjam.snappy.decompress_raw(raw.read(size)))


def _little(part: bytes) -> int:
    return int.from_bytes(part, "little")


class _Blocks(io.RawIOBase):
    """A stream over blocks."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks, self._left = blocks, b""

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill ``buffer``."""
        while not self._left:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._left = block
        part, self._left = self._left[: len(buffer)], self._left[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)
