"""When the run of a query looks at its input, and who is told of it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest

from sparkjobs.ingest.storage import S3Settings
from sparkjobs.streaming import query
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.progress.reporter import Reporter
from sparkjobs.streaming.query import Query
from sparkjobs.streaming.stop import StopRequest


@pytest.mark.parametrize("interval_s", [0.0, None])
def test_a_look_that_nobody_answers_is_no_time_without_work(tmp_path, monkeypatch, interval_s):
    """A stream would else end well while its broker is away, by ``--until-idle`` or because it looks once."""
    monkeypatch.setattr(query, "_AGAIN_S", 0.0)
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
