"""A job that does not say what a row's time is cannot be run with ``--watermark``."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from sparkjobs.errors import UsageError
from sparkjobs.ingest.typing import Column
from sparkjobs.streaming.context import StreamContext
from sparkjobs.streaming.event_time.division import Origin
from sparkjobs.streaming.event_time.watermark import Cut

COLUMN = Column("a", "string")


@pytest.mark.parametrize(
    "read",
    [
        lambda context: context.read_rows([COLUMN]),
        lambda context: context.read_lines(),
        lambda context: context.read_sums(COLUMN, COLUMN),
        lambda context: context.read_any({}),
    ],
)
def test_no_reading_passes_over_the_watermark(read):
    batch = SimpleNamespace(spark=None, identity=SimpleNamespace(job="mine"), cut=Cut(None, 0))
    context = StreamContext(batch, None, None, Origin("here"))
    with pytest.raises(UsageError, match="--watermark: mine"):
        read(context)
