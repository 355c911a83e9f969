"""Bytes packed the ways Spark packs event logs."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import cramjam
import zstandard

BLOCK_BYTES = 3000


def in_frames(data: bytes) -> bytes:
    """As Spark writes zstd: a frame now and then."""
    packer = zstandard.ZstdCompressor()
    return b"".join(packer.compress(line) for line in data.splitlines(keepends=True))


def _pieces(data: bytes) -> list[bytes]:
    return [data[start : start + BLOCK_BYTES] for start in range(0, len(data), BLOCK_BYTES)]


def in_lz4_blocks(data: bytes) -> bytes:
    """As lz4-java's LZ4BlockOutputStream writes: every other block stored, an empty one at the end."""
    blocks = []
    for number, piece in enumerate(_pieces(data)):
        block = piece if number % 2 else bytes(cramjam.lz4.compress_block(piece, store_size=False))
        token = b"\x16" if number % 2 else b"\x26"
        blocks.append(_lz4_header(token, len(block), len(piece)) + block)
    return b"".join(blocks) + _lz4_header(b"\x16", 0, 0)


def _lz4_header(token: bytes, packed: int, size: int) -> bytes:
    return b"LZ4Block" + token + packed.to_bytes(4, "little") + size.to_bytes(4, "little") + bytes(4)


def in_snappy_blocks(data: bytes) -> bytes:
    """As snappy-java's SnappyOutputStream writes."""
    blocks = [bytes(cramjam.snappy.compress_raw(piece)) for piece in _pieces(data)]
    return b"\x82SNAPPY\x00\0\0\0\1\0\0\0\1" + b"".join(len(one).to_bytes(4, "big") + one for one in blocks)


PACKERS: list[Callable[[bytes], bytes]] = [
    bytes,
    gzip.compress,
    zstandard.ZstdCompressor().compress,
    in_frames,
    in_lz4_blocks,
    in_snappy_blocks,
]
