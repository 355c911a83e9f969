"""Write launcher/spec/rapids-keys.txt: the settings that RAPIDS knows, asked from its own jar.

sparkjob jars fetch rapids-slim; python scripts/rapids_keys.py $(sparkjob jars path rapids-slim)
"""

from __future__ import annotations

import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pyspark.sql import SparkSession

sys.path.insert(0, str(Path(__file__).parent))
from probe_types import Converter, type_of

TABLE = Path(__file__).parents[1] / "launcher/spec/rapids-keys.txt"
HEADER = "# The settings that {jar} knows by name. Written by scripts/rapids_keys.py.\n"
# The jar keeps its classes in folders, one for all and one for each Spark; its own loader joins them.
SHARED = "spark-shared"
CONF = "com.nvidia.spark.rapids.RapidsConf$"


def main() -> None:
    """Ask the jar that is named and write."""
    jar = Path(sys.argv[1])
    with TemporaryDirectory() as folder, zipfile.ZipFile(jar) as archive:
        archive.extractall(folder)
        own = next(path for path in Path(folder).glob("spark[0-9]*"))
        paths = ":".join(str(path) for path in (own, Path(folder) / SHARED, Path(folder)))
        spark = (
            SparkSession.builder.master("local[1]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.extraClassPath", paths)
            .getOrCreate()
        )
        lines = dict(_lines(spark))
        spark.stop()
    rows = (f"{key} {what}".rstrip() for key, what in sorted(lines.items()))
    TABLE.write_text(HEADER.format(jar=jar.name) + "\n".join(rows) + "\n", encoding="utf-8")


def _lines(spark: SparkSession) -> Iterator[tuple[str, str]]:
    for entry in _entries(spark):
        yield entry.key(), type_of(entry.key(), Converter(entry.converter()), _default(entry))


def _entries(spark: SparkSession) -> Iterator[Any]:
    jvm = spark._jvm
    assert jvm is not None
    loader = jvm.java.lang.Thread.currentThread().getContextClassLoader()
    holder = jvm.java.lang.Class.forName(CONF, True, loader)
    field = next(field for field in holder.getDeclaredFields() if field.getName().endswith("registeredConfs"))
    field.setAccessible(True)
    found = field.get(holder.getField("MODULE$").get(None))
    for number in range(found.size()):
        yield found.apply(number)


def _default(entry: Any) -> str:
    match = re.search(r"default=(.*)", str(entry.toString()))
    return match[1] if match else "<undefined>"


if __name__ == "__main__":
    main()
