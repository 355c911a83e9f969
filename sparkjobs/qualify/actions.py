"""DataFrames that explain their actions instead of running them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sparkjobs.qualify.explaining import Explainer
from sparkjobs.qualify.frames import here
from sparkjobs.qualify.recorder import Recorder
from sparkjobs.qualify.results import Results
from sparkjobs.qualify.unknown import SHOWN

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Action = Callable[..., Any]
_SILENT = ("show", "foreach", "foreachPartition")
_ROWS = ("collect", "take", "tail", "toLocalIterator")
_VALUES = ("isEmpty", "toPandas", "toArrow", "approxQuantile", "corr", "cov")
# What these do with the rows is in no plan.
_OUTSIDE = {
    **dict.fromkeys(("approxQuantile", "corr", "cov"), "it computes outside of SQL plans"),
    **dict.fromkeys(("foreach", "foreachPartition"), "a Python function takes the rows outside of SQL plans"),
}
_KNOWN = "_sparkjobs_known"
_CHECKPOINTS = ("checkpoint", "localCheckpoint")


class Actions:
    """Puts itself in place of the actions of ``DataFrame``."""

    def __init__(self, recorder: Recorder, explainer: Explainer, results: Results) -> None:
        self._recorder = recorder
        self._explainer = explainer
        self._results = results

    def install(self, frame: Any) -> None:
        """Replace the actions of the class ``frame``."""
        answers: dict[str, Action] = dict.fromkeys(_SILENT, lambda action, rows: None)
        answers |= dict.fromkeys(_ROWS, self._results.rows)
        answers |= dict.fromkeys(_VALUES, lambda action, rows: self._results.value(action))
        answers |= {"first": self._results.row, "count": answers["isEmpty"]}
        for name, answer in answers.items():
            setattr(frame, name, self._acting(name, answer, getattr(frame, name)))
        frame.head = self._head(frame.head)
        for name in _CHECKPOINTS:
            setattr(frame, name, self._checkpoint())
        for name in ("cache", "persist"):
            setattr(frame, name, self._keeping(name, getattr(frame, name)))
        frame.writeStream = property(lambda rows: self._stream())
        for name in ("where", "filter"):
            setattr(frame, name, self._refusing_unknown(getattr(frame, name)))

    @staticmethod
    def _head(before: Action) -> Action:
        def head(rows: DataFrame, n: int | None = None) -> Any:
            if getattr(rows, _KNOWN, False):
                return before(rows, n)
            return rows.first() if n is None else rows.take(n)

        return head

    def _checkpoint(self) -> Action:
        def checkpoint(rows: DataFrame, *_arguments: Any, **_named: Any) -> DataFrame:
            self._recorder.go_on()
            self._recorder.note_here("the checkpoint is not taken; what follows is planned without it")
            return rows

        return checkpoint

    def _keeping(self, name: str, before: Action) -> Action:
        def keep(rows: DataFrame, *arguments: Any, **named: Any) -> DataFrame:
            # What is kept is computed once, and the plans that read it no longer show how.
            self._recorder.see(f"{name}()", [self._explainer.query(rows)])
            kept: DataFrame = before(rows, *arguments, **named)
            return kept

        return keep

    def _acting(self, name: str, answer: Action, before: Action) -> Action:
        def action(rows: DataFrame, *arguments: Any, **named: Any) -> Any:
            self._recorder.go_on()
            if getattr(rows, _KNOWN, False):
                return before(rows, *arguments, **named)
            # Spark counts without reading columns: it is that plan which would run.
            plan = rows.groupBy().count() if name == "count" else rows
            self._recorder.see(f"{name}()", [self._explainer.query(plan)], _OUTSIDE.get(name, ""))
            return answer(f"{name}() at {here()}", rows)

        return action

    def _stream(self) -> Any:
        self._recorder.halt("refused", "it writes a stream; only batch queries can be explained")

    def _refusing_unknown(self, before: Action) -> Action:
        def where(rows: DataFrame, condition: Any) -> Any:
            refuse_unknown(self._recorder, condition)
            return before(rows, condition)

        return where


def mark_known(rows: Any) -> None:
    """Let the actions of a frame run: Spark holds its rows already, as after SHOW TABLES."""
    setattr(rows, _KNOWN, True)


def refuse_unknown(recorder: Recorder, text: Any) -> None:
    """Stop where SQL text was made with a result that is not known."""
    if isinstance(text, str) and SHOWN in text:
        recorder.halt("stopped", "SQL is made from the result of a query, and no query is run")
