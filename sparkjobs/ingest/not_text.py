"""What bytes are that are no text: the reason of a bad line names what the file seems to be. Pure."""

from __future__ import annotations

# Byte signs at the begin of files, with what to call them.
_BEGINS = {
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"\x1f\x8b": "gzip: name it .gz",
    b"PK\x03\x04": "a zip archive",
    b"BZh": "bzip2: name it .bz2",
    b"\x28\xb5\x2f\xfd": "zstd: name it .zst",
    b"\xfd7zXZ\0": "xz",
    b"\x04\x22\x4d\x18": "lz4",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"PAR1": "Parquet",
    b"ORC": "ORC",
    b"Obj\x01": "Avro",
    b"SQLite format 3\0": "a SQLite database",
    b"%PDF": "PDF",
}
_TAR, _TAR_OFFSET = b"ustar", 257


def fault_of(line: bytes, offset: int) -> str | None:
    """Why a line is no text, or ``None`` when it is.

    Args:
        line: one line, with or without its end.
        offset: where it begins in the (decompressed) file: the signs of a kind stand at the first byte.
    """
    if b"\0" in line:
        return f"a NUL character{_seems(line, offset)}"
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return f"not UTF-8{_seems(line, offset)}"
    return None


def _seems(line: bytes, offset: int) -> str:
    kind = _kind(line) if offset == 0 else None
    if kind is None and _is_utf16(line):
        kind = "UTF-16"
    return f" (the file seems to be {kind})" if kind else ""


def _kind(line: bytes) -> str | None:
    if line[_TAR_OFFSET:].startswith(_TAR):
        return "a tar archive"
    return next((kind for sign, kind in _BEGINS.items() if line.startswith(sign)), None)


def _is_utf16(line: bytes) -> bool:
    """The letters of Latin text have a NUL beside each byte of theirs, all on the same side."""
    looked_at = line[:1024]
    places = [index for index, byte in enumerate(looked_at) if byte == 0]
    return 1 < len(places) >= len(looked_at) / 4 and len({index % 2 for index in places}) == 1
