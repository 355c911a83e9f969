"""SQL text: queries pass, writes are explained, harmless statements run, the rest is left out and told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sparkjobs.qualify.actions import mark_known, refuse_unknown
from sparkjobs.qualify.causes import root_cause
from sparkjobs.qualify.explaining import Explainer
from sparkjobs.qualify.guard import Guard
from sparkjobs.qualify.recorder import Recorder

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# Logical plans of statements that write rows.
_WRITES = frozenset(
    "InsertIntoStatement InsertIntoDir CreateTableAsSelect ReplaceTableAsSelect MergeIntoTable UpdateTable "
    "DeleteFromTable DeltaMergeInto".split()
)
# They change nothing but this session and its own empty catalogue.
_HARMLESS = re.compile(
    r"Show\w*|Describe\w*|Explain\w*|Set(?:Command|CatalogAndNamespace|NamespaceCommand|CatalogCommand|Variable)"
    r"|Reset\w*|CreateTempView\w*|CreateVariable|DropVariable|UncacheTable|ClearCache\w*|Refresh\w*"
    r"|CreateNamespace|CreateTable"
)
# A place of its own: LOCATION, an option, or a path for a name.
_PLACED = re.compile(r"\b(?:location|path)\b|[/:]", re.IGNORECASE)
_BEFORE = r"((?:\s|--[^\n]*\n|/\*.*?\*/)*"
_TEMPORARY = re.compile(
    _BEFORE + r"create\s+(?:or\s+replace\s+)?(?:global\s+)?temp(?:orary)?\s)", re.IGNORECASE | re.DOTALL
)
_CACHE = re.compile(_BEFORE + r"cache\s+)(?:lazy\s+)?table\b", re.IGNORECASE | re.DOTALL)
_NOTHING = "SELECT 1 AS result WHERE false"


class Statements:
    """Puts itself in place of ``SparkSession.sql``."""

    def __init__(self, recorder: Recorder, explainer: Explainer, guard: Guard) -> None:
        self._recorder = recorder
        self._explainer = explainer
        self._guard = guard

    def install(self, session: Any) -> None:
        """Replace ``sql`` of the class ``session``."""
        before = session.sql

        def sql(spark: SparkSession, sqlQuery: str, args: Any = None, **kwargs: Any) -> DataFrame:
            self._recorder.go_on()
            refuse_unknown(self._recorder, sqlQuery)
            # CACHE TABLE runs its query at once, unless it is LAZY.
            text = _CACHE.sub(r"\1LAZY TABLE", _filled(spark, sqlQuery, kwargs))
            kind = self._kind(text)
            passes = passes_through(kind, text)
            if not passes:
                self._tell(kind, text, args)
            with self._guard.opened():
                frame: DataFrame = before(spark, text, args) if passes else before(spark, _NOTHING)
            if kind:
                mark_known(frame)
            if kind.startswith("CacheTable"):
                self._recorder.note_here("the query that CACHE TABLE keeps was not judged")
            return frame

        session.sql = sql

    def _kind(self, text: str) -> str:
        """Class of the statement's logical plan; empty for a query."""
        plan = self._explainer.parsed(text)
        while plan.getClass().getSimpleName() == "UnresolvedWith":
            plan = plan.child()
        name = str(plan.getClass().getSimpleName())
        # FROM t INSERT ... INSERT ... is parsed as a Union of inserts (AstBuilder.visitMultiInsertQuery).
        if name == "Union" and str(plan.children().head().getClass().getSimpleName()) in _WRITES:
            return "InsertIntoStatement"
        acts = name in _WRITES or name.startswith("ExecuteImmediate") or self._explainer.is_command(plan)
        return name if acts else ""

    def _tell(self, kind: str, text: str, args: Any) -> None:
        shown = " ".join(text.split())[:60]
        if kind not in _WRITES or args:
            self._recorder.note_here(f"not run: {shown}")
            return
        try:
            reports = self._explainer.statement(text)
        except Exception as error:
            self._recorder.note_here(f"could not be planned: {shown}: {root_cause(error)}")
            return
        self._recorder.see(f"SQL {text.split()[0].upper()}", reports)
        if kind in ("MergeIntoTable", "UpdateTable", "DeleteFromTable", "DeltaMergeInto"):
            self._recorder.note_here("its scans and joins are made when it runs; only the command was seen")


def passes_through(kind: str, text: str) -> bool:
    """Whether a statement may run: a query, or one that changes only this session. Pure.

    Args:
        kind: class of its logical plan; empty for a query.
        text: the statement.
    """
    if not kind or _TEMPORARY.match(text) or _CACHE.match(text):
        return True
    # A new table or database stands in the scratch folder, unless the text says where.
    placed = kind in ("CreateTable", "CreateNamespace") and _PLACED.search(text)
    return _HARMLESS.fullmatch(kind) is not None and not placed


def _filled(spark: SparkSession, text: str, values: dict[str, Any]) -> str:
    """The text with its ``{name}`` fields; frames among the values become views, as Spark makes them."""
    from pyspark.sql.sql_formatter import SQLStringFormatter

    return SQLStringFormatter(spark).format(text, **values) if values else text
