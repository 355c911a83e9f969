"""Made up rows: made of their number, due by the clock, none twice over restarts."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkjobs.errors import WriteError
from sparkjobs.ingest.flows import RateFlow
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.inspection.inspection import SourceStand
from sparkjobs.streaming.inspection.positions import stands
from sparkjobs.streaming.sources.lists import Lists
from sparkjobs.streaming.sources.rate.rows import Numbers, cut, due, from_line, to_line
from sparkjobs.streaming.sources.rate.source import RateSource


@given(st.integers(0, 10**12), st.integers(0, 200), st.integers(0, 10**4), st.integers(1, 10**4))
def test_pieces_cover_all_rows_once(begin, whole, rest, most):
    count = whole * most + rest % most
    pieces = list(cut(begin, begin + count, most))
    assert [n for piece in pieces for n in (piece.begin, piece.end)] == sorted(
        n for piece in pieces for n in (piece.begin, piece.end)
    )
    assert sum(piece.end - piece.begin for piece in pieces) == count
    assert len(pieces) == -(-count // most)
    assert all(from_line(to_line(3, piece)) == piece for piece in pieces)


def test_a_row_is_due_when_its_time_has_come():
    assert [due(10, 10 + us, 2) for us in (-5, 0, 499_999, 500_000, 1_000_000)] == [0, 0, 0, 1, 2]


def test_rows_are_listed_once_over_restarts(tmp_path):
    now = [5_000_000_000]

    def open_(done=0):
        run = SimpleNamespace(params=SimpleNamespace(max_rows_per_batch=4, trigger="2 seconds"))
        folder = Folder(str(tmp_path), S3Settings())
        return RateSource(run, None, RateFlow(10), folder, Lists(folder), done, lambda: now[0])

    def listed(source):
        return [from_line(line) for n in range(source.lists.count) for line in source.lists.read(n)]

    source = open_()
    source.look()
    assert listed(source) == []
    now[0] += 1_000_000_000
    source.look()
    assert listed(source) == [Numbers(0, 4), Numbers(4, 8), Numbers(8, 10)]
    source.taken(source.lists.read(0), ())
    assert source.lag() == {"rows": 6}
    now[0] += 100_000_000
    again = open_(done=2)
    again.look()
    assert listed(again)[3:] == [Numbers(10, 11)]
    assert again.lag() == {"rows": 3}
    now[0] += 1_900_000_000
    assert again.lag() == {"rows": 3}
    now[0] += 100_000_000
    assert again.lag() == {"rows": 23}  # the next look is overdue
    folder = Folder(str(tmp_path), S3Settings())
    assert stands(folder, ["rate://10"], again.lists, 2) == (
        SourceStand("rate", "rate://10", {"rows": 8}, 3),
    )
    (tmp_path / "rate.json").unlink()
    with pytest.raises(WriteError, match=r"rate\.json is missing"):
        open_()
