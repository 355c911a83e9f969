"""Delta's own Python interface, where it is installed: its changes of tables are told and not made."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from sparkjobs.qualify.actions import mark_known
from sparkjobs.qualify.explaining import Explainer
from sparkjobs.qualify.guard import Guard
from sparkjobs.qualify.recorder import Recorder

_CHANGES = (
    "delete", "update", "vacuum", "generate", "convertToDelta", "upgradeTableProtocol", "addFeatureSupport",
    "dropFeatureSupport", "restoreToVersion", "restoreToTimestamp", "clone", "cloneAtVersion",
    "cloneAtTimestamp",
)  # fmt: skip
_READS = ("forPath", "forName", "toDF", "history", "detail", "isDeltaTable")
_METADATA = ("history", "detail")
_BUILDERS = {
    "DeltaMergeBuilder": ("execute",),
    "DeltaTableBuilder": ("execute",),
    "DeltaOptimizeBuilder": ("executeCompaction", "executeZOrderBy"),
}
# RAPIDS replaces these commands; what they scan and join is planned when they run.
_ON_GPU = frozenset({"delete", "update", "execute", "executeCompaction", "executeZOrderBy"})


def install(recorder: Recorder, explainer: Explainer, guard: Guard) -> None:
    """Put ourselves in place of what changes tables."""
    if find_spec("delta") is None:
        return
    from delta import tables

    table: Any = tables.DeltaTable
    for name in _READS:
        _reading(table, name, guard)
    for name in _CHANGES:
        if hasattr(table, name):
            setattr(table, name, _left_out(name, recorder))
    for builder, names in _BUILDERS.items():
        for name in names:
            setattr(getattr(tables, builder), name, _left_out(name, recorder))
    _seeing_sources(table, recorder, explainer)


def _reading(table: Any, name: str, guard: Guard) -> None:
    before = table.__dict__[name]
    of_class = isinstance(before, classmethod)
    function = before.__func__ if of_class else before

    def read(*arguments: Any, **named: Any) -> Any:
        with guard.opened():
            answer = function(*arguments, **named)
        if name in _METADATA:
            mark_known(answer)
        return answer

    setattr(table, name, classmethod(read) if of_class else read)


def _left_out(name: str, recorder: Recorder) -> Callable[..., None]:
    def change(*_arguments: Any, **_named: Any) -> None:
        recorder.go_on()
        rule = "; by RAPIDS' rules it is a GPU command" if name in _ON_GPU else ""
        recorder.note_here(f"not run and not among the plans: {name}() of a Delta table{rule}")

    return change


def _seeing_sources(table: Any, recorder: Recorder, explainer: Explainer) -> None:
    before = table.merge

    def merge(self: Any, source: Any, condition: Any) -> Any:
        recorder.go_on()
        recorder.see("source of merge()", [explainer.query(source)])
        return before(self, source, condition)

    table.merge = merge
