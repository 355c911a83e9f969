"""The ways an event log is packed, unpacked piece by piece while it grows. Pure.

A damaged log gives what lies before the damage.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Literal, Protocol

import cramjam
import zstandard

from sparkjobs.errors import EventLogError

ZSTD, GZIP, LZ4, SNAPPY, LZF = b"\x28\xb5\x2f\xfd", b"\x1f\x8b", b"LZ4Block", b"\x82SNAPPY\x00", b"ZV"
_MAGICS = {ZSTD: "zstd", GZIP: "gzip", LZ4: "lz4", SNAPPY: "snappy", LZF: "lzf"}
HEAD_BYTES = max(map(len, _MAGICS))
MOST_BLOCK_BYTES = 64 << 20
_STEP_BYTES = 8 << 10
# What a damaged stream unpacked to within the same step is lost with it.
_STREAM_STEP_BYTES = 512
_OUT_BYTES = 1 << 20
_LZ4_HEADER, _SNAPPY_HEADER, _SNAPPY_SIZE = 21, 16, 4
# The bits of an LZ4 block's token that tell how it is packed.
_LZ4_METHOD, _LZ4_STORED = 0xF0, 0x10
_GZIP = 16 + zlib.MAX_WBITS


class DamagedError(ValueError):
    """A packed log cannot be unpacked any further."""


class Unpacker(Protocol):
    """Takes packed bytes, gives the log's.

    Attributes:
        step: the most bytes that it should be given at once: a few may unpack to many.
    """

    step: int

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What ``data`` unpacks to; a ``DamagedError`` comes behind what could be unpacked."""

    def unfinished(self) -> bool:
        """Whether what came so far ends within a block."""


def packed(head: bytes) -> str | None:
    """How a file with this beginning is packed; ``None``: it is not."""
    return next((name for magic, name in _MAGICS.items() if head.startswith(magic)), None)


def unpacker(head: bytes, place: str) -> Unpacker:
    """What unpacks a log with this beginning.

    Args:
        head: its first ``HEAD_BYTES`` bytes, or all of a shorter one.
        place: what errors name.

    Raises:
        EventLogError: nothing here unpacks it.
    """
    how = packed(head)
    if how == "lzf":
        raise EventLogError(
            f"{place}: it is packed with lzf, which is not read here",
            "Set spark.eventLog.compression.codec=zstd for the next run.",
        )
    makers: dict[str | None, Callable[[], Unpacker]] = {
        None: _Plain,
        "zstd": _Zstd,
        "gzip": _Gzip,
        "lz4": _Lz4,
        "snappy": _Snappy,
    }
    return makers[how]()


class _Plain:
    step = 1 << 30

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data

    def unfinished(self) -> bool:
        return False  # a line that is cut tells


class _Zstd:
    step = _STREAM_STEP_BYTES

    def __init__(self) -> None:
        self._context = zstandard.ZstdDecompressor()
        self._frame = self._context.decompressobj()
        self._within = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            try:
                plain = self._frame.decompress(data)
            except zstandard.ZstdError as error:
                raise DamagedError(str(error)) from error
            data, self._within = b"", True
            if self._frame.eof:  # Spark begins another frame with each part of a log that it appends
                data, self._within = self._frame.unused_data, False
                self._frame = self._context.decompressobj()
            yield plain

    def unfinished(self) -> bool:
        return self._within


class _Gzip:
    step = _STREAM_STEP_BYTES

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP)
        self._within = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            try:
                plain = self._member.decompress(data, _OUT_BYTES)
            except zlib.error as error:
                raise DamagedError(str(error)) from error
            data, self._within = self._member.unconsumed_tail, True
            if self._member.eof:
                data, self._within = self._member.unused_data, False
                self._member = zlib.decompressobj(_GZIP)
            yield plain

    def unfinished(self) -> bool:
        return self._within


class _Blocks:
    """Blocks with their sizes before them."""

    step = _STEP_BYTES

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._held += data
        start = 0
        try:
            while (taken := self._block(memoryview(self._held)[start:])) is not None:
                size, plain = taken
                start += size
                yield plain
        except (ValueError, cramjam.DecompressionError) as error:
            raise DamagedError(str(error)) from error
        finally:
            self._held = self._held[start:]

    def unfinished(self) -> bool:
        return bool(self._held)

    def _block(self, held: memoryview) -> tuple[int, bytes] | None:
        """How many bytes the first block takes and what it unpacks to; ``None``: it is not whole yet."""
        raise NotImplementedError


class _Lz4(_Blocks):
    """Blocks of lz4-java's ``LZ4BlockOutputStream``, not lz4's frames: magic, token, sizes, checksum."""

    def _block(self, held: memoryview) -> tuple[int, bytes] | None:
        if len(held) < _LZ4_HEADER:
            return None
        if bytes(held[: len(LZ4)]) != LZ4:
            raise ValueError("a block of lz4 does not begin where the one before ends")
        token, size, whole = held[8], _small(held[9:13], "little"), _small(held[13:17], "little")
        end = _LZ4_HEADER + size
        if len(held) < end:
            return None
        block = bytes(held[_LZ4_HEADER:end])
        if not whole or token & _LZ4_METHOD == _LZ4_STORED:
            return end, block
        return end, bytes(cramjam.lz4.decompress_block(block, output_len=whole))


class _Snappy(_Blocks):
    """``SnappyOutputStream`` of snappy-java: a header, then size and block in turn.

    What Spark appends to a file begins with a header again.
    """

    def _block(self, held: memoryview) -> tuple[int, bytes] | None:
        if len(held) < _SNAPPY_SIZE:
            return None
        if bytes(held[:_SNAPPY_SIZE]) == SNAPPY[:_SNAPPY_SIZE]:
            return (_SNAPPY_HEADER, b"") if len(held) >= _SNAPPY_HEADER else None
        end = _SNAPPY_SIZE + _small(held[:_SNAPPY_SIZE], "big")
        if len(held) < end:
            return None
        _refuse_large(_varint(held[_SNAPPY_SIZE:end]))
        return end, bytes(cramjam.snappy.decompress_raw(bytes(held[_SNAPPY_SIZE:end])))


def _small(field: memoryview, order: Literal["big", "little"]) -> int:
    return _refuse_large(int.from_bytes(field, order))


def _varint(block: memoryview) -> int:
    """The size that a snappy block says it unpacks to."""
    size = 0
    for place, byte in enumerate(block[:5]):
        size |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            break
    return size


def _refuse_large(size: int) -> int:
    if size > MOST_BLOCK_BYTES:
        raise ValueError(f"a block of {size} bytes")
    return size
