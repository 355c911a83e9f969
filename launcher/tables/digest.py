"""A digest of each column's values, however they are cut into batches."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any


class Digest:
    """Takes batches in, in their order, and tells rows and a digest for each column.

    Values are compared bit by bit, so NaN is equal to itself and 0.0 is not -0.0.
    """

    def __init__(self) -> None:
        self.rows = 0
        self._parts: dict[tuple[str, ...], Any] = {}

    def add(self, batch: Any) -> None:
        """Take a ``pyarrow.RecordBatch`` in."""
        self.rows += batch.num_rows
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            self._feed((name,), column)

    def columns(self) -> Mapping[str, str]:
        """The digest of each column, hex."""
        whole: dict[str, Any] = {}
        for path, part in sorted(self._parts.items()):
            whole.setdefault(path[0], blake2b()).update(repr(path[1:]).encode() + part.digest())
        return {name: found.hexdigest() for name, found in whole.items()}

    def _feed(self, path: tuple[str, ...], array: Any) -> None:
        import pyarrow as pa
        from pyarrow import compute as pc

        self._update((*path, "valid"), _dense(array.is_valid().cast("uint8")))
        values, kind = array.drop_null(), array.type
        if pa.types.is_struct(kind):
            for i in range(kind.num_fields):
                self._feed((*path, "field", kind.field(i).name), pc.struct_field(values, i))
        elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
            self._update((*path, "lengths"), _dense(pc.list_value_length(values).cast("int64")))
            self._feed((*path, "items"), values.flatten())
        elif pa.types.is_string(kind) or pa.types.is_binary(kind):
            self._update((*path, "lengths"), _dense(pc.binary_length(values).cast("int64")))
            self._update((*path, "bytes"), _text(values))
        elif pa.types.is_boolean(kind):
            self._update((*path, "bits"), _dense(values.cast("uint8")))
        elif pa.types.is_map(kind):
            # pyarrow's keys and items do not heed where a slice begins.
            for item in values.to_pylist():
                self._update((*path, "entries"), repr(item).encode())
        elif not pa.types.is_null(kind):
            self._update((*path, "bits"), _dense(values))

    def _update(self, path: tuple[str, ...], content: Any) -> None:
        self._parts.setdefault(path, blake2b()).update(content)


def _dense(array: Any) -> Any:
    """The bytes of values of one width, without what lies before and after the slice."""
    if not len(array):
        return b""
    width = array.type.bit_width // 8
    return memoryview(array.buffers()[1])[array.offset * width : (array.offset + len(array)) * width]


def _text(array: Any) -> Any:
    """The bytes of texts one after the other."""
    if not len(array):
        return b""
    offsets = memoryview(array.buffers()[1]).cast("i")
    first, last = offsets[array.offset], offsets[array.offset + len(array)]
    return memoryview(array.buffers()[2])[first:last] if last > first else b""
