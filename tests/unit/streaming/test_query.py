"""The query of a run: when its input is looked at, who is told, when it is started anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest

from sparkjobs.errors import SourceGrewError
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.streaming import query as query_module
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.progress.reporter import Reporter
from sparkjobs.streaming.query import Query
from sparkjobs.streaming.sources.lists import Lists
from sparkjobs.streaming.stop import StopRequest

Look = Callable[[Lists], None]


class Looks:
    """A source that does at each look what is said, then asks for the end."""

    def __init__(self, lists: Lists, stop: StopRequest, said: Sequence[Look]) -> None:
        self.lists, self._stop, self._said = lists, stop, list(said)

    def look(self) -> bool:
        """The next of them."""
        self._said.pop(0)(self.lists)
        if not self._said:
            self._stop.finish()
        return True


class Spark:
    """Keeps the queries that are started; each notes what is asked of it."""

    def __init__(self, active: Sequence[bool] = ()) -> None:
        self.session = MagicMock()
        self.queries: list[MagicMock] = []
        self.checkpoints: list[str] = []
        self._active = list(active)
        self._writer = self.session.readStream.format().options().load().writeStream.foreachBatch()
        self._writer.option.side_effect = self._option
        self._writer.trigger.return_value = self._writer
        self._writer.start.side_effect = self._start

    def _option(self, _: str, path: str) -> Any:
        self.checkpoints.append(path)
        return self._writer

    def _start(self) -> MagicMock:
        query = MagicMock(isActive=True)
        state = self._active

        class Status(dict[str, bool]):
            def __missing__(self, _: str) -> bool:
                return state.pop(0) if state else False

        query.status = Status()
        query.stop.side_effect = lambda: setattr(query, "isActive", False)
        query.awaitTermination.side_effect = lambda _: not query.isActive
        self.queries.append(query)
        return query


def found(lists: Lists) -> None:
    """Something new."""
    lists.append([f'{{"list": {lists.count}}}'])


def nothing(_: Lists) -> None:
    """Nothing new."""


def grew(_: Lists) -> None:
    """A new column."""
    raise SourceGrewError("/t has got the column note")


def run(tmp_path: Path, spark: Spark, *said: Look, interval_s: float | None = 0.001) -> Looks:
    """Run a query whose batches are done at once."""
    stop = StopRequest(60)
    checkpoint = Folder(str(tmp_path), S3Settings.from_environment({}))
    source = Looks(Lists(checkpoint), stop, said)
    reporter = MagicMock(spec=Reporter, busy=False)
    Query(spark.session, checkpoint, source, MagicMock(error=None), stop, reporter, []).run(interval_s)  # type: ignore[arg-type]
    return source


def test_a_source_that_grew_is_read_by_a_new_query_of_the_same_run(tmp_path: Path) -> None:
    spark = Spark()
    run(tmp_path, spark, found, grew, found, nothing)
    first, second = spark.queries
    first.stop.assert_called_once()
    assert spark.checkpoints == [f"file://{tmp_path}"] * 2
    # The look that met the column was made again, and its find was not lost.
    assert len(list((tmp_path / "arrivals").iterdir())) == 2
    second.stop.assert_called_once()


def test_each_new_column_is_one_restart(tmp_path: Path) -> None:
    spark = Spark()
    run(tmp_path, spark, found, nothing, grew, found, nothing, grew, nothing, nothing)
    assert len(spark.queries) == 3


def test_the_query_is_ended_between_two_batches(tmp_path: Path) -> None:
    spark = Spark(active=[True, True])
    run(tmp_path, spark, found, grew, nothing)
    assert spark.queries[0].awaitTermination.call_count >= 2
    assert len(spark.queries) == 2


def test_before_the_query_has_begun_there_is_nothing_to_start_again(tmp_path: Path) -> None:
    spark = Spark()
    run(tmp_path, spark, grew, found, nothing)
    assert len(spark.queries) == 1


@pytest.mark.parametrize("interval_s", [0.0, None])
def test_a_look_that_nobody_answers_is_no_time_without_work(tmp_path, monkeypatch, interval_s):
    """A stream would else end well while its broker is away, by ``--until-idle`` or because it looks once."""
    monkeypatch.setattr(query_module, "_AGAIN_S", 0.0)
    answers, told, stop = iter([False, False, True]), [], StopRequest(60)

    def look() -> bool:
        told.append("look")
        return next(answers)

    class Watcher:
        def looked(self) -> None:
            told.append("told")
            stop.finish()

        def runs_on(self) -> None: ...

    source: Any = SimpleNamespace(look=look, lists=SimpleNamespace(count=0))
    folder = Folder(str(tmp_path), S3Settings())
    Query(MagicMock(), folder, source, MagicMock(), stop, Reporter(), [Watcher()]).run(interval_s)
    assert told == ["look", "look", "look", "told"]
