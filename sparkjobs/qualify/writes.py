"""Writers that explain their write instead of making it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sparkjobs.qualify.causes import root_cause
from sparkjobs.qualify.explaining import Explainer
from sparkjobs.qualify.recorder import Recorder

_FORMATS = ("json", "parquet", "text", "csv", "xml", "orc")


class Writes:
    """Puts itself in place of the writing methods of ``DataFrameWriter`` and its kin."""

    def __init__(self, recorder: Recorder, explainer: Explainer) -> None:
        self._recorder = recorder
        self._explainer = explainer

    def install(self) -> None:
        """Replace them."""
        from pyspark.sql.merge import MergeIntoWriter
        from pyspark.sql.readwriter import DataFrameWriter, DataFrameWriterV2

        one: Any = DataFrameWriter
        one.save, one.jdbc = self._saving(), self._jdbc()
        one.insertInto = self._into("INSERT INTO {name} {{query}}", "insertInto")
        one.saveAsTable = self._created("saveAsTable")
        for name in _FORMATS:
            setattr(one, name, self._format(name))
        two: Any = DataFrameWriterV2
        for name in ("append", "overwrite", "overwritePartitions"):
            setattr(two, name, self._into("INSERT INTO {name} {{query}}", name))
        for name in ("create", "replace", "createOrReplace"):
            setattr(two, name, self._created(name))
        _remember_arguments(two)
        merging: Any = MergeIntoWriter
        merging.merge = self._merged()

    def _saving(self) -> Callable[..., None]:
        def save(writer: Any, path: str | None = None, format: str | None = None,
                 mode: str | None = None, partitionBy: Any = None, **options: Any) -> None:  # fmt: skip
            _configure(writer, format, mode, partitionBy, options)
            self._save(writer, path)

        return save

    def _format(self, name: str) -> Callable[..., None]:
        def write(writer: Any, path: str, mode: str | None = None, partitionBy: Any = None,
                  **options: Any) -> None:  # fmt: skip
            known = {key: value for key, value in options.items() if value is not None}
            _configure(writer, name, mode, partitionBy, known)
            self._save(writer, path)

        return write

    def _jdbc(self) -> Callable[..., None]:
        def jdbc(writer: Any, url: str, table: str, mode: str | None = None, properties: Any = None) -> None:
            _configure(writer, "jdbc", mode, None, {"url": url, "dbtable": table})
            self._save(writer, None)

        return jdbc

    def _save(self, writer: Any, path: str | None) -> None:
        rows, what = writer._df, f"write {writer._jwrite.source()}"
        self._see(what, rows, lambda: self._explainer.save(rows, writer._jwrite, path))

    def _into(self, statement: str, method: str) -> Callable[..., None]:
        def write(writer: Any, name: str = "", *_arguments: Any, **_named: Any) -> None:
            target = name if isinstance(name, str) and name else getattr(writer, "_table", "")
            text = statement.format(name=target)
            self._see(f"{method} {target}", writer._df, lambda: self._explainer.into(writer._df, text))

        return write

    def _created(self, method: str) -> Callable[..., None]:
        def write(writer: Any, name: str = "", format: str | None = None, *_arguments: Any,
                  **_named: Any) -> None:  # fmt: skip
            target = name or getattr(writer, "_table", "")
            source = format or getattr(writer, "_provider", None) or _source_of(writer)
            text = f"CREATE TABLE {{table}} USING {source} AS {{query}}"
            self._see(f"{method} {target}", writer._df, lambda: self._explainer.into(writer._df, text))

        return write

    def _merged(self) -> Callable[..., None]:
        def merge(writer: Any) -> None:
            self._see("mergeInto", writer._df, lambda: [self._explainer.query(writer._df)])
            self._recorder.note_here("a merge joins when it runs; only its source was seen")

        return merge

    def _see(self, what: str, rows: Any, explain: Callable[[], list[str]]) -> None:
        self._recorder.go_on()
        try:
            reports = explain()
        except Exception as error:
            # The query is worth knowing although its target cannot be planned, such as a missing table.
            self._recorder.note_here(f"{what} itself could not be planned: {root_cause(error)}")
            reports = [self._explainer.query(rows)]
        self._recorder.see(what, reports)


def _configure(writer: Any, format: str | None, mode: str | None, partitions: Any, options: Any) -> None:
    if format is not None:
        writer.format(format)
    if mode is not None:
        writer.mode(mode)
    if partitions is not None:
        writer.partitionBy(partitions)
    writer.options(**options)


def _source_of(writer: Any) -> str:
    return str(writer._jwrite.source()) if hasattr(writer, "_jwrite") else "parquet"


def _remember_arguments(two: Any) -> None:
    """``DataFrameWriterV2`` tells nobody its table and its provider."""
    begin, using = two.__init__, two.using

    def remembering(writer: Any, df: Any, table: str) -> None:
        begin(writer, df, table)
        writer._table = table

    def remembering_using(writer: Any, provider: str) -> Any:
        writer._provider = provider
        return using(writer, provider)

    two.__init__, two.using = remembering, remembering_using
