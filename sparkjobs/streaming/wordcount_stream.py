"""Word count over arriving text: each batch's counts are added to the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparkjobs.batch.wordcount import WordParams, check_text, count, count_input
from sparkjobs.errors import UsageError
from sparkjobs.ingest.flows import KAFKA, MADE_UP_TEXT, RATE, kind_of
from sparkjobs.ingest.messages.given import VALUE
from sparkjobs.ingest.typing import Column
from sparkjobs.streaming.event_time.params import need_time_column
from sparkjobs.streaming.job import StreamJob, StreamTable
from sparkjobs.streaming.params import StreamParams, check_stream, not_here

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from sparkjobs.streaming.context import StreamContext

_TEXT, _TIME = "value", "time"


@dataclass(frozen=True)
class Params(WordParams, StreamParams):
    """Flags of ``wordcount_stream``."""

    top: int | None = not_here(None, "the words that are frequent later are not known yet")


def each_batch(context: StreamContext, params: Params) -> Sequence[StreamTable]:
    """One table, ``word`` and ``count``, with the totals over all batches."""
    counts = count_input(context, params) if params.watermark is None else _in_time(context, params)
    return [StreamTable("words", lambda: counts, "add", keys=("word",), sums=("count",), at_root=True)]


def _in_time(context: StreamContext, params: Params) -> DataFrame:
    """The words of rows that have a time, of those that come in time."""
    own = VALUE if kind_of(params.input) == KAFKA else MADE_UP_TEXT
    text = Column(_TEXT, "string", required=False, source=params.text_column or own)
    rows = context.read_rows([text, Column(_TIME, "timestamp", source=params.time_column)], time=_TIME)
    return count(rows.select(_TEXT), params, params.options())


def _check(params: Params) -> None:
    check_text(params)
    need_time_column(params)
    has_time = params.text_column is not None or kind_of(params.input) in (RATE, KAFKA)
    if params.watermark is not None and not has_time:
        raise UsageError(
            "--watermark: lines of text have no time",
            "Read rows, such as those of --format jsonl, with --text-column and --time-column.",
        )
    check_stream(params, JOB.default_format)


JOB = StreamJob(
    name="wordcount_stream",
    summary="Count the words of text as it arrives.",
    params=Params,
    each_batch=each_batch,
    state=("words: count added up by word",),
    default_format="text",
    check=_check,
)
