"""Columns from the fields of flat JSON objects: found by name, each once in a line.

A line with a field too many or too few is left out here: ``read_object`` tells what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sparkjobs.ingest.json_values import is_scalar
from sparkjobs.kernels.json_layout import Alike
from sparkjobs.kernels.json_structure import Fields, Marks, Values


@dataclass(frozen=True)
class ByName:
    """The wanted values of some lines.

    Attributes:
        lines: int64 array: the lines.
        values: for each wanted name one value of each line.
    """

    lines: Any
    values: tuple[Values, ...]


def of_alike(found: Marks, alike: Alike, names: Sequence[str], ignore_extra: bool) -> ByName | None:
    """The values of lines that are written alike; ``None`` where these lines are not what is wanted.

    Args:
        found: the marks in which the lines were found.
        alike: the lines.
        names: the wanted names, each once.
        ignore_extra: whether a line may have other fields.
    """
    extra = [i for i, name in enumerate(alike.names) if name not in names]
    complete = set(names) <= set(alike.names) and len(set(alike.names)) == len(alike.names)
    if not complete or (extra and not ignore_extra):
        return None
    lines = found.lines[alike.chosen]
    good = np.ones(len(lines), bool)
    for i in extra:
        good &= is_scalar(alike.values[i])
    wanted = [alike.values[alike.names.index(name)] for name in names]
    return ByName(lines[good], tuple(wanted if good.all() else [values.take(good) for values in wanted]))


def of_any(fields: Fields, count: int, names: Sequence[str], ignore_extra: bool) -> ByName:
    """The values of lines that are flat objects.

    Args:
        fields: their fields.
        count: how many lines the block has.
        names: the wanted names, each once.
        ignore_extra: whether a line may have other fields.
    """
    texts = fields.names()
    which = pc.fill_null(pc.index_in(texts, value_set=pa.array(names, pa.string())), -1).to_numpy()
    known = which >= 0
    at = np.flatnonzero(known)
    lines = fields.lines[at]
    place = np.full((len(names), count), -1, np.int64)
    place[which[at], lines] = at
    good = (np.bincount(lines, minlength=count) == len(names)) & (place >= 0).all(axis=0)
    if not known.all():
        extra = fields.lines[~known]
        if ignore_extra:
            extra = _refused(extra, fields.values.take(~known), texts.filter(pa.array(~known)))
        good[extra] = False
    return ByName(np.flatnonzero(good), tuple(fields.values.take(row[good]) for row in place))


def _refused(lines: Any, values: Values, names: Any) -> Any:
    """Lines in which a field that nobody asked for is no JSON, or is there twice."""
    wrong = lines[~is_scalar(values)]
    if not (lines[1:] == lines[:-1]).any():
        return wrong
    encoded = names.dictionary_encode()
    both = lines * len(encoded.dictionary) + encoded.indices.to_numpy()
    order = np.argsort(both, kind="stable")
    twice = both[order][1:] == both[order][:-1]
    return np.concatenate((wrong, lines[order[1:][twice]]))
