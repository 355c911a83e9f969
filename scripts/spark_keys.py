"""Write launcher/planning/lint/spark-keys.txt: the settings that Spark knows, asked from Spark itself.

python scripts/spark_keys.py > launcher/planning/lint/spark-keys.txt
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

from pyspark.sql import SparkSession

HEADER = """\
# The settings that Spark {version} knows by name. Written by scripts/spark_keys.py.
#
#   KEY                      a setting
#   KEY flag                 one that takes true or false
#   KEY renamed SINCE NEW    an old name of NEW, still read
#   KEY removed SINCE VALUE  Spark ends a session that sets it to anything but VALUE
"""
PACKAGE = "org.apache.spark."
# Loading a class registers its settings.
HOLDERS = (
    *(f"internal.config.{name}$" for name in ("package", "Deploy", "History", "Kryo", "Network", "Python")),
    *(f"internal.config.{name}$" for name in ("R", "Status", "Streaming", "UI", "Worker")),
    "sql.internal.SQLConf$",
    "sql.internal.StaticSQLConf$",
    "sql.hive.HiveUtils$",
    "deploy.yarn.config.package$",
    "deploy.k8s.Config$",
    "streaming.StreamingConf$",
    "sql.connect.config.Connect$",
)
ALTERNATIVE = re.compile(r"([\w.]+) -> \(([\w.]+),AlternateConfig\([\w.]+,([\d.]+)")
REMOVED = re.compile(r"RemovedConfig\(([\w.]+),([\d.]+),([^,]*),")


def main() -> None:
    """Ask a Spark of our own and print."""
    spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    sys.stdout.write(page(spark))
    spark.stop()


def page(spark: SparkSession) -> str:
    """The text of the file."""
    lines = dict(_lines(_Spark(spark._jvm), spark.version))
    written = (f"{key} {what}".rstrip() for key, what in sorted(lines.items()))
    return HEADER.format(version=spark.version) + "\n".join(written) + "\n"


class _Spark:
    """The insides of Spark, by reflection."""

    def __init__(self, jvm: Any) -> None:
        self._class = jvm.java.lang.Class
        self._loader = jvm.java.lang.Thread.currentThread().getContextClassLoader()
        self._static = jvm.java.lang.reflect.Modifier.isStatic

    def load(self, name: str) -> Any:
        return self._class.forName(PACKAGE + name, True, self._loader)

    def field(self, name: str, ending: str) -> Any:
        """The private field of a Scala object whose name ends so."""
        holder = self.load(name)
        found = next(field for field in holder.getDeclaredFields() if field.getName().endswith(ending))
        found.setAccessible(True)
        return found.get(holder.getField("MODULE$").get(None))


def _lines(spark: _Spark, version: str) -> Iterator[tuple[str, str]]:
    for name in HOLDERS:
        spark.load(name)
    for entry in spark.field("internal.config.ConfigEntry$", "knownConfigs").values():
        key, default = entry.key(), entry.defaultValue()
        if "testing" in key.lower() or key.startswith("spark.test"):
            continue
        yield key, "flag" if default.isDefined() and isinstance(default.get(), bool) else ""
        for old in filter(None, entry.alternatives().mkString(",").split(",")):
            # An old entry does not tell when it got its new name: not before the Spark at hand, to be safe.
            since = entry.version() if entry.version().startswith("3.") else version
            yield old, f"renamed {since} {key}"
    for old, key, since in ALTERNATIVE.findall(str(spark.field("SparkConf$", "allAlternatives").toString())):
        yield old, f"renamed {since} {key}"
    for old, since, value in REMOVED.findall(
        str(spark.field("sql.internal.SQLConf$", "removedSQLConfigs").toString())
    ):
        yield old, f"removed {since} {value}"


if __name__ == "__main__":
    main()
