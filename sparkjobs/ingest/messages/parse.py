"""The value of one record as the text of its fields, or the reason why it is a bad row. Pure.

One record is one row. A line end at its end is passed over. What holds more than one row is a bad row, and so
is what holds none: an empty value, or none at all, which Kafka calls a tombstone.
"""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from sparkjobs.ingest.blocks import LONGEST_LINE_BYTES
from sparkjobs.ingest.json_records import read_object
from sparkjobs.ingest.model import BadRow
from sparkjobs.ingest.not_text import fault_of

TOMBSTONE = "no value: a tombstone"
# Values of a schema registry begin with a zero byte and the schema's id in four bytes, big end first
# (Confluent's wire format).
_MAGIC, _HEAD_BYTES = 0, 5
Fields = list[str | None]


def fault(value: bytes | None) -> str | None:
    """Why a value is no text; ``None`` when it is."""
    if value is None:
        return TOMBSTONE
    if len(value) >= _HEAD_BYTES and value[0] == _MAGIC:
        number = int.from_bytes(value[1:_HEAD_BYTES], "big")
        return f"a value of a schema registry (schema id {number}): Avro and the like are not read"
    # An offset beyond the first byte of a file: a value is no file, whatever it begins with.
    return fault_of(value, 1)


def bad_row(file: str, offset: int, reason: str, value: bytes | None) -> BadRow:
    """A record as the quarantine keeps it; bytes that are not UTF-8 in base64, and the reason says so."""
    if value is None:
        return BadRow(file, None, offset, reason, "")
    try:
        return BadRow(file, None, offset, reason, value.decode("utf-8"))
    except UnicodeDecodeError:
        raw = base64.b64encode(value).decode("ascii")
        return BadRow(file, None, offset, f"{reason} (raw is base64)", raw)


def without_line_end(text: str) -> str:
    """The text without one line end at its end."""
    for end in ("\r\n", "\n", "\r"):
        if text.endswith(end):
            return text[: -len(end)]
    return text


@dataclass(frozen=True)
class CsvValues:
    """CSV records without a header.

    Attributes:
        width: how many fields a record has.
        positions: indexes of the wanted ones.
        delimiter: one character.
        null: the text that stands for null.
    """

    width: int
    positions: tuple[int, ...]
    delimiter: str
    null: str

    def __call__(self, value: str) -> Fields:
        """The wanted fields of a value.

        Raises:
            ValueError: it is a bad row; the text is the reason.
        """
        text = without_line_end(value)
        if not text:
            raise ValueError("an empty value")
        quick = '"' not in text and "\n" not in text and "\r" not in text
        fields = text.split(self.delimiter) if quick else _one_record(text, self.delimiter)
        if len(fields) != self.width:
            raise ValueError(f"{len(fields)} fields, --columns names {self.width}")
        return [None if fields[i] == self.null else fields[i] for i in self.positions]


@dataclass(frozen=True)
class JsonValues:
    """Records that are JSON objects.

    Attributes:
        names: the wanted fields.
        kinds: their types, as ``read_object`` names them.
        ignore_extra: pass over other fields instead of refusing the row.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    ignore_extra: bool

    def __call__(self, value: str) -> Fields:
        """The wanted fields of a value.

        Raises:
            ValueError: it is a bad row; the text is the reason.
        """
        if not value.strip():
            raise ValueError("an empty value")
        return read_object(value, self.names, self.kinds, self.ignore_extra)


@dataclass(frozen=True)
class TextValues:
    """Records that are text: the value is their one field.

    Attributes:
        wanted: how often it is asked for.
    """

    wanted: int

    def __call__(self, value: str) -> Fields:
        """The value as it is."""
        return [value] * self.wanted


Values = CsvValues | JsonValues | TextValues


def _one_record(text: str, delimiter: str) -> Sequence[str]:
    csv.field_size_limit(LONGEST_LINE_BYTES)  # as long as a line may be; the limit is the process's
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise ValueError(f"not CSV: {error}") from error
    if len(rows) != 1:
        raise ValueError(f"{len(rows)} rows in one record; one record is one row")
    return rows[0]
