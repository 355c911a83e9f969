"""Values of flat JSON objects become a typed column; those for which their bytes do not tell are marked.

``read_object`` then reads their lines. So a value here is always the one that comes of its text.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sparkjobs.ingest.json_records import LONGEST_NUMBER
from sparkjobs.ingest.typed_batches import typed_column
from sparkjobs.ingest.typing import Column
from sparkjobs.kernels.json_structure import Values
from sparkjobs.kernels.short_numbers import short_numbers

_NUMBER = r"-?(0|[1-9][0-9]*)(\.[0-9]+)?"
# The numbers whose text stays as it is: 1e3 becomes 1000, and -0 becomes 0.
_AS_WRITTEN = rf"^({_NUMBER}|true|false|null)$"
_SCALAR = rf"^({_NUMBER}([eE][+-]?[0-9]{{1,4}})?|true|false|null)$"


def typed_values(column: Column, values: Values) -> tuple[Any, Any]:
    """Type a column.

    Returns:
        The typed array, and a bool array of the places whose lines somebody else has to read.
    """
    if column.kind in ("string", "boolean", "timestamp"):
        return _by_text(column, values)
    quick, good = short_numbers(values.data, values.starts, values.ends, column.kind)
    good &= ~values.quoted
    if good.all():
        return quick, ~good
    rest = np.flatnonzero(~good)
    others, doubt = _by_text(column, values.take(rest))
    order = np.arange(len(good))
    order[rest] = len(good) + np.arange(len(rest))
    wrong = ~good
    wrong[rest] = doubt
    return pa.concat_arrays([quick, others]).take(pa.array(order)), wrong


def is_scalar(values: Values) -> Any:
    """Bool array: the value is a string, or a number or word that JSON has and that is not overlong."""
    good = values.quoted.copy()
    bare = ~good
    if bare.any():
        good[bare] = _fits(values.take(bare).texts(), _SCALAR)
    return good


def _by_text(column: Column, values: Values) -> tuple[Any, Any]:
    texts = values.texts()
    doubt = _doubtful(texts, values, column.kind)
    absent = ~values.quoted
    if absent.any():
        absent &= pc.equal(texts, "null").to_numpy(zero_copy_only=False)
    none = doubt | absent
    value, wrong = typed_column(column, pc.if_else(pa.array(none), None, texts) if none.any() else texts)
    return value, wrong | doubt


def _doubtful(texts: Any, values: Values, kind: str) -> Any:
    """Which values are of another JSON type than the column, or have another text than is written."""
    bare = ~values.quoted
    if kind not in ("string", "timestamp"):
        return values.quoted | ~_fits(texts, _AS_WRITTEN)
    doubt = np.zeros(len(bare), bool)
    if bare.any():
        scalars = texts.filter(pa.array(bare))
        known = _fits(scalars, _AS_WRITTEN if kind == "string" else "^null$")
        doubt[bare] = ~known
    return doubt


def _fits(texts: Any, form: str) -> Any:
    short = pc.less_equal(pc.binary_length(texts), LONGEST_NUMBER)
    fits = pc.and_(pc.and_(pc.match_substring_regex(texts, form), short), pc.not_equal(texts, "-0"))
    return fits.to_numpy(zero_copy_only=False)
