"""Write launcher/spec/spark-keys.txt and java-zones.txt: what Spark knows, asked from Spark itself.

python scripts/spark_keys.py
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

sys.path.insert(0, str(Path(__file__).parent))
from probe_types import Converter, type_of

FOLDER = Path(__file__).parents[1] / "launcher/spec"
HEADER = """\
# The settings that Spark {version} knows by name. Written by scripts/spark_keys.py.
#
#   KEY                          a setting whose values are not checked: any text, or a form of its own
#   KEY TYPE                     one whose values are; the types stand in value_types.py
#   KEY renamed SINCE NEW [xNU]  an old name of NEW, still read; xNU: NEW has N times the number, in unit U
#   KEY removed SINCE VALUE      Spark ends a session that sets it to anything but VALUE
"""
ZONES = "# Names of time zones that Java knows. Written by scripts/spark_keys.py.\n"
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
DEPRECATED = re.compile(r"DeprecatedConfig\(([\w.]+),([\d.]+),")


def main() -> None:
    """Ask a Spark of our own and write."""
    spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    (FOLDER / "spark-keys.txt").write_text(keys_page(spark), encoding="utf-8")
    zones = sorted(spark._jvm.java.time.ZoneId.getAvailableZoneIds())
    short = sorted(spark._jvm.java.time.ZoneId.SHORT_IDS.keySet())
    (FOLDER / "java-zones.txt").write_text(ZONES + "\n".join([*zones, *short]) + "\n", encoding="utf-8")
    spark.stop()


def keys_page(spark: SparkSession) -> str:
    """The text of spark-keys.txt."""
    lines = dict(_lines(_Spark(spark._jvm), spark.version))
    written = (f"{key} {what}".rstrip() for key, what in sorted(lines.items()))
    return HEADER.format(version=spark.version) + "\n".join(written) + "\n"


class _Spark:
    """The insides of Spark, by reflection."""

    def __init__(self, jvm: Any) -> None:
        self._class = jvm.java.lang.Class
        self._loader = jvm.java.lang.Thread.currentThread().getContextClassLoader()

    def load(self, name: str) -> Any:
        return self._class.forName(PACKAGE + name, True, self._loader)

    def field(self, name: str, ending: str) -> Any:
        """The private field of a Scala object whose name ends so."""
        holder = self.load(name)
        found = next(field for field in holder.getDeclaredFields() if field.getName().endswith(ending))
        found.setAccessible(True)
        return found.get(holder.getField("MODULE$").get(None))


def entries(spark: _Spark) -> Iterator[Any]:
    """Every ConfigEntry of Spark but those of its own tests."""
    for name in HOLDERS:
        spark.load(name)
    for entry in spark.field("internal.config.ConfigEntry$", "knownConfigs").values():
        if "testing" not in entry.key().lower() and not entry.key().startswith("spark.test"):
            yield entry


def _lines(spark: _Spark, version: str) -> Iterator[tuple[str, str]]:
    known = {entry.key(): entry for entry in entries(spark)}
    for key, entry in known.items():
        yield key, type_of(key, Converter(entry.valueConverter()), entry.defaultValueString())
        for old in filter(None, entry.alternatives().mkString(",").split(",")):
            # An old entry does not tell when it got its new name: not before the Spark at hand, to be safe.
            since = entry.version() if entry.version().startswith("3.") else version
            yield old, f"renamed {since} {key}"
    yield from _fallbacks(spark, known)
    alternatives = spark.field("SparkConf$", "allAlternatives")
    for old, key, since in ALTERNATIVE.findall(str(alternatives.toString())):
        factor = _factor(alternatives.apply(old)._2().translation())
        yield old, f"renamed {since} {key} {factor}".rstrip()
    removed = spark.field("sql.internal.SQLConf$", "removedSQLConfigs")
    for old, since, value in REMOVED.findall(str(removed.toString())):
        yield old, f"removed {since} {value}"


def _fallbacks(spark: _Spark, known: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Deprecated settings that one new setting falls back to: old names in all but the word."""
    deprecated = [
        found
        for holder, field in (
            ("SparkConf$", "deprecatedConfigs"),
            ("sql.internal.SQLConf$", "deprecatedSQLConfigs"),
        )
        for found in DEPRECATED.findall(str(spark.field(holder, field).toString()))
    ]
    for old, since in deprecated:
        heirs = [
            key
            for key, entry in known.items()
            if entry.getClass().getSimpleName() == "FallbackConfigEntry" and entry.fallback().key() == old
        ]
        if len(heirs) == 1:
            yield old, f"renamed {since} {heirs[0]}"


def _factor(translation: Any) -> str:
    """``x10s`` of a function that makes ``70s`` of ``7``."""
    if translation is None:
        return ""
    number, unit = re.fullmatch(r"(\d+)([a-z]*)", translation.apply("7")).groups()  # type: ignore[union-attr]
    return f"x{int(number) // 7}{unit}"


if __name__ == "__main__":
    main()
