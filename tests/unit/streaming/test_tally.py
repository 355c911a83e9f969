"""What the batches of a run did, added up."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from sparkjobs.streaming.batch import Tally


def reading(*warnings: str) -> Any:
    intake = SimpleNamespace(rows_read=3, rows_quarantined=1)
    context = SimpleNamespace(intakes=[intake], rows_late=1, warnings=list(warnings))
    return SimpleNamespace(context=context, skips=(), warnings=())


def test_a_stream_of_months_tells_no_more_warnings_than_people_read() -> None:
    tally = Tally()
    for number in range(1000):
        tally.read(reading(f"{number} rows have no user", "ignored columns: x"))
    assert (tally.batches, tally.rows_read, tally.rows_late) == (1000, 3000, 1000)
    assert len(tally.warnings) == 100
    assert tally.warnings[:3] == ["0 rows have no user", "ignored columns: x", "1 rows have no user"]
    assert tally.warnings[-1] == "902 other warnings stand in the log"


def test_a_hundred_warnings_are_told_each() -> None:
    tally = Tally()
    tally.read(reading(*map(str, range(100))))
    assert tally.warnings == [str(number) for number in range(100)]
