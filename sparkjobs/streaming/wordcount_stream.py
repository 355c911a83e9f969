"""Word count over arriving files: each batch's counts are added to the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparkjobs.batch.wordcount import WordParams, check_text, count_input
from sparkjobs.streaming.job import StreamJob, StreamTable
from sparkjobs.streaming.params import StreamParams, check_stream, not_here

if TYPE_CHECKING:
    from sparkjobs.context import JobContext


@dataclass(frozen=True)
class Params(WordParams, StreamParams):
    """Flags of ``wordcount_stream``."""

    top: int | None = not_here(None, "the words that are frequent later are not known yet")


def each_batch(context: JobContext, params: Params) -> Sequence[StreamTable]:
    """One table, ``word`` and ``count``, with the totals over all batches."""
    counts = count_input(context, params)
    return [StreamTable("words", lambda: counts, "add", keys=("word",), sums=("count",), at_root=True)]


def _check(params: Params) -> None:
    check_text(params)
    check_stream(params, JOB.default_format)


JOB = StreamJob(
    name="wordcount_stream",
    summary="Count the words of text files as they arrive.",
    params=Params,
    each_batch=each_batch,
    state=("words: count added up by word",),
    default_format="text",
    check=_check,
)
