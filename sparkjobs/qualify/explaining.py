"""Ask RAPIDS about plans inside the JVM: of queries, and of commands, which are planned and never run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sparkjobs.jvm import java_session, jvm_of
from sparkjobs.qualify.causes import root_cause
from sparkjobs.qualify.guard import Guard
from sparkjobs.qualify.recorder import Recorder

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_COMMAND = "org.apache.spark.sql.catalyst.plans.logical.Command"
# In the report a line for each operator of the plan.
_OPERATOR = re.compile(r"Exec\w*>")
_VIEW = "sparkjobs_qualify_rows"
_TABLE = "sparkjobs_qualify_table"


class Explainer:
    """Explains plans of one session."""

    def __init__(self, spark: SparkSession, guard: Guard, recorder: Recorder) -> None:
        self._spark = spark
        self._guard = guard
        self._recorder = recorder
        self._jvm: Any = jvm_of(spark)
        self._session: Any = java_session(spark)

    def query(self, rows: DataFrame) -> str:
        """The report of a DataFrame."""
        return self._explain(rows._jdf)

    def parsed(self, text: str) -> Any:
        """The logical plan of SQL text, not analysed."""
        return self._session.sessionState().sqlParser().parsePlan(text)

    def statement(self, text: str) -> list[str]:
        """The reports of a writing SQL statement, and of its query where the first does not show it."""
        with self._guard.opened():
            return self._command(self.parsed(text))

    def save(self, rows: DataFrame, writer: Any, path: str | None) -> list[str]:
        """The reports of ``writer.save``; the Java writer knows mode, format and options."""
        given = writer.extraOptions()
        options = given if path is None else given.updated("path", path)
        partitions = writer.partitioningColumns()
        nothing, none = self._jvm.PythonUtils.toSeq([]), self._jvm.scala.Option.empty()
        # What DataFrameWriter.save itself makes of a V1 source, up to the point where it would run.
        source = self._jvm.org.apache.spark.sql.execution.datasources.DataSource(
            self._session, writer.source(), nothing, none,
            partitions.get() if partitions.isDefined() else nothing, none, options.originalMap(), none,
        )  # fmt: skip
        with self._guard.opened():
            plan = rows._jdf.queryExecution().analyzed()
            return self._command(source.planForWriting(writer.curmode(), plan))

    def into(self, rows: DataFrame, statement: str) -> list[str]:
        """The reports of a statement that writes ``rows``: ``INSERT INTO t {query}``."""
        rows.createOrReplaceTempView(_VIEW)
        try:
            return self.statement(statement.format(query=f"SELECT * FROM {_VIEW}", table=_TABLE))
        finally:
            self._spark.catalog.dropTempView(_VIEW)

    def is_command(self, plan: Any) -> bool:
        """Whether Spark runs a logical plan at once, as it does statements that are no queries."""
        from py4j.java_gateway import is_instance_of  # type: ignore[import-untyped]

        gateway: Any = self._spark.sparkContext._gateway
        return bool(is_instance_of(gateway, plan, _COMMAND))

    def _command(self, plan: Any) -> list[str]:
        frame, analysed = self._planned(plan)
        report = self._explain(frame)
        # A command that keeps its query to itself is one operator, or none where RAPIDS does not know it.
        query = self._query_of(analysed) if len(_OPERATOR.findall(report)) <= 1 else None
        return [report] if query is None else [report, self._explain(self._planned(query)[0])]

    def _planned(self, plan: Any) -> tuple[Any, Any]:
        # SKIP is what EXPLAIN itself uses: commands are planned and left alone.
        mode = self._jvm.org.apache.spark.sql.execution.CommandExecutionMode.SKIP()
        execution = self._session.sessionState().executePlan(plan, mode)
        execution.assertAnalyzed()
        analysed = execution.analyzed()
        encoder = self._jvm.org.apache.spark.sql.Encoders.row(analysed.schema())
        return self._jvm.org.apache.spark.sql.classic.Dataset(execution, encoder), analysed

    def _query_of(self, command: Any) -> Any:
        from py4j.protocol import Py4JError  # type: ignore[import-untyped]

        try:
            return command.query()
        except Py4JError:  # it has none: DELETE, UPDATE, MERGE
            return None

    def _explain(self, frame: Any) -> str:
        # One clean report for each plan; adaptive execution would hide what comes after a shuffle.
        self._session.conf().set("spark.sql.adaptive.enabled", "false")
        explain = self._jvm.com.nvidia.spark.rapids.ExplainPlan.explainPotentialGpuPlan
        with self._guard.opened():
            try:
                text: str = explain(frame, "ALL")
            except Exception as error:
                self._recorder.note_here(f"RAPIDS could not explain a plan: {root_cause(error)}")
                return ""
        return text
