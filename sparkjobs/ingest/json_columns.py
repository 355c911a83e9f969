"""Columns from the fields of flat JSON objects: by name, each once in a line, as the text of its value.

What cannot be told from the bytes alone, or what is wrong, marks its line as doubtful; ``read_object`` then
reads that line. So a text here is always the one that ``read_object`` would give.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sparkjobs.ingest.json_records import LONGEST_NUMBER
from sparkjobs.kernels.json_structure import Fields

_NUMBER = r"-?(0|[1-9][0-9]*)(\.[0-9]+)?"
# Numbers that are written otherwise in a column of text: read_object gives -0 as 0, 1e3 as 1000.
_AS_TEXT = rf"^({_NUMBER}|true|false|null)$"
_ANY = rf"^({_NUMBER}([eE][+-]?[0-9]{{1,4}})?|true|false|null)$"
_PLUS, _MINUS, _ZERO, _NINE = b"+-09"


def by_name(fields: Fields, names: Sequence[str], ignore_extra: bool, doubtful: Any) -> list[Fields]:
    """The fields of each name, in the order of the lines, of those lines alone that are not doubtful.

    Args:
        fields: all fields of the block.
        names: the wanted names, each once.
        ignore_extra: whether a line may have other fields.
        doubtful: bool array over the lines; those without one of the fields, or with one twice, are marked.
    """
    texts = fields.names()
    which = pc.fill_null(pc.index_in(texts, value_set=pa.array(names, pa.string())), -1).to_numpy()
    known = which >= 0
    if not known.all():
        if ignore_extra:
            _judge_extra(fields.take(~known), texts.filter(pa.array(~known)), doubtful)
        else:
            doubtful[fields.lines[~known]] = True
    at = np.flatnonzero(known)
    lines = fields.lines[at]
    place = np.full((len(names), len(doubtful)), -1, np.int64)
    place[which[at], lines] = at
    doubtful |= (np.bincount(lines, minlength=len(doubtful)) != len(names)) | (place < 0).any(axis=0)
    good = ~doubtful
    return [fields.take(row[good]) for row in place]


def text_column(fields: Fields, kind: str) -> tuple[Any, Any]:
    """The texts of one column.

    Args:
        fields: one for each line.
        kind: the column's type.

    Returns:
        An Arrow ``string`` array, null where the value is null; and a bool array of the places that are
        doubtful, whose texts are null too.
    """
    texts = fields.texts()
    bare = ~fields.quoted
    if kind in ("string", "timestamp") and not bare.any():
        return texts, bare
    absent = bare & _true(pc.equal(texts, "null"))
    if kind == "string":
        doubt = np.zeros(len(bare), bool)
        doubt[bare] = ~_written_alike(texts.filter(pa.array(bare)), _AS_TEXT)
    elif kind == "timestamp":
        doubt = bare & ~absent
    elif kind == "boolean":
        doubt = fields.quoted
    else:
        doubt = (fields.quoted | _unusual(fields)) & ~absent
    none = absent | doubt
    return (pc.if_else(pa.array(none), None, texts) if none.any() else texts), doubt


def _judge_extra(extra: Fields, names: Any, doubtful: Any) -> None:
    """Fields that nobody asked for are passed over, but they are JSON and there once."""
    bare = ~extra.quoted
    wrong = ~_written_alike(extra.take(bare).texts(), _ANY)
    doubtful[extra.lines[bare][wrong]] = True
    if not (extra.lines[1:] == extra.lines[:-1]).any():
        return
    encoded = names.dictionary_encode()
    both = extra.lines * len(encoded.dictionary) + encoded.indices.to_numpy()
    order = np.argsort(both, kind="stable")
    twice = np.flatnonzero(both[order][1:] == both[order][:-1])
    doubtful[extra.lines[order[twice]]] = True


def _written_alike(texts: Any, form: str) -> Any:
    """Which values without quotes have a form, and are not too long to be looked at."""
    fits = pc.and_(
        pc.match_substring_regex(texts, form), pc.less_equal(pc.binary_length(texts), LONGEST_NUMBER)
    )
    return _true(pc.and_(fits, pc.not_equal(texts, "-0")))


def _unusual(fields: Fields) -> Any:
    """Which numbers CSV would take and JSON would not, or that have another text in ``read_object``."""
    codes = np.frombuffer(fields.data, np.uint8)
    lengths = fields.ends - fields.starts
    begin = codes[fields.starts]
    negative = begin == _MINUS
    digit, following = codes[fields.starts + negative], codes[fields.starts + negative + 1]
    leads = (digit == _ZERO) & (lengths > 1 + negative) & (following >= _ZERO) & (following <= _NINE)
    minus_zero = negative & (digit == _ZERO) & (lengths == 2)
    return leads | minus_zero | (begin == _PLUS) | (lengths > LONGEST_NUMBER)


def _true(mask: Any) -> Any:
    return mask.to_numpy(zero_copy_only=False)
