"""Which SQL statements run while an application is qualified, by the class of their logical plan."""

from __future__ import annotations

import pytest

from sparkjobs.qualify.statements import passes_through

RUN = [
    ("", "SELECT 1"),
    ("ShowTablesCommand", "SHOW TABLES"),
    ("DescribeRelation", "DESCRIBE t"),
    ("SetCommand", "SET spark.sql.shuffle.partitions = 3"),
    ("SetCatalogAndNamespace", "USE mine"),
    ("CreateViewCommand", "-- ours\n/* two\nlines */ CREATE OR REPLACE TEMP VIEW v AS SELECT 1"),
    ("CacheTable", "cache lazy table t"),
    ("CreateNamespace", "CREATE DATABASE mine"),
    ("CreateTable", "CREATE TABLE mine.t (a INT) USING parquet"),
]
LEFT_OUT = [
    ("SetTableProperties", "ALTER TABLE delta.`/t` SET TBLPROPERTIES ('a' = 'b')"),
    ("SetTableLocation", "ALTER TABLE t SET LOCATION '/elsewhere'"),
    ("CreateTable", "CREATE TABLE t (a INT) USING parquet LOCATION '/elsewhere'"),
    ("CreateTable", "CREATE TABLE delta.`/elsewhere` (a INT) USING delta"),
    ("CreateTable", "CREATE TABLE t (a INT) USING parquet OPTIONS (path 'elsewhere')"),
    ("CreateNamespace", "CREATE DATABASE mine LOCATION 'elsewhere'"),
    ("CreateTableAsSelect", "CREATE TABLE t USING parquet AS SELECT 1"),
    ("InsertIntoStatement", "INSERT INTO t SELECT 1"),
    ("CreateView", "CREATE VIEW v AS SELECT 1"),
    ("DropTable", "DROP TABLE t"),
    ("TruncateTable", "TRUNCATE TABLE t"),
    ("AddJarsCommand", "ADD JAR x.jar"),
    ("CompoundBody", "BEGIN INSERT INTO t SELECT 1; END"),
    ("ExecuteImmediateQuery", "EXECUTE IMMEDIATE 'INSERT INTO t SELECT 1'"),
    ("DropTable", "/* create temp view */ DROP TABLE t"),
]


@pytest.mark.parametrize(("kind", "text"), RUN)
def test_what_changes_only_the_session_runs(kind: str, text: str) -> None:
    assert passes_through(kind, text)


@pytest.mark.parametrize(("kind", "text"), LEFT_OUT)
def test_everything_else_is_left_out(kind: str, text: str) -> None:
    assert not passes_through(kind, text)
