"""Writes that are no plans: of RDDs, models, the catalogue's tables. Spark would clear their place first."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from sparkjobs.qualify.guard import Guard
from sparkjobs.qualify.recorder import Recorder

_RDD = (
    "saveAsTextFile", "saveAsPickleFile", "saveAsSequenceFile", "saveAsHadoopFile", "saveAsHadoopDataset",
    "saveAsNewAPIHadoopFile", "saveAsNewAPIHadoopDataset",
)  # fmt: skip


def install(recorder: Recorder, guard: Guard) -> None:
    """Put ourselves in their place."""
    from pyspark import RDD
    from pyspark.sql.catalog import Catalog

    for name in _RDD:
        setattr(RDD, name, _refusing(f"{name}() of an RDD", recorder))
    for name in ("createTable", "createExternalTable"):
        setattr(Catalog, name, _creating(getattr(Catalog, name), recorder, guard))
    if find_spec("numpy") is not None:  # without it there are no models
        from pyspark.ml.util import JavaMLWriter, MLWriter

        one: Any = MLWriter
        other: Any = JavaMLWriter
        one.save = other.save = _refusing("save() of a model", recorder)


def _refusing(what: str, recorder: Recorder) -> Callable[..., Any]:
    def save(*_arguments: Any, **_named: Any) -> Any:
        recorder.halt("refused", f"{what} is no SQL plan, and nothing is written")

    return save


def _creating(before: Callable[..., Any], recorder: Recorder, guard: Guard) -> Callable[..., Any]:
    def create(catalog: Any, tableName: str, path: str | None = None, *arguments: Any, **options: Any) -> Any:
        recorder.go_on()
        if path is not None or "path" in options or set("/:`") & set(tableName):
            recorder.halt("refused", f"it creates the table {tableName} at a place of its own")
        with guard.opened():  # below the scratch folder
            return before(catalog, tableName, path, *arguments, **options)

    return create
